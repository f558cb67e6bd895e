//! Details, compressed, within a budget.

use std::{
    io::Write as _,
    sync::atomic::{AtomicUsize, Ordering},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::ZlibEncoder};
use serde::Serialize;

use super::chunk::{self, Detail};
use crate::{parallel, report::Results};

/// From everything worth a look down to the verdicts alone.
const LEVELS: [Detail; 3] = [Detail { elements: 32, text: 4096 }, Detail { elements: 8, text: 1024 }, Detail { elements: 0, text: 160 }];

/// What the page carries beside its index.
pub(super) struct Packed {
    /// Packages and import errors of the cells.
    pub(super) cells: String,
    /// One for each scenario.
    pub(super) scenarios: Vec<String>,
    /// What was cut, when something was.
    pub(super) notice: Option<String>,
}

/// Packs the details, with as much in them as fits into `budget`.
pub(super) fn chunks(results: &Results, budget: usize) -> Packed {
    let [full, cut @ ..] = LEVELS;
    if let Some(packed) = level(results, full, budget) {
        return packed;
    }
    let [.., last] = LEVELS;
    let (detail, mut packed) = cut
        .into_iter()
        .find_map(|detail| Some((detail, level(results, detail, budget)?)))
        .or_else(|| Some((last, level(results, last, usize::MAX)?)))
        .unwrap_or((last, Packed { cells: String::new(), scenarios: Vec::new(), notice: None }));
    let values = match detail.elements {
        0 => "values of arrays are left out".to_owned(),
        elements => format!("arrays are cut to their first {elements} elements"),
    };
    packed.notice = Some(format!(
        "To keep this file small, {values} and long texts to {} characters. Verdicts and counts are whole; `skew explain CELL` shows the rest.",
        detail.text
    ));
    packed
}

/// `None` as soon as it is larger than `budget`.
fn level(results: &Results, detail: Detail, budget: usize) -> Option<Packed> {
    let cells = pack(&chunk::cells(results, detail));
    let size = AtomicUsize::new(cells.len());
    let fits = |packed: &String| size.fetch_add(packed.len(), Ordering::Relaxed) + packed.len() <= budget;
    let scenarios = parallel::map(results.scenarios.iter().collect(), |scenario| {
        let may_fit = size.load(Ordering::Relaxed) <= budget;
        may_fit.then(|| pack(&chunk::scenario(results, scenario, detail))).filter(fits)
    });
    Some(Packed { cells, scenarios: scenarios.into_iter().collect::<Option<_>>()?, notice: None })
}

/// JSON, deflated, in base64.
fn pack(content: &impl Serialize) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing into memory does not fail, and everything packed has string keys.
    let written = serde_json::to_writer(&mut encoder, content).is_ok() && encoder.flush().is_ok();
    let bytes = if written { encoder.finish().unwrap_or_default() } else { Vec::new() };
    STANDARD.encode(bytes)
}
