//! Problems of a file, shown the way compilers show them.

use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::Place;

/// Mistakes that are told of one file: more than anyone reads, and each is shown with its line, however long that is.
pub(super) const MOST_PROBLEMS: usize = 100;

/// One mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where its text begins.
    pub place: Place,
    /// How many characters of that line are underlined; at least one is.
    pub length: usize,
    /// What is wrong, with the offending text in backticks.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// All problems of one file, sorted by place.
#[derive(Clone, Debug)]
pub struct Problems {
    path: PathBuf,
    source: String,
    list: Vec<Problem>,
    more: bool,
}

impl Problems {
    /// Problems of the file `path` whose text is `source`. They are sorted by place; a problem that is there twice
    /// (YAML aliases repeat what they stand for) counts once, and of very many the first are kept.
    pub fn at(path: &Path, source: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        let more = problems.len() > MOST_PROBLEMS;
        problems.truncate(MOST_PROBLEMS);
        Self { path: path.to_owned(), source: source.to_owned(), list: problems, more }
    }

    /// The problems, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// All of them as text for a terminal, ending in a line break: message, place, the line with the text underlined,
    /// help; an empty line between two.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let path = self.path.display().to_string();
        let mut lines = self.source.lines().enumerate();
        let mut current = None;
        let mut shown = Vec::new();
        for problem in &self.list {
            // The list is sorted, so one pass over the lines serves all problems.
            while current.is_none_or(|(index, _)| index + 1 < problem.place.line) {
                match lines.next() {
                    Some(line) => current = Some(line),
                    None => break,
                }
            }
            let text = current.filter(|(index, _)| index + 1 == problem.place.line).map_or("", |(_, text)| text);
            let annotation = AnnotationKind::Primary.span(underlined(text, problem));
            let snippet = Snippet::source(text).line_start(problem.place.line).path(path.as_str()).annotation(annotation);
            let title = Level::ERROR.primary_title(format!("{path}: {}", problem.message));
            let mut text = renderer.render(&[title.element(snippet)]);
            text.push('\n');
            if let Some(help) = &problem.help {
                text.push_str(&renderer.render(&[Group::with_title(Level::HELP.primary_title(help.as_str()))]));
                text.push('\n');
            }
            shown.push(text);
        }
        if self.more {
            shown.push(format!("{path}: there are more; these are the first {MOST_PROBLEMS} that were found\n"));
        }
        shown.join("\n")
    }
}

/// The bytes of the problem's line that are underlined; at its end, the place behind the last character.
fn underlined(line: &str, problem: &Problem) -> Range<usize> {
    let byte = |column: usize| line.char_indices().nth(column).map_or(line.len(), |(index, _)| index);
    let first = problem.place.column.saturating_sub(1);
    byte(first)..byte(first.saturating_add(problem.length.max(1)))
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

impl std::error::Error for Problems {}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
