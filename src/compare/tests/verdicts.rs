use serde_json::json;

use super::{
    super::{Verdict, judge_script},
    *,
};

/// `same`, `changed silent` … `null`.
fn words(judgement: &Judgement) -> String {
    let verdict = judgement.verdict.map_or("null".to_owned(), |verdict| format!("{verdict:?}").to_lowercase());
    if judgement.silent { format!("{verdict} silent") } else { verdict }
}

fn check(table: Vec<(&str, Cell, Cell, &str)>) {
    for (name, baseline, here, expected) in table {
        let judgement = judged(&baseline, &here);
        assert_eq!(words(&judgement), expected, "{name}: {judgement:?}");
    }
}

#[test]
fn values_are_judged_by_this_table() {
    let other_type = |value: Value| Value { type_name: "tensorflow.EagerTensor".to_owned(), ..value };
    let of_type = |name: &str| saw(Value { type_name: name.to_owned(), ..value(Kind::Array, "", json!(1)) });
    let one = || saw(f32s(&[1.0]));
    let near = || saw(f32s(&[1.000_001]));
    #[rustfmt::skip]
    check(vec![
        ("equal bits",                   one(),                           one(),                            "same"),
        ("within tolerance",             one(),                           near(),                           "close"),
        ("beyond tolerance",             one(),                           saw(f32s(&[1.1])),                "changed silent"),
        ("another sign of zero",         saw(f32s(&[0.0])),               saw(f32s(&[-0.0])),               "close"),
        ("NaN at the same place",        saw(f32s(&[f32::NAN])),          saw(f32s(&[-f32::NAN])),          "same"),
        ("NaN elsewhere",                saw(f32s(&[f32::NAN, 1.0])),     saw(f32s(&[1.0, f32::NAN])),      "changed silent"),
        ("the same infinity",            saw(f32s(&[f32::INFINITY])),     saw(f32s(&[f32::INFINITY])),      "same"),
        ("the other infinity",           saw(f32s(&[f32::INFINITY])),     saw(f32s(&[f32::NEG_INFINITY])),  "changed silent"),
        ("the largest number, infinity", saw(f32s(&[f32::MAX])),          saw(f32s(&[f32::INFINITY])),      "changed silent"),
        ("an integer off by one",        saw(i64s(&[1 << 60])),           saw(i64s(&[(1 << 60) + 1])),      "changed silent"),
        ("another dtype, equal values",  saw(f64s(&[1.0])),               saw(f32s(&[1.0])),                "changed silent"),
        ("another byte order",           saw(array("<f4", &[0], &[])),    saw(array(">f4", &[0], &[])),     "same"),
        ("another shape",                saw(array("int8", &[2, 1], &[1, 2])), saw(array("int8", &[1, 2], &[1, 2])), "changed silent"),
        ("another type",                 one(),                           saw(other_type(f32s(&[1.0]))),    "changed silent"),
        ("a type's new public name",     of_type("numpy.bool_"),          of_type("numpy.bool"),            "same"),
        ("equal records",                saw(array("[('a', 'i1')]", &[2], &[1, 2])), saw(array("[('a', 'i1')]", &[2], &[1, 2])), "same"),
        ("other records",                saw(array("[('a', 'i1')]", &[2], &[1, 2])), saw(array("[('a', 'i1')]", &[2], &[1, 3])), "changed silent"),
        ("empty arrays",                 saw(f32s(&[])),                  saw(f32s(&[])),                   "same"),
        ("floats within tolerance",      saw(float(1.0)),                 saw(float(1.000_000_01)),         "close"),
        ("other floats",                 saw(float(1.0)),                 saw(float(1.1)),                  "changed silent"),
        ("float NaN",                    saw(scalar("float", json!("nan"))), saw(scalar("float", json!("nan"))), "same"),
        ("float NaN and a number",       saw(scalar("float", json!("nan"))), saw(float(1.0)),               "changed silent"),
        ("complex within tolerance",     saw(scalar("complex", json!([1.0, 2.0]))), saw(scalar("complex", json!([1.0, 2.000_000_01]))), "close"),
        ("other complex",                saw(scalar("complex", json!([1.0, 2.0]))), saw(scalar("complex", json!([1.0, "inf"]))), "changed silent"),
        ("other ints",                   saw(scalar("int", json!(1))),    saw(scalar("int", json!(2))),     "changed silent"),
        ("huge ints",                    saw(scalar("int", json!("18446744073709551617"))), saw(scalar("int", json!("18446744073709551618"))), "changed silent"),
        ("int and float",                saw(scalar("int", json!(1))),    saw(float(1.0)),                  "changed silent"),
        ("other bools",                  saw(scalar("bool", json!(true))), saw(scalar("bool", json!(false))), "changed silent"),
        ("other text",                   saw(text("a")),                  saw(text("b")),                   "changed silent"),
        ("None and a value",             saw(value(Kind::None, "NoneType", Json::Null)), one(),             "changed silent"),
        ("None",                         saw(value(Kind::None, "NoneType", Json::Null)), saw(value(Kind::None, "NoneType", Json::Null)), "same"),
        ("a dtype's class",              saw(value(Kind::Dtype, "numpy.dtype", json!("float32"))), saw(value(Kind::Dtype, "numpy.Float32DType", json!("float32"))), "same"),
        ("another dtype object",         saw(value(Kind::Dtype, "numpy.dtype", json!("float32"))), saw(value(Kind::Dtype, "numpy.dtype", json!("int8"))), "changed silent"),
        ("an unknown dimension",         saw(value(Kind::Shape, "tensorflow.TensorShape", json!([null, 2]))), saw(value(Kind::Shape, "tensorflow.TensorShape", json!([1, 2]))), "changed silent"),
        ("a list, one part close",       saw(list(vec![float(1.0), f32s(&[1.0])])), saw(list(vec![float(1.0), f32s(&[1.000_001])])), "close"),
        ("a longer list",                saw(list(vec![float(1.0)])),     saw(list(vec![float(1.0), float(2.0)])), "changed silent"),
        ("a dict in another order",      saw(dict(vec![("a", float(1.0)), ("b", float(2.0))])), saw(dict(vec![("b", float(2.0)), ("a", float(1.0))])), "same"),
        ("another key",                  saw(dict(vec![("a", float(1.0))])), saw(dict(vec![("b", float(1.0))])), "changed silent"),
        ("a new warning",                one(),                           one().warning("soon gone"),       "warns"),
        ("close and a new warning",      one(),                           near().warning("soon gone"),      "warns"),
        ("the same warning elsewhere",   one().warning("line 3 is bad"),  one().warning("line 14 is bad"),  "same"),
        ("a warning that is gone",       one().warning("soon gone"),      one(),                            "same"),
        ("changed with a new warning",   one(),                           saw(f32s(&[2.0])).warning("so"),  "changed"),
    ]);
}

#[test]
fn errors_and_absences_are_judged_by_this_table() {
    use Status::{Crash, Exited, Infra, NotApplicable, Oom, Protocol, Raised, Ran, Timeout};
    let one = || saw(float(1.0));
    let bad = || error("ValueError", "bad");
    #[rustfmt::skip]
    check(vec![
        ("the same error",                    bad(),             bad(),                                 "same"),
        ("the same class, another message",   bad(),             error("ValueError", "worse"),          "close"),
        ("the class moved to another module", error("numpy.AxisError", "x"), error("numpy.exceptions.AxisError", "x"), "same"),
        ("another class",                     bad(),             error("TypeError", "bad"),             "changed"),
        ("the same error and a warning",      bad(),             bad().warning("soon gone"),            "same"),
        ("a value becomes an error",          one(),             bad(),                                 "raises"),
        ("an error becomes a value",          bad(),             one(),                                 "returns"),
        ("an error becomes a warned value",   bad(),             one().warning("careful"),              "returns"),
        ("baseline's script raised before",   absent(Raised),    one(),                                 "returns"),
        ("baseline's script crashed",         absent(Crash),     one(),                                 "returns"),
        ("baseline's script took too long",   absent(Timeout),   one(),                                 "returns"),
        ("baseline's script ran out of memory", absent(Oom),     one(),                                 "returns"),
        ("baseline's script ended itself",    absent(Exited),    one(),                                 "returns"),
        ("baseline's script broke the protocol", absent(Protocol), one(),                               "returns"),
        ("a new name",                        absent(Ran),       one(),                                 "changed silent"),
        ("a new name with a warning",         absent(Ran),       one().warning("new"),                  "changed"),
        ("a new name that is an error",       absent(Ran),       bad(),                                 "changed"),
        ("an error beyond baseline's crash",  absent(Crash),     bad(),                                 "changed"),
        ("the name is gone",                  one(),             absent(Ran),                           "changed silent"),
        ("the script raised before",          one(),             absent(Raised),                        "raises"),
        ("the script crashed",                one(),             absent(Crash),                         "crash"),
        ("out of memory",                     one(),             absent(Oom),                           "crash"),
        ("the script took too long",          one(),             absent(Timeout),                       "timeout"),
        ("the script ended itself",           one(),             absent(Exited),                        "changed"),
        ("the script broke the protocol",     one(),             absent(Protocol),                      "changed"),
        ("an error, and a crash before it",   bad(),             absent(Crash),                         "crash"),
        ("absent in both",                    absent(Raised),    absent(Crash),                         "null"),
        ("does not apply here",               one(),             absent(NotApplicable),                 "null"),
        ("does not apply in the baseline",    absent(NotApplicable), one(),                             "null"),
        ("the harness failed here",           one(),             Cell { status: Infra, ..one() },       "null"),
        ("the harness failed in the baseline", absent(Infra),    bad(),                                 "null"),
    ]);
}

#[test]
fn the_way_a_script_dies_is_part_of_what_it_does() {
    let none = || saw(value(Kind::None, "NoneType", Json::Null));
    let abort = || Cell { signal: Some("SIGABRT"), ..absent(Status::Crash) };
    #[rustfmt::skip]
    let table = [
        (absent(Status::Crash),   absent(Status::Crash),         "same"),
        (absent(Status::Crash),   abort(),                       "crash"),
        (absent(Status::Timeout), absent(Status::Timeout),       "same"),
        (absent(Status::Timeout), absent(Status::Crash),         "crash"),
        (absent(Status::Crash),   absent(Status::Timeout),       "timeout"),
        (absent(Status::Crash),   absent(Status::Oom),           "crash"),
        (absent(Status::Crash),   absent(Status::Exited),        "changed"),
        (absent(Status::Crash),   none(),                        "returns"),
        (none(),                  absent(Status::Crash),         "crash"),
        (none(),                  error("ValueError", "bad"),    "raises"),
        (none(),                  none(),                        "same"),
        (absent(Status::Crash),   absent(Status::Infra),         "null"),
    ];
    for (baseline, here, expected) in table {
        let judgement = judge_script(baseline.side(), here.side(), &Tolerances::default());
        assert_eq!(words(&judgement), expected, "{baseline:?} → {here:?}");
    }
}

#[test]
fn verdicts_are_ordered_from_mildest_to_worst() {
    use Verdict::{Changed, Close, Crash, Raises, Returns, Same, Timeout, Warns};
    assert!([Same, Close, Warns, Changed, Returns, Raises, Timeout, Crash].is_sorted());
}

fn aspects(baseline: Value, here: Value) -> Vec<String> {
    judged(&saw(baseline), &saw(here)).difference.aspects
}

#[test]
fn form_is_told_before_content() {
    let here = Value { type_name: "tensorflow.EagerTensor".to_owned(), ..f32s(&[1.0, 2.0, 3.0]) };
    let expected = ["type numpy.ndarray → tensorflow.EagerTensor", "dtype float64 → float32", "shape (2,) → (3,)"];
    assert_eq!(aspects(f64s(&[1.0, 2.0]), here), expected);
    assert_eq!(aspects(array("int8", &[], &[1]), array("int8", &[1, 1], &[1])), ["shape () → (1, 1)"]);
}

#[test]
fn parts_are_named_by_their_path_and_the_worst_comes_first() {
    let history = |first: f64, loss: f64| list(vec![float(first), dict(vec![("loss", float(loss))])]);
    let judgement = judged(&saw(history(1.0, 0.5)), &saw(history(1.000_000_01, 0.75)));
    assert_eq!(judgement.difference.aspects, ["at [1][\"loss\"]: value", "at [0]: value within tolerance"]);
    assert_eq!(judgement.difference.numbers.unwrap().max_abs, Some(0.25));
    let (old, new) = (dict(vec![("a", float(1.0))]), dict(vec![("b", float(1.0))]));
    assert_eq!(aspects(old, new), ["key \"a\" missing", "key \"b\" added"]);
}

#[test]
fn a_thousand_differing_parts_make_a_short_list() {
    let many = |number: f64| list(vec![float(number); 1000]);
    let aspects = aspects(many(1.0), many(2.0));
    assert_eq!(aspects.len(), 17);
    assert_eq!(aspects[16], "and 984 more");
}

#[test]
fn a_dtype_change_still_tells_how_far_the_numbers_are_apart() {
    let numbers = judged(&saw(f64s(&[0.1, 2.0])), &saw(f32s(&[0.1, 2.0]))).difference.numbers.unwrap();
    assert_eq!((numbers.total, numbers.differing, numbers.beyond), (2, 1, 0));
    assert_eq!(numbers.compared_as.as_deref(), Some("float64"));
    assert_eq!(numbers.max_ulp, None);
    assert_eq!(numbers.first, [0]);
    let numbers = judged(&saw(scalar("int", json!(3))), &saw(float(3.5))).difference.numbers.unwrap();
    assert_eq!(numbers.max_abs, Some(0.5));
}

#[test]
fn warnings_are_told_on_both_sides() {
    let difference = judged(&saw(float(1.0)).warning("old"), &saw(float(1.0)).warning("new").warning("new")).difference;
    assert_eq!(difference.warnings_added.len(), 1);
    assert_eq!(difference.warnings_added[0].message, "new");
    assert_eq!(difference.warnings_removed[0].message, "old");
}

#[test]
fn a_large_array_is_close_only_when_its_statistics_are() {
    let whole = truncated(&[1.0, 2.0, 3.0, 4.0]);
    let near = judged(&saw(whole.clone()), &saw(truncated(&[1.0, 2.0, 3.000_000_01, 4.0])));
    assert_eq!(words(&near), "close");
    assert_eq!(near.difference.aspects, ["only the first 2 elements were compared"]);
    let far = judged(&saw(whole.clone()), &saw(truncated(&[1.0, 2.0, 3.5, 4.0])));
    assert_eq!(words(&far), "changed silent");
    assert_eq!(far.difference.aspects, ["value beyond the first 2 elements"]);
    assert_eq!(words(&judged(&saw(whole.clone()), &saw(whole.clone()))), "same");
    // One side may have been sent whole.
    assert_eq!(words(&judged(&saw(whole), &saw(f64s(&[1.0, 2.0, 3.0, 4.000_000_01])))), "close");
}

#[test]
fn of_a_large_container_nothing_but_equality_is_known_beyond_its_head() {
    let statistics = Truncated { bytes: 9, kept: 1, min: None, max: None, mean: None, nan: 0 };
    let large =
        |head: f64, digest: &str| Value { truncated: Some(statistics.clone()), digest: Some(digest.to_owned()), ..list(vec![float(head)]) };
    assert_eq!(aspects(large(1.0, "a"), large(1.0, "a")), Vec::<String>::new());
    assert_eq!(aspects(large(1.0, "a"), large(1.0, "b")), ["content beyond the first 1 parts"]);
}

#[test]
fn types_derived_from_numbers_are_numbers() {
    let of = |preview: Json| scalar("sklearn.Score", preview);
    assert_eq!(aspects(of(json!(1.0)), of(json!(1.000_000_01))), ["value within tolerance"]);
    assert_eq!(aspects(of(json!(1)), of(json!(2))), ["value"]);
}

#[test]
fn data_of_arrays_with_equal_digests_are_never_read() {
    let broken = |data: &str| Value { data: Some(data.to_owned()), ..f32s(&[1.0]) };
    let judgement = judged(&saw(broken("!")), &saw(broken("not base64 either")));
    assert_eq!(words(&judgement), "same");
    assert_eq!(judgement.difference.numbers, None);
}

#[test]
fn data_that_cannot_be_read_are_a_difference_and_no_panic() {
    let broken = Value { data: Some("!".to_owned()), digest: Some("x".to_owned()), ..f32s(&[1.0]) };
    assert_eq!(aspects(f32s(&[1.0]), broken), ["value"]);
    let odd = Value { data: Some(STANDARD.encode([1, 2, 3])), digest: Some("x".to_owned()), ..f32s(&[1.0]) };
    assert_eq!(aspects(f32s(&[1.0]), odd), ["value"]);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<f64>().prop_map(|number| if number.is_finite() { float(number) } else { scalar("float", json!("nan")) }),
            any::<i64>().prop_map(|number| scalar("int", json!(number))),
            ".{0,5}".prop_map(|string| text(&string)),
            prop::collection::vec(any::<f32>(), 0..9).prop_map(|numbers| f32s(&numbers)),
            prop::collection::vec(any::<i64>(), 0..9).prop_map(|numbers| i64s(&numbers)),
            // Without digests the elements themselves must agree.
            prop::collection::vec(any::<f64>(), 0..9).prop_map(|numbers| Value { digest: None, ..f64s(&numbers) }),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(list),
                prop::collection::vec(("[a-c]", inner), 0..4)
                    .prop_map(|entries| dict(entries.iter().map(|(key, value)| (key.as_str(), value.clone())).collect())),
            ]
        })
    }

    proptest! {
        /// Without serde_json's `float_roundtrip` neighbours may become one number on their way here.
        #[test]
        fn a_float_survives_its_way_through_json(number in any::<f64>().prop_filter("finite", |number| number.is_finite())) {
            let parsed: f64 = serde_json::from_str(&serde_json::to_string(&number).unwrap()).unwrap();
            prop_assert_eq!(parsed.to_bits(), number.to_bits());
        }

        #[test]
        fn a_value_is_the_same_as_itself(value in values()) {
            let judgement = judged(&saw(value.clone()), &saw(value));
            prop_assert_eq!(judgement.verdict, Some(Verdict::Same));
            prop_assert_eq!(judgement.difference.aspects, Vec::<String>::new());
        }

        #[test]
        fn every_verdict_but_same_has_a_reason(baseline in values(), here in values()) {
            let judgement = judged(&saw(baseline), &saw(here));
            prop_assert_eq!(judgement.verdict == Some(Verdict::Same), judgement.difference.aspects.is_empty());
        }

        #[test]
        fn nan_patterns_compare_alike_in_both_directions(pattern in prop::collection::vec(any::<(bool, bool)>(), 1..600)) {
            let side = |nan: &mut dyn Iterator<Item = bool>| f32s(&nan.map(|nan| if nan { f32::NAN } else { 1.0 }).collect::<Vec<_>>());
            let one = saw(side(&mut pattern.iter().map(|pair| pair.0)));
            let other = saw(side(&mut pattern.iter().map(|pair| pair.1)));
            let (there, back) = (judged(&one, &other), judged(&other, &one));
            prop_assert_eq!(there.verdict, back.verdict);
            prop_assert_eq!(there.verdict == Some(Verdict::Same), pattern.iter().all(|pair| pair.0 == pair.1));
            if let (Some(there), Some(back)) = (there.difference.numbers, back.difference.numbers) {
                prop_assert_eq!((there.nan.1, there.nan.0), back.nan);
                prop_assert_eq!(there.first, back.first);
            }
        }

        #[test]
        fn equal_numbers_of_another_dtype_are_changed(numbers in prop::collection::vec(any::<f32>(), 0..9)) {
            let wide: Vec<_> = numbers.iter().copied().map(f64::from).collect();
            let judgement = judged(&saw(f32s(&numbers)), &saw(f64s(&wide)));
            prop_assert_eq!(judgement.verdict, Some(Verdict::Changed));
            prop_assert_eq!(judgement.difference.numbers.unwrap().differing, 0);
        }
    }
}
