use proptest::prelude::*;

use super::super::{
    minifloat::Minifloat,
    numeric::{Measured, Numbers, measure, measure_across},
};
use crate::matrix::{Tolerance, Tolerances};

fn bytes<const N: usize>(elements: &[[u8; N]]) -> Vec<u8> {
    elements.as_flattened().to_vec()
}

fn measured(dtype: &str, baseline: &[u8], here: &[u8]) -> Measured {
    measure(dtype, 0, baseline, here, &Tolerances::default()).unwrap()
}

fn numbers(dtype: &str, baseline: &[u8], here: &[u8]) -> Numbers {
    measured(dtype, baseline, here).numbers
}

#[test]
fn measures_agree_with_those_taken_by_hand() {
    let baseline = bytes(&[1.0f32, 2.0, 4.0, f32::NAN].map(f32::to_le_bytes));
    let here = bytes(&[1.0f32, 2.5, 4.0 + 4.0 * f32::EPSILON, f32::NAN].map(f32::to_le_bytes));
    let expected = Numbers {
        total: 4,
        differing: 2,
        beyond: 1,
        max_abs: Some(0.5),
        max_rel: Some(0.25),
        max_ulp: Some(1 << 21),
        nan: (1, 1),
        nan_pattern_equal: true,
        first: vec![1, 2],
        compared_as: None,
    };
    assert_eq!(numbers("float32", &baseline, &here), expected);
}

#[test]
fn only_the_first_eight_places_are_kept_and_they_count_from_the_start_of_the_array() {
    let baseline = vec![0u8; 2000];
    let mut here = baseline.clone();
    here[600..1400].fill(1);
    let numbers = numbers("uint8", &baseline, &here);
    assert_eq!(numbers.differing, 800);
    assert_eq!(numbers.first, [600, 601, 602, 603, 604, 605, 606, 607]);
}

#[test]
fn nan_are_counted_in_blocks_that_are_equal_too() {
    let mut baseline = f64::NAN.to_le_bytes().repeat(3000);
    let here = baseline.clone();
    assert_eq!(numbers("float64", &baseline, &here).nan, (3000, 3000));
    baseline[..8].copy_from_slice(&1f64.to_le_bytes());
    let numbers = numbers("float64", &baseline, &here);
    assert_eq!(numbers.nan, (2999, 3000));
    assert!(!numbers.nan_pattern_equal);
    assert_eq!((numbers.differing, numbers.beyond, numbers.max_abs), (1, 1, None));
}

#[test]
fn a_difference_from_zero_has_no_relative_size() {
    let numbers = numbers("float64", &0f64.to_le_bytes(), &1f64.to_le_bytes());
    assert_eq!((numbers.max_abs, numbers.max_rel), (Some(1.0), None));
}

#[test]
fn the_sign_of_zero_is_counted_apart() {
    let measured = measured("float32", &bytes(&[0f32, -0.0].map(f32::to_le_bytes)), &bytes(&[-0f32, 0.0].map(f32::to_le_bytes)));
    assert_eq!((measured.zero_signs, measured.numbers.differing), (2, 0));
}

#[test]
fn the_ulp_limit_admits_what_the_tolerance_does_not() {
    let exact = Tolerance { rtol: 0.0, atol: 0.0 };
    let tolerances = |ulp| Tolerances { by_dtype: [("float64".to_owned(), exact)].into(), ulp };
    let (one, next) = (1f64.to_le_bytes(), 1f64.next_up().to_le_bytes());
    assert_eq!(measure("float64", 0, &one, &next, &tolerances(0)).unwrap().numbers.beyond, 1);
    assert_eq!(measure("float64", 0, &one, &next, &tolerances(1)).unwrap().numbers.beyond, 0);
}

#[test]
fn the_tolerance_relates_to_the_baseline() {
    let tolerances = Tolerances { by_dtype: [("float64".to_owned(), Tolerance { rtol: 0.5, atol: 0.0 })].into(), ulp: 0 };
    let (one, two) = (1f64.to_le_bytes(), 2f64.to_le_bytes());
    assert_eq!(measure("float64", 0, &two, &one, &tolerances).unwrap().numbers.beyond, 0);
    assert_eq!(measure("float64", 0, &one, &two, &tolerances).unwrap().numbers.beyond, 1);
}

#[test]
fn integers_are_exact_over_their_whole_range() {
    let numbers_of = |dtype, baseline: &[u8], here: &[u8]| {
        let numbers = numbers(dtype, baseline, here);
        (numbers.differing, numbers.max_abs)
    };
    assert_eq!(numbers_of("int8", &[0x80], &[0x7f]), (1, Some(255.0)));
    assert_eq!(numbers_of("uint64", &u64::MAX.to_le_bytes(), &(u64::MAX - 1).to_le_bytes()), (1, Some(1.0)));
    assert_eq!(numbers_of("int64", &i64::MIN.to_le_bytes(), &(i64::MIN + 1).to_le_bytes()), (1, Some(1.0)));
    assert_eq!(numbers_of("bool", &[1], &[2]), (0, None));
    assert_eq!(numbers_of("int4", &[0x0f], &[0x00]), (1, Some(1.0)));
    assert_eq!(numbers_of("uint4", &[0x0f], &[0x00]), (1, Some(15.0)));
}

#[test]
fn complex_numbers_are_measured_by_their_distance() {
    let complex = |re: f64, im: f64| bytes(&[re.to_le_bytes(), im.to_le_bytes()]);
    let measures = |baseline: Vec<u8>, here: Vec<u8>| numbers("complex128", &baseline, &here);
    let apart = measures(complex(0.0, 1.0), complex(3.0, 5.0));
    assert_eq!((apart.max_abs, apart.max_rel), (Some(5.0), Some(5.0)));
    assert_eq!(measures(complex(1.0, 1.0), complex(1f64.next_up(), 1.0)).max_ulp, Some(1));
    // An infinite part must not make the other part close to anything.
    assert_eq!(measures(complex(f64::INFINITY, 1.0), complex(f64::INFINITY, 2.0)).beyond, 1);
    assert_eq!(measures(complex(f64::NAN, 1.0), complex(f64::NAN, 1.0)).differing, 0);
    assert_eq!(measures(complex(f64::NAN, 1.0), complex(f64::NAN, 2.0)).beyond, 1);
    assert!(!measures(complex(f64::NAN, 1.0), complex(1.0, f64::NAN)).nan_pattern_equal);
    let small = |re: f32, im: f32| bytes(&[re.to_le_bytes(), im.to_le_bytes()]);
    assert_eq!(numbers("complex64", &small(0.0, 0.0), &small(3.0, 4.0)).max_abs, Some(5.0));
}

#[test]
fn dates_are_exact_and_nat_is_their_nan() {
    let dates = |dates: [i64; 2]| bytes(&dates.map(i64::to_le_bytes));
    let numbers = numbers("datetime64[ns]", &dates([5, i64::MIN]), &dates([7, i64::MIN]));
    assert_eq!((numbers.differing, numbers.beyond, numbers.max_abs, numbers.nan), (1, 1, Some(2.0), (1, 1)));
    assert_eq!(measure_across(("datetime64[s]", &[0; 8]), ("datetime64[ns]", &[0; 8]), &Tolerances::default()), None);
}

/// A long double of the x87: sign and exponent, integer bit and fraction, padding.
fn x87(sign_and_exponent: u16, mantissa: u64, padding: u8) -> Vec<u8> {
    [&mantissa.to_le_bytes()[..], &sign_and_exponent.to_le_bytes(), &[padding; 6]].concat()
}

#[test]
fn long_doubles_keep_all_their_bits() {
    let one = x87(16383, 1 << 63, 0);
    let next = x87(16383, (1 << 63) + 1, 0);
    let numbers = |baseline: &[u8], here: &[u8]| numbers("float128", baseline, here);
    let apart = numbers(&one, &next);
    assert_eq!((apart.max_ulp, apart.max_abs, apart.beyond), (Some(1), Some(2f64.powi(-63)), 0));
    assert_eq!(numbers(&one, &x87(16384, 1 << 63, 0)).max_abs, Some(1.0));
    assert_eq!(numbers(&x87(0x7fff, 3 << 62, 0), &x87(0xffff, 3 << 62, 0)).nan, (1, 1));
    assert_eq!(numbers(&x87(0x7fff, 1 << 63, 0), &x87(0xffff, 1 << 63, 0)).beyond, 1);
    // 2^16383 and its neighbour are no f64; they differ, and no tolerance is told to cover it.
    assert_eq!(numbers(&x87(32766, 1 << 63, 0), &x87(32766, (1 << 63) + 1, 0)).beyond, 1);
    // Where the padding is used, the format is another machine's.
    let foreign = measure("float128", 1, &one, &x87(16383, 1 << 63, 0xaa), &Tolerances::default()).unwrap().numbers;
    assert_eq!((foreign.beyond, foreign.max_ulp), (1, None));
    let across = measure_across(("longdouble", &one), ("float64", &1f64.to_le_bytes()), &Tolerances::default()).unwrap();
    assert_eq!(across.numbers.differing, 0);
}

#[test]
fn the_wider_dtype_holds_both() {
    let across = |baseline: (&str, &[u8]), here: (&str, &[u8])| {
        let numbers = measure_across(baseline, here, &Tolerances::default()).unwrap().numbers;
        (numbers.differing, numbers.compared_as.unwrap())
    };
    assert_eq!(across(("int8", &[0xff]), ("uint64", &u64::MAX.to_le_bytes())), (1, "int128".to_owned()));
    assert_eq!(across(("bfloat16", &[0x80, 0x3f]), ("float16", &[0x00, 0x3c])), (0, "float64".to_owned()));
    assert_eq!(across(("bool", &[1]), ("float32", &1f32.to_le_bytes())), (0, "float64".to_owned()));
    assert_eq!(across(("float32", &1f32.to_le_bytes()), ("complex64", &[0, 0, 0x80, 0x3f, 0, 0, 0, 0])), (0, "complex128".to_owned()));
    assert_eq!(measure_across(("<U1", &[0; 4]), ("float32", &[0; 4]), &Tolerances::default()), None);
}

#[test]
fn texts_and_records_are_equal_or_not() {
    let numbers = measure("<U1", 3, &[1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0], &[1, 0, 0, 0, 9, 0, 0, 0, 3, 0, 0, 0], &Tolerances::default())
        .unwrap()
        .numbers;
    assert_eq!((numbers.total, numbers.differing, numbers.first, numbers.max_abs), (3, 1, vec![1], None));
    assert_eq!(measure("object", 3, &[1, 2], &[1, 2], &Tolerances::default()), None);
}

/// The distance between two elements.
fn ulp(dtype: &str, baseline: &[u8], here: &[u8]) -> Option<u64> {
    numbers(dtype, baseline, here).max_ulp
}

#[test]
fn zero_lies_between_the_smallest_numbers_of_either_sign() {
    assert_eq!(ulp("float32", &1u32.to_le_bytes(), &0x8000_0001u32.to_le_bytes()), Some(2));
    assert_eq!(ulp("float64", &f64::MAX.to_le_bytes(), &f64::MIN.to_le_bytes()), Some(2 * f64::MAX.to_bits()));
}

proptest! {
    #[test]
    fn neighbours_are_one_ulp_apart_in_every_float_type(bits in any::<u64>(), negative in any::<bool>()) {
        // Neighbours are the patterns n and n + 1 of one sign, where both are finite.
        let pattern = |infinity: u64, sign_bit: u32| (bits % (infinity - 1)) | (u64::from(negative) << sign_bit);
        let double = pattern(0x7ff0_0000_0000_0000, 63);
        prop_assert_eq!(ulp("float64", &double.to_le_bytes(), &(double + 1).to_le_bytes()), Some(1));
        let single = pattern(0x7f80_0000, 31) as u32;
        prop_assert_eq!(ulp("float32", &single.to_le_bytes(), &(single + 1).to_le_bytes()), Some(1));
        let half = pattern(0x7c00, 15) as u16;
        prop_assert_eq!(ulp("float16", &half.to_le_bytes(), &(half + 1).to_le_bytes()), Some(1));
        let brain = pattern(0x7f80, 15) as u16;
        prop_assert_eq!(ulp("bfloat16", &brain.to_le_bytes(), &(brain + 1).to_le_bytes()), Some(1));
        // In the middle of the range, where an f64 can hold the difference.
        let exponent = 15900 + (bits >> 48) as u16 % 900 + if negative { 0x8000 } else { 0 };
        let mantissa = (1 << 63) | (bits % ((1 << 63) - 1));
        prop_assert_eq!(ulp("longdouble", &x87(exponent, mantissa, 0), &x87(exponent, mantissa + 1, 0)), Some(1));
    }

    #[test]
    fn measures_do_not_depend_on_where_a_block_begins(shift in 0usize..1200, place in 0usize..1200) {
        let baseline = vec![0u8; (shift + 1200) * 4];
        let mut here = baseline.clone();
        let index = shift + place;
        here[index * 4..index * 4 + 4].copy_from_slice(&1f32.to_le_bytes());
        let numbers = numbers("float32", &baseline, &here);
        prop_assert_eq!((numbers.differing, numbers.first, numbers.max_abs), (1, vec![index as u64], Some(1.0)));
    }
}

#[test]
fn neighbours_are_one_ulp_apart_in_every_small_float_type() {
    let names = [
        "float8_e3m4",
        "float8_e4m3",
        "float8_e4m3fn",
        "float8_e4m3fnuz",
        "float8_e4m3b11fnuz",
        "float8_e5m2",
        "float8_e5m2fnuz",
        "float8_e8m0fnu",
        "float6_e2m3fn",
        "float6_e3m2fn",
        "float4_e2m1fn",
    ];
    for name in names {
        let mut values: Vec<_> = Minifloat::parse(name).unwrap().table().into_iter().zip(0u8..=255).collect();
        values.retain(|(real, _)| real.value.is_finite());
        values.sort_by(|one, other| one.0.value.total_cmp(&other.0.value));
        values.dedup_by(|one, other| one.0.ordinal == other.0.ordinal);
        assert!(values.len() >= 15, "{name}");
        for pair in values.windows(2) {
            assert_eq!(ulp(name, &[pair[0].1], &[pair[1].1]), Some(1), "{name} {pair:?}");
        }
    }
}
