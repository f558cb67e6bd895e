//! Texts in which `*` stands for anything.

/// A text with `*` for anything; `\*` and `\\` are a star and a backslash.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// As it is written.
    text: String,
    /// What stands between the stars.
    pieces: Vec<String>,
}

impl Pattern {
    /// Reads a pattern.
    pub fn new(text: &str) -> Self {
        let mut pieces = vec![String::new()];
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let escaped = if character == '\\' { characters.next_if(|next| matches!(next, '*' | '\\')) } else { None };
            match (character, pieces.last_mut()) {
                ('*', _) => pieces.push(String::new()),
                (plain, Some(piece)) => piece.push(escaped.unwrap_or(plain)),
                (_, None) => {}
            }
        }
        Self { text: text.to_owned(), pieces }
    }

    /// The pattern that only this text matches.
    pub fn literal(text: &str) -> Self {
        Self { text: escaped(text), pieces: vec![text.to_owned()] }
    }

    /// The pattern that matches what begins with this text.
    pub fn beginning(text: &str) -> Self {
        Self { text: format!("{}*", escaped(text)), pieces: vec![text.to_owned(), String::new()] }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The only text that matches, if it is one.
    pub fn exact(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Whether a text is meant.
    pub fn matches(&self, text: &str) -> bool {
        let Some((first, rest)) = self.pieces.split_first() else { return false };
        let Some((last, middle)) = rest.split_last() else { return text == first };
        let Some(mut text) = text.strip_prefix(first.as_str()).and_then(|text| text.strip_suffix(last.as_str())) else { return false };
        middle.iter().all(|piece| match text.find(piece.as_str()) {
            Some(at) => {
                text = &text[at + piece.len()..];
                true
            }
            None => false,
        })
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('*', "\\*")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Pattern;

    #[test]
    fn a_star_stands_for_anything() {
        let cases = [
            ("cast/*", "cast/int8", true),
            ("cast/*", "cast/", true),
            ("cast/*", "recast/int8", false),
            ("*", "", true),
            ("*8", "int8", true),
            ("a*a", "a", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("x[0]?", "x[0]?", true),
            (r"\*", "*", true),
            (r"\*", "a", false),
            (r"a\b", r"a\b", true),
        ];
        for (pattern, text, matches) in cases {
            assert_eq!(Pattern::new(pattern).matches(text), matches, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn a_literal_matches_itself_alone(text in r"[a*\\]{0,6}", other in r"[a*\\]{0,6}") {
            let pattern = Pattern::literal(&text);
            prop_assert_eq!(&Pattern::new(pattern.as_str()), &pattern);
            prop_assert_eq!(pattern.exact(), Some(text.as_str()));
            prop_assert_eq!(pattern.matches(&other), text == other);
            let beginning = Pattern::beginning(&text);
            prop_assert_eq!(&Pattern::new(beginning.as_str()), &beginning);
            prop_assert_eq!(beginning.matches(&other), other.starts_with(&text));
        }
    }
}
