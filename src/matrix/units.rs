//! Quantities with units.

use std::time::Duration;

use super::{
    check::{Checker, quote},
    tree::Node,
};

/// Units of a time span, with their length in seconds.
const SECONDS: [(&str, f64); 5] = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86_400.0)];

/// Units of memory, in bytes.
const BYTES: [(&str, u128); 9] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];

impl Checker<'_> {
    /// A time span above zero: `120s`, `2m`, `500ms`, `1.5h`; a bare number is seconds.
    pub(crate) fn duration(&mut self, node: &Node, what: &str) -> Option<Duration> {
        let help = "a time span with its unit: `500ms`, `120s`, `2m`, `1h` or `7d`";
        let text = self.text(node, what, help)?;
        let (number, unit) = split(text);
        let unit = if unit.is_empty() { "s" } else { unit };
        let factor = SECONDS.iter().find(|(name, _)| *name == unit).map(|(_, seconds)| *seconds);
        let span = number
            .parse::<f64>()
            .ok()
            .zip(factor)
            .and_then(|(number, factor)| Duration::try_from_secs_f64(number * factor).ok())
            .filter(|span| !span.is_zero());
        if span.is_none() {
            self.report(&node.span, format!("{what} can't be {}", quote(text)), help);
        }
        span
    }

    /// An amount of memory above zero, in bytes: `4GiB`, `512MiB`, `4GB`. It needs a unit, because nobody means four bytes
    /// by `4`.
    pub(crate) fn bytes(&mut self, node: &Node, what: &str) -> Option<u64> {
        let text = self.text(node, what, "an amount with its unit, such as `4GiB` or `512MiB`")?;
        let (number, unit) = split(text);
        let factor = BYTES.iter().find(|(name, _)| *name == unit).map(|(_, bytes)| *bytes);
        let amount = decimal(number)
            .zip(factor)
            .and_then(|((digits, divisor), factor)| u64::try_from(digits.checked_mul(factor)? / divisor).ok())
            .filter(|bytes| *bytes > 0);
        if amount.is_none() {
            let prefix = unit.chars().next().map(|letter| letter.to_ascii_uppercase());
            let help = match prefix {
                Some(letter @ ('K' | 'M' | 'G' | 'T')) if factor.is_none() && decimal(number).is_some() => {
                    format!("did you mean `{number}{letter}iB`?")
                }
                None if decimal(number).is_some() => format!("it needs a unit: `{number}GiB`, `{number}MiB` or `{number}B`"),
                _ => "an amount with its unit, such as `4GiB` or `512MiB`".to_owned(),
            };
            self.report(&node.span, format!("{what} can't be {}", quote(text)), help);
        }
        amount
    }
}

/// `120s` into `120` and `s`; blanks between them don't matter.
fn split(text: &str) -> (&str, &str) {
    let end = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

/// `1.5` as digits over a power of ten, `(15, 10)`.
fn decimal(text: &str) -> Option<(u128, u128)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.len() > 9 || whole.len() > 18 {
        return None;
    }
    let divisor = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    Some((whole.parse::<u128>().ok()? * divisor + fraction.parse::<u128>().ok()?, divisor))
}
