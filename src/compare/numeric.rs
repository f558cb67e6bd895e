//! Compares the elements of two arrays in one pass over their bytes.
//!
//! The pass goes block by block. Blocks whose bytes are equal, nearly all of them in practice, cost one `memcmp` and a
//! count of NaN. Blocks of floats that differ are measured several elements at a time by [`lanes`]; what that refuses, and
//! blocks of everything else, one by one.

use fearless_simd::Level;
use serde::{Deserialize, Serialize};

use super::{
    dtype::{Dtype, Wide, canonical},
    element::{Complex, Element, Gap, Int, Long, Ordinary, Real, Time},
    lanes::{self, BLOCK, Bar, Format, GROUP, Sums},
};
use crate::matrix::{Tolerance, Tolerances};

/// Measures of two arrays of equal shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    /// Elements compared (only the heads, where an array was truncated).
    pub total: u64,
    /// Elements whose bits differ (NaN payloads and, for floats, the sign of zero aside).
    pub differing: u64,
    /// Elements beyond tolerance.
    pub beyond: u64,
    /// Largest absolute difference; `None` when nothing finite differs.
    pub max_abs: Option<f64>,
    /// Largest difference relative to the baseline's element, where that is not zero.
    pub max_rel: Option<f64>,
    /// Largest distance in units in the last place; `None` when the dtypes differ or are not floats.
    pub max_ulp: Option<u64>,
    /// NaN elements of the baseline and here.
    pub nan: (u64, u64),
    /// Whether NaN stand at the same places.
    pub nan_pattern_equal: bool,
    /// Flat indices of the first differing elements, at most 8.
    pub first: Vec<u64>,
    /// The wider dtype in which they were compared, when the dtypes differ.
    pub compared_as: Option<String>,
}

/// [`Numbers`], and what they leave aside.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measured {
    pub(super) numbers: Numbers,
    /// Elements that differ in the sign of zero only.
    pub(super) zero_signs: u64,
    /// Elements that are NaN on one side only; they count as differing and beyond, too.
    pub(super) nan_moved: u64,
}

/// Indices kept of differing elements.
const FIRST: usize = 8;

/// When a difference is within tolerance.
#[derive(Clone, Copy, Debug)]
struct Limit {
    tolerance: Tolerance,
    ulp: u64,
}

impl Limit {
    /// `|here - baseline| <= atol + rtol * |baseline|`, or within the distance in units in the last place.
    fn admits(self, abs: f64, size: f64, ulp: Option<u64>) -> bool {
        abs <= self.tolerance.atol + self.tolerance.rtol * size || ulp.is_some_and(|ulp| ulp <= self.ulp)
    }
}

/// The tolerance of a dtype, by its own name or by its family's.
pub(super) fn tolerance_of(tolerances: &Tolerances, name: &str) -> Tolerance {
    let name = canonical(name);
    let known = if tolerances.by_dtype.contains_key(&*name) { None } else { Dtype::parse(&name) };
    tolerances.of(known.map_or(&*name, |dtype| dtype.family(&name)))
}

/// Measures two arrays of one dtype in one pass over them.
///
/// `dtype` is NumPy's name (`float32`, `complex64`, `bfloat16`), `baseline` and `here` hold as many elements each, little-endian
/// and without gaps. `None` where that is not so, or for dtypes that are no numbers.
pub fn measure_arrays(dtype: &str, baseline: &[u8], here: &[u8], tolerances: &Tolerances) -> Option<Numbers> {
    let size = Dtype::parse(&canonical(dtype))?.size();
    let is_whole = baseline.len() == here.len() && baseline.len().is_multiple_of(size);
    let measured = is_whole.then(|| measure(dtype, (baseline.len() / size) as u64, baseline, here, tolerances));
    measured.flatten().map(|measured| measured.numbers)
}

/// Measures two arrays of one dtype; of arrays of different lengths only the common head. Elements of dtypes that are no
/// numbers are only equal or not, `elements` telling how many the baseline has. `None` where that is impossible.
pub(super) fn measure(name: &str, elements: u64, baseline: &[u8], here: &[u8], tolerances: &Tolerances) -> Option<Measured> {
    let limit = Limit { tolerance: tolerance_of(tolerances, name), ulp: tolerances.ulp };
    let Some(dtype) = Dtype::parse(&canonical(name)) else { return opaque(elements, baseline, here) };
    let (b, h) = (baseline, here);
    Some(match dtype {
        Dtype::Bool => pass(b, h, |[byte]: [u8; 1]| Int(i128::from(byte != 0)), limit),
        Dtype::Int(8) => pass(b, h, |bytes: [u8; 1]| Int(i8::from_le_bytes(bytes).into()), limit),
        Dtype::Int(16) => pass(b, h, |bytes: [u8; 2]| Int(i16::from_le_bytes(bytes).into()), limit),
        Dtype::Int(32) => pass(b, h, |bytes: [u8; 4]| Int(i32::from_le_bytes(bytes).into()), limit),
        Dtype::Int(64) => pass(b, h, |bytes: [u8; 8]| Int(i64::from_le_bytes(bytes).into()), limit),
        Dtype::Uint(8) => pass(b, h, |bytes: [u8; 1]| Int(u8::from_le_bytes(bytes).into()), limit),
        Dtype::Uint(16) => pass(b, h, |bytes: [u8; 2]| Int(u16::from_le_bytes(bytes).into()), limit),
        Dtype::Uint(32) => pass(b, h, |bytes: [u8; 4]| Int(u32::from_le_bytes(bytes).into()), limit),
        Dtype::Uint(64) => pass(b, h, |bytes: [u8; 8]| Int(u64::from_le_bytes(bytes).into()), limit),
        Dtype::Int(_) | Dtype::Uint(_) => pass(b, h, |bytes: [u8; 1]| dtype.integer(&bytes).unwrap_or(Int(0)), limit),
        Dtype::Mini(format) => {
            let table = format.table();
            pass(b, h, |[byte]: [u8; 1]| table[usize::from(byte)], limit)
        }
        Dtype::Float16 => float_pass(Format::Float16, b, h, Real::from_f16, limit),
        Dtype::Bfloat16 => float_pass(Format::Bfloat16, b, h, Real::from_bf16, limit),
        Dtype::Float32 => float_pass(Format::Float32, b, h, Real::from_f32, limit),
        Dtype::Float64 => float_pass(Format::Float64, b, h, Real::from_f64, limit),
        Dtype::Long(size) | Dtype::ComplexLong(size) if !(padded(size, b) && padded(size, h)) => return opaque(elements, b, h),
        Dtype::Long(12) => pass(b, h, long::<12>, limit),
        Dtype::Long(_) => pass(b, h, long::<16>, limit),
        Dtype::Complex64 => float_pass(Format::Complex64, b, h, complex64, limit),
        Dtype::Complex128 => float_pass(Format::Complex128, b, h, complex128, limit),
        Dtype::ComplexLong(12) => pass(b, h, complex_long::<12, 24>, limit),
        Dtype::ComplexLong(_) => pass(b, h, complex_long::<16, 32>, limit),
        Dtype::Time => pass(b, h, |bytes: [u8; 8]| Time(i64::from_le_bytes(bytes)), limit),
    })
}

/// Measures two arrays of different dtypes in a wider one, with the more generous of their tolerances. `None` where they
/// have none in common.
pub(super) fn measure_across(baseline: (&str, &[u8]), here: (&str, &[u8]), tolerances: &Tolerances) -> Option<Measured> {
    let parse = |(name, bytes)| Some((Dtype::parse(&canonical(name))?, bytes));
    let ((b_type, b), (h_type, h)) = (parse(baseline)?, parse(here)?);
    if [(b_type, b), (h_type, h)]
        .iter()
        .any(|(dtype, bytes)| matches!(dtype, Dtype::Long(size) | Dtype::ComplexLong(size) if !padded(*size, bytes)))
    {
        return None;
    }
    let (wide, name) = b_type.wider(h_type)?;
    let (one, other) = (tolerance_of(tolerances, baseline.0), tolerance_of(tolerances, here.0));
    let limit = Limit { tolerance: Tolerance { rtol: one.rtol.max(other.rtol), atol: one.atol.max(other.atol) }, ulp: 0 };
    let (b, h) = (widen(b_type, b, wide), widen(h_type, h, wide));
    let mut measured = match wide {
        Wide::Integer => pass(&b, &h, |bytes: [u8; 16]| Int(i128::from_le_bytes(bytes)), limit),
        Wide::Real => float_pass(Format::Float64, &b, &h, Real::from_f64, limit),
        Wide::Complex => float_pass(Format::Complex128, &b, &h, complex128, limit),
    };
    measured.numbers.max_ulp = None;
    measured.numbers.compared_as = Some(name.to_owned());
    Some(measured)
}

/// The elements of an array as those of a wider dtype.
fn widen(dtype: Dtype, bytes: &[u8], wide: Wide) -> Vec<u8> {
    let elements = bytes.chunks_exact(dtype.size());
    match wide {
        Wide::Integer => elements.filter_map(|bytes| dtype.integer(bytes)).flat_map(|Int(value)| value.to_le_bytes()).collect(),
        Wide::Real => elements.filter_map(|bytes| dtype.complex(bytes)).flat_map(|[value, _]| value.to_le_bytes()).collect(),
        Wide::Complex => elements
            .filter_map(|bytes| dtype.complex(bytes))
            .flat_map(|[re, im]| (u128::from(re.to_bits()) | (u128::from(im.to_bits()) << 64)).to_le_bytes())
            .collect(),
    }
}

/// Smallest, largest and mean element and the number of NaN, as an agent tells them of a truncated array; `None` for
/// dtypes that are no real numbers.
pub(super) fn statistics(name: &str, bytes: &[u8]) -> Option<Statistics> {
    let dtype = Dtype::parse(&canonical(name))?;
    dtype.wider(Dtype::Float64).filter(|(wide, _)| *wide == Wide::Real)?;
    let (mut found, mut count, mut sum) = (Statistics::default(), 0u64, 0.0);
    for [value, _] in bytes.chunks_exact(dtype.size()).filter_map(|bytes| dtype.complex(bytes)) {
        if value.is_nan() {
            found.nan += 1;
            continue;
        }
        count += 1;
        sum += value;
        found.min = Some(found.min.map_or(value, |min| min.min(value)));
        found.max = Some(found.max.map_or(value, |max| max.max(value)));
    }
    found.mean = (count > 0).then(|| sum / count as f64);
    Some(found)
}

/// What is known of the elements of a large array as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Statistics {
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    pub(super) mean: Option<f64>,
    pub(super) nan: u64,
}

/// Whether long doubles of this size are the x87's: ten bytes of number and zeros. Other machines have other formats, of
/// which nothing is known here but whether they are equal.
fn padded(size: usize, bytes: &[u8]) -> bool {
    bytes.chunks_exact(size).all(|element| element[10..].iter().all(|byte| *byte == 0))
}

fn long<const N: usize>(bytes: [u8; N]) -> Long {
    let mut ten = [0; 10];
    ten.copy_from_slice(&bytes[..10]);
    Long::from_x87(ten)
}

fn complex64(bytes: [u8; 8]) -> Complex<Real> {
    let both = u64::from_le_bytes(bytes);
    let part = |bits: u64| Real::from_f32((bits as u32).to_le_bytes());
    Complex { re: part(both), im: part(both >> 32) }
}

fn complex128(bytes: [u8; 16]) -> Complex<Real> {
    let both = u128::from_le_bytes(bytes);
    let part = |bits: u128| Real::from_f64((bits as u64).to_le_bytes());
    Complex { re: part(both), im: part(both >> 64) }
}

fn complex_long<const HALF: usize, const N: usize>(bytes: [u8; N]) -> Complex<Long> {
    let (mut re, mut im) = ([0; 10], [0; 10]);
    re.copy_from_slice(&bytes[..10]);
    im.copy_from_slice(&bytes[HALF..HALF + 10]);
    Complex { re: Long::from_x87(re), im: Long::from_x87(im) }
}

/// What a pass has seen so far.
struct Tally {
    measured: Measured,
    limit: Limit,
}

impl Tally {
    fn new(total: usize, limit: Limit) -> Self {
        let numbers = Numbers {
            total: total as u64,
            differing: 0,
            beyond: 0,
            max_abs: None,
            max_rel: None,
            max_ulp: None,
            nan: (0, 0),
            nan_pattern_equal: true,
            first: Vec::new(),
            compared_as: None,
        };
        Self { measured: Measured { numbers, zero_signs: 0, nan_moved: 0 }, limit }
    }

    fn differs(&mut self, index: usize, within: bool) {
        let numbers = &mut self.measured.numbers;
        numbers.differing += 1;
        numbers.beyond += u64::from(!within);
        if numbers.first.len() < FIRST {
            numbers.first.push(index as u64);
        }
    }

    #[inline]
    fn add<E: Element>(&mut self, index: usize, baseline: E, here: E) {
        let numbers = &mut self.measured.numbers;
        numbers.nan.0 += u64::from(baseline.is_nan());
        numbers.nan.1 += u64::from(here.is_nan());
        match baseline.gap(here) {
            Gap::Equal => {}
            Gap::SignOfZero => self.measured.zero_signs += 1,
            Gap::Nan => {
                numbers.nan_pattern_equal = false;
                self.measured.nan_moved += 1;
                self.differs(index, false);
            }
            Gap::Unbounded => self.differs(index, false),
            Gap::Finite { abs, ulp } => {
                let size = baseline.size();
                numbers.max_ulp = numbers.max_ulp.max(ulp);
                self.measures(abs, size);
                self.differs(index, self.limit.admits(abs, size, ulp));
            }
        }
    }

    /// A difference between finite elements, of which the baseline's has this size.
    fn measures(&mut self, abs: f64, size: f64) {
        let numbers = &mut self.measured.numbers;
        numbers.max_abs = Some(largest(numbers.max_abs, abs));
        if size > 0.0 {
            numbers.max_rel = Some(largest(numbers.max_rel, abs / size));
        }
    }

    /// What the blocks to come are measured against; `None` where a tolerance is no ordinary number.
    fn bar(&self) -> Option<Bar> {
        let Tolerance { rtol, atol } = self.limit.tolerance;
        let numbers = &self.measured.numbers;
        let known = (0.0..=f64::MAX).contains(&rtol) && (0.0..=f64::MAX).contains(&atol);
        known.then(|| Bar { rtol, atol, max_abs: numbers.max_abs.unwrap_or(0.0), max_rel: numbers.max_rel.unwrap_or(0.0) })
    }

    /// Adds what [`lanes`] knows of a block. False, with nothing added, where that does not tell how many elements are beyond
    /// tolerance, because for some the distance in units in the last place decides.
    fn sums<const N: usize, E: Element>(
        &mut self,
        sums: Sums,
        baseline: &[[u8; N]],
        here: &[[u8; N]],
        read: &impl Fn([u8; N]) -> E,
    ) -> bool {
        let all_within = sums.max_ulp <= self.limit.ulp;
        if self.limit.ulp > 0 && sums.beyond > 0 && !all_within {
            return false;
        }
        let numbers = &mut self.measured.numbers;
        numbers.differing += sums.differing;
        numbers.beyond += if all_within { 0 } else { sums.beyond };
        if sums.differing > 0 {
            numbers.max_ulp = numbers.max_ulp.max(Some(sums.max_ulp));
        }
        let mut records = sums.records;
        while records != 0 {
            let first = records.trailing_zeros() as usize * GROUP;
            records &= records - 1;
            for (baseline, here) in baseline[first..].iter().zip(&here[first..]).take(GROUP) {
                let (baseline, here) = (read(*baseline), read(*here));
                if let Gap::Finite { abs, .. } = baseline.gap(here) {
                    self.measures(abs, baseline.size());
                }
            }
        }
        true
    }
}

/// The larger of two differences; one that overflowed counts as the largest number, because JSON has no infinity.
fn largest(known: Option<f64>, new: f64) -> f64 {
    known.unwrap_or(0.0).max(new.min(f64::MAX))
}

/// One pass over two arrays whose elements take `N` bytes.
fn pass<const N: usize, E: Element>(baseline: &[u8], here: &[u8], read: impl Fn([u8; N]) -> E, limit: Limit) -> Measured {
    blocks(baseline, here, limit, &read, |tally, first, baseline, here| each(tally, first, baseline, here, &read))
}

/// The same for floats, which [`lanes`] measures.
fn float_pass<const N: usize, E: Ordinary>(
    format: Format,
    baseline: &[u8],
    here: &[u8],
    read: impl Fn([u8; N]) -> E,
    limit: Limit,
) -> Measured {
    let level = Level::new();
    let at_once = |tally: &mut Tally, baseline: &[[u8; N]], here: &[[u8; N]]| {
        let sums = tally.bar().and_then(|bar| lanes::measure(level, format, baseline.as_flattened(), here.as_flattened(), bar));
        sums.is_some_and(|sums| tally.sums(sums, baseline, here, &read))
    };
    blocks(baseline, here, limit, &read, |tally, first, baseline, here| {
        // The first differing elements are told one by one, and the last block may be short.
        if tally.measured.numbers.first.len() < FIRST || baseline.len() < BLOCK {
            return each(tally, first, baseline, here, &read);
        }
        if at_once(tally, baseline, here) {
            return;
        }
        let (mut b, mut h) = (baseline.to_vec(), here.to_vec());
        // What is extraordinary is told one by one; equal zeros in its place say nothing.
        for (index, (b, h)) in b.iter_mut().zip(&mut h).enumerate() {
            let (baseline, here) = (read(*b), read(*h));
            if !baseline.is_ordinary(here) {
                tally.add(first + index, baseline, here);
                (*b, *h) = ([0; N], [0; N]);
            }
        }
        if !at_once(tally, &b, &h) {
            each(tally, first, &b, &h, &read);
        }
    })
}

/// Goes through two arrays and hands on the blocks that differ, with the index of their first element.
fn blocks<const N: usize, E: Element>(
    baseline: &[u8],
    here: &[u8],
    limit: Limit,
    read: &impl Fn([u8; N]) -> E,
    mut differing: impl FnMut(&mut Tally, usize, &[[u8; N]], &[[u8; N]]),
) -> Measured {
    let (baseline, here) = (baseline.as_chunks::<N>().0, here.as_chunks::<N>().0);
    let total = baseline.len().min(here.len());
    let mut tally = Tally::new(total, limit);
    let blocks = baseline[..total].chunks(BLOCK).zip(here[..total].chunks(BLOCK));
    for (block, (baseline, here)) in blocks.enumerate() {
        if baseline.as_flattened() == here.as_flattened() {
            let nan = baseline.iter().map(|bytes| u64::from(read(*bytes).is_nan())).sum::<u64>();
            tally.measured.numbers.nan.0 += nan;
            tally.measured.numbers.nan.1 += nan;
        } else {
            differing(&mut tally, block * BLOCK, baseline, here);
        }
    }
    tally.measured
}

/// Adds elements one by one.
fn each<const N: usize, E: Element>(tally: &mut Tally, first: usize, baseline: &[[u8; N]], here: &[[u8; N]], read: &impl Fn([u8; N]) -> E) {
    for (offset, (baseline, here)) in baseline.iter().zip(here).enumerate() {
        tally.add(first + offset, read(*baseline), read(*here));
    }
}

/// One pass over elements that are only equal or not.
fn opaque(elements: u64, baseline: &[u8], here: &[u8]) -> Option<Measured> {
    let size = baseline.len().checked_div(usize::try_from(elements).ok()?)?;
    if size == 0 || here.len() != baseline.len() || !baseline.len().is_multiple_of(size) {
        return None;
    }
    let exact = Limit { tolerance: Tolerance { rtol: 0.0, atol: 0.0 }, ulp: 0 };
    let mut tally = Tally::new(baseline.len() / size, exact);
    for (index, (baseline, here)) in baseline.chunks_exact(size).zip(here.chunks_exact(size)).enumerate() {
        if baseline != here {
            tally.differs(index, false);
        }
    }
    Some(tally.measured)
}
