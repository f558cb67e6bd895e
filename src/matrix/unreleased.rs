//! Versions that are not told by their number: wheels on this machine, and other indexes.

use super::{
    Source, Unreleased,
    check::{Checker, quote},
    tree::{Entry, Node},
};
use crate::index::Location;

const HELP: &str = "`{wheel: dist/*.whl}`, or `{index: \"https://…/simple\", pre: true}`";

/// Whether a map says where a version comes from, rather than what an axis is.
pub(super) fn is_source(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| matches!(entry.key.as_str(), "wheel" | "index"))
}

impl Checker<'_> {
    /// The sources among the versions of an axis, each once.
    pub(super) fn sources(&mut self, nodes: &[&Node]) -> Vec<Unreleased> {
        let mut sources: Vec<Unreleased> = Vec::new();
        for node in nodes {
            let Some(source) = self.source(node) else { continue };
            if sources.iter().any(|other| other.source == source) {
                self.report(&node.span, format!("{} appears twice", quote(&source)), "leave one of them out");
            } else {
                sources.push(Unreleased { source, place: self.place(&node.span) });
            }
        }
        sources
    }

    fn source(&mut self, node: &Node) -> Option<Source> {
        let entries = self.map(node, "an unreleased version", HELP)?;
        self.known_keys(entries, &["wheel", "index", "pre"]);
        let key = |name: &str| entries.iter().find(|entry| entry.key == name);
        let pre = key("pre").and_then(|entry| self.flag(&entry.value, "`pre`"));
        match (key("wheel"), key("index")) {
            (Some(wheel), None) => {
                if let Some(entry) = key("pre") {
                    self.report(&entry.key_span, "`pre` goes with `index`", "a wheel is taken whatever its version");
                }
                self.pattern(&wheel.value)
            }
            (None, Some(index)) => Some(Source::Index { location: self.index(&index.value)?, pre: pre.unwrap_or_default() }),
            (Some(_), Some(index)) => {
                self.report(&index.key_span, "a version comes from a wheel or from an index, not from both", HELP);
                None
            }
            (None, None) => {
                // An unknown key was told already.
                if entries.iter().any(|entry| entry.key != "pre") {
                    return None;
                }
                self.report(
                    &node.span,
                    "this says neither a version nor where one comes from",
                    format!("a version such as `1.26.4`, {HELP}"),
                );
                None
            }
        }
    }

    fn pattern(&mut self, node: &Node) -> Option<Source> {
        let text = self.text(node, "`wheel`", "a path such as `dist/*.whl`")?;
        if let Err(error) = glob::Pattern::new(text) {
            self.report(
                &node.span,
                format!("{} is not a pattern of paths: {}", quote(text), error.msg),
                "`*` stands for any text in a name",
            );
            return None;
        }
        if text.strip_suffix(".whl").is_none() {
            let help = format!("did you mean `{}/*.whl`?", text.trim_end_matches('/'));
            self.report(&node.span, format!("{} names no wheel", quote(text)), help);
            return None;
        }
        Some(Source::Wheel(text.to_owned()))
    }

    fn index(&mut self, node: &Node) -> Option<Location> {
        let text = self.text(node, "`index`", "the address of a package index, such as `https://…/simple`")?;
        match Location::parse(text, "`index`") {
            Ok(location) if location.has_credentials() => {
                let help = "name the address without them; those of the index that UV_DEFAULT_INDEX names are used for its server";
                self.report(&node.span, "a password does not belong into this file", help);
                None
            }
            Ok(location) => Some(location),
            Err(error) => {
                self.report(&node.span, error.to_string(), "the address of a package index, such as `https://…/simple`");
                None
            }
        }
    }
}
