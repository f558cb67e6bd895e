//! What to pin, as text for a terminal.

use super::{Page, Paint, Style};
use crate::report::{
    pins::{Excluder, PinnedRange, Pins},
    text,
};

/// Rectangles that are shown at most.
const SHOWN: usize = 5;

/// Ranges to copy into a `pyproject.toml`, and what keeps other cells out.
pub fn pins(pins: &Pins, style: &Style) -> String {
    let mut page = Page::new(style);
    page.paragraph(0, 2, Paint::Bold, &headline(pins));
    for range in pins.rectangles.iter().take(SHOWN) {
        rectangle(range, &mut page);
    }
    page.blank();
    if pins.rectangles.len() > SHOWN {
        page.field(0, "More", &format!("{} older ranges: --format json", pins.rectangles.len() - SHOWN), 2);
    }
    if let Some(words) = excludes_most(pins) {
        page.field(0, "Excludes", &words, 4);
    }
    if !pins.rectangles.is_empty() {
        page.field(0, "Bounds", "both ends of every range ran; releases between them that are not in the matrix did not", 2);
    }
    for note in &pins.notes {
        page.field(0, "Note", note, 3);
    }
    if let Some(cell) = &pins.recommended {
        page.field(0, "Next", &format!("skew pins --format requirements, for {cell} with exact versions and hashes"), 2);
    }
    page.finish()
}

/// How many cells qualify, and what that means.
fn headline(pins: &Pins) -> String {
    let what = match pins.scenarios.as_slice() {
        [one] => one.clone(),
        all => format!("all of {}", text::count(all.len() as u64, "scenario")),
    };
    let baseline = &pins.baseline;
    match pins.qualifying.len() {
        0 => format!("No cell qualifies: in none of {} {what} ran and agreed with {baseline}", text::count(pins.cells as u64, "cell")),
        some => format!("{some} of {}: {what} ran there and agreed with {baseline}", text::count(pins.cells as u64, "cell")),
    }
}

/// Which scenario keeps most cells out.
pub fn excludes_most(pins: &Pins) -> Option<String> {
    let Excluder { scenario, cells, alone } = pins.excluders.first()?;
    let gain = match alone {
        0 => "no more would qualify without it alone".to_owned(),
        more => format!("{more} more would qualify without it"),
    };
    Some(format!("{scenario} excludes most: it differs in {cells} of the {} that ran; {gain}", text::count(pins.ran as u64, "cell")))
}

fn rectangle(range: &PinnedRange, page: &mut Page<'_>) {
    page.section(&range.title, &text::count(range.cells.len() as u64, "cell"));
    page.blank();
    let requirements = range.requirements.iter().map(|requirement| format!("    \"{requirement}\","));
    let lines = [format!("requires-python = \"{}\"", range.requires_python), "dependencies = [".to_owned()];
    for line in lines.into_iter().chain(requirements).chain(["]".to_owned()]) {
        page.laid_out(&format!("  {line}"));
    }
    page.blank();
    if range.warns > 0 {
        page.field(2, "warns", &format!("{} where the baseline does not; values are the same", text::count(range.warns as u64, "cell")), 2);
    }
    if range.undeclared > 0 {
        let cells = text::count(range.undeclared as u64, "cell");
        page.field(2, "metadata", &format!("forbids {cells} of these: a resolver will take others"), 2);
    }
}
