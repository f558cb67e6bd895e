//! What a scenario observed: facts, as the agent sent them and as the store keeps them.
//!
//! A fact is never judged here; [`crate::compare`] does that.

use serde::{Deserialize, Serialize};

/// One distinct value or error of an observation; cells that agree share it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fact {
    /// The observation has a value.
    Value(Value),
    /// An error was raised instead.
    Error(Raised),
}

/// The form of a [`Value`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `None`.
    None,
    /// A Python `bool`, `int`, `float` or `complex`.
    Scalar,
    /// A `str`.
    Text,
    /// A `bytes` or `bytearray`.
    Bytes,
    /// An array, a tensor or an array library's scalar (shape `[]`): has `dtype` and `shape`.
    Array,
    /// A dtype object; `preview` is its name.
    Dtype,
    /// A shape object; `preview` is the list of its dimensions (`null` for unknown ones).
    Shape,
    /// A list, tuple, set, named tuple, ragged or sparse tensor: the parts are in `items`.
    Sequence,
    /// A dict: the parts are in `entries`.
    Mapping,
    /// Anything else: `preview` is its `repr` with addresses removed.
    Other,
}

/// A value, reduced to what can be compared between interpreters and releases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Value {
    /// Form of the value.
    pub kind: Kind,
    /// Public type name: top package and last component, as `numpy.ndarray`, `tensorflow.EagerTensor`, `int`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// NumPy's name of the element type (`float32`, `<U21`, `bfloat16`), for arrays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dtype: Option<String>,
    /// Dimensions, for arrays; `[]` is a scalar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Vec<u64>>,
    /// What people see: the first elements as numbers; NaN and infinities as the strings `nan`, `inf`, `-inf`;
    /// complex numbers as `[re, im]`. Flat for arrays (C order), a bare value for shape `[]` and scalars.
    #[serde(default)]
    pub preview: serde_json::Value,
    /// Raw little-endian element bytes in C order, base64, for arrays whose elements have a fixed size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// BLAKE2b-128 of the whole raw content, hex; equal digests mean equal bits. Always there for arrays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Set when `data` holds less than the whole array.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncated: Option<Truncated>,
    /// Parts of a sequence, in order (sets: sorted by their canonical text).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<Value>>,
    /// Parts of a mapping: key as text, value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<Vec<(String, Value)>>,
}

/// What is known of an array that was too large to send whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Truncated {
    /// Size of the whole content in bytes.
    pub bytes: u64,
    /// Elements in `data`.
    pub kept: u64,
    /// Smallest element, NaN aside (numbers only).
    #[serde(default)]
    pub min: Option<f64>,
    /// Largest element, NaN aside (numbers only).
    #[serde(default)]
    pub max: Option<f64>,
    /// Mean, NaN aside (numbers only).
    #[serde(default)]
    pub mean: Option<f64>,
    /// Number of NaN elements.
    #[serde(default)]
    pub nan: u64,
}

/// An error that a scenario met.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Raised {
    /// Qualified type, as Python names it: `numpy.exceptions.AxisError`, `ValueError` for builtins.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Qualified names of the base classes, nearest first, `object` left out.
    #[serde(default)]
    pub bases: Vec<String>,
    /// Message with paths, addresses and generated op names normalised.
    pub message: String,
    /// Line of the scenario where it surfaced, 1-based.
    #[serde(default)]
    pub line: Option<u32>,
    /// Text of that line.
    #[serde(default)]
    pub source: Option<String>,
    /// Trimmed traceback, environment paths normalised.
    #[serde(default)]
    pub traceback: Vec<String>,
    /// The telling text when the exception misleads: "A module that was compiled using NumPy 1.x …".
    #[serde(default)]
    pub cause: Option<String>,
}

/// A warning issued while an observation was made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Warned {
    /// Class name, last component: `DeprecationWarning`.
    pub category: String,
    /// Normalised message.
    pub message: String,
    /// Whose file it is attributed to: `scenario`, or the top package of the file (`numpy`, `keras`).
    pub origin: String,
}

/// One named fact a scenario yields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Name: the variable's, or the one given to `observe`. `<script>` tells how the script ended.
    pub name: String,
    /// Value or error.
    pub fact: Fact,
    /// Warnings issued while it was made, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warned>,
    /// Line of the scenario, 1-based, where the name was bound last or `observe` was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// Name of the observation that every started scenario has: `None`, or its uncaught error.
pub const SCRIPT: &str = "<script>";

/// What happened to one scenario in one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It ended normally.
    Ran,
    /// An uncaught error ended it.
    Raised,
    /// A signal ended it.
    Crash,
    /// It took longer than its limit.
    Timeout,
    /// It was killed for its memory.
    Oom,
    /// It ended the interpreter itself (`os._exit`, `SystemExit`) before the end of the script.
    Exited,
    /// It wrote something onto the agent's descriptor that is not the protocol.
    Protocol,
    /// Its `when` is false here.
    NotApplicable,
    /// The harness failed; says nothing about the cell.
    Infra,
}

impl Status {
    /// The contract's name, as in `results.json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ran => "ran",
            Self::Raised => "raised",
            Self::Crash => "crash",
            Self::Timeout => "timeout",
            Self::Oom => "oom",
            Self::Exited => "exited",
            Self::Protocol => "protocol",
            Self::NotApplicable => "not-applicable",
            Self::Infra => "infra",
        }
    }

    /// Reads the contract's name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ran, Self::Raised, Self::Crash, Self::Timeout, Self::Oom, Self::Exited, Self::Protocol, Self::NotApplicable, Self::Infra]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// How one execution of a scenario ended, without its observations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ending {
    /// What happened.
    pub status: Status,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Peak resident memory in bytes, where the platform tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_rss: Option<u64>,
    /// `SIGSEGV`, `SIGABRT` … for crashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// Exit code, for `exited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// One line that explains the status: the signal and where, the limit passed, the protocol violation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Frames of faulthandler's trace, newest first, for crashes and timeouts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<String>,
    /// The end of its standard output, at most `limits.output` bytes, invalid UTF-8 replaced.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stdout: String,
    /// The end of its standard error.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stderr: String,
    /// It crashed or hung in a fork but not in a fresh process; this is the fresh process's ending.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fork_only: bool,
}

impl Ending {
    /// An ending of which nothing else is known.
    pub fn quiet(status: Status, seconds: f64) -> Self {
        Self {
            status,
            seconds,
            max_rss: None,
            signal: None,
            exit_code: None,
            cause: None,
            trace: Vec::new(),
            stdout: String::new(),
            stderr: String::new(),
            fork_only: false,
        }
    }

    /// Whether there is more to tell than status, time and memory.
    pub fn tells_more(&self) -> bool {
        let Self { status: _, seconds: _, max_rss: _, signal, exit_code, cause, trace, stdout, stderr, fork_only } = self;
        let is_silent = trace.is_empty() && stdout.is_empty() && stderr.is_empty();
        signal.is_some() || exit_code.is_some() || cause.is_some() || *fork_only || !is_silent
    }
}
