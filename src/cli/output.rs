//! Standard output, standard error and files: results on the one, words on the other.

use std::{
    fs,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use super::{Common, Format, When, github};
use crate::{
    error::Error,
    report::{self, Results, atom, badge, compact, csv, html, json, jsonl, junit, markdown, svg, terminal, text},
};

/// Columns of a label, `    Resolved`, and the space behind it.
const LABEL: usize = 13;

/// The two streams and what they can show.
#[derive(Clone, Debug)]
pub(super) struct Terminal {
    /// Colour on standard output.
    pub(super) color_out: bool,
    /// Colour on standard error.
    pub(super) color_err: bool,
    /// Only ASCII on standard output.
    pub(super) ascii: bool,
    /// Only ASCII on standard error.
    pub(super) ascii_err: bool,
    /// Say less, or more.
    pub(super) verbosity: i16,
    /// Columns of standard output, where they are given; else they are asked for when something is drawn, since windows change.
    width: Option<usize>,
    /// Progress may be drawn.
    pub(super) draws: bool,
    /// Where the report is published.
    url: Option<String>,
    /// The way from the root of the repository to the matrix.
    folder: String,
}

impl Terminal {
    /// As the options, the environment and the streams say.
    pub(super) fn new(common: &Common) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let color = |terminal: bool| match common.color {
            When::Always => true,
            When::Never => false,
            When::Auto => !set("NO_COLOR") && (set("CLICOLOR_FORCE") || (terminal && !dumb)),
        };
        let width = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
        let utf8 = || {
            let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
            locale.is_none_or(|locale| locale.to_lowercase().contains("utf"))
        };
        Self {
            color_out: color(io::stdout().is_terminal()),
            color_err: color(io::stderr().is_terminal()),
            // A terminal whose locale is not UTF-8 would show the symbols as noise; a pipe gets them all the same.
            ascii: common.ascii || (io::stdout().is_terminal() && !utf8()),
            ascii_err: common.ascii || (io::stderr().is_terminal() && !utf8()),
            verbosity: i16::from(common.verbose) - i16::from(common.quiet),
            width,
            draws: io::stderr().is_terminal() && !dumb && !set("CI"),
            url: common.url.clone(),
            folder: github::folder(common),
        }
    }

    /// Writes to standard output. A reader that went away (`skew report | head`) is not an error.
    pub(super) fn result(text: &str) -> Result<(), Error> {
        let mut stream = io::stdout().lock();
        match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
            Err(source) if source.kind() != io::ErrorKind::BrokenPipe => {
                Err(Error::File { action: "write", path: PathBuf::from("standard output"), source })
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Writes a line to standard error, unless asked to be quiet.
    pub(super) fn say(&self, line: &str) {
        if self.verbosity >= 0 {
            let line = if self.ascii_err { text::ascii(line) } else { line.to_owned() };
            let _ = writeln!(io::stderr().lock(), "{}", folded(&line, error_columns()));
        }
    }

    /// Writes text to standard error as it is.
    pub(super) fn note(text: &str) {
        let _ = write!(io::stderr().lock(), "{text}");
    }

    /// Writes a remark for those who asked for more.
    pub(super) fn detail(&self, line: &str) {
        if self.verbosity > 0 {
            self.say(line);
        }
    }

    /// Writes an error.
    pub(super) fn error(&self, message: &str, hint: Option<&str>) {
        let (red, cyan, end) = if self.color_err { ("\x1b[1;31m", "\x1b[1;36m", "\x1b[0m") } else { ("", "", "") };
        let mut stream = io::stderr().lock();
        let _ = writeln!(stream, "{red}error:{end} {message}");
        if let Some(hint) = hint {
            let _ = writeln!(stream, "{cyan}help:{end} {hint}");
        }
    }

    /// Writes whatever ended a command.
    pub(super) fn failure(&self, error: &Error) {
        match error.rendered(self.color_err) {
            Some(rendered) => {
                let _ = write!(io::stderr().lock(), "{rendered}");
            }
            None => self.error(&error.to_string(), error.hint().as_deref()),
        }
    }

    /// How terminal renderers are to draw.
    pub(super) fn style(&self) -> terminal::Style {
        terminal::Style {
            width: self.width.or_else(|| columns(io::stdout())).unwrap_or(100),
            color: self.color_out,
            ascii: self.ascii,
            collapse: true,
        }
    }

    /// Writes a report to its files.
    pub(super) fn write_files(&self, files: &[OutputFile], results: &Results) -> Result<(), Error> {
        let plain = Self { color_out: false, color_err: false, ascii: false, width: Some(120), ..self.clone() };
        for file in files {
            let text = match (file.format, file.path.is_file()) {
                (Format::Markdown, true) => Some(splice(&file.path, &markdown::render(results, plain.url.as_deref()))?),
                (Format::Markdown, false) => Some(markdown::document(&markdown::render(results, plain.url.as_deref()))),
                (Format::Github, _) => Some(report::github::summary(results, report::github::SUMMARY_BYTES, self.url.as_deref())),
                _ => None,
            };
            let written = replace(&file.path, |out| match text {
                Some(text) => out.write_all(text.as_bytes()),
                None => plain.write(results, file.format, out),
            });
            written.map_err(|source| Error::File { action: "write", path: file.path.clone(), source })?;
        }
        Ok(())
    }

    /// Writes a report to standard output. A reader that went away is not an error.
    pub(super) fn print(&self, results: &Results, format: Format) -> Result<(), Error> {
        let mut stream = io::stdout().lock();
        match self.write(results, format, &mut stream).and_then(|()| stream.flush()) {
            Err(source) if source.kind() != io::ErrorKind::BrokenPipe => {
                Err(Error::File { action: "write", path: PathBuf::from("standard output"), source })
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Writes a report. Those that have a part for every outcome are nowhere in memory as a whole.
    fn write(&self, results: &Results, format: Format, out: &mut dyn Write) -> io::Result<()> {
        let url = self.url.as_deref();
        let text = match format {
            Format::Json => return json::write(results, out),
            Format::Jsonl => return jsonl::write(results, out),
            Format::Csv => return csv::write(results, out),
            Format::Table => terminal::table(results, &self.style()),
            Format::Compact => compact::render(results),
            Format::Markdown => markdown::render(results, url),
            Format::Html => html::render(results, &html::Options::default()),
            Format::Junit => junit::render(results),
            Format::Github => report::github::annotations(results, &self.folder),
            Format::Issue => report::github::summary(results, report::github::ISSUE_BYTES, url),
            Format::Badge => badge::render(results),
            Format::Svg => svg::render(results),
            Format::Atom => atom::render(results, url),
            // Refused before anything starts.
            Format::Requirements | Format::GithubMatrix => return Ok(()),
        };
        out.write_all(text.as_bytes())
    }
}

/// Columns of the terminal that standard error goes to; `None` where it goes elsewhere.
pub(super) fn error_columns() -> Option<usize> {
    columns(io::stderr())
}

/// Columns of a terminal; `None` where a stream goes elsewhere.
fn columns(stream: impl rustix::fd::AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    Some(usize::from(size.ws_col)).filter(|&width| width > 0)
}

/// A line in the form `    Resolved …`, broken between words where a terminal would break it within them.
fn folded(line: &str, width: Option<usize>) -> String {
    let Some(width) = width.filter(|width| text::width(line) > *width && !line.contains('\n')) else { return line.to_owned() };
    let text = line.trim_start_matches(' ');
    let (indent, hang) = (line.len() - text.len(), if text.len() < line.len() { LABEL } else { 2 });
    let lines = text::wrap_hanging(text, width.saturating_sub(indent), width.saturating_sub(hang));
    format!("{}{}", " ".repeat(indent), lines.join(&format!("\n{}", " ".repeat(hang))))
}

/// A file to write a format to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OutputFile {
    pub(super) format: Format,
    pub(super) path: PathBuf,
}

/// Whether a page is among what is written or printed.
pub(super) fn has_page(files: &[OutputFile], common: &Common) -> bool {
    common.format == Some(Format::Html) || files.iter().any(|file| file.format == Format::Html)
}

/// Reads `FORMAT=PATH` options and makes sure that every file can be written, so that a typo fails in the first second.
pub(super) fn output_files(options: &[String]) -> Result<Vec<OutputFile>, Error> {
    options.iter().map(|option| output_file(option)).collect()
}

fn output_file(option: &str) -> Result<OutputFile, Error> {
    let usage = |message: String| Error::Usage { message, hint: Some("for example `-o markdown=README.md`".to_owned()) };
    let (name, path) = option.split_once('=').ok_or_else(|| usage(format!("`-o {option}` lacks a `=`")))?;
    let format = Format::from_str(name, true).map_err(|_| {
        let known: Vec<_> = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
        let names: Vec<&str> = known.iter().map(clap::builder::PossibleValue::get_name).collect();
        usage(format!("`{name}` is no format; there are {}", names.join(", ")))
    })?;
    if let Format::Requirements | Format::GithubMatrix = format {
        return Err(elsewhere(format, &format!("-o {option}")));
    }
    let path = PathBuf::from(path);
    let file = OutputFile { format, path };
    let failed = |source| Error::File { action: "write", path: file.path.clone(), source };
    if let Some(folder) = file.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    if is_stream(&file.path) {
        // Whoever reads it would take this for its end.
        return Ok(file);
    }
    let made = !file.path.exists();
    fs::OpenOptions::new().append(true).create(true).open(&file.path).map_err(failed)?;
    if made {
        // A run that fails leaves no empty file behind.
        fs::remove_file(target(&file.path)).map_err(failed)?;
    } else if format == Format::Markdown {
        splice(&file.path, "")?;
    }
    Ok(file)
}

/// Documents as YAML.
pub(super) fn yaml(documents: &[serde_json::Value]) -> Result<String, Error> {
    let refused =
        |error| Error::Usage { message: format!("this cannot be written as YAML: {error}"), hint: Some("`--format json`".to_owned()) };
    crate::report::yaml::documents(documents).map_err(refused)
}

/// A format was asked of a command that shows no results. `has` says which formats the command has.
pub(super) fn without_results(has: &str) -> Error {
    Error::Usage { message: has.to_owned(), hint: Some("the other formats show results: `skew report`".to_owned()) }
}

/// Formats that are of one command alone: requirements belong to one cell, which only `pins` chooses, and parts to a plan.
pub(super) fn elsewhere(format: Format, option: &str) -> Error {
    let (message, hint) = if format == Format::GithubMatrix {
        (format!("`{option}`: a report has no parts"), "`skew plan --shards 4 --format github-matrix` prints those of a plan")
    } else {
        let hint = "`skew pins --format requirements` prints those of the cell it recommends";
        (format!("`{option}`: a report has no requirements"), hint)
    };
    Error::Usage { message, hint: Some(hint.to_owned()) }
}

/// The file's text with the block between its markers replaced.
fn splice(path: &Path, block: &str) -> Result<String, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::File { action: "read", path: path.to_owned(), source })?;
    markdown::splice(&text, block)
        .map_err(|error| Error::Usage { message: format!("{}: {error}", path.display()), hint: Some(error.hint()) })
}

/// Puts what is written in the place of a file, at once, so that nobody ever reads half of it. Of a link it is the file that it leads
/// to; a stream is written into.
pub(super) fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if is_stream(path) {
        return write(&mut fs::OpenOptions::new().append(true).open(path)?);
    }
    let path = target(path);
    let partial = path.with_extension(format!("partial-{}", std::process::id()));
    let put = || {
        let mut out = fs::File::create(&partial)?;
        if let Ok(before) = fs::metadata(&path) {
            out.set_permissions(before.permissions())?;
        }
        write(&mut out)?;
        fs::rename(&partial, &path)
    };
    put().inspect_err(|_| drop(fs::remove_file(&partial)))
}

/// Whether a path is a pipe, a terminal or another device: something that is written into and not replaced.
fn is_stream(path: &Path) -> bool {
    path.starts_with("/dev") || fs::metadata(path).is_ok_and(|there| !there.is_file())
}

/// The file that a path leads to, whether it is there or not.
fn target(path: &Path) -> PathBuf {
    let beyond = || Some(path.parent()?.join(fs::read_link(path).ok()?));
    fs::canonicalize(path).ok().or_else(beyond).unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn a_line_is_broken_between_words_where_the_terminal_is_narrow() {
        let line = "    Resolved 9 cells: 9 can exist, 0 cannot";
        assert_eq!(folded(line, None), line);
        assert_eq!(folded(line, Some(80)), line);
        assert_eq!(folded(line, Some(36)), "    Resolved 9 cells: 9 can exist, 0\n             cannot");
        assert_eq!(folded("no label, and no room", Some(12)), "no label,\n  and no\n  room");
    }
}
