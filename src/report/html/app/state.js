// Everything the reader chose stands in the address: `#/cell/numpy-2.0.2+tensorflow-2.18.1?mode=class&q=…`.

const DEFAULTS = { q: index.filter ?? "", mode: "result", base: "", theme: "", fold: "", sort: "" };

const encode = (text) => encodeURIComponent(text).replaceAll("%2B", "+").replaceAll("%3A", ":").replaceAll("%3C", "<").replaceAll("%3E", ">");

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What the address says; a plain `#section` leaves everything as it was. */
function readAddress() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const chosen = { ...DEFAULTS, cell: "" };
  for (const pair of query.split("&")) {
    const equals = pair.indexOf("=");
    if (equals > 0 && Object.hasOwn(chosen, pair.slice(0, equals))) chosen[pair.slice(0, equals)] = decode(pair.slice(equals + 1));
  }
  const parts = path.split("/").map(decode);
  // A scenario's name may have slashes of its own; those of a cell's id do not occur.
  const kind = parts[0];
  if (kind === "scenario" || kind === "cell" || kind === "class") return { ...chosen, kind, path: [parts.slice(1).join("/")] };
  return { ...chosen, kind: kind === "observation" ? kind : "", path: parts.slice(1) };
}

let state = readAddress();

/** The address of a state; what is as it always is is left out. */
function address(changes) {
  const wanted = { ...state, ...changes };
  const own = wanted.kind === "observation" ? { cell: "" } : {};
  const query = Object.entries({ ...DEFAULTS, ...own })
    .filter(([name, value]) => wanted[name] !== value)
    .map(([name]) => `${name}=${encode(wanted[name])}`);
  const path = wanted.kind ? [wanted.kind, ...wanted.path.map(encode)].join("/") : "";
  return `#/${path}${query.length ? `?${query.join("&")}` : ""}`;
}

const cellAddress = (number) => address({ kind: "cell", path: [cells[number].id] });
const scenarioAddress = (number) => address({ kind: "scenario", path: [scenarios[number].name] });
const classAddress = (letter) => address({ kind: "class", path: [letter] });
const observationAddress = (scenario, name, cell) =>
  address({ kind: "observation", path: [scenarios[scenario].name, name], cell: cell == null ? "" : cells[cell].id });

/** Goes to a state; `quiet` changes do not make an entry in the history. */
function go(changes, quiet = false) {
  const wanted = address(changes);
  if (wanted === location.hash) return;
  if (!quiet) {
    location.hash = wanted;
    return;
  }
  history.replaceState(null, "", wanted);
  changed();
}

const listeners = [];

/** Calls back now and whenever the state changes, with the new and the old state. */
function onState(listener) {
  listeners.push(listener);
}

function changed() {
  if (location.hash && !location.hash.startsWith("#/")) return;
  const before = state;
  state = readAddress();
  listeners.forEach((listener) => listener(state, before));
}

/** The baseline that is compared with. */
const baseNow = () => cellNumber.get(state.base) ?? index.baseline;

window.addEventListener("hashchange", changed);
