//! `skew plan --update`: what came out since the last run, for people and for programs.

use std::fmt::Write;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::text::count;
use crate::update::{AxisUpdate, Update};

/// One line for each thing that is new.
pub fn update_text(update: &Update) -> String {
    let run = format!("the run of {}", update.since.strftime("%Y-%m-%d %H:%M UTC"));
    if update.is_empty() {
        return format!("Nothing came out since {run}.\n");
    }
    let mut lines = vec![format!("Since {run}:")];
    for axis in &update.axes {
        lines.extend(axis_lines(axis));
    }
    for moved in &update.dependencies {
        let cells = count(moved.cells as u64, "cell");
        let (have, allow) = if moved.cells == 1 { ("has", "allows") } else { ("have", "allow") };
        let date = moved.uploaded.map(|uploaded| format!(", out since {}", day(uploaded))).unwrap_or_default();
        lines.push(format!("{} {}{date}; {cells} {have} {} and {allow} it", moved.package, moved.to, moved.from.join(", ")));
    }
    if let [first, rest @ ..] = update.cells.as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        lines.push(format!("{} to run: {first}{more}", count(update.cells.len() as u64, "new cell")));
    }
    lines.iter().fold(String::new(), |mut text, line| {
        let _infallible = writeln!(text, "{}{line}", if text.is_empty() { "" } else { "  " });
        text
    })
}

fn axis_lines(update: &AxisUpdate) -> Vec<String> {
    let package = &update.package;
    let appeared = update.appeared.iter().map(|release| {
        let place = if release.on_axis { "on the axis" } else { "not on the axis" };
        format!("{package} {}, out since {}, {place}", release.version, day(release.uploaded))
    });
    let mut lines: Vec<String> = appeared.collect();
    let told = |version: &&String| !update.appeared.iter().any(|release| release.version == **version);
    lines.extend(update.added.iter().filter(told).map(|version| format!("{package} {version} is new on the axis")));
    lines.extend(update.dropped.iter().map(|version| format!("{package} {version} is no longer on the axis")));
    lines.extend(update.rebuilt.iter().map(|version| format!("{package} {version} was built again")));
    lines
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

/// The same as JSON, `skew.update/1`; `changed` tells whether anything is new.
pub fn update_json(update: &Update) -> Value {
    let mut value = json!({ "schema": "skew.update/1", "changed": !update.is_empty() });
    // Strings, numbers and lists of them: writing them cannot fail.
    if let (Value::Object(fields), Ok(Value::Object(own))) = (&mut value, serde_json::to_value(update)) {
        fields.extend(own);
    }
    value
}
