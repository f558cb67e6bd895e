//! YAML that is odd, damaged or meant to do harm.

use std::path::Path;

use insta::assert_snapshot;
use pep440_rs::Version;
use proptest::prelude::*;

use super::{EXAMPLE, brief, listed, parse, problems};
use crate::matrix::Matrix;

#[test]
fn aliases_stand_for_what_they_name_and_nothing_else_of_yaml_is_magic() {
    let matrix = parse("axes: {a: &versions [1.20, 2.0], b: *versions}");
    assert_eq!(listed(&matrix.axes[1]), ["1.20", "2.0"]);
    assert_snapshot!(brief("axes: &x {a: [1], b: *x}"), @"1:22 this alias stands inside what it is an alias of | -");
    assert_snapshot!(brief("axes: {a: !!float 1.2, b: !own [1], <<: {c: [1]}, [d]: 1}"), @r#"
    1:11 `1.2` is neither a list nor a range | `a: [1.2]` is this version alone, `a: ">=1.2,<1.3"` a range
    1:11 the tag `tag:yaml.org,2002:!float` has no meaning here | leave it out; text is marked by quotes
    1:27 the tag `!own` has no meaning here | leave it out; text is marked by quotes
    1:37 merge keys are not supported | write the keys out; a whole value may be an alias
    1:51 a key is one word, not a list or map | -
    "#);
    assert_eq!(listed(&parse("axes: {a: [!!str 1.20]}").axes[0]), ["1.20"]);
}

#[test]
fn hostile_files_end_soon_with_a_problem() {
    assert_snapshot!(brief(&"[".repeat(100_000)), @"1:256 not valid YAML: recursion limit exceeded | -");
    let bomb: Vec<_> = (1..9).map(|level| format!("k{level}: &k{level} [{}]\n", format!("*k{},", level - 1).repeat(9))).collect();
    assert_snapshot!(brief(&format!("k0: &k0 [x]\n{}", bomb.concat())), @"6:10 the file has more than 20000 values, counting what aliases repeat | -");
    let chain: Vec<_> = (1..1000).map(|level| format!("k{level}: &k{level} [*k{}]\n", level - 1)).collect();
    assert_snapshot!(brief(&format!("k0: &k0 [x]\n{}", chain.concat())), @"32:12 aliases nest lists and maps deeper than 32 levels | -");
    let long = format!("axes: {{a: [{}\u{7}]}}", "x".repeat(500));
    assert!(problems(&long).render(true).lines().all(|line| line.chars().count() < 250));
}

#[test]
fn places_count_characters_and_survive_windows() {
    assert_snapshot!(brief("\u{feff}axes: {ä: [1]}\r\nenv: {größe: 1, b: [x]}\r\nengine: lokal\r\n"), @r#"
    1:8 `ä` is not a package name | it is made of letters, digits, `-`, `_` and `.`
    2:20 the variable `b` takes one value, not a list | for an empty value write `""`
    3:9 `engine` can't be `lokal` | did you mean `local`?
    "#);
}

proptest! {
    #[test]
    fn unquoted_versions_survive_as_text(numbers in proptest::collection::vec(proptest::collection::vec(0_u16..2000, 1..4), 1..8)) {
        let texts: Vec<String> = numbers.iter().map(|parts| parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")).collect();
        let versions: Vec<Version> = texts.iter().map(|text| text.parse().unwrap()).collect();
        prop_assume!(versions.iter().enumerate().all(|(index, version)| !versions[..index].contains(version)));
        prop_assert_eq!(listed(&parse(&format!("axes: {{a: [{}]}}", texts.join(", "))).axes[0]), texts.clone());
        prop_assert_eq!(listed(&parse(&format!("axes:\n  a:\n  - {}\n", texts.join("\n  - "))).axes[0]), texts);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        if let Err(problems) = Matrix::parse(Path::new("matrix.yaml"), &text) {
            prop_assert!(!problems.is_empty());
            problems.render(true);
        }
    }

    #[test]
    fn no_almost_yaml_makes_the_parser_panic(text in "(axes|numpy|python|cells|env|[&*][ab]|[0-9.]{1,4}|[-:,{}\\[\\]#'\"|>!%~?\n\t\r ]|ä|\u{feff}){0,40}") {
        if let Err(problems) = Matrix::parse(Path::new("matrix.yaml"), &text) {
            prop_assert!(!problems.is_empty());
            problems.render(true);
        }
    }

    #[test]
    fn a_damaged_example_never_makes_the_parser_panic(at in 0..EXAMPLE.len(), insert in any::<char>(), removed in 0_usize..20) {
        let mut text: Vec<char> = EXAMPLE.chars().collect();
        let end = (at + removed).min(text.len());
        text.splice(at..end, [insert]);
        if let Err(problems) = Matrix::parse(Path::new("matrix.yaml"), &text.into_iter().collect::<String>()) {
            prop_assert!(!problems.is_empty());
            problems.render(true);
        }
    }
}

#[test]
fn mistakes_without_end_are_told_up_to_a_limit() {
    let keys: Vec<String> = (0..6000).map(|number| format!("key{number}: 1")).collect();
    let problems = problems(&format!("{{axes: {{a: [1]}}, {}}}", keys.join(", ")));
    assert_eq!(problems.len(), 100);
    assert!(problems.render(false).ends_with("\nmatrix.yaml: there are more; these are the first 100 that were found\n"));
}
