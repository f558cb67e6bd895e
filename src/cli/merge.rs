//! `skew merge`: the parts of a run, made on several machines, become one.

use std::path::PathBuf;

use super::{Common, Format, github, open, output, perform, run};
use crate::{
    error::{EXIT_DIFFERENT, EXIT_INCOMPLETE, EXIT_OK, Error},
    report::unexpected,
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
    let scenarios = scenario::collect(&matrix)?;
    let state = open::state(&matrix);
    let _lock = Store::lock(&state)?;
    let mut store = Store::create(&state)?;
    let id = perform::run_id();
    store.merge(&id, &args.folders)?;
    let judged_by = open::JudgedBy::new(&matrix, &scenarios);
    let (results, previous) = open::with_previous(&store, &id, common, &judged_by)?;
    output::Terminal::result(&terminal.render(&results, common.format.unwrap_or(Format::Table)))?;
    terminal.write_files(&files, &results)?;
    store.prune(matrix.keep_runs as usize)?;
    let code = match unexpected(&results, previous.as_ref(), common.fail_on) {
        _ if run::incomplete(&results) => EXIT_INCOMPLETE,
        0 => EXIT_OK,
        _ => EXIT_DIFFERENT,
    };
    github::publish(common, &results, previous.as_ref(), code, None)?;
    Ok(code)
}
