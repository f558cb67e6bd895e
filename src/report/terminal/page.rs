//! A page of terminal text: the only way from recorded text to the terminal.

use std::fmt::Write as _;

use crate::report::{Mark, text};

/// How to write for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// Whether to colour.
    pub color: bool,
    /// Whether to write nothing but ASCII.
    pub ascii: bool,
    /// Whether to merge neighbouring rows and columns that show the same.
    pub collapse: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 80, color: false, ascii: false, collapse: true }
    }
}

/// Colour of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Bold,
    Dim,
    Alarm,
    Mark(Mark),
}

/// Columns of a field's label.
const LABEL: usize = 10;

/// Text under construction.
pub(super) struct Page<'a> {
    pub(super) style: &'a Style,
    out: String,
}

impl<'a> Page<'a> {
    pub(super) fn new(style: &'a Style) -> Self {
        Self { style, out: String::new() }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// Text that can do nothing to a terminal, in the signs it can show.
    pub(super) fn clean(&self, raw: &str) -> String {
        let safe = text::visible(raw);
        if self.style.ascii { text::ascii(&safe) } else { safe }
    }

    fn fit(&self, clean: &str, columns: usize) -> String {
        text::fit(clean, columns, if self.style.ascii { "..." } else { "…" })
    }

    pub(super) fn symbol(&self, mark: Mark) -> &'static str {
        let look = mark.look();
        if self.style.ascii { look.ascii } else { look.symbol }
    }

    fn put(&mut self, paint: Paint, clean: &str) {
        let code = match paint {
            _ if !self.style.color || clean.is_empty() => None,
            Paint::Plain => None,
            Paint::Bold => Some("1".to_owned()),
            Paint::Dim => Some("2".to_owned()),
            Paint::Alarm => Some("1;31".to_owned()),
            Paint::Mark(mark) => Some(format!("38;5;{}", mark.look().accent)),
        };
        // Writing to a String cannot fail.
        let _ = match code {
            Some(code) => write!(self.out, "\x1b[{code}m{clean}\x1b[0m"),
            None => write!(self.out, "{clean}"),
        };
    }

    /// One line of differently coloured pieces, cut at the terminal's edge.
    pub(super) fn spans(&mut self, indent: usize, spans: &[(Paint, &str)]) {
        self.out.push_str(&" ".repeat(indent));
        let mut room = self.style.width.saturating_sub(indent);
        for (paint, raw) in spans {
            let clean = self.clean(raw);
            let shown = self.fit(&clean, room);
            self.put(*paint, &shown);
            room = room.saturating_sub(text::width(&shown));
            if shown != clean {
                break;
            }
        }
        self.end_line();
    }

    /// One line, cut at the terminal's edge.
    pub(super) fn line(&mut self, indent: usize, paint: Paint, raw: &str) {
        self.spans(indent, &[(paint, raw)]);
    }

    /// A line whose text is safe already and whose layout must stay: a row of a grid.
    pub(super) fn laid_out(&mut self, line: &str) {
        self.out.push_str(line);
        self.end_line();
    }

    fn end_line(&mut self) {
        let end = self.out.trim_end_matches(' ').len();
        self.out.truncate(end);
        self.out.push('\n');
    }

    /// An empty line, unless there is one already.
    pub(super) fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A heading with what it means beside it.
    pub(super) fn section(&mut self, title: &str, note: &str) {
        self.blank();
        let note = if note.is_empty() { String::new() } else { format!("  {note}") };
        self.spans(0, &[(Paint::Bold, title), (Paint::Dim, &note)]);
    }

    /// Text over as many lines as it takes; all but the first are indented by `hang` more.
    pub(super) fn paragraph(&mut self, indent: usize, hang: usize, paint: Paint, raw: &str) {
        let room = |indent: usize| self.style.width.saturating_sub(indent).max(20);
        let clean = self.clean(raw);
        for (index, line) in text::wrap_hanging(&clean, room(indent), room(indent + hang)).into_iter().enumerate() {
            self.out.push_str(&" ".repeat(if index == 0 { indent } else { indent + hang }));
            self.put(paint, &line);
            self.end_line();
        }
    }

    /// What a group of cells shares: a mark, what it is about, where, and a remark. The place goes below where it does
    /// not fit.
    pub(super) fn group(&mut self, mark: Mark, subject: &str, place: &str, remark: &str) {
        let symbol = text::pad(self.symbol(mark), 3);
        let taken = [subject, place, remark].iter().map(|part| text::width(&self.clean(part)) + 2).sum::<usize>();
        let remark = if remark.is_empty() { String::new() } else { format!("  {remark}") };
        let lead = if subject.is_empty() { Paint::Bold } else { Paint::Plain };
        if taken + 3 <= self.style.width {
            let gap = if subject.is_empty() || place.is_empty() { "" } else { "  " };
            let spans = [(Paint::Mark(mark), symbol.as_str()), (Paint::Bold, subject), (lead, gap), (lead, place), (Paint::Dim, &remark)];
            self.spans(2, &spans);
        } else {
            let subject = if subject.is_empty() { remark.trim_start() } else { subject };
            self.spans(2, &[(Paint::Mark(mark), &symbol), (Paint::Bold, subject)]);
            self.paragraph(6, 2, lead, place);
        }
    }

    /// `label     text` on one line, spaces kept, cut at the terminal's edge.
    pub(super) fn entry(&mut self, indent: usize, label: &str, raw: &str) {
        self.spans(indent, &[(Paint::Dim, &text::pad(label, LABEL + 1)), (Paint::Plain, raw)]);
    }

    /// `label     text`, over at most `lines` lines.
    pub(super) fn field(&mut self, indent: usize, label: &str, raw: &str, lines: usize) {
        let start = indent + LABEL + 1;
        let room = self.style.width.saturating_sub(start).max(20);
        let wrapped: Vec<String> = raw.lines().flat_map(|line| text::wrap(&self.clean(line), room)).collect();
        let cut = wrapped.len() > lines;
        for (index, line) in wrapped.iter().take(lines).enumerate() {
            self.out.push_str(&" ".repeat(indent));
            self.put(Paint::Dim, &text::pad(if index == 0 { label } else { "" }, LABEL));
            self.out.push(' ');
            let shown = if cut && index + 1 == lines { self.shortened(line, room) } else { line.clone() };
            self.put(Paint::Plain, &shown);
            self.end_line();
        }
    }

    fn shortened(&self, line: &str, room: usize) -> String {
        let ellipsis = if self.style.ascii { "..." } else { "…" };
        format!("{} {ellipsis}", text::fit(line, room.saturating_sub(text::width(ellipsis) + 1), ""))
    }

    /// Items side by side, wrapped between them.
    pub(super) fn flow(&mut self, indent: usize, items: &[String]) {
        let mut line = String::new();
        for item in items {
            let item = self.clean(item);
            if !line.is_empty() && indent + text::width(&line) + 2 + text::width(&item) > self.style.width {
                let full = std::mem::take(&mut line);
                self.line(indent, Paint::Dim, &full);
            }
            if !line.is_empty() {
                line.push_str("  ");
            }
            line.push_str(&item);
        }
        if !line.is_empty() {
            self.line(indent, Paint::Dim, &line);
        }
    }

    /// A rule across the page.
    pub(super) fn rule(&mut self) {
        self.blank();
        let rule = "─".repeat(self.style.width.min(40));
        self.line(0, Paint::Dim, &rule);
    }
}
