//! `skew clean`: remove what dead runs left behind.

use super::{Common, open, output};
use crate::{
    engine,
    error::{EXIT_OK, Error},
    matrix::EngineChoice,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Remove the cache too: uv's downloads, packages, environments
    #[arg(long)]
    cache: bool,
}

pub(super) async fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let choice = common.engine.map_or(EngineChoice::Auto, Into::into);
    // Cleaning needs no matrix, so that it works anywhere.
    let (docker, kubernetes) = open::matrix(common).map(|matrix| (matrix.docker, matrix.kubernetes)).unwrap_or_default();
    let mut removed = 0;
    for engine in engine::cleaners(choice, &docker, &kubernetes, &open::cache()?).await? {
        for line in engine.clean(args.cache).await? {
            output::Terminal::result(&format!("{line}\n"))?;
            removed += 1;
        }
    }
    if removed == 0 {
        terminal.say("nothing was left behind");
    }
    Ok(EXIT_OK)
}
