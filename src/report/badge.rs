//! `badge.json`: the endpoint schema of shields.io, version 1.

use serde::Serialize;

use super::{Mark, Results, caption};

/// Seconds for which a badge may be kept.
const CACHE: u32 = 3600;

/// The endpoint schema.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Badge {
    schema_version: u32,
    label: String,
    message: String,
    color: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_error: bool,
    cache_seconds: u32,
}

/// Renders the badge: how many cells behave alike, change and fail, and how many do so since the earlier run. A run without all its answers is an error.
pub fn render(results: &Results) -> String {
    let tally = caption::tally(results);
    let number = |wanted: &[Mark]| tally.iter().filter(|(mark, _)| wanted.contains(mark)).map(|(_, count)| count).sum::<usize>();
    let failing = number(&[Mark::Raises, Mark::Timeout, Mark::Crash, Mark::ImportFailed]);
    let changed = number(&[Mark::Warns, Mark::Changed, Mark::Returns]);
    let parts = [("same", number(&[Mark::Same])), ("close", number(&[Mark::Close])), ("changed", changed), ("fail", failing)];
    let mut words: Vec<String> = parts.iter().filter(|(_, count)| *count > 0).map(|(word, count)| format!("{word} {count}")).collect();
    if !results.run.complete {
        words.insert(0, "incomplete".to_owned());
    }
    let color = match (results.run.complete, failing, changed) {
        (false, ..) => "lightgrey",
        (true, 0, 0) if words.is_empty() => "lightgrey",
        (true, 0, 0) => "brightgreen",
        (true, 0, _) => "yellow",
        (true, ..) => "orange",
    };
    if words.is_empty() {
        words.push("nothing compared".to_owned());
    }
    if let Some(since) = results.since.as_ref().filter(|since| !since.is_quiet()) {
        words.push(format!("{} new {}", since.changed_cells(), since.when()));
    }
    let badge = Badge {
        schema_version: 1,
        label: super::text::visible(&caption::title(results)),
        message: words.join(" · "),
        color,
        is_error: !results.run.complete,
        cache_seconds: CACHE,
    };
    // Texts and numbers always have a JSON.
    serde_json::to_string(&badge).map(|json| json + "\n").unwrap_or_default()
}
