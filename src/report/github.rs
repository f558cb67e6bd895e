//! What a GitHub workflow shows: the step summary, annotations beside the scenarios, and outputs for later steps.

use std::fmt::Write as _;

use super::{
    Cell, Layout, Mark, Results, Scenario, State, caption, changes,
    markdown::{self, escape},
    text,
};
use crate::compare::Verdict;

/// Bytes of a step summary at most: at 1,024 KiB the whole upload is refused.
pub const SUMMARY_BYTES: usize = 900 << 10;
/// Bytes of the text of an issue at most: it takes 65,536 characters, of which some are for what is written around it.
pub const ISSUE_BYTES: usize = 50_000;
/// Entries of a list in the summary at most.
const LISTED: usize = 50;
/// Annotations of a level before the one that counts the rest; the runner drops all beyond ten.
const ANNOTATIONS: usize = 9;

/// Renders the step summary: totals, changes since the earlier run, grid, failures. Sections that no longer fit into
/// `limit` bytes are left out whole, and the summary says so.
pub fn summary(results: &Results, limit: usize, details: Option<&str>) -> String {
    let layout = Layout::new(results);
    let incomplete = if results.run.complete { "" } else { "\n> **Incomplete**: some cells have no answer yet.\n" };
    let head = format!("## {}\n{incomplete}\n{}.\n", escape(&caption::title(results)), escape(&caption::tally_words(results)));
    let sections = [
        ("the changes since the earlier run", since(results)),
        ("the table", format!("\n{}{}", markdown::tables(results), markdown::facts(results, details))),
        ("what changed where", markdown::what_changed(results)),
        ("the differences from the baseline", differences(results, &layout)),
        ("what has no answer or cannot be installed", troubles(results, &layout)),
    ];
    let mut out = head;
    let mut left_out = Vec::new();
    // Room for the sentence that names what is left out.
    let limit = limit.saturating_sub(400);
    for (name, section) in sections {
        if out.len() + section.len() <= limit {
            out.push_str(&section);
        } else {
            left_out.push(name);
        }
    }
    if !left_out.is_empty() {
        let _ = writeln!(out, "\nToo long for a summary: {}. The report has all of it.", left_out.join(", "));
    }
    out
}

fn since(results: &Results) -> String {
    let Some(earlier) = &results.since else { return String::new() };
    let mut out = "\n".to_owned();
    markdown::since(earlier, &earlier.when(), LISTED, &mut out);
    out.truncate(out.trim_end().len());
    out + "\n"
}

fn differences(results: &Results, layout: &Layout) -> String {
    let all: Vec<usize> = (0..results.cells.len()).collect();
    let mut items: Vec<String> = changes::failures(results)
        .iter()
        .map(|group| {
            let cause = group.cause.unwrap_or("not known");
            format!(
                "{} **import fails** in {}: {}",
                Mark::ImportFailed.look().emoji,
                escape(&layout.words(&group.cells, &all)),
                escape(cause)
            )
        })
        .collect();
    items.extend(changes::changes(results).iter().map(|change| {
        let silent = if change.silent { "silently " } else { "" };
        let example = change.example.as_ref().map(|example| format!(": {}", escape(example))).unwrap_or_default();
        let first = change.observations.first().copied().unwrap_or_default();
        let more = if change.observations.len() > 1 { format!(" and {} more", change.observations.len() - 1) } else { String::new() };
        let look = Mark::from(change.verdict).look();
        format!(
            "{} {}{more} {silent}**{}** in {}: {}{example}",
            look.emoji,
            subject(change.scenario, first),
            look.key,
            escape(&layout.words(&change.cells, &change.among)),
            escape(&text::fit(&change.effect, 300, "…")),
        )
    }));
    if items.is_empty() {
        return String::new();
    }
    format!("\n### Differences from the baseline\n\n{}", list(&items))
}

fn troubles(results: &Results, layout: &Layout) -> String {
    let all: Vec<usize> = (0..results.cells.len()).collect();
    let states = [State::Infra, State::NotRun, State::Unresolvable, State::InstallFailed, State::Unavailable];
    let items: Vec<String> = changes::grouped(results, &states)
        .iter()
        .map(|group| {
            let cause = group.cause.unwrap_or("not known");
            format!("**{}**: {}: {}", group.state.as_str(), escape(&layout.words(&group.cells, &all)), escape(cause))
        })
        .collect();
    if items.is_empty() { String::new() } else { format!("\n### Without a result\n\n{}", list(&items)) }
}

fn subject(scenario: &str, observation: &str) -> String {
    format!("{}::{}", escape(scenario), escape(observation))
}

fn list(items: &[String]) -> String {
    let mut out = String::new();
    for item in items.iter().take(LISTED) {
        let _ = writeln!(out, "- {item}");
    }
    if items.len() > LISTED {
        let _ = writeln!(out, "- and {} more in the report", text::grouped((items.len() - LISTED) as u64));
    }
    out
}

/// How loud an annotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

/// One annotation.
struct Annotation {
    level: Level,
    /// File and line.
    place: Option<(String, Option<u32>)>,
    title: String,
    message: String,
}

/// Renders workflow commands: one for each group of changes (a scenario in the cells of a class), one for all failed
/// imports, at most ten of a level. What the earlier run showed as well is a notice. `folder` leads from the root of
/// the repository to the matrix.
pub fn annotations(results: &Results, folder: &str) -> String {
    let layout = Layout::new(results);
    let members: Vec<Vec<usize>> = results.classes.iter().map(|class| results.members(class)).collect();
    let mut found: Vec<Annotation> = imports(results, &layout).into_iter().collect();
    for scenario in &results.scenarios {
        for (class, members) in results.classes.iter().zip(&members) {
            found.extend(group(results, &layout, scenario, &class.letter, members, folder));
        }
    }
    let mut out = String::new();
    for (level, command) in [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Notice, "notice")] {
        let of_level: Vec<&Annotation> = found.iter().filter(|annotation| annotation.level == level).collect();
        for annotation in of_level.iter().take(ANNOTATIONS) {
            let mut properties = Vec::new();
            if let Some((file, line)) = &annotation.place {
                properties.push(format!("file={}", property(file)));
                properties.extend(line.map(|line| format!("line={line}")));
            }
            properties.push(format!("title={}", property(&annotation.title)));
            let _ = writeln!(out, "::{command} {}::{}", properties.join(","), data(&annotation.message));
        }
        if of_level.len() > ANNOTATIONS {
            let _ = writeln!(out, "::{command} title=skew::and {} more in the report", of_level.len() - ANNOTATIONS);
        }
    }
    out
}

/// The failed imports: they have no line to stand beside, so they share one annotation.
fn imports(results: &Results, layout: &Layout) -> Option<Annotation> {
    let groups = changes::failures(results);
    let first = groups.first()?;
    let cells: Vec<usize> = (0..results.cells.len()).filter(|cell| results.cells[*cell].state == State::ImportFailed).collect();
    let entered = |cell: &usize| {
        results.since.as_ref().is_none_or(|since| {
            let id = &results.cells[*cell].id;
            since.new_cells.contains(id) || since.states.iter().any(|state| state.cell == *id)
        })
    };
    let others = if groups.len() > 1 { format!("; {}", text::count(groups.len() as u64 - 1, "other cause")) } else { String::new() };
    Some(Annotation {
        level: if cells.iter().any(entered) { Level::Error } else { Level::Notice },
        place: None,
        title: format!("imports fail in {}", text::count(cells.len() as u64, "cell")),
        message: format!("{}: {}{others}", layout.words(&first.cells, &cells), first.cause.unwrap_or("not known")),
    })
}

/// What one scenario changes in the cells of a class.
fn group(results: &Results, layout: &Layout, scenario: &Scenario, letter: &str, members: &[usize], folder: &str) -> Option<Annotation> {
    let mut worst: Option<(Verdict, usize, usize)> = None;
    let mut differing = 0;
    let mut new = results.since.is_none();
    for (number, observation) in scenario.observations.iter().enumerate() {
        let judged = members.iter().filter_map(|cell| Some((observation.verdict(*cell)?, *cell)));
        let Some((verdict, cell)) = judged.filter(|(verdict, _)| *verdict > Verdict::Warns).max_by_key(|(verdict, _)| *verdict) else {
            continue;
        };
        differing += 1;
        new |= results.since.as_ref().is_some_and(|since| {
            let here = |id: &String| members.iter().any(|cell| results.cells[*cell].id == *id);
            since
                .changes
                .iter()
                .any(|change| change.scenario == scenario.name && change.observation == observation.name && change.cells.iter().any(here))
        });
        if worst.is_none_or(|(known, ..)| verdict > known) {
            worst = Some((verdict, number, cell));
        }
    }
    let (verdict, number, cell) = worst?;
    let observation = scenario.observations.get(number)?;
    let level = match verdict {
        _ if !new => Level::Notice,
        Verdict::Same | Verdict::Close | Verdict::Warns | Verdict::Changed | Verdict::Returns => Level::Warning,
        Verdict::Raises | Verdict::Timeout | Verdict::Crash => Level::Error,
    };
    let line = observation.variant(cell).and_then(|variant| variant.error.as_ref()?.line).or(observation.line);
    let effect = text::fit(&changes::effect(results, scenario, observation, cell), 500, "…");
    let all: Vec<usize> = (0..results.cells.len()).filter(|cell| results.cells[*cell].class.is_some()).collect();
    let others = if differing > 1 { format!("; {} of this scenario differ", text::count(differing, "observation")) } else { String::new() };
    Some(Annotation {
        level,
        place: Some((format!("{folder}{}", scenario.path), line)),
        title: format!("{}, class {letter}: {}", scenario.name, layout.words(members, &all)),
        message: format!("{} {}: {effect}{others} (baseline {})", observation.name, Mark::from(verdict).look().key, results.baseline),
    })
}

/// Text of a workflow command.
fn data(raw: &str) -> String {
    text::visible(raw).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value in a workflow command.
fn property(raw: &str) -> String {
    data(raw).replace(':', "%3A").replace(',', "%2C")
}

/// Lines for `GITHUB_OUTPUT`: how the command ended, how many cells show a change or worse, how many differences are `new`,
/// and where the report is.
pub fn outputs(results: &Results, status: &str, new: usize, report: Option<&str>) -> String {
    let changed = |cell: &&Cell| !matches!(cell.state, State::NotRun | State::Infra) && Mark::of(cell).0 >= Mark::Changed;
    let changed = results.cells.iter().filter(changed).count();
    let report = text::visible(report.unwrap_or_default());
    format!("status={status}\nchanged={changed}\nnew_failures={new}\nreport={report}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_end_a_workflow_command_or_begin_another() {
        assert_eq!(data("100%\n::error::x"), "100%25\\n::error::x");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }
}
