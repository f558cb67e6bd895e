//! The drill-down: everything known of a cell, of a scenario in it, or of one observation.

use super::{
    Page, Paint, Style,
    compared::Focus,
    compared::verdict_words,
    summary::{counts_text, rule},
};
use crate::{
    compare::Verdict,
    observation::{Fact, Raised},
    report::{Cell, Layout, Mark, ObservationReport, Outcome, Results, Rule, Scenario, State, changes, changes::urgency, text, values},
};

/// Why something cannot be explained.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// The report has no such cell.
    #[error("this report has no cell `{wanted}`")]
    Cell {
        /// What was asked for.
        wanted: String,
        /// The nearest id.
        similar: Option<String>,
    },
    /// The report has no such scenario.
    #[error("this report has no scenario `{wanted}`")]
    Scenario {
        /// What was asked for.
        wanted: String,
        /// The nearest name.
        similar: Option<String>,
    },
    /// No scenario, or not the one named, has such an observation.
    #[error("no observation `{wanted}` in {place}")]
    Observation {
        /// What was asked for.
        wanted: String,
        /// `promotion`, `this report`.
        place: String,
        /// The nearest name.
        similar: Option<String>,
    },
    /// Several scenarios have such an observation.
    #[error("several scenarios have an observation `{wanted}`: {}", .scenarios.join(", "))]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// Their names.
        scenarios: Vec<String>,
    },
}

impl ExplainError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        let (similar, otherwise) = match self {
            Self::Cell { similar, .. } => (similar, "`skew plan` lists the cells"),
            Self::Scenario { similar, .. } => (similar, "`skew plan` lists the scenarios"),
            Self::Observation { similar, .. } => (similar, "`skew explain CELL SCENARIO` lists its observations"),
            Self::Ambiguous { .. } => (&None, "name the scenario too"),
        };
        similar.as_ref().map_or_else(|| otherwise.to_owned(), |similar| format!("did you mean `{similar}`?"))
    }
}

/// Observations of a scenario that the view of a whole cell shows at most.
const PER_SCENARIO: usize = 5;
/// Packages, trace frames and output lines that are listed at most.
const LISTED: usize = 12;

/// Explains a cell, one scenario of it, or one observation. An observation without a scenario is looked up in all.
///
/// # Errors
/// When the report has no such cell, scenario or observation, or several scenarios have it.
pub fn explain(
    results: &Results,
    cell: &str,
    scenario: Option<&str>,
    observation: Option<&str>,
    style: &Style,
) -> Result<String, ExplainError> {
    let index = results.cells.iter().position(|known| known.id == cell).ok_or_else(|| ExplainError::Cell {
        wanted: cell.to_owned(),
        similar: similar(cell, results.cells.iter().map(|cell| cell.id.as_str())),
    })?;
    let scenario = scenario.map(|name| find_scenario(results, name)).transpose()?;
    let found = match (scenario, observation) {
        (Some(scenario), Some(name)) => Some((scenario, find_observation(scenario, name)?)),
        (None, Some(name)) => Some(find_anywhere(results, name)?),
        (_, None) => None,
    };
    let mut page = Page::new(style);
    let focus = Focus { results, layout: Layout::new(results), cell: index, baseline: results.baseline_index() };
    let shown = &results.cells[index];
    focus.headline(shown, &mut page);
    match (found, scenario) {
        (Some((scenario, observation)), _) => focus.observation(shown, scenario, observation, &mut page),
        (None, Some(scenario)) => focus.scenario(shown, scenario, &mut page),
        (None, None) => focus.cell(shown, &mut page),
    }
    focus.reproduce(shown, found.map(|(scenario, _)| scenario).or(scenario), &mut page);
    Ok(page.finish())
}

fn find_scenario<'a>(results: &'a Results, name: &str) -> Result<&'a Scenario, ExplainError> {
    results.scenarios.iter().find(|scenario| scenario.name == name).ok_or_else(|| ExplainError::Scenario {
        wanted: name.to_owned(),
        similar: similar(name, results.scenarios.iter().map(|scenario| scenario.name.as_str())),
    })
}

fn find_observation<'a>(scenario: &'a Scenario, name: &str) -> Result<&'a ObservationReport, ExplainError> {
    scenario.observations.iter().find(|observation| observation.name == name).ok_or_else(|| ExplainError::Observation {
        wanted: name.to_owned(),
        place: format!("scenario `{}`", scenario.name),
        similar: similar(name, scenario.observations.iter().map(|observation| observation.name.as_str())),
    })
}

fn find_anywhere<'a>(results: &'a Results, name: &str) -> Result<(&'a Scenario, &'a ObservationReport), ExplainError> {
    let all = || results.scenarios.iter().flat_map(|scenario| scenario.observations.iter().map(move |observation| (scenario, observation)));
    let matching: Vec<_> = all().filter(|(_, observation)| observation.name == name).collect();
    match matching.as_slice() {
        [one] => Ok(*one),
        [] => Err(ExplainError::Observation {
            wanted: name.to_owned(),
            place: "this report".to_owned(),
            similar: similar(name, all().map(|(_, observation)| observation.name.as_str())),
        }),
        several => Err(ExplainError::Ambiguous {
            wanted: name.to_owned(),
            scenarios: several.iter().map(|(scenario, _)| scenario.name.clone()).collect(),
        }),
    }
}

fn similar<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let scored = known.map(|name| (strsim::jaro_winkler(wanted, name), name));
    let best = scored.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)));
    best.map(|(_, name)| name.to_owned())
}

impl Focus<'_> {
    fn headline(&self, cell: &Cell, page: &mut Page<'_>) {
        let (mark, count) = Mark::of(cell);
        let number = if mark.look().counted { count.to_string() } else { String::new() };
        let sign = format!("   {}{number}", page.symbol(mark));
        let class = cell.class.as_ref().map_or(String::new(), |class| format!("  class {class}"));
        let star = if cell.id == self.results.baseline { "  ★ baseline" } else { "" };
        page.spans(0, &[(Paint::Bold, &cell.id), (Paint::Mark(mark), &sign), (Paint::Plain, &class), (Paint::Plain, star)]);
    }

    /// How to do again what is shown; of a whole cell its first scenario that differs.
    fn reproduce(&self, cell: &Cell, scenario: Option<&Scenario>, page: &mut Page<'_>) {
        let differing = || self.results.scenarios.iter().find(|scenario| !self.worst_first(scenario).is_empty());
        let Some(scenario) = scenario.or_else(differing).filter(|_| !cell.packages.is_empty()) else { return };
        page.blank();
        page.field(0, "Reproduce", &format!("skew repro {} {}", cell.id, scenario.name), 2);
    }

    fn cell(&self, cell: &Cell, page: &mut Page<'_>) {
        let mut state = vec![cell.state.as_str().to_owned(), format!("Python {}", cell.python)];
        state.extend(cell.dependencies.as_ref().map(|date| format!("dependencies as of {}", date.split('T').next().unwrap_or_default())));
        state.extend(cell.seconds.map(text::duration));
        page.field(2, "state", &state.join(", "), 2);
        if cell.declared {
            page.field(2, "declared", "metadata allows this combination", 1);
        } else {
            page.field(2, "declared", "metadata forbids this combination", 1);
            for conflict in &cell.conflicts {
                page.field(2, "", conflict, 2);
            }
        }
        if cell.state != State::Ran && cell.import_error.is_none() {
            page.field(2, "cause", cell.cause.as_deref().unwrap_or("not known"), 6);
        }
        if let Some(expected) = &cell.inferred {
            page.field(2, "expected", &format!("{expected}, by what the search knows of its neighbours"), 2);
        }
        if let Some(hint) = &cell.hint {
            page.field(2, "do", hint, 4);
        }
        if matches!(cell.state, State::Ran | State::ImportFailed) {
            page.field(2, "verdicts", &counts_text(cell), 2);
        }
        self.packages(cell, page);
        if let Some(error) = &cell.import_error {
            page.section("Import failure", "");
            if let Some(cause) = changes::headline(cell) {
                page.field(2, "cause", cause, 4);
            }
            raised(error, page);
        }
        let silent = |scenario: &Scenario| scenario.observations.iter().any(|observation| observation.is_silent(self.cell));
        let (silent, loud): (Vec<&Scenario>, Vec<&Scenario>) = self.results.scenarios.iter().partition(|scenario| silent(scenario));
        for scenario in silent.into_iter().chain(loud) {
            self.differing(cell, scenario, page);
        }
        let rules: Vec<&Rule> = self.results.rules.iter().filter(|rule| rule.cells.contains(&cell.id)).collect();
        rules_of("Rules that hold here", &rules, page);
    }

    /// Packages that differ from the baseline's.
    fn packages(&self, cell: &Cell, page: &mut Page<'_>) {
        let Some(baseline) = self.baseline.filter(|baseline| *baseline != self.cell).and_then(|baseline| self.results.cells.get(baseline))
        else {
            page.field(2, "packages", &text::count(cell.packages.len() as u64, "package"), 1);
            return;
        };
        if cell.packages.is_empty() {
            return;
        }
        let names: std::collections::BTreeSet<&String> = baseline.packages.keys().chain(cell.packages.keys()).collect();
        let changed: Vec<String> = names
            .into_iter()
            .filter_map(|name| match (baseline.packages.get(name), cell.packages.get(name)) {
                (Some(before), Some(after)) if before == after => None,
                (Some(before), Some(after)) => Some(format!("{name} {before} → {after}")),
                (Some(before), None) => Some(format!("{name} {before} → none")),
                (None, after) => Some(format!("{name} none → {}", after.map_or("none", String::as_str))),
            })
            .collect();
        if changed.is_empty() {
            page.field(2, "packages", "the same as the baseline's", 1);
            return;
        }
        page.field(2, "packages", &format!("{} of {} differ from the baseline's", changed.len(), cell.packages.len()), 1);
        for line in changed.iter().take(LISTED) {
            page.field(2, "", line, 1);
        }
        if changed.len() > LISTED {
            page.field(2, "", &format!("and {} more", changed.len() - LISTED), 1);
        }
    }

    fn outcome<'a>(cell: &Cell, scenario: &'a Scenario) -> Option<&'a Outcome> {
        scenario.outcomes.iter().find(|outcome| *outcome.cell == *cell.id)
    }

    fn scenario_heading(cell: &Cell, scenario: &Scenario, page: &mut Page<'_>) {
        let note = Self::outcome(cell, scenario)
            .map(|outcome| format!("{} after {}", outcome.status.as_str(), text::duration(outcome.seconds)))
            .unwrap_or_default();
        page.section(&scenario.name, &format!("{}  {note}", scenario.path));
    }

    /// Observations of a scenario that differ here: silent ones first, then the worst.
    fn worst_first<'a>(&self, scenario: &'a Scenario) -> Vec<&'a ObservationReport> {
        let rank = |observation: &ObservationReport| {
            observation
                .verdict(self.cell)
                .filter(|verdict| *verdict > Verdict::Close)
                .map(|verdict| urgency(verdict, observation.is_silent(self.cell)))
        };
        let mut differing: Vec<_> =
            scenario.observations.iter().filter_map(|observation| Some((rank(observation)?, observation))).collect();
        differing.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        differing.into_iter().map(|(_, observation)| observation).collect()
    }

    fn differing(&self, cell: &Cell, scenario: &Scenario, page: &mut Page<'_>) {
        let differing = self.worst_first(scenario);
        if differing.is_empty() {
            return;
        }
        Self::scenario_heading(cell, scenario, page);
        for observation in differing.iter().take(PER_SCENARIO) {
            self.compare(scenario, observation, page);
        }
        if differing.len() > PER_SCENARIO {
            let more = differing.len() - PER_SCENARIO;
            page.line(2, Paint::Dim, &format!("and {more} more: skew explain {} {}", cell.id, scenario.name));
        }
    }

    fn scenario(&self, cell: &Cell, scenario: &Scenario, page: &mut Page<'_>) {
        page.section(&scenario.name, &scenario.path);
        match Self::outcome(cell, scenario) {
            Some(outcome) => ending(outcome, page),
            None => page.field(2, "status", "it was not started in this cell", 1),
        }
        let differing = self.worst_first(scenario);
        for observation in &differing {
            page.blank();
            self.compare(scenario, observation, page);
        }
        let briefly = |page: &mut Page<'_>, label: &str, wanted: &dyn Fn(&ObservationReport) -> bool| {
            let names: Vec<_> = scenario.observations.iter().filter(|observation| wanted(observation)).map(|it| it.name.as_str()).collect();
            if !names.is_empty() {
                page.field(2, label, &names.join(", "), 6);
            }
        };
        page.blank();
        briefly(page, "close", &|it| it.verdict(self.cell) == Some(Verdict::Close));
        briefly(page, "same", &|it| it.verdict(self.cell) == Some(Verdict::Same));
        briefly(page, "flaky", &|it| it.is_flaky(self.cell));
        briefly(page, "no verdict", &|it| it.verdict(self.cell).is_none() && !it.is_flaky(self.cell));
    }

    fn observation(&self, cell: &Cell, scenario: &Scenario, observation: &ObservationReport, page: &mut Page<'_>) {
        Self::scenario_heading(cell, scenario, page);
        self.compare(scenario, observation, page);
        let index = observation.variant_index(self.cell);
        if let Some(Fact::Error(error)) = index.and_then(|index| observation.facts.get(index)) {
            page.section("Error here", "");
            raised(error, page);
        }
        let among: Vec<usize> = (0..self.results.cells.len()).filter(|cell| observation.variant(*cell).is_some()).collect();
        page.section("Variants", "distinct values and errors, and the cells that have them");
        for (index, variant) in observation.variants.iter().enumerate() {
            let cells: Vec<usize> = among.iter().copied().filter(|cell| observation.variant_index(*cell) == Some(index)).collect();
            let worst = cells.iter().filter_map(|cell| observation.verdict(*cell)).max();
            let mark = worst.map_or(Mark::Uncompared, Mark::from);
            let star = if self.baseline.is_some_and(|baseline| cells.contains(&baseline)) { "  ★" } else { "" };
            let here = if cells.contains(&self.cell) { "  (here)" } else { "" };
            let words = cells.first().map_or_else(
                || "not compared".to_owned(),
                |cell| {
                    if cells.contains(&self.cell) { verdict_words(observation, self.cell) } else { verdict_words(observation, *cell) }
                },
            );
            let symbol = text::pad(page.symbol(mark), 3);
            page.spans(
                2,
                &[
                    (Paint::Mark(mark), &symbol),
                    (Paint::Bold, &self.layout.words(&cells, &among)),
                    (Paint::Plain, star),
                    (Paint::Plain, here),
                    (Paint::Dim, &format!("  {words}")),
                ],
            );
            let separator = if variant.error.is_some() { ": " } else { "  " };
            let value = values::value_text(observation, index, &[]);
            page.paragraph(6, 2, Paint::Plain, &text::fit(&format!("{}{separator}{value}", values::type_text(variant)), 600, "…"));
        }
        self.warnings(observation, page);
        let name = format!("{}::{}", scenario.name, observation.name);
        let rules: Vec<&Rule> = self.results.rules.iter().filter(|rule| rule.observations.contains(&name)).collect();
        rules_of("Rules", &rules, page);
    }

    /// Each list of warnings with the cells that issue it.
    fn warnings(&self, observation: &ObservationReport, page: &mut Page<'_>) {
        if observation.warning_sets.iter().all(Vec::is_empty) {
            return;
        }
        let among: Vec<usize> = (0..observation.warnings.len()).filter(|cell| observation.warnings[*cell].is_some()).collect();
        page.section("Warnings", "");
        for (index, set) in observation.warning_sets.iter().enumerate() {
            let cells: Vec<usize> = among.iter().copied().filter(|cell| observation.warning_set(*cell) == Some(index)).collect();
            page.line(2, Paint::Bold, &self.layout.words(&cells, &among));
            if set.is_empty() {
                page.line(6, Paint::Dim, "none");
            }
            for warning in set {
                page.paragraph(6, 2, Paint::Plain, &format!("{} ({}): {}", warning.category, warning.origin, warning.message));
            }
        }
    }
}

fn rules_of(title: &str, rules: &[&Rule], page: &mut Page<'_>) {
    if rules.is_empty() {
        return;
    }
    page.section(title, "each change, and where it holds");
    for one in rules.iter().take(LISTED) {
        rule(one, page);
    }
    if rules.len() > LISTED {
        page.line(2, Paint::Dim, &format!("and {} more", rules.len() - LISTED));
    }
}

/// An error: exception, place, folded traceback.
fn raised(error: &Raised, page: &mut Page<'_>) {
    page.field(2, "exception", &format!("{}: {}", error.type_name, error.message), 6);
    if let (Some(line), Some(source)) = (error.line, &error.source) {
        page.field(2, "line", &format!("{line}: {}", source.trim()), 1);
    }
    folded("traceback", &error.traceback, page);
}

/// The last lines of a list; a line says how many stand above.
fn folded(label: &str, lines: &[String], page: &mut Page<'_>) {
    let lines: Vec<&str> = lines.iter().flat_map(|line| line.lines()).filter(|line| !line.trim().is_empty()).collect();
    let hidden = lines.len().saturating_sub(LISTED);
    let mut label = label;
    if hidden > 0 {
        page.entry(2, label, &format!("… {} above", text::count(hidden as u64, "line")));
        label = "";
    }
    for line in &lines[hidden..] {
        page.entry(2, label, line);
        label = "";
    }
}

/// How a scenario ended.
fn ending(outcome: &Outcome, page: &mut Page<'_>) {
    let mut parts = vec![outcome.status.as_str().to_owned(), format!("after {}", text::duration(outcome.seconds))];
    parts.extend(outcome.max_rss.map(|bytes| format!("{} MiB at most", text::grouped(bytes >> 20))));
    let whole = outcome.ending.as_deref();
    parts.extend(whole.and_then(|ending| ending.signal.clone()));
    parts.extend(whole.and_then(|ending| ending.exit_code).map(|code| format!("exit code {code}")));
    if whole.is_some_and(|ending| ending.fork_only) {
        parts.push("died in a fork only; this is the fresh process".to_owned());
    }
    page.field(2, "status", &parts.join(", "), 2);
    if let Some(cause) = &outcome.cause {
        page.field(2, "cause", cause, 4);
    }
    if let Some(ending) = whole {
        folded("trace", &ending.trace, page);
        folded("stdout", &ending.stdout.lines().map(str::to_owned).collect::<Vec<_>>(), page);
        folded("stderr", &ending.stderr.lines().map(str::to_owned).collect::<Vec<_>>(), page);
    }
}
