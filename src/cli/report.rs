//! `skew report`: render the last run again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Common, Format, expect, github, open, output, past};
use crate::{
    error::{EXIT_INCOMPLETE, EXIT_OK, Error},
    report::{Results, site},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write a static site into a folder: the report, results.json, results.csv, compat.svg, badge.json, feed.atom and a
    /// page for each release
    #[arg(long, value_name = "DIR", env = "SKEW_SITE")]
    site: Option<PathBuf>,
}

pub(super) fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let files = output::output_files(&common.output)?;
    let (store, judged_by) = open::existing(common)?;
    let expected = expect::read(&open::matrix(common)?)?;
    let (mut results, previous) = open::with_previous(&store, &store.latest()?, common, &judged_by, expected.as_ref())?;
    if args.site.is_some() || output::has_page(&files, common) {
        results.past = past::past(&store, &results, common, &judged_by)?;
    }
    terminal.write_files(&files, &results)?;
    if let Some(folder) = &args.site {
        write_site(folder, &results, common.url.as_deref())?;
        terminal.say(&format!("      Report {}", folder.join("index.html").display()));
    }
    // Files were asked for: the terminal gets a table only if it was asked for too.
    if files.is_empty() && args.site.is_none() || common.format.is_some() {
        output::Terminal::result(&terminal.render(&results, common.format.unwrap_or(Format::Table)))?;
    }
    let code = if super::run::incomplete(&results) { EXIT_INCOMPLETE } else { EXIT_OK };
    let report = args.site.as_ref().map(|folder| folder.join("index.html"));
    let judge = expect::Judge { common, store: &store, judged_by: &judged_by, expected: expected.as_ref(), previous: previous.as_ref() };
    github::publish(common, &results, || judge.new_ones(&results), code, report.as_deref())?;
    Ok(code)
}

/// Writes every file of the site; files that are not part of it stay.
fn write_site(folder: &Path, results: &Results, url: Option<&str>) -> Result<(), Error> {
    let failed = |path: &Path, source| Error::File { action: "write", path: path.to_owned(), source };
    fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    for file in site::files(results, url) {
        let path = folder.join(&file.name);
        output::replace(&path, &file.content).map_err(|source| failed(&path, source))?;
    }
    Ok(())
}
