//! `skew history`: the runs that are kept, and when an observation changed.

use super::{Common, Format, open, output};
use crate::{
    analysis::diff,
    error::{EXIT_OK, Error},
    report::{self, history},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An observation: in which runs it changed, and in which cells
    #[arg(value_name = "SCENARIO::OBSERVATION")]
    observation: Option<String>,
}

pub(super) fn run(args: &Args, common: &Common) -> Result<u8, Error> {
    let (store, judged_by) = open::existing(common)?;
    let runs = store.runs()?;
    if runs.is_empty() {
        store.latest()?;
    }
    let Some(name) = &args.observation else {
        let text = match common.format {
            None | Some(Format::Table) => history::runs_text(&runs),
            Some(Format::Json) => format!("{:#}\n", history::runs_json(&runs)),
            Some(_) => return Err(output::without_results("history has the formats table and json")),
        };
        output::Terminal::result(&text)?;
        return Ok(EXIT_OK);
    };
    let Some((scenario, observation)) = name.split_once("::") else {
        let hint = Some(format!("write `{name}::OBSERVATION`; `skew explain CELL {name}` lists them"));
        return Err(Error::Usage { message: format!("`{name}` is no observation"), hint });
    };
    let mut chapters: Vec<history::Chapter> = Vec::new();
    let mut before = None;
    let mut known = Vec::new();
    for run in runs.iter().rev() {
        let Some(record) = store.load_scenario(&run.id, scenario)? else { continue };
        let results = match open::results(&record, common, &judged_by) {
            Ok(results) => results,
            // An older run may lack the cell that `--baseline` names.
            Err(Error::Usage { .. }) => continue,
            Err(error) => return Err(error),
        };
        known.extend(results.scenarios.iter().flat_map(|scenario| &scenario.observations).map(|seen| seen.name.clone()));
        let since =
            before.as_ref().map(|before| report::since(&diff::reports(before, &results, |name| judged_by.of(name)), before, &results));
        if let Some(chapter) = history::chapter(&results, since.as_ref(), observation) {
            chapters.push(chapter);
            before = Some(results);
        }
    }
    if chapters.is_empty() {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let hint = super::select::nearest(observation, &known);
        return Err(Error::Usage { message: format!("no kept run has `{name}`"), hint });
    }
    let text = match common.format {
        None | Some(Format::Table) => history::observation_text(name, &chapters),
        Some(Format::Json) => format!("{:#}\n", history::observation_json(name, &chapters)),
        Some(_) => return Err(output::without_results("history has the formats table and json")),
    };
    output::Terminal::result(&text)?;
    Ok(EXIT_OK)
}
