//! `JUnit`: a suite for each cell, a case for each scenario.
//!
//! A difference from the baseline is a failure of type `changed`, `error` or `crash`, unless it is expected; then it is
//! skipped, like what cannot exist or was not asked for. Trouble of the harness is an error, because it says nothing about
//! the cell. What is different from an earlier run stands in a case's output and in a suite's properties.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::{
    Cell, Mark, Outcome, Results, Scenario, SinceChange, State, caption, changes,
    text::{self, visible},
};
use crate::{compare::Verdict, observation::Status};

/// Observations that a failure lists at most.
const LISTED: usize = 50;

/// Renders the report, suites in the order of cells.
pub fn render(results: &Results) -> String {
    let name = visible(&format!("skew {}", caption::title(results)));
    let mut report = Report::new(&name);
    let mut suites = String::new();
    let outcomes: Vec<_> = results.scenarios.iter().map(|scenario| results.outcomes_by_cell(scenario)).collect();
    for (index, cell) in results.cells.iter().enumerate() {
        let mut suite = TestSuite::new(visible(&cell.id));
        for (name, value) in properties(results, cell) {
            suite.add_property(Property::new(name, visible(&value)));
        }
        for (scenario, outcomes) in results.scenarios.iter().zip(&outcomes) {
            let outcome = outcomes[index];
            let mut case = TestCase::new(visible(&scenario.name), status(results, index, cell, scenario, outcome));
            case.set_classname(visible(&cell.id));
            if let Some(time) = outcome.and_then(|outcome| Duration::try_from_secs_f64(outcome.seconds).ok()) {
                case.set_time(time);
            }
            if let Some(news) = news(results, cell, scenario) {
                case.set_system_out(news);
            }
            suite.add_test_case(case);
        }
        // A suite as text takes a fifth of what it takes else, and a large matrix has many.
        let mut alone = Report::new(&name);
        alone.add_test_suite(suite);
        report.tests += alone.tests;
        report.failures += alone.failures;
        report.errors += alone.errors;
        report.skipped += alone.skipped;
        let text = written(&alone);
        suites.push_str(text.find("    <testsuite ").and_then(|start| text.get(start..text.rfind(END)?)).unwrap_or_default());
    }
    // The schema that Jenkins validates with has no such attribute on the root.
    let root = written(&report).replacen(&format!(" skipped=\"{}\"", report.skipped), "", 1);
    let (head, end) = root.split_at(root.rfind(END).unwrap_or(root.len()));
    suites.insert_str(0, head);
    suites + end
}

/// How a report ends.
const END: &str = "</testsuites>";

/// A report as text; writing into memory cannot fail.
fn written(report: &Report) -> String {
    report.to_string().unwrap_or_default()
}

/// What a scenario does differently than in an earlier run, a line each.
fn news(results: &Results, cell: &Cell, scenario: &Scenario) -> Option<String> {
    let since = results.since.as_ref()?;
    let line = |change: &SinceChange| visible(&format!("{}: {}: {}", since.when(), change.observation, change.line()));
    let lines: Vec<String> = since.of_scenario(&cell.id, &scenario.name).map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// What is known of a cell, and its pins.
fn properties(results: &Results, cell: &Cell) -> Vec<(String, String)> {
    let mut properties = vec![
        ("python".to_owned(), cell.python.clone()),
        ("state".to_owned(), cell.state.as_str().to_owned()),
        ("declared".to_owned(), cell.declared.to_string()),
        ("baseline".to_owned(), results.baseline.clone()),
    ];
    properties.extend(cell.class.iter().map(|class| ("class".to_owned(), class.clone())));
    properties.extend(cell.dependencies.iter().map(|date| ("dependencies".to_owned(), date.clone())));
    let news = results.since.as_ref().and_then(|since| Some((since.when(), since.of_cell(&cell.id)?)));
    properties.extend(news.map(|(when, news)| ("since".to_owned(), format!("{when}: {news}"))));
    properties.extend(cell.packages.iter().map(|(name, version)| (format!("package:{}", visible(name)), version.clone())));
    properties
}

fn status(results: &Results, index: usize, cell: &Cell, scenario: &Scenario, outcome: Option<&Outcome>) -> TestCaseStatus {
    let cause = changes::headline(cell).unwrap_or("not known");
    match (cell.state, outcome) {
        (State::Unavailable | State::Unresolvable | State::InstallFailed, _) => skipped(&format!("{}: {cause}", cell.state.as_str())),
        (State::NotRun, None) if cell.deselected => skipped("not selected"),
        (State::Infra | State::NotRun, None) => {
            trouble(&format!("{}: {cause}", cell.state.as_str()), &cell.hint.clone().unwrap_or_default())
        }
        (State::Ran | State::ImportFailed, None) => skipped("it did not run here"),
        (_, Some(Outcome { status: Status::NotApplicable, .. })) => skipped("not applicable: its `when` is false here"),
        (_, Some(Outcome { status: Status::Infra, cause, .. })) => {
            trouble("infra: the harness failed", cause.as_deref().unwrap_or("not known"))
        }
        (_, Some(outcome)) => judged(results, index, cell, scenario, outcome),
    }
}

/// How a scenario's observations compare: success, or a failure of the worst one's type where that is not expected.
fn judged(results: &Results, index: usize, cell: &Cell, scenario: &Scenario, outcome: &Outcome) -> TestCaseStatus {
    let differing: Vec<_> = scenario
        .observations
        .iter()
        .filter_map(|observation| Some((observation, observation.verdict(index).filter(|verdict| *verdict > Verdict::Warns)?)))
        .collect();
    let Some(worst) = differing.iter().map(|(_, verdict)| *verdict).max() else { return TestCaseStatus::success() };
    if let Some(expected) = &outcome.expected {
        return skipped(&format!("expected: {expected}"));
    }
    let import_failed = cell.state == State::ImportFailed && worst >= Verdict::Raises;
    let kind = match worst {
        _ if import_failed => "crash",
        Verdict::Same | Verdict::Close | Verdict::Warns | Verdict::Changed => "changed",
        Verdict::Returns | Verdict::Raises => "error",
        Verdict::Timeout | Verdict::Crash => "crash",
    };
    let silent = differing.iter().filter(|(observation, _)| observation.is_silent(index)).count();
    let what = text::count(differing.len() as u64, "observation");
    let verb = if differing.len() == 1 { "differs" } else { "differ" };
    let (silently, silent) = match silent {
        0 => ("", String::new()),
        all if all == differing.len() => (" silently", String::new()),
        some => ("", format!(", {some} of them silently")),
    };
    let mut message = format!("{what} {verb}{silently} from {}{silent}", results.baseline);
    if import_failed && let Some(cause) = changes::headline(cell) {
        message = format!("import fails: {cause}; {message}");
    }
    let mut lines: Vec<String> = differing
        .iter()
        .take(LISTED)
        .map(|(observation, verdict)| {
            let silent = if observation.is_silent(index) { " (silent)" } else { "" };
            let effect = changes::effect(results, scenario, observation, index);
            visible(&format!("{}{silent} {}: {effect}", Mark::from(*verdict).look().key, observation.name))
        })
        .collect();
    if differing.len() > LISTED {
        lines.push(format!("and {} more", differing.len() - LISTED));
    }
    lines.push(visible(&scenario.path));
    lines.push(visible(&format!("skew explain {} {}", cell.id, scenario.name)));
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(kind).set_message(visible(&message)).set_description(lines.join("\n"));
    status
}

fn skipped(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(visible(message));
    status
}

fn trouble(message: &str, description: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("infra").set_message(visible(message)).set_description(visible(description));
    status
}
