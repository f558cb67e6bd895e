//! From the text of `expected.yaml` to expectations, or to all its mistakes at once.

use std::{io, path::Path};

use super::{Expectation, Expectations, Named, OF_CELLS, Pattern, Range, Remarks};
use crate::{
    matrix::{
        Problems, ReadError,
        check::{Checker, did_you_mean, quote},
        decode,
        tree::{Entry, Kind, Node, Value, parse_yaml},
    },
    scenario::When,
};

/// The keys of the file.
const KEYS: [&str; 2] = ["baseline", "expected"];
/// The keys of an expectation.
const ENTRY: [&str; 8] = ["when", "cells", "scenario", "effect", "observations", "reason", "link", "until"];
/// Words that effects begin with.
const VERBS: [&str; 4] = ["raises", "warns", "returns", "crashes"];

const KIND: Kind = Kind {
    empty: "`skew bless` writes it; without the file the last complete run is what is expected",
    single: "one file is all that is expected; remove the line `---`",
    most_nodes: 400_000,
};

impl Expectations {
    /// Reads the file, if there is one. `axes` are those that ranges may name.
    ///
    /// # Errors
    /// The file can't be read, is not UTF-8, or has problems; see [`Expectations::parse`].
    pub fn read(path: &Path, axes: &[&str]) -> Result<Option<Self>, ReadError> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(Some(Self::parse(path, &decode(path, bytes)?, axes)?)),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(ReadError::Io { path: path.to_owned(), source }),
        }
    }

    /// Reads the text of a file; `path` is only named.
    ///
    /// # Errors
    /// Every problem of the text, in the order of their places.
    pub fn parse(path: &Path, text: &str, axes: &[&str]) -> Result<Self, Problems> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut checker = Checker::new(text);
        let read = parse_yaml(&mut checker, KIND).and_then(|root| checker.expectations(path, &root, axes));
        let problems = Problems::at(path, text, checker.into_problems());
        match read {
            Some(read) if problems.is_empty() => Ok(read),
            _ => Err(problems),
        }
    }
}

impl Checker<'_> {
    fn expectations(&mut self, path: &Path, root: &Node, axes: &[&str]) -> Option<Expectations> {
        let map = self.map(root, "the file", "it begins with `expected:`")?;
        self.known_keys(map, &KEYS);
        let key = |name: &str| map.iter().find(|entry| entry.key == name).map(|entry| &entry.value);
        let baseline = key("baseline").and_then(|node| self.text(node, "`baseline`", "the id of a cell")).map(str::to_owned);
        let help = "`expected: [{when: \"numpy>=2\", scenario: NAME, effect: raises TypeError}]`";
        let Some(list) = key("expected") else {
            self.report(&root.span, "the key `expected` is missing", help);
            return None;
        };
        let items = self.list_or_empty(list, "`expected`", help);
        let entries = items.iter().filter_map(|item| self.expectation(item, axes)).collect();
        Some(Expectations { path: path.to_owned(), baseline, entries })
    }

    fn expectation(&mut self, node: &Node, axes: &[&str]) -> Option<Expectation> {
        let map = self.map(node, "an expectation", "`{when: \"numpy>=2\", scenario: NAME, effect: raises TypeError}`")?;
        self.known_keys(map, &ENTRY);
        let entry = |name: &str| map.iter().find(|entry| entry.key == name);
        let key = |name: &str| entry(name).map(|entry| &entry.value);
        let range = match (key("when"), entry("cells")) {
            (Some(_), Some(cells)) => {
                self.report(&cells.key_span, "`when` and `cells` exclude each other", "make two expectations of it");
                None
            }
            (Some(when), None) => self.condition(when, axes).map(Range::When),
            (None, Some(cells)) => {
                let items = self.list(&cells.value, "`cells`", "the ids of cells: `cells: [numpy-2.0.2+tensorflow-2.18.1]`");
                Some(Range::Cells(items.unwrap_or_default().iter().filter_map(|item| self.word(item, "a cell")).collect()))
            }
            (None, None) => Some(Range::Everywhere),
        };
        let scenario = key("scenario").and_then(|node| self.meant(node, "`scenario`", "a name, or a pattern such as `keras/*`"));
        let observations = key("observations").and_then(|node| self.observations(node));
        let effect = if let Some(node) = key("effect") {
            self.effect(node)
        } else {
            self.report(&node.span, "the key `effect` is missing", "say what is expected there: `effect: raises TypeError`");
            None
        };
        let remarks = Remarks {
            reason: key("reason").and_then(|node| self.text(node, "`reason`", "a sentence")).map(str::to_owned),
            link: key("link").and_then(|node| self.link(node)),
            until: key("until").and_then(|node| self.until(node)),
        };
        let place = self.place(&node.span);
        let read = Expectation { range: range?, scenario, effect: effect?, observations, remarks, place };
        let about = entry("scenario").or_else(|| entry("observations")).filter(|_| read.is_of_cells());
        if let Some(about) = about {
            let message = format!("{} is about cells, not about what scenarios observe", quote(read.effect.as_str()));
            self.report(&about.key_span, message, format!("leave `{}` out", about.key));
        }
        Some(read)
    }

    /// A condition, or a list of which one has to hold.
    fn condition(&mut self, node: &Node, axes: &[&str]) -> Option<When> {
        let Value::List(items) = &node.value else { return self.single(node, axes) };
        let conditions: Vec<When> = items.iter().filter_map(|item| self.single(item, axes)).collect();
        if items.is_empty() {
            self.report(&node.span, "`when` names no versions", "leave the key out to mean all of them");
        }
        // Nothing binds looser than `or`.
        let joined = conditions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
        When::parse(&joined, axes).ok().filter(|_| conditions.len() == items.len())
    }

    fn single(&mut self, node: &Node, axes: &[&str]) -> Option<When> {
        let text = self.text(node, "`when`", "version ranges, such as `numpy>=2.0 and tensorflow<2.18`")?;
        When::parse(text, axes)
            .map_err(|error| {
                // The text stands in the file as it is, perhaps between quotes, unless it has escapes or line breaks.
                let quotes = self.source.get(node.span.clone()).map_or(0, |written| written.find(text).unwrap_or(0));
                let inside = node.span.start + quotes..node.span.start + quotes + text.len();
                let span = match self.source.get(inside.clone()) {
                    Some(written) if written == text => inside.start + error.span.start..inside.start + error.span.end,
                    _ => node.span.clone(),
                };
                self.report(&span, error.message, error.help);
            })
            .ok()
    }

    /// Names in a list, or names with values in a map.
    fn observations(&mut self, node: &Node) -> Option<Vec<Named>> {
        if let Value::Map(entries) = &node.value {
            let named = |Entry { key, value, .. }: &Entry| {
                let name = Pattern::new(key);
                // A value that is left out is any.
                if value.is_null() {
                    return Some(Named { name, value: None });
                }
                let value = self.meant(value, &format!("the value of {}", quote(key)), "the value in a few words; `*` is any")?;
                Some(Named { name, value: Some(value) })
            };
            return Some(entries.iter().filter_map(named).collect());
        }
        let items = self.list(node, "`observations`", "`[NAME, …]`, or `{NAME: VALUE, …}`")?;
        let named = items.iter().filter_map(|item| self.meant(item, "an observation", "its name"));
        let named: Vec<_> = named.map(|name| Named { name, value: None }).collect();
        if items.is_empty() {
            self.report(&node.span, "`observations` names none", "leave the key out to mean all of them");
        }
        Some(named)
    }

    fn effect(&mut self, node: &Node) -> Option<Pattern> {
        let help = "what comes to pass, as reports say it: `raises TypeError`, `float64 → float32`, `value differs`";
        let text = self.text(node, "`effect`", help)?;
        // What changes is open, so only what is almost a word of ours is taken for a mistake.
        let word = text.split(' ').next().unwrap_or_default();
        let told = text.contains('→') || text.ends_with("differs");
        let whole: Vec<&str> = OF_CELLS.iter().map(|(_, effect)| *effect).chain(["script raises", "takes too long"]).collect();
        if !told && !whole.contains(&text) && !VERBS.contains(&word) {
            let help = did_you_mean(word, &VERBS).or_else(|| did_you_mean(text, &whole));
            if help.is_some() {
                self.report(&node.span, format!("{} is no effect", quote(text)), help);
                return None;
            }
        }
        Some(Pattern::new(text))
    }

    fn until(&mut self, node: &Node) -> Option<jiff::civil::Date> {
        let help = "a day such as `2027-01-31`, the last on which it is expected";
        let text = self.text(node, "`until`", help)?;
        let date = text.parse::<jiff::civil::Date>().ok().filter(|date| date.to_string() == text);
        if date.is_none() {
            self.report(&node.span, format!("`until` can't be {}", quote(text)), help);
        }
        date
    }

    fn meant(&mut self, node: &Node, what: &str, help: &str) -> Option<Pattern> {
        self.text(node, what, help).map(Pattern::new)
    }

    fn word(&mut self, node: &Node, what: &str) -> Option<String> {
        self.text(node, what, "its id").map(str::to_owned)
    }
}
