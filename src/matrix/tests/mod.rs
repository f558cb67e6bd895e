//! What `matrix.yaml` may say, and how it is told that it may not.

use std::path::Path;

use insta::assert_snapshot;

use super::*;

mod hostile;
mod values;

fn parse(text: &str) -> Matrix {
    Matrix::parse(Path::new("matrix.yaml"), text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn problems(text: &str) -> Problems {
    Matrix::parse(Path::new("matrix.yaml"), text).unwrap_err()
}

/// `line:column message | help` of every problem.
fn brief(text: &str) -> String {
    let lines: Vec<String> = problems(text)
        .iter()
        .map(|Problem { place, message, help, .. }| {
            format!("{}:{} {message} | {}", place.line, place.column, help.as_deref().unwrap_or("-"))
        })
        .collect();
    lines.join("\n")
}

fn listed(axis: &Axis) -> Vec<String> {
    match &axis.versions {
        AxisVersions::List(versions) => versions.iter().map(ToString::to_string).collect(),
        AxisVersions::Range(range) => panic!("{range} is a range"),
    }
}

const EXAMPLE: &str = r#"
axes:
  numpy: ">=1.21"                  # a PEP 440 range: newest patch release of every minor series found on the index
  tensorflow:
    package: tensorflow-cpu        # what is installed   (default: the axis name)
    import: tensorflow             # what is pre-imported (default: the axis name)
    versions: [2.8.4, 2.10.1, 2.12.1, 2.15.1, 2.16.2, 2.18.1, 2.20.0]   # or a range
    every: minor                   # minor (default) | patch | major: which releases of a range are taken
python: auto                       # the fewest CPythons whose wheels cover all cells, newest first
dependencies: release              # all other packages as of
baseline: {numpy: 1.26.4, tensorflow: 2.15.1}    # default: the newest cell that its packages' metadata allows
exclude:
  - {numpy: ">=2", tensorflow: "<2.10", reason: "no common interpreter"}
include:
  - {numpy: 2.4.6, tensorflow: 2.21.0}
# cells: [{numpy: 1.26.4, tensorflow: 2.15.1, python: "3.11", dependencies: 2024-09-01}]
scenarios: [scenarios]
tolerance: {float32: {rtol: 1.3e-6, atol: 1.0e-5}, ulp: 0}
repeats: 2
limits: {timeout: 120s, memory: 4GiB, cpus: 1, pids: 512, output: 1MiB}
engine: auto                       # docker | local | kubernetes | auto
docker: {image: "python:{python}-slim", network: none}
env: {OMP_NUM_THREADS: "1"}
"#;

#[test]
fn the_example_of_the_contract_says_what_it_means() {
    let matrix = parse(EXAMPLE);
    assert_eq!(matrix.source, EXAMPLE);
    assert_eq!(matrix.axis_index("tensorflow"), Some(1));
    let [numpy, tensorflow] = &matrix.axes[..] else { panic!("two axes") };
    assert!(matches!(&numpy.versions, AxisVersions::Range(range) if range.to_string() == ">=1.21"));
    assert_eq!((numpy.package.as_str(), numpy.import.as_str(), numpy.place), ("numpy", "numpy", Place { line: 3, column: 10 }));
    assert_eq!((tensorflow.package.as_str(), tensorflow.import.as_str()), ("tensorflow-cpu", "tensorflow"));
    assert_eq!(listed(tensorflow), ["2.8.4", "2.10.1", "2.12.1", "2.15.1", "2.16.2", "2.18.1", "2.20.0"]);
    assert_eq!((&matrix.python, matrix.dependencies), (&PythonChoice::Auto, Dependencies::Release));
    let baseline = matrix.baseline.unwrap();
    assert_eq!(baseline.versions.iter().map(ToString::to_string).collect::<Vec<_>>(), ["1.26.4", "2.15.1"]);
    assert_eq!(matrix.exclude[0].reason.as_deref(), Some("no common interpreter"));
    assert!(matches!(&matrix.exclude[0].ranges[1], (1, ExcludeRange::Specifiers(range)) if range.to_string() == "<2.10"));
    assert_eq!(matrix.include[0].versions[0].to_string(), "2.4.6");
    assert!(matrix.cells.is_none());
    assert_eq!(matrix.scenarios, [PathBuf::from("scenarios")]);
    assert_eq!(matrix.tolerance, Tolerances::default());
    assert_eq!((matrix.repeats, &matrix.limits, matrix.engine), (2, &Limits::default(), EngineChoice::Auto));
    assert_eq!(matrix.docker, DockerSettings::default());
    assert_eq!(matrix.env["OMP_NUM_THREADS"], "1");
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_contract() {
    let matrix = parse("axes: {scikit-learn: {import: sklearn, versions: [1.5.0]}}");
    assert_eq!((matrix.repeats, matrix.limits, matrix.engine), (2, Limits::default(), EngineChoice::Auto));
    assert_eq!((matrix.axes[0].package.as_str(), matrix.axes[0].every), ("scikit-learn", Every::Minor));
    assert_eq!(matrix.scenarios, [PathBuf::from("scenarios")]);
    assert!(matrix.baseline.is_none() && matrix.exclude.is_empty() && matrix.include.is_empty() && matrix.env.is_empty());
}

#[test]
fn ten_mistakes_are_ten_problems_in_the_order_of_the_file() {
    let problems = problems(
        r#"axes:
  numpy: 1.20
  tensorflow: [2.15.1, 2.15.l, 2.15.1]
pyton: "3.11"
baseline: {numpy: 1.26.4, tensorflw: 2.15.1, tensorflow: 2.15.1}
exclude:
  - {numpy: "=>2", reason: [no, wheel]}
tolerance: {flaot32: {rtol: -1}}
repeats: 0
limits: {timeout: 120 parsecs}
engine: dokcer
"#,
    );
    assert_eq!(problems.len(), 11);
    assert_snapshot!(problems, @r#"
    error: matrix.yaml: `1.20` is neither a list nor a range
     --> matrix.yaml:2:10
      |
    2 |   numpy: 1.20
      |          ^^^^
    help: `numpy: [1.20]` is this version alone, `numpy: ">=1.20,<1.21"` a range

    error: matrix.yaml: `2.15.l` is not a version
     --> matrix.yaml:3:24
      |
    3 |   tensorflow: [2.15.1, 2.15.l, 2.15.1]
      |                        ^^^^^^
    help: versions are written like `1.26.4` or `2.0.0rc1` (PEP 440)

    error: matrix.yaml: the version `2.15.1` appears twice
     --> matrix.yaml:3:32
      |
    3 |   tensorflow: [2.15.1, 2.15.l, 2.15.1]
      |                                ^^^^^^
    help: leave one of them out

    error: matrix.yaml: unknown key `pyton`
     --> matrix.yaml:4:1
      |
    4 | pyton: "3.11"
      | ^^^^^
    help: did you mean `python`?

    error: matrix.yaml: unknown key `tensorflw`
     --> matrix.yaml:5:27
      |
    5 | baseline: {numpy: 1.26.4, tensorflw: 2.15.1, tensorflow: 2.15.1}
      |                           ^^^^^^^^^
    help: did you mean `tensorflow`?

    error: matrix.yaml: `=>2` is not a version range
     --> matrix.yaml:7:13
      |
    7 |   - {numpy: "=>2", reason: [no, wheel]}
      |             ^^^^^
    help: ranges are written like `">=1.21,<2"` (PEP 440)

    error: matrix.yaml: `reason` takes one value, not a list
     --> matrix.yaml:7:28
      |
    7 |   - {numpy: "=>2", reason: [no, wheel]}
      |                            ^^^^^^^^^^^
    help: a sentence

    error: matrix.yaml: unknown dtype `flaot32`
     --> matrix.yaml:8:13
      |
    8 | tolerance: {flaot32: {rtol: -1}}
      |             ^^^^^^^
    help: did you mean `float32`?

    error: matrix.yaml: `repeats` can't be `0`
     --> matrix.yaml:9:10
      |
    9 | repeats: 0
      |          ^
    help: a whole number, at least 1

    error: matrix.yaml: `timeout` can't be `120 parsecs`
      --> matrix.yaml:10:19
       |
    10 | limits: {timeout: 120 parsecs}
       |                   ^^^^^^^^^^^
    help: a time span with its unit: `500ms`, `120s`, `2m`, `1h` or `7d`

    error: matrix.yaml: `engine` can't be `dokcer`
      --> matrix.yaml:11:9
       |
    11 | engine: dokcer
       |         ^^^^^^
    help: did you mean `docker`?
    "#);
}

#[test]
fn text_that_is_not_yaml_is_one_problem_at_its_place() {
    assert_snapshot!(problems("axes:\n  numpy: [1.20\nengine: auto\n"), @r#"
    error: matrix.yaml: not valid YAML: illegal placement of ':' indicator
     --> matrix.yaml:3:7
      |
    3 | engine: auto
      |       ^
    "#);
    assert_snapshot!(brief("axes:\n\tnumpy: [1.20]\n"), @"2:2 not valid YAML: tabs disallowed within this context (block indentation) | YAML is indented with blanks, never with tabs");
    assert_snapshot!(brief("axes: {numpy: *nowhere}"), @"1:15 not valid YAML: while parsing node, found unknown anchor | -");
}

#[test]
fn a_file_that_is_no_map_says_how_one_begins() {
    assert_snapshot!(problems(""), @r#"
    error: matrix.yaml: the file is empty
     --> matrix.yaml:1:1
      |
    1 |
      | ^
    help: run `skew init` to write an example, or name the packages under `axes:`
    "#);
    assert_snapshot!(brief("# only a comment\n"), @"1:1 the file is empty | run `skew init` to write an example, or name the packages under `axes:`");
    assert_snapshot!(brief("- numpy\n"), @"1:1 the file takes a map, not a list | it begins with `axes:`");
    assert_snapshot!(brief("engine: auto\n"), @"1:1 the key `axes` is missing | name the packages and versions: `axes: {PACKAGE: [VERSION, …]}`");
    assert_snapshot!(brief("axes: {}\n"), @"1:7 `axes` names no package | each package with its versions: `axes: {PACKAGE: [VERSION, …]}`");
    assert_snapshot!(brief("axes: {numpy: [1.20]}\n---\naxes: {}\n"), @"2:1 a second YAML document begins here | one file is one matrix; remove the line `---`");
}

#[test]
fn unknown_keys_are_found_on_every_level() {
    assert_snapshot!(brief(
        "axes: {a: {version: [1], versions: [1]}, b: [1]}
docker: {img: x}
limits: {cpu: 1}
exclude: [{c: 1, because: x}]
include: [{a: 1, b: 1, pyhton: 3.11}]
tolerance: {float32: {tol: 1}}
max_agee: 1d
"), @r#"
    1:12 unknown key `version` | did you mean `versions`?
    2:10 unknown key `img` | known keys: image, network
    3:10 unknown key `cpu` | did you mean `cpus`?
    4:12 unknown key `c` | known keys: a, b, python, reason
    4:18 unknown key `because` | known keys: a, b, python, reason
    5:24 unknown key `pyhton` | did you mean `python`?
    6:23 unknown key `tol` | did you mean `rtol`?
    7:1 unknown key `max_agee` | did you mean `max_age`?
    "#);
}

#[test]
fn a_key_that_appears_twice_names_the_first() {
    assert_snapshot!(problems("axes:\n  a: [1]\n  a: [2]\n"), @r#"
    error: matrix.yaml: the key `a` appears twice
     --> matrix.yaml:3:3
      |
    3 |   a: [2]
      |   ^
    help: its first value stands on line 2
    "#);
}

#[test]
fn a_wrong_shape_is_told_with_the_right_one() {
    assert_snapshot!(brief("axes: [a]"), @"1:7 `axes` takes a map, not a list | each package with its versions: `axes: {PACKAGE: [VERSION, …]}`");
    assert_snapshot!(brief(
        "axes: {a: [1], b: [[1]], c: {versions: {x: 1}}}
scenarios: scenarios
exclude: {a: 1}
cells: 3
env: [A=1]
limits: 4GiB
tolerance: {float32: 1.0e-5}
baseline: a-1+b-1
repeats: [2]
python: {min: 3}
"), @r#"
    1:20 a version takes one value, not a list | a single version, such as `1.26.4`
    1:40 `versions` takes a list or a range | `versions: [VERSION, …]`
    2:12 `scenarios` takes a list, not `scenarios` | `scenarios: [scenarios]`
    3:10 `exclude` takes a list, not a map | `exclude: [{PACKAGE: ">=2", reason: "why"}]`
    4:8 `cells` takes a list, not `3` | `cells: [{a: VERSION, b: VERSION, c: VERSION}]`
    5:6 `env` takes a map, not a list | `env: {NAME: "value"}`
    6:9 `limits` takes a map, not `4GiB` | `limits: {timeout: 120s, memory: 4GiB}`
    7:22 the tolerance of `float32` takes a map, not `1.0e-5` | `float32: {rtol: 1.0e-5, atol: 1.0e-6}`
    8:11 `baseline` takes a map, not `a-1+b-1` | a version for each axis: `{a: VERSION, b: VERSION, c: VERSION}`
    9:10 `repeats` takes one value, not a list | a whole number, at least 1
    10:9 `python` takes one value, not a map | `auto`, a minor series such as `"3.11"`, or a list of them
    "#);
}

#[test]
fn a_key_without_a_value_is_empty_or_a_problem() {
    let matrix = parse("axes: {a: [1]}\nexclude:\ninclude: ~\nenv:\nlimits:\ndocker:\ntolerance:\n");
    assert_eq!(matrix.limits, Limits::default());
    assert_snapshot!(brief("axes: {a: [1], b: }\ncells:\nscenarios:\nbaseline:\nengine:\n"), @r#"
    1:16 `b` has no versions | `b: [VERSION, …]`, or a range: `b: ">=1.21"`
    2:1 `cells` has no value | `cells: [{a: VERSION, b: VERSION}]`
    3:1 `scenarios` has no value | `scenarios: [scenarios]`
    4:1 `baseline` has no value | a version for each axis: `{a: VERSION, b: VERSION}`
    5:1 `engine` has no value | it is `docker`, `local`, `kubernetes` or `auto`
    "#);
    assert_snapshot!(brief("axes:\n"), @"1:1 `axes` has no value | each package with its versions: `axes: {PACKAGE: [VERSION, …]}`");
}

#[test]
fn a_bare_version_shows_both_right_spellings() {
    assert_snapshot!(problems("axes:\n  numpy: 1.20\n"), @r#"
    error: matrix.yaml: `1.20` is neither a list nor a range
     --> matrix.yaml:2:10
      |
    2 |   numpy: 1.20
      |          ^^^^
    help: `numpy: [1.20]` is this version alone, `numpy: ">=1.20,<1.21"` a range
    "#);
    assert_snapshot!(brief("axes: {a: \"1.20.3\", b: {versions: 2}, c: none}"), @r#"
    1:11 `1.20.3` is neither a list nor a range | `a: [1.20.3]` is this version alone, `a: ">=1.20,<1.21"` a range
    1:35 `2` is neither a list nor a range | `versions: [2]` is this version alone, `versions: ">=2,<3"` a range
    1:42 `none` stands in a list | `c: [none]`
    "#);
}

#[test]
fn versions_and_ranges_follow_pep_440() {
    assert_eq!(
        listed(&parse("axes: {a: [1.20, '2.0rc1', none, 1.10.0, 2, 1!3.0]}").axes[0]),
        ["1.20", "2.0rc1", "none", "1.10.0", "2", "1!3.0"]
    );
    assert_snapshot!(brief(
        "axes:
  a: [1.20, 1.20.0, \">=2\", 2.0.*, latest, None, ~]
  b: \"^1.2\"
  c: 1.*
  d: \"\"
"), @r#"
    2:13 `1.20` and `1.20.0` are the same version | leave one of them out
    2:21 `>=2` is a range, not a version | write the range instead of the list
    2:28 `2.0.*` is a range, not a version | write the range instead of the list: `"==2.0.*"`
    2:35 `latest` is not a version | versions are written like `1.26.4` or `2.0.0rc1` (PEP 440)
    2:43 `None` is not a version | did you mean `none`?
    2:49 a version is missing | to leave a package uninstalled, write `none`
    3:6 `^1.2` is not a version range | ranges are written like `">=1.21,<2"` (PEP 440)
    4:6 `1.*` is not a version range | did you mean `"==1.*"`?
    5:6 `""` is not a version range | ranges are written like `">=1.21,<2"` (PEP 440)
    "#);
}

#[test]
fn reading_says_what_to_do_about_a_missing_file() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Matrix::read(&folder.path().join("matrix.yaml")).unwrap_err();
    assert_eq!(missing.hint(), Some("run `skew init` to write one, or name another with `--file`"));
    let path = folder.path().join("latin1.yaml");
    std::fs::write(&path, b"axes:\n  n\xe4me: [1]\n").unwrap();
    let ReadError::Problems(problems) = Matrix::read(&path).unwrap_err() else { panic!("it can be read") };
    let problem = problems.iter().next().unwrap();
    assert_eq!((problem.place, problem.message.as_str()), (Place { line: 2, column: 4 }, "this byte is not UTF-8"));
}

#[test]
fn colour_comes_only_when_asked_for() {
    let problems = problems("axes: 1");
    assert!(problems.render(true).contains('\u{1b}'));
    assert!(!problems.render(false).contains('\u{1b}'));
    assert_eq!(problems.to_string(), problems.render(false).trim_end());
}

#[test]
fn a_later_stage_reports_at_a_place_of_the_same_file() {
    let matrix = parse("axes:\n  numpy: [1.20, 9.9]\n");
    let problem = Problem { place: matrix.axes[0].place, length: 5, message: "there is no `numpy` 9.9".to_owned(), help: None };
    assert_snapshot!(matrix.problems(vec![problem]), @r#"
    error: matrix.yaml: there is no `numpy` 9.9
     --> matrix.yaml:2:10
      |
    2 |   numpy: [1.20, 9.9]
      |          ^^^^^
    "#);
}

#[test]
fn an_unreleased_version_is_a_wheel_or_the_newest_of_an_index() {
    let matrix = parse(
        "axes:\n  a: [1.0, {wheel: dist/*.whl}, {index: \"https://n.example/simple\", pre: true}]\n  b: {wheel: b-*.whl}\n  \
         c: {versions: {index: \"http://n.example/s/\"}, pre: false}\n  d: {versions: \">=1\", pre: true, yanked: true}\nbaseline: {a: 2.0, b: 1, c: 1, d: 1}\n",
    );
    let sources = |axis: usize| {
        let sources = matrix.axes[axis].unreleased.iter();
        sources.map(|one| format!("{}:{} {:?}", one.place.line, one.place.column, one.source)).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(listed(&matrix.axes[0]), ["1.0"]);
    assert_eq!(sources(0), "2:12 Wheel(\"dist/*.whl\"); 2:33 Index { location: Location(https://n.example/simple), pre: true }");
    assert_eq!(sources(1), "3:6 Wheel(\"b-*.whl\")");
    assert_eq!(sources(2), "4:17 Index { location: Location(http://n.example/s), pre: false }");
    assert!(matrix.axes[3].pre && matrix.axes[3].yanked && matrix.axes[3].unreleased.is_empty());
}

#[test]
fn mistakes_in_unreleased_versions_are_told_together() {
    assert_snapshot!(brief(
        "axes:\n  a:\n    - {wheel: dist}\n    - {wheel: dist/*.whl, pre: true}\n    - {wheel: \"[.whl\"}\n    - {whel: x.whl}\n    - {}\n    \
         - {index: nightly, pre: maybe}\n    - {index: \"https://me:secret@n.example\"}\n    - {wheel: a.whl, index: \"https://n.example\"}\n    \
         - {wheel: b.whl}\n    - {wheel: b.whl}\ninclude: [{a: {wheel: c.whl}}]\n"
    ));
}
