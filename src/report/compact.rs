//! One greppable line for each observation that differs: `CELL scenario::observation verdict aspects`.
//!
//! *same* and *close* are left out; cells that did not run have a line with `-` in place of the observation.

use super::{Results, State, changes, text::visible};
use crate::{compare::Verdict, report::Mark};

/// Renders the lines, in the order of cells.
pub fn render(results: &Results) -> String {
    let mut out = String::new();
    for (index, cell) in results.cells.iter().enumerate() {
        if cell.state != State::Ran {
            out.push_str(&line(&cell.id, "-", cell.state.as_str(), changes::headline(cell).unwrap_or_default()));
        }
        for scenario in &results.scenarios {
            for observation in &scenario.observations {
                let subject = format!("{}::{}", scenario.name, observation.name);
                if observation.is_flaky(index) {
                    out.push_str(&line(&cell.id, &subject, "flaky", ""));
                }
                let Some(verdict) = observation.verdict(index).filter(|verdict| *verdict > Verdict::Close) else { continue };
                let silent = if observation.is_silent(index) { "silent; " } else { "" };
                let effect = format!("{silent}{}", changes::effect(results, scenario, observation, index));
                out.push_str(&line(&cell.id, &subject, Mark::from(verdict).look().key, &effect));
            }
        }
    }
    out
}

fn line(cell: &str, subject: &str, verdict: &str, text: &str) -> String {
    format!("{}\n", visible(format!("{cell} {subject} {verdict} {text}").trim_end()))
}
