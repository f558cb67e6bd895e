//! Reports made by hand: a small one in which everything occurs, and large ones of any size.

use std::collections::BTreeMap;

use serde_json::json;
use skew::{
    compare::{Difference, Numbers, Verdict},
    matrix::Tolerances,
    observation::{Fact, Kind, Raised, Status, Value, Warned},
    plan::PlanAxis,
    report::{
        Cell, Class, Counts, Host, ObservationReport, Outcome, Results, RunInfo, Scenario, Since, SinceChange, State, Variant,
        WarningReport,
    },
};

fn axis(name: &str, versions: &[String]) -> PlanAxis {
    PlanAxis {
        name: name.to_owned(),
        package: name.to_owned(),
        import: name.to_owned(),
        versions: versions.to_vec(),
        ..PlanAxis::default()
    }
}

/// A report of every pair, all of which ran, without scenarios.
pub(crate) fn grid(numpy: &[String], tensorflow: &[String]) -> Results {
    let pairs = numpy.iter().flat_map(|np| tensorflow.iter().map(move |tf| (np, tf)));
    let cells: Vec<Cell> = pairs.map(|(np, tf)| cell(np, tf)).collect();
    Results {
        schema: "skew.results/1".to_owned(),
        run: RunInfo {
            id: "r1".to_owned(),
            started: "2026-11-22T10:00:00Z".to_owned(),
            finished: Some("2026-11-22T10:09:12Z".to_owned()),
            engine: "docker".to_owned(),
            complete: true,
            host: Host { machine: "x86_64".to_owned(), cpu: "EPYC 7543".to_owned(), cpu_features: Vec::new(), mixed: Vec::new() },
            skew: "0.1.0".to_owned(),
            repeats: 2,
            caveats: Vec::new(),
            selection: None,
            reused: None,
            searched: false,
        },
        axes: vec![axis("numpy", numpy), axis("tensorflow", tensorflow)],
        baseline: cells[0].id.clone(),
        cells,
        excluded: Vec::new(),
        scenarios: Vec::new(),
        classes: Vec::new(),
        fault_lines: Vec::new(),
        import_lines: Vec::new(),
        rules: Vec::new(),
        bounds: Vec::new(),
        since: None,
    }
}

fn cell(np: &str, tf: &str) -> Cell {
    let axes = BTreeMap::from([("numpy".to_owned(), np.to_owned()), ("tensorflow".to_owned(), tf.to_owned())]);
    let mut packages = axes.clone();
    packages.insert("six".to_owned(), "1.16.0".to_owned());
    Cell {
        id: format!("numpy-{np}+tensorflow-{tf}"),
        axes,
        python: "3.11".to_owned(),
        image: None,
        declared: true,
        conflicts: Vec::new(),
        state: State::Ran,
        cause: None,
        hint: None,
        class: Some("A".to_owned()),
        inferred: None,
        counts: Counts::default(),
        packages,
        seconds: Some(12.5),
        import_error: None,
        dependencies: None,
        deselected: false,
    }
}

/// An array of numbers.
pub(crate) fn array(dtype: &str, elements: &[f64]) -> Fact {
    let preview = json!(elements);
    Fact::Value(Value {
        kind: Kind::Array,
        type_name: "numpy.ndarray".to_owned(),
        dtype: Some(dtype.to_owned()),
        shape: Some(vec![elements.len() as u64]),
        digest: Some(format!("{dtype}{preview}")),
        preview,
        data: None,
        truncated: None,
        items: None,
        entries: None,
    })
}

/// An error with a traceback.
pub(crate) fn error(type_name: &str, message: &str) -> Fact {
    Fact::Error(raised(type_name, message))
}

fn raised(type_name: &str, message: &str) -> Raised {
    Raised {
        type_name: type_name.to_owned(),
        bases: Vec::new(),
        message: message.to_owned(),
        line: Some(14),
        source: Some("np.array([1, 2], np.uint8) + 300".to_owned()),
        traceback: (1..=8).map(|frame| format!("  File \"frame{frame}.py\", line {frame}, in call")).collect(),
        cause: None,
    }
}

/// Adds a scenario that ran in every cell that ran.
pub(crate) fn scenario(results: &mut Results, name: &str) {
    let outcomes = results.cells.iter().filter(|cell| matches!(cell.state, State::Ran | State::ImportFailed)).map(|cell| Outcome {
        cell: cell.id.clone(),
        status: Status::Ran,
        seconds: 0.4,
        max_rss: None,
        cause: None,
        measured: None,
        ending: None,
    });
    let outcomes = outcomes.collect();
    let path = format!("scenarios/{name}.py");
    results.scenarios.push(Scenario {
        name: name.to_owned(),
        path,
        observations: Vec::new(),
        outcomes,
        classes: Vec::new(),
        env: BTreeMap::new(),
        tolerances: Tolerances::default(),
    });
}

/// Adds an observation to the last scenario; `seen` says for each cell its fact and verdict.
pub(crate) fn observe(results: &mut Results, name: &str, facts: Vec<Fact>, seen: &[Option<(usize, Verdict, bool)>]) {
    assert_eq!(seen.len(), results.cells.len());
    for (cell, seen) in results.cells.iter_mut().zip(seen) {
        if let Some((_, verdict, silent)) = seen {
            cell.counts.add(*verdict);
            cell.counts.silent += u64::from(*silent);
        }
    }
    let difference = |seen: &Option<(usize, Verdict, bool)>| {
        let (_, verdict, _) = (*seen)?;
        (verdict > Verdict::Same).then(|| difference(verdict))
    };
    results.scenarios.last_mut().unwrap().observations.push(ObservationReport {
        name: name.to_owned(),
        variants: facts.iter().map(Variant::from).collect(),
        by_cell: seen.iter().map(|seen| seen.map(|(fact, ..)| fact)).collect(),
        verdicts: seen.iter().map(|seen| seen.map(|(_, verdict, _)| verdict)).collect(),
        silent: seen.iter().map(|seen| seen.is_some_and(|(.., silent)| silent)).collect(),
        flaky: vec![false; seen.len()],
        warnings: seen.iter().map(|seen| seen.map(|(_, verdict, _)| usize::from(verdict == Verdict::Warns))).collect(),
        warning_sets: vec![Vec::new(), vec![WarningReport::from(&deprecation())]],
        differences: seen.iter().map(difference).collect(),
        facts,
        line: Some(9),
        forewarned: Vec::new(),
    });
}

fn deprecation() -> Warned {
    let message = "`product` is deprecated as of NumPy 1.25.0, use `prod`".to_owned();
    Warned { category: "DeprecationWarning".to_owned(), message, origin: "numpy".to_owned() }
}

fn difference(verdict: Verdict) -> Difference {
    let numbers = Numbers {
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
    };
    match verdict {
        Verdict::Warns => Difference { warnings_added: vec![deprecation()], ..Difference::default() },
        Verdict::Close | Verdict::Changed => {
            Difference { aspects: vec!["value".to_owned()], numbers: Some(numbers), ..Difference::default() }
        }
        Verdict::Same | Verdict::Returns | Verdict::Raises | Verdict::Timeout | Verdict::Crash => {
            Difference { aspects: vec!["value → OverflowError".to_owned()], ..Difference::default() }
        }
    }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// The cell that raises, warns and changes.
pub(crate) const NEWEST: &str = "numpy-2.0.2+tensorflow-2.18.1";
/// A cell whose import fails.
pub(crate) const BROKEN: &str = "numpy-2.0.2+tensorflow-2.15.1";

/// Three versions of two packages; the newest NumPy raises, warns and changes, and breaks the older TensorFlow releases.
pub(crate) fn small() -> Results {
    let mut results = grid(&strings(&["1.24.4", "1.26.4", "2.0.2"]), &strings(&["2.12.1", "2.15.1", "2.18.1"]));
    results.baseline.clone_from(&results.cells[4].id);
    for cell in [6, 7] {
        let mut error = raised("TypeError", "Unable to convert function return value to a Python type!");
        error.cause = Some("A module that was compiled using NumPy 1.x cannot be run in NumPy 2.0.2".to_owned());
        let cell = &mut results.cells[cell];
        (cell.state, cell.class, cell.import_error) = (State::ImportFailed, None, Some(error));
    }
    let unavailable = &mut results.cells[2];
    (unavailable.state, unavailable.class, unavailable.cause) = (State::Unavailable, None, Some("no wheel".to_owned()));
    results.cells[8].class = Some("B".to_owned());
    results.cells[7].declared = false;
    let rows = |worst: Option<(usize, Verdict, bool)>| -> Vec<_> {
        let same = Some((0, Verdict::Same, false));
        vec![same, same, None, same, same, same, None, None, worst]
    };
    scenario(&mut results, "promotion");
    let facts = vec![array("uint16", &[301.0, 302.0]), error("OverflowError", "Python integer 300 out of bounds for uint8")];
    observe(&mut results, "uint8_plus_300", facts, &rows(Some((1, Verdict::Raises, false))));
    let facts = vec![array("float64", &[1.0, 2.0, 3.0, 4.0]), array("float64", &[1.0, 2.5, 3.0, 4.0])];
    observe(&mut results, "solve", facts, &rows(Some((1, Verdict::Changed, true))));
    scenario(&mut results, "article/products");
    observe(&mut results, "product", vec![array("float64", &[6.0])], &rows(Some((0, Verdict::Warns, false))));
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
    let mut results = grid(&numpy, &tensorflow);
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

type Seen = Vec<Option<(usize, Verdict, bool)>>;

fn head(number: u64) -> Vec<f64> {
    (0..16).map(|element| noise(number * 31 + element)).collect()
}

fn typical(number: u64, cells: usize) -> (Vec<Fact>, Seen) {
    let mut facts = vec![array("float32", &head(number))];
    let border = 10 * (3 + number as usize % 20);
    let seen = match number % 20 {
        // Last bits: four builds that are close to each other.
        0 | 1 => {
            facts.extend(
                (1..4).map(|build| array("float32", &head(number).iter().map(|it| it + 1e-7 * f64::from(build)).collect::<Vec<_>>())),
            );
            (0..cells)
                .map(|cell| Some(((cell % 10) / 3, if (cell % 10) / 3 == 1 { Verdict::Same } else { Verdict::Close }, false)))
                .collect()
        }
        2 => {
            facts.push(error("OverflowError", &format!("Python integer {number} out of bounds for uint8")));
            (0..cells).map(|cell| Some(if cell < border { (0, Verdict::Same, false) } else { (1, Verdict::Raises, false) })).collect()
        }
        3 => {
            facts.push(array("float64", &head(number)));
            (0..cells).map(|cell| Some(if cell < border { (0, Verdict::Same, false) } else { (1, Verdict::Changed, true) })).collect()
        }
        _ => vec![Some((0, Verdict::Same, false)); cells],
    };
    (facts, seen)
}

fn worst(number: u64, cells: usize) -> (Vec<Fact>, Seen) {
    let facts = (0..cells as u64).map(|cell| array("float64", &[noise(number * 1009 + cell), noise(number * 2003 + cell)])).collect();
    let seen = (0..cells).map(|cell| Some((cell, if cell == 124 { Verdict::Same } else { Verdict::Changed }, cell != 124))).collect();
    (facts, seen)
}
