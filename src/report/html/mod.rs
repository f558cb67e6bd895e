//! The HTML report: one file that makes no request.
//!
//! What reads well without scripts is in the page itself, written by a template that escapes everything. Details stand in
//! data blocks, one compressed chunk for each scenario, which the page's script unpacks when they are asked for. A policy
//! that names style and script by their digests keeps everything else from running, whatever a package or a scenario wrote.

mod again;
mod chunk;
mod classes;
mod dates;
mod gantt;
mod grid;
mod index;
mod pack;
mod page;
mod sections;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::digest::{SHA256, digest};

use super::{Colors, Layout, Mark, Results};
use askama::Template as _;

/// The script, file by file: each is one idea, and later ones use earlier ones.
const APP: [&str; 15] = [
    include_str!("app/dom.js"),
    include_str!("app/data.js"),
    include_str!("app/versions.js"),
    include_str!("app/words.js"),
    include_str!("app/compare.js"),
    include_str!("app/query.js"),
    include_str!("app/state.js"),
    include_str!("app/sort.js"),
    include_str!("app/grid.js"),
    include_str!("app/values.js"),
    include_str!("app/panel.js"),
    include_str!("app/cell.js"),
    include_str!("app/scenario.js"),
    include_str!("app/search.js"),
    include_str!("app/main.js"),
];

/// How a page is to be made.
#[derive(Clone, Debug)]
pub struct Options {
    /// Heading, instead of the names of the axes.
    pub title: Option<String>,
    /// The query that the page opens with, in the grammar of `-k`.
    pub filter: Option<String>,
    /// Bytes that the details may take; heads of arrays and tracebacks are cut until they fit.
    pub budget: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { title: None, filter: None, budget: 20 << 20 }
    }
}

/// Renders the page.
pub fn render(results: &Results, options: &Options) -> String {
    let layout = Layout::new(results);
    let packed = pack::chunks(results, options.budget);
    let style = format!("{}{}", include_str!("style.css"), colors());
    let script = format!("(() => {{\n\"use strict\";\n{}}})();\n", APP.concat());
    let page = page::Page::new(results, &layout, options, &packed, &style, &script);
    // The template only writes text into memory.
    page.render().unwrap_or_default()
}

/// A source of the content security policy: the digest of what may be used.
fn hash(content: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, content.as_bytes())))
}

/// The palette as custom properties: light, dark where the reader's system or choice says so.
fn colors() -> String {
    let block = |pick: fn(Mark) -> Colors| {
        let mut out = String::new();
        for mark in Mark::ALL {
            let (key, colors) = (mark.look().key, pick(mark));
            let _ = write!(out, "--{key}:{};--{key}-text:{};", colors.background, colors.text);
        }
        out
    };
    let (light, dark) = (block(|mark| mark.look().light), block(|mark| mark.look().dark));
    let mut out = format!(":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n");
    let _ = writeln!(out, ":root[data-theme=dark]{{{dark}}}");
    // On paper the light colours hold, whatever the screen shows.
    let _ = writeln!(out, "@media print{{:root:root{{{light}}}}}");
    for mark in Mark::ALL {
        let key = mark.look().key;
        let _ = writeln!(out, ".m-{key}{{background-color:var(--{key});color:var(--{key}-text)}} .p-{key}{{fill:var(--{key})}}");
    }
    out
}
