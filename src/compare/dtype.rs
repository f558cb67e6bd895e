//! What a dtype's name says about the bytes of its elements.

use std::borrow::Cow;

use super::{
    element::{Int, Long, Real},
    minifloat::Minifloat,
};

/// How the elements of a dtype are stored: little-endian, one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dtype {
    Bool,
    /// Signed, this many bits; those of fewer than eight take a byte each.
    Int(u32),
    /// Unsigned, this many bits.
    Uint(u32),
    Mini(Minifloat),
    Float16,
    Bfloat16,
    Float32,
    Float64,
    /// The x87's 80 bits, padded to 12 or 16 bytes.
    Long(usize),
    Complex64,
    Complex128,
    /// Two long doubles, each padded to 12 or 16 bytes.
    ComplexLong(usize),
    /// `datetime64` or `timedelta64`; the unit is part of the name.
    Time,
}

/// A dtype's name without its byte order (the data are little-endian whatever it says), and the short codes of the
/// array interface written out, so that `>f4`, `<f4` and `float32` are one.
pub(super) fn canonical(name: &str) -> Cow<'_, str> {
    let bare = name.strip_prefix(['<', '>', '=', '|']).unwrap_or(name);
    let bare = bare.strip_suffix('_').unwrap_or(bare);
    let mut characters = bare.chars();
    let (Some(code), Ok(bytes)) = (characters.next(), characters.as_str().parse::<u32>()) else { return Cow::Borrowed(bare) };
    match (code, bytes) {
        ('b' | '?', 1) => Cow::Borrowed("bool"),
        ('i', 1..=16) => Cow::Owned(format!("int{}", bytes * 8)),
        ('u', 1..=16) => Cow::Owned(format!("uint{}", bytes * 8)),
        ('f', 2..=16) => Cow::Owned(format!("float{}", bytes * 8)),
        ('c', 8..=32) => Cow::Owned(format!("complex{}", bytes * 8)),
        _ => Cow::Borrowed(bare),
    }
}

impl Dtype {
    /// The storage of a [`canonical`] name; `None` for texts, records, objects and whatever is not known.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "bool" => Self::Bool,
            "int2" => Self::Int(2),
            "int4" => Self::Int(4),
            "int8" => Self::Int(8),
            "int16" => Self::Int(16),
            "int32" => Self::Int(32),
            "int64" => Self::Int(64),
            "uint2" => Self::Uint(2),
            "uint4" => Self::Uint(4),
            "uint8" => Self::Uint(8),
            "uint16" => Self::Uint(16),
            "uint32" => Self::Uint(32),
            "uint64" => Self::Uint(64),
            "float16" => Self::Float16,
            "bfloat16" => Self::Bfloat16,
            "float32" => Self::Float32,
            "float64" => Self::Float64,
            "float96" => Self::Long(12),
            "float128" | "longdouble" => Self::Long(16),
            "complex64" => Self::Complex64,
            "complex128" => Self::Complex128,
            "complex192" => Self::ComplexLong(12),
            "complex256" | "clongdouble" => Self::ComplexLong(16),
            _ if name.starts_with("datetime64") || name.starts_with("timedelta64") => Self::Time,
            _ => Self::Mini(Minifloat::parse(name)?),
        })
    }

    /// The name under which its tolerance stands when its own has none.
    pub(super) fn family(self, name: &str) -> &str {
        if let Self::Long(_) = self {
            "longdouble"
        } else if let Self::ComplexLong(_) = self {
            "complex128"
        } else {
            name
        }
    }

    /// Bytes of an element.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Bool | Self::Mini(_) => 1,
            Self::Int(bits) | Self::Uint(bits) => bits.div_ceil(8) as usize,
            Self::Float16 | Self::Bfloat16 => 2,
            Self::Float32 => 4,
            Self::Float64 | Self::Complex64 | Self::Time => 8,
            Self::Complex128 => 16,
            Self::Long(bytes) => bytes,
            Self::ComplexLong(bytes) => 2 * bytes,
        }
    }

    /// Whether small differences are to be expected of its elements.
    pub(super) fn is_inexact(self) -> bool {
        !matches!(self, Self::Bool | Self::Int(_) | Self::Uint(_) | Self::Time)
    }

    fn is_complex(self) -> bool {
        matches!(self, Self::Complex64 | Self::Complex128 | Self::ComplexLong(_))
    }

    /// A dtype that holds the elements of both, with the name people know it by; `None` where there is none.
    ///
    /// Floats are compared as `float64` even where a narrower one would hold both: it is exact for all but long double.
    pub(super) fn wider(self, other: Self) -> Option<(Wide, &'static str)> {
        match (self, other) {
            (Self::Time, _) | (_, Self::Time) => None,
            _ if self.is_complex() || other.is_complex() => Some((Wide::Complex, "complex128")),
            _ if self.is_inexact() || other.is_inexact() => Some((Wide::Real, "float64")),
            _ => Some((Wide::Integer, "int128")),
        }
    }

    /// Reads one integer of this dtype; `None` for other dtypes or a wrong length.
    pub(super) fn integer(self, bytes: &[u8]) -> Option<Int> {
        let mut wide = [0; 16];
        wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
        let unsigned = u128::from_le_bytes(wide);
        if let Self::Int(bits) = self {
            Some(Int((unsigned << (128 - bits)).cast_signed() >> (128 - bits)))
        } else if let Self::Uint(bits) = self {
            Some(Int(((unsigned << (128 - bits)) >> (128 - bits)).cast_signed()))
        } else if self == Self::Bool {
            Some(Int(i128::from(unsigned != 0)))
        } else {
            None
        }
    }

    /// Reads one element as `[re, im]`; for long double the nearest values. `None` for times or a wrong length.
    pub(super) fn complex(self, bytes: &[u8]) -> Option<[f64; 2]> {
        let real = |value: f64| Some([value, 0.0]);
        match self {
            Self::Bool | Self::Int(_) | Self::Uint(_) => real(self.integer(bytes)?.0 as f64),
            Self::Mini(format) => real(format.decode(*bytes.first()?).value),
            Self::Float16 => real(Real::from_f16(bytes.try_into().ok()?).value),
            Self::Bfloat16 => real(Real::from_bf16(bytes.try_into().ok()?).value),
            Self::Float32 => real(Real::from_f32(bytes.try_into().ok()?).value),
            Self::Float64 => real(Real::from_f64(bytes.try_into().ok()?).value),
            Self::Long(_) => real(Long::from_x87(*bytes.first_chunk()?).approximate()),
            Self::Complex64 => Self::Float32.parts(bytes),
            Self::Complex128 => Self::Float64.parts(bytes),
            Self::ComplexLong(part) => Self::Long(part).parts(bytes),
            Self::Time => None,
        }
    }

    /// Reads a complex number whose parts are of this dtype.
    fn parts(self, bytes: &[u8]) -> Option<[f64; 2]> {
        let (re, im) = bytes.split_at_checked(self.size())?;
        Some([self.complex(re)?[0], self.complex(im)?[0]])
    }
}

/// The dtypes in which elements of different dtypes are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wide {
    Integer,
    Real,
    Complex,
}
