//! Facts as people read them. Text comes out as the scenario wrote it: whoever prints it makes it safe first.

use serde_json::Value as Json;

use super::{ObservationReport, Variant, text};
use crate::observation::{Fact, Kind, Value};

/// Elements of a container that are written out at most.
const PARTS: usize = 32;

/// `numpy.ndarray float32 (2, 3)`, `int`, `OverflowError`.
pub fn type_text(variant: &Variant) -> String {
    if let Some(error) = &variant.error {
        return error.type_name.clone();
    }
    let mut parts = Vec::new();
    parts.extend(variant.type_name.clone());
    parts.extend(variant.dtype.clone());
    parts.extend(variant.shape.as_deref().map(shape_text));
    parts.join(" ")
}

/// `(2, 3)`, `(2,)`, `()`.
pub fn shape_text(shape: &[u64]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => format!("({})", shape.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// The value of an observation's variant, or the error's message. `marked` lists flat indices to set off.
pub fn value_text(observation: &ObservationReport, variant: usize, marked: &[u64]) -> String {
    let Some(published) = observation.variants.get(variant) else { return String::new() };
    if let Some(error) = &published.error {
        return error.message.clone();
    }
    if let Some(Fact::Value(value)) = observation.facts.get(variant)
        && (value.items.is_some() || value.entries.is_some())
    {
        return whole(value);
    }
    let elements = published.shape.as_deref().map(size);
    content(published.kind.unwrap_or(Kind::Other), &published.preview, elements, marked)
}

/// Elements of a shape; foreign files may name sizes beyond counting.
fn size(shape: &[u64]) -> u64 {
    shape.iter().fold(1, |product, size| product.saturating_mul(*size))
}

/// Element `index` of an array's preview.
pub fn element_text(variant: &Variant, index: u64) -> Option<String> {
    match &variant.preview {
        Json::Array(elements) => elements.get(usize::try_from(index).ok()?).map(bare),
        Json::Null => None,
        scalar @ (Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_)) => (index == 0).then(|| bare(scalar)),
    }
}

fn whole(value: &Value) -> String {
    if let Some(entries) = &value.entries {
        let parts = entries.iter().take(PARTS).map(|(key, value)| format!("{key}: {}", whole(value)));
        return format!("{{{}{}}}", parts.collect::<Vec<_>>().join(", "), more(entries.len()));
    }
    if let Some(items) = &value.items {
        let parts = items.iter().take(PARTS).map(whole).collect::<Vec<_>>().join(", ");
        return format!("[{parts}{}]", more(items.len()));
    }
    content(value.kind, &value.preview, value.shape.as_deref().map(size), &[])
}

/// Columns of a value that is written down to be recognised.
const RECOGNISED: usize = 80;

/// A value in a few words by which it is recognised later: numbers to six digits, so that last bits do not matter.
pub fn rounded(value: &Value) -> String {
    let mut parts = Vec::new();
    if value.dtype.is_some() && value.kind == Kind::Array {
        parts.extend(value.dtype.clone());
        parts.extend(value.shape.as_deref().map(shape_text));
    }
    parts.push(whole(&rough(value)));
    text::fit(&parts.join(" "), RECOGNISED, "…")
}

/// The value with its numbers rounded.
fn rough(value: &Value) -> Value {
    Value {
        kind: value.kind,
        type_name: value.type_name.clone(),
        dtype: value.dtype.clone(),
        shape: value.shape.clone(),
        preview: roughly(&value.preview),
        data: None,
        digest: None,
        truncated: None,
        items: value.items.as_ref().map(|items| items.iter().take(PARTS + 1).map(rough).collect()),
        entries: value
            .entries
            .as_ref()
            .map(|entries| entries.iter().take(PARTS + 1).map(|(key, value)| (key.clone(), rough(value))).collect()),
    }
}

fn roughly(preview: &Json) -> Json {
    match preview {
        Json::Number(number) if number.is_f64() => {
            let rounded = number.as_f64().and_then(|number| format!("{number:.5e}").parse().ok());
            rounded.and_then(serde_json::Number::from_f64).map_or_else(|| preview.clone(), Json::Number)
        }
        Json::Array(elements) => Json::Array(elements.iter().take(PARTS).map(roughly).collect()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => preview.clone(),
    }
}

fn more(len: usize) -> &'static str {
    if len > PARTS { ", …" } else { "" }
}

fn content(kind: Kind, preview: &Json, elements: Option<u64>, marked: &[u64]) -> String {
    match (kind, preview) {
        (Kind::None, _) => "None".to_owned(),
        (Kind::Text, text) => text.to_string(),
        (Kind::Shape, Json::Array(dimensions)) => {
            let known: Vec<_> = dimensions.iter().map(|size| if size.is_null() { "None".to_owned() } else { size.to_string() }).collect();
            format!("({})", known.join(", "))
        }
        (Kind::Array, Json::Array(shown)) => {
            let mark = |(index, element): (usize, &Json)| {
                let text = bare(element);
                if marked.contains(&(index as u64)) { format!("«{text}»") } else { text }
            };
            let parts: Vec<_> = shown.iter().take(PARTS).enumerate().map(mark).collect();
            let all = elements.unwrap_or(shown.len() as u64);
            format!("[{}{}]", parts.join(", "), if all > parts.len() as u64 { ", …" } else { "" })
        }
        (_, Json::Null) => String::new(),
        (_, preview) => bare(preview),
    }
}

/// A preview's element: numbers as they are, text without quotes, complex numbers as `1+2j`, booleans as Python's.
fn bare(element: &Json) -> String {
    match element {
        Json::String(text) => text.clone(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        Json::Null => "None".to_owned(),
        Json::Array(parts) => match parts.as_slice() {
            [real @ (Json::Number(_) | Json::String(_)), imaginary @ (Json::Number(_) | Json::String(_))] => {
                let imaginary = bare(imaginary);
                let sign = if imaginary.starts_with('-') { "" } else { "+" };
                format!("{}{sign}{imaginary}j", bare(real))
            }
            _ => element.to_string(),
        },
        Json::Number(_) | Json::Object(_) => element.to_string(),
    }
}

/// `OverflowError` of `builtins.OverflowError`.
pub fn last_component(type_name: &str) -> &str {
    type_name.rsplit('.').next().unwrap_or(type_name)
}

/// What differs between two variants, as far as what is published tells.
pub fn contrast(baseline: Option<&Variant>, here: Option<&Variant>) -> String {
    let (Some(baseline), Some(here)) = (baseline, here) else {
        return if here.is_none() { "missing here" } else { "only here" }.to_owned();
    };
    match (&baseline.error, &here.error) {
        (Some(before), Some(after)) if last_component(&before.type_name) == last_component(&after.type_name) => {
            format!("message of {}", last_component(&after.type_name))
        }
        (Some(_), _) | (_, Some(_)) => {
            let name = |variant: &Variant| {
                variant.error.as_ref().map_or_else(|| "a value".to_owned(), |error| last_component(&error.type_name).to_owned())
            };
            format!("{} → {}", name(baseline), name(here))
        }
        (None, None) => {
            let mut parts = Vec::new();
            if baseline.type_name != here.type_name {
                let name = |variant: &Variant| variant.type_name.clone().unwrap_or_default();
                parts.push(format!("type {} → {}", name(baseline), name(here)));
            }
            if baseline.dtype != here.dtype {
                let name = |variant: &Variant| variant.dtype.clone().unwrap_or_else(|| "none".to_owned());
                parts.push(format!("dtype {} → {}", name(baseline), name(here)));
            }
            if baseline.shape != here.shape {
                let name = |variant: &Variant| variant.shape.as_deref().map_or_else(|| "none".to_owned(), shape_text);
                parts.push(format!("shape {} → {}", name(baseline), name(here)));
            }
            if parts.is_empty() { "value".to_owned() } else { parts.join(", ") }
        }
    }
}
