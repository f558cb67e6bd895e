//! What is published of a fact.

use crate::{
    observation::{Fact, Value},
    report::model::{ErrorReport, Variant},
};

/// Elements that `preview` publishes.
const PREVIEW: usize = 32;

impl From<&Fact> for Variant {
    /// A fact as it is published: without its bulk and without its traceback.
    fn from(fact: &Fact) -> Self {
        match fact {
            Fact::Value(value) => Self {
                kind: Some(value.kind),
                type_name: Some(value.type_name.clone()),
                dtype: value.dtype.clone(),
                shape: value.shape.clone(),
                preview: head(&value.preview),
                digest: value.digest.clone().or_else(|| parts_digest(value)),
                truncated: value.truncated.is_some(),
                error: None,
            },
            Fact::Error(raised) => Self {
                kind: None,
                type_name: None,
                dtype: None,
                shape: None,
                preview: serde_json::Value::Null,
                digest: None,
                truncated: false,
                error: Some(ErrorReport {
                    type_name: raised.type_name.clone(),
                    message: raised.message.clone(),
                    line: raised.line,
                    cause: raised.cause.clone(),
                }),
            },
        }
    }
}

/// Digest of a container's parts: they are not published, and two files must tell whether they are equal.
fn parts_digest(value: &Value) -> Option<String> {
    if value.items.is_none() && value.entries.is_none() {
        return None;
    }
    let parts = serde_json::to_vec(&(&value.items, &value.entries)).ok()?;
    Some(blake3::hash(&parts).to_hex()[..32].to_owned())
}

fn head(preview: &serde_json::Value) -> serde_json::Value {
    match preview.as_array() {
        Some(parts) => parts.iter().take(PREVIEW).cloned().collect(),
        None => preview.clone(),
    }
}
