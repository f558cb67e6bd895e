//! Formats for pages, feeds, spreadsheets and continuous integration.

use std::sync::Arc;

use super::written;
use crate::{
    compare::Verdict,
    report::{
        Results, Since, SinceChange, State, StateChange, atom, badge, compact, csv, fixture, github, jsonl, junit, markdown, site, svg,
        terminal,
    },
};

/// A report that is compared with an earlier run.
fn changed() -> Results {
    let mut results = fixture::pairs();
    let cells = vec![results.cells[6].id.clone(), results.cells[8].id.clone()];
    let change = |observation: &str, verdict: Verdict, silent: bool, after: &str, cells: &[String]| SinceChange {
        scenario: "promotion".to_owned(),
        observation: observation.to_owned(),
        verdict,
        silent,
        reason: if silent { "dtype uint16 → float32".to_owned() } else { String::new() },
        unmeasured: false,
        before: "uint16 [301, 302]".to_owned(),
        after: after.to_owned(),
        cells: cells.to_vec(),
    };
    results.since = Some(Since {
        run: "r0".to_owned(),
        started: "2026-11-15T10:00:00Z".to_owned(),
        compared: 7,
        new_cells: vec![results.cells[5].id.clone()],
        gone_cells: vec!["numpy-1.22.4+tensorflow-2.12.1".to_owned()],
        added: vec!["linalg::solve".to_owned()],
        removed: Vec::new(),
        states: vec![StateChange { cell: results.cells[7].id.clone(), from: State::Ran, to: State::ImportFailed }],
        changes: vec![
            change("float32_plus_python_float", Verdict::Changed, true, "float32 6.0", &cells),
            change("uint8_plus_300", Verdict::Raises, false, "OverflowError: out of bounds", &cells[1..]),
        ],
    });
    results
}

/// Text that means something in every format, and characters that XML has no place for.
const EVIL: &str =
    "</script><img src=x onerror=alert(1)>]]>--><!-- skew:end -->|`*_[x](y)\r\n::error::x\x00\x0b\x1b[31m\u{202e}\u{fffe}%,\"';é🦀";

/// A report in which everything that can be named has a hostile name.
fn hostile() -> Results {
    let mut results = changed();
    for axis in &mut results.axes {
        axis.name = format!("{}{EVIL}", axis.name);
    }
    for cell in &mut results.cells {
        cell.axes = cell.axes.iter().map(|(name, version)| (format!("{name}{EVIL}"), format!("{version}{EVIL}"))).collect();
        cell.packages.insert(EVIL.to_owned(), EVIL.to_owned());
        (cell.python, cell.cause, cell.hint) = (EVIL.to_owned(), Some(EVIL.to_owned()), Some(EVIL.to_owned()));
        cell.conflicts.push(EVIL.to_owned());
        if let Some(error) = &mut cell.import_error {
            (error.message, error.cause) = (EVIL.to_owned(), Some(EVIL.to_owned()));
        }
    }
    for scenario in &mut results.scenarios {
        (scenario.name, scenario.path) = (format!("{}{EVIL}", scenario.name), EVIL.to_owned());
        for outcome in &mut scenario.outcomes {
            outcome.cause = Some(EVIL.into());
        }
        for observation in &mut scenario.observations {
            observation.name = format!("{}{EVIL}", observation.name);
            for variant in &mut observation.variants {
                if let Some(error) = &mut variant.error {
                    (error.type_name, error.message) = (EVIL.to_owned(), EVIL.to_owned());
                } else {
                    (variant.type_name, variant.dtype) = (Some(EVIL.to_owned()), Some(EVIL.to_owned()));
                }
            }
            for difference in observation.differences.iter_mut().flatten() {
                Arc::make_mut(difference).aspects = vec![EVIL.to_owned()];
            }
        }
    }
    for class in &mut results.classes {
        class.letter = EVIL.to_owned();
    }
    if let Some(since) = &mut results.since {
        for change in &mut since.changes {
            change.scenario = format!("{}{EVIL}", change.scenario);
            (change.before, change.after) = (EVIL.to_owned(), EVIL.to_owned());
        }
    }
    (results.run.engine, results.run.skew) = (EVIL.to_owned(), EVIL.to_owned());
    results
}

/// Insists on well-formed XML and gives its element names.
#[track_caller]
fn elements(xml: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut names = Vec::new();
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("{error} in\n{xml}"));
        if let quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) = &event {
            assert!(tag.attributes().all(|attribute| attribute.is_ok()), "{tag:?}");
            names.push(String::from_utf8_lossy(tag.name().as_ref()).into_owned());
        }
        if matches!(event, quick_xml::events::Event::Eof) {
            return names;
        }
    }
}

#[test]
fn the_picture() {
    insta::assert_snapshot!("svg_pairs", svg::render(&fixture::pairs()));
    for results in [fixture::everything(), fixture::facets(), fixture::single()] {
        let names = elements(&svg::render(&results));
        assert_eq!(&names[..3], ["svg", "title", "desc"]);
    }
}

#[test]
fn every_format_tells_what_changed_since_the_last_run() {
    let results = changed();
    assert!(badge::render(&results).contains("· 3 new since 2026-11-15"), "{}", badge::render(&results));
    let told = ["since 2026-11-15", "2 observations in 2 cells"];
    let all = [
        svg::render(&results),
        compact::render(&results),
        markdown::render(&results, None),
        terminal::table(&results, &terminal::Style { width: 120, color: false, ascii: false, collapse: true }),
        github::summary(&results, github::SUMMARY_BYTES, None),
    ];
    for text in all {
        assert!(told.iter().all(|told| text.contains(told)), "{text}");
    }
    let rows = written(csv::write, &results);
    let row = |cell: usize, name: &str| {
        let id = format!(",{},", results.cells[cell].id);
        rows.lines().find(|row| row.contains(&id) && row.contains(name)).unwrap_or_else(|| panic!("{id} {name} in {rows}"))
    };
    assert!(row(6, ",float32_plus_python_float,").contains("dtype uint16 → float32: uint16 [301, 302] → float32 6.0"));
    assert!(row(0, ",float32_plus_python_float,").ends_with(','), "nothing changed there");
    let suites = junit::render(&results);
    assert!(suites.contains("since 2026-11-15: float32_plus_python_float: dtype uint16 → float32"), "{suites}");
    assert!(suites.contains("<property name=\"since\" value=\"since 2026-11-15: import-failed, was ran\"/>"), "{suites}");
    assert!(suites.contains("<property name=\"since\" value=\"since 2026-11-15: new\"/>"), "{suites}");
}

#[test]
fn expected_differences_do_not_fail_a_case() {
    let mut results = fixture::pairs();
    let failures = |results: &Results| junit::render(results).matches("<failure").count();
    let before = failures(&results);
    let failing = results.cells[8].id.clone();
    for outcome in results.scenarios.iter_mut().flat_map(|scenario| &mut scenario.outcomes).filter(|outcome| *outcome.cell == *failing) {
        outcome.expected = Some("numpy>=2.0: as planned".into());
    }
    assert!(failures(&results) < before);
    assert!(junit::render(&results).contains("<skipped message=\"expected: numpy&gt;=2.0: as planned\"/>"));
}

#[test]
fn the_badge_counts_cells_and_is_an_error_when_answers_lack() {
    insta::assert_snapshot!(badge::render(&fixture::pairs()), @r#"{"schemaVersion":1,"label":"numpy × tensorflow","message":"same 4 · close 1 · fail 3","color":"orange","cacheSeconds":3600}"#);
    insta::assert_snapshot!(badge::render(&fixture::everything()), @r#"{"schemaVersion":1,"label":"numpy × tensorflow","message":"incomplete · same 1 · close 4 · changed 4 · fail 8","color":"lightgrey","isError":true,"cacheSeconds":3600}"#);
    insta::assert_snapshot!(badge::render(&fixture::report(&[("numpy", &["1.0"])], &[""])), @r#"{"schemaVersion":1,"label":"numpy","message":"nothing compared","color":"lightgrey","cacheSeconds":3600}"#);
}

#[test]
fn a_row_for_each_observation_of_each_cell() {
    insta::assert_snapshot!("csv_single", written(csv::write, &fixture::single()));
    let mut results = fixture::pairs();
    results.axes[0].name = "state".to_owned();
    assert!(written(csv::write, &results).starts_with("run,cell,axis.state,tensorflow,python,state,"));
    let results = fixture::pairs();
    let rows = written(csv::write, &results).lines().filter(|line| line.contains(&results.cells[2].id)).count();
    assert_eq!(rows, 1, "a cell without observations has a row of its own");
}

#[test]
fn the_feed_has_an_entry_for_each_change_and_keeps_their_ids() {
    let feed = atom::render(&changed(), Some("https://compat.test/"));
    insta::assert_snapshot!("atom", feed);
    assert_eq!(atom::render(&changed(), Some("https://compat.test/")), feed);
    let ids = |feed: &str| feed.lines().filter(|line| line.contains("<id>")).map(str::to_owned).collect::<Vec<_>>();
    let mut later = changed();
    later.run.id = "r2".to_owned();
    let later = ids(&atom::render(&later, Some("https://compat.test")));
    assert_eq!(later[0], ids(&feed)[0], "the feed stays the same one");
    assert!(later[1..].iter().all(|id| !feed.contains(id)), "another run is another set of entries");
    assert_eq!(ids(&atom::render(&fixture::pairs(), None)).len(), 1, "without an earlier run there is nothing to tell");
}

#[test]
fn a_suite_for_each_cell_and_a_case_for_each_scenario() {
    insta::assert_snapshot!("junit_pairs", junit::render(&fixture::pairs()));
    insta::assert_snapshot!("junit_everything", junit::render(&fixture::everything()));
}

#[test]
fn the_step_summary() {
    insta::assert_snapshot!("github_summary", github::summary(&changed(), github::SUMMARY_BYTES, Some("https://compat.test/")));
    let mut quiet = changed();
    let since = quiet.since.as_mut().unwrap();
    (since.changes, since.states) = (Vec::new(), Vec::new());
    (since.new_cells, since.gone_cells, since.added) = (Vec::new(), Vec::new(), Vec::new());
    let summary = github::summary(&quiet, github::SUMMARY_BYTES, None);
    assert!(summary.contains("\nNo behaviour change since 2026-11-15 (7 cells compared)\n"), "{summary}");
}

#[test]
fn a_summary_that_is_too_long_loses_whole_sections() {
    let results = changed();
    let whole = github::summary(&results, github::SUMMARY_BYTES, None);
    for limit in (500..whole.len() + 500).step_by(97) {
        let summary = github::summary(&results, limit, None);
        assert!(summary.len() <= limit);
        let rows = |text: &str| text.lines().filter(|line| line.starts_with('|')).count();
        assert!([0, rows(&whole)].contains(&rows(&summary)), "a table is there whole or not at all:\n{summary}");
        assert_eq!(summary.contains("Too long for a summary"), limit < whole.len() + 400, "{limit} of {}", whole.len());
    }
}

#[test]
fn annotations_are_grouped_and_never_more_than_the_runner_takes() {
    insta::assert_snapshot!("github_annotations", github::annotations(&fixture::pairs(), "compat/"));
    insta::assert_snapshot!("github_annotations_since", github::annotations(&changed(), ""));
    let mut many = fixture::pairs();
    for number in 0..60 {
        let mut scenario = many.scenarios[number % 2].clone();
        scenario.name = format!("{}{number}", scenario.name);
        many.scenarios.push(scenario);
    }
    let annotations = github::annotations(&many, "");
    for level in ["::error ", "::warning ", "::notice "] {
        let found: Vec<&str> = annotations.lines().filter(|line| line.starts_with(level)).collect();
        assert!(found.len() <= 10, "{}", found.len());
        assert!(found.len() < 10 || found[9].contains("::and "), "{found:?}");
    }
    assert!(annotations.contains("::error title=skew::and 23 more in the report"), "{annotations}");
    assert!(annotations.contains("::warning title=skew::and 22 more in the report"), "{annotations}");
}

#[test]
fn outputs_for_later_steps() {
    insta::assert_snapshot!(github::outputs(&changed(), "different", 4, Some("site/index.html")), @r"
    status=different
    changed=3
    new_failures=4
    report=site/index.html
    ");
}

#[test]
fn events_of_a_stored_run() {
    insta::assert_snapshot!("jsonl_single", written(jsonl::write, &fixture::single()));
}

/// What a file of the site holds, unpacked.
fn text(file: &site::File) -> String {
    use std::io::Read as _;
    let mut unpacked = Vec::new();
    let packed = flate2::read::GzDecoder::new(&file.content[..]).read_to_end(&mut unpacked).is_ok();
    String::from_utf8(if packed { unpacked } else { file.content.clone() }).unwrap()
}

#[test]
fn the_site_has_a_page_for_each_release() {
    let files = site::files(&changed(), Some("https://compat.test"));
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    insta::assert_snapshot!(names.join(" "), @r#"index.html releases.html results.json.gz results.csv.gz compat.svg badge.json feed.atom .nojekyll numpy-1.24.4.html numpy-1.26.4.html numpy-2.0.2.html tensorflow-2.12.1.html tensorflow-2.15.1.html tensorflow-2.18.1.html"#);
    let content = |name: &str| text(files.iter().find(|file| file.name == name).unwrap());
    insta::assert_snapshot!("site_release", content("numpy-2.0.2.html").split_once("</style>").unwrap().1);
    insta::assert_snapshot!("site_releases", content("releases.html").split_once("</style>").unwrap().1);
}

#[test]
fn a_page_allows_its_own_style_and_nothing_else() {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use ring::digest::{SHA256, digest};
    for file in site::files(&fixture::facets(), None).iter().filter(|file| file.name.starts_with("numpy")) {
        let content = text(file);
        let style = content.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        let hash = BASE64_STANDARD.encode(digest(&SHA256, style.as_ref()));
        assert!(content.contains(&format!("default-src 'none'; style-src 'sha256-{hash}'; ")), "{}", file.name);
        assert!(!content.contains("style=") && !content.contains("<script"));
    }
}

#[test]
fn hostile_names_stay_text_in_every_format() {
    let results = hostile();
    let tags = |results: &Results| {
        [svg::render(results), atom::render(results, Some("https://compat.test")), junit::render(results)].map(|xml| elements(&xml))
    };
    let kinds = |names: Vec<String>| names.into_iter().collect::<std::collections::BTreeSet<_>>();
    for (hostile, harmless) in tags(&results).into_iter().zip(tags(&changed())) {
        assert_eq!(kinds(hostile), kinds(harmless), "no element comes from a name");
    }
    let mut marked_up = vec![junit::render(&results), github::summary(&results, 1 << 20, None), markdown::render(&results, None)];
    let mut plain = vec![github::annotations(&results, ""), compact::render(&results)];
    for file in site::files(&results, Some("https://compat.test")) {
        if [".html", ".svg", ".atom"].iter().any(|extension| file.name.ends_with(extension)) {
            marked_up.push(text(&file));
        } else {
            plain.push(text(&file));
        }
    }
    for text in &marked_up {
        assert!(!text.contains("<img src=x") && !text.contains("<!-- skew:end"), "{text}");
    }
    for text in marked_up.iter().chain(&plain).filter(|text| !text.starts_with("{\n")) {
        let bad = |character: &char| (character.is_control() && *character != '\n') || ['\u{202e}', '\u{fffe}'].contains(character);
        assert_eq!(text.chars().find(bad), None, "{text}");
    }
    assert!(github::annotations(&results, "").lines().all(|line| line.starts_with("::error ") || line.starts_with("::notice ")));
    let rows: Vec<usize> =
        ::csv::Reader::from_reader(written(csv::write, &results).as_bytes()).records().map(|row| row.unwrap().len()).collect();
    assert_eq!(rows, vec![20; rows.len()]);
    assert_eq!(written(csv::write, &results).lines().count(), rows.len() + 1, "a record is a line");
    for line in written(jsonl::write, &results).lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    let names: Vec<String> = site::files(&results, None).into_iter().map(|file| file.name).collect();
    let plain = |name: &String| name.chars().all(|character| character.is_ascii_alphanumeric() || ".-_".contains(character));
    assert!(names.iter().all(plain), "{names:?}");
}
