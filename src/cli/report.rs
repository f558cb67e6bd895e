//! `skew report`: render the last run again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Common, Format, expect, github, open, output, past};
use crate::{
    error::{EXIT_INCOMPLETE, EXIT_OK, Error},
    report::{Results, site},
    store::Store,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to render: a run by its id, `latest`, or the path of a results.json (or results.json.gz) that was published, which
    /// gives the table again, as markdown, svg, badge or json
    #[arg(default_value = "latest")]
    run: String,
    /// Write a static site into a folder: the report, results.json.gz, results.csv.gz, compat.svg, badge.json, feed.atom and a
    /// page for each release
    #[arg(long, value_name = "DIR", env = "SKEW_SITE")]
    site: Option<PathBuf>,
}

pub(super) fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let files = output::output_files(&common.output)?;
    if args.run != "latest" && open::is_file(&args.run) {
        if let Some(expression) = &common.select {
            let message = format!("`-k {expression}` selects from stored runs, and {} is a file", args.run);
            return Err(Error::Usage { message, hint: Some("leave one of them out".to_owned()) });
        }
        return published(args, common, terminal, &files);
    }
    let (store, judged_by) = open::existing(common)?;
    let expected = expect::read(&open::matrix(common)?)?;
    let id = named(&store, &args.run)?;
    let (mut results, previous) = match &common.select {
        Some(expression) => (open::part(&store, &id, expression, common, &judged_by, expected.as_ref())?, None),
        None => open::with_previous(&store, &id, common, &judged_by, expected.as_ref())?,
    };
    if common.select.is_none() && (args.site.is_some() || output::has_page(&files, common)) {
        results.past = past::past(&store, &results, common, &judged_by)?;
    }
    terminal.write_files(&files, &results)?;
    if let Some(folder) = &args.site {
        write_site(folder, &results, common.url.as_deref())?;
        terminal.say(&format!("      Report {}", folder.join("index.html").display()));
    }
    // Files were asked for: the terminal gets a table only if it was asked for too.
    if files.is_empty() && args.site.is_none() || common.format.is_some() {
        terminal.print(&results, common.format.unwrap_or(Format::Table))?;
    }
    let code = if super::run::incomplete(&results) { EXIT_INCOMPLETE } else { EXIT_OK };
    let report = args.site.as_ref().map(|folder| folder.join("index.html"));
    let before = previous.as_ref().map(|previous| previous.results(&results));
    let judge = expect::Judge { common, store: &store, judged_by: &judged_by, expected: expected.as_ref(), previous: before };
    github::publish(common, &results, || judge.new_ones(&results), code, report.as_deref())?;
    Ok(code)
}

/// Renders what was published.
fn published(args: &Args, common: &Common, terminal: &output::Terminal, files: &[output::OutputFile]) -> Result<u8, Error> {
    let asked = files.iter().map(|file| file.format).chain(common.format);
    let told = |format: &Format| matches!(format, Format::Markdown | Format::Svg | Format::Badge | Format::Json);
    if args.site.is_some() || !asked.clone().all(|format| told(&format)) {
        let message = format!("{} has only what its table and its summary say, not every value and difference", args.run);
        let hint = "it can be had as markdown, svg, badge or json; everything else is made of a stored run: `skew report`";
        return Err(Error::Usage { message, hint: Some(hint.to_owned()) });
    }
    let results = open::published(args.run.as_ref(), common)?;
    terminal.write_files(files, &results)?;
    if files.is_empty() || common.format.is_some() {
        terminal.print(&results, common.format.unwrap_or(Format::Markdown))?;
    }
    Ok(if super::run::incomplete(&results) { EXIT_INCOMPLETE } else { EXIT_OK })
}

/// The id of a stored run.
fn named(store: &Store, name: &str) -> Result<String, Error> {
    let newest = store.latest()?;
    if name == "latest" {
        return Ok(newest);
    }
    let ids = store.ids()?;
    if ids.iter().any(|id| id == name) {
        return Ok(name.to_owned());
    }
    let known: Vec<&str> = ["latest"].into_iter().chain(ids.iter().map(String::as_str)).collect();
    Err(Error::Usage { message: format!("`{name}` is no run and no file"), hint: super::select::nearest(name, &known) })
}

/// Writes every file of the site; files that are not part of it stay.
fn write_site(folder: &Path, results: &Results, url: Option<&str>) -> Result<(), Error> {
    let failed = |path: &Path, source| Error::File { action: "write", path: path.to_owned(), source };
    fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    for file in site::files(results, url) {
        let path = folder.join(&file.name);
        output::replace(&path, |out| out.write_all(file.content.as_ref())).map_err(|source| failed(&path, source))?;
    }
    Ok(())
}
