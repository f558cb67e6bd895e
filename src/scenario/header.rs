//! The header of a scenario: TOML in a comment block like that of PEP 723.
//!
//! ```python
//! # /// skew
//! # timeout = "90s"
//! # when = "python >= 3.9"
//! # ///
//! ```

use std::{collections::BTreeMap, ops::Range, path::Path, time::Duration};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::when::{When, WhenError};
use crate::matrix::{
    Matrix, Problems, Tolerances,
    check::{Checker, quote},
    tree::{Entry, Node, Value},
};

/// The keys of a header.
const KEYS: [&str; 7] = ["tolerance", "timeout", "repeats", "fork", "when", "env", "links"];

/// What a scenario asks for; where it says nothing, the matrix does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    /// The matrix's tolerances with the header's over them.
    pub tolerance: Option<Tolerances>,
    /// Wall time of one execution.
    pub timeout: Option<Duration>,
    /// Executions in a cell; at least 1.
    pub repeats: Option<u32>,
    /// Whether it may run in a fork of the process that imported the packages; `false` asks for a process of its own.
    pub fork: Option<bool>,
    /// In which cells it runs; elsewhere it is *not-applicable*.
    pub when: Option<When>,
    /// Variables, over those of the matrix.
    pub env: BTreeMap<String, String>,
    /// Where to read more about what it shows: URLs.
    pub links: Vec<String>,
}

/// The header of a scenario, empty where there is none; `path` is only named in problems.
pub(super) fn read(path: &Path, source: &str, matrix: &Matrix) -> Result<Header, Problems> {
    let mut checker = Checker::new(source);
    let header = block(&mut checker).map(|block| checker.header(&block, matrix)).unwrap_or_default();
    let problems = Problems::at(path, source, checker.into_problems());
    if problems.is_empty() { Ok(header) } else { Err(problems) }
}

/// The TOML of a header, and where its lines come from.
struct Block {
    toml: String,
    /// The line that opens it, in the source.
    opening: Range<usize>,
    /// For each line, where it begins in the TOML and in the source.
    lines: Vec<(usize, usize)>,
}

impl Block {
    /// Bytes of the TOML as bytes of the source.
    fn span(&self, span: &Range<usize>) -> Range<usize> {
        let byte = |index: usize| {
            let line = self.lines.partition_point(|(start, _)| *start <= index).checked_sub(1).and_then(|line| self.lines.get(line));
            line.map_or(self.opening.start, |(start, source)| source + (index - start))
        };
        let start = byte(span.start);
        start..byte(span.end).max(start)
    }
}

/// Finds the comment block `# /// skew` … `# ///`.
fn block(checker: &mut Checker<'_>) -> Option<Block> {
    let mut found: Option<Block> = None;
    let mut open: Option<Block> = None;
    let mut at = 0;
    for whole in checker.source.split_inclusive('\n') {
        let line = whole.trim_end();
        let span = at..at + line.len();
        at += whole.len();
        let marker = line.strip_prefix('#').and_then(|rest| rest.trim_start().strip_prefix("///")).map(str::trim);
        let Some(block) = &mut open else {
            if marker == Some("skew") {
                if found.is_some() {
                    checker.report(&span, "a second header begins here", "one scenario has one header: put all keys into the first");
                    return None;
                }
                open = Some(Block { toml: String::new(), opening: span, lines: Vec::new() });
            }
            continue;
        };
        match (marker, line.strip_prefix('#')) {
            (Some(""), _) => found = open.take(),
            (_, Some(text)) => {
                let text = text.strip_prefix(' ').unwrap_or(text);
                block.lines.push((block.toml.len(), span.end - text.len()));
                block.toml.push_str(text);
                block.toml.push('\n');
            }
            (_, None) => break,
        }
    }
    if let Some(block) = open {
        checker.report(&block.opening, "this header has no end", "close it with the line `# ///`, right below its last comment line");
        return None;
    }
    found
}

impl Checker<'_> {
    fn header(&mut self, block: &Block, matrix: &Matrix) -> Header {
        let mut header = Header::default();
        let (table, errors) = DeTable::parse_recoverable(&block.toml);
        for error in errors {
            let span = error.span().map_or(block.opening.clone(), |span| block.span(&span));
            self.report(&span, format!("not valid TOML: {}", error.message()), None);
        }
        if self.found_problems() {
            return header;
        }
        let entries = entries(table.get_ref(), block);
        self.known_keys(&entries, &KEYS);
        for Entry { key, value, .. } in &entries {
            match key.as_str() {
                "tolerance" => header.tolerance = Some(self.tolerance(value, &matrix.tolerance)),
                "timeout" => header.timeout = self.duration(value, "`timeout`"),
                "repeats" => header.repeats = self.count(value, "`repeats`"),
                "fork" => header.fork = self.flag(value, "`fork`"),
                "when" => header.when = self.when(value, matrix),
                "env" => header.env = self.env(value),
                "links" => header.links = self.links(value),
                _ => {}
            }
        }
        header
    }

    fn when(&mut self, node: &Node, matrix: &Matrix) -> Option<When> {
        let text = self.text(node, "`when`", "a condition, such as `when = \"python >= 3.9\"`")?;
        let axes: Vec<&str> = matrix.axes.iter().map(|axis| axis.name.as_str()).collect();
        match When::parse(text, &axes) {
            Ok(when) => Some(when),
            Err(WhenError { span, message, help }) => {
                // The text between the quotes is the text of the file unless it has escapes.
                let inside = node.span.start + 1..node.span.end.saturating_sub(1);
                let span = match self.source.get(inside.clone()) {
                    Some(written) if written == text => inside.start + span.start..inside.start + span.end,
                    _ => node.span.clone(),
                };
                self.report(&span, message, help);
                None
            }
        }
    }

    fn links(&mut self, node: &Node) -> Vec<String> {
        let items = self.list(node, "`links`", "`links = [\"https://…\"]`").unwrap_or_default();
        items.iter().filter_map(|item| self.link(item)).collect()
    }

    /// A URL.
    pub(crate) fn link(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node, "a link", "a URL")?;
        let address = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        // Links become `href`s of reports, where any other scheme could run code.
        if address.is_none_or(str::is_empty) || text.contains(|character: char| character.is_whitespace() || character.is_control()) {
            self.report(&node.span, format!("{} is not a link", quote(text)), "a URL that begins with `https://` or `http://`");
            return None;
        }
        Some(text.to_owned())
    }
}

/// A TOML table in the shape that the checker knows, in the order of the file.
fn entries(table: &DeTable<'_>, block: &Block) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry { key: key.get_ref().to_string(), key_span: block.span(&key.span()), value: node(value, block) })
        .collect();
    entries.sort_by_key(|entry| entry.key_span.start);
    entries
}

fn node(value: &Spanned<DeValue<'_>>, block: &Block) -> Node {
    let written = |text: String| Value::Scalar { text, quoted: false };
    let shape = match value.get_ref() {
        DeValue::String(text) => Value::Scalar { text: text.to_string(), quoted: true },
        DeValue::Integer(number) => written(number.to_string()),
        DeValue::Float(number) => written(number.to_string()),
        DeValue::Boolean(flag) => written(flag.to_string()),
        DeValue::Datetime(time) => written(time.to_string()),
        DeValue::Array(items) => Value::List(items.iter().map(|item| node(item, block)).collect()),
        DeValue::Table(table) => Value::Map(entries(table, block)),
    };
    Node { span: block.span(&value.span()), value: shape }
}
