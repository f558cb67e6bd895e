//! What engines do with the bytes of an agent: cut stdout into lines, keep the end of stderr.

use std::collections::VecDeque;

use super::{EngineError, MAX_LINE};

/// Bytes of an agent's stderr that are kept.
const TAIL: usize = 64 << 10;

/// Cuts a byte stream into lines.
///
/// A last line without its newline is never handed out: whoever wrote it died in the middle of it.
#[derive(Debug, Default)]
pub(super) struct Lines {
    partial: Vec<u8>,
}

impl Lines {
    /// Takes the next bytes and returns the lines they complete, without newlines.
    ///
    /// # Errors
    /// [`EngineError::Line`] once a line grows beyond [`MAX_LINE`].
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> Result<Vec<Vec<u8>>, EngineError> {
        let mut lines = Vec::new();
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = bytes.split_at(end);
            if self.partial.len() + line.len() > MAX_LINE {
                return Err(EngineError::Line);
            }
            let mut whole = std::mem::take(&mut self.partial);
            whole.extend_from_slice(line);
            lines.push(whole);
            bytes = rest.get(1..).unwrap_or_default();
        }
        if self.partial.len() + bytes.len() > MAX_LINE {
            return Err(EngineError::Line);
        }
        self.partial.extend_from_slice(bytes);
        Ok(lines)
    }
}

/// Keeps the last 64 KiB of a stream.
#[derive(Debug, Default)]
pub(super) struct Tail {
    bytes: VecDeque<u8>,
}

impl Tail {
    /// Takes the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let kept = bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or_default();
        let surplus = (self.bytes.len() + kept.len()).saturating_sub(TAIL);
        self.bytes.drain(..surplus);
        self.bytes.extend(kept);
    }

    /// What is kept, as text; bytes that are no UTF-8 become replacement characters.
    pub(super) fn text(mut self) -> String {
        String::from_utf8_lossy(self.bytes.make_contiguous()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_wherever_the_pieces_end() {
        let mut lines = Lines::default();
        assert!(lines.push(b"on").is_ok_and(|got| got.is_empty()));
        assert!(lines.push(b"e\n\ntwo\nthr").is_ok_and(|got| got == [b"one".to_vec(), Vec::new(), b"two".to_vec()]));
        assert!(lines.push(b"ee\n").is_ok_and(|got| got == [b"three".to_vec()]));
    }

    #[test]
    fn a_line_may_be_as_long_as_the_limit_and_not_longer() {
        let mut lines = Lines::default();
        let mut longest = vec![b'x'; MAX_LINE];
        assert!(lines.push(&longest).is_ok());
        assert!(lines.push(b"\n").is_ok_and(|got| got.len() == 1));
        longest.push(b'x');
        assert!(matches!(lines.push(&longest), Err(EngineError::Line)));
    }

    #[test]
    fn the_tail_is_the_end() {
        let mut tail = Tail::default();
        tail.push(&vec![b'a'; TAIL]);
        tail.push(b"end");
        let text = tail.text();
        assert_eq!(text.len(), TAIL);
        assert!(text.ends_with("aend"));
    }
}
