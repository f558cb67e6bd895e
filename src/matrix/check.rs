//! The checker: asks a tree for the shapes it should have, and collects what is wrong.

use std::{fmt, ops::Range, str::FromStr};

use super::{
    MOST_PROBLEMS, Place, Problem,
    tree::{Entry, Node, Value},
};

/// Collects the problems of one file while its tree is read.
#[derive(Debug)]
pub(crate) struct Checker<'a> {
    /// The text that all spans are about.
    pub(crate) source: &'a str,
    problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    /// A checker without problems.
    pub(crate) fn new(source: &'a str) -> Self {
        Self { source, problems: Vec::new() }
    }

    /// What was found.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Whether something was found.
    pub(crate) fn found_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    /// Notes a problem at the bytes `span`, of which the first line is underlined.
    pub(crate) fn report(&mut self, span: &Range<usize>, message: impl Into<String>, help: impl IntoHelp) {
        if self.problems.len() > MOST_PROBLEMS {
            return;
        }
        let text = self.source.get(span.clone()).unwrap_or_default();
        let length = text.lines().next().map_or(0, |line| line.trim_end().chars().count()).max(1);
        self.problems.push(Problem { place: self.place(span), length, message: message.into(), help: help.into_help() });
    }

    /// Where a span begins.
    pub(crate) fn place(&self, span: &Range<usize>) -> Place {
        let before = self.source.get(..span.start).unwrap_or(self.source);
        let line_start = before.rfind('\n').map_or(0, |index| index + 1);
        Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }

    /// The entries of a map.
    pub(crate) fn map<'n>(&mut self, node: &'n Node, what: &str, help: &str) -> Option<&'n [Entry]> {
        if let Value::Map(entries) = &node.value {
            return Some(entries);
        }
        self.wrong_shape(node, what, "a map", help);
        None
    }

    /// The entries of a map that may be left empty (everything in it commented out).
    pub(crate) fn map_or_empty<'n>(&mut self, node: &'n Node, what: &str, help: &str) -> &'n [Entry] {
        if node.is_null() { &[] } else { self.map(node, what, help).unwrap_or_default() }
    }

    /// The items of a list.
    pub(crate) fn list<'n>(&mut self, node: &'n Node, what: &str, help: &str) -> Option<&'n [Node]> {
        if let Value::List(items) = &node.value {
            return Some(items);
        }
        self.wrong_shape(node, what, "a list", help);
        None
    }

    /// The items of a list that may be left empty (everything in it commented out).
    pub(crate) fn list_or_empty<'n>(&mut self, node: &'n Node, what: &str, help: &str) -> &'n [Node] {
        if node.is_null() { &[] } else { self.list(node, what, help).unwrap_or_default() }
    }

    /// The text of a scalar, as it stands in the file.
    pub(crate) fn text<'n>(&mut self, node: &'n Node, what: &str, help: &str) -> Option<&'n str> {
        match &node.value {
            Value::Scalar { text, .. } if !node.is_null() => Some(text),
            Value::Scalar { .. } | Value::List(_) | Value::Map(_) => {
                self.wrong_shape(node, what, "one value", help);
                None
            }
        }
    }

    /// One of several words.
    pub(crate) fn choice<T: Copy>(&mut self, node: &Node, what: &str, choices: &[(&str, T)]) -> Option<T> {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let text = self.text(node, what, &one_of(&words))?;
        if let Some((_, value)) = choices.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let help = did_you_mean(text, &words).unwrap_or_else(|| one_of(&words));
        self.report(&node.span, format!("{what} can't be {}", quote(text)), help);
        None
    }

    /// A whole number of at least 1.
    pub(crate) fn count<T: FromStr + PartialOrd + From<u8>>(&mut self, node: &Node, what: &str) -> Option<T> {
        let help = "a whole number, at least 1";
        let text = self.text(node, what, help)?;
        let number = whole_number(text).filter(|number| *number >= T::from(1));
        if number.is_none() {
            self.report(&node.span, format!("{what} can't be {}", quote(text)), help);
        }
        number
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, node: &Node, what: &str) -> Option<bool> {
        if matches!(&node.value, Value::Scalar { quoted: true, .. }) {
            self.report(&node.span, format!("{what} is text"), "write `true` or `false` without quotes");
            return None;
        }
        self.choice(node, what, &[("true", true), ("false", false)])
    }

    /// Reports every key that is not among `known`.
    pub(crate) fn known_keys(&mut self, entries: &[Entry], known: &[&str]) {
        for entry in entries {
            if !known.contains(&entry.key.as_str()) {
                self.unknown_key(entry, known);
            }
        }
    }

    /// Reports an unknown key, with the nearest known one.
    pub(crate) fn unknown_key(&mut self, entry: &Entry, known: &[&str]) {
        let help = did_you_mean(&entry.key, known).unwrap_or_else(|| format!("known keys: {}", known.join(", ")));
        self.report(&entry.key_span, format!("unknown key {}", quote(&entry.key)), help);
    }

    fn wrong_shape(&mut self, node: &Node, what: &str, wanted: &str, help: &str) {
        let message = if node.is_null() {
            format!("{what} has no value")
        } else {
            let found = match &node.value {
                Value::Scalar { text, .. } => quote(text),
                Value::List(_) => "a list".to_owned(),
                Value::Map(_) => "a map".to_owned(),
            };
            format!("{what} takes {wanted}, not {found}")
        };
        self.report(&node.span, message, help);
    }
}

/// What [`Checker::report`] takes as help.
pub(crate) trait IntoHelp {
    /// The help, if there is any.
    fn into_help(self) -> Option<String>;
}

impl IntoHelp for &str {
    fn into_help(self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl IntoHelp for &String {
    fn into_help(self) -> Option<String> {
        Some(self.clone())
    }
}

impl IntoHelp for String {
    fn into_help(self) -> Option<String> {
        Some(self)
    }
}

impl IntoHelp for Option<String> {
    fn into_help(self) -> Option<String> {
        self
    }
}

/// A whole number of digits alone; Rust itself would also take `+2`.
pub(crate) fn whole_number<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Foreign text in backticks, on one line and not too long.
pub(crate) fn quote(text: impl fmt::Display) -> String {
    const LONGEST: usize = 60;
    let text = text.to_string();
    if text.is_empty() {
        return "`\"\"`".to_owned();
    }
    let mut shown: String = text.chars().take(LONGEST).flat_map(escape_control).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

fn escape_control(character: char) -> impl Iterator<Item = char> {
    let (escaped, kept) = if character.is_control() { (Some(character.escape_default()), None) } else { (None, Some(character)) };
    escaped.into_iter().flatten().chain(kept)
}

/// Help that names all words.
pub(crate) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("it is {} or {last}", rest.join(", ")),
        _ => format!("it is {}", quoted.join("")),
    }
}

/// Help that names the nearest of `words`, if one is near enough to be a misspelling.
pub(crate) fn did_you_mean(word: &str, words: &[&str]) -> Option<String> {
    let lower = word.to_lowercase();
    let near = |known: &str| strsim::damerau_levenshtein(&lower, &known.to_lowercase());
    let allowed = |known: &str| match known.chars().count() {
        0 | 1 => 0,
        letters => letters.max(3) / 3,
    };
    let best = words.iter().filter(|known| near(known) <= allowed(known)).min_by_key(|known| near(known))?;
    Some(format!("did you mean `{best}`?"))
}
