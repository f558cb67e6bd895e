//! What the values of each key may be.

use insta::assert_snapshot;
use pep440_rs::Version;

use super::{super::*, brief, parse};

#[test]
fn axes_are_one_to_four_installable_importable_packages() {
    assert_snapshot!(brief("axes: {a: [1], b: [1], c: [1], d: [1], e: [1]}"), @"1:40 5 axes, and at most 4 are possible | leave out one");
    assert_snapshot!(brief("axes: {python: [3.11], reason: [1], 'a b': [1], scikit-learn: [1.5]}"), @r#"
    1:8 `python` is not an axis like the others | remove it here, and list interpreters under the key `python`: `python: ["3.10", "3.11"]`
    1:24 an axis can't be named `reason` | give it another name, and say what is installed: `{package: …, import: …, versions: …}`
    1:37 `a b` is not a package name | it is made of letters, digits, `-`, `_` and `.`
    1:49 `scikit-learn` can't be imported under this name | say what is: `scikit-learn: {import: MODULE, versions: …}`
    "#);
    assert_snapshot!(brief("axes: {'': [1], a: {package: '', versions: [1]}}"), @r#"
    1:8 `""` is not a package name | it is made of letters, digits, `-`, `_` and `.`
    1:30 `""` is not a package name | the name alone, without version and extras
    "#);
    assert_snapshot!(brief("axes: {tf: {package: TensorFlow, versions: [2.15.1]}, tensorflow: [2.16.1], c: {package: 'x[y]', import: 'a-b', every: moth, versions: [1]}}"), @r#"
    1:55 the axes `tf` and `tensorflow` are the same package, `tensorflow` | one environment holds one version of a package: leave one of them out
    1:90 `x[y]` is not a package name | the name alone, without version and extras
    1:106 `a-b` is not a module name | what stands behind `import` in Python
    1:120 `every` can't be `moth` | it is `minor`, `patch` or `major`
    "#);
}

#[test]
fn python_is_auto_one_series_or_a_list() {
    let python = |text: &str| parse(&format!("axes: {{a: [1]}}\npython: {text}")).python;
    assert_eq!(python("auto"), PythonChoice::Auto);
    assert_eq!(python("3.10"), PythonChoice::One(PythonVersion::new(3, 10)));
    assert_eq!(python("\"3.11\""), PythonChoice::One(PythonVersion::new(3, 11)));
    assert_eq!(python("[3.10, 3.9]"), PythonChoice::Axis(vec![PythonVersion::new(3, 10), PythonVersion::new(3, 9)]));
    for (text, line) in
        [("3.6", "Python `3.6` is not supported"), ("3.11.4", "`3.11.4` is a single release of Python"), ("atuo", "can't be `atuo`")]
    {
        let brief = brief(&format!("axes: {{a: [1]}}\npython: {text}"));
        assert!(brief.contains(line), "{brief}");
    }
    assert_snapshot!(brief("axes: {a: [1]}\npython: [3.11, 3.11, 2.7, auto]"), @r#"
    2:16 the version `3.11` appears twice | leave one of them out
    2:22 Python `2.7` is not supported | supported are 3.7, 3.8, 3.9, 3.10, 3.11, 3.12, 3.13, 3.14
    2:27 `auto` is not a version of Python | supported are 3.7, 3.8, 3.9, 3.10, 3.11, 3.12, 3.13, 3.14
    "#);
}

#[test]
fn dependencies_are_a_word_or_a_day() {
    let dependencies = |text: &str| parse(&format!("axes: {{a: [1]}}\ndependencies: {text}")).dependencies;
    assert_eq!(dependencies("today"), Dependencies::Today);
    assert_eq!(dependencies("2024-01-31"), Dependencies::Date(jiff::civil::date(2024, 1, 31)));
    assert_snapshot!(brief("axes: {a: [1]}\ndependencies: 2024-02-31"), @"2:15 `dependencies` can't be `2024-02-31` | it is `release`, `today` or a date such as `2024-01-31`");
    assert_snapshot!(brief("axes: {a: [1]}\ndependencies: relaese"), @"2:15 `dependencies` can't be `relaese` | did you mean `release`?");
}

#[test]
fn cells_name_one_version_of_every_axis() {
    let matrix =
        parse("axes: {a: [1.20, none], b: '>=1'}\ncells: [{a: 1.20.0, b: 2, python: 3.10, dependencies: 2024-09-01}, {a: none, b: 3}]");
    let cells = matrix.cells.unwrap();
    assert_eq!(cells[0].versions[1], AxisVersion::Release(Version::new([2])));
    assert_eq!((cells[0].python, cells[1].versions[0].release()), (Some(PythonVersion::new(3, 10)), None));
    assert_snapshot!(brief(
        "axes: {a: [1.26.4, 2.0.2], b: '>=1,<3'}
cells:
  - {a: 1.26.3, b: 1}
  - {a: 2.0.2}
  - {a: 2.0.2, b: 3}
  - {a: 2.0.2, b: '>=2'}
  - {a: 2.0.2, b: 2}
  - {a: 2.0.2, b: 2.0}
"), @r#"
    3:9 `1.26.3` is not on the axis `a` | the nearest on the axis is `1.26.4`; add `1.26.3` there if it is meant
    4:5 the entry of `cells` names no version of `b` | add `b: VERSION`, or `b: none` for not installed
    5:19 `3` is not on the axis `b` | the axis is `>=1, <3`; cells outside it are named under `include`
    6:19 `>=2` is a range, not a version | name a single version here
    8:5 the same cell appears twice | the first one stands on line 7
    "#);
    assert_snapshot!(brief("axes: {a: [1]}\ncells: []"), @"2:8 `cells` names no cell | leave the key out to run the whole product");
}

#[test]
fn the_baseline_is_on_the_axes_or_in_an_included_cell() {
    parse("axes: {a: [1], b: [1]}\ninclude: [{a: 2, b: 1}]\nbaseline: {a: 2, b: 1, python: 3.11}");
    assert_snapshot!(brief("axes: {a: [1], b: [1]}\nbaseline: {a: 2, b: 1}"), @"2:15 `2` is not on the axis `a` | the nearest on the axis is `1`; add `2` there if it is meant");
}

#[test]
fn exclusions_are_ranges_versions_or_none() {
    let matrix = parse("axes: {a: [1], b: [1]}\nexclude: [{a: 1.20, b: none, python: 3.10}, {python: '<3.9', reason: 5 reasons}]");
    assert!(matches!(&matrix.exclude[0].ranges[0], (0, ExcludeRange::Specifiers(range)) if range.to_string() == "==1.20"));
    assert!(matches!(&matrix.exclude[0].ranges[1], (1, ExcludeRange::None)));
    assert_eq!(matrix.exclude[0].python.as_ref().unwrap().to_string(), "==3.10");
    assert_eq!(matrix.exclude[1].reason.as_deref(), Some("5 reasons"));
    assert_snapshot!(brief("axes: {a: [1], b: [1]}\nexclude: [{reason: all}, {a: [1, 2]}, {a: 1.*, reason: {x: 1}}, {python: 3.5}, {python: '<3.9.1'}]"), @r#"
    2:11 this would exclude every cell | name the axis it is about
    2:30 the axis `a` takes one value, not a list | a version, a range or `none`; several need an entry each
    2:43 `1.*` is not a version range | did you mean `"==1.*"`?
    2:56 `reason` takes one value, not a map | a sentence
    2:74 Python `3.5` is not supported | supported are 3.7, 3.8, 3.9, 3.10, 3.11, 3.12, 3.13, 3.14
    2:89 `<3.9.1` names a single release of Python | cells know its minor series, such as `3.11`
    "#);
}

#[test]
fn tolerances_stand_over_the_defaults() {
    let tolerance = parse("axes: {a: [1]}\ntolerance: {float32: {rtol: 1e-3}, int64: {atol: 1}, ulp: 4}").tolerance;
    assert_eq!(tolerance.of("float32"), Tolerance { rtol: 1e-3, atol: 1e-5 });
    assert_eq!(tolerance.of("int64"), Tolerance { rtol: 0.0, atol: 1.0 });
    assert_eq!((tolerance.of("float64"), tolerance.ulp), (Tolerance { rtol: 1e-7, atol: 1e-7 }, 4));
    assert_snapshot!(brief("axes: {a: [1]}\ntolerance: {float23: {}, float16: {rtol: .nan, atol: -1}, ulp: 1.5}"), @r#"
    2:13 unknown dtype `float23` | did you mean `float32`?
    2:42 `rtol` can't be `.nan` | a number, 0 or more, such as `1.0e-5`
    2:54 `atol` can't be `-1` | a number, 0 or more, such as `1.0e-5`
    2:64 `ulp` can't be `1.5` | a whole number, 0 or more
    "#);
}

#[test]
fn limits_have_units() {
    let limits = parse("axes: {a: [1]}\nlimits: {timeout: 500ms, memory: 1.5GiB, cpus: 0.5, pids: 64, output: 4kB}").limits;
    assert_eq!(limits, Limits { timeout: std::time::Duration::from_millis(500), memory: 3 << 29, cpus: 0.5, pids: 64, output: 4000 });
    assert_snapshot!(brief("axes: {a: [1]}\nlimits: {timeout: 0s, memory: 4g, cpus: -1, pids: 1.5, output: 1024}"), @r#"
    2:19 `timeout` can't be `0s` | a time span with its unit: `500ms`, `120s`, `2m`, `1h` or `7d`
    2:31 `memory` can't be `4g` | did you mean `4GiB`?
    2:41 `cpus` can't be `-1` | a number above 0, such as `1` or `0.5`
    2:51 `pids` can't be `1.5` | a whole number, at least 1
    2:64 `output` can't be `1024` | it needs a unit: `1024GiB`, `1024MiB` or `1024B`
    "#);
}

#[test]
fn settings_that_could_not_work_are_refused() {
    assert_snapshot!(brief(
        "axes: {a: [1]}
scenarios: [/tmp/x, ../shared, a, ./a/, '']
docker: {image: 'python:{pyhton}', network: ''}
env: {A: , 'B=C': x, D: 1.20}
repeats: 99999999999
"), @r#"
    2:13 `/tmp/x` is an absolute path | name it relative to this file
    2:35 `./a/` appears twice | leave one of them out
    2:41 `""` is not a path | for this file's own folder write `.`
    3:17 `python:{pyhton}` has an unknown placeholder | only `{python}` is replaced, by the minor series
    3:45 `network` is empty | the name of a network, or `none`
    4:7 the variable `A` has no value | for an empty value write `""`
    4:12 `B=C` can't name a variable | it has neither `=` nor a zero byte
    5:10 `repeats` can't be `99999999999` | a whole number, at least 1
    "#);
    let matrix = parse("axes: {a: [1]}\nenv: {D: 1.20, E: yes, F: ''}\nscenarios: [../shared, one.py]");
    assert_eq!((matrix.env["D"].as_str(), matrix.env["E"].as_str(), matrix.env["F"].as_str()), ("1.20", "yes", ""));
}

#[test]
fn where_in_a_cluster_cells_run_is_read_and_mistakes_are_told() {
    let settings = parse(
        "axes: {a: [1]}
kubernetes:
  namespace: skew
  node_selector: {pool: tests}
  tolerations: [{key: dedicated, operator: Equal, value: tests, effect: NoSchedule}, {operator: Exists}]
  parallelism: 50
  image: 'registry/python:{python}'
  pull_secrets: [registry]
  cache: {node: /var/cache/skew}
",
    )
    .kubernetes;
    assert_eq!((settings.namespace.as_deref(), settings.parallelism), (Some("skew"), 50));
    assert_eq!((settings.node_selector["pool"].as_str(), settings.tolerations.len()), ("tests", 2));
    assert_eq!(settings.cache, ClusterCache::Node("/var/cache/skew".to_owned()));
    assert_eq!(parse("axes: {a: [1]}\nkubernetes: {cache: none}\n").kubernetes, KubernetesSettings::default());
    assert_eq!(parse("axes: {a: [1]}\nkubernetes: {cache: {claim: shared}}\n").kubernetes.cache, ClusterCache::Claim("shared".to_owned()));
    assert_snapshot!(brief(
        "axes: {a: [1]}
kubernetes:
  namespace: Skew_1
  tolerations: [{operator: Equal}, {operator: Exists, key: a, value: b}]
  parallelism: 0
  image: 'python:{version}'
  cache: {node: relative}
  caches: none
"
    ));
    assert_snapshot!(brief("axes: {a: [1]}\nkubernetes: {cache: {claim: a, node: /b}}\n"));
}
