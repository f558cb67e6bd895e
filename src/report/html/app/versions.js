// Versions and ranges as PEP 440 has them.

const VERSION = /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?(?:[-_.]?(?:post|rev|r)[-_.]?(\d*)|-(\d+))?(?:[-_.]?dev[-_.]?(\d*))?(?:\+.*)?$/i;
const PRE = { a: 0, alpha: 0, b: 1, beta: 1, c: 2, rc: 2, pre: 2, preview: 2 };

/** A version as a list that compares number by number; `null` for what is none. */
function versionKey(text) {
  const found = VERSION.exec(text);
  if (!found) return null;
  const [, epoch, release, pre, preNumber, post, postShort, dev] = found;
  const number = (value) => Number(value || 0);
  const after = post ?? postShort;
  // A development release comes before the rest of its release, a pre-release before the final one.
  const stage = pre ? PRE[pre.toLowerCase()] : dev !== undefined && after === undefined ? -1 : 3;
  return {
    release: [number(epoch), ...release.split(".").map(Number)],
    rest: [stage, number(preNumber), after === undefined ? -1 : number(after), dev === undefined ? Infinity : number(dev)],
    pre: pre !== undefined || dev !== undefined,
  };
}

function compareVersions(one, other) {
  const length = Math.max(one.release.length, other.release.length);
  for (let place = 0; place < length; place++) {
    const order = (one.release[place] ?? 0) - (other.release[place] ?? 0);
    if (order) return order;
  }
  for (let place = 0; place < one.rest.length; place++) {
    if (one.rest[place] !== other.rest[place]) return one.rest[place] < other.rest[place] ? -1 : 1;
  }
  return 0;
}

const startsWith = (version, prefix) => prefix.release.every((part, place) => (version.release[place] ?? 0) === part);

/** A test for versions: `>=2.0,<3`, a series `2.18`, or `none`. Throws what is wrong in words. */
function versionRange(text) {
  if (text === "none") return (version) => version === "none";
  if (/^\d/.test(text)) return (version) => version === text || version.startsWith(`${text}.`);
  const clauses = text.split(",").map((clause) => {
    const found = /^\s*(===|~=|==|!=|>=|<=|>|<)\s*(\S+)\s*$/.exec(clause);
    const series = found?.[2].endsWith(".*");
    const wanted = found && versionKey(series ? found[2].slice(0, -2) : found[2]);
    if (!wanted || (series && !["==", "!="].includes(found[1]))) throw new Error(`“${text}” is no version range; for example >=2.0,<3`);
    return { operator: found[1], wanted, series };
  });
  return (version) => {
    const key = versionKey(version);
    return key !== null && clauses.every((clause) => holds(key, clause));
  };
}

function holds(version, { operator, wanted, series }) {
  const order = compareVersions(version, wanted);
  switch (operator) {
    case ">=": return order >= 0;
    case "<=": return order <= 0;
    case ">": return order > 0 && !(wanted.rest[2] < 0 && version.rest[2] >= 0 && startsWith(version, wanted));
    // `<2.0` does not take in the pre-releases of 2.0.
    case "<": return order < 0 && !(version.pre && !wanted.pre && startsWith(version, wanted));
    case "~=": return order >= 0 && startsWith(version, { release: wanted.release.slice(0, -1) });
    case "!=": return series ? !startsWith(version, wanted) : order !== 0;
    default: return series ? startsWith(version, wanted) : order === 0;
  }
}
