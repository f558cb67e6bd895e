//! Floats are measured several at a time; here that is set against measuring them one by one.

use fearless_simd::Level;
use half::f16;
use proptest::prelude::*;

use super::super::{
    lanes::{self, BLOCK, Bar, Format, Sums},
    numeric::{Measured, measure},
};
use crate::matrix::{Tolerance, Tolerances};

/// Every dtype that has a way of its own, with the bytes of an element or of its parts.
const DTYPES: [(&str, usize, usize); 6] =
    [("float16", 2, 1), ("bfloat16", 2, 1), ("float32", 4, 1), ("float64", 8, 1), ("complex64", 4, 2), ("complex128", 8, 2)];

/// Arrays shorter than a block are measured one by one, so this never does it otherwise.
fn piece_by_piece(dtype: &str, size: usize, baseline: &[u8], here: &[u8], tolerances: &Tolerances) -> Measured {
    let pieces = baseline.chunks((BLOCK - 1) * size).zip(here.chunks((BLOCK - 1) * size));
    let mut pieces = pieces.map(|(baseline, here)| measure(dtype, 0, baseline, here, tolerances).unwrap());
    let mut all = pieces.next().unwrap();
    for piece in pieces {
        let (known, new) = (&mut all.numbers, piece.numbers);
        let larger = |one: Option<f64>, other: Option<f64>| one.map_or(other, |one| Some(one.max(other.unwrap_or(0.0))));
        known.first.extend(new.first.iter().map(|index| known.total + index));
        known.first.truncate(8);
        known.total += new.total;
        known.differing += new.differing;
        known.beyond += new.beyond;
        known.max_abs = larger(known.max_abs, new.max_abs);
        known.max_rel = larger(known.max_rel, new.max_rel);
        known.max_ulp = known.max_ulp.max(new.max_ulp);
        known.nan = (known.nan.0 + new.nan.0, known.nan.1 + new.nan.1);
        known.nan_pattern_equal &= new.nan_pattern_equal;
        all.zero_signs += piece.zero_signs;
        all.nan_moved += piece.nan_moved;
    }
    all
}

/// Numbers that look random and depend on nothing but where they begin.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A part of `size` bytes, and what stands in its place on the other side. One in `rare` is something odd.
    fn parts(&mut self, dtype: &str, size: usize, rare: u64) -> (u64, u64) {
        let (sign, infinity) = match dtype {
            "float16" => (1 << 15, u64::from(f16::INFINITY.to_bits())),
            "bfloat16" => (1 << 15, 0x7f80),
            "float32" | "complex64" => (1 << 31, u64::from(f32::INFINITY.to_bits())),
            _ => (1 << 63, f64::INFINITY.to_bits()),
        };
        // Near one, which is in the middle of the patterns.
        let (middle, random) = (infinity / 2, self.next());
        let near = (middle + random % (middle / 64)) | (self.next() & sign);
        let odd = |kind: u64, random: u64| match kind % 7 {
            0 => infinity | (random & sign),
            1 => (infinity + 1) | (random & sign),
            2 => random & sign,
            3 => (random % 3) | (random & sign),
            4 => (infinity - 1 - random % 3) | (random & sign),
            _ => random % sign,
        };
        let mask = u64::MAX >> (64 - 8 * size);
        let mut pick = |kind: u64| if self.next().is_multiple_of(rare) { odd(kind, self.next()) } else { near };
        let (baseline, here) = (pick(random >> 3), pick(random >> 7));
        let noise = [0, 0, 1, random % 64][(random >> 60) as usize % 4];
        let here = if baseline == near && here == near { near + noise } else { here };
        (baseline & mask, here & mask)
    }

    fn arrays(&mut self, (dtype, size, parts): (&str, usize, usize), elements: usize, rare: u64) -> (Vec<u8>, Vec<u8>) {
        let (mut baseline, mut here) = (Vec::new(), Vec::new());
        for _ in 0..elements * parts {
            let (b, h) = self.parts(dtype, size, rare);
            baseline.extend(&b.to_le_bytes()[..size]);
            here.extend(&h.to_le_bytes()[..size]);
        }
        (baseline, here)
    }
}

proptest! {
    #[test]
    fn blocks_measure_what_their_elements_measure_one_by_one(
        seed in 1u64..,
        blocks in 1usize..5,
        rest in 0usize..40,
        rare in prop_oneof![Just(2u64), Just(300), Just(u64::MAX)],
        ulp in prop_oneof![Just(0u64), Just(1), Just(1 << 20)],
        rtol in prop_oneof![Just(0.0), Just(1e-7), Just(1e-2), Just(f64::INFINITY)],
        atol in prop_oneof![Just(0.0), Just(1e-6)],
    ) {
        let mut numbers = Numbers(seed);
        for dtype in DTYPES {
            let (name, size, parts) = dtype;
            let tolerances = Tolerances { by_dtype: [(name.to_owned(), Tolerance { rtol, atol })].into(), ulp };
            let (baseline, here) = numbers.arrays(dtype, blocks * BLOCK + rest, rare);
            let whole = measure(name, 0, &baseline, &here, &tolerances).unwrap();
            prop_assert_eq!(whole, piece_by_piece(name, size * parts, &baseline, &here, &tolerances), "{}", name);
        }
    }

    #[test]
    fn every_processor_finds_the_same(seed in 1u64..) {
        let mut numbers = Numbers(seed);
        let formats =
            [Format::Float16, Format::Bfloat16, Format::Float32, Format::Float64, Format::Complex64, Format::Complex128];
        for (dtype, format) in DTYPES.into_iter().zip(formats) {
            let (baseline, here) = numbers.arrays(dtype, BLOCK, u64::MAX);
            let bar = Bar { rtol: 1e-7, atol: 1e-9, max_abs: 1e-6, max_rel: 1e-6 };
            let found = |level| lanes::measure(level, format, &baseline, &here, bar);
            prop_assert_eq!(found(Level::new()), found(Level::baseline()), "{:?}", format);
        }
    }
}

#[test]
fn what_is_odd_is_refused_and_nothing_else() {
    let bar = Bar { rtol: 0.0, atol: 0.0, max_abs: 0.0, max_rel: 0.0 };
    let block = |number: f64| number.to_le_bytes().repeat(BLOCK);
    let with = |place: usize, number: f64| {
        let mut block = block(1.0);
        block[place * 8..place * 8 + 8].copy_from_slice(&number.to_le_bytes());
        block
    };
    let found = |here: &[u8]| lanes::measure(Level::new(), Format::Float64, &block(1.0), here, bar);
    for number in [f64::NAN, f64::INFINITY, f64::MIN, f64::MIN_POSITIVE] {
        assert_eq!(found(&with(77, number)), None, "{number}");
    }
    let expected = Sums { differing: 1, beyond: 1, max_ulp: 1, records: 1 << (77 / 8) };
    assert_eq!(found(&with(77, 1f64.next_up())), Some(expected));
    assert_eq!(found(&with(77, 0.0)).map(|sums| sums.differing), Some(1));
    assert_eq!(lanes::measure(Level::new(), Format::Float64, &block(0.0), &block(-0.0), bar), None);
}

#[test]
fn every_sixteen_bits_are_read_as_the_number_that_they_are() {
    for bits in 0..=u16::MAX {
        let number = f16::from_bits(bits);
        if !number.is_finite() {
            continue;
        }
        // Against zero the largest absolute difference is the number itself.
        let (zero, here) = ([0; 2].repeat(2 * BLOCK), bits.to_le_bytes().repeat(2 * BLOCK));
        let measured = measure("float16", 0, &zero, &here, &Tolerances::default()).unwrap();
        let expected = (number.to_f64() != 0.0).then(|| number.to_f64().abs());
        assert_eq!(measured.numbers.max_abs, expected, "{bits:#x}");
        let beyond = u64::from(number.to_f64().abs() > 1e-5) * 2 * BLOCK as u64;
        assert_eq!(measured.numbers.beyond, beyond, "{bits:#x}");
    }
}
