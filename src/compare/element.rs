//! One element of an array, and how far two of them lie apart.

use half::{bf16, f16};

use super::lanes::ORDINARY;

/// How far an element lies from the baseline's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Gap {
    /// Equal; NaN equals NaN whatever its payload.
    Equal,
    /// Both are zero, with different signs.
    SignOfZero,
    /// Both are finite and differ.
    Finite {
        /// Absolute difference.
        abs: f64,
        /// Distance in units in the last place, for floats.
        ulp: Option<u64>,
    },
    /// One is infinite and the other something else that is not NaN.
    Unbounded,
    /// One is NaN and the other is not.
    Nan,
}

/// What can be measured.
pub(super) trait Element: Copy {
    /// Whether it is NaN (complex: one of its parts; dates: `NaT`).
    fn is_nan(self) -> bool;

    /// Its absolute value, to which relative differences are related; parts of a complex number that are not finite
    /// don't count, lest they make everything close.
    fn size(self) -> f64;

    /// How far `here` lies from this element, the baseline's.
    fn gap(self, here: Self) -> Gap;
}

/// What blocks of it can be measured by [`super::lanes`].
pub(super) trait Ordinary: Element {
    /// Whether neither this one nor `here` is NaN, infinite or of an extraordinary magnitude, and no zeros differ in sign.
    fn is_ordinary(self, here: Self) -> bool;
}

/// A binary float of at most 64 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Real {
    /// Its value, exact.
    pub(super) value: f64,
    /// Its place in the order of all values of its own type; both zeros are at 0.
    pub(super) ordinal: i64,
}

impl Real {
    /// From a sign and the bits without it, which order as the magnitudes do.
    pub(super) fn new(value: f64, negative: bool, magnitude: i64) -> Self {
        Self { value, ordinal: if negative { -magnitude } else { magnitude } }
    }

    pub(super) fn from_f64(bytes: [u8; 8]) -> Self {
        let value = f64::from_le_bytes(bytes);
        Self::new(value, value.is_sign_negative(), (value.to_bits() & (u64::MAX >> 1)).cast_signed())
    }

    pub(super) fn from_f32(bytes: [u8; 4]) -> Self {
        let value = f32::from_le_bytes(bytes);
        Self::new(f64::from(value), value.is_sign_negative(), i64::from(value.to_bits() & (u32::MAX >> 1)))
    }

    pub(super) fn from_f16(bytes: [u8; 2]) -> Self {
        let value = f16::from_le_bytes(bytes);
        Self::new(value.to_f64(), value.is_sign_negative(), i64::from(value.to_bits() & 0x7fff))
    }

    pub(super) fn from_bf16(bytes: [u8; 2]) -> Self {
        let value = bf16::from_le_bytes(bytes);
        Self::new(value.to_f64(), value.is_sign_negative(), i64::from(value.to_bits() & 0x7fff))
    }
}

impl Element for Real {
    fn is_nan(self) -> bool {
        self.value.is_nan()
    }

    fn size(self) -> f64 {
        self.value.abs()
    }

    fn gap(self, here: Self) -> Gap {
        match (self.value.is_nan(), here.value.is_nan()) {
            (true, false) | (false, true) => Gap::Nan,
            (false, false) if self.ordinal != here.ordinal => {
                if self.value.is_infinite() || here.value.is_infinite() {
                    return Gap::Unbounded;
                }
                let ulp = Some(self.ordinal.abs_diff(here.ordinal));
                Gap::Finite { abs: (self.value - here.value).abs(), ulp }
            }
            (false, false) if self.value.is_sign_negative() != here.value.is_sign_negative() => Gap::SignOfZero,
            (true, true) | (false, false) => Gap::Equal,
        }
    }
}

impl Ordinary for Real {
    #[inline]
    #[expect(clippy::needless_bitwise_bool, reason = "without branches, because whole blocks are asked")]
    fn is_ordinary(self, here: Self) -> bool {
        let known = |value: f64| (value == 0.0) | ((value.abs() >= *ORDINARY.start()) & (value.abs() <= *ORDINARY.end()));
        let other_sign = (self.value.to_bits() ^ here.value.to_bits()) >> 63 == 1;
        known(self.value) & known(here.value) & !((self.value == 0.0) & (here.value == 0.0) & other_sign)
    }
}

/// A long double of the x87, 80 bits, whatever padding follows. Its value is kept as a sum of two floats, which holds
/// all of its 64 mantissa bits; magnitudes that no `f64` has become infinite or zero there, but not in `ordinal`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Long {
    high: f64,
    low: f64,
    ordinal: i128,
    negative: bool,
    nan: bool,
    infinite: bool,
}

impl Long {
    /// From the ten bytes that count.
    pub(super) fn from_x87(bytes: [u8; 10]) -> Self {
        let [m0, m1, m2, m3, m4, m5, m6, m7, e0, e1] = bytes;
        let mantissa = u64::from_le_bytes([m0, m1, m2, m3, m4, m5, m6, m7]);
        let sign_and_exponent = u16::from_le_bytes([e0, e1]);
        let (negative, exponent) = (sign_and_exponent >> 15 == 1, sign_and_exponent & 0x7fff);
        let fraction = mantissa & (u64::MAX >> 1);
        let special = exponent == 0x7fff;
        let sign = if negative { -1.0 } else { 1.0 };
        // The mantissa is an integer times 2^(exponent - bias - 63); subnormals share the exponent of 1.
        let power = i32::from(exponent.max(1)) - 16383 - 63;
        let part = |bits: u64| sign * scale(bits as f64, power);
        let magnitude = (i128::from(exponent) << 63) | i128::from(fraction);
        Self {
            high: if special { sign * f64::INFINITY } else { part(mantissa & !0xffff_ffff) },
            low: if special { 0.0 } else { part(mantissa & 0xffff_ffff) },
            ordinal: if negative { -magnitude } else { magnitude },
            negative,
            nan: special && fraction != 0,
            infinite: special && fraction == 0,
        }
    }

    /// The nearest `f64`.
    pub(super) fn approximate(self) -> f64 {
        if self.nan { f64::NAN } else { self.high + self.low }
    }
}

/// `value * 2^power`, in steps that don't overflow or vanish before the result does.
fn scale(mut value: f64, mut power: i32) -> f64 {
    while power > 1000 && value.is_finite() && value != 0.0 {
        value *= 2f64.powi(1000);
        power -= 1000;
    }
    while power < -1000 && value != 0.0 {
        value *= 2f64.powi(-1000);
        power += 1000;
    }
    if value == 0.0 || value.is_infinite() { value } else { value * 2f64.powi(power) }
}

impl Element for Long {
    fn is_nan(self) -> bool {
        self.nan
    }

    fn size(self) -> f64 {
        self.approximate().abs()
    }

    fn gap(self, here: Self) -> Gap {
        match (self.nan, here.nan) {
            (true, false) | (false, true) => Gap::Nan,
            (false, false) if self.ordinal != here.ordinal => {
                let abs = ((self.high - here.high) + (self.low - here.low)).abs();
                // Values beyond the range of f64 can't be subtracted there.
                if self.infinite || here.infinite || !abs.is_finite() {
                    return Gap::Unbounded;
                }
                let ulp = u64::try_from(self.ordinal.abs_diff(here.ordinal)).unwrap_or(u64::MAX);
                Gap::Finite { abs, ulp: Some(ulp) }
            }
            (false, false) if self.negative != here.negative => Gap::SignOfZero,
            (true, true) | (false, false) => Gap::Equal,
        }
    }
}

/// A complex number; its parts are measured each, and taken together as one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Complex<E> {
    /// Real part.
    pub(super) re: E,
    /// Imaginary part.
    pub(super) im: E,
}

impl<E: Element> Element for Complex<E> {
    fn is_nan(self) -> bool {
        self.re.is_nan() || self.im.is_nan()
    }

    fn size(self) -> f64 {
        let finite = |size: f64| if size.is_finite() { size } else { 0.0 };
        finite(self.re.size()).hypot(finite(self.im.size()))
    }

    fn gap(self, here: Self) -> Gap {
        let (re, im) = (self.re.gap(here.re), self.im.gap(here.im));
        match (re, im) {
            (Gap::Nan, _) | (_, Gap::Nan) => Gap::Nan,
            (Gap::Unbounded, _) | (_, Gap::Unbounded) => Gap::Unbounded,
            (Gap::Equal, Gap::Equal) => Gap::Equal,
            (Gap::SignOfZero | Gap::Equal, Gap::SignOfZero | Gap::Equal) => Gap::SignOfZero,
            (Gap::Finite { abs, ulp }, Gap::Equal | Gap::SignOfZero) | (Gap::Equal | Gap::SignOfZero, Gap::Finite { abs, ulp }) => {
                Gap::Finite { abs, ulp }
            }
            (Gap::Finite { abs: re, ulp: re_ulp }, Gap::Finite { abs: im, ulp: im_ulp }) => {
                Gap::Finite { abs: re.hypot(im), ulp: re_ulp.max(im_ulp) }
            }
        }
    }
}

impl Ordinary for Complex<Real> {
    #[inline]
    fn is_ordinary(self, here: Self) -> bool {
        self.re.is_ordinary(here.re) & self.im.is_ordinary(here.im)
    }
}

/// An integer or a boolean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Int(pub(super) i128);

impl Element for Int {
    fn is_nan(self) -> bool {
        false
    }

    fn size(self) -> f64 {
        self.0.unsigned_abs() as f64
    }

    fn gap(self, here: Self) -> Gap {
        if self == here {
            return Gap::Equal;
        }
        Gap::Finite { abs: self.0.abs_diff(here.0) as f64, ulp: None }
    }
}

/// A date or a duration in units of its dtype; the smallest number is `NaT`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Time(pub(super) i64);

impl Element for Time {
    fn is_nan(self) -> bool {
        self.0 == i64::MIN
    }

    fn size(self) -> f64 {
        self.0.unsigned_abs() as f64
    }

    fn gap(self, here: Self) -> Gap {
        match (self.is_nan(), here.is_nan()) {
            (true, true) => Gap::Equal,
            (true, false) | (false, true) => Gap::Nan,
            (false, false) => Int(self.0.into()).gap(Int(here.0.into())),
        }
    }
}
