//! Expectations as text: the file, and lines for people.

use std::fmt::Write as _;

use super::{Expectation, Expectations, Named, Pattern, Range};
use crate::report::text;

/// The first lines of the file. No date: the file is the same as long as what is expected is.
const HEAD: &str = "\
# What differs from the baseline and is meant to. `skew bless` writes it; `skew check` and `skew run` compare with it.
# Edit freely: `reason`, `link` and `until` are kept when it is written anew, comments are not.
";
/// Columns of a line of names.
const WIDTH: usize = 100;
/// Observations that a line names at most.
const NAMED: usize = 4;

impl Expectations {
    /// The text of the file.
    pub fn text(&self) -> String {
        let mut out = HEAD.to_owned();
        if let Some(baseline) = &self.baseline {
            let _ = writeln!(out, "baseline: {}", scalar(baseline));
        }
        if self.entries.is_empty() {
            out.push_str("expected: []\n");
            return out;
        }
        out.push_str("expected:\n");
        for entry in &self.entries {
            let lines = lines(entry);
            for (index, line) in lines.iter().enumerate() {
                let _ = writeln!(out, "  {} {line}", if index == 0 { "-" } else { " " });
            }
        }
        out
    }
}

fn lines(entry: &Expectation) -> Vec<String> {
    let mut lines = Vec::new();
    match &entry.range {
        Range::Everywhere => {}
        Range::When(when) => lines.extend(condition(&when.to_string())),
        Range::Cells(ids) => lines.extend(list("cells", ids.iter().map(String::as_str))),
    }
    lines.extend(entry.scenario.iter().map(|scenario| format!("scenario: {}", scalar(scenario.as_str()))));
    lines.push(format!("effect: {}", scalar(entry.effect.as_str())));
    if let Some(names) = &entry.observations {
        if names.iter().all(|named| named.value.is_none()) {
            lines.extend(list("observations", names.iter().map(|named| named.name.as_str())));
        } else {
            lines.push("observations:".to_owned());
            lines.extend(names.iter().map(|Named { name, value }| {
                format!("  {}: {}", scalar(name.as_str()), scalar(value.as_ref().map_or("*", Pattern::as_str)))
            }));
        }
    }
    let remarks = &entry.remarks;
    lines.extend(remarks.reason.iter().map(|reason| format!("reason: {}", scalar(reason))));
    lines.extend(remarks.link.iter().map(|link| format!("link: {}", scalar(link))));
    lines.extend(remarks.until.iter().map(|until| format!("until: {until}")));
    lines
}

/// A condition on one line, or, where that is long, one of its parts a line.
fn condition(text: &str) -> Vec<String> {
    let line = format!("when: {}", scalar(text));
    if text::width(&line) + 4 <= WIDTH || text.contains('(') || !text.contains(" or ") {
        return vec![line];
    }
    std::iter::once("when:".to_owned()).chain(text.split(" or ").map(|part| format!("  - {}", scalar(part)))).collect()
}

/// A list on one line, or one item a line.
fn list<'a>(key: &str, items: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    // Commas and brackets matter inside brackets.
    let item = |text: &'a str| if text.contains([',', '[', ']', '{', '}']) { quoted(text) } else { scalar(text) };
    let line = format!("{key}: [{}]", items.clone().map(item).collect::<Vec<_>>().join(", "));
    if text::width(&line) + 4 <= WIDTH {
        return vec![line];
    }
    std::iter::once(format!("{key}:")).chain(items.map(|item| format!("  - {}", scalar(item)))).collect()
}

/// Text as YAML takes it, without quotes where they are not needed.
fn scalar(text: &str) -> String {
    let begins = text.starts_with(|first: char| first.is_alphanumeric() || matches!(first, '_' | '(' | '/' | '<' | '+'));
    let special =
        text == "<<" || text.eq_ignore_ascii_case("null") || text.contains(": ") || text.contains(" #") || text.ends_with([' ', ':']);
    if begins && !special && text::visible(text) == text { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // What YAML does not take as it is, or nobody would see.
            character if text::visible(character.encode_utf8(&mut [0; 4])).starts_with('\\') => {
                let _ = write!(out, "\\U{:08x}", u32::from(character));
            }
            character => out.push(character),
        }
    }
    out.push('"');
    out
}

/// An expectation in a line: `numpy>=2.0: promotion: float64 → float32: total (float32 () 6.0)`.
pub(super) fn line(entry: &Expectation, names: &[Option<usize>]) -> String {
    let mut parts = vec![match &entry.range {
        Range::Cells(ids) => text::list(ids, 3),
        Range::Everywhere | Range::When(_) => entry.range.text(),
    }];
    parts.extend(entry.scenario.as_ref().map(|scenario| scenario.as_str().to_owned()));
    parts.push(entry.effect.as_str().to_owned());
    let words = |told: &Named| match &told.value {
        Some(value) => format!("{} ({})", told.name.as_str(), value.as_str()),
        None => told.name.as_str().to_owned(),
    };
    let told: Vec<String> = names.iter().filter_map(|name| entry.named(*name)).map(words).collect();
    if !told.is_empty() {
        parts.push(text::list(&told, NAMED));
    }
    text::visible(&parts.join(": "))
}

impl Expectation {
    /// It, or one of its observations, in a line.
    pub fn line(&self, name: Option<usize>) -> String {
        line(self, &[name])
    }

    /// It, with all its observations, in a line.
    pub fn whole_line(&self) -> String {
        line(self, &self.parts())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::expected::Remarks;

    fn read(text: &str) -> Expectations {
        Expectations::parse("expected.yaml".as_ref(), text, &["numpy"])
            .unwrap_or_else(|problems| panic!("{}\n{text}", problems.render(false)))
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_it_was(
            texts in proptest::collection::vec("[ -~äé\n\t\r\u{85}\u{7f}\u{feff}]{1,12}|<script>|null|~|true|1.20|<<|---|- a|a: b|a #b|é→ü|x\\[0\\], y", 1..6),
            raw in any::<String>(),
        ) {
            let names: Vec<String> = texts.iter().cloned().chain([raw]).collect();
            let mut named: Vec<Named> = Vec::new();
            for name in &names {
                let new = Named { name: Pattern::literal(name), value: Some(Pattern::literal(name)) };
                if !named.contains(&new) {
                    named.push(new);
                }
            }
            let entry = |observations: Vec<Named>| Expectation {
                range: Range::Cells(texts.clone()),
                scenario: Some(Pattern::literal(&texts[0])),
                effect: Pattern::literal(&format!("{} differs", texts[0])),
                observations: Some(observations),
                remarks: Remarks { reason: Some(texts[0].clone()), link: None, until: Some(jiff::civil::date(2027, 1, 31)) },
                place: crate::matrix::Place::default(),
            };
            let bare = named.iter().map(|named| Named { value: None, ..named.clone() }).collect();
            let written = Expectations { path: "expected.yaml".into(), baseline: Some(texts[0].clone()), entries: vec![entry(named), entry(bare)] };
            let mut again = read(&written.text());
            again.entries.iter_mut().for_each(|entry| entry.place = crate::matrix::Place::default());
            prop_assert_eq!(again, written);
        }
    }
}
