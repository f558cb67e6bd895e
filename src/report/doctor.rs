//! `skew doctor`: what was looked at, for people and for programs.

use serde_json::{Value, json};

use super::text::{pad, width};
use crate::doctor::{Check, Finding};

/// A line for each check, and one for each mend below it.
pub fn doctor_text(checks: &[Check], color: bool) -> String {
    let columns = checks.iter().map(|check| width(check.name)).max().unwrap_or_default();
    let mut lines = Vec::new();
    for check in checks {
        let (code, word) = match check.finding {
            Finding::Ok => ("32", "ok  "),
            Finding::Note => ("33", "note"),
            Finding::Bad => ("31", "bad "),
        };
        let mark = if color { format!("\x1b[{code}m{word}\x1b[0m") } else { word.to_owned() };
        lines.push(format!("{mark}  {}  {}\n", pad(check.name, columns), check.message));
        lines.extend(check.mend.iter().map(|mend| format!("      {}  mend: {mend}\n", pad("", columns))));
    }
    lines.concat()
}

/// The same as JSON, `skew.doctor/1`; `healthy` tells whether nothing is bad.
pub fn doctor_json(checks: &[Check]) -> Value {
    json!({
        "schema": "skew.doctor/1",
        "healthy": checks.iter().all(|check| check.finding != Finding::Bad),
        "checks": checks,
    })
}
