//! Which files are scenarios, and what their headers may say.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::matrix::{AxisVersion, PythonVersion, Tolerance};

fn matrix_at(folder: &Path, more: &str) -> Matrix {
    let text = format!("axes: {{numpy: [1.26.4, 2.0.2], tensorflow: [none, 2.18.1]}}\n{more}");
    Matrix::parse(&folder.join("matrix.yaml"), &text).unwrap()
}

fn collect_from(files: &[(&str, &str)], more: &str) -> Result<Vec<Scenario>, ScenarioError> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    collect(&matrix_at(folder.path(), more))
}

fn header(text: &str) -> Header {
    collect_from(&[("scenarios/a.py", text)], "").unwrap_or_else(|error| panic!("{error}")).remove(0).header
}

fn problems(text: &str) -> String {
    collect_from(&[("scenarios/a.py", text)], "").unwrap_err().render(false)
}

/// The same, in a header of one line.
fn problem(line: &str) -> String {
    problems(&format!("# /// skew\n# {line}\n# ///\n"))
}

fn holds(when: &str, numpy: &str, tensorflow: &str, python: &str) -> bool {
    let version = |text: &str| if text == "none" { AxisVersion::None } else { AxisVersion::Release(text.parse().unwrap()) };
    let versions = BTreeMap::from([("numpy".to_owned(), version(numpy)), ("tensorflow".to_owned(), version(tensorflow))]);
    let when = When::parse(when, &["numpy", "tensorflow"]).unwrap_or_else(|error| panic!("{error:?}"));
    when.holds(&versions, python.parse().unwrap())
}

fn when_error(when: &str) -> String {
    let error = When::parse(when, &["numpy", "tensorflow"]).unwrap_err();
    format!("{:?} {} | {}", error.span, error.message, error.help.as_deref().unwrap_or("-"))
}

#[test]
fn scenarios_are_python_files_below_the_folders_sorted_by_name() {
    let files = [
        ("scenarios/b.py", ""),
        ("scenarios/cast/int8.py", "x = 1\n"),
        ("scenarios/B.py", ""),
        ("scenarios/_shared.py", ""),
        ("scenarios/.hidden.py", ""),
        ("scenarios/__pycache__/b.py", ""),
        ("scenarios/data.json", ""),
        ("more/deep/a.py", ""),
        ("one/single.py", ""),
        ("one/other.py", ""),
    ];
    let found = collect_from(&files, "scenarios: [scenarios, ./more/deep, one/single.py]").unwrap();
    let named: Vec<_> = found.iter().map(|scenario| format!("{} {}", scenario.name, scenario.path)).collect();
    assert_eq!(
        named,
        ["B scenarios/B.py", "a more/deep/a.py", "b scenarios/b.py", "cast/int8 scenarios/cast/int8.py", "single one/single.py"]
    );
    assert_eq!(found[3].source, "x = 1\n");
    assert_eq!(found[3].digest, blake3::hash(b"x = 1\n").to_hex().as_str());
    assert_eq!(found[3].header, Header::default());
}

#[test]
fn one_name_in_two_folders_names_both_files() {
    let error = collect_from(&[("a/x.py", ""), ("b/x.py", "")], "scenarios: [b, a]").unwrap_err();
    assert_snapshot!(error, @"the scenario `x` is there twice: a/x.py and b/x.py");
}

#[test]
fn no_scenarios_is_an_error_that_says_where_was_looked() {
    let error = collect_from(&[("scenarios/_a.py", "")], "").unwrap_err();
    assert!(matches!(&error, ScenarioError::NoneFound { looked } if looked[0].ends_with("scenarios")));
    let error = collect_from(&[], "").unwrap_err();
    assert!(matches!(&error, ScenarioError::MissingFolder { path } if path.ends_with("scenarios")));
    assert!(error.render(false).contains("help: make it"));
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_above_ends_the_search_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("scenarios")).unwrap();
    fs::write(folder.path().join("scenarios/a.py"), "").unwrap();
    std::os::unix::fs::symlink(folder.path().join("scenarios"), folder.path().join("scenarios/loop")).unwrap();
    assert_eq!(collect(&matrix_at(folder.path(), "")).unwrap().len(), 1);
}

#[test]
fn a_source_that_is_not_utf_8_is_a_problem_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("scenarios")).unwrap();
    fs::write(folder.path().join("scenarios/a.py"), b"x = 1\ny = '\xff'\n").unwrap();
    assert_snapshot!(collect(&matrix_at(folder.path(), "")).unwrap_err(), @r#"
    error: scenarios/a.py: this byte is not UTF-8
     --> scenarios/a.py:2:6
      |
    2 | y = '�'
      |      ^
    help: save the file in the encoding UTF-8
    "#);
}

#[test]
fn a_header_says_what_the_scenario_asks_for() {
    let text = r#""""A scenario."""
# /// skew
# timeout = "90s"
# repeats = 3
# fork = false
# when = "tensorflow >= 2.4"
# links = ["https://example.org/a"]
#
# [tolerance]
# float32 = {rtol = 1e-3}
# ulp = 2
# [env]
# TF_ENABLE_ONEDNN_OPTS = 0
# ///
# a comment behind it
x = 1
"#;
    let header = header(text);
    assert_eq!((header.timeout, header.repeats, header.fork), (Some(Duration::from_secs(90)), Some(3), Some(false)));
    assert_eq!(header.when.unwrap().to_string(), "tensorflow >= 2.4");
    assert_eq!(header.links, ["https://example.org/a"]);
    let tolerance = header.tolerance.unwrap();
    assert_eq!((tolerance.of("float32"), tolerance.ulp), (Tolerance { rtol: 1e-3, atol: 1e-5 }, 2));
    assert_eq!(header.env["TF_ENABLE_ONEDNN_OPTS"], "0");
}

#[test]
fn a_timeout_may_be_seconds_and_windows_line_ends_do_no_harm() {
    assert_eq!(header("# /// skew\r\n# timeout = 90\r\n# ///\r\nx = 1\r\n").timeout, Some(Duration::from_secs(90)));
    assert_eq!(
        header("# /// script\n# dependencies = []\n# ///\n# /// skew\n# timeout = 1.5\n# ///\n").timeout,
        Some(Duration::from_millis(1500))
    );
}

#[test]
fn all_mistakes_of_a_header_are_shown_in_their_lines() {
    assert_snapshot!(problems(
        r#"import numpy
# /// skew
# timout = "90s"
# timeout = "90 parsecs"
# fork = "no"
# when = "numpy >= 2 and tensroflow < 2.4"
# links = ["javascript:alert(1)"]
# tolerance = {float31 = {rtol = 1}}
#
# [env]
# "ä" = [1]
# ///
"#
    ), @r#"
    error: scenarios/a.py: unknown key `timout`
     --> scenarios/a.py:3:3
      |
    3 | # timout = "90s"
      |   ^^^^^^
    help: did you mean `timeout`?

    error: scenarios/a.py: `timeout` can't be `90 parsecs`
     --> scenarios/a.py:4:13
      |
    4 | # timeout = "90 parsecs"
      |             ^^^^^^^^^^^^
    help: a time span with its unit: `500ms`, `120s`, `2m`, `1h` or `7d`

    error: scenarios/a.py: `fork` is text
     --> scenarios/a.py:5:10
      |
    5 | # fork = "no"
      |          ^^^^
    help: write `true` or `false` without quotes

    error: scenarios/a.py: unknown axis `tensroflow`
     --> scenarios/a.py:6:26
      |
    6 | # when = "numpy >= 2 and tensroflow < 2.4"
      |                          ^^^^^^^^^^
    help: did you mean `tensorflow`?

    error: scenarios/a.py: `javascript:alert(1)` is not a link
     --> scenarios/a.py:7:12
      |
    7 | # links = ["javascript:alert(1)"]
      |            ^^^^^^^^^^^^^^^^^^^^^
    help: a URL that begins with `https://` or `http://`

    error: scenarios/a.py: unknown dtype `float31`
     --> scenarios/a.py:8:16
      |
    8 | # tolerance = {float31 = {rtol = 1}}
      |                ^^^^^^^
    help: did you mean `float32`?

    error: scenarios/a.py: the variable `ä` takes one value, not a list
      --> scenarios/a.py:11:9
       |
    11 | # "ä" = [1]
       |         ^^^
    help: for an empty value write `""`
    "#);
}

#[test]
fn a_header_that_is_not_toml_is_a_problem_at_its_place() {
    assert_snapshot!(problem("timeout = soon"), @r#"
    error: scenarios/a.py: not valid TOML: string values must be quoted, expected literal string
     --> scenarios/a.py:2:13
      |
    2 | # timeout = soon
      |             ^^^^
    "#);
    assert_snapshot!(problem("fork = true\n# fork = true"), @r#"
    error: scenarios/a.py: not valid TOML: duplicate key
     --> scenarios/a.py:3:3
      |
    3 | # fork = true
      |   ^^^^
    "#);
    assert_snapshot!(problems("# /// skew\n# repeats = 2\nx = 1\n"), @r#"
    error: scenarios/a.py: this header has no end
     --> scenarios/a.py:1:1
      |
    1 | # /// skew
      | ^^^^^^^^^^
    help: close it with the line `# ///`, right below its last comment line
    "#);
    assert_snapshot!(problems("# /// skew\n# ///\n# /// skew\n# ///\n"), @r#"
    error: scenarios/a.py: a second header begins here
     --> scenarios/a.py:3:1
      |
    3 | # /// skew
      | ^^^^^^^^^^
    help: one scenario has one header: put all keys into the first
    "#);
}

#[test]
fn the_problems_of_all_files_come_at_once() {
    let error = collect_from(&[("scenarios/a.py", "# /// skew\n# a = 1\n# ///\n"), ("scenarios/b.py", "# /// skew\n")], "").unwrap_err();
    assert!(matches!(&error, ScenarioError::Problems(files) if files.len() == 2));
    assert!(error.to_string().contains("scenarios/a.py:2:3") && error.to_string().contains("scenarios/b.py:1:1"));
}

#[test]
fn conditions_compare_versions_by_pep_440() {
    assert!(holds("tensorflow >= 2.4", "1.20", "2.18.1", "3.11"));
    assert!(holds("tensorflow>=2.4", "1.20", "2.4", "3.11"));
    assert!(!holds("numpy >= 2 and python < \"3.12\"", "2.0.2", "none", "3.12"));
    assert!(holds("numpy >= 2 and python < '3.12'", "2.0.2", "none", "3.9"));
    assert!(holds("python >= 3.9, < 3.11", "2.0.2", "none", "3.10"));
    assert!(!holds("numpy >= 1.20, < 1.22, python > 3.9", "1.21", "none", "3.9"));
    assert!(holds("numpy == 1.26.*", "1.26.4", "none", "3.9"));
    assert!(holds("numpy ~= 1.20", "1.26.4", "none", "3.9"));
    assert!(!holds("tensorflow >= 2.16", "1.26.4", "2.16.0rc0", "3.9"));
}

#[test]
fn conditions_join_not_before_and_before_or() {
    assert!(holds("numpy < 1 and numpy < 2 or numpy > 1", "2.0", "none", "3.9"));
    assert!(!holds("numpy < 1 and (numpy < 2 or numpy > 1)", "2.0", "none", "3.9"));
    assert!(holds("not numpy < 1 and numpy >= 2", "2.0", "none", "3.9"));
    assert!(!holds("not (numpy < 1 or numpy >= 2)", "2.0", "none", "3.9"));
}

#[test]
fn of_what_is_not_installed_only_none_is_true() {
    assert!(holds("tensorflow == none", "2.0", "none", "3.9"));
    assert!(!holds("tensorflow != none", "2.0", "none", "3.9"));
    assert!(!holds("tensorflow == none", "2.0", "2.18", "3.9"));
    for comparison in ["tensorflow != 2.4", "tensorflow < 2.4", "tensorflow >= 2.4", "tensorflow == 2.4"] {
        assert!(!holds(comparison, "2.0", "none", "3.9"), "{comparison}");
    }
    assert!(holds("not tensorflow >= 2.4", "2.0", "none", "3.9"));
}

#[test]
fn a_wrong_condition_is_told_where() {
    let wrong = [
        "",
        "numpy",
        "numpy >=",
        "numpy >= 2 tensorflow",
        "tensorflw >= 2",
        "torch >= 2",
        "numpy = 2",
        "numpy >= two",
        "numpy >= none",
        "python == none",
        "python >= 3.11.4",
        "(numpy > 2",
        "numpy > 2)",
        "numpy >= \"2",
        "and",
        "numpy >= 2 &",
        "numpy > 2.*",
        "python",
    ];
    let told: Vec<_> = wrong.iter().map(|when| when_error(when)).collect();
    assert_snapshot!(told.join("\n"), @r#"
    0..0 the condition ends where the name of an axis is missing | -
    5..5 the condition ends where a comparison such as `>= 2.4` is missing | for any installed version write `numpy != none`
    8..8 the condition ends where a version is missing | -
    11..21 here `and` or `or` is missing, before `tensorflow` | -
    0..9 unknown axis `tensorflw` | did you mean `tensorflow`?
    0..5 unknown axis `torch` | known names: numpy, tensorflow, python
    6..7 `=` has no meaning here | did you mean `==`?
    6..12 `>= two` is not a version specifier | specifiers are written like `>= 2.4` or `== 2.*` (PEP 440)
    6..13 `none` has no order | compare it with `==` or `!=`
    7..14 `python` is never `none` | -
    7..16 `3.11.4` is a single release of Python | cells know its minor series, such as `3.11`
    10..10 the condition ends where `)` is missing | -
    9..10 here `and` or `or` is missing, before `)` | -
    9..11 this quote is not closed | -
    0..3 here the name of an axis is missing, before `and` | -
    11..12 `&` has no meaning here | -
    6..11 `> 2.*` is not a version specifier | specifiers are written like `>= 2.4` or `== 2.*` (PEP 440)
    6..6 the condition ends where a comparison such as `>= 2.4` is missing | -
    "#);
    assert!(when_error(&"(".repeat(100_000)).contains("deeper than 32"));
    assert!(when_error(&"not ".repeat(100_000)).contains("deeper than 32"));
}

proptest! {
    #[test]
    fn no_condition_makes_the_parser_panic(text in "(numpy|python|and|or|not|none|[<>=!~]{1,3}|[0-9.*]{1,4}|[(), '\"äü&-]){0,30}") {
        if let Ok(when) = When::parse(&text, &["numpy"]) {
            when.holds(&BTreeMap::new(), PythonVersion::new(3, 11));
        }
    }

    #[test]
    fn no_source_makes_the_header_panic(text in "(# ?/// ?(skew)?|[#\r\n]|# (when|env|timeout|tolerance) = |[\"'{}\\[\\]=.,0-9a-z]|\\\\u00e4|ä| ){0,40}") {
        let matrix = matrix_at(Path::new(""), "");
        for text in [text.clone(), format!("# /// skew\n{text}\n# ///\n")] {
            if let Err(problems) = header::read(Path::new("a.py"), &text, &matrix) {
                problems.render(true);
            }
        }
    }
}
