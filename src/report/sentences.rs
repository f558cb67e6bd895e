//! What changed, as sentences. Each names versions, and each number in it is one of the model.

use super::{Bound, FaultLine, Forewarning, ImportLine, Layout, LinePart, ObservationReport, Results, Rule, text};

/// The condition that holds in the whole grid.
const ANY: &str = "any version";
/// Parts of a line, other changes and names that one sentence tells at most.
const TOLD: usize = 3;

/// Everything at one place between two neighbouring versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `numpy 1.26.4 → 2.0.2`
    pub name: String,
    /// What changes there, one sentence each.
    pub changes: Vec<String>,
}

/// The places where behaviour changes or imports begin or cease to fail, in the order of axes and versions.
pub fn places(results: &Results) -> Vec<Place> {
    let layout = Layout::new(results);
    // Lines over a gap name versions that are no neighbours; they sort by the version after them.
    let rank = |axis: &str, from: &str, to: &str| {
        let place = results.axes.iter().position(|known| known.name == axis).unwrap_or(results.axes.len());
        let version = |version: &str| results.axes.get(place).and_then(|axis| axis.versions.iter().position(|known| known == version));
        (place, version(to), version(from), format!("{axis} {from} → {to}"))
    };
    let mut found: Vec<_> = Vec::new();
    for line in &results.fault_lines {
        found.push((rank(&line.axis, &line.from, &line.to), 0, fault_line(line, &layout)));
    }
    for line in &results.import_lines {
        found.push((rank(&line.axis, &line.from, &line.to), 1, vec![import_line(line, &layout)]));
    }
    found.sort_by(|(one, kind, _), (other, other_kind, _)| (one, kind).cmp(&(other, other_kind)));
    let mut places: Vec<Place> = Vec::new();
    for ((.., name), _, changes) in found {
        match places.last_mut().filter(|place| place.name == name) {
            Some(place) => place.changes.extend(changes),
            None => places.push(Place { name, changes }),
        }
    }
    places
}

fn fault_line(line: &FaultLine, layout: &Layout) -> Vec<String> {
    let total = format!("{} in {}", text::count(line.observations, "observation"), text::count(line.scenarios, "scenario"));
    let also = also(&line.also);
    match line.parts.as_slice() {
        [] => vec![format!("{total}, in {} of {}{also}", line.cells, rows(line.of, &line.axis, layout))],
        [part] => vec![format!("{total}, {}{also}", extent(part, &line.axis, layout))],
        parts => {
            let mut sentences = vec![format!("{total}{also}")];
            for part in parts.iter().take(TOLD) {
                let count = text::count(part.observations.len() as u64, "observation");
                sentences.push(format!("{count} of them {}", extent(part, &line.axis, layout)));
            }
            if parts.len() > TOLD {
                let rest: usize = parts.iter().skip(TOLD).map(|part| part.observations.len()).sum();
                sentences.push(format!("{} of them elsewhere", text::count(rest as u64, "observation")));
            }
            sentences
        }
    }
}

/// `in all 7 tensorflow releases`, `only with tensorflow>=2.16 (2 of 7 tensorflow releases)`.
fn extent(part: &LinePart, axis: &str, layout: &Layout) -> String {
    match (part.when.as_str(), part.of) {
        (ANY, 1) => format!("in the only {} compared", row(axis, layout)),
        (ANY, of) => format!("in all {} compared", rows(of, axis, layout)),
        (when, of) => format!("only with {when} ({} of {} compared)", part.cells, rows(of, axis, layout)),
    }
}

fn import_line(line: &ImportLine, layout: &Layout) -> String {
    let what = if line.fails { "import fails" } else { "import no longer fails" };
    let rows = rows(line.of, &line.axis, layout);
    // Why an import fails its cause says; of all that changed at the same place only the interpreter could be meant.
    let python: Vec<String> = line.also.iter().filter(|change| change.starts_with("python ")).cloned().collect();
    let also = also(&python);
    match line.when.as_str() {
        ANY if line.of == 1 && line.cells == 1 => format!("{what} in the only {}{also}", row(&line.axis, layout)),
        ANY if line.of == line.cells => format!("{what} in all {rows}{also}"),
        ANY => format!("{what} in {} of {rows}{also}", line.cells),
        when => format!("{what} in {} of {rows}: {when}{also}", line.cells),
    }
}

/// What one pair of neighbours along an axis is: a release of the other one, where there are two.
fn row(axis: &str, layout: &Layout) -> String {
    let others: Vec<_> = layout.dimensions.iter().filter(|dimension| dimension.name != axis).collect();
    match others.as_slice() {
        [other] if layout.suffixes.iter().all(String::is_empty) => format!("{} release", other.name),
        _ => "neighbouring pair".to_owned(),
    }
}

fn rows(count: u64, axis: &str, layout: &Layout) -> String {
    text::count(count, &row(axis, layout))
}

fn also(changes: &[String]) -> String {
    if changes.is_empty() { String::new() } else { format!("; also {}", changes.iter().take(TOLD).cloned().collect::<Vec<_>>().join(", ")) }
}

/// `float64 → float32 in 7 observations, all silent: promotion::a, promotion::b and 5 more`, without where it holds.
pub fn effect(rule: &Rule) -> String {
    let count = rule.observations.len() as u64;
    if count == 0 {
        return format!("{} in {}", rule.effect, text::count(rule.cells.len() as u64, "cell"));
    }
    let silent = match rule.silent {
        0 => String::new(),
        silent if silent == count => ", silent".to_owned(),
        silent => format!(", {} of them silent", text::grouped(silent)),
    };
    let named = rule.observations.iter().take(TOLD).cloned().collect::<Vec<_>>().join(", ");
    let more = if rule.observations.len() > TOLD { format!(" and {} more", rule.observations.len() - TOLD) } else { String::new() };
    format!("{} in {}{silent}: {named}{more}", rule.effect, text::count(count, "observation"))
}

/// What a rule leaves open: other descriptions, what changes along with it, islands, cells without an answer.
pub fn reservations(rule: &Rule) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(other) = rule.alternatives.first() {
        told.push(format!("or {other}: what ran does not tell which"));
    }
    if rule.confounded && !rule.also.is_empty() {
        told.push(format!("not told apart from {}", rule.also.iter().take(TOLD).cloned().collect::<Vec<_>>().join(", ")));
    }
    if !rule.islands.is_empty() {
        told.push(format!("seen in one cell alone: {}", rule.islands.join("; ")));
    }
    if !rule.unknown.is_empty() {
        told.push(format!("no answer from {} that it takes in", text::count(rule.unknown.len() as u64, "cell")));
    }
    told
}

/// `warned of since numpy 1.20.3 or before, until 1.23.5 (DeprecationWarning)`.
pub fn forewarned(warning: &Forewarning) -> String {
    let Forewarning { axis, since, until, category, .. } = warning;
    let before = if warning.oldest { " or before" } else { "" };
    let until = if since == until { String::new() } else { format!(", until {until}") };
    format!("warned of since {axis} {since}{before}{until} ({category})")
}

/// The warning that came before what tells these cells from the baseline: one whose change lies between them.
pub fn warning_before<'a>(results: &Results, observation: &'a ObservationReport, cells: &[usize]) -> Option<&'a Forewarning> {
    let crossed = |warning: &&Forewarning| {
        let Some(axis) = results.axes.iter().find(|axis| axis.name == warning.axis) else { return false };
        let place = |version: &str| axis.versions.iter().position(|known| known == version);
        let of = |cell: usize| results.cells.get(cell).and_then(|cell| cell.axes.get(&axis.name)).and_then(|version| place(version));
        let (Some(origin), Some(until), Some(changed)) =
            (results.baseline_index().and_then(of), place(&warning.until), place(&warning.changed))
        else {
            return false;
        };
        cells.iter().filter_map(|cell| of(*cell)).any(|here| here.min(origin) <= until && changed <= here.max(origin))
    };
    observation.forewarned.iter().find(crossed)
}

/// Whether what is declared and what is seen disagree.
pub fn disagrees(bound: &Bound) -> bool {
    !bound.allowed_but_broken.is_empty() || !bound.forbidden_but_alike.is_empty()
}

/// `tensorflow 2.14.0 declares numpy>=1.23.5, observed: numpy>=1.23.5,<2.0`.
pub fn bound(bound: &Bound) -> String {
    let declared = bound.declared.as_deref().unwrap_or("nothing known");
    let observed = bound.observed.as_deref().unwrap_or("no version works");
    format!("{} {} declares {declared}, observed: {observed}", bound.package, bound.version)
}
