//! Every number that the report prints in a sentence is one of its JSON, read from there anew.
//!
//! A line that no check knows fails the test: a new sentence needs a check.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use skew::report::{
    json, markdown,
    terminal::{self, Style},
};

use super::{record::record, results};

/// The whole numbers of a text, those of versions and names left out: `(4 of 6 cells)` → 4, 6.
fn numbers(text: &str) -> Vec<u64> {
    let trim = |word: &str| word.trim_matches(|character: char| !character.is_alphanumeric()).replace(',', "");
    text.split_whitespace().filter_map(|word| trim(word).parse().ok()).collect()
}

fn list(value: &Json) -> &[Json] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn len(value: &Json) -> u64 {
    list(value).len() as u64
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap()
}

fn number(value: &Json) -> u64 {
    value.as_u64().unwrap()
}

/// `sentence` without what else changed, which is the line's own text.
fn without_also(sentence: &str, line: &Json) -> String {
    let Some((before, also)) = sentence.split_once("; also ") else { return sentence.to_owned() };
    let told: Vec<&str> = list(&line["also"]).iter().map(text).collect();
    assert!(also.split(", ").all(|one| told.contains(&one)), "{sentence}: {told:?}");
    before.to_owned()
}

/// What a part of a fault line says of its pairs.
fn extent(part: &Json) -> Vec<u64> {
    match (text(&part["when"]), number(&part["of"])) {
        ("any version", 1) => Vec::new(),
        ("any version", of) => vec![of],
        (_, of) => vec![number(&part["cells"]), of],
    }
}

/// The numbers of each sentence about one place, in order; sentences come without what else changed.
fn of_place(json: &Json, name: &str, sentences: &[&str]) -> Vec<(String, Vec<u64>)> {
    let is_here = |line: &&Json| format!("{} {} → {}", text(&line["axis"]), text(&line["from"]), text(&line["to"])) == name;
    let mut sentences = sentences.iter();
    let mut next = |line: &Json| without_also(sentences.next().unwrap_or_else(|| panic!("{name}: no sentence for {line}")), line);
    let mut expected = Vec::new();
    for line in list(&json["fault_lines"]).iter().filter(is_here) {
        let parts = list(&line["parts"]);
        let told: u64 = parts.iter().map(|part| len(&part["observations"])).sum();
        assert_eq!(line["observations"], told, "{name}: each observation is in one part");
        let scenarios: BTreeSet<&str> =
            parts.iter().flat_map(|part| list(&part["observations"])).map(|name| text(name).split("::").next().unwrap()).collect();
        let mut total = vec![told, scenarios.len() as u64];
        if let [one] = parts {
            total.extend(extent(one));
        }
        expected.push((next(line), total));
        for part in parts.iter().take(if parts.len() > 1 { 3 } else { 0 }) {
            expected.push((next(line), [vec![len(&part["observations"])], extent(part)].concat()));
        }
        if parts.len() > 3 {
            expected.push((next(line), vec![parts[3..].iter().map(|part| len(&part["observations"])).sum()]));
        }
    }
    for line in list(&json["import_lines"]).iter().filter(is_here) {
        let sentence = next(line);
        assert_eq!(sentence.starts_with("import fails "), line["fails"] == true, "{sentence}");
        let (cells, of) = (number(&line["cells"]), number(&line["of"]));
        let all = text(&line["when"]) == "any version" && cells == of;
        expected.push((
            sentence,
            match (all, of) {
                (true, 1) => Vec::new(),
                (true, _) => vec![of],
                (false, _) => vec![cells, of],
            },
        ));
    }
    assert!(sentences.next().is_none(), "{name}: a sentence more than lines");
    expected
}

/// The numbers of each sentence about a rule, in order.
fn of_rule(rule: &Json) -> Vec<Vec<u64>> {
    let (observations, silent) = (len(&rule["observations"]), number(&rule["silent"]));
    let mut first = vec![if observations > 0 { observations } else { len(&rule["cells"]) }];
    if silent > 0 && silent < observations {
        first.push(silent);
    }
    if observations > 3 {
        first.push(observations - 3);
    }
    let mut sentences = vec![first];
    if !list(&rule["alternatives"]).is_empty() {
        sentences.push(Vec::new());
    }
    if rule["confounded"] == true && !list(&rule["also"]).is_empty() {
        sentences.push(Vec::new());
    }
    if !list(&rule["islands"]).is_empty() {
        sentences.push(Vec::new());
    }
    if !list(&rule["unknown"]).is_empty() {
        sentences.push(vec![len(&rule["unknown"])]);
    }
    sentences
}

/// The changes that the report lists: scenario, cells, and the observations that share them. In a made-up record the
/// verdict alone tells what changed. What a failed import breaks is told with the import.
fn changes(json: &Json) -> Vec<(String, Vec<usize>, Vec<String>)> {
    /// Scenario, verdict, silent, cells.
    type Key = (String, String, bool, Vec<usize>);
    let mut found: Vec<(Key, Vec<String>)> = Vec::new();
    for scenario in list(&json["scenarios"]) {
        for observation in list(&scenario["observations"]) {
            let mut of_verdict: Vec<((String, bool), Vec<usize>)> = Vec::new();
            for (cell, verdict) in list(&observation["verdicts"]).iter().enumerate() {
                let Some(verdict) = verdict.as_str().filter(|verdict| !["same", "close"].contains(verdict)) else { continue };
                if is_state(&json["cells"][cell], "import-failed") && ["raises", "timeout", "crash"].contains(&verdict) {
                    continue;
                }
                let key = (verdict.to_owned(), observation["silent"][cell] == true);
                match of_verdict.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, cells)) => cells.push(cell),
                    None => of_verdict.push((key, vec![cell])),
                }
            }
            for ((verdict, silent), cells) in of_verdict {
                let key = (text(&scenario["name"]).to_owned(), verdict, silent, cells);
                let name = text(&observation["name"]).to_owned();
                match found.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, names)) => names.push(name),
                    None => found.push((key, vec![name])),
                }
            }
        }
    }
    found.into_iter().map(|((scenario, _, _, cells), names)| (scenario, cells, names)).collect()
}

/// How many places between versions have a fault line or an import line.
fn places(json: &Json) -> u64 {
    let lines = [&json["fault_lines"], &json["import_lines"]].into_iter().flat_map(list);
    lines.map(|line| [&line["axis"], &line["from"], &line["to"]].map(ToString::to_string)).collect::<BTreeSet<_>>().len() as u64
}

/// How many releases declare what is not so.
fn disagreements(json: &Json) -> u64 {
    let disagrees = |bound: &&Json| ["allowed_but_broken", "forbidden_but_alike"].iter().any(|key| !list(&bound[*key]).is_empty());
    list(&json["bounds"]).iter().filter(disagrees).count() as u64
}

/// The number of cells that a sentence about metadata and reality is about, if it is one.
fn against_metadata(json: &Json, sentence: &str) -> Option<u64> {
    let count = |wanted: &dyn Fn(&Json) -> bool| Some(list(&json["cells"]).iter().filter(|cell| wanted(cell)).count() as u64);
    if sentence.contains("allowed, but the import fails") {
        count(&|cell| is_state(cell, "import-failed") && cell["declared"] == true)
    } else if sentence.contains("forbidden, but behaves like the baseline") {
        count(&|cell| cell["declared"] == false && is_state(cell, "ran") && worst(cell).is_none())
    } else {
        None
    }
}

/// A table's sections: title and lines, the first without a title.
fn sections(table: &str) -> Vec<(&str, Vec<&str>)> {
    let titles =
        ["Silent changes", "Other changes", "Imports that fail", "Metadata against reality", "What changed", "Rules", "Behaviour classes"];
    let mut sections: Vec<(&str, Vec<&str>)> = vec![("", Vec::new())];
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        match titles.iter().find(|title| line.starts_with(*title)) {
            Some(title) => sections.push((title, Vec::new())),
            None if line.starts_with("───") => sections.push(("totals", Vec::new())),
            None => sections.last_mut().unwrap().1.push(line),
        }
    }
    sections
}

/// The texts of a row, which two spaces or more keep apart.
fn columns(row: &str) -> Vec<&str> {
    row.split("  ").map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn is_state(cell: &Json, state: &str) -> bool {
    cell["state"] == state
}

/// The count beside a cell's mark: how many observations have its worst verdict.
fn worst(cell: &Json) -> Option<u64> {
    let counts = ["crash", "timeout", "raises", "returns", "changed", "warns", "close"].map(|verdict| number(&cell["counts"][verdict]));
    counts.into_iter().find(|count| *count > 0).filter(|_| is_state(cell, "ran"))
}

/// The rows of a grid, from the label on: `1.0.2`, then a text for each column.
fn check_grid<'a>(json: &Json, rows: impl Iterator<Item = Vec<&'a str>>) {
    let mut cells = list(&json["cells"]).iter();
    for row in rows {
        for shown in &row[1..] {
            let cell = cells.next().unwrap();
            let told: String =
                shown.split('`').next().unwrap().split_whitespace().next().unwrap().chars().filter(char::is_ascii_digit).collect();
            let told = told.parse().ok().or_else(|| numbers(shown).first().copied());
            assert_eq!(told, worst(cell), "{shown} for {}", cell["id"]);
        }
    }
    assert!(cells.next().is_none());
}

fn check_table(json: &Json, table: &str) {
    let cells = list(&json["cells"]);
    let count = |is: &dyn Fn(&Json) -> bool| cells.iter().filter(|cell| is(cell)).count() as u64;
    let failed = count(&|cell| is_state(cell, "import-failed"));
    let changes = changes(json);
    for (title, lines) in sections(table) {
        match title {
            "" => {
                let observations: u64 = list(&json["scenarios"]).iter().map(|scenario| len(&scenario["observations"])).sum();
                assert_eq!(numbers(lines[0]), [cells.len() as u64, len(&json["scenarios"]), observations], "{}", lines[0]);
                let beta = list(&json["axes"])[1]["versions"].as_array().unwrap().len();
                let is_row = |line: &&&str| line.trim_start().starts_with("1.") && !line.contains('\\');
                let rows: Vec<Vec<&str>> = lines.iter().filter(is_row).map(|line| columns(line)).collect();
                assert!(rows.iter().all(|row| row.len() == beta + 1), "{rows:?}");
                check_grid(json, rows.into_iter());
            }
            "Silent changes" | "Other changes" => {
                let mut shown = 0;
                for line in lines {
                    if let Some(rest) = line.trim_start().strip_prefix("and ").filter(|rest| rest.contains(" more: skew explain")) {
                        assert_eq!(numbers(rest), [changes.len() as u64 - 10], "{line}");
                    } else if line.starts_with("   ") {
                        assert!(numbers(line).iter().all(|_| line.contains('→') || line.contains("warned of")), "{line}");
                    } else {
                        shown += 1;
                        let (subject, place) = line.trim_start().split_at(line.trim_start()[4..].find("  ").unwrap() + 4);
                        let words: Vec<&str> = subject.split_whitespace().collect();
                        let (scenario, first) = words[1].split_once("::").unwrap();
                        let change = changes.iter().find(|(name, cells, names)| {
                            name == scenario
                                && names[0] == first
                                && (numbers(place).first() == Some(&(cells.len() as u64)) || cells.len() <= 2)
                        });
                        let (_, cells, names) = change.unwrap_or_else(|| panic!("no such change: {line}"));
                        let more = names.len() as u64 - 1;
                        assert_eq!(numbers(subject), if more > 0 { vec![more] } else { Vec::new() }, "{line}");
                        assert!(numbers(place).first().is_none_or(|told| *told == cells.len() as u64), "{line}");
                    }
                }
                assert!(shown > 0 && shown <= 10);
            }
            "Imports that fail" => {
                for line in lines.iter().filter(|line| !line.starts_with("      ")) {
                    assert_eq!(numbers(line), if failed > 1 { vec![failed] } else { Vec::new() }, "{line}");
                }
            }
            "Metadata against reality" => {
                for line in lines {
                    let bounds = list(&json["bounds"]);
                    let told = bounds.iter().any(|bound| {
                        line.trim().starts_with(&format!("{} {} declares ", text(&bound["package"]), text(&bound["version"])))
                    });
                    let expected = if let Some(cells) = against_metadata(json, line) {
                        cells
                    } else if line.trim_start().starts_with("and ") {
                        disagreements(json) - 8
                    } else {
                        assert!(told && numbers(line).is_empty(), "no check knows this sentence: {line}");
                        continue;
                    };
                    assert!(numbers(line) == [expected] || numbers(line).is_empty() && expected <= 2, "{line}: {expected}");
                }
            }
            "What changed" => {
                let places = places(json);
                let mut blocks: Vec<(&str, Vec<&str>)> = Vec::new();
                for line in lines {
                    match line.strip_prefix("      ") {
                        Some(sentence) => blocks.last_mut().unwrap().1.push(sentence),
                        None if line.trim_start().starts_with("and ") => assert_eq!(numbers(line), [places - 12], "{line}"),
                        None => blocks.push((line.trim(), Vec::new())),
                    }
                }
                assert_eq!(blocks.len(), places.min(12) as usize);
                for (name, sentences) in blocks {
                    for (sentence, expected) in of_place(json, name, &sentences) {
                        assert_eq!(numbers(&sentence), expected, "{name}: {sentence}");
                    }
                }
            }
            "Rules" => {
                let mut lines = lines.into_iter();
                for rule in list(&json["rules"]).iter().take(8) {
                    assert_eq!(lines.next().unwrap().trim(), text(&rule["when"]));
                    for expected in of_rule(rule) {
                        let line = lines.next().unwrap();
                        let told = if expected.is_empty() { Vec::new() } else { numbers(line) };
                        assert_eq!(told, expected, "{line}: {rule}");
                    }
                }
                let more = len(&json["rules"]).saturating_sub(8);
                assert_eq!(lines.next().map(numbers).unwrap_or_default(), if more > 0 { vec![more] } else { Vec::new() });
                assert_eq!(lines.next(), None, "no check knows this sentence");
            }
            "Behaviour classes" => {
                let classes = list(&json["classes"]);
                let mut lines = lines.into_iter();
                for class in classes.iter().take(8) {
                    let line = lines.next().unwrap();
                    assert!(line.trim().starts_with(text(&class["letter"])));
                    let told = numbers(line);
                    assert!(told.first().is_none_or(|told| *told == len(&class["cells"])), "{line}");
                    assert!(!told.is_empty() || len(&class["cells"]) <= 2, "{line}");
                }
                if classes.len() > 8 {
                    let rest: u64 = classes[8..].iter().map(|class| len(&class["cells"])).sum();
                    assert_eq!(numbers(lines.next().unwrap()), [classes.len() as u64 - 8, rest]);
                }
                assert_eq!(lines.next(), None, "no check knows this sentence");
            }
            "totals" => check_totals(json, &lines),
            other => panic!("no check knows the section {other}"),
        }
    }
}

fn check_totals(json: &Json, lines: &[&str]) {
    let cells = list(&json["cells"]);
    let count = |is: &dyn Fn(&Json) -> bool| cells.iter().filter(|cell| is(cell)).count() as u64;
    for line in lines {
        let (label, rest) = line.trim().split_once("  ").unwrap();
        match label {
            "Baseline" => {
                let ended = |scenario: &Json| {
                    let mut outcomes = list(&scenario["outcomes"]).iter();
                    outcomes.find(|outcome| outcome["cell"] == json["baseline"]).map(|outcome| text(&outcome["status"]).to_owned())
                };
                let early = |status: &String| !["ran", "not-applicable", "infra"].contains(&status.as_str());
                let early = list(&json["scenarios"]).iter().filter_map(ended).filter(early).count() as u64;
                assert_eq!(numbers(rest).first(), Some(&early), "{line}");
            }
            "Silent" => {
                let silent = |cell: &Json| number(&cell["counts"]["silent"]);
                assert_eq!(numbers(rest), [cells.iter().map(silent).sum(), count(&|cell| silent(cell) > 0)], "{line}");
            }
            "Summary" => {
                let rest = rest.split_once("] ").map_or(rest, |(_, rest)| rest);
                let (ran, rest) = rest.split_once(" cells ran: ").unwrap();
                assert_eq!(ran.trim(), format!("{}/{}", count(&|cell| is_state(cell, "ran")), cells.len()), "{line}");
                for told in rest.split([',', ';']) {
                    let (told, word) = told.trim().split_once(' ').unwrap();
                    let worst_is = |verdict: &str| {
                        let order = ["crash", "timeout", "raises", "returns", "changed", "warns", "close"];
                        count(&|cell| {
                            is_state(cell, "ran")
                                && order.iter().find(|one| number(&cell["counts"][**one]) > 0).copied().unwrap_or("same") == verdict
                        })
                    };
                    let expected = match word {
                        "same" | "close" | "changed" | "crash" => worst_is(word),
                        "warn" | "return" | "raise" => worst_is(&format!("{word}s")),
                        "import-failed" => count(&|cell| is_state(cell, word)),
                        other => panic!("no check knows `{other}`"),
                    };
                    assert_eq!(told, expected.to_string(), "{word} in {line}");
                }
            }
            "Next" => {}
            other => panic!("no check knows the line {other}"),
        }
    }
}

fn check_markdown(json: &Json, rendered: &str) {
    let plain = rendered.replace('\\', "").replace("&gt;", ">").replace("&lt;", "<");
    let row = |line: &str| line.trim_matches('|').split('|').map(str::trim).map(str::to_owned).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = plain.lines().filter(|line| line.starts_with("| **")).map(row).collect();
    // Neighbouring versions that show the same are one row or column here; then the table alone is checked.
    if rows.iter().map(|row| row.len() - 1).sum::<usize>() == list(&json["cells"]).len() {
        check_grid(json, rows.iter().map(|row| row.iter().map(String::as_str).collect()));
    }
    let observations: u64 = list(&json["scenarios"]).iter().map(|scenario| len(&scenario["observations"])).sum();
    let facts = plain.lines().find(|line| line.starts_with("Baseline ")).unwrap();
    assert_eq!(numbers(facts), [observations, len(&json["scenarios"])], "{facts}");
    let rules = list(&json["rules"]);
    let mut of_rules = rules.iter().take(12);
    // How many the list has of which this is an item.
    let (mut all, mut of_metadata) = (0, 0);
    for item in plain.lines().filter_map(|line| line.strip_prefix("- ")) {
        if let Some((name, sentences)) = item.strip_prefix("**").and_then(|rest| rest.split_once("**: ")) {
            all = places(json);
            // What else changed stands behind the same sign as the next sentence.
            let joined = sentences.replace("; also ", "\u{1}");
            let sentences: Vec<String> = joined.split("; ").map(|sentence| sentence.replace('\u{1}', "; also ")).collect();
            let sentences: Vec<&str> = sentences.iter().map(String::as_str).collect();
            for (sentence, expected) in of_place(json, name, &sentences) {
                assert_eq!(numbers(&sentence), expected, "{name}: {sentence}");
            }
        } else if let Some((when, told)) = item.strip_prefix('`').and_then(|rest| rest.split_once("`: ")) {
            all = rules.len() as u64;
            let rule = of_rules.next().unwrap();
            assert_eq!(when, text(&rule["when"]));
            for (sentence, expected) in told.split("; ").zip(of_rule(rule)) {
                assert!(expected.is_empty() || numbers(sentence) == expected, "{item}: {rule}");
            }
        } else if item.starts_with("and ") {
            assert_eq!(numbers(item), [all - 12], "{item}");
        } else if let Some(cells) = against_metadata(json, item) {
            of_metadata += 1;
            assert!(numbers(item) == [cells] || numbers(item).is_empty() && cells <= 2, "{item}: {cells}");
        } else {
            all = of_metadata + disagreements(json);
            assert!(item.contains(" declares ") && numbers(item).is_empty(), "no check knows this sentence: {item}");
        }
    }
    if !rules.is_empty() {
        assert!(plain.contains(&format!("silent ones first</b> ({})", rules.len())));
    }
}

#[test]
fn every_count_that_is_printed_is_one_of_the_json() {
    let mut told = BTreeSet::new();
    for (alpha, beta, scenarios, observations) in [(5, 6, 3, 30), (2, 3, 1, 9), (9, 7, 2, 60), (16, 4, 1, 28), (3, 1, 2, 12)] {
        let results = results(&record(alpha, beta, scenarios, observations));
        let mut file = Vec::new();
        json::write(&results, &mut file).unwrap();
        let json: Json = serde_json::from_slice(&file).unwrap();
        let table = terminal::table(&results, &Style { width: 4000, collapse: false, ..Style::default() });
        check_table(&json, &table);
        let markdown = markdown::render(&results, None);
        check_markdown(&json, &markdown);
        let words = [
            "of them elsewhere",
            "; also ",
            "places",
            "of them silent",
            "no answer from",
            "not told apart",
            "import fails in",
            "in the only",
        ];
        told.extend(words.into_iter().filter(|words| table.contains(words)));
    }
    assert!(told.len() >= 7, "the records bring only these about: {told:?}");
}
