// Another baseline, chosen by the reader: the rules of the verdicts again, on what the page carries. Equal values are known
// exactly; numbers are compared from the elements that are here, with the tolerances of their scenario.

const FAMILIES = { float96: "longdouble", float128: "longdouble" };

/** Relative and absolute tolerance of a dtype, and how many units in the last place are close whatever they say. */
function toleranceOf(scenario, dtype) {
  const { by_dtype: table, ulp } = index.tolerances[scenarios[scenario].tolerance];
  const { rtol, atol } = table[dtype] ?? table[FAMILIES[dtype]] ?? { rtol: 0, atol: 0 };
  return { rtol, atol, ulp };
}

const UNITS = new DataView(new ArrayBuffer(8));

/** The place of a number among all of its dtype, so that neighbours are one apart; `null` where that is not known here. */
function ordinal(dtype, value) {
  if (dtype === "float64") UNITS.setFloat64(0, value);
  else if (dtype === "float32") UNITS.setFloat32(0, value);
  else return null;
  const [bits, sign] = dtype === "float64" ? [UNITS.getBigUint64(0), 1n << 63n] : [BigInt(UNITS.getUint32(0)), 1n << 31n];
  return bits & sign ? sign - bits : bits;
}

function unitsBetween(dtype, one, other) {
  const [here, there] = [ordinal(dtype, one), ordinal(dtype, other)];
  if (here === null) return Infinity;
  return Number(here > there ? here - there : there - here);
}

const lastComponent = (name) => name.split(".").at(-1);

/** Why a scenario has no observation in a cell, as the verdicts see it. */
function absence(status) {
  return { raised: "raised", crash: "crash", oom: "crash", timeout: "timeout", exited: "ended", protocol: "ended" }[status] ?? "lacks";
}

/** The letter of the verdict of an observation in a cell, against any baseline. */
function letterAt(observation, cell, base) {
  if (base === index.baseline) return observation.letters[cell];
  if (observation.letters[cell] === "f" || observation.letters[base] === "f") return "f";
  const { outcomes } = observation.chunk;
  const unknown = (number) => !outcomes[number] || ["not-applicable", "infra"].includes(outcomes[number].status);
  if (unknown(cell) || unknown(base)) return "-";
  const [there, here] = [observation.variantOf[base], observation.variantOf[cell]];
  const warns = newWarnings(observation, cell, base).length > 0;
  const loud = (silent) => (silent && !warns ? "s" : "c");
  if (there < 0 && here < 0) return absentLetter(observation, outcomes[base], outcomes[cell]);
  if (there < 0) {
    if (observation.variants[here].error) return "c";
    return absence(outcomes[base].status) === "lacks" ? loud(true) : "R";
  }
  if (here < 0) return { lacks: "s", raised: "r", crash: "k", timeout: "t", ended: "c" }[absence(outcomes[cell].status)];
  const { likeness } = contrast(observation, there, here);
  if (likeness === "changed") return loud(!observation.variants[here].error && !observation.variants[there].error);
  if (likeness === "returns") return "R";
  if (likeness === "raises") return "r";
  if (warns && !observation.variants[here].error) return "w";
  return likeness === "close" ? "~" : "=";
}

/** The observation of the script itself. Written so that no parser takes it for a tag. */
const SCRIPT = "\u003cscript>";

/** The script itself has a verdict even where both scripts died: the way they died is compared. */
function absentLetter(observation, there, here) {
  if (observation.name !== SCRIPT) return "-";
  const [before, after] = [there, here].map((outcome) => `${outcome.status} ${outcome.signal ?? ""}`);
  return before === after ? "=" : { crash: "k", timeout: "t" }[absence(here.status)] ?? "c";
}

const warningsAt = (observation, cell) => observation.warnings?.[observation.warningsOf[cell]] ?? [];

const sameWarning = (one, other) => one.category === other.category && one.message === other.message;

function newWarnings(observation, cell, base) {
  const known = warningsAt(observation, base);
  return warningsAt(observation, cell).filter((warning) => !known.some((other) => sameWarning(warning, other)));
}

/** How two variants differ: likeness, aspects in words and, for numbers, measures. Found once. */
function contrast(observation, there, here) {
  observation.contrasts ??= new Map();
  const key = `${there} ${here}`;
  if (!observation.contrasts.has(key)) observation.contrasts.set(key, contrastOf(observation, there, here));
  return observation.contrasts.get(key);
}

function contrastOf(observation, there, here) {
  if (there === here) return { likeness: "same", aspects: [] };
  const { texts } = observation.chunk;
  const [before, after] = [observation.variants[there], observation.variants[here]];
  const exception = (variant) => lastComponent(texts[variant.type]);
  if (before.error && after.error) {
    if (exception(before) !== exception(after)) return { likeness: "changed", aspects: [`error ${exception(before)} → ${exception(after)}`] };
    return texts[before.text] === texts[after.text] ? { likeness: "same", aspects: [] } : { likeness: "close", aspects: ["message"] };
  }
  if (before.error) return { likeness: "returns", aspects: [`${exception(before)} → value`] };
  if (after.error) return { likeness: "raises", aspects: [`value → ${exception(after)}`] };
  const aspects = [];
  const differ = (name, one, other) => { if (one !== other) aspects.push(`${name} ${one ?? "none"} → ${other ?? "none"}`); };
  differ("type", texts[before.type], texts[after.type]);
  differ("dtype", texts[before.dtype], texts[after.dtype]);
  differ("shape", shapeText(before.shape), shapeText(after.shape));
  if (!before.elements || !after.elements) return { likeness: "changed", aspects: aspects.length ? aspects : ["value"] };
  const numbers = shapeText(before.shape) === shapeText(after.shape) ? measure(before, after, observation.chunk) : undefined;
  if (aspects.length) return { likeness: "changed", aspects, numbers };
  const whole = numbers && numbers.total === numbers.elements;
  const close = numbers?.beyond === 0 && (whole || numbers.differing > 0);
  return { likeness: close ? "close" : "changed", aspects: ["value"], numbers };
}

function shapeText(shape) {
  if (!shape) return undefined;
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

/** How the value of a cell differs from the one it is compared with: aspects in words, and the warnings that are new. */
function differenceAt(observation, cell, base) {
  const known = base === index.baseline ? observation.differences?.[observation.differenceOf[cell]] : undefined;
  const [there, here] = [observation.variantOf[base], observation.variantOf[cell]];
  const absent = () => (there === here ? [] : [here < 0 ? "missing here" : "only here"]);
  const found = () => (there >= 0 && here >= 0 ? contrast(observation, there, here).aspects : absent());
  return { aspects: known?.aspects?.length ? known.aspects : found(), added: known ? known.added ?? [] : newWarnings(observation, cell, base) };
}

const numberOf = (text) => (text === "inf" ? Infinity : text === "-inf" ? -Infinity : text === "nan" ? NaN : Number(text));

const WHOLE = /^-?\d+$/;

/** How far apart two elements are. Of whole numbers it is exact, also where doubles cannot tell them apart. */
function gapOf([one, a], [other, b]) {
  const exact = !(Number.isSafeInteger(a) && Number.isSafeInteger(b)) && WHOLE.test(one) && WHOLE.test(other);
  return Math.abs(exact ? Number(BigInt(other) - BigInt(one)) : b - a);
}

/** Measures of two arrays of one shape, from the elements that both have here. */
function measure(before, after, { texts, number: scenario }) {
  const dtype = texts[after.dtype];
  const { rtol, atol, ulp } = toleranceOf(scenario, dtype);
  const total = Math.min(before.elements.length, after.elements.length);
  const found = { total, elements: before.shape.reduce((product, size) => product * size, 1), differing: 0, beyond: 0, first: [] };
  let [abs, rel] = [null, null];
  for (let place = 0; place < total; place++) {
    const [one, other] = [before.elements[place], after.elements[place]];
    if (one === other) continue;
    const [a, b] = [numberOf(one), numberOf(other)];
    const gap = gapOf([one, a], [other, b]);
    if (gap === 0) continue;
    found.differing++;
    if (found.first.length < 8) found.first.push(place);
    if (!(gap <= atol + rtol * Math.abs(a)) && !(ulp > 0 && Number.isFinite(gap) && unitsBetween(dtype, a, b) <= ulp)) found.beyond++;
    if (Number.isFinite(gap)) {
      abs = Math.max(abs ?? 0, gap);
      if (a !== 0) rel = Math.max(rel ?? 0, gap / Math.abs(a));
    }
  }
  return { ...found, max_abs: abs, max_rel: rel };
}

/** What every cell shows against a baseline: mark, count and verdict counts. */
async function facesAgainst(base) {
  if (base === index.baseline) return cells.map(({ mark, count, counts }) => ({ mark, count, counts }));
  const counts = cells.map(() => Object.fromEntries([...WORST, "silent", "flaky"].map((key) => [key, 0])));
  for (const chunk of await allDetails()) {
    for (const observation of chunk.observations) {
      for (let cell = 0; cell < cells.length; cell++) {
        const letter = letterAt(observation, cell, base);
        if (letter === "-") continue;
        counts[cell][VERDICTS[letter].key]++;
        if (letter === "s") counts[cell].silent++;
      }
    }
  }
  return cells.map((cell, number) => {
    if (cell.state !== "ran") return { mark: cell.mark, count: 0, counts: counts[number] };
    const mark = WORST.find((key) => counts[number][key] > 0) ?? "uncompared";
    return { mark, count: counts[number][mark] ?? 0, counts: counts[number] };
  });
}
