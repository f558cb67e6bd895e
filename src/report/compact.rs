//! One greppable line for each observation that differs: `CELL scenario::observation verdict aspects`.
//!
//! What is different from an earlier run comes first, under a line that begins with `#`. *same* and *close* are left out; cells that did not run have a line with
//! `-` in place of the observation, and where an import fails it stands for all that this breaks.

use super::{Results, Since, State, changes, text::visible};
use crate::{compare::Verdict, report::Mark};

/// Renders the lines, in the order of cells.
pub fn render(results: &Results) -> String {
    let mut out = results.since.as_ref().map_or_else(String::new, |earlier| since(earlier, &earlier.when()));
    for (index, cell) in results.cells.iter().enumerate() {
        if cell.state != State::Ran {
            let expected = cell.inferred.as_ref().map(|expected| format!("expected {expected}"));
            let text = expected.as_deref().or_else(|| changes::headline(cell)).unwrap_or_default();
            out.push_str(&line(&cell.id, "-", cell.state.as_str(), text));
        }
        for scenario in &results.scenarios {
            for observation in &scenario.observations {
                let subject = format!("{}::{}", scenario.name, observation.name);
                if observation.is_flaky(index) {
                    out.push_str(&line(&cell.id, &subject, "flaky", ""));
                }
                let told = |verdict: &Verdict| *verdict > Verdict::Close && !changes::is_of_import(results, observation, index, *verdict);
                let Some(verdict) = observation.verdict(index).filter(told) else { continue };
                let silent = if observation.is_silent(index) { "silent; " } else { "" };
                let effect = format!("{silent}{}", changes::effect(results, scenario, observation, index));
                out.push_str(&line(&cell.id, &subject, Mark::from(verdict).look().key, &effect));
            }
        }
    }
    out
}

/// What is different from an earlier run: a comment, then lines whose third word begins with `since:`.
pub(super) fn since(since: &Since, when: &str) -> String {
    let mut out = format!("# {}\n", visible(&since.headline(when)));
    for change in &since.states {
        out.push_str(&line(&change.cell, "-", &format!("since:{}", change.to.as_str()), &format!("was {}", change.from.as_str())));
    }
    for change in &since.changes {
        let subject = format!("{}::{}", change.scenario, change.observation);
        let verdict = format!("since:{}", Mark::from(change.verdict).look().key);
        let text = format!("{}{}", if change.silent { "silent; " } else { "" }, change.line());
        for cell in &change.cells {
            out.push_str(&line(cell, &subject, &verdict, &text));
        }
    }
    for (word, cells) in [("new", &since.new_cells), ("gone", &since.gone_cells)] {
        for cell in cells {
            out.push_str(&line(cell, "-", &format!("since:{word}"), ""));
        }
    }
    for (word, names) in [("added", &since.added), ("removed", &since.removed)] {
        for name in names {
            out.push_str(&line("-", name, &format!("since:{word}"), ""));
        }
    }
    out
}

fn line(cell: &str, subject: &str, verdict: &str, text: &str) -> String {
    format!("{}\n", visible(format!("{cell} {subject} {verdict} {text}").trim_end()))
}
