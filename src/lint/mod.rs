//! What makes a scenario's answer depend on more than its packages: the clock, the network, addresses, the order of
//! sets and folders, randomness that no seed reaches.
//!
//! The source is parsed, never run. What the last run has measured adds what no reading can find: repeats that disagree,
//! addresses in texts. A line that is meant so says why: `# skew: allow time, the log of a run has a date in it`.

mod allow;
mod names;
mod rules;
#[cfg(test)]
mod tests;

use tree_sitter::{Node, Parser};

use crate::{
    matrix::{Place, Problem, Problems},
    report::{ObservationReport, Scenario as Measured},
    scenario::Scenario,
};
use allow::Allowances;
use names::Names;

/// What an answer may depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Random numbers without a seed.
    Random,
    /// The time of day, or how long something takes.
    Time,
    /// Where an object lies in memory.
    Address,
    /// Other machines.
    Network,
    /// The order of a set, or of the entries of a folder.
    Order,
    /// Something: repeats disagree.
    Flaky,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Random, Self::Time, Self::Address, Self::Network, Self::Order, Self::Flaky];

    /// The word in `# skew: allow WORD, why`.
    fn word(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Time => "time",
            Self::Address => "address",
            Self::Network => "network",
            Self::Order => "order",
            Self::Flaky => "flaky",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Random => "give it a seed, as in `default_rng(0)`; random, NumPy and TensorFlow are seeded before each scenario",
            Self::Time => "leave it out of what is observed; the report has the duration of every scenario",
            Self::Address => "observe the type, or what the object holds",
            Self::Network => "scenarios run without a network: write small data into the script",
            Self::Order => "sort it: `sorted(…)`",
            Self::Flaky => "observe what does not vary, or say on its line why it must: `# skew: allow flaky, …`",
        }
    }
}

/// Something that an answer may depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    kind: Kind,
    place: Place,
    length: usize,
    message: String,
}

/// Everything in a scenario that may make its answers differ without any change of a package, sorted by place. `measured` is
/// what the last run observed of it, if it was this source.
pub fn lint(scenario: &Scenario, measured: Option<&Measured>) -> Problems {
    let source = &scenario.source;
    let mut problems = Vec::new();
    let mut parser = Parser::new();
    let tree = match parser.set_language(&tree_sitter_python::LANGUAGE.into()) {
        Ok(()) => parser.parse(source, None),
        Err(_) => None,
    };
    let Some(tree) = tree else { return Problems::at(scenario.path.as_ref(), source, problems) };
    let mut allowances = Allowances::read(tree.root_node(), source);
    let names = Names::of(tree.root_node(), source);
    let mut findings = Vec::new();
    each(tree.root_node(), &mut |node| rules::look(node, source, &names, &mut findings));
    findings.extend(measured.iter().flat_map(|measured| &measured.observations).flat_map(seen));
    for finding in findings {
        if allowances.permit(finding.kind, finding.place.line) {
            continue;
        }
        let Finding { kind, place, length, message } = finding;
        problems.push(Problem { place, length, message, help: Some(kind.help().to_owned()) });
    }
    problems.extend(allowances.problems(measured.is_some()));
    Problems::at(scenario.path.as_ref(), source, problems)
}

/// Calls a function with a node and everything below it.
fn each<'t>(node: Node<'t>, see: &mut impl FnMut(Node<'t>)) {
    // A stack of its own: sources may be nested deeper than the program's.
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        see(node);
        let mut cursor = node.walk();
        left.extend(node.children(&mut cursor));
    }
}

/// The text of a node.
fn text<'s>(node: Node<'_>, source: &'s str) -> &'s str {
    source.get(node.byte_range()).unwrap_or_default()
}

/// Where a node begins, and how many characters of that line it takes.
fn extent(node: Node<'_>, source: &str) -> (Place, usize) {
    let start = node.start_position();
    let line = source.lines().nth(start.row).unwrap_or_default();
    let column = line.get(..start.column).map_or(0, |before| before.chars().count());
    let length = text(node, source).lines().next().unwrap_or_default().chars().count();
    (Place { line: start.row + 1, column: column + 1 }, length)
}

/// What a run has found out about an observation.
fn seen(observation: &ObservationReport) -> Vec<Finding> {
    let line = observation.line.and_then(|line| usize::try_from(line).ok()).unwrap_or(1);
    let finding = |kind, message| Finding { kind, place: Place { line, column: 1 }, length: usize::MAX, message };
    let mut found = Vec::new();
    let flaky = observation.flaky.iter().filter(|flaky| **flaky).count();
    if flaky > 0 {
        let cells = crate::report::text::count(flaky as u64, "cell");
        found.push(finding(Kind::Flaky, format!("`{}` comes out differently when it is repeated, in {cells}", observation.name)));
    }
    let address = observation.variants.iter().find_map(|variant| address(&variant.preview.to_string()));
    if let Some(address) = address {
        found.push(finding(Kind::Address, format!("`{}` has an address in its text: `{address}`", observation.name)));
    }
    found
}

/// The first address in a text, `0x7f3a5c0d1e20`: at least eight digits behind ` at `.
fn address(text: &str) -> Option<String> {
    text.match_indices(" at 0x").find_map(|(start, before)| {
        let digits: String = text[start + before.len()..].chars().take_while(char::is_ascii_hexdigit).collect();
        (digits.len() >= 8).then(|| format!("0x{digits}"))
    })
}
