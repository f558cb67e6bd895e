// Sets of cells in words, as the other formats of the report say them.

const versionAt = (number, dimension) => dimensions[dimension].versions[cells[number].at[dimension]];

/** `numpy 2.0.2 × tensorflow 2.18.1`. */
function cellWords(number) {
  const parts = dimensions.map(({ name }, dimension) => `${name} ${versionAt(number, dimension)}`);
  return visible([...parts, cells[number].suffix].filter(Boolean).join(" × "));
}

const placesOf = (list, dimension) => [...new Set(list.map((number) => cells[number].at[dimension]))].sort((a, b) => a - b);

function rangeWords(dimension, places, known) {
  if (places.length === known.length) return { words: "", whole: true };
  const { name, versions } = dimensions[dimension];
  const [first, last] = [versions[places[0]], versions[places.at(-1)]];
  const start = known.indexOf(places[0]);
  const whole = places.every((place, offset) => known[start + offset] === place);
  if (places.length === 1) return { words: `${name} ${first}`, whole };
  if (!whole) return { words: `${name} ${places.length > 3 ? `${first}…${last}` : places.map((place) => versions[place]).join(", ")}`, whole };
  if (known.at(-1) === places.at(-1) && first !== "none") return { words: `${name} ≥ ${first}`, whole };
  if (start === 0 && first !== "none") return { words: `${name} ≤ ${last}`, whole };
  return { words: `${name} ${first}–${last}`, whole };
}

/** Says which cells of `among` are meant. */
function setWords(selected, among) {
  if (selected.length === 0) return "no cell";
  if (selected.length === 1) return cellWords(selected[0]);
  if (selected.length === among.length) return `all ${plural(among.length, "cell")}`;
  const places = dimensions.map((_, dimension) => placesOf(selected, dimension));
  const ranges = places.map((own, dimension) => rangeWords(dimension, own, placesOf(among, dimension)));
  const inside = among.filter((number) => places.every((own, dimension) => own.includes(cells[number].at[dimension])));
  const words = ranges.map((range) => range.words).filter(Boolean).join(" × ");
  if (inside.length === selected.length) return `${words} (${plural(selected.length, "cell")})`;
  if (selected.length === 2) return selected.map(cellWords).join("; ");
  if (words && ranges.every((range) => range.whole)) return `${words} (${selected.length} of ${plural(inside.length, "cell")})`;
  return `${selected.length} of ${plural(among.length, "cell")}, ${cellWords(selected[0])} the first`;
}

/** `0.40 s`, `12 s`, `9m 12s`. */
function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (number) => String(number).padStart(2, "0");
  return whole < 3600 ? `${Math.floor(whole / 60)}m ${two(whole % 60)}s` : `${Math.floor(whole / 3600)}h ${two(Math.floor(whole / 60) % 60)}m`;
}

/** A measure with two digits. */
function short(value) {
  if (value == null) return "";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(1);
  return String(size >= 100 ? Math.round(value) : Number(value.toFixed(4)));
}
