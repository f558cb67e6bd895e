// One box for everything: the grammar of `-k`, chips that write it, and what it found.

const CHIPS = ["s:error", "s:crash", "s:import-failed", "is:silent", "is:surprising", "is:flaky", "is:new", "kind:dtype", "kind:shape", "kind:warning"];

const box = h("input", { type: "search", id: "query", autocomplete: "off", spellcheck: "false", "aria-describedby": "found query-help",
  placeholder: `${dimensions.map(({ name, versions }) => `${name}:>=${versions.at(-1)}`).slice(0, 2).join(" ")} scenario:cast "out of bounds"` });
const found = h("p", { id: "found", class: "found" });
const results = h("div", { id: "results" });
const chips = h("div", { class: "chips", role: "group", "aria-label": "Filters" });

/** Whether a chip would find anything, as far as the index tells. */
function useful(atom) {
  if (atom === "is:new") return (index.since?.changes.length ?? 0) > 0;
  if (atom === "is:flaky") return cells.some(({ counts }) => counts.flaky > 0);
  if (atom === "is:silent") return cells.some(({ counts }) => counts.silent > 0);
  if (atom === "is:surprising") return cells.some((_, number) => ["broken", "fine"].includes(declaredAgainst(number)));
  if (atom.startsWith("s:")) {
    const wanted = verdictsWanted({ verdict: atom.slice(2) });
    return cells.some(({ mark, counts }) => wanted.includes(mark) || wanted.some((key) => counts[key] > 0));
  }
  return true;
}

function buildSearch() {
  byElementId("search").append(h("label", { for: "query" }, "Filter"), box,
    h("p", { id: "query-help", class: "said" }, "Words and key:value atoms, all must hold. Keys are the axes, python, scenario, cell, s, class, kind, is."), chips, found);
  byElementId("modes").after(results);
  let waiting = 0;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => go({ q: box.value.trim() }, true), 150);
  });
  chips.append(...CHIPS.filter(useful).map((atom) => h("button", { type: "button", "aria-pressed": "false", "data-atom": atom, onclick: () => toggleAtom(atom) }, atom)));
}

function toggleAtom(atom) {
  const words = state.q.split(/\s+/).filter(Boolean);
  const without = words.filter((word) => word !== atom);
  go({ q: (without.length < words.length ? without : [...words, atom]).join(" ") }, true);
}

let turn = 0;

/** Searches as the state says; the box itself is only written when it says something else. */
async function search() {
  const mine = ++turn;
  if (document.activeElement !== box || box.value.trim() !== state.q) {
    if (box.value.trim() !== state.q) box.value = state.q;
  }
  for (const button of chips.children) button.setAttribute("aria-pressed", String(state.q.split(/\s+/).includes(button.dataset.atom)));
  box.removeAttribute("aria-invalid");
  if (state.q === "") {
    selection = null;
    found.textContent = "";
    results.replaceChildren();
    return;
  }
  let matching;
  try {
    matching = await select(parseQuery(state.q), baseNow());
  } catch (problem) {
    if (mine !== turn) return;
    selection = null;
    box.setAttribute("aria-invalid", "true");
    found.textContent = problem.message;
    results.replaceChildren();
    announce(problem.message);
    return;
  }
  if (mine !== turn) return;
  selection = matching.cells;
  const pairs = matching.observations?.reduce((sum, it) => sum + it.cells.length, 0);
  const words = [`${matching.cells.size} of ${plural(cells.length, "cell")}`, matching.observations && `${plural(matching.observations.length, "observation")} in ${plural(pairs, "place")}`];
  found.textContent = matching.cells.size === 0 ? "Nothing matches." : words.filter(Boolean).join(", ");
  announce(found.textContent);
  results.replaceChildren(...(matching.observations?.length ? [foundList(matching.observations)] : []));
}

function foundList(observations) {
  const all = cells.map((_, number) => number);
  const rows = observations.map(({ scenario, observation, cells: list }) => {
    const letters = list.map((cell) => VERDICTS[letterAt(observation, cell, baseNow())]).sort((one, other) => other.urgency - one.urgency);
    return { scenario, observation, list, worst: letters[0], name: `${scenarios[scenario].name}::${observation.name}` };
  });
  const among = (observation) => all.filter((cell) => observation.variantOf[cell] >= 0 || letterAt(observation, cell, baseNow()) !== "-");
  return h("details", { open: true }, h("summary", {}, `${plural(observations.length, "observation")} found`), sortedTable("Observations found", [
    { key: "name", label: "Observation", value: ({ name }) => name, node: ({ scenario, observation, list, name }) =>
      h("a", { href: observationAddress(scenario, observation.name, list[0]) }, visible(name)) },
    { key: "worst", label: "Worst", value: ({ worst }) => worst.urgency, node: ({ worst }) => [chip(worst.key), worst.words] },
    { key: "cells", label: "Cells", value: ({ list }) => list.length, node: ({ list, observation }) => setWords(list, among(observation)) },
  ], rows, 25));
}
