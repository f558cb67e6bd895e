//! `skew check`: whether what is published still holds; starts nothing.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Common, open, output};
use crate::{
    error::{EXIT_OK, EXIT_STALE, Error},
    report::{Results, markdown, text},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Markdown files whose table must match the stored results (repeatable)
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    stale: Vec<PathBuf>,
}

pub(super) fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let results = open::latest(common)?;
    let mut code = EXIT_OK;
    for path in &args.stale {
        match difference(path, &results, common.url.as_deref())? {
            None => terminal.say(&format!("{} matches run {}", path.display(), results.run.id)),
            Some(difference) => {
                let message = format!("{} no longer matches run {}: {difference}", path.display(), results.run.id);
                terminal.error(&message, Some(&format!("`skew report -o markdown={}` writes the table anew", path.display())));
                code = EXIT_STALE;
            }
        }
    }
    Ok(code)
}

/// The first line that is not as it should be. What changed since the run before, and the day of the run, may be of
/// another run: the same table makes them no less true.
fn difference(path: &Path, results: &Results, url: Option<&str>) -> Result<Option<String>, Error> {
    let file = fs::read_to_string(path).map_err(|source| Error::File { action: "read", path: path.to_owned(), source })?;
    let published = markdown::block(&file)
        .map_err(|error| Error::Usage { message: format!("{}: {error}", path.display()), hint: Some(error.hint()) })?;
    let mut results = results.clone();
    if let Some(date) = markdown::date_of(published) {
        date.clone_into(&mut results.run.started);
    }
    let fresh = markdown::render(&results, url);
    let (published, fresh) = (markdown::lasting(published), markdown::lasting(&fresh));
    let shown =
        |line: Option<&&str>| line.map_or_else(|| "nothing".to_owned(), |line| format!("`{}`", text::fit(&text::visible(line), 160, "…")));
    let mut places = 0..published.len().max(fresh.len());
    let differs = places.find(|&place| published.get(place) != fresh.get(place));
    Ok(differs.map(|place| format!("it has {} where there should be {}", shown(published.get(place)), shown(fresh.get(place)))))
}
