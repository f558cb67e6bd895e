//! Reads the numbered lines of a pod's log: what `pod.py` makes of the agent's output.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use flate2::{Decompress, FlushDecompress, Status};
use jiff::Timestamp;

use crate::{
    EngineError, Line, Mark,
    stream::{Lines, Tail},
};

/// Bytes that are unpacked at a time.
const STEP: usize = 64 << 10;

/// How the agent ended, as the log tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Exit code; 128 + n for signal n.
    pub(super) code: i64,
    /// The kernel killed it for lack of memory.
    pub(super) oom_killed: bool,
}

/// Why a line of the log cannot be taken.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Lines are missing between this number and the one that came.
    Gap(u64, u64),
    /// The agent's line is too long, or what is packed in it is no zlib.
    Engine(EngineError),
}

/// Takes the lines of a log in whatever parts it is read, each once.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// Number of the next line.
    next: u64,
    /// When the last one was written.
    written: Option<Timestamp>,
    /// Where the line of stdout began that is being continued.
    begun: Option<Mark>,
    lines: Lines,
    tail: Tail,
    /// Of the line of stdout that is being continued.
    unpacking: Option<Decompress>,
    /// How the agent ended, once the log says so.
    pub(super) end: Option<End>,
}

impl Decoder {
    /// Begins at a mark, or with the first line.
    pub(super) fn new(from: Option<&Mark>) -> Self {
        Self { next: from.map_or(0, |mark| mark.number), written: from.and_then(|mark| mark.written), ..Self::default() }
    }

    /// When the last line was written that was taken.
    pub(super) fn written(&self) -> Option<Timestamp> {
        self.written
    }

    /// Takes a line, and when it was written; returns the agent's lines that it completes. What has no number is kept for
    /// people: that is what an interpreter or a container runtime says which could not start.
    pub(super) fn take(&mut self, line: &[u8], written: Option<Timestamp>) -> Result<Vec<Line>, Trouble> {
        self.written = written.or(self.written);
        let Some((number, tag, text)) = parts(line) else {
            self.tail.push(line);
            self.tail.push(b"\n");
            return Ok(Vec::new());
        };
        if number < self.next {
            return Ok(Vec::new());
        }
        if number > self.next {
            return Err(Trouble::Gap(self.next, number));
        }
        self.next += 1;
        match tag {
            b"o" | b"oz" | b"oz+" => {
                let mark = self.begun.take().unwrap_or(Mark { number, written: self.written });
                let mut lines = if tag == b"o" { self.push(text)? } else { self.unpack(text)? };
                if tag == b"oz+" {
                    self.begun = Some(mark.clone());
                } else {
                    self.unpacking = None;
                    lines.extend(self.push(b"\n")?);
                }
                Ok(lines.into_iter().map(|text| Line { text, mark: Some(mark.clone()) }).collect())
            }
            b"ez" => {
                let mut unpacked = Vec::new();
                inflate(&mut Decompress::new(true), &decode(text)?, |bytes| {
                    unpacked.extend_from_slice(bytes);
                    Ok(())
                })?;
                self.tail.push(&unpacked);
                Ok(Vec::new())
            }
            b"x" => {
                let text = String::from_utf8_lossy(text);
                let mut words = text.split(' ');
                let code = words.next().and_then(|code| code.parse().ok()).ok_or_else(|| garbled("an end without a code"))?;
                self.end = Some(End { code, oom_killed: words.next() == Some("oom") });
                Ok(Vec::new())
            }
            _ => Err(garbled("a line of no known kind")),
        }
    }

    /// The end of what the agent wrote to stderr.
    pub(super) fn stderr(self) -> String {
        self.tail.text()
    }

    fn push(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, Trouble> {
        self.lines.push(bytes).map_err(Trouble::Engine)
    }

    fn unpack(&mut self, text: &[u8]) -> Result<Vec<Vec<u8>>, Trouble> {
        let packed = decode(text)?;
        let mut unpacking = self.unpacking.take().unwrap_or_else(|| Decompress::new(true));
        let mut whole = Vec::new();
        inflate(&mut unpacking, &packed, |bytes| {
            whole.extend(self.push(bytes)?);
            Ok(())
        })?;
        self.unpacking = Some(unpacking);
        Ok(whole)
    }
}

/// Number, tag and text of a line.
fn parts(line: &[u8]) -> Option<(u64, &[u8], &[u8])> {
    let mut parts = line.splitn(3, |byte| *byte == b' ');
    let number = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    let tag = parts.next().filter(|tag| matches!(tag, [b'o' | b'e' | b'x'] | [b'o' | b'e', b'z', ..]))?;
    Some((number, tag, parts.next()?))
}

fn decode(text: &[u8]) -> Result<Vec<u8>, Trouble> {
    BASE64_STANDARD.decode(text).map_err(|_| garbled("a line that is cut off"))
}

fn inflate(state: &mut Decompress, mut packed: &[u8], mut take: impl FnMut(&[u8]) -> Result<(), Trouble>) -> Result<(), Trouble> {
    let mut room = vec![0; STEP];
    loop {
        let (read, written) = (state.total_in(), state.total_out());
        let status = state.decompress(packed, &mut room, FlushDecompress::None).map_err(|_| garbled("bytes that are not packed"))?;
        let (read, written) = ((state.total_in() - read) as usize, (state.total_out() - written) as usize);
        take(room.get(..written).unwrap_or_default())?;
        packed = packed.get(read..).unwrap_or_default();
        if status == Status::StreamEnd || (packed.is_empty() && written < STEP) || (read == 0 && written == 0) {
            return Ok(());
        }
    }
}

fn garbled(what: &str) -> Trouble {
    Trouble::Engine(EngineError::Kubernetes { action: "read a pod's log".to_owned(), message: format!("it has {what}") })
}
