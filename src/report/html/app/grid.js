// The grids: what cells show in each mode, merged neighbours, and the keyboard.

const tables = [...document.querySelectorAll("table.grid")];
const squares = new Map([...document.querySelectorAll("td[data-cell]")].map((square) => [Number(square.dataset.cell), square]));
const written = new Map([...squares].map(([number, square]) => [number, square.className]));

/** What metadata says of a cell, against what happened. */
function declaredAgainst(number) {
  const { declared, state: end, mark } = cells[number];
  if (["infra", "not-run"].includes(end)) return "unknown";
  const works = end === "ran" && !["timeout", "crash"].includes(mark);
  if (declared) return works ? "works" : end === "unavailable" ? "absent" : "broken";
  return works ? "fine" : "forbidden";
}

const DECLARED = {
  works: { sign: "✓", words: "allowed, and runs" },
  broken: { sign: "✓!", words: "allowed, but fails" },
  fine: { sign: "⊖!", words: "forbidden, but runs" },
  forbidden: { sign: "⊖", words: "forbidden, and fails" },
  absent: { sign: "⊘", words: "allowed, but has no wheels" },
  unknown: { sign: "?", words: "no answer" },
};

const MODES = {
  result: { label: "Result", face: resultFace },
  class: { label: "Class", face: classFace },
  changed: { label: "Changed", face: changedFace },
  declared: { label: "Declared against observed", face: declaredFace },
  duration: { label: "Duration", face: durationFace },
};

function resultFace(number, { faces, base, narrow }) {
  const { mark, count } = faces[number];
  const look = index.marks[mark];
  const star = number === base ? "★" : "";
  const bare = star && mark === "same";
  const letter = narrow ? undefined : cells[number].class;
  const expected = narrow ? "" : expectedSign(cells[number]);
  const flaky = !narrow && cells[number].counts.flaky > 0;
  return {
    color: `m-${mark}`,
    sign: expected ? `(${expected})` : `${star}${bare ? "" : look.symbol}${look.counted ? count : ""}${flaky ? index.flaky : ""}`,
    note: letter ?? "",
    words: `${look.counted ? `${count} ` : ""}${look.name}${letter ? `, class ${letter}` : ""}${expected ? `, expected: ${cells[number].inferred}` : ""}${flaky ? ", some repeats disagree" : ""}`,
  };
}

/** What a search expects of a cell that it did not run: a letter, or the sign of a state. */
function expectedSign({ inferred }) {
  if (!inferred) return "";
  return symbolOf({ unresolvable: "not-installable", "install-failed": "not-installable" }[inferred] ?? inferred) || inferred;
}

function classFace(number, context) {
  const letter = cells[number].class;
  if (!letter) return { ...resultFace(number, context), note: "" };
  const place = index.classes.findIndex((known) => known.letter === letter);
  return { color: `k k${place % 8}`, sign: `${number === context.base ? "★" : ""}${letter}`, note: "", words: `class ${letter}` };
}

const newCells = new Set(index.since?.new ?? []);
const formerStates = new Map(index.since?.states ?? []);
const changesIn = cells.map(() => 0);
for (const [, , list] of index.since?.changes ?? []) for (const number of list) changesIn[number]++;

function changedFace(number) {
  const { state: end } = cells[number];
  if (!index.since) return { color: "quiet-face", sign: "·", note: "", words: "no earlier run" };
  if (newCells.has(number)) return { color: "m-close", sign: "new", note: "", words: "new in this run" };
  if (formerStates.has(number)) return { color: "m-raises", sign: "≠", note: "", words: `was ${formerStates.get(number)}, is ${end}` };
  if (changesIn[number] > 0) return { color: "m-changed", sign: `Δ${changesIn[number]}`, note: "", words: `${plural(changesIn[number], "change")} since the previous run` };
  return { color: "quiet-face", sign: "=", note: "", words: "as in the previous run" };
}

function declaredFace(number) {
  const found = declaredAgainst(number);
  return { color: `d-${found}`, sign: DECLARED[found].sign, note: "", words: DECLARED[found].words };
}

const times = cells.map(({ seconds }) => seconds).filter((seconds) => seconds != null).sort((a, b) => a - b);

function durationFace(number) {
  const { seconds } = cells[number];
  if (seconds == null) return { color: "quiet-face", sign: "–", note: "", words: "did not run" };
  const rank = Math.min(4, Math.floor((times.findIndex((time) => time >= seconds) / times.length) * 5));
  return { color: `t${rank}`, sign: duration(seconds), note: "", words: duration(seconds) };
}

let context = { faces: cells, base: index.baseline };
let selection = null;

/** Draws every square anew, as the state says. */
function paint() {
  const { base } = context;
  const { face } = context.narrow ? MODES.result : MODES[state.mode] ?? MODES.result;
  for (const [number, square] of squares) {
    const { color, sign, note, words } = face(number, context);
    const link = square.firstElementChild;
    // Fault lines are the whole report's; they say nothing about one scenario.
    const faults = context.narrow ? "" : written.get(number).split(" ").filter((name) => name.startsWith("fault-")).join(" ");
    square.className = `${color} ${faults} ${number === base ? "baseline" : ""} ${selection && !selection.has(number) ? "faint" : ""}`;
    link.replaceChildren(h("span", {}, sign), note && h("small", {}, note));
    link.setAttribute("aria-label", `${cellWords(number).replaceAll(" × ", ", ")}: ${words}${number === base ? ", the baseline" : ""}`);
    link.href = cellAddress(number);
    if (state.kind === "cell" && state.path[0] === cells[number].id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  tables.forEach(fold);
}

/** Leaves one row or column of neighbours that show the same; the last, so that fault lines stay where they are. */
function fold(table) {
  const rows = [...table.tBodies[0].rows];
  const columns = [...table.tHead.rows[0].cells];
  for (const header of [...columns.slice(1), ...rows.map((row) => row.cells[0])]) {
    versionOf(header).textContent = header.dataset.label ??= versionOf(header).textContent;
    for (const date of header.querySelectorAll("small, .said")) date.hidden = false;
  }
  for (const cell of table.querySelectorAll("[hidden]")) cell.hidden = false;
  if (state.fold !== "yes") return;
  const key = (cell) => cell.className.replace(/fault-\w+|baseline/g, "").trim() + cell.textContent.replace("★", "=");
  merge(rows, (row) => [...row.cells].slice(1).map(key).join("\n"), (row) => row.cells[0], (row) => { row.hidden = true; });
  const shown = rows.filter((row) => !row.hidden);
  const down = (place) => shown.map((row) => key(row.cells[place])).join("\n");
  const hide = (header) => rows.concat(table.tHead.rows[0]).forEach((row) => { row.cells[header.cellIndex].hidden = true; });
  merge(columns.slice(1), (header) => down(header.cellIndex), (header) => header, hide);
}

const versionOf = (header) => header.querySelector(".version");

function merge(lines, key, header, hide) {
  const keys = lines.map(key);
  let start = 0;
  lines.forEach((line, place) => {
    if (keys[place] === keys[place + 1] && header(line).dataset.label !== "none") {
      hide(line);
      return;
    }
    if (start < place) {
      const [first, last] = [header(lines[start]), header(line)];
      versionOf(last).textContent = `${first.dataset.label}–${last.dataset.label}`;
      // The date of one version says nothing about a range.
      for (const date of last.querySelectorAll("small, .said")) date.hidden = true;
    }
    start = place + 1;
  });
}

/** One stop for the tabulator in each grid; arrows, Home and End go on from there. */
function walkable(table) {
  table.setAttribute("role", "grid");
  const faces = () => [...table.querySelectorAll("td:not([hidden]) > a.face")].filter((face) => !face.closest("tr").hidden);
  faces().forEach((face, place) => { face.tabIndex = place === 0 ? 0 : -1; });
  const focus = (face) => {
    if (!face) return;
    table.querySelectorAll("a.face[tabindex='0']").forEach((other) => { other.tabIndex = -1; });
    face.tabIndex = 0;
    face.focus();
  };
  table.addEventListener("focusin", ({ target }) => {
    if (target.matches("a.face")) table.querySelectorAll("a.face").forEach((face) => { face.tabIndex = face === target ? 0 : -1; });
  });
  table.addEventListener("keydown", (event) => {
    if (!event.target.matches("a.face") || event.altKey || event.metaKey) return;
    const square = event.target.parentElement;
    const row = square.parentElement;
    const inRow = (wanted) => faces().filter((face) => face.closest("tr") === wanted);
    const step = (distance) => inRow(row)[inRow(row).indexOf(event.target) + distance];
    const upDown = (next) => {
      for (let other = next(row); other; other = next(other)) {
        const face = other.cells[square.cellIndex]?.querySelector("a.face");
        if (face && !other.hidden) return face;
      }
      return null;
    };
    const all = event.ctrlKey ? faces() : inRow(row);
    const moves = {
      ArrowRight: () => step(1), ArrowLeft: () => (step(-1)),
      ArrowDown: () => upDown((it) => it.nextElementSibling), ArrowUp: () => upDown((it) => it.previousElementSibling),
      Home: () => all[0], End: () => all.at(-1),
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    focus(moves[event.key]());
  });
}
