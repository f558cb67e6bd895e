//! A `results.json`: read, and rendered in every format that `skew report FILE` offers.
#![no_main]

mod limit;

use libfuzzer_sys::fuzz_target;
use skew::report::{Results, badge, json, markdown, svg};

fuzz_target!(|data: &[u8]| {
    limit::bounded(data.len(), 1024, || {
        let Ok(results) = std::str::from_utf8(data).map(json::parse) else { return };
        if let Ok(results) = results {
            render(&results);
        }
    });
});

fn render(results: &Results) {
    let _ = markdown::render(results, None);
    let _ = svg::render(results);
    let _ = badge::render(results);
    let mut written = Vec::new();
    json::write(results, &mut written).expect("memory takes every byte");
    let text = std::str::from_utf8(&written).expect("JSON is UTF-8");
    let again = json::parse(text).unwrap_or_else(|error| panic!("what was written can be read: {error}"));
    let mut twice = Vec::new();
    json::write(&again, &mut twice).expect("memory takes every byte");
    assert!(written == twice, "a file that was read is written as it was");
}
