//! What every format looks like.

mod formats;
mod guide;
mod since;

use super::{
    compact, fixture, json, markdown,
    terminal::{ExplainError, Style, explain, table},
    text,
};

fn wide() -> Style {
    Style { width: 120, ..Style::default() }
}

fn ascii() -> Style {
    Style { ascii: true, ..Style::default() }
}

#[test]
fn a_complete_run_of_pairs() {
    insta::assert_snapshot!("pairs_80", table(&fixture::pairs(), &Style::default()));
    insta::assert_snapshot!("pairs_120", table(&fixture::pairs(), &wide()));
    insta::assert_snapshot!("pairs_ascii", table(&fixture::pairs(), &ascii()));
}

#[test]
fn every_state_and_verdict_in_an_incomplete_run() {
    insta::assert_snapshot!("everything_80", table(&fixture::everything(), &Style::default()));
    insta::assert_snapshot!("everything_120", table(&fixture::everything(), &wide()));
    insta::assert_snapshot!("everything_ascii", table(&fixture::everything(), &ascii()));
    let plain = Style { collapse: false, width: 48, ..Style::default() };
    insta::assert_snapshot!("everything_not_collapsed_narrow", table(&fixture::everything(), &plain));
}

#[test]
fn further_axes_become_grids_of_their_own_and_other_differences_rows() {
    insta::assert_snapshot!("facets", table(&fixture::facets(), &Style::default()));
    insta::assert_snapshot!("single", table(&fixture::single(), &Style::default()));
}

#[test]
fn where_the_time_went_is_told_when_asked() {
    let results = fixture::timed();
    insta::assert_snapshot!("timings_80", times(&table(&results, &Style::default())));
    insta::assert_snapshot!("timings_ascii", times(&table(&results, &ascii())));
    let mut nothing = fixture::pairs();
    nothing.timings = Some(super::Timings::default());
    insta::assert_snapshot!("timings_of_nothing", times(&table(&nothing, &Style::default())));
}

/// The section about time alone.
fn times(page: &str) -> &str {
    let section = &page[page.find("Where the time went").unwrap()..];
    section.split("\n\n─").next().and_then(|section| section.split("\n\n---").next()).unwrap_or_default()
}

#[test]
fn the_drill_down() {
    let cell = "numpy-2.0.2+tensorflow-2.18.1";
    let results = fixture::pairs();
    insta::assert_snapshot!("explain_cell", explain(&results, cell, None, None, &Style::default()).unwrap());
    insta::assert_snapshot!("explain_scenario", explain(&results, cell, Some("promotion"), None, &Style::default()).unwrap());
    insta::assert_snapshot!("explain_observation", explain(&results, cell, None, Some("uint8_plus_300"), &Style::default()).unwrap());
    let failed = "numpy-2.0.2+tensorflow-2.15.1";
    insta::assert_snapshot!("explain_import_failure", explain(&results, failed, None, None, &ascii()).unwrap());
    insta::assert_snapshot!("explain_baseline", explain(&results, &results.baseline, None, None, &Style::default()).unwrap());
    let crashed = "numpy-1.22.4+tensorflow-2.16.2";
    insta::assert_snapshot!("explain_crash", explain(&fixture::everything(), crashed, Some("cases"), None, &Style::default()).unwrap());
}

#[test]
fn an_unknown_name_gets_a_suggestion() {
    let results = fixture::pairs();
    let hint = |cell: &str, scenario: Option<&str>, observation: Option<&str>| {
        let error = explain(&results, cell, scenario, observation, &Style::default()).unwrap_err();
        format!("{error}; {}", error.hint())
    };
    let cell = "numpy-2.0.2+tensorflow-2.18.1";
    assert_eq!(
        hint("numpy-2.0.2+tensorflow-2.18.2", None, None),
        "this report has no cell `numpy-2.0.2+tensorflow-2.18.2`; did you mean `numpy-2.0.2+tensorflow-2.18.1`?"
    );
    assert_eq!(hint(cell, Some("promotoin"), None), "this report has no scenario `promotoin`; did you mean `promotion`?");
    assert_eq!(hint(cell, Some("linalg"), Some("sovle")), "no observation `sovle` in scenario `linalg`; did you mean `solve`?");
    assert_eq!(hint(cell, None, Some("zzz")), "no observation `zzz` in this report; `skew explain CELL SCENARIO` lists its observations");
    let mut twice = fixture::pairs();
    let again = twice.scenarios[0].observations[0].clone();
    twice.scenarios[1].observations.push(again);
    let error = explain(&twice, cell, None, Some("<script>"), &Style::default()).unwrap_err();
    assert!(matches!(error, ExplainError::Ambiguous { ref scenarios, .. } if scenarios == &["promotion", "linalg"]));
}

#[test]
fn the_readme_table() {
    insta::assert_snapshot!("markdown_pairs", markdown::render(&fixture::pairs(), None));
    insta::assert_snapshot!("markdown_everything", markdown::render(&fixture::everything(), None));
    insta::assert_snapshot!("markdown_facets", markdown::render(&fixture::facets(), Some("https://compat.test/")));
}

#[test]
fn one_line_for_each_difference() {
    insta::assert_snapshot!("compact_pairs", compact::render(&fixture::pairs()));
    insta::assert_snapshot!("compact_everything", compact::render(&fixture::everything()));
}

/// What a writer of reports writes.
fn written(write: fn(&super::Results, &mut dyn std::io::Write) -> std::io::Result<()>, results: &super::Results) -> String {
    let mut out = Vec::new();
    write(results, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn json_text(results: &super::Results) -> String {
    written(json::write, results)
}

#[test]
fn results_json_reads_back_as_it_was_written_and_fits_its_schema() {
    for results in [fixture::pairs(), fixture::everything(), fixture::facets(), fixture::single(), fixture::timed()] {
        let text = json_text(&results);
        assert_eq!(json_text(&json::parse(&text).unwrap()), text);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value, serde_json::to_value(&results).unwrap());
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let problems: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{problems:?}");
    }
    insta::assert_snapshot!("results_json", json_text(&fixture::single()));
}

fn schema() -> serde_json::Value {
    serde_json::from_str(json::JSON_SCHEMA).unwrap()
}

/// Written anew by `SKEW_WRITE_SCHEMA=1 cargo test --lib schema`.
#[test]
fn the_schema_is_what_the_types_say() {
    let mut derived = schemars::schema_for!(super::Results);
    derived.insert("$id".to_owned(), json::SCHEMA.into());
    let derived = format!("{:#}\n", derived.to_value());
    if std::env::var_os("SKEW_WRITE_SCHEMA").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/report/results.schema.json"), &derived).unwrap();
    } else {
        assert_eq!(json::JSON_SCHEMA, derived, "the contract changes: write the file anew as said above, and read what differs");
    }
}

#[test]
fn the_schema_names_its_version_and_every_top_level_key() {
    let schema = schema();
    assert_eq!(schema["$id"], "skew.results/1");
    let keys: Vec<_> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    for key in ["schema", "run", "axes", "baseline", "cells", "excluded", "scenarios", "classes", "fault_lines", "rules"] {
        assert!(keys.contains(&key), "{key}");
    }
}

#[test]
fn another_schema_and_a_damaged_file_are_refused() {
    let text = json_text(&fixture::pairs());
    let other = json::parse(&text.replace("skew.results/1", "skew.results/2")).unwrap_err();
    assert_eq!(other.to_string(), "this results.json has the schema `skew.results/2`; this version of skew reads `skew.results/1`");
    assert!(json::parse("{}").unwrap_err().to_string().contains("schema"));
    let mut short = fixture::pairs();
    short.scenarios[0].observations[1].verdicts.pop();
    let refused = json::parse(&json_text(&short)).unwrap_err().to_string();
    assert_eq!(refused, "promotion::uint8_plus_300, verdicts has 8 entries for 9 cells: the file is damaged");
    let mut far = fixture::pairs();
    far.scenarios[0].observations[1].by_cell[0] = Some(7);
    assert!(json::parse(&json_text(&far)).unwrap_err().to_string().contains("entry 7 of 2"));
}

#[test]
fn a_report_read_back_from_json_can_be_shown() {
    let results = json::parse(&json_text(&fixture::pairs())).unwrap();
    insta::assert_snapshot!("pairs_from_json", table(&results, &Style::default()));
    assert!(explain(&results, "numpy-2.0.2+tensorflow-2.18.1", None, None, &Style::default()).is_ok());
}

#[test]
fn no_recorded_text_can_reach_the_terminal_as_a_control_character() {
    let mut results = fixture::everything();
    let evil = "\x1b]0;owned\x07</script><img onerror=…>\u{202e}|`\r\n";
    results.cells[10].cause = Some(evil.to_owned());
    results.cells[0].cause = Some(evil.to_owned());
    results.cells[0].hint = Some(evil.to_owned());
    results.scenarios[0].name = evil.to_owned();
    results.scenarios[0].observations[3].name = evil.to_owned();
    results.run.caveats.push(evil.to_owned());
    results.axes[0].name = evil.to_owned();
    results.cells[22].class = Some(evil.to_owned());
    results.cells[22].packages.insert(evil.to_owned(), evil.to_owned());
    let safe = |text: &str| text.chars().all(|character| character == '\n' || (!character.is_control() && character != '\u{202e}'));
    for width in [20, 80] {
        let style = Style { width, ..Style::default() };
        assert!(safe(&table(&results, &style)));
        assert!(safe(&explain(&results, &results.cells[22].id, None, None, &style).unwrap()));
        assert!(safe(&explain(&results, &results.cells[22].id, Some(evil), Some(evil), &style).unwrap()));
    }
    assert!(safe(&compact::render(&results)) && safe(&markdown::render(&results, None)));
    assert!(!markdown::render(&results, None).replace("<!--", "").contains('<'));
}

#[test]
fn ascii_output_is_ascii_and_no_line_passes_the_edge() {
    for results in [fixture::pairs(), fixture::everything(), fixture::facets(), fixture::single()] {
        let style = ascii();
        let mut pages = vec![table(&results, &style)];
        pages.extend(results.cells.iter().map(|cell| explain(&results, &cell.id, None, None, &style).unwrap()));
        for page in pages {
            assert!(page.is_ascii());
            let longest = page.lines().map(text::width).max().unwrap_or(0);
            assert!(longest <= style.width, "{longest} in\n{page}");
        }
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    let colored = table(&fixture::everything(), &Style { color: true, ..Style::default() });
    assert!(colored.contains("\x1b["));
    let mut plain = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    let trimmed: Vec<_> = plain.lines().map(str::trim_end).collect();
    assert_eq!(trimmed.join("\n"), table(&fixture::everything(), &Style::default()).trim_end());
}
