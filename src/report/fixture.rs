//! Small reports for tests, written down by hand: nothing here judges. The tests in the browser take this file too, so it
//! speaks of this crate by its name.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::json;

use skew::{
    compare::{Difference, Numbers, Verdict},
    matrix::Tolerances,
    observation::{Ending, Fact, Kind, Raised, Status, Value, Warned},
    plan::PlanAxis,
    report::{
        Cell, CellTimings, Class, Counts, ExcludedCell, FaultLine, Host, ObservationReport, Outcome, PhaseTimings, Results, RunInfo,
        Scenario, State, Timings, Variant,
    },
};

fn axis(name: &str, versions: &[&str]) -> PlanAxis {
    let versions = versions.iter().map(|&version| version.to_owned()).collect();
    PlanAxis { name: name.to_owned(), package: name.to_owned(), import: name.to_owned(), versions, released: Vec::new() }
}

/// A report of every combination of `axes`, in plan order, all *ran*, without scenarios. `suffixes` repeats every
/// combination, once with each.
pub(crate) fn report(axes: &[(&str, &[&str])], suffixes: &[&str]) -> Results {
    let axes: Vec<_> = axes.iter().map(|(name, versions)| axis(name, versions)).collect();
    let mut combinations: Vec<Vec<String>> = vec![Vec::new()];
    for axis in &axes {
        combinations = combinations
            .into_iter()
            .flat_map(|start| axis.versions.iter().map(move |version| [start.clone(), vec![version.clone()]].concat()))
            .collect();
    }
    let cells = combinations.iter().flat_map(|versions| suffixes.iter().map(|suffix| cell(&axes, versions, suffix))).collect::<Vec<_>>();
    Results {
        schema: "skew.results/1".to_owned(),
        run: RunInfo {
            id: "r1".to_owned(),
            started: "2026-11-22T10:00:00Z".to_owned(),
            finished: Some("2026-11-22T10:09:12Z".to_owned()),
            engine: "docker".to_owned(),
            complete: true,
            searched: false,
            host: Host {
                machine: "x86_64".to_owned(),
                cpu: "EPYC 7543".to_owned(),
                cpu_features: vec!["avx2".to_owned()],
                mixed: Vec::new(),
            },
            skew: "0.1.0".to_owned(),
            repeats: 2,
            caveats: Vec::new(),
            selection: None,
            reused: None,
        },
        axes,
        baseline: cells[0].id.clone(),
        cells,
        excluded: Vec::new(),
        scenarios: Vec::new(),
        classes: Vec::new(),
        fault_lines: Vec::new(),
        rules: Vec::new(),
        import_lines: Vec::new(),
        bounds: Vec::new(),
        since: None,
        timings: None,
        past: Vec::new(),
    }
}

fn cell(axes: &[PlanAxis], versions: &[String], suffix: &str) -> Cell {
    let parts: Vec<_> = axes.iter().zip(versions).map(|(axis, version)| format!("{}-{version}", axis.name)).collect();
    let named = axes.iter().zip(versions).map(|(axis, version)| (axis.name.clone(), version.clone()));
    let axes: BTreeMap<String, String> = named.collect();
    let mut packages = axes.clone();
    packages.insert("six".to_owned(), "1.16.0".to_owned());
    Cell {
        id: format!("{}{suffix}", parts.join("+")),
        axes,
        python: suffix.strip_prefix("+python-").unwrap_or("3.11").to_owned(),
        image: None,
        declared: true,
        conflicts: Vec::new(),
        state: State::Ran,
        cause: None,
        hint: None,
        inferred: None,
        class: Some("A".to_owned()),
        counts: Counts::default(),
        packages,
        seconds: Some(12.5),
        import_error: None,
        dependencies: Some("2024-10-01T00:00:00Z".to_owned()),
        deselected: false,
    }
}

/// An array.
pub(crate) fn array(dtype: &str, shape: &[u64], preview: serde_json::Value) -> Fact {
    Fact::Value(Value {
        kind: Kind::Array,
        type_name: "numpy.ndarray".to_owned(),
        dtype: Some(dtype.to_owned()),
        shape: Some(shape.to_vec()),
        digest: Some(format!("{dtype}:{preview}")),
        preview,
        data: None,
        truncated: None,
        items: None,
        entries: None,
    })
}

/// A value without dtype and shape.
pub(crate) fn plain(kind: Kind, type_name: &str, preview: serde_json::Value) -> Fact {
    let type_name = type_name.to_owned();
    Fact::Value(Value {
        kind,
        type_name,
        dtype: None,
        shape: None,
        preview,
        data: None,
        digest: None,
        truncated: None,
        items: None,
        entries: None,
    })
}

/// An error.
pub(crate) fn error(type_name: &str, message: &str) -> Fact {
    Fact::Error(raised(type_name, message))
}

fn raised(type_name: &str, message: &str) -> Raised {
    Raised {
        type_name: type_name.to_owned(),
        bases: vec!["Exception".to_owned()],
        message: message.to_owned(),
        line: Some(14),
        source: Some("    total = np.array([1, 2], np.uint8) + 300".to_owned()),
        traceback: (1..=15).map(|frame| format!("  File \"frame{frame}.py\", line {frame}, in call")).collect(),
        cause: None,
    }
}

/// Adds an observation to the last scenario and counts its verdicts. Each cell has a token: the variant (or `-`), then
/// `=` same, `~` close, `w` warns, `c` changed, `s` changed silently, `R` returns, `r` raises, `t` timeout, `k` crash,
/// `f` flaky, `-` nothing.
pub(crate) fn observe(results: &mut Results, name: &str, facts: Vec<Fact>, tokens: &str, aspects: &[&str]) {
    let tokens: Vec<&str> = tokens.split_whitespace().collect();
    assert_eq!(tokens.len(), results.cells.len(), "{name} has a token for each cell");
    let mut observation = ObservationReport {
        name: name.to_owned(),
        variants: facts.iter().map(Variant::from).collect(),
        by_cell: Vec::new(),
        verdicts: Vec::new(),
        silent: Vec::new(),
        flaky: Vec::new(),
        warnings: Vec::new(),
        warning_sets: Vec::new(),
        facts,
        differences: Vec::new(),
        behaviours: Vec::new(),
        line: Some(9),
        forewarned: Vec::new(),
    };
    for (token, cell) in tokens.into_iter().zip(&mut results.cells) {
        let (seen, code) = token.split_at(token.len() - 1);
        let counts = &mut cell.counts;
        let (verdict, counter) = match code {
            "=" => (Some(Verdict::Same), &mut counts.same),
            "~" => (Some(Verdict::Close), &mut counts.close),
            "w" => (Some(Verdict::Warns), &mut counts.warns),
            "c" | "s" => (Some(Verdict::Changed), &mut counts.changed),
            "R" => (Some(Verdict::Returns), &mut counts.returns),
            "r" => (Some(Verdict::Raises), &mut counts.raises),
            "t" => (Some(Verdict::Timeout), &mut counts.timeout),
            "k" => (Some(Verdict::Crash), &mut counts.crash),
            "f" => (None, &mut counts.flaky),
            _ => (None, &mut 0),
        };
        *counter += 1;
        counts.silent += u64::from(code == "s");
        observation.by_cell.push(seen.parse().ok());
        observation.verdicts.push(verdict);
        observation.silent.push(code == "s");
        observation.flaky.push(code == "f");
        // Cells agree if they have the same variant; what is missing is a behaviour too.
        observation.behaviours.push((!matches!(code, "f" | "-")).then(|| seen.parse().unwrap_or(usize::MAX)));
        let differs = matches!(code, "c" | "s" | "~")
            .then(|| Difference { aspects: aspects.iter().map(|&aspect| aspect.to_owned()).collect(), ..Difference::default() });
        let warns = (code == "w").then(|| Difference {
            warnings_added: vec![Warned {
                category: "DeprecationWarning".to_owned(),
                message: "`product` is deprecated as of NumPy 1.25.0, use `prod`".to_owned(),
                origin: "numpy".to_owned(),
            }],
            ..Difference::default()
        });
        observation.differences.push(differs.or(warns).map(Arc::new));
    }
    results.scenarios.last_mut().unwrap().observations.push(observation);
}

/// Adds a scenario; its outcomes are *ran* in every cell that ran.
pub(crate) fn scenario(results: &mut Results, name: &str) {
    let started = results.cells.iter().filter(|cell| matches!(cell.state, State::Ran | State::ImportFailed));
    let outcomes = started.map(|cell| outcome(&cell.id)).collect();
    results.scenarios.push(Scenario {
        name: name.to_owned(),
        path: format!("scenarios/{name}.py"),
        observations: Vec::new(),
        outcomes,
        classes: Vec::new(),
        env: BTreeMap::new(),
        tolerances: Tolerances::default(),
    });
}

fn outcome(cell: &str) -> Outcome {
    let ending = Ending { max_rss: Some(300 << 20), ..Ending::quiet(Status::Ran, 0.4) };
    Outcome {
        cell: cell.into(),
        status: Status::Ran,
        seconds: 0.4,
        max_rss: ending.max_rss,
        cause: None,
        measured: None,
        expected: None,
        ending: Some(Box::new(ending)),
    }
}

/// Three versions of each of two packages, complete: one import fails, one cell is unavailable.
pub(crate) fn pairs() -> Results {
    let mut results = report(&[("numpy", &["1.24.4", "1.26.4", "2.0.2"]), ("tensorflow", &["2.12.1", "2.15.1", "2.18.1"])], &[""]);
    "numpy-1.26.4+tensorflow-2.15.1".clone_into(&mut results.baseline);
    fail_import(&mut results.cells[6]);
    fail_import(&mut results.cells[7]);
    results.cells[7].declared = false;
    results.cells[7].conflicts = vec!["tensorflow 2.15.1 requires numpy<2.0.0,>=1.23.5".to_owned()];
    results.cells[2].state = State::Unavailable;
    results.cells[2].cause = Some("no interpreter has wheels of both numpy 1.24.4 and tensorflow 2.18.1".to_owned());
    for (cell, class) in [(2, None), (6, None), (7, None), (8, Some("B"))] {
        results.cells[cell].class = class.map(str::to_owned);
    }
    results.cells[8].packages.insert("keras".to_owned(), "3.6.0".to_owned());
    scenario(&mut results, "promotion");
    observe(&mut results, "<script>", vec![plain(Kind::None, "NoneType", json!(null))], "0= 0= -- 0= 0= 0= 0= 0= 0=", &[]);
    observe(
        &mut results,
        "uint8_plus_300",
        vec![array("uint16", &[2], json!([301, 302])), error("OverflowError", "Python integer 300 out of bounds for uint8")],
        "0= 0= -- 0= 0= 0= 1r 1r 1r",
        &[],
    );
    let wide = array("float64", &[], json!(6.0));
    observe(
        &mut results,
        "float32_plus_python_float",
        vec![wide, array("float32", &[], json!(6.0))],
        "0= 0= -- 0= 0= 0= 1s 1s 1s",
        &["dtype float64 → float32"],
    );
    scenario(&mut results, "linalg");
    observe(
        &mut results,
        "solve",
        vec![array("float64", &[4], json!([1.0, 2.0, "nan", 4.0])), array("float64", &[4], json!([1.0, 2.5, 3.0, 4.0]))],
        "0= 0= -- 0= 0= 0~ -- -- 1s",
        &["value", "NaN pattern"],
    );
    let numbers = Numbers {
        total: 4,
        differing: 2,
        beyond: 2,
        max_abs: Some(0.5),
        max_rel: Some(0.25),
        max_ulp: Some(1_125_899_906_842_624),
        nan: (1, 0),
        nan_pattern_equal: false,
        first: vec![1, 2],
        compared_as: None,
    };
    if let Some(Some(difference)) = results.scenarios[1].observations[0].differences.last_mut() {
        Arc::make_mut(difference).numbers = Some(numbers);
    }
    let class = |letter: &str, cells: &[usize]| Class {
        letter: letter.to_owned(),
        cells: cells.iter().map(|cell| results.cells[*cell].id.clone()).collect(),
        when: String::new(),
    };
    results.classes = vec![class("A", &[4, 0, 1, 3, 5]), class("B", &[8])];
    results.fault_lines = vec![FaultLine {
        axis: "numpy".to_owned(),
        from: "1.26.4".to_owned(),
        to: "2.0.2".to_owned(),
        observations: 3,
        scenarios: 2,
        cells: 1,
        of: 1,
        also: vec!["keras none → 3.6.0".to_owned()],
        parts: Vec::new(),
    }];
    results
}

/// Lets its import fail.
pub(super) fn fail_import(cell: &mut Cell) {
    let mut error = raised("TypeError", "Unable to convert function return value to a Python type! The signature was\n\t() -> handle");
    error.cause = Some("A module that was compiled using NumPy 1.x cannot be run in NumPy 2.0.2 as it may crash.".to_owned());
    error.source = Some("import tensorflow".to_owned());
    cell.state = State::ImportFailed;
    cell.cause = Some("import tensorflow: TypeError".to_owned());
    cell.import_error = Some(error);
}

/// Every state and every verdict, an incomplete run on two kinds of processor.
pub(crate) fn everything() -> Results {
    let mut results = report(
        &[("numpy", &["none", "1.22.4", "1.24.4", "1.26.4", "2.0.2"]), ("tensorflow", &["2.8.4", "2.12.1", "2.15.1", "2.16.2", "2.18.1"])],
        &[""],
    );
    "numpy-1.26.4+tensorflow-2.15.1".clone_into(&mut results.baseline);
    results.run.complete = false;
    results.run.host.mixed = vec!["Xeon 8375C".to_owned()];
    results.run.caveats = vec!["engine local cannot take the network away from scenarios".to_owned()];
    let troubled = [
        (3, State::Unresolvable, "no keras fits", None),
        (4, State::InstallFailed, "building h5py from source failed", None),
        (9, State::Unavailable, "no interpreter has wheels of both", None),
        (14, State::Unavailable, "no interpreter has wheels of both", None),
        (0, State::Infra, "the package index did not answer: timed out", Some("run it again: `skew run` takes up where it ended")),
        (1, State::NotRun, "no Python 3.8 on this machine", Some("uv python install 3.8")),
        (2, State::NotRun, "no Python 3.8 on this machine", Some("uv python install 3.8")),
    ];
    for (cell, state, cause, hint) in troubled {
        let cell = &mut results.cells[cell];
        (cell.state, cell.cause, cell.hint, cell.class) = (state, Some(cause.to_owned()), hint.map(str::to_owned), None);
    }
    let excluded = results.cells.remove(5);
    results.excluded.push(ExcludedCell { id: excluded.id, reason: "no common interpreter".to_owned() });
    for cell in [19, 20, 21] {
        fail_import(&mut results.cells[cell]);
        results.cells[cell].class = None;
    }
    for (cell, class) in [(8, "C"), (13, "C"), (22, "B"), (23, "B"), (5, "D"), (6, "D")] {
        if let Some(cell) = results.cells.get_mut(cell).filter(|cell| cell.class.is_some()) {
            cell.class = Some(class.to_owned());
        }
    }
    scenario(&mut results, "cases");
    let value = || array("float32", &[2], json!([1.0, 2.0]));
    let facts = || vec![value(), array("float32", &[2], json!([1.0, 2.5])), error("ValueError", "bad\n\x1b[31mvalue\x07")];
    //           none.......... 1.22....... 1.24.......... 1.26.......... 2.0...........
    let same = "-- -- -- -- -- 0= 0= 0= -- 0= 0= 0= 0= -- 0= 0= 0= 0= 0= -- -- -- 0= 0=";
    observe(&mut results, "<script>", vec![plain(Kind::None, "NoneType", json!(null))], same, &[]);
    let rows = [
        ("crashes", "-- -- -- -- -- 0= 0= -k -- 0= 0= 0= 0= -- 0= 0= 0= 0= 0= -- -- -- 0= 0="),
        ("hangs", "-- -- -- -- -- 0= -t 0= -- 0= 0= 0= 0= -- 0= 0= 0= 0= 0= -- -- -- 0= 0="),
        ("raises", "-- -- -- -- -- 2r 0= 0= -- 0= 0= 0= 0= -- 0= 0= 0= 0= 0= -- -- -- 2r 2r"),
        ("changes <img src=x onerror=alert(1)>", "-- -- -- -- -- 0= 0= 0= -- 1c 1c 0= 0= -- 0= 0= 0= 0= 0= -- -- -- 1s 1s"),
        ("a|b`c`", "-- -- -- -- -- 0= 0= 0= -- 0= 0= 0w 0= -- 0= 0= 0= 0= 0= -- -- -- 0w 0w"),
        ("near", "-- -- -- -- -- 0= 0= 0= -- 0= 0= 0= 1~ -- 1~ 1~ 0= 1~ 1~ -- -- -- 0= 0="),
        ("dice", "-- -- -- -- -- 0= 0= 0= -- 0= 0= 0= 0= -- 0= 0= 0= 0= 0f -- -- -- 0= 0="),
    ];
    for (name, tokens) in rows {
        observe(&mut results, name, facts(), tokens, &["value"]);
    }
    let back = vec![error("KeyError", "'x'"), value()];
    observe(&mut results, "returns", back, "-- -- -- -- -- 0= 0= 0= -- 0= 0= 0= 0= -- 1R 0= 0= 0= 0= -- -- -- 0= 0=", &[]);
    for outcome in &mut results.scenarios[0].outcomes {
        let (status, cause) = match &*outcome.cell {
            "numpy-1.22.4+tensorflow-2.16.2" => (Status::Crash, "SIGSEGV in libtensorflow_framework.so.2"),
            "numpy-1.22.4+tensorflow-2.15.1" => (Status::Timeout, "still running after 120 s"),
            "numpy-1.24.4+tensorflow-2.8.4" => (Status::Infra, "the daemon went away"),
            _ => continue,
        };
        (outcome.status, outcome.cause) = (status, Some(cause.into()));
        if let Some(ending) = &mut outcome.ending {
            (ending.status, ending.cause) = (status, Some(cause.to_owned()));
            ending.trace = vec!["File \"scenarios/cases.py\", line 12 in <module>".to_owned()];
            "W0000 \x1b[33moneDNN\x1b[0m is on\nfatal\n".clone_into(&mut ending.stderr);
            ending.signal = (status == Status::Crash).then(|| "SIGSEGV".to_owned());
        }
    }
    results
}

/// Three axes and the interpreter: a grid for each combination of the further ones.
pub(crate) fn facets() -> Results {
    let axes: &[(&str, &[&str])] =
        &[("numpy", &["1.26.4", "2.0.2"]), ("tensorflow", &["2.16.2", "2.18.1"]), ("scipy", &["1.11.4", "1.14.1"])];
    let mut results = report(axes, &["+python-3.11", "+python-3.12"]);
    scenario(&mut results, "special");
    let tokens = "0= 0= 0= 0= 0= 0= 0= 0= 0= 0= 1s 1s 0= 0= 1s 1s";
    observe(&mut results, "gamma", vec![array("float64", &[], json!(1.0)), array("float64", &[], json!(1.5))], tokens, &["value"]);
    for (cell, class) in [(10, "B"), (11, "B"), (14, "B"), (15, "B")] {
        results.cells[cell].class = Some(class.to_owned());
    }
    results
}

/// One axis; one of its versions twice, with dependencies of different dates.
pub(crate) fn single() -> Results {
    let mut results = report(&[("numpy", &["1.26.4", "2.0.2", "2.1.3"])], &[""]);
    let mut dated = results.cells[1].clone();
    dated.id.push_str("+deps-2024-09-01");
    dated.class = Some("B".to_owned());
    results.cells.insert(2, dated);
    scenario(&mut results, "shape");
    let facts = vec![plain(Kind::Text, "str", json!("float64")), plain(Kind::Text, "str", json!("np.float64"))];
    observe(&mut results, "repr", facts, "0= 0= 1s 0=", &["value"]);
    results
}

/// [`pairs`], with times: two cells side by side, the second begun again after an attempt that was lost.
pub(crate) fn timed() -> Results {
    let mut results = pairs();
    let phase = |executes, from, to| PhaseTimings { executes, from, to };
    let cell = |number: usize, phases: Vec<PhaseTimings>, times: [f64; 5]| {
        let [provision, waited, import, scenarios, rest] = times;
        CellTimings { cell: results.cells[number].id.clone(), provision, waited, import, scenarios, rest, phases }
    };
    let begun_again = vec![phase(false, 1.0, 40.0), phase(true, 40.0, 60.0), phase(false, 62.0, 62.5), phase(true, 62.5, 125.0)];
    let cells = vec![
        cell(0, vec![phase(false, 0.0, 35.0), phase(true, 35.5, 100.0)], [35.0, 0.5, 4.25, 58.0, 2.25]),
        cell(1, begun_again, [39.5, 2.0, 4.5, 57.0, 21.0]),
    ];
    results.timings = Some(Timings { wall: 125.0, executing: 2, provisioning: 2, idle: 103.0, cells });
    results
}
