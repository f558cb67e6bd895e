//! `skew explain`: the drill-down.

use super::{Common, open, output};
use crate::{
    error::{EXIT_OK, Error},
    report::terminal,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Id of the cell, as `numpy-2.0.2+tensorflow-2.18.1`
    cell: String,
    /// A scenario, or `SCENARIO::OBSERVATION`
    #[arg(value_name = "SCENARIO[::OBSERVATION]")]
    what: Option<String>,
}

pub(super) fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let results = open::latest(common)?;
    let what = args.what.as_deref();
    let (scenario, observation) = match what.and_then(|what| what.split_once("::")) {
        Some((scenario, observation)) => (Some(scenario), Some(observation)),
        None => (what, None),
    };
    output::Terminal::result(&terminal::explain(&results, &args.cell, scenario, observation, &terminal.style())?)?;
    Ok(EXIT_OK)
}
