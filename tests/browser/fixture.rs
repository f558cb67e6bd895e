//! Reports made by hand: a small one in which everything occurs, and large ones of any size.

use std::{fmt::Write as _, sync::Arc};

use serde_json::json;
use skew::{
    compare::{Numbers, Verdict},
    observation::{Fact, Warned},
    report::{Class, Results, Since, SinceChange, State, WarningReport},
};

use crate::made::{array as made_array, fail_import, observe as made_observe, report};
pub(crate) use crate::made::{error, scenario};

/// A row of numbers.
pub(crate) fn array(dtype: &str, elements: &[f64]) -> Fact {
    made_array(dtype, &[elements.len() as u64], json!(elements))
}

/// Adds an observation; each cell has a token, as [`made_observe`] reads it. Changes tell numbers, and warnings are issued.
pub(crate) fn observe(results: &mut Results, name: &str, facts: Vec<Fact>, tokens: &str) {
    made_observe(results, name, facts, tokens, &["value"]);
    let Some(observation) = results.scenarios.last_mut().and_then(|scenario| scenario.observations.last_mut()) else { return };
    observation.warning_sets = vec![Vec::new(), vec![WarningReport::from(&deprecation())]];
    observation.warnings = observation.verdicts.iter().map(|verdict| verdict.map(|verdict| u32::from(verdict == Verdict::Warns))).collect();
    for (difference, verdict) in observation.differences.iter_mut().zip(&observation.verdicts) {
        let Some((difference, verdict)) = difference.as_mut().zip(*verdict) else { continue };
        Arc::make_mut(difference).numbers = (verdict != Verdict::Warns).then(|| numbers(verdict));
    }
}

fn deprecation() -> Warned {
    let message = "`product` is deprecated as of NumPy 1.25.0, use `prod`".to_owned();
    Warned { category: "DeprecationWarning".to_owned(), message, origin: "numpy".to_owned() }
}

fn numbers(verdict: Verdict) -> Numbers {
    Numbers {
        total: 4,
        differing: 1,
        beyond: u64::from(verdict == Verdict::Changed),
        max_abs: Some(0.5),
        max_rel: Some(0.25),
        max_ulp: Some(1_125_899_906_842_624),
        nan: (0, 0),
        nan_pattern_equal: true,
        first: vec![1],
        compared_as: None,
    }
}

/// The cell that raises, warns and changes.
pub(crate) const NEWEST: &str = "numpy-2.0.2+tensorflow-2.18.1";
/// A cell whose import fails.
pub(crate) const BROKEN: &str = "numpy-2.0.2+tensorflow-2.15.1";

/// Three versions of two packages; the newest NumPy raises, warns and changes, and breaks the older TensorFlow releases.
pub(crate) fn small() -> Results {
    let mut results = report(&[("numpy", &["1.24.4", "1.26.4", "2.0.2"]), ("tensorflow", &["2.12.1", "2.15.1", "2.18.1"])], &[""]);
    results.baseline.clone_from(&results.cells[4].id);
    for cell in [6, 7] {
        fail_import(&mut results.cells[cell]);
        results.cells[cell].class = None;
    }
    let unavailable = &mut results.cells[2];
    (unavailable.state, unavailable.class, unavailable.cause) = (State::Unavailable, None, Some("no wheel".to_owned()));
    results.cells[8].class = Some("B".to_owned());
    results.cells[7].declared = false;
    let rows = |newest: &str| format!("0= 0= -- 0= 0= 0= -- -- {newest}");
    scenario(&mut results, "promotion");
    let facts = vec![array("uint16", &[301.0, 302.0]), error("OverflowError", "Python integer 300 out of bounds for uint8")];
    observe(&mut results, "uint8_plus_300", facts, &rows("1r"));
    let facts = vec![array("float64", &[1.0, 2.0, 3.0, 4.0]), array("float64", &[1.0, 2.5, 3.0, 4.0])];
    observe(&mut results, "solve", facts, &rows("1s"));
    scenario(&mut results, "article/products");
    observe(&mut results, "product", vec![array("float64", &[6.0])], &rows("0w"));
    let class = |letter: &str, cells: &[usize]| Class {
        letter: letter.to_owned(),
        cells: cells.iter().map(|cell| results.cells[*cell].id.clone()).collect(),
        when: String::new(),
    };
    results.classes = vec![class("A", &[4, 0, 1, 3, 5]), class("B", &[8])];
    results.since = Some(Since {
        run: "r0".to_owned(),
        started: "2026-11-15T10:00:00Z".to_owned(),
        compared: 9,
        changes: vec![SinceChange {
            scenario: "promotion".to_owned(),
            observation: "solve".to_owned(),
            verdict: Verdict::Changed,
            silent: true,
            before: "2.0".to_owned(),
            after: "2.5".to_owned(),
            reason: "value".to_owned(),
            unmeasured: false,
            cells: vec![NEWEST.to_owned()],
        }],
        ..Since::default()
    });
    results
}

/// Numbers that look random and are the same each time.
fn noise(seed: u64) -> f64 {
    let mixed = (seed ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((mixed ^ (mixed >> 29)) % 1_000_003) as f64 / 1_000_003.0
}

/// How a large report differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spread {
    /// Ten classes, as the boxes of real matrices: few observations differ, in whole ranges of versions.
    Typical,
    /// Every cell has a value of its own in every observation.
    Worst,
}

/// 25 × 10 cells with 40 scenarios of 25 observations.
pub(crate) fn large(spread: Spread) -> Results {
    let numpy: Vec<String> = (0..25).map(|minor| format!("1.{minor}.0")).collect();
    let tensorflow: Vec<String> = (0..10).map(|minor| format!("2.{minor}.0")).collect();
    let (numpy, tensorflow): (Vec<&str>, Vec<&str>) =
        (numpy.iter().map(String::as_str).collect(), tensorflow.iter().map(String::as_str).collect());
    let mut results = report(&[("numpy", &numpy), ("tensorflow", &tensorflow)], &[""]);
    results.baseline = results.cells[124].id.clone();
    for (number, cell) in results.cells.iter_mut().enumerate() {
        cell.packages.extend((0..40).map(|package| (format!("package-{package}"), format!("1.{}.{package}", number % 10))));
        cell.class = Some(["A", "B", "C", "D", "E"][number / 10 / 5].to_owned());
    }
    for place in 0..40 {
        scenario(&mut results, &format!("scenario_{place:02}"));
        for name in 0..25_u64 {
            let number = place * 25 + name;
            let (facts, seen) = match spread {
                Spread::Typical => typical(number, results.cells.len()),
                Spread::Worst => worst(number, results.cells.len()),
            };
            observe(&mut results, &format!("observation_{name:02}"), facts, &seen);
        }
    }
    results.classes = ["A", "B", "C", "D", "E"]
        .into_iter()
        .map(|letter| {
            let members = results.cells.iter().filter(|cell| cell.class.as_deref() == Some(letter));
            Class { letter: letter.to_owned(), cells: members.map(|cell| cell.id.clone()).collect(), when: String::new() }
        })
        .collect();
    results
}

/// Tokens of all cells.
fn tokens(cells: usize, token: impl Fn(usize) -> (usize, char)) -> String {
    (0..cells).fold(String::new(), |mut out, cell| {
        let (variant, code) = token(cell);
        let _ = write!(out, "{variant}{code} ");
        out
    })
}

fn head(number: u64) -> Vec<f64> {
    (0..16).map(|element| noise(number * 31 + element)).collect()
}

fn typical(number: u64, cells: usize) -> (Vec<Fact>, String) {
    let mut facts = vec![array("float32", &head(number))];
    let border = 10 * (3 + number as usize % 20);
    let seen = match number % 20 {
        // Last bits: four builds that are close to each other.
        0 | 1 => {
            facts.extend(
                (1..4).map(|build| array("float32", &head(number).iter().map(|it| it + 1e-7 * f64::from(build)).collect::<Vec<_>>())),
            );
            tokens(cells, |cell| ((cell % 10) / 3, if (cell % 10) / 3 == 1 { '=' } else { '~' }))
        }
        2 => {
            facts.push(error("OverflowError", &format!("Python integer {number} out of bounds for uint8")));
            tokens(cells, |cell| if cell < border { (0, '=') } else { (1, 'r') })
        }
        3 => {
            facts.push(array("float64", &head(number)));
            tokens(cells, |cell| if cell < border { (0, '=') } else { (1, 's') })
        }
        _ => tokens(cells, |_| (0, '=')),
    };
    (facts, seen)
}

fn worst(number: u64, cells: usize) -> (Vec<Fact>, String) {
    let facts = (0..cells as u64).map(|cell| array("float64", &[noise(number * 1009 + cell), noise(number * 2003 + cell)])).collect();
    let seen = tokens(cells, |cell| (cell, if cell == 124 { '=' } else { 's' }));
    (facts, seen)
}
