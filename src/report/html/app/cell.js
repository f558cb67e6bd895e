// Everything about one cell.

const FAILED = ["unavailable", "unresolvable", "install-failed", "infra", "not-run"];

async function showCell(id) {
  const number = cellNumber.get(id);
  if (number === undefined) return unknownPanel(`cell ${id}`);
  const base = baseNow();
  return showPanel([chip(context.faces[number].mark), ` ${cellWords(number)}`, number === base ? " ★" : ""], async () => {
    const [known, chunks] = await Promise.all([cellDetails(), differingDetails(number, base)]);
    return [cellFacts(number), actions(number, base, known), environment(number, base, known), importFailure(known.imports[number]),
      endings(number, chunks), differencesOf(number, base, chunks, pinsOf(number, known))];
  });
}

/** The scenarios in which a cell differs; the others need not be unpacked. */
function differingDetails(number, base) {
  const differs = (scenario) => scenario.keys[scenario.worst[number]] !== "same";
  const wanted = scenarios.map((_, place) => place).filter((place) => base !== index.baseline || differs(scenarios[place]));
  return Promise.all(wanted.map(details));
}

/** `numpy==2.0.2` of everything installed in a cell. */
const pinsOf = (number, { packages, installed }) => installed[number].map((pin) => packages[pin]);

function actions(number, base, known) {
  const ran = ["ran", "import-failed"].includes(cells[number].state);
  const pins = pinsOf(number, known);
  const scenario = tellingScenario(number);
  return h("p", { class: "buttons" },
    number !== base && ran && h("button", { type: "button", id: "rebase", onclick: () => go({ base: cells[number].id }) }, "Compare all with this cell"),
    pins.length > 0 && scenario !== undefined && copyButton(reproduce(number, pins, scenario), `Copy command to reproduce ${visible(scenarios[scenario].name)}`));
}

function cellFacts(number) {
  const cell = cells[number];
  const { counts } = context.faces[number];
  const verdicts = WORST.toReversed().filter((key) => counts[key] > 0).map((key) => `${counts[key].toLocaleString("en")} ${key}`);
  if (counts.silent > 0) verdicts.push(`${counts.silent} of them silent`);
  if (counts.flaky > 0) verdicts.push(`${counts.flaky} flaky`);
  return [
    factList([
      ["State", [cell.state, `Python ${cell.python}`, cell.dependencies && `other packages as of ${cell.dependencies.split("T")[0]}`,
        cell.seconds != null && duration(cell.seconds)].filter(Boolean).join(", ")],
      ["Cause", FAILED.includes(cell.state) && (cell.cause ? visible(cell.cause) : "not known")],
      ["What to do", cell.hint && visible(cell.hint)],
      ["Verdicts", verdicts.join(", ")],
      ["History", pastRuns(number)],
      ["Class", cell.class && h("a", { href: classAddress(cell.class) }, cell.class)],
      ["Expected class", cell.inferred && `${cell.inferred}, inferred: this cell was not run`],
      ["Metadata", [cell.declared ? "allows this combination" : "forbids this combination", ...(cell.conflicts ?? []).map(visible)]
        .map((line) => h("div", {}, line))],
    ]),
  ];
}

/** What a cell showed in the runs that are kept: a bar for each, higher where it is worse, and in words. */
function pastRuns(number) {
  const runs = (index.past ?? []).filter(({ marks }) => marks[number]);
  if (runs.length < 2) return null;
  const changes = runs.filter(({ changed }, place) => place > 0 && changed.includes(number));
  const day = ({ started }) => started.split("T")[0];
  const words = `${plural(runs.length, "run")} since ${day(runs[0])}: ` +
    (changes.length === 0 ? "no change" : `same ${runs.length - 1 - changes.length}, changed ${changes.length}; last change ${day(changes.at(-1))}`);
  const height = (key) => (WORST.includes(key) ? 20 - 2 * WORST.indexOf(key) : 4);
  const bars = runs.map((run, place) => {
    const high = height(run.marks[number]);
    return [svg("rect", { x: 7 * place, y: 20 - high, width: 6, height: high, class: `p-${run.marks[number]}` }),
      changes.includes(run) && svg("rect", { x: 7 * place, y: 22, width: 6, height: 2, class: "turn" })];
  });
  return [svg("svg", { class: "history", role: "img", width: 7 * runs.length, height: 24, viewBox: `0 0 ${7 * runs.length} 24` },
    svg("title", {}, words), bars), words];
}

/** Packages that differ from the baseline's, and how to have this environment again. */
function environment(number, base, known) {
  const [here, there] = [number, base].map((cell) => new Map(pinsOf(cell, known).map((pin) => pin.split("=="))));
  if (here.size === 0) return null;
  const names = [...new Set([...here.keys(), ...there.keys()])].sort();
  const changed = names.filter((name) => here.get(name) !== there.get(name));
  const scenario = tellingScenario(number);
  const row = (name) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, there.get(name) ?? "none"), h("td", {}, here.get(name) ?? "none"));
  const table = (list) => h("table", { class: "list" }, h("thead", {}, h("tr", {}, ["Package", "Baseline", "Here"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, list.map(row)));
  return [
    number !== base && h("details", { open: changed.length > 0 && changed.length <= 8 },
      h("summary", {}, changed.length === 0 ? `${plural(here.size, "package")}, the same as the baseline's` : `${changed.length} of ${plural(names.length, "package")} differ from the baseline's`),
      changed.length > 0 && table(changed)),
    foldedText(`All ${plural(here.size, "package")}`, pinsOf(number, known).join("\n")),
    scenario !== undefined && foldedText(`Command to reproduce ${visible(scenarios[scenario].name)}, without skew, in the folder of matrix.yaml`,
      reproduce(number, pinsOf(number, known), scenario)),
  ];
}

/** The command that prints how to do a scenario in a cell again, without skew. */
const repro = (number, scenario) => `skew repro ${cells[number].id} ${quoted(scenario)}`;

/** Text as one word of a POSIX shell. */
const quoted = (text) => (/^[\w.=/:,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** The scenario itself, in an environment with the cell's exact packages, even where metadata forbids them. */
function reproduce(number, pins, scenario) {
  const { path, again } = scenarios[scenario];
  return index.again[again]
    .replaceAll('"SKEW_PACKAGES==0"', () => pins.map((pin) => `"${pin}"`).join(", "))
    .replace("SKEW_PYTHON", () => cells[number].python)
    .replace("SKEW_SCENARIO", () => quoted(path.startsWith("-") ? `./${path}` : path));
}

/** The scenario that tells most about a cell: the one in which it is worst, of these the one with most observations so. */
function tellingScenario(number) {
  const rank = (key) => { const place = WORST.indexOf(key); return place < 0 ? WORST.length : place; };
  const order = scenarios.map((_, place) => place).sort((one, other) => {
    const [here, there] = [one, other].map((place) => ({ key: scenarios[place].keys[scenarios[place].worst[number]], count: scenarios[place].counts[number] }));
    return rank(here.key) - rank(there.key) || there.count - here.count || one - other;
  });
  return order[0];
}

function importFailure(error) {
  return error && h("section", {}, h("h4", {}, "The import fails"), errorNode(error));
}

/** Scenarios that did not end well here. */
function endings(number, chunks) {
  const bad = chunks.map((chunk) => ({ chunk, outcome: chunk.outcomes[number] }))
    .filter(({ outcome }) => outcome && !["ran", "raised", "not-applicable"].includes(outcome.status));
  return bad.length > 0 && h("section", {}, h("h4", {}, "Scenarios that did not end"), bad.map(({ chunk, outcome }) => endingNode(chunk, outcome)));
}

function endingNode(chunk, outcome) {
  const { texts } = chunk;
  const what = [outcome.status, outcome.signal, outcome.exit_code != null && `exit code ${outcome.exit_code}`, `after ${duration(outcome.seconds)}`].filter(Boolean);
  return h("div", { class: "ending" }, h("p", {}, h("a", { href: scenarioAddress(chunk.number) }, scenarios[chunk.number].name), `: ${what.join(", ")}`),
    outcome.cause != null && h("p", { class: "cause" }, h("b", {}, "Cause: "), visible(texts[outcome.cause])),
    outcome.fork_only && h("p", { class: "quiet" }, "It died in a fork only; this is the fresh process."),
    foldedText("Trace", texts[outcome.trace]), foldedText("Standard error", texts[outcome.stderr]), foldedText("Standard output", texts[outcome.stdout]));
}

/** One line on what is different. */
function effectLine(observation, cell, base) {
  const { texts } = observation.chunk;
  const variant = observation.variants[observation.variantOf[cell]];
  const letter = letterAt(observation, cell, base);
  if (variant?.error && "rc".includes(letter)) return `${lastComponent(texts[variant.type])}: ${(texts[variant.text] ?? "").split("\n")[0]}`;
  const { aspects, added } = differenceAt(observation, cell, base);
  if (letter === "w") {
    const [first] = added;
    if (first) return `${first.category}: ${first.message}`;
  }
  const [before, after] = [base, cell].map((number) => observation.variantOf[number])
    .map((place) => (place < 0 ? "" : valueNode(observation.variants[place], texts).textContent));
  const tells = aspects.length === 1 && aspects[0] === "value" && before.length < 60 && after.length < 60;
  return tells ? `${before} → ${after}` : aspects.join("; ");
}

/** Observations that differ, by kind of change, silent ones first. */
function differencesOf(number, base, chunks, pins) {
  const groups = new Map();
  for (const chunk of chunks) {
    for (const observation of chunk.observations) {
      const letter = letterAt(observation, number, base);
      if (VERDICTS[letter].urgency < 1) continue;
      if (!groups.has(letter)) groups.set(letter, []);
      groups.get(letter).push(observation);
    }
  }
  const ordered = [...groups].sort(([one], [other]) => VERDICTS[other].urgency - VERDICTS[one].urgency);
  if (ordered.length === 0) return number === base ? null : h("p", { class: "quiet" }, "Nothing that could be compared differs.");
  return ordered.map(([letter, list], place) => {
    const { key, words } = VERDICTS[letter];
    const title = [chip(key), ` ${list.length.toLocaleString("en")} ${words}`];
    const build = () => growingList(list, (observation) => observationEntry(observation, number, base, pins)).filter(Boolean);
    // The mild ones are many and rarely what is looked for, and a failed import is told above.
    const open = cells[number].state === "ran" && (place === 0 || VERDICTS[letter].urgency >= 3);
    return h("section", { class: "group" }, lazyDetails(h("h4", {}, title), () => h("div", {}, build()), open));
  });
}

function observationEntry(observation, number, base, pins) {
  const scenario = scenarios[observation.chunk.number];
  const place = observation.line ? `${scenario.path}:${observation.line}` : scenario.path;
  return lazyDetails([h("b", {}, `${visible(scenario.name)}::${visible(observation.name)}`), " ", h("span", { class: "effect" }, visible(effectLine(observation, number, base)))],
    () => h("div", {}, h("p", { class: "quiet" }, place, " · ", h("a", { href: observationAddress(observation.chunk.number, observation.name, number) }, "all variants")),
      h("p", {}, h("code", {}, repro(number, scenario.name)), " ", copyButton(repro(number, scenario.name)), " ",
        pins.length > 0 && copyButton(reproduce(number, pins, observation.chunk.number), "Copy without skew")),
      comparison(observation, number, base)));
}
