//! Facts small enough to read, and what is expected of them.

mod blocks;
mod numbers;
mod verdicts;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value as Json, json};

use super::{Judgement, Side, judge};
use crate::{
    matrix::Tolerances,
    observation::{Fact, Kind, Raised, Status, Truncated, Value, Warned},
};

/// One side, owned.
#[derive(Clone, Debug)]
struct Cell {
    status: Status,
    signal: Option<&'static str>,
    fact: Option<Fact>,
    warnings: Vec<Warned>,
}

impl Cell {
    fn side(&self) -> Side<'_> {
        Side { status: self.status, signal: self.signal, seen: self.fact.as_ref().map(|fact| (fact, self.warnings.as_slice())) }
    }

    fn warning(mut self, message: &str) -> Self {
        self.warnings.push(Warned { category: "UserWarning".to_owned(), message: message.to_owned(), origin: "numpy".to_owned() });
        self
    }
}

fn judged(baseline: &Cell, here: &Cell) -> Judgement {
    judge(baseline.side(), here.side(), &Tolerances::default())
}

fn absent(status: Status) -> Cell {
    Cell { status, signal: (status == Status::Crash).then_some("SIGSEGV"), fact: None, warnings: Vec::new() }
}

fn saw(value: Value) -> Cell {
    Cell { fact: Some(Fact::Value(value)), ..absent(Status::Ran) }
}

fn error(type_name: &str, message: &str) -> Cell {
    let raised = Raised {
        type_name: type_name.to_owned(),
        bases: Vec::new(),
        message: message.to_owned(),
        line: None,
        source: None,
        traceback: Vec::new(),
        cause: None,
    };
    Cell { fact: Some(Fact::Error(raised)), ..absent(Status::Ran) }
}

fn value(kind: Kind, type_name: &str, preview: Json) -> Value {
    Value {
        kind,
        type_name: type_name.to_owned(),
        dtype: None,
        shape: None,
        preview,
        data: None,
        digest: None,
        truncated: None,
        items: None,
        entries: None,
    }
}

fn scalar(type_name: &str, preview: Json) -> Value {
    value(Kind::Scalar, type_name, preview)
}

fn float(number: f64) -> Value {
    scalar("float", json!(number))
}

fn text(text: &str) -> Value {
    value(Kind::Text, "str", json!(text))
}

fn list(items: Vec<Value>) -> Value {
    Value { items: Some(items), ..value(Kind::Sequence, "list", Json::Null) }
}

fn dict(entries: Vec<(&str, Value)>) -> Value {
    let entries = entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    Value { entries: Some(entries), ..value(Kind::Mapping, "dict", Json::Null) }
}

fn array(dtype: &str, shape: &[u64], bytes: &[u8]) -> Value {
    Value {
        dtype: Some(dtype.to_owned()),
        shape: Some(shape.to_vec()),
        data: Some(STANDARD.encode(bytes)),
        digest: Some(blake3::hash(bytes).to_string()),
        ..value(Kind::Array, "numpy.ndarray", Json::Null)
    }
}

fn f32s(numbers: &[f32]) -> Value {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    array("float32", &[numbers.len() as u64], &bytes)
}

fn f64s(numbers: &[f64]) -> Value {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    array("float64", &[numbers.len() as u64], &bytes)
}

fn i64s(numbers: &[i64]) -> Value {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    array("int64", &[numbers.len() as u64], &bytes)
}

/// Of `whole` only the first two elements were sent.
fn truncated(whole: &[f64]) -> Value {
    let bytes = whole.len() as u64 * 8;
    let statistics = Truncated {
        bytes,
        kept: 2,
        min: whole.iter().copied().reduce(f64::min),
        max: whole.iter().copied().reduce(f64::max),
        mean: Some(whole.iter().sum::<f64>() / whole.len() as f64),
        nan: 0,
    };
    let sent = f64s(&whole[..2]);
    Value { shape: Some(vec![whole.len() as u64]), truncated: Some(statistics), data: sent.data, ..f64s(whole) }
}
