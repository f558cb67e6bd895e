// The data blocks of the page. The index is read at once, everything else when it is asked for.

const index = JSON.parse(byElementId("index").textContent);
const { cells, scenarios, dimensions } = index;
const cellNumber = new Map(cells.map((cell, number) => [cell.id, number]));
const scenarioNumber = new Map(scenarios.map((scenario, number) => [scenario.name, number]));
const unpacked = new Map();

async function unpack(id) {
  const packed = atob(byElementId(id).textContent.trim());
  const bytes = new Uint8Array(packed.length);
  for (let place = 0; place < packed.length; place++) bytes[place] = packed.charCodeAt(place);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

/** A data block, unpacked once. */
function block(id, prepare = (content) => content) {
  if (!unpacked.has(id)) {
    const content = unpack(id).then(prepare);
    content.catch(() => unpacked.delete(id));
    unpacked.set(id, content);
  }
  return unpacked.get(id);
}

/** Packages and failed imports of the cells. */
const cellDetails = () => block("cells");

/** The details of a scenario; its observations know their rows. */
function details(number) {
  return block(`c${number}`, (chunk) => {
    for (const observation of chunk.observations) {
      observation.variantOf = chunk.rows[observation.row];
      observation.letters = chunk.judged[observation.judged];
      observation.differenceOf = chunk.rows[observation.differs];
      observation.warningsOf = chunk.rows[observation.warned];
      observation.chunk = chunk;
    }
    chunk.number = number;
    chunk.byName = new Map(chunk.observations.map((observation) => [observation.name, observation]));
    return chunk;
  });
}

/** The details of all scenarios, in their order. */
const allDetails = () => Promise.all(scenarios.map((_, number) => details(number)));

/** What each letter of a verdict row means, the most urgent first. */
const VERDICTS = {
  s: { key: "changed", words: "changed, silent", urgency: 9 },
  k: { key: "crash", words: "crash", urgency: 8 },
  t: { key: "timeout", words: "timeout", urgency: 7 },
  r: { key: "raises", words: "raises", urgency: 6 },
  R: { key: "returns", words: "returns", urgency: 5 },
  c: { key: "changed", words: "changed", urgency: 4 },
  w: { key: "warns", words: "warns", urgency: 3 },
  f: { key: "flaky", words: "flaky: repeats disagree", urgency: 2 },
  "~": { key: "close", words: "close", urgency: 1 },
  "=": { key: "same", words: "same", urgency: 0 },
  "-": { key: "uncompared", words: "not compared", urgency: -1 },
};

/** The marks of verdicts, worst first: a cell shows the first that it has. */
const WORST = ["crash", "timeout", "raises", "returns", "changed", "warns", "close", "same"];

const symbolOf = (key) => (key === "flaky" ? index.flaky : index.marks[key]?.symbol ?? "");
