// One scenario, one observation, one class: what they are in all cells.

/** A scenario's own faces, for the grid above its panel. */
async function scenarioFaces(number, base) {
  const scenario = scenarios[number];
  if (base === index.baseline) {
    return cells.map((cell, place) => ({ mark: scenario.keys[scenario.worst[place]], count: scenario.counts[place], counts: cell.counts }));
  }
  const chunk = await details(number);
  return cells.map((cell, place) => {
    if (!["ran", "import-failed"].includes(cell.state)) return { mark: cell.mark, count: 0, counts: cell.counts };
    const keys = chunk.observations.map((observation) => VERDICTS[letterAt(observation, place, base)].key);
    const mark = WORST.find((key) => keys.includes(key)) ?? "uncompared";
    if (mark === "raises" && cell.state === "import-failed") return { mark: cell.mark, count: 0, counts: cell.counts };
    return { mark, count: keys.filter((key) => key === mark).length, counts: cell.counts };
  });
}

/** An observation's verdicts as faces. */
async function observationFaces(number, name, base) {
  const observation = (await details(number)).byName.get(name);
  if (!observation) return null;
  return cells.map((cell, place) => {
    const { key } = VERDICTS[letterAt(observation, place, base)];
    const absent = cell.state !== "ran" && ["uncompared", "raises"].includes(key);
    return { mark: absent ? cell.mark : key === "flaky" ? "uncompared" : key, count: "", counts: cell.counts };
  });
}

function showScenario(name) {
  const number = scenarioNumber.get(name);
  if (number === undefined) return unknownPanel(`scenario ${name}`);
  const scenario = scenarios[number];
  const base = baseNow();
  return showPanel(`Scenario ${visible(scenario.name)}`, async () => {
    const chunk = await details(number);
    // What a failed import breaks is no finding of the scenario's.
    const verdict = (observation, cell) => {
      const letter = letterAt(observation, cell, base);
      return VERDICTS[letter === "r" && cells[cell].state === "import-failed" ? "-" : letter];
    };
    const list = chunk.observations.map((observation) => {
      const found = cells.map((_, cell) => verdict(observation, cell)).sort((one, other) => other.urgency - one.urgency);
      return { observation, worst: found[0], cells: found.filter(({ urgency }) => urgency >= 3).length, silent: found.includes(VERDICTS.s) };
    });
    const differing = list.filter((it) => it.cells > 0).sort((one, other) => other.silent - one.silent || other.cells - one.cells);
    const alike = list.filter((it) => it.cells === 0);
    return [
      h("p", { class: "quiet" }, `${visible(scenario.path)}. The grid above shows this scenario alone; each observation leads to its values.`),
      h("h4", {}, `${plural(differing.length, "observation")} ${differing.length === 1 ? "differs" : "differ"}`),
      differing.length > 0 ? sortedTable("Observations that differ", [
        { key: "name", label: "Observation", value: ({ observation }) => observation.name, node: ({ observation, silent: quiet }) => [
          h("a", { href: observationAddress(number, observation.name) }, visible(observation.name)), quiet && h("span", { class: "tag" }, "silent")] },
        { key: "worst", label: "Worst", value: ({ worst }) => worst.urgency, node: ({ worst }) => [chip(worst.key), worst.words] },
        { key: "cells", label: "Cells that differ", value: (it) => it.cells, node: (it) => it.cells.toLocaleString("en") },
        { key: "variants", label: "Variants", value: ({ observation }) => observation.variants.length, node: ({ observation }) => observation.variants.length.toLocaleString("en") },
        { key: "line", label: "Line", value: ({ observation }) => String(observation.line ?? ""), node: ({ observation }) => observation.line ?? "" },
      ], differing) : null,
      alike.length > 0 && lazyDetails(`${plural(alike.length, "observation")} alike`, () => h("div", {}, growingList(alike, ({ observation }) =>
        h("a", { href: observationAddress(number, observation.name) }, visible(observation.name))))),
      scenarioEndings(chunk),
    ];
  });
}

function scenarioEndings(chunk) {
  const bad = cells.map((_, cell) => cell).filter((cell) => chunk.outcomes[cell] && !["ran", "not-applicable"].includes(chunk.outcomes[cell].status));
  return bad.length > 0 && lazyDetails(`${plural(bad.length, "cell")} where it did not end normally`, () => h("div", {}, growingList(bad, (cell) => [
    h("a", { href: cellAddress(cell) }, cellWords(cell)), endingNode(chunk, chunk.outcomes[cell])], 30)));
}

function showObservation(scenarioName, name) {
  const number = scenarioNumber.get(scenarioName);
  if (number === undefined) return unknownPanel(`scenario ${scenarioName}`);
  const base = baseNow();
  return showPanel(`${visible(scenarioName)}::${visible(name)}`, async () => {
    const chunk = await details(number);
    const observation = chunk.byName.get(name);
    if (!observation) return h("p", {}, `This report has no observation ${visible(name)} in this scenario.`);
    const cell = cellNumber.get(state.cell);
    const all = cells.map((_, place) => place);
    const among = all.filter((place) => observation.variantOf[place] >= 0);
    const variants = observation.variants.map((variant, place) => ({ place, cells: among.filter((it) => observation.variantOf[it] === place) }));
    return [
      h("p", { class: "quiet" }, h("a", { href: scenarioAddress(number) }, scenarios[number].path), observation.line ? `, line ${observation.line}` : "",
        ". The grid above shows this observation alone."),
      cell !== undefined && cell !== base && h("section", {}, h("h4", {}, [chip(VERDICTS[letterAt(observation, cell, base)].key), ` ${VERDICTS[letterAt(observation, cell, base)].words}`]),
        comparison(observation, cell, base)),
      h("h4", {}, `${plural(variants.length, "variant")}: distinct values and errors`),
      growingList(variants, ({ place, cells: own }) => variantNode(observation, place, own, among, base), 40),
      warningSets(observation, all),
    ];
  });
}

function variantNode(observation, place, own, among, base) {
  const variant = observation.variants[place];
  const { texts } = observation.chunk;
  const worst = own.map((cell) => VERDICTS[letterAt(observation, cell, base)]).sort((one, other) => other.urgency - one.urgency)[0] ?? VERDICTS["-"];
  return h("div", { class: "variant" },
    h("p", {}, chip(worst.key), " ", h("b", {}, setWords(own, among)), own.includes(base) ? " ★" : "", h("span", { class: "quiet" }, ` ${worst.words}`)),
    variant.error
      ? errorNode({ type: texts[variant.type], message: texts[variant.text], cause: texts[variant.error.cause], source: texts[variant.error.source], line: variant.error.line, traceback: texts[variant.error.traceback] })
      : [h("p", { class: "type" }, typeText(variant, texts)), h("p", { class: "value" }, valueNode(variant, texts))]);
}

function warningSets(observation, all) {
  if (!observation.warnings?.some((set) => set.length > 0)) return null;
  const among = all.filter((cell) => observation.warningsOf[cell] >= 0);
  return h("section", {}, h("h4", {}, "Warnings"), observation.warnings.map((set, place) => {
    const own = among.filter((cell) => observation.warningsOf[cell] === place);
    return h("div", {}, h("p", {}, h("b", {}, setWords(own, among))), set.length > 0 ? warningLines("", set) : h("p", { class: "quiet" }, "none"));
  }));
}

function showClass(letter) {
  const found = index.classes.find((known) => known.letter === letter);
  if (!found) return unknownPanel(`class ${letter}`);
  const all = cells.map((_, number) => number).filter((number) => cells[number].class);
  return showPanel(`Class ${letter}`, () => [
    h("p", {}, setWords([...found.cells].sort((a, b) => a - b), all)),
    h("p", {}, h("a", { href: `#class-${letter}` }, "What sets it apart")),
    h("ul", { class: "plain" }, found.cells.map((number) => h("li", {}, h("a", { href: cellAddress(number) }, cellWords(number))))),
  ]);
}
