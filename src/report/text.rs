//! Text that scenarios and packages wrote, made safe to print and to measure.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Makes control characters, escape sequences and invisible direction marks visible: `\n`, `\x1b`, `\u{202e}`.
/// The result is one line that can do nothing to a terminal.
pub fn visible(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("    "),
            '\r' => out.push_str("\\r"),
            '\0'..='\x1f' | '\x7f' => {
                let _ = write!(out, "\\x{:02x}", u32::from(character));
            }
            _ if character.is_control() || is_invisible(character) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out
}

/// Line and paragraph separators, direction overrides and zero-width characters, which can hide or reorder text, and what
/// is no character in XML.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// Writes text with ASCII alone: the signs that reports use have spellings of their own, all else is escaped.
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '→' => out.push_str("->"),
            '≥' => out.push_str(">="),
            '≤' => out.push_str("<="),
            '–' | '─' | '·' => out.push('-'),
            '×' => out.push('x'),
            '…' => out.push_str("..."),
            '«' => out.push('>'),
            '»' => out.push('<'),
            '∞' => out.push_str("inf"),
            '★' => out.push_str(super::palette::BASELINE.1),
            _ if character.is_ascii() => out.push(character),
            _ => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
        }
    }
    out
}

/// Columns that text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Cuts text to at most `columns`, `ellipsis` included.
pub fn fit(text: &str, columns: usize, ellipsis: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(width(ellipsis));
    let mut out = String::new();
    let mut taken = 0;
    for character in text.chars() {
        taken += character.width().unwrap_or(0);
        if taken > room {
            break;
        }
        out.push(character);
    }
    if columns >= width(ellipsis) {
        out.push_str(ellipsis);
    }
    out
}

/// Breaks text at spaces into lines of at most `columns`; longer words are cut where the line ends.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    wrap_hanging(text, columns, columns)
}

/// As [`wrap`], with a first line of its own length.
pub fn wrap_hanging(text: &str, first: usize, others: usize) -> Vec<String> {
    let others = others.max(1);
    let mut columns = first.max(1);
    let mut lines = vec![String::new()];
    let mut taken = 0;
    for word in text.split(' ') {
        let wide = width(word);
        let space = usize::from(taken > 0);
        if taken + space + wide > columns && taken > 0 {
            lines.push(String::new());
            (taken, columns) = (0, others);
        }
        let Some(line) = lines.last_mut() else { break };
        if taken > 0 {
            line.push(' ');
            taken += 1;
        }
        if taken + wide <= columns {
            line.push_str(word);
            taken += wide;
            continue;
        }
        for character in word.chars() {
            let wide = character.width().unwrap_or(0);
            if taken + wide > columns && taken > 0 {
                lines.push(String::new());
                (taken, columns) = (0, others);
            }
            if let Some(line) = lines.last_mut() {
                line.push(character);
            }
            taken += wide;
        }
    }
    lines
}

/// Pads text to `columns` with spaces behind it.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// `1 cell`, `2 cells`, `1,000 observations`.
pub fn count(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// `a, b, c`, `a, b and 4 more`: all where there are at most `most`.
pub fn list(names: &[String], most: usize) -> String {
    match names.len().checked_sub(most) {
        None | Some(0) => names.join(", "),
        Some(rest) => format!("{} and {} more", names[..most].join(", "), grouped(rest as u64)),
    }
}

/// `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `0.40 s`, `12 s`, `9m 12s`, `2h 03m`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "unknown".to_owned();
    }
    if seconds < 10.0 {
        return format!("{seconds:.2} s");
    }
    #[expect(clippy::cast_sign_loss, reason = "negative numbers were sent away above")]
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => format!("{}m {:02}s", whole / 60, whole % 60),
        _ => format!("{}h {:02}m", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_direction_marks_become_visible() {
        assert_eq!(visible("a\x1b[31mred\x07\u{9b}2J\u{202e}b\nc"), "a\\x1b[31mred\\x07\\u{9b}2J\\u{202e}b\\nc");
    }

    #[test]
    fn long_text_is_cut_by_columns_not_by_characters() {
        assert_eq!(fit("ねこねこ", 5, "…"), "ねこ…");
        assert_eq!(fit("abc", 3, "…"), "abc");
        assert_eq!(fit("abcd", 0, "…"), "");
    }

    #[test]
    fn text_breaks_at_spaces_and_long_words_at_the_edge() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap_hanging("one two three four", 9, 5), ["one two", "three", "four"]);
    }

    #[test]
    fn numbers_are_grouped_and_durations_are_short() {
        assert_eq!((grouped(7), grouped(1234), grouped(1_234_567)), ("7".into(), "1,234".into(), "1,234,567".into()));
        assert_eq!((duration(0.4), duration(552.0), duration(7380.0)), ("0.40 s".into(), "9m 12s".into(), "2h 03m".into()));
    }
}
