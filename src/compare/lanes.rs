//! Measures a block of floats several elements at a time.
//!
//! [`measure`] counts, and says in which groups of eight elements a largest difference may be: those few are looked at one
//! by one, by the same code as everything else, so that there is one definition of how far two elements lie apart. What is
//! rare it refuses altogether: NaN, infinities, zeros that differ in sign, magnitudes whose squares no `f64` has.

#![expect(clippy::inline_always, reason = "code for wider registers is only made of what is inlined where they are asked for")]

use fearless_simd::{Bytes, Level, Select, Simd, SimdBase, SimdFloat, SimdInt, SimdMask, SimdWiden, dispatch};

/// Elements of a block.
pub(super) const BLOCK: usize = 512;

/// Elements of a group: a block has as many groups as a `u64` has bits.
pub(super) const GROUP: usize = BLOCK / 64;

/// The magnitudes, zero aside, whose squares and products have no less precision than others.
pub(super) const ORDINARY: std::ops::RangeInclusive<f64> = f64::from_bits((1023 - 400) << 52)..=f64::from_bits((1023 + 400) << 52);

/// How wrong the length of a complex number may be here, relatively, with a wide margin.
const DOUBT: f64 = 1e-12;

/// How the elements of a block are stored, little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Float16,
    Bfloat16,
    Float32,
    Float64,
    Complex64,
    Complex128,
}

/// What a block is measured against. All are finite and none is negative.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    pub(super) rtol: f64,
    pub(super) atol: f64,
    /// The largest absolute difference so far.
    pub(super) max_abs: f64,
    /// The largest relative difference so far.
    pub(super) max_rel: f64,
}

/// What is known of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// Elements that differ.
    pub(super) differing: u64,
    /// Elements beyond `rtol` and `atol`.
    pub(super) beyond: u64,
    /// Largest distance in units in the last place; of complex numbers that of their parts.
    pub(super) max_ulp: u64,
    /// The groups that may have a larger difference than any before, the first in the lowest bit.
    pub(super) records: u64,
}

/// Measures two blocks of [`BLOCK`] elements each, given as their bytes. `None` where elements have to be looked at one by
/// one.
pub(super) fn measure(level: Level, format: Format, baseline: &[u8], here: &[u8], bar: Bar) -> Option<Sums> {
    dispatch!(level, simd => with(simd, format, baseline, here, bar))
}

#[inline(always)]
fn with<S: Simd>(simd: S, format: Format, baseline: &[u8], here: &[u8], bar: Bar) -> Option<Sums> {
    let pass = Pass { simd, bar, sums: Sums::default(), next: 0, doubtful: false };
    let pairs = Vectors { simd, baseline, here };
    simd.vectorize(
        #[inline(always)]
        || match format {
            Format::Float16 => pass.halves(pairs, 0x7c00_0000, |bits| float16(simd, bits)),
            Format::Bfloat16 => pass.halves(pairs, 0x7f80_0000, Bytes::bitcast),
            Format::Float32 => pass.singles::<false>(pairs),
            Format::Float64 => pass.doubles::<false>(pairs),
            Format::Complex64 => pass.singles::<true>(pairs),
            Format::Complex128 => pass.doubles::<true>(pairs),
        },
    )
}

/// The baseline's elements and those here.
#[derive(Clone, Copy)]
struct Pair<V>(V, V);

impl<V> Pair<V> {
    #[inline(always)]
    fn map<W>(self, change: impl Fn(V) -> W) -> Pair<W> {
        Pair(change(self.0), change(self.1))
    }

    /// Two vectors of wider elements for each.
    #[inline(always)]
    fn widen<S: Simd>(self) -> [Pair<V::Widened>; 2]
    where
        V: SimdWiden<S>,
    {
        let (b, h) = (self.0.widen(), self.1.widen());
        [Pair(b.0, h.0), Pair(b.1, h.1)]
    }
}

/// All of two blocks, a vector of each at a time. Adapters of the standard library would not do: where one of them is not
/// inlined, everything within is made for narrow registers.
struct Vectors<'a, S> {
    simd: S,
    baseline: &'a [u8],
    here: &'a [u8],
}

impl<S: Simd> Iterator for Vectors<'_, S> {
    type Item = Pair<S::u8s>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.baseline.len() < S::u8s::LEN || self.here.len() < S::u8s::LEN {
            return None;
        }
        let ((b, baseline), (h, here)) = (self.baseline.split_at(S::u8s::LEN), self.here.split_at(S::u8s::LEN));
        (self.baseline, self.here) = (baseline, here);
        Some(Pair(S::u8s::from_slice(self.simd, b), S::u8s::from_slice(self.simd, h)))
    }
}

/// The value of 16 bits that stand in the upper half of 32. The exponent is corrected by a product, which is exact and
/// does subnormal numbers, too; what has none (NaN, infinities) has been refused.
#[inline(always)]
fn float16<S: Simd>(simd: S, bits: S::u32s) -> S::f32s {
    let sign = S::u32s::splat(simd, 1 << 31);
    let magnitude: S::f32s = ((bits & !sign) >> 3).bitcast();
    let value: S::u32s = (magnitude * f32::from_bits((127 + 112) << 23)).bitcast();
    (value | (bits & sign)).bitcast()
}

/// The places of floats in the order of all values of their type, told by their bits: `V` signed, `U` unsigned.
struct Places<V, U> {
    zero: V,
    magnitude: V,
    largest: U,
    /// One less than the smallest magnitude that is not zero.
    smallest: U,
    ulp: U,
    /// Lanes that differ in their bits and not in their places.
    signs: u64,
}

impl<V, U> Places<V, U> {
    #[inline(always)]
    fn new<S: Simd>(simd: S, magnitude: V::Element, none: U::Element) -> Self
    where
        V: SimdInt<S>,
        U: SimdInt<S>,
    {
        let zero = V::splat(simd, V::Element::default());
        let nothing = U::splat(simd, U::Element::default());
        Self { zero, magnitude: V::splat(simd, magnitude), largest: nothing, smallest: U::splat(simd, none), ulp: nothing, signs: 0 }
    }

    /// Lanes whose places differ.
    #[inline(always)]
    fn add<S: Simd>(&mut self, bits: Pair<V>, one: U::Element) -> u64
    where
        V: SimdInt<S, ByteVector = U::ByteVector>,
        U: SimdInt<S>,
    {
        let magnitudes = bits.map(|bits| bits & self.magnitude);
        for magnitude in [magnitudes.0, magnitudes.1] {
            let magnitude: U = magnitude.bitcast();
            self.largest = self.largest.max(magnitude);
            // Zero becomes the largest number.
            self.smallest = self.smallest.min(magnitude - one);
        }
        let place = |bits: V, magnitude: V| bits.simd_lt(self.zero).select(self.zero - magnitude, magnitude);
        let (b, h) = (place(bits.0, magnitudes.0), place(bits.1, magnitudes.1));
        // As unsigned numbers, because the distance may be more than `V` holds.
        self.ulp = self.ulp.max(b.max(h).bitcast::<U>() - b.min(h).bitcast::<U>());
        let apart = b.simd_ne(h).to_bitmask();
        self.signs |= apart ^ bits.0.simd_ne(bits.1).to_bitmask();
        apart
    }
}

/// How many elements differ, told by a bit for each, or for each part of complex elements.
fn count<const COMPLEX: bool>(apart: u64) -> u64 {
    const FIRST_PARTS: u64 = 0x5555_5555_5555_5555;
    u64::from(if COMPLEX { (apart | (apart >> 1)) & FIRST_PARTS } else { apart }.count_ones())
}

/// What has been seen of a block.
struct Pass<S> {
    simd: S,
    bar: Bar,
    sums: Sums,
    /// Elements that come next.
    next: usize,
    /// An element is too near to its tolerance to be sure.
    doubtful: bool,
}

impl<S: Simd> Pass<S> {
    /// 16 bits an element.
    #[inline(always)]
    fn halves(mut self, pairs: impl Iterator<Item = Pair<S::u8s>>, infinity: u32, float: impl Fn(S::u32s) -> S::f32s) -> Option<Sums> {
        let mut places = Places::<S::i32s, S::u32s>::new(self.simd, i32::MAX, u32::MAX);
        for pair in pairs {
            for bits in pair.map(Bytes::bitcast::<S::u16s>).widen() {
                // In the upper half they order as the 16 bits do.
                let bits = bits.map(|bits| bits << 16);
                self.sums.differing += count::<false>(places.add(bits.map(Bytes::bitcast), 1));
                self.values::<false>(bits.map(&float).widen());
            }
        }
        let ulp = places.ulp.reduce_max() >> 16;
        self.end(places.signs == 0 && places.largest.reduce_max() < infinity, ulp.into())
    }

    /// 32 bits an element or a part.
    #[inline(always)]
    fn singles<const COMPLEX: bool>(mut self, pairs: impl Iterator<Item = Pair<S::u8s>>) -> Option<Sums> {
        let mut places = Places::<S::i32s, S::u32s>::new(self.simd, i32::MAX, u32::MAX);
        for pair in pairs {
            self.sums.differing += count::<COMPLEX>(places.add(pair.map(Bytes::bitcast), 1));
            self.values::<COMPLEX>(pair.map(Bytes::bitcast::<S::f32s>).widen());
        }
        let ulp = places.ulp.reduce_max();
        self.end(places.signs == 0 && places.largest.reduce_max() < f32::INFINITY.to_bits(), ulp.into())
    }

    /// 64 bits an element or a part.
    #[inline(always)]
    fn doubles<const COMPLEX: bool>(mut self, mut pairs: impl Iterator<Item = Pair<S::u8s>>) -> Option<Sums> {
        let mut places = Places::<S::i64s, S::u64s>::new(self.simd, i64::MAX, u64::MAX);
        while let (Some(one), Some(other)) = (pairs.next(), pairs.next()) {
            for pair in [one, other] {
                self.sums.differing += count::<COMPLEX>(places.add(pair.map(Bytes::bitcast), 1));
            }
            self.values::<COMPLEX>([one.map(Bytes::bitcast), other.map(Bytes::bitcast)]);
        }
        let ordinary =
            places.largest.reduce_max() <= ORDINARY.end().to_bits() && places.smallest.reduce_min() >= ORDINARY.start().to_bits() - 1;
        let ulp = places.ulp.reduce_max();
        self.end(places.signs == 0 && ordinary, ulp)
    }

    /// The next two vectors of values, or of parts that take turns.
    #[inline(always)]
    fn values<const COMPLEX: bool>(&mut self, pairs: [Pair<S::f64s>; 2]) {
        let [one, other] = pairs;
        if COMPLEX {
            let ((b_re, b_im), (h_re, h_im)) = (one.0.deinterleave(other.0), one.1.deinterleave(other.1));
            self.complex(Pair(b_re, h_re), Pair(b_im, h_im));
        } else {
            self.real(one);
            self.real(other);
        }
    }

    #[inline(always)]
    fn real(&mut self, Pair(baseline, here): Pair<S::f64s>) {
        let (apart, size) = ((baseline - here).abs(), baseline.abs());
        let beyond = apart.simd_gt(size * self.bar.rtol + self.bar.atol);
        // A quotient is larger than the largest only where this is negative, which one rounding cannot change.
        let relative = size.mul_sub_precise(self.bar.max_rel, apart).simd_lt(0.0);
        self.seen(beyond, apart.simd_gt(self.bar.max_abs) | relative);
    }

    /// Lengths are approximate here, so what is near enough to matter is looked at again.
    #[inline(always)]
    fn complex(&mut self, re: Pair<S::f64s>, im: Pair<S::f64s>) {
        let length = |re: S::f64s, im: S::f64s| (re * re + im * im).sqrt();
        let (apart, size) = (length(re.0 - re.1, im.0 - im.1), length(re.0, im.0));
        let tolerated = size * self.bar.rtol + self.bar.atol;
        let (beyond, within) = (apart.simd_gt(tolerated * (1.0 + DOUBT)), apart.simd_le(tolerated * (1.0 - DOUBT)));
        self.doubtful |= !(beyond | within | apart.simd_eq(0.0)).all_true();
        let larger = |bar: S::f64s| apart.simd_gt(bar * (1.0 - DOUBT));
        self.seen(beyond, larger(S::f64s::splat(self.simd, self.bar.max_abs)) | larger(size * self.bar.max_rel));
    }

    #[inline(always)]
    fn seen(&mut self, beyond: S::mask64s, larger: S::mask64s) {
        self.sums.beyond += u64::from(beyond.to_bitmask().count_ones());
        self.sums.records |= u64::from(larger.any_true()) << (self.next / GROUP);
        self.next += S::f64s::LEN;
    }

    fn end(self, plain: bool, max_ulp: u64) -> Option<Sums> {
        (plain && !self.doubtful).then_some(Sums { max_ulp, ..self.sums })
    }
}
