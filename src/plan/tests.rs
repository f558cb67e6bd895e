//! Plans from made-up projects, and, where asked for, from the real index.

use std::path::PathBuf;

use super::*;
use crate::{
    index::{File, Release},
    matrix::{
        Axis, AxisVersions, CacheLimits, CellEntry, DockerSettings, EngineChoice, Every, Exclude, ExcludeRange, KubernetesSettings, Limits,
        Place, Tolerances,
    },
    report::plan::plan_table,
};

const MACHINE: &str = "x86_64";

/// A matrix over these axes (`name` or `name=package`; versions are a range or words).
fn matrix(axes: &[(&str, &str)]) -> Matrix {
    let one = |(line, (name, versions)): (usize, &(&str, &str))| {
        let (name, package) = name.split_once('=').unwrap_or((name, name));
        let range = versions.starts_with(['<', '>', '=', '~', '!']);
        Axis {
            name: name.to_owned(),
            package: package.to_owned(),
            import: name.to_owned(),
            versions: if range {
                AxisVersions::Range(versions.parse().unwrap())
            } else {
                AxisVersions::List(versions.split(' ').map(version).collect())
            },
            unreleased: Vec::new(),
            every: Every::Minor,
            pre: false,
            yanked: false,
            place: Place { line: line + 2, column: 10 },
            version_places: Vec::new(),
        }
    };
    Matrix {
        path: PathBuf::from("matrix.yaml"),
        source: String::new(),
        axes: axes.iter().enumerate().map(one).collect(),
        python: PythonChoice::Auto,
        dependencies: Dependencies::Release,
        baseline: None,
        exclude: Vec::new(),
        include: Vec::new(),
        cells: None,
        scenarios: Vec::new(),
        tolerance: Tolerances::default(),
        repeats: 1,
        limits: Limits::default(),
        engine: EngineChoice::Auto,
        docker: DockerSettings::default(),
        kubernetes: KubernetesSettings::default(),
        env: BTreeMap::new(),
        max_age: None,
        keep_runs: 1,
        cache: CacheLimits::default(),
    }
}

fn version(text: &str) -> AxisVersion {
    if text == "none" { AxisVersion::None } else { AxisVersion::Release(text.parse().unwrap()) }
}

/// An entry such as `1.0 2.0`, perhaps with `python=3.9` and `dependencies=2024-01-01`, in line 20.
fn entry(text: &str) -> CellEntry {
    let mut entry = CellEntry { versions: Vec::new(), python: None, dependencies: None, place: Place { line: 20, column: 5 } };
    for word in text.split(' ') {
        match word.split_once('=') {
            Some(("python", python)) => entry.python = Some(python.parse().unwrap()),
            Some((_, date)) => entry.dependencies = Some(Dependencies::Date(date.parse().unwrap())),
            None => entry.versions.push(version(word)),
        }
    }
    entry
}

/// A file of a made-up project: `1.0 37-312 2024-01-01`, perhaps with `yanked`; the interpreters may be `pure`.
fn project(releases: &[&str]) -> Project {
    let mut project = Project::default();
    for line in releases {
        let words: Vec<&str> = line.split(' ').collect();
        let (version, pythons) = (words[0], words[1]);
        let tags: Vec<String> = match pythons.split_once('-') {
            Some((first, last)) => {
                let minor = |text: &str| text[1..].parse::<u8>().unwrap();
                (minor(first)..=minor(last)).map(|minor| format!("cp3{minor}-cp3{minor}-manylinux2014_x86_64")).collect()
            }
            None if pythons == "pure" => vec!["py3-none-any".to_owned()],
            None => vec!["cp27-cp27mu-manylinux1_x86_64".to_owned()],
        };
        let files = tags.into_iter().map(|tags| File {
            filename: format!("x-{version}-{tags}.whl"),
            url: String::new(),
            path: None,
            sha256: None,
            size: None,
            upload_time: words.get(2).and_then(|day| format!("{day}T12:00:00Z").parse().ok()),
            requires_python: None,
            yanked: words.contains(&"yanked"),
            has_metadata: true,
        });
        project.releases.insert(version.parse().unwrap(), Release { files: files.collect(), unreleased: false });
    }
    project
}

/// A plan in which the releases named by `name version` declare these requirements, and all others nothing.
fn plan(matrix: &Matrix, projects: &[Project], requires: &[(&str, &str)]) -> Result<Plan, PlanError> {
    let draft = draft(matrix, projects, MACHINE, &[], Vec::new())?;
    let declare = |wheel: Wheel| {
        let package = format!("{} {}", matrix.axes[wheel.0].package, wheel.1);
        let lines = requires.iter().filter(|(name, _)| *name == package).map(|(_, line)| line.parse().unwrap());
        (wheel, Some(Metadata { requires_dist: lines.collect(), ..Metadata::default() }))
    };
    let declarations = draft.wheels().into_iter().map(declare).collect();
    finish(matrix, projects, draft, &declarations, MACHINE)
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.cells.iter().map(|cell| cell.id.as_str()).collect()
}

fn problems(result: Result<Plan, PlanError>) -> Vec<String> {
    match result.unwrap_err() {
        PlanError::Problems(problems) => problems
            .into_iter()
            .map(|problem| format!("{}: {} ({})", problem.place.line, problem.message, problem.help.unwrap_or_default()))
            .collect(),
        other @ (PlanError::Index(_) | PlanError::Empty { .. } | PlanError::Markers { .. }) => panic!("{other}"),
    }
}

#[test]
fn a_range_takes_the_newest_usable_release_of_every_series() {
    let releases = ["1.0 pure", "1.1.0 pure", "1.1.9 pure", "1.2.0 pure", "1.2.1 none", "1.2.2 pure x yanked", "1.3rc1 pure", "2.0 pure"];
    let mut matrix = matrix(&[("a", ">=1.1")]);
    let mut versions = |every| {
        matrix.axes[0].every = every;
        plan(&matrix, &[project(&releases)], &[]).unwrap().axes[0].versions.join(" ")
    };
    assert_eq!(versions(Every::Minor), "1.1.9 1.2.0 2.0");
    assert_eq!(versions(Every::Major), "1.2.0 2.0");
    assert_eq!(versions(Every::Patch), "1.1.0 1.1.9 1.2.0 2.0");
    matrix.axes[0].versions = AxisVersions::Range(">=1.3rc0,<2".parse().unwrap());
    assert_eq!(ids(&plan(&matrix, &[project(&releases)], &[]).unwrap()), ["a-1.3rc1"]);
}

#[test]
fn a_range_takes_pre_releases_and_withdrawn_ones_where_its_axis_asks_for_them() {
    let releases = ["1.2.1 pure", "1.2.2 pure x yanked", "1.3rc1 pure"];
    let mut matrix = matrix(&[("a", ">=1.1")]);
    let mut versions = |pre, yanked| {
        (matrix.axes[0].pre, matrix.axes[0].yanked) = (pre, yanked);
        plan(&matrix, &[project(&releases)], &[]).unwrap().axes[0].versions.join(" ")
    };
    assert_eq!(versions(false, false), "1.2.1");
    assert_eq!(versions(true, false), "1.2.1 1.3rc1");
    assert_eq!(versions(false, true), "1.2.2");
}

#[test]
fn the_product_is_in_the_order_of_the_axes_oldest_first_and_spelled_as_on_the_index() {
    let matrix = matrix(&[("a", "2 none 1.0"), ("b", "none 1")]);
    let plan = plan(&matrix, &[project(&["1.0 pure", "2.0.0 pure"]), project(&["1 pure"])], &[]).unwrap();
    assert_eq!(ids(&plan), ["a-none+b-1", "a-1.0+b-none", "a-1.0+b-1", "a-2.0.0+b-none", "a-2.0.0+b-1"]);
    assert_eq!(plan.axes[0].versions, ["none", "1.0", "2.0.0"]);
    assert_eq!(plan.notes, ["the cell in which every axis is `none` is left out"]);
}

#[test]
fn all_versions_that_do_not_exist_are_told_at_once_with_their_neighbours() {
    let mut matrix = matrix(&[("a", "1.0 1.27"), ("b", "9")]);
    matrix.include.push(entry("1.5 1"));
    let result = plan(&matrix, &[project(&["1.0 pure", "1.26.4 pure", "2.0 pure", "2.1rc1 pure"]), project(&["1 pure"])], &[]);
    assert_eq!(
        problems(result),
        [
            "2: a 1.27 does not exist (nearest are 1.26.4 and 2.0)",
            "3: b 9 does not exist (nearest is 1)",
            "20: a 1.5 does not exist (nearest are 1.0 and 1.26.4)"
        ]
    );
    let empty = super::tests::matrix(&[("a", ">=9")]);
    assert_eq!(
        problems(plan(&empty, &[project(&["1.0 pure"])], &[])),
        ["2: no release of a in `>=9` has a wheel for a supported interpreter (the newest release is 1.0)"]
    );
}

#[test]
fn each_cell_gets_the_newest_interpreter_of_the_smallest_set() {
    let matrix = matrix(&[("a", "1 2"), ("b", "1 2")]);
    let projects = [project(&["1 37-310", "2 39-312"]), project(&["1 37-39", "2 310-313"])];
    let plan = plan(&matrix, &projects, &[]).unwrap();
    let pythons: Vec<_> = plan.cells.iter().map(|cell| cell.python.to_string()).collect();
    assert_eq!(pythons, ["3.9", "3.10", "3.9", "3.10"]);
    assert_eq!(plan.pythons, [PythonVersion::new(3, 10), PythonVersion::new(3, 9)]);
}

#[test]
fn a_cell_without_a_common_interpreter_says_which_package_lacks_what() {
    let mut matrix = matrix(&[("a", "1 2"), ("b=b-cpu", "1 2 3")]);
    let projects = [project(&["1 37-310", "2 311-312"]), project(&["1 37-310", "2 39-311", "3 none"])];
    let told = |matrix: &Matrix| -> Vec<String> {
        plan(matrix, &projects, &[]).unwrap().cells.into_iter().filter_map(|cell| cell.unavailable).collect()
    };
    assert_eq!(
        told(&matrix),
        [
            "b-cpu 3 has no wheel for CPython 3.7–3.14 on Linux x86_64",
            "a 2 has wheels for CPython 3.11–3.12 only; b-cpu 1 for 3.7–3.10",
            "b-cpu 3 has no wheel for CPython 3.7–3.14 on Linux x86_64",
        ]
    );
    matrix.python = PythonChoice::One(PythonVersion::new(3, 10));
    assert_eq!(
        told(&matrix)[1..3],
        ["a 2 has wheels for CPython 3.11–3.12, not for 3.10".to_owned(), "a 2 has wheels for CPython 3.11–3.12, not for 3.10".to_owned()]
    );
}

#[test]
fn interpreters_as_an_axis_are_part_of_every_id() {
    let mut matrix = matrix(&[("a", "1")]);
    matrix.python = PythonChoice::Axis(vec![PythonVersion::new(3, 11), PythonVersion::new(3, 9)]);
    let plan = plan(&matrix, &[project(&["1 pure"])], &[]).unwrap();
    assert_eq!(ids(&plan), ["a-1+python-3.11", "a-1+python-3.9"]);
    assert_eq!(plan.cells[plan.baseline].id, "a-1+python-3.11");
}

#[test]
fn cells_that_differ_only_in_interpreter_or_date_say_so_in_their_ids() {
    let mut matrix = matrix(&[("a", "1 2 7")]);
    let words = ["2", "1 python=3.9", "1 python=3.8", "2 dependencies=2024-09-01", "1 python=3.9"];
    matrix.cells = Some(words.into_iter().map(entry).collect());
    matrix.dependencies = Dependencies::Today;
    let plan = plan(&matrix, &[project(&["1 pure", "2 pure", "7 pure"])], &[]).unwrap();
    assert_eq!(ids(&plan), ["a-1+python-3.8", "a-1+python-3.9", "a-2+deps-2024-09-01", "a-2+deps-today"]);
    assert_eq!(plan.axes[0].versions, ["1", "2"], "only what the cells use stays on the axis");
    assert_eq!(plan.notes, ["1 cell is named more than once"]);
    assert_eq!(plan.cells[2].cutoff.unwrap().to_string(), "2024-09-01T23:59:59Z");
}

#[test]
fn exclusion_takes_cells_away_and_tells_why() {
    let mut matrix = matrix(&[("a", "1 2"), ("b", "none 1 2")]);
    let rule = |ranges: Vec<(usize, &str)>, reason: Option<&str>| {
        let range =
            |(axis, text)| (axis, if text == "none" { ExcludeRange::None } else { ExcludeRange::Specifiers(str::parse(text).unwrap()) });
        Exclude {
            ranges: ranges.into_iter().map(range).collect(),
            python: None,
            reason: reason.map(str::to_owned),
            place: Place { line: 9, column: 3 },
        }
    };
    matrix.exclude =
        vec![rule(vec![(0, ">=2"), (1, "<2")], None), rule(vec![(0, "<2"), (1, "none")], Some("dull")), rule(vec![(1, ">5")], None)];
    matrix.include.push(entry("2 1"));
    let plan = plan(&matrix, &[project(&["1 pure", "2 pure"]), project(&["1 pure", "2 pure"])], &[]).unwrap();
    assert_eq!(ids(&plan), ["a-1+b-1", "a-1+b-2", "a-2+b-none", "a-2+b-1", "a-2+b-2"]);
    let excluded: Vec<_> = plan.excluded.iter().map(|excluded| format!("{}: {}", excluded.id, excluded.reason)).collect();
    assert_eq!(excluded, ["a-1+b-none: dull"]);
    assert_eq!(plan.notes, ["`exclude` in line 9 matches nothing: b>5"]);
}

#[test]
fn exclusion_of_interpreters_leaves_a_cell_the_others() {
    let mut matrix = matrix(&[("a", "1 2")]);
    let python = |text: &str| Exclude {
        ranges: vec![(0, ExcludeRange::Specifiers("==1".parse().unwrap()))],
        python: Some(text.parse().unwrap()),
        reason: None,
        place: Place::default(),
    };
    matrix.exclude = vec![python(">=3.12")];
    let projects = [project(&["1 310-313", "2 pure"])];
    let some = plan(&matrix, &projects, &[]).unwrap();
    assert_eq!((ids(&some), &*some.pythons), (vec!["a-1", "a-2"], &[PythonVersion::new(3, 11)][..]));
    matrix.exclude = vec![python(">=3.9")];
    let none = plan(&matrix, &projects, &[]).unwrap();
    assert_eq!((ids(&none), none.excluded[0].reason.as_str()), (vec!["a-2"], "a==1, python>=3.9"));
}

#[test]
fn nothing_left_is_an_error() {
    let mut everything = matrix(&[("a", "1")]);
    let rule =
        Exclude { ranges: vec![(0, ExcludeRange::Specifiers(">0".parse().unwrap()))], python: None, reason: None, place: Place::default() };
    everything.exclude = vec![rule];
    let message = |matrix: &Matrix, release| plan(matrix, &[project(&[release])], &[]).unwrap_err().to_string();
    assert_eq!(message(&everything, "1 pure"), "every cell of the matrix is excluded");
    let impossible = matrix(&[("a", "1")]);
    assert!(message(&impossible, "1 none").contains("a 1 has no wheel"));
}

#[test]
fn metadata_says_which_pairs_are_declared_under_the_markers_of_the_cell() {
    let matrix = matrix(&[("a", "1 2"), ("b=b-cpu", "1 2")]);
    let requires = [
        ("b-cpu 1", "a<2,>=0.5"),
        ("b-cpu 1", "a<1; python_version < '3.8'"),
        ("b-cpu 1", "a==9; extra == 'x'"),
        ("b-cpu 2", "a>=2; sys_platform == 'win32'"),
        ("a 2", "B.CPU>1"),
    ];
    let projects = [project(&["1 pure", "2 pure"]), project(&["1 pure 2024-01-01", "2 pure"])];
    let mut matrix = Matrix { dependencies: Dependencies::Today, ..matrix };
    let declared = plan(&matrix, &projects, &requires).unwrap();
    let conflicts: Vec<_> = declared.cells.iter().map(|cell| (cell.declared, cell.conflicts.join("; "))).collect();
    assert_eq!(
        conflicts,
        [
            (true, String::new()),
            (true, String::new()),
            (false, "a 2 requires b-cpu>1; b-cpu 1 requires a>=0.5,<2".to_owned()),
            (true, String::new()),
        ]
    );
    assert_eq!(declared.cells[declared.baseline].id, "a-2+b-2");
    matrix.axes[0].versions = AxisVersions::List(vec![AxisVersion::None]);
    let without = plan(&matrix, &projects, &requires).unwrap();
    assert_eq!(without.cells[0].conflicts, ["b-cpu 1 requires a>=0.5,<2"]);
}

#[test]
fn what_the_packages_of_axes_require_of_others_is_kept_and_breaks_no_pair() {
    let matrix = Matrix { dependencies: Dependencies::Today, ..matrix(&[("a", "1"), ("b=b-cpu", "1")]) };
    let requires = [("b-cpu 1", "a<1"), ("b-cpu 1", "Keras.Core<3"), ("b-cpu 1", "six"), ("b-cpu 1", "tests; extra == 'test'")];
    let plan = plan(&matrix, &[project(&["1 pure"]), project(&["1 pure"])], &requires).unwrap();
    let told: Vec<_> = plan.cells[0].requirements.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["b-cpu 1 requires a<1", "b-cpu 1 requires keras-core<3", "b-cpu 1 requires six"]);
    assert_eq!(plan.cells[0].conflicts, told[..1]);
}

#[test]
fn the_cut_off_is_five_days_after_the_newest_package_that_has_dependencies() {
    let matrix = matrix(&[("a", "1"), ("b", "none 1 2")]);
    let projects = [project(&["1 pure 2025-06-01"]), project(&["1 pure 2020-01-01", "2 pure 2021-01-01"])];
    let requires = [("b 1", "six"), ("b 2", "six; sys_platform == 'win32'")];
    let cutoffs = |requires: &[(&str, &str)]| -> Vec<Option<String>> {
        let plan = plan(&matrix, &projects, requires).unwrap();
        plan.cells.iter().map(|cell| cell.cutoff.map(|cutoff| cutoff.to_string())).collect()
    };
    assert_eq!(cutoffs(&requires), [None, Some("2020-01-06T12:00:00Z".to_owned()), None]);
    assert_eq!(cutoffs(&[("b 1", "six"), ("a 1", "six")])[1].as_deref(), Some("2025-06-06T12:00:00Z"));
}

#[test]
fn a_cut_off_without_upload_times_is_an_error_that_names_the_way_out() {
    let matrix = matrix(&[("a", "1")]);
    let error = plan(&matrix, &[project(&["1 pure"])], &[("a 1", "six")]).unwrap_err();
    assert!(matches!(error, PlanError::Index(IndexError::NoUploadTimes { .. })));
    assert!(error.to_string().contains("dependencies: today"), "{error}");
}

#[test]
fn the_baseline_of_the_file_must_be_a_cell_that_can_exist() {
    let mut matrix = matrix(&[("a", "1 2"), ("b", "1 2")]);
    let projects = [project(&["1 37-39", "2.0 310-312"]), project(&["1 37-310", "2 311-312", "3 pure"])];
    matrix.baseline = Some(entry("2 1"));
    let given = plan(&matrix, &projects, &[]).unwrap();
    assert_eq!(given.cells[given.baseline].id, "a-2.0+b-1");
    matrix.baseline = Some(entry("1 2"));
    assert_eq!(
        problems(plan(&matrix, &projects, &[])),
        ["20: the baseline a-1+b-2 can never exist: a 1 has wheels for CPython 3.7–3.9 only; b 2 for 3.11–3.12 (nearest is a-1+b-1)"]
    );
    matrix.baseline = Some(entry("2 3"));
    assert_eq!(problems(plan(&matrix, &projects, &[])), ["20: the baseline a-2.0+b-3 is not a cell of the matrix (nearest is a-2.0+b-2)"]);
}

#[tokio::test]
#[ignore = "asks PyPI"]
async fn the_plan_of_real_packages_holds_what_is_known_of_them() {
    let cache = tempfile::tempdir().unwrap();
    let index = Index::from_environment(cache.path(), false).unwrap();
    let matrix = matrix(&[("numpy", "1.26.4 2.0.2 2.3.5"), ("tensorflow=tensorflow-cpu", "none 2.4.4 2.8.4 2.15.1 2.18.1")]);
    let plan = make(&matrix, &index, MACHINE, &[]).await.unwrap();
    let told = |cell: &PlanCell| {
        let day = cell.cutoff.map_or("-".to_owned(), |cutoff| cutoff.strftime("%F").to_string());
        format!(
            "{} {day} {}",
            cell.python,
            if cell.unavailable.is_some() {
                "never"
            } else if cell.declared {
                "yes"
            } else {
                "no"
            }
        )
    };
    let cells: Vec<_> = plan.cells.iter().map(told).collect();
    assert_eq!(&cells[..5], ["3.11 - yes", "3.12 - never", "3.10 2022-11-21 yes", "3.11 2024-03-13 yes", "3.11 2025-03-17 yes"]);
    assert_eq!(&cells[8..12], ["3.11 2024-03-13 no", "3.11 2025-03-17 yes", "3.11 - yes", "3.14 - never"]);
    let table = plan_table(&plan, 100, false, false);
    assert!(table.contains("tensorflow-cpu 2.15.1 requires numpy>=1.23.5,<2.0.0: with numpy 2.0.2–2.3.5"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
}

proptest::proptest! {
    #[test]
    fn every_cell_is_in_one_part_and_parts_are_balanced(
        sizes in (1usize..6, 1usize..6), shards in 1usize..7, times in proptest::collection::vec(1u32..50, 36),
    ) {
        let cell = |a: usize, b: usize| PlanCell {
            id: format!("{a} {b}"),
            versions: vec![version(&format!("1.{a}")), version(&format!("1.{b}"))],
            python: PythonVersion::new(3, 11),
            cutoff: None,
            declared: true,
            conflicts: Vec::new(),
            requirements: Vec::new(),
            unavailable: (a + b == 1).then(|| "no wheel".to_owned()),
            unreleased: BTreeMap::new(),
        };
        let cells: Vec<PlanCell> = (0..sizes.0).flat_map(|a| (0..sizes.1).map(move |b| cell(a, b))).collect();
        let plan = Plan {
            axes: Vec::new(), cells, baseline: 0, excluded: Vec::new(), pythons: Vec::new(), heaviest: 1, notes: Vec::new(),
        };
        let seconds = |number: usize| f64::from(times[number]);
        let place = |id: &str| plan.cells.iter().position(|cell| cell.id == id).unwrap();
        let parts = plan.shards(shards, |id| Some(seconds(place(id))));
        let mut loads = vec![0.0; shards];
        for (number, part) in parts.iter().enumerate() {
            proptest::prop_assert_eq!(part.is_some(), plan.cells[number].unavailable.is_none());
            if let Some(part) = part {
                loads[*part] += seconds(number);
            }
        }
        let most = loads.iter().copied().fold(0.0, f64::max);
        let ideal = loads.iter().sum::<f64>() / shards as f64;
        proptest::prop_assert!(most <= ideal + 50.0, "{loads:?}");
        proptest::prop_assert_eq!(parts, plan.shards(shards, |id| Some(seconds(place(id)))));
    }
}

#[test]
fn the_plan_tells_when_versions_and_their_series_came_out() {
    let matrix = matrix(&[("alpha", "none 2.0.2"), ("beta", "1.0")]);
    let alpha = ["2.0.0rc1 pure 2023-12-24", "2.0.0 pure 2024-01-01", "2.0.2 pure 2024-08-26", "2.1.0 pure 2023-01-01"];
    let axes = plan(&matrix, &[project(&alpha), project(&["1.0 pure"])], &[]).unwrap().axes;
    let released =
        |axis: usize| axes[axis].released.iter().map(|it| it.as_ref().map(|it| (it.at.as_str(), it.series.as_str()))).collect::<Vec<_>>();
    assert_eq!(released(0), [None, Some(("2024-08-26T12:00:00Z", "2024-01-01T12:00:00Z"))]);
    assert!(released(1).is_empty(), "an index without upload times tells nothing");
}
