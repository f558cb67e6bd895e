//! Floats of at most eight bits: each has so few values that a table holds them all.

use super::element::Real;

/// What the topmost bit patterns of a format mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Top {
    /// As in IEEE 754: the largest exponent holds infinities and NaN.
    Ieee,
    /// Finite: all bits set is NaN, there are no infinities.
    NanOnly,
    /// Finite and unsigned zero: the pattern of negative zero is NaN.
    NanAtNegativeZero,
    /// Every pattern is a number.
    Numbers,
}

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Minifloat {
    exponent: u32,
    mantissa: u32,
    bias: i32,
    top: Top,
    /// One of a kind: no sign, no mantissa, no zero; `0xff` is NaN.
    scale_only: bool,
}

impl Minifloat {
    /// The format of a dtype name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let format = |exponent, mantissa, bias, top| Some(Self { exponent, mantissa, bias, top, scale_only: false });
        match name {
            "float8_e3m4" => format(3, 4, 3, Top::Ieee),
            "float8_e4m3" => format(4, 3, 7, Top::Ieee),
            "float8_e4m3fn" => format(4, 3, 7, Top::NanOnly),
            "float8_e4m3fnuz" => format(4, 3, 8, Top::NanAtNegativeZero),
            "float8_e4m3b11" | "float8_e4m3b11fnuz" => format(4, 3, 11, Top::NanAtNegativeZero),
            "float8_e5m2" => format(5, 2, 15, Top::Ieee),
            "float8_e5m2fnuz" => format(5, 2, 16, Top::NanAtNegativeZero),
            "float6_e2m3fn" => format(2, 3, 1, Top::Numbers),
            "float6_e3m2fn" => format(3, 2, 3, Top::Numbers),
            "float4_e2m1fn" => format(2, 1, 1, Top::Numbers),
            "float8_e8m0fnu" => Some(Self { exponent: 8, mantissa: 0, bias: 127, top: Top::NanOnly, scale_only: true }),
            _ => None,
        }
    }

    /// All its values, by bit pattern.
    pub(super) fn table(self) -> [Real; 256] {
        let mut table = [Real { value: 0.0, ordinal: 0 }; 256];
        for (entry, bits) in table.iter_mut().zip(0u8..=255) {
            *entry = self.decode(bits);
        }
        table
    }

    /// The value of a bit pattern.
    pub(super) fn decode(self, bits: u8) -> Real {
        if self.scale_only {
            let value = if bits == 0xff { f64::NAN } else { 2f64.powi(i32::from(bits) - self.bias) };
            return Real::new(value, false, i64::from(bits));
        }
        // Formats of fewer than eight bits stand in the low bits of their byte.
        let width = self.exponent + self.mantissa;
        let magnitude = u32::from(bits) & ((1 << width) - 1);
        let negative = (u32::from(bits) >> width) & 1 == 1;
        let exponent = magnitude >> self.mantissa;
        let fraction = magnitude & ((1 << self.mantissa) - 1);
        let largest = (1 << self.exponent) - 1;
        let absolute = match self.top {
            Top::Ieee if exponent == largest && fraction == 0 => f64::INFINITY,
            Top::Ieee if exponent == largest => f64::NAN,
            Top::NanOnly if magnitude == (1 << width) - 1 => f64::NAN,
            Top::NanAtNegativeZero if negative && magnitude == 0 => f64::NAN,
            Top::Ieee | Top::NanOnly | Top::NanAtNegativeZero | Top::Numbers => {
                let (whole, exponent) = if exponent == 0 { (0, 1) } else { (1 << self.mantissa, exponent) };
                let power = exponent.cast_signed() - self.bias - self.mantissa.cast_signed();
                f64::from(whole + fraction) * 2f64.powi(power)
            }
        };
        Real::new(if negative { -absolute } else { absolute }, negative, i64::from(magnitude))
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, clippy::unwrap_used, reason = "tests; these values are exact")]
mod tests {
    use super::*;

    fn value(name: &str, bits: u8) -> f64 {
        Minifloat::parse(name).unwrap().table()[usize::from(bits)].value
    }

    #[test]
    fn the_landmarks_of_each_format_are_where_its_definition_puts_them() {
        assert_eq!(value("float8_e4m3fn", 0x38), 1.0);
        assert_eq!(value("float8_e4m3fn", 0x7e), 448.0);
        assert_eq!(value("float8_e4m3fn", 0x01), 2f64.powi(-9));
        assert!(value("float8_e4m3fn", 0x7f).is_nan());
        assert!(value("float8_e4m3fn", 0xff).is_nan());
        assert_eq!(value("float8_e4m3", 0x77), 240.0);
        assert_eq!(value("float8_e4m3", 0xf8), f64::NEG_INFINITY);
        assert_eq!(value("float8_e3m4", 0x6f), 15.5);
        assert_eq!(value("float8_e5m2", 0x3c), 1.0);
        assert_eq!(value("float8_e5m2", 0x7b), 57344.0);
        assert_eq!(value("float8_e5m2", 0x7c), f64::INFINITY);
        assert!(value("float8_e5m2", 0x7d).is_nan());
        assert_eq!(value("float8_e4m3fnuz", 0x7f), 240.0);
        assert!(value("float8_e4m3fnuz", 0x80).is_nan());
        assert_eq!(value("float8_e4m3b11fnuz", 0x7f), 30.0);
        assert_eq!(value("float8_e5m2fnuz", 0x7f), 57344.0);
        assert_eq!(value("float8_e8m0fnu", 127), 1.0);
        assert!(value("float8_e8m0fnu", 255).is_nan());
        assert_eq!(value("float4_e2m1fn", 0x07), 6.0);
        assert_eq!(value("float4_e2m1fn", 0x0f), -6.0);
        assert_eq!(value("float6_e2m3fn", 0x1f), 7.5);
        assert_eq!(value("float6_e3m2fn", 0x1f), 28.0);
    }
}
