//! Compares two values: their form first, then their content.

use std::{borrow::Cow, collections::HashMap};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value as Json;

use super::{
    dtype::{Dtype, canonical},
    numeric::{Measured, Numbers, Statistics, measure, measure_across, statistics, tolerance_of},
};
use crate::{
    matrix::Tolerances,
    observation::{Kind, Value},
};

/// How alike two values are, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    Same,
    Close,
    Changed,
}

/// What a comparison finds.
#[derive(Debug)]
pub(super) struct Findings {
    pub(super) likeness: Likeness,
    /// What differs, worst first.
    pub(super) aspects: Vec<String>,
    /// Measures of the part that differs most.
    pub(super) numbers: Option<Numbers>,
}

/// Aspects told of one value; containers of many differing parts would tell thousands.
const ASPECTS: usize = 16;

/// Compares two values.
pub(super) fn compare(baseline: &Value, here: &Value, tolerances: &Tolerances) -> Findings {
    let mut search = Search { tolerances, path: String::new(), aspects: Vec::new(), numbers: None };
    let likeness = search.values(baseline, here);
    let mut found = search.aspects;
    found.sort_by_key(|(likeness, _)| std::cmp::Reverse(*likeness));
    let more = found.len().saturating_sub(ASPECTS);
    let mut aspects: Vec<_> = found.into_iter().take(ASPECTS).map(|(_, aspect)| aspect).collect();
    if more > 0 {
        aspects.push(format!("and {more} more"));
    }
    Findings { likeness, aspects, numbers: search.numbers.map(|(_, numbers)| numbers) }
}

struct Search<'a> {
    tolerances: &'a Tolerances,
    /// Where in a container this is: `[1]["loss"]`.
    path: String,
    aspects: Vec<(Likeness, String)>,
    numbers: Option<(Likeness, Numbers)>,
}

impl Search<'_> {
    fn values(&mut self, baseline: &Value, here: &Value) -> Likeness {
        let form = self.form(baseline, here);
        if form == Likeness::Changed {
            // The numbers don't soften the verdict any more, but people want to know them.
            if let Some(measured) = self.measure(baseline, here) {
                let content = likeness_of(&measured);
                self.keep(content, measured.numbers);
            }
            return form;
        }
        if matches!((&baseline.digest, &here.digest), (Some(one), Some(other)) if one == other) {
            return Likeness::Same;
        }
        match baseline.kind {
            Kind::None => Likeness::Same,
            Kind::Array | Kind::Scalar => self.elements(baseline, here),
            Kind::Sequence | Kind::Mapping => self.parts(baseline, here),
            Kind::Text | Kind::Bytes | Kind::Dtype | Kind::Shape | Kind::Other => self.exact(baseline, here),
        }
    }

    /// Kind, type, dtype and shape: *same* or *changed*.
    fn form(&mut self, baseline: &Value, here: &Value) -> Likeness {
        let mut form = Likeness::Same;
        let mut differs = |search: &mut Self, aspect: String| {
            search.aspect(Likeness::Changed, &aspect);
            form = Likeness::Changed;
        };
        if !same_type(baseline, here) {
            differs(self, format!("type {} → {}", baseline.type_name, here.type_name));
        } else if baseline.kind != here.kind {
            differs(self, format!("kind {} → {}", kind_text(baseline.kind), kind_text(here.kind)));
        }
        if baseline.kind == here.kind {
            let none = || "none".to_owned();
            if baseline.dtype.as_deref().map(canonical) != here.dtype.as_deref().map(canonical) {
                let [from, to] = [baseline, here].map(|value| value.dtype.clone().unwrap_or_else(none));
                differs(self, format!("dtype {from} → {to}"));
            }
            if baseline.shape != here.shape {
                let [from, to] = [baseline, here].map(|value| value.shape.as_deref().map_or_else(none, shape_text));
                differs(self, format!("shape {from} → {to}"));
            }
        }
        form
    }

    /// Arrays and scalars of one form.
    fn elements(&mut self, baseline: &Value, here: &Value) -> Likeness {
        if let (Some(_), Some(_)) = (&baseline.items, &here.items) {
            return self.parts(baseline, here);
        }
        let Some(measured) = self.measure(baseline, here) else { return self.exact(baseline, here) };
        let mut likeness = likeness_of(&measured);
        let (numbers, zero_signs) = (&measured.numbers, measured.zero_signs);
        if !numbers.nan_pattern_equal {
            self.aspect(Likeness::Changed, "NaN pattern");
        }
        if numbers.beyond > measured.nan_moved {
            self.aspect(Likeness::Changed, "value");
        } else if numbers.differing > numbers.beyond {
            self.aspect(Likeness::Close, "value within tolerance");
        }
        if zero_signs > 0 {
            self.aspect(Likeness::Close, "sign of zero");
        }
        // Here the digests differ, so where the heads are close the difference may as well be in what was not sent.
        if likeness < Likeness::Changed && (baseline.truncated.is_some() || here.truncated.is_some()) {
            let kept = numbers.total;
            if self.tails_are_close(baseline, here) {
                likeness = Likeness::Close;
                self.aspect(likeness, &format!("only the first {kept} elements were compared"));
            } else {
                likeness = Likeness::Changed;
                self.aspect(likeness, &format!("value beyond the first {kept} elements"));
            }
        }
        self.keep(likeness, measured.numbers);
        likeness
    }

    /// Whether minimum, maximum, mean and number of NaN of two arrays too large to send are within tolerance.
    fn tails_are_close(&self, baseline: &Value, here: &Value) -> bool {
        let Some(dtype) = baseline.dtype.as_deref() else { return false };
        if !Dtype::parse(&canonical(dtype)).is_some_and(Dtype::is_inexact) {
            return false;
        }
        let (Some(b), Some(h)) = (known_statistics(baseline), known_statistics(here)) else { return false };
        let tolerance = tolerance_of(self.tolerances, dtype);
        let close = |pair: (Option<f64>, Option<f64>)| match pair {
            (Some(b), Some(h)) => (b - h).abs() <= tolerance.atol + tolerance.rtol * b.abs(),
            (None | Some(_), None) | (None, Some(_)) => false,
        };
        // Without a mean there is nothing to compare, except where there is nothing but NaN.
        let elements = elements(baseline);
        let only_nan = b.nan == elements && h.nan == elements;
        b.nan == h.nan && (only_nan || [(b.min, h.min), (b.max, h.max), (b.mean, h.mean)].into_iter().all(close))
    }

    /// Containers of one kind.
    fn parts(&mut self, baseline: &Value, here: &Value) -> Likeness {
        if let (Some(b), Some(h)) = (&baseline.items, &here.items) {
            let mut worst = Likeness::Same;
            if b.len() != h.len() {
                worst = Likeness::Changed;
                self.aspect(worst, &format!("length {} → {}", b.len(), h.len()));
            }
            for (index, (b, h)) in b.iter().zip(h).enumerate() {
                worst = worst.max(self.part(&format!("[{index}]"), b, h));
            }
            return worst.max(self.tail(baseline, here, b.len().min(h.len())));
        }
        if let (Some(b), Some(h)) = (&baseline.entries, &here.entries) {
            return self.entries(b, h).max(self.tail(baseline, here, b.len().min(h.len())));
        }
        self.exact(baseline, here)
    }

    /// The parts of a container too large to send: nothing but their digest is known, so nothing vouches for them where
    /// the digests differ, even if the parts that were sent are close.
    fn tail(&mut self, baseline: &Value, here: &Value, kept: usize) -> Likeness {
        if baseline.truncated.is_none() && here.truncated.is_none() {
            return Likeness::Same;
        }
        self.aspect(Likeness::Changed, &format!("content beyond the first {kept} parts"));
        Likeness::Changed
    }

    fn entries(&mut self, baseline: &[(String, Value)], here: &[(String, Value)]) -> Likeness {
        let mut worst = Likeness::Same;
        // Distinct keys may share a text (1 and "1"), so each text has a queue of its values.
        let mut unmatched: HashMap<&str, std::collections::VecDeque<&Value>> = HashMap::new();
        for (key, value) in here {
            unmatched.entry(key).or_default().push_back(value);
        }
        for (key, value) in baseline {
            if let Some(found) = unmatched.get_mut(key.as_str()).and_then(std::collections::VecDeque::pop_front) {
                worst = worst.max(self.part(&format!("[{}]", Json::from(key.as_str())), value, found));
            } else {
                worst = Likeness::Changed;
                self.aspect(worst, &format!("key {} missing", Json::from(key.as_str())));
            }
        }
        for (key, _) in here {
            if unmatched.get_mut(key.as_str()).and_then(std::collections::VecDeque::pop_front).is_some() {
                worst = Likeness::Changed;
                self.aspect(worst, &format!("key {} added", Json::from(key.as_str())));
            }
        }
        worst
    }

    fn part(&mut self, step: &str, baseline: &Value, here: &Value) -> Likeness {
        let length = self.path.len();
        self.path.push_str(step);
        let likeness = self.values(baseline, here);
        self.path.truncate(length);
        likeness
    }

    /// Values that are equal or not.
    fn exact(&mut self, baseline: &Value, here: &Value) -> Likeness {
        let equal = match (&baseline.digest, &here.digest) {
            (Some(one), Some(other)) => one == other,
            (Some(_) | None, None) | (None, Some(_)) => baseline.preview == here.preview && baseline.data == here.data,
        };
        if equal {
            return Likeness::Same;
        }
        self.aspect(Likeness::Changed, "value");
        Likeness::Changed
    }

    /// Measures two values that are numbers and have equally many; a scalar is like an array of shape `[]`.
    fn measure(&self, baseline: &Value, here: &Value) -> Option<Measured> {
        let shape = |value: &Value| if value.kind == Kind::Scalar { Some(Vec::new()) } else { value.shape.clone() };
        if shape(baseline)? != shape(here)? {
            return None;
        }
        let ((b_type, b), (h_type, h)) = (numbers_of(baseline)?, numbers_of(here)?);
        if canonical(b_type) == canonical(h_type) {
            measure(b_type, elements_sent(baseline), &b, &h, self.tolerances)
        } else {
            measure_across((b_type, &b), (h_type, &h), self.tolerances)
        }
    }

    fn aspect(&mut self, likeness: Likeness, text: &str) {
        let text = if self.path.is_empty() { text.to_owned() } else { format!("at {}: {text}", self.path) };
        self.aspects.push((likeness, text));
    }

    /// Keeps the measures of the part that differs most.
    fn keep(&mut self, likeness: Likeness, numbers: Numbers) {
        let rank = |likeness: Likeness, numbers: &Numbers| (likeness, numbers.beyond, numbers.differing);
        let known = self.numbers.as_ref().map(|(likeness, numbers)| rank(*likeness, numbers));
        if known.is_none_or(|known| known < rank(likeness, &numbers)) {
            self.numbers = Some((likeness, numbers));
        }
    }
}

/// How alike measured elements are.
fn likeness_of(measured: &Measured) -> Likeness {
    if measured.numbers.beyond > 0 {
        Likeness::Changed
    } else if measured.numbers.differing > 0 || measured.zero_signs > 0 {
        Likeness::Close
    } else {
        Likeness::Same
    }
}

/// Types compare by top package and public name. The classes of dtype objects are named after their elements in some
/// releases (`Float32DType`) and not in others, and `preview` has the element type anyway, so of those only the package
/// counts.
fn same_type(baseline: &Value, here: &Value) -> bool {
    let [one, other] = [baseline, here].map(|value| value.type_name.strip_suffix('_').unwrap_or(&value.type_name));
    let package = |name: &str| name.split_once('.').map(|(package, _)| package.to_owned());
    one == other || (baseline.kind == Kind::Dtype && here.kind == Kind::Dtype && package(one) == package(other))
}

/// The dtype and the bytes of an array's or a scalar's elements, where it has any that were sent.
fn numbers_of(value: &Value) -> Option<(&str, Cow<'_, [u8]>)> {
    if value.kind == Kind::Array {
        let (name, data) = (value.dtype.as_deref()?, STANDARD.decode(value.data.as_deref()?).ok()?);
        // Data of another length than announced are none: measuring a part of them would pass for all.
        let whole = Dtype::parse(&canonical(name))
            .is_none_or(|dtype| elements_sent(value).checked_mul(dtype.size() as u64) == Some(data.len() as u64));
        return whole.then_some((name, data.into()));
    }
    if value.kind != Kind::Scalar {
        return None;
    }
    // Types derived from Python's numbers have names of their own, so the form of the preview decides.
    match &value.preview {
        Json::Bool(truth) => Some(("bool", vec![u8::from(*truth)].into())),
        Json::Number(number) if number.is_i64() => Some(("int64", number.as_i64()?.to_le_bytes().to_vec().into())),
        Json::Number(_) | Json::String(_) => Some(("float64", float_of(&value.preview)?.to_le_bytes().to_vec().into())),
        Json::Array(parts) => {
            let [re, im] = parts.as_slice() else { return None };
            Some(("complex128", [float_of(re)?.to_le_bytes(), float_of(im)?.to_le_bytes()].concat().into()))
        }
        Json::Null | Json::Object(_) => None,
    }
}

/// Whether the content of every array in a value is as long as dtype and shape say.
pub(crate) fn is_whole(value: &Value) -> bool {
    let content = value.data.is_none() || value.kind == Kind::Array && numbers_of(value).is_some();
    let entries = value.entries.iter().flatten().map(|(_, part)| part);
    content && value.items.iter().flatten().chain(entries).all(is_whole)
}

/// Elements of an array.
fn elements(value: &Value) -> u64 {
    value.shape.as_deref().unwrap_or_default().iter().fold(1, |product, dimension| product.saturating_mul(*dimension))
}

/// Elements of an array that the agent sent.
fn elements_sent(value: &Value) -> u64 {
    value.truncated.as_ref().map_or_else(|| elements(value), |truncated| truncated.kept)
}

/// A float of a preview, which has NaN and infinities as strings.
pub(crate) fn float_of(preview: &Json) -> Option<f64> {
    preview.as_f64().or_else(|| match preview.as_str()? {
        "nan" => Some(f64::NAN),
        "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        _ => None,
    })
}

/// What the agent said of a truncated array, or the same computed from one that came whole.
fn known_statistics(value: &Value) -> Option<Statistics> {
    if let Some(truncated) = &value.truncated {
        return Some(Statistics { min: truncated.min, max: truncated.max, mean: truncated.mean, nan: truncated.nan });
    }
    let (dtype, data) = numbers_of(value)?;
    statistics(dtype, &data)
}

/// A shape as Python writes it: `()`, `(2,)`, `(2, 3)`.
fn shape_text(shape: &[u64]) -> String {
    let dimensions: Vec<_> = shape.iter().map(u64::to_string).collect();
    format!("({}{})", dimensions.join(", "), if shape.len() == 1 { "," } else { "" })
}

fn kind_text(kind: Kind) -> &'static str {
    match kind {
        Kind::None => "none",
        Kind::Scalar => "scalar",
        Kind::Text => "text",
        Kind::Bytes => "bytes",
        Kind::Array => "array",
        Kind::Dtype => "dtype",
        Kind::Shape => "shape",
        Kind::Sequence => "sequence",
        Kind::Mapping => "mapping",
        Kind::Other => "other",
    }
}
