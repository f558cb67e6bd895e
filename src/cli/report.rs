//! `skew report`: render the last run again.

use super::{Common, Format, open, output};
use crate::error::{EXIT_INCOMPLETE, EXIT_OK, Error};

pub(super) fn run(common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let files = output::output_files(&common.output)?;
    let (store, judged_by) = open::existing(common)?;
    let (results, _) = open::with_previous(&store, &store.latest()?, common, &judged_by)?;
    output::write_files(&files, &results)?;
    // Files were asked for: the terminal gets a table only if it was asked for too.
    if files.is_empty() || common.format.is_some() {
        output::Terminal::result(&terminal.render(&results, common.format.unwrap_or(Format::Table)))?;
    }
    Ok(if super::run::incomplete(&results) { EXIT_INCOMPLETE } else { EXIT_OK })
}
