// Two values side by side, with what differs set off.

/** `numpy.ndarray float32 (2, 3)`. */
function typeText(variant, texts) {
  return [texts[variant.type], texts[variant.dtype], shapeText(variant.shape)].filter(Boolean).join(" ");
}

/** A value; elements in `marked` are set off. */
function valueNode(variant, texts, marked = []) {
  if (!variant) return h("span", { class: "quiet" }, "no such observation");
  if (!variant.elements) return h("code", {}, visible(texts[variant.text] ?? ""));
  const total = variant.shape.reduce((product, size) => product * size, 1);
  if (variant.elements.length === 0 && total > 0) return h("span", { class: "quiet" }, `${plural(total, "element")}, not in this file`);
  const scalar = variant.shape.length === 0;
  const parts = variant.elements.map((element, place) => [
    place > 0 && ", ",
    marked.includes(place) ? h("mark", {}, visible(element)) : visible(element),
  ]);
  const more = total > variant.elements.length ? ", …" : "";
  return h("code", {}, scalar ? "" : "[", parts, more, scalar ? "" : "]");
}

/** What a cell has of an observation: kind, value, and for errors the cause first. */
function sideNode(label, observation, cell, marked) {
  const variant = observation.variants[observation.variantOf[cell]];
  const { texts } = observation.chunk;
  const head = h("h5", {}, label);
  if (!variant) return h("div", { class: "side" }, head, h("p", { class: "quiet" }, "has no such observation"));
  if (!variant.error) {
    return h("div", { class: "side" }, head, h("p", { class: "type" }, typeText(variant, texts)), h("p", { class: "value" }, valueNode(variant, texts, marked)),
      variant.truncated && h("p", { class: "quiet" }, "Too large to keep whole: only the first elements were compared one by one."));
  }
  return h("div", { class: "side" }, head, errorNode({
    type: texts[variant.type],
    message: texts[variant.text],
    cause: texts[variant.error.cause],
    source: texts[variant.error.source],
    line: variant.error.line,
    traceback: texts[variant.error.traceback],
  }));
}

/** An error: the cause before the exception, the traceback folded. */
function errorNode({ type, message, cause, source, line, traceback }) {
  return h("div", { class: "error" },
    cause && h("p", { class: "cause" }, h("b", {}, "Cause: "), visible(cause)),
    h("p", {}, h("b", {}, type), message ? ": " : "", h("span", { class: "message" }, visible(message ?? ""))),
    source && h("p", { class: "quiet" }, line ? `line ${line}: ` : "", h("code", {}, visible(source))),
    foldedText("Traceback", traceback));
}

/** A long text behind a line that opens it. */
function foldedText(label, text) {
  return text ? h("details", {}, h("summary", {}, label), h("pre", {}, visible(text))) : null;
}

/** Measures: how many differ, by how much. */
function numbersNode(numbers, recomputed) {
  if (!numbers) return null;
  const measures = [
    ["differ", `${numbers.differing.toLocaleString("en")} of ${numbers.total.toLocaleString("en")}`],
    numbers.beyond < numbers.differing && ["beyond tolerance", numbers.beyond.toLocaleString("en")],
    ["max abs", short(numbers.max_abs)],
    ["max rel", short(numbers.max_rel)],
    ["max ULP", numbers.max_ulp == null ? "" : numbers.max_ulp.toLocaleString("en")],
    numbers.compared_as && ["compared as", numbers.compared_as],
    numbers.nan && (numbers.nan[0] > 0 || numbers.nan[1] > 0)
      && ["NaN", `${numbers.nan[0]} there, ${numbers.nan[1]} here, ${numbers.nan_pattern_equal ? "at the same places" : "at other places"}`],
    numbers.first?.length > 0 && numbers.total > 1 && ["first at", numbers.first.map((place) => `[${place}]`).join(" ")],
  ];
  return h("dl", { class: "numbers" },
    measures.filter((measure) => measure && measure[1] !== "").map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
    recomputed && h("div", { class: "quiet" }, `recomputed from the first ${plural(numbers.total, "element")}, with the tolerances of the scenario`));
}

function warningLines(label, warnings) {
  return (warnings ?? []).map(({ category, message, origin }) =>
    h("p", { class: "warned" }, h("b", {}, `${label} ${category}`), ` (${origin}): `, visible(message)));
}

/** One observation of a cell beside the baseline's. */
function comparison(observation, cell, base) {
  const known = base === index.baseline ? observation.differences?.[observation.differenceOf[cell]] : undefined;
  const [there, here] = [observation.variantOf[base], observation.variantOf[cell]];
  const found = !known && there >= 0 && here >= 0 ? contrast(observation, there, here) : undefined;
  const numbers = known?.numbers ?? found?.numbers;
  const marked = numbers && numbers.differing < numbers.total ? numbers.first : [];
  const aspects = known?.aspects ?? found?.aspects ?? [];
  const added = known ? known.added : newWarnings(observation, cell, base);
  const removed = known ? known.removed : newWarnings(observation, base, cell);
  const among = cells.map((_, number) => number).filter((number) => observation.variantOf[number] >= 0);
  const sharing = among.filter((number) => here >= 0 && observation.variantOf[number] === here);
  return h("div", { class: "comparison" },
    aspects.length > 0 && h("ul", { class: "aspects" }, aspects.map((aspect) => h("li", {}, visible(aspect)))),
    h("div", { class: "sides" },
      cell !== base && sideNode(`Baseline: ${cellWords(base)}`, observation, base, marked),
      sideNode(`Here: ${cellWords(cell)}`, observation, cell, marked)),
    cell !== base && numbersNode(numbers, !known && numbers),
    warningLines("new:", added), warningLines("gone:", removed),
    sharing.length > 0 && h("p", { class: "quiet" }, sharing.length > 1 ? `The same in ${setWords(sharing, among)}.` : "No other cell has this."),
    firstDiffering(observation, cell, base).map((text) => h("p", { class: "quiet" }, text)));
}

/** Walks each axis from the baseline's version to this cell's, the others as here: since when it differs. */
function firstDiffering(observation, cell, base) {
  const [here, origin] = [cells[cell], cells[base]];
  return dimensions.flatMap(({ name, versions }, dimension) => {
    const [start, end] = [origin.at[dimension], here.at[dimension]];
    const step = Math.sign(end - start);
    let [agreeing, differing] = [null, null];
    for (let place = start; step !== 0; place += step) {
      const wanted = here.at.with(dimension, place);
      const number = cells.findIndex((other) => (other.suffix ?? "") === (here.suffix ?? "") && other.at.every((at, axis) => at === wanted[axis]));
      const letter = number < 0 ? "-" : letterAt(observation, number, base);
      if (letter === "=" || letter === "~") [agreeing, differing] = [place, null];
      else if (letter !== "-" && letter !== "f") differing ??= place;
      if (place === end) break;
    }
    return agreeing === null || differing === null ? [] : [`First differs at ${name} ${versions[differing]}; ${versions[agreeing]} still agrees.`];
  });
}
