//! A published value as a fact again, as far as what is published goes.
//!
//! `results.json` has the form of a value, the digest of its content and its first elements. Whoever has only that can
//! tell whether two values are equal, but how far they are apart only where all their elements are published.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use half::{bf16, f16};
use serde_json::Value as Json;

use crate::{
    compare::float_of,
    observation::{Fact, Kind, Raised, Value},
    report::Variant,
};

/// The fact of a variant; of an array the elements too, where all of them are published.
pub(super) fn fact(variant: &Variant) -> Fact {
    if let Some(error) = &variant.error {
        return Fact::Error(Raised {
            type_name: error.type_name.clone(),
            bases: Vec::new(),
            message: error.message.clone(),
            line: error.line,
            source: None,
            traceback: Vec::new(),
            cause: error.cause.clone(),
        });
    }
    Fact::Value(Value {
        kind: variant.kind.unwrap_or(Kind::Other),
        type_name: variant.type_name.clone().unwrap_or_default(),
        dtype: variant.dtype.clone(),
        shape: variant.shape.clone(),
        preview: variant.preview.clone(),
        data: data(variant),
        digest: variant.digest.clone(),
        truncated: None,
        items: None,
        entries: None,
    })
}

/// Whether two published values of one form may be close although their digests differ: their elements are not all
/// published, and closeness means something for them.
pub(super) fn is_unmeasured(before: &Fact, after: &Fact) -> bool {
    let (Fact::Value(before), Fact::Value(after)) = (before, after) else { return false };
    let exact = |value: &Value| {
        let dtype = value.dtype.as_deref().unwrap_or_default();
        ["int", "uint", "bool", "<U", "|S", "S"].iter().any(|family| dtype.starts_with(family))
    };
    match (before.kind, after.kind) {
        (Kind::Array, Kind::Array) => (before.data.is_none() || after.data.is_none()) && !(exact(before) && exact(after)),
        (Kind::Sequence, Kind::Sequence) | (Kind::Mapping, Kind::Mapping) => true,
        _ => false,
    }
}

/// The bytes of an array whose elements are all published.
fn data(variant: &Variant) -> Option<String> {
    if variant.kind != Some(Kind::Array) || variant.truncated {
        return None;
    }
    let dtype = variant.dtype.as_deref()?;
    let total = variant.shape.as_deref()?.iter().try_fold(1u64, |product, size| product.checked_mul(*size))?;
    let one = std::slice::from_ref(&variant.preview);
    let elements = if variant.shape.as_deref() == Some(&[]) { one } else { variant.preview.as_array()?.as_slice() };
    if elements.len() as u64 != total {
        return None;
    }
    let bytes: Option<Vec<Vec<u8>>> = elements.iter().map(|element| bytes(dtype, element)).collect();
    Some(STANDARD.encode(bytes?.concat()))
}

/// The bytes of one element; `None` for dtypes whose elements are no numbers, or not published exactly.
fn bytes(dtype: &str, element: &Json) -> Option<Vec<u8>> {
    let signed = || element.as_i64();
    let unsigned = || element.as_u64();
    Some(match dtype {
        "bool" => vec![u8::from(element.as_bool()?)],
        "int8" => i8::try_from(signed()?).ok()?.to_le_bytes().to_vec(),
        "int16" => i16::try_from(signed()?).ok()?.to_le_bytes().to_vec(),
        "int32" => i32::try_from(signed()?).ok()?.to_le_bytes().to_vec(),
        "int64" => signed()?.to_le_bytes().to_vec(),
        "uint8" => u8::try_from(unsigned()?).ok()?.to_le_bytes().to_vec(),
        "uint16" => u16::try_from(unsigned()?).ok()?.to_le_bytes().to_vec(),
        "uint32" => u32::try_from(unsigned()?).ok()?.to_le_bytes().to_vec(),
        "uint64" => unsigned()?.to_le_bytes().to_vec(),
        "float16" => f16::from_f64(float_of(element)?).to_le_bytes().to_vec(),
        "bfloat16" => bf16::from_f64(float_of(element)?).to_le_bytes().to_vec(),
        "float32" => (float_of(element)? as f32).to_le_bytes().to_vec(),
        "float64" => float_of(element)?.to_le_bytes().to_vec(),
        "complex64" => {
            let [re, im] = complex(element)?;
            [(re as f32).to_le_bytes(), (im as f32).to_le_bytes()].concat()
        }
        "complex128" => {
            let [re, im] = complex(element)?;
            [re.to_le_bytes(), im.to_le_bytes()].concat()
        }
        _ => return None,
    })
}

fn complex(element: &Json) -> Option<[f64; 2]> {
    let [re, im] = element.as_array()?.as_slice() else { return None };
    Some([float_of(re)?, float_of(im)?])
}
