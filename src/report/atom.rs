//! An Atom feed of what changed since the earlier run that the report is compared with.
//!
//! Entries keep their ids however often the same run is rendered, and the feed keeps its own from run to run.

use askama::Template;

use super::{Layout, Mark, Results, Since, SinceChange, caption, text};

/// A feed.
#[derive(Template)]
#[template(path = "feed.xml")]
struct Feed {
    id: String,
    title: String,
    updated: String,
    generator: String,
    link: Option<String>,
    entries: Vec<Entry>,
}

/// One thing that changed.
struct Entry {
    id: String,
    title: String,
    content: String,
    category: &'static str,
    link: Option<String>,
}

/// Renders the feed. `site` is the address where the report is published.
pub fn render(results: &Results, site: Option<&str>) -> String {
    let visible = |raw: &str| text::visible(raw);
    let site = site.map(|site| visible(site.trim_end_matches('/')));
    let title = caption::title(results);
    let mut feed = Feed {
        id: urn(&["feed", site.as_deref().unwrap_or(&title)]),
        title: visible(&format!("Behaviour changes of {title}")),
        updated: visible(results.run.finished.as_ref().unwrap_or(&results.run.started)),
        generator: visible(&results.run.skew),
        entries: Vec::new(),
        link: site.as_ref().map(|site| format!("{site}/")),
    };
    if let Some(since) = &results.since {
        feed.entries = entries(results, since, site.as_deref());
    }
    // Writing into memory cannot fail, and the template has no filter of its own that could.
    feed.render().unwrap_or_default()
}

fn entries(results: &Results, since: &Since, site: Option<&str>) -> Vec<Entry> {
    let layout = Layout::new(results);
    let all: Vec<usize> = (0..results.cells.len()).collect();
    let places = |ids: &[String]| -> Vec<usize> { all.iter().copied().filter(|cell| ids.contains(&results.cells[*cell].id)).collect() };
    let day = caption::day(&since.started);
    let link = |cell: Option<&String>| Some(format!("{}/#/cell/{}", site?, text::visible(cell?)));
    let entry = |category: &'static str, key: &[&str], title: String, content: String, cell: Option<&String>| Entry {
        id: urn(&[&["entry", results.run.id.as_str(), category], key].concat()),
        title: text::visible(&title),
        content: text::visible(&content),
        category,
        link: link(cell),
    };
    let mut entries = Vec::new();
    for change in &since.changes {
        let SinceChange { scenario, observation, verdict, silent, before, after, cells, .. } = change;
        let word = Mark::from(*verdict).look().key;
        let silent = if *silent { ", silently" } else { "" };
        let place = layout.words(&places(cells), &all);
        let key: Vec<&str> =
            [scenario.as_str(), observation, word, before, after].into_iter().chain(cells.iter().map(String::as_str)).collect();
        let title = format!("{scenario}::{observation} {word}{silent}: {}", change.line());
        let content = format!("In {place}: it was {before} in the run of {day}, and is {after} now.");
        entries.push(entry("behaviour", &key, title, content, cells.first()));
    }
    for change in &since.states {
        let (from, to) = (change.from.as_str(), change.to.as_str());
        let title = format!("{}: {from} → {to}", change.cell);
        let content = format!("The state of {} was {from} in the run of {day}, and is {to} now.", change.cell);
        entries.push(entry("state", &[&change.cell, from, to], title, content, Some(&change.cell)));
    }
    let new = layout.words(&places(&since.new_cells), &all);
    let gone = since.gone_cells.join(", ");
    for (word, ids, place, first) in [("New", &since.new_cells, new, since.new_cells.first()), ("Gone", &since.gone_cells, gone, None)] {
        if ids.is_empty() {
            continue;
        }
        let key: Vec<&str> = std::iter::once(word).chain(ids.iter().map(String::as_str)).collect();
        let content = format!("{word} since the run of {day}: {place}.");
        entries.push(entry("cells", &key, format!("{word}: {place}"), content, first));
    }
    entries
}

/// A name for a thing, always the same for the same parts: a UUID of version 8, which leaves its bits to its maker.
fn urn(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
