// The page comes alive.

function buildModes() {
  const modes = Object.entries(MODES).filter(([mode]) => mode !== "changed" || index.since);
  const radio = ([mode, { label }]) => h("label", {}, h("input", { type: "radio", name: "mode", value: mode, onchange: () => go({ mode }, true) }), label);
  byElementId("modes").append(
    h("fieldset", {}, h("legend", {}, "Show"), modes.map(radio)),
    h("label", {}, h("input", { type: "checkbox", id: "fold", onchange: ({ target }) => go({ fold: target.checked ? "yes" : "" }, true) }), "Merge identical neighbours"),
    h("p", { id: "based", hidden: true }));
}

/** Says when another baseline is compared with, and gives the way back. */
function showBase() {
  const note = byElementId("based");
  const base = baseNow();
  note.hidden = base === index.baseline;
  if (note.hidden) return note.replaceChildren();
  return note.replaceChildren(`Compared with ${cellWords(base)} instead of the baseline, recomputed here: numbers from the first elements. Classes stay as they were. `,
    h("button", { type: "button", onclick: () => go({ base: "" }) }, "Back to the baseline"));
}

const LEGENDS = {
  class: () => index.classes.slice(0, 26).map(({ letter, cells: members }, place) => [`k k${place % 8}`, letter, plural(members.length, "cell")]),
  declared: () => Object.entries(DECLARED).filter(([key]) => cells.some((_, number) => declaredAgainst(number) === key))
    .map(([key, { sign, words }]) => [`d-${key}`, sign, words]),
  duration: () => [["t0", "", "fastest fifth"], ["t4", "", "slowest fifth"]],
  changed: () => [["m-changed", "Δn", "n observations changed"], ["m-raises", "≠", "another state"], ["m-close", "new", "new cell"]],
};

const legend = byElementId("legend");
const writtenLegend = [...legend.children];

function showLegend() {
  const entries = Object.hasOwn(LEGENDS, state.mode) ? LEGENDS[state.mode]() : undefined;
  legend.replaceChildren(...(entries?.map(([name, sign, words]) => h("li", {}, h("span", { class: `chip ${name}`, "aria-hidden": "true" }, sign), ` ${words}`)) ?? writtenLegend));
}

function setTheme() {
  if (state.theme) document.documentElement.dataset.theme = state.theme;
  else delete document.documentElement.dataset.theme;
  byElementId("theme").textContent = isDark() ? "Light" : "Dark";
}

const isDark = () => (state.theme ? state.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);

const KEYS = [["← ↑ → ↓", "to the next cell"], ["Home, End", "to the first or last cell of a row"], ["Ctrl+Home, Ctrl+End", "to the first or last cell"],
  ["Enter", "open a cell"], ["Esc", "close the panel, back to the cell"], ["/", "to the filter"], ["?", "this help"]];

const help = h("dialog", { "aria-labelledby": "help-heading" }, h("h2", { id: "help-heading" }, "Keys"),
  factList(KEYS.map(([key, what]) => [h("kbd", {}, key), what])), h("button", { type: "button", onclick: () => help.close() }, "Close"));

function buildTools() {
  byElementId("tools").append(
    h("button", { type: "button", id: "theme", onclick: () => go({ theme: isDark() ? "light" : "dark" }, true) }, "Dark"),
    h("button", { type: "button", onclick: () => help.showModal() }, "Keys"));
  document.body.append(help);
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.key === "/") {
      event.preventDefault();
      box.focus();
    } else if (event.key === "?" && !help.open) help.showModal();
    else if (event.key === "Escape" && !help.open && state.kind) closePanel();
  });
}

const CAPTIONS = new Map(tables.map((table) => [table, table.caption.textContent]));

function caption() {
  const own = { scenario: `Scenario ${state.path[0]} alone`, observation: `${state.path.join("::")} alone` }[state.kind];
  for (const table of tables) {
    const heading = CAPTIONS.get(table);
    table.caption.textContent = own ? `${visible(own)}${tables.length > 1 ? `, ${heading}` : ""}` : heading;
  }
}

/** What the grid shows: the whole report, a scenario or an observation. */
async function focusGrid() {
  const base = baseNow();
  const number = scenarioNumber.get(state.path[0]);
  const narrow = number === undefined ? null
    : state.kind === "scenario" ? await scenarioFaces(number, base)
      : state.kind === "observation" ? await observationFaces(number, state.path[1], base) : null;
  if (narrow) context = { faces: narrow, base, narrow: true };
  else if (context.narrow || context.base !== base) context = { faces: await facesAgainst(base), base };
}

function showPath() {
  const [first, second] = state.path;
  if (state.kind === "cell") return showCell(first);
  if (state.kind === "scenario") return showScenario(first);
  if (state.kind === "class") return showClass(first);
  if (state.kind === "observation") return showObservation(first, second ?? "");
  return clearPanel();
}

let drawing = Promise.resolve();

/** Draws after what is being drawn. What goes wrong is told, and does not keep the next one from being drawn. */
function drawNext(now, before) {
  drawing = drawing.then(() => draw(now, before)).catch((problem) => {
    found.textContent = `This could not be shown: ${problem.message}`;
    announce(found.textContent);
  });
}

async function draw(now, before) {
  const same = before && now.kind === before.kind && now.cell === before.cell && now.base === before.base && now.path.join("\n") === before.path.join("\n");
  for (const input of document.querySelectorAll("input[name=mode]")) input.checked = input.value === now.mode;
  byElementId("fold").checked = now.fold === "yes";
  setTheme();
  showLegend();
  showBase();
  caption();
  await focusGrid();
  sortLists();
  await search();
  if (now.kind === "class") selection = new Set(index.classes.find(({ letter }) => letter === now.path[0])?.cells ?? []);
  paint();
  if (!same) await showPath();
  drawn();
}

/** Notes what is drawn, and when, for those who print the page or measure it. */
function drawn() {
  byElementId("address").textContent = location.href;
  Object.assign(document.documentElement.dataset, { drawn: location.hash, at: String(performance.now()) });
}

buildTools();
buildSearch();
buildModes();
buildOrders();
tables.forEach(walkable);
onState(drawNext);
if (location.hash.startsWith("#/") || DEFAULTS.q) drawNext(state);
else {
  document.querySelector("input[name=mode]").checked = true;
  setTheme();
  drawn();
}
drawing.then(() => { document.documentElement.dataset.ready = String(Math.round(performance.now())); });
