//! The compatibility table as a picture: one file with a background of its own, so that it reads on light and dark
//! pages alike.

use std::collections::BTreeSet;

use askama::Template;

use super::{BASELINE, FLAKY, Face, Grid, Layout, Mark, Results, caption, grids, text};

/// Height of a row.
const ROW: usize = 30;
/// Height of a line of running text.
const LINE: usize = 22;
/// Space around everything.
const MARGIN: usize = 20;
/// Width of a character, on the generous side: the font is the reader's.
const CHARACTER: usize = 8;
/// Least width of the picture, so that its running text has room.
const LEAST: usize = 520;

/// The picture.
#[derive(Template)]
#[template(path = "compat.svg")]
struct Picture {
    width: usize,
    height: usize,
    title: String,
    description: String,
    colors: Vec<(&'static str, super::Colors)>,
    boxes: Vec<Tile>,
    words: Vec<Words>,
}

/// A cell of the table.
struct Tile {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    key: &'static str,
    text: String,
    /// What a screen reader says and a pointer shows.
    name: String,
    baseline: bool,
}

impl Tile {
    fn middle(&self) -> (usize, usize) {
        (self.x + self.width / 2, self.y + self.height / 2 + 5)
    }
}

/// A line of text.
struct Words {
    x: usize,
    y: usize,
    style: &'static str,
    text: String,
}

/// Renders the picture. Neighbouring versions that show the same are merged.
pub fn render(results: &Results) -> String {
    let layout = Layout::new(results);
    let mut picture = Picture {
        width: LEAST,
        height: MARGIN,
        title: text::visible(&format!("Compatibility of {}", caption::title(results))),
        description: String::new(),
        colors: Vec::new(),
        boxes: Vec::new(),
        words: Vec::new(),
    };
    let mut faces = Vec::new();
    if !results.run.complete {
        picture.line("alarm", "Incomplete: some cells have no answer yet.");
    }
    for grid in grids(results, &layout) {
        let grid = grid.collapsed();
        picture.table(&grid);
        faces.extend(grid.faces.into_iter().flatten().flatten());
    }
    let marks: BTreeSet<Mark> = faces.iter().map(|face| face.mark).collect();
    let mut legend = caption::legend(&marks, |_, look| format!("{}{}", look.symbol, if look.counted { " n" } else { "" }));
    if faces.iter().any(|face| face.flaky) {
        legend.push(format!("{} flaky", FLAKY.0));
    }
    if faces.iter().any(|face| face.inferred.is_some()) {
        legend.push("( ) expected, not run".to_owned());
    }
    if faces.iter().any(|face| face.class.is_some()) {
        legend.push("letters: behaviour classes".to_owned());
    }
    let (baseline, extent, date) = (caption::baseline(results), caption::extent(results), caption::date(results));
    let about = format!("Baseline {} {baseline}, {extent}, {date}", BASELINE.0);
    // An entry is not broken in two.
    let legend: Vec<String> = legend.into_iter().map(|entry| entry.replace(' ', "\u{a0}")).collect();
    let since = results.since.as_ref().map(|since| since.headline(&since.when()));
    for line in [legend.join(" · "), about].into_iter().chain(since) {
        for line in text::wrap(&text::visible(&line), (picture.width - 2 * MARGIN) / (CHARACTER - 1)) {
            picture.line("small", line.trim_end_matches(" ·"));
        }
    }
    picture.height += MARGIN - 6;
    picture.description = text::visible(&format!("{}. Baseline {baseline}, {extent}, {date}.", caption::tally_words(results)));
    picture.colors = marks.into_iter().map(|mark| (mark.look().key, mark.look().light)).collect();
    // Writing into memory cannot fail, and the template has no filter of its own that could.
    picture.render().unwrap_or_default()
}

impl Picture {
    fn line(&mut self, style: &'static str, line: &str) {
        self.words.push(Words { x: MARGIN, y: self.height + LINE - 7, style, text: line.to_owned() });
        self.height += LINE;
    }

    fn table(&mut self, grid: &Grid) {
        if let Some(heading) = &grid.heading {
            self.line("bold", &text::visible(heading));
        }
        let wide = |label: &str| CHARACTER * text::width(label) + 18;
        let rows: Vec<String> = grid.rows.iter().map(|row| text::visible(&row.label())).collect();
        let columns: Vec<String> = grid.columns.iter().map(|column| text::visible(&column.label())).collect();
        let corner = text::visible(&grid.corner);
        let first = rows.iter().chain([&corner]).map(|label| wide(label)).max().unwrap_or(0);
        let top = self.height;
        self.words.push(Words { x: MARGIN, y: top + 20, style: "bold", text: corner });
        for (place, row) in rows.iter().enumerate() {
            self.words.push(Words { x: MARGIN, y: top + ROW * (place + 1) + 20, style: "bold", text: row.clone() });
        }
        let mut x = MARGIN + first;
        for (column, label) in columns.iter().enumerate() {
            let faces = || grid.faces.iter().map(|row| row.get(column).and_then(Option::as_ref));
            let width = faces().flatten().map(|face| wide(&tile_text(face))).chain([wide(label)]).max().unwrap_or(0);
            self.words.push(Words { x: x + width / 2, y: top + 20, style: "bold middle", text: label.clone() });
            for (place, face) in faces().enumerate() {
                let Some(face) = face else { continue };
                let look = face.mark.look();
                let count = if look.counted { format!("{} ", face.count) } else { String::new() };
                let class = face.class.as_ref().map(|class| format!(", class {class}")).unwrap_or_default();
                self.boxes.push(Tile {
                    x,
                    y: top + ROW * (place + 1),
                    width: width - 2,
                    height: ROW - 2,
                    key: look.key,
                    text: tile_text(face),
                    name: text::visible(&format!("{}, {label}: {count}{}{class}", rows[place], look.name)),
                    baseline: face.baseline,
                });
            }
            x += width;
        }
        self.width = self.width.max(x + MARGIN);
        self.height = top + ROW * (rows.len() + 1) + 12;
    }
}

fn tile_text(face: &Face) -> String {
    if let Some(expected) = face.expected(|mark| mark.look().symbol) {
        return format!("({})", text::visible(&expected));
    }
    let mut text = face.sign(false);
    if face.flaky {
        text.push_str(FLAKY.0);
    }
    if let Some(class) = &face.class {
        text.push(' ');
        text.push_str(&text::visible(class));
    }
    if face.baseline {
        text.push(' ');
        text.push_str(BASELINE.0);
    }
    text
}
