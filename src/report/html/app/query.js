// The query grammar of `-k`, and what a page can ask beyond it.

const STATES = { error: ["raises", "returns"], fail: ["raises", "timeout", "crash", "import-failed"], import: ["import-failed"] };
const FLAGS = ["silent", "flaky", "new", "differing", "surprising"];
const KINDS = ["dtype", "shape", "type", "value", "error", "message", "nan", "missing", "warning"];

const wordsOf = (text) => [...text.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)].map(([word]) => word.replaceAll('"', "")).filter(Boolean);

/** Reads a query: atoms that must all hold. Throws what is wrong in words. */
function parseQuery(text) {
  return wordsOf(text).map((word) => {
    const colon = word.indexOf(":");
    if (colon <= 0 || word.startsWith("::", colon)) return { word: word.toLowerCase() };
    const [key, value] = [word.slice(0, colon), word.slice(colon + 1)];
    if (value === "") throw new Error(`“${key}:” lacks a value`);
    if (key === "scenario") return { scenario: value };
    if (key === "cell") return { cell: value };
    if (key === "class") return { class: value.toUpperCase() };
    if (key === "s") return { verdict: oneOf(key, value, [...Object.keys(STATES), ...Object.keys(index.marks)]) };
    if (key === "kind") return { kind: oneOf(key, value, KINDS) };
    if (key === "is") return { is: oneOf(key, value, FLAGS) };
    if (key === "python") return { python: versionRange(/^\d/.test(value) ? `==${value}` : value) };
    const exact = dimensions.findIndex(({ name }) => name === key);
    const short = { np: "numpy", tf: "tensorflow" }[key];
    const dimension = exact >= 0 ? exact : dimensions.findIndex(({ name }) => name === short);
    if (dimension < 0) {
      throw new Error(`unknown key “${key}”; there are ${[...dimensions.map(({ name }) => name), "python", "scenario", "cell", "s", "class", "kind", "is"].join(", ")}`);
    }
    return { dimension, range: versionRange(value) };
  });
}

function oneOf(key, value, known) {
  const found = value.toLowerCase();
  if (!known.includes(found)) throw new Error(`“${key}:${value}” is not known; there are ${known.join(", ")}`);
  return found;
}

/** Whether an atom is about cells alone. */
const aboutCells = (atom) => "dimension" in atom || "python" in atom || "cell" in atom || "class" in atom || atom.is === "surprising"
  || (atom.word !== undefined && cells.some(({ id }) => id.toLowerCase().includes(atom.word)));

function cellHolds(atom, number) {
  const cell = cells[number];
  if ("dimension" in atom) return atom.range(versionAt(number, atom.dimension));
  if ("python" in atom) return atom.python(cell.python);
  if ("cell" in atom) return cell.id === atom.cell;
  if ("class" in atom) return cell.class?.toUpperCase() === atom.class;
  if (atom.is === "surprising") return ["broken", "fine"].includes(declaredAgainst(number));
  return cell.id.toLowerCase().includes(atom.word);
}

const verdictsWanted = (atom) => STATES[atom.verdict] ?? [atom.verdict];

function observationHolds(atom, scenario, observation) {
  if ("scenario" in atom) return scenario.name.includes(atom.scenario);
  return scenario.name.toLowerCase().includes(atom.word) || observation.name.toLowerCase().includes(atom.word)
    || `${scenario.name}::${observation.name}`.toLowerCase().includes(atom.word);
}

/** Text that a word is looked for in beside names: what the cell has, and how it differs. */
function textHolds(word, observation, cell, base) {
  const variant = observation.variants[observation.variantOf[cell]];
  const { texts } = observation.chunk;
  const { aspects, added } = differenceAt(observation, cell, base);
  const said = [variant?.text, variant?.error?.cause, variant?.error ? variant.type : undefined].map((number) => texts[number]);
  return [...said, ...aspects, ...added.map(({ category, message }) => `${category} ${message}`)]
    .some((text) => text?.toLowerCase().includes(word));
}

function kindHolds(kind, observation, cell, base, letter) {
  const { aspects, added } = differenceAt(observation, cell, base);
  if (kind === "warning") return added.length > 0;
  if (kind === "error" && "rRkt".includes(letter)) return true;
  // An error in the place of a value is not another value.
  if (kind === "value" && "rR".includes(letter)) return false;
  return aspects.some((aspect) => aspect.toLowerCase().includes(kind));
}

/** Where behaviour is new since the previous run: `scenario::observation` and its cells. */
const changedSince = new Map((index.since?.changes ?? []).map(([scenario, name, list]) => [`${scenario}::${name}`, new Set(list)]));

function pairHolds(atom, scenario, observation, cell, base) {
  const letter = letterAt(observation, cell, base);
  if ("verdict" in atom) return verdictsWanted(atom).includes(VERDICTS[letter].key);
  if ("kind" in atom) return kindHolds(atom.kind, observation, cell, base, letter);
  if (atom.is === "silent") return letter === "s";
  if (atom.is === "flaky") return letter === "f";
  if (atom.is === "differing") return VERDICTS[letter].urgency >= 3;
  if (atom.is === "new") return changedSince.get(`${scenario.name}::${observation.name}`)?.has(cell) ?? false;
  return observationHolds(atom, scenario, observation) || ("word" in atom && textHolds(atom.word, observation, cell, base));
}

/** Cells and observations that a query selects. Unpacks details only where it asks for them. */
async function select(atoms, base) {
  const ofCells = atoms.filter(aboutCells);
  const ofPairs = atoms.filter((atom) => !aboutCells(atom));
  const candidates = cells.map((_, number) => number).filter((number) => ofCells.every((atom) => cellHolds(atom, number)));
  if (ofPairs.length === 0) return { cells: new Set(candidates), observations: null };
  const selected = new Set();
  const observations = [];
  const worthy = (chunk) => ofPairs.every((atom) => !("scenario" in atom) || scenarios[chunk].name.includes(atom.scenario));
  const chunks = await Promise.all(scenarios.map((_, number) => number).filter(worthy).map(details));
  for (const chunk of chunks) {
    for (const observation of chunk.observations) {
      const found = candidates.filter((cell) => {
        return (letterAt(observation, cell, base) !== "-" || observation.variantOf[cell] >= 0)
          && ofPairs.every((atom) => pairHolds(atom, scenarios[chunk.number], observation, cell, base));
      });
      if (found.length === 0) continue;
      found.forEach((cell) => selected.add(cell));
      observations.push({ scenario: chunk.number, observation, cells: found });
    }
  }
  // Cells that failed before any scenario have no observations, but a state that can be asked for.
  const states = ofPairs.filter((atom) => "verdict" in atom);
  if (states.length === ofPairs.length) {
    candidates.filter((cell) => states.every((atom) => verdictsWanted(atom).includes(cells[cell].mark))).forEach((cell) => selected.add(cell));
  }
  return { cells: selected, observations };
}
