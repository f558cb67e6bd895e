//! `skew merge`: the parts of a run, made on several machines, become one.

use std::path::PathBuf;

use super::{Common, Format, expect, github, open, output, past, perform, run};
use crate::{
    error::{EXIT_DIFFERENT, EXIT_INCOMPLETE, EXIT_OK, Error},
    scenario,
    store::Store,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folders of the parts: each is, or has, a `.skew` folder in which `run --shard` stored its results
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
}

pub(super) fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let files = output::output_files(&common.output)?;
    let matrix = open::matrix(common)?;
    let expected = expect::read(&matrix)?;
    let scenarios = scenario::collect(&matrix)?;
    let state = open::state(&matrix);
    let _lock = Store::lock(&state)?;
    let mut store = Store::create(&state)?;
    let id = perform::run_id();
    store.merge(&id, &args.folders)?;
    let judged_by = open::JudgedBy::new(&matrix, &scenarios);
    let (mut results, previous) = open::with_previous(&store, &id, common, &judged_by, expected.as_ref())?;
    if output::has_page(&files, common) {
        results.past = past::past(&store, &results, common, &judged_by)?;
    }
    terminal.print(&results, common.format.unwrap_or(Format::Table))?;
    terminal.write_files(&files, &results)?;
    store.prune(matrix.keep_runs as usize)?;
    let before = previous.as_ref().map(|previous| previous.results(&results));
    let judge = expect::Judge { common, store: &store, judged_by: &judged_by, expected: expected.as_ref(), previous: before };
    let code = match run::incomplete(&results) {
        true => EXIT_INCOMPLETE,
        false if judge.minded(&results)? == 0 => EXIT_OK,
        false => EXIT_DIFFERENT,
    };
    github::publish(common, &results, || judge.new_ones(&results), code, None)?;
    Ok(code)
}
