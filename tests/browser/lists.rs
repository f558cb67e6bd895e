//! Grids of further axes, lists in another order, and the command that does a scenario again.

use serde_json::json;
use skew::{
    agent::Package,
    matrix::Tolerance,
    report::{Mark, Past, repro},
};

use crate::{
    browser::{Setup, with_page},
    fixture::{NEWEST, array, observe, small},
    made::{self, facets, scenario},
};

#[test]
fn each_combination_of_further_axes_has_a_grid_of_its_own() {
    with_page(&facets(), "", Setup::default(), async |page| {
        let captions = "[...document.querySelectorAll('table.grid caption')].map((it) => it.textContent).join(' | ')";
        assert_eq!(
            page.text(captions).await,
            "scipy 1.11.4, python 3.11 | scipy 1.11.4, python 3.12 | scipy 1.14.1, python 3.11 | scipy 1.14.1, python 3.12"
        );
        assert_eq!(page.eval("document.querySelectorAll('a.face[tabindex=\"0\"]').length").await, json!(4), "one stop for each grid");
        assert_eq!(page.eval("document.querySelectorAll('td[data-cell]').length").await, json!(16));
        page.driver.execute("document.querySelectorAll('table.grid')[2].querySelector('a.face').focus()", Vec::new()).await.unwrap();
        for key in [thirtyfour::Key::Down, thirtyfour::Key::Right, thirtyfour::Key::Enter] {
            page.press(key).await;
        }
        page.settle().await;
        assert_eq!(page.text("location.hash").await, "#/cell/numpy-2.0.2+tensorflow-2.18.1+scipy-1.14.1+python-3.11");
        let heading = "document.getElementById('panel-heading').textContent";
        page.wait(heading).await;
        assert!(page.text(heading).await.contains("numpy 2.0.2 × tensorflow 2.18.1 × scipy 1.14.1 × python 3.11"));
        page.filter("scipy:1.14 python:3.12").await;
        assert_eq!(page.eval("document.querySelectorAll('td[data-cell]:not(.faint)').length").await, json!(4));
        page.find("#fold").await.click().await.unwrap();
        page.settle().await;
        let widths = "[...document.querySelectorAll('table.grid')].map((it) => it.querySelectorAll('thead th:not([hidden])').length - 1)";
        assert_eq!(page.eval(widths).await, json!([1, 1, 1, 1]), "what is alike is merged in each grid by itself");
        page.driver.execute("location.hash = '#/scenario/special'", Vec::new()).await.unwrap();
        page.settle().await;
        assert!(page.text(captions).await.starts_with("Scenario special alone, scipy 1.11.4, python 3.11 | "));
        page.end().await.is_clean(1);
    });
}

#[test]
fn lists_are_sorted_as_the_address_says() {
    with_page(&small(), "#/scenario/promotion?sort=-name", Setup::default(), async |page| {
        let names = "[...document.querySelectorAll('#panel .sorted tbody th a')].map((it) => it.textContent).join(' ')";
        let sort = "[...document.querySelectorAll('#panel .sorted thead th')].map((it) => it.ariaSort).join(' ')";
        let pictures = "[...document.querySelectorAll('.pictures b')].map((it) => it.textContent).join(' ')";
        assert_eq!(page.text(names).await, "uint8_plus_300 solve");
        assert_eq!(page.text(sort).await, "descending none none none none");
        assert_eq!(page.text(pictures).await, "promotion article/products");
        let head = "#panel .sorted thead th:first-child button";
        page.find(head).await.click().await.unwrap();
        page.settle().await;
        assert_eq!(page.text("location.hash").await, "#/scenario/promotion", "the third click leaves the order to the list");
        assert_eq!(page.text(names).await, "solve uint8_plus_300", "the silent one first");
        page.find(head).await.click().await.unwrap();
        page.settle().await;
        assert_eq!(
            (page.text(sort).await, page.text(pictures).await),
            ("ascending none none none none".to_owned(), "article/products promotion".to_owned())
        );
        page.reload().await;
        assert_eq!(page.text(names).await, "solve uint8_plus_300");
        page.find("[data-sort=observations]").await.click().await.unwrap();
        page.settle().await;
        assert_eq!(page.text(pictures).await, "promotion article/products");
        assert_eq!(page.text("document.querySelector('[data-sort][aria-pressed=true]').textContent").await, "Observations");
        page.filter("s:error").await;
        assert_eq!(page.text("location.hash").await, "#/scenario/promotion?q=s:error&sort=observations");
        page.end().await.is_clean(2);
    });
}

#[test]
fn the_command_to_reproduce_is_whole() {
    let mut results = small();
    results.scenarios[0].env.insert("GREETING".to_owned(), "it's $1".to_owned());
    with_page(&results, &format!("#/cell/{NEWEST}"), Setup::default(), async |page| {
        let folded = "[...document.querySelectorAll('#panel details')].find((it) => it.textContent.startsWith('Command to reproduce'))";
        page.driver.execute(format!("{folded}.open = true"), Vec::new()).await.unwrap();
        page.settle().await;
        let shown = page.text(&format!("{folded}.querySelector('pre').textContent")).await;
        let cell = results.cells.iter().find(|cell| cell.id == NEWEST).unwrap();
        let package =
            |(name, version): (&String, &String)| Package { name: name.clone(), version: version.clone(), hashes: Vec::new(), url: None };
        let packages: Vec<Package> = cell.packages.iter().map(package).collect();
        let scenario = &results.scenarios[0];
        let wanted = repro::script(&packages, &scenario.path, None, &scenario.env, repro::Tool::Uv(&cell.python));
        assert_eq!(shown.trim_end(), wanted.trim_end(), "it is what `skew repro` prints");
        assert!(wanted.contains("scenarios/promotion.py") && wanted.contains("'GREETING=it'\\''s $1'"), "{wanted}");
        page.end().await.is_clean(1);
    });
}

#[test]
fn another_baseline_is_judged_with_the_tolerances_of_the_scenario() {
    let mut results = small();
    // Cells 0, 1, 3 hold the first value, 4 and 5 the second, 8 the third: neighbours, then half a unit apart.
    let next = f64::from_bits(1.0_f64.to_bits() + 3);
    for (name, generous) in [("exact", None), ("wide", Some(0.6)), ("units", Some(0.0))] {
        scenario(&mut results, name);
        let facts = vec![array("float64", &[1.0]), array("float64", &[next]), array("float64", &[1.5])];
        observe(&mut results, "x", facts, "0s 0s -- 0s 1= 1= -- -- 2s");
        let tolerances = &mut results.scenarios.last_mut().unwrap().tolerances;
        tolerances.by_dtype.insert("float64".to_owned(), Tolerance { rtol: 0.0, atol: generous.unwrap_or(0.0) });
        tolerances.ulp = if name == "units" { 3 } else { 0 };
    }
    let base = &results.cells[0].id;
    with_page(&results, &format!("#/scenario/exact?base={base}"), Setup::default(), async |page| {
        let signs = "[4, 8].map((cell) => document.querySelector(`td[data-cell=\"${cell}\"] a`).textContent).join(' ')";
        for (name, expected) in [("exact", "Δ1 Δ1"), ("wide", "≈1 ≈1"), ("units", "≈1 Δ1")] {
            page.driver.execute(format!("location.hash = '#/scenario/{name}?base={base}'"), Vec::new()).await.unwrap();
            page.settle().await;
            assert_eq!(page.text(signs).await, expected, "{name}");
        }
        page.end().await.is_clean(1);
    });
}

#[test]
fn the_filter_and_large_integers_follow_the_baseline_that_is_chosen() {
    let mut results = small();
    scenario(&mut results, "large");
    // As doubles they are one number.
    let integers = |last: &str| made::array("int64", &[2], json!([last, "1"]));
    made::observe(
        &mut results,
        "x",
        vec![integers("9007199254740992"), integers("9007199254740993")],
        "0= 0= -- 0= 1s 1s -- -- 1s",
        &["value"],
    );
    let base = &results.cells[0].id;
    with_page(&results, &format!("#/scenario/large?base={base}"), Setup::default(), async |page| {
        page.settle().await;
        assert_eq!(page.text("document.querySelector('td[data-cell=\"4\"] a').textContent").await, "Δ1");
        page.driver.execute(format!("location.hash = '#/?base={NEWEST}'"), Vec::new()).await.unwrap();
        page.settle().await;
        page.filter("kind:value scenario:promotion").await;
        let found = page.text("document.getElementById('found').textContent").await;
        assert!(found.starts_with("5 of 9 cells, "), "all that ran but the one that is compared with: {found}");
        page.end().await.is_clean(1);
    });
}

#[test]
fn a_cell_tells_what_it_showed_in_earlier_runs() {
    let mut results = small();
    let now = Past::new(&results, &results);
    let newest = results.cells.iter().position(|cell| cell.id == NEWEST).unwrap();
    let mut turned = Past { started: "2026-11-08T10:00:00Z".to_owned(), ..now.clone() };
    turned.changed[newest] = true;
    let mut first = Past { started: "2026-11-01T10:00:00Z".to_owned(), ..now.clone() };
    first.marks[newest] = Some(Mark::Same);
    results.past = vec![first, turned, now.again("r2", "2026-11-15T10:00:00Z"), now];
    with_page(&results, &format!("#/cell/{NEWEST}"), Setup::default(), async |page| {
        page.wait("document.querySelector('.history')").await;
        let panel = page.text("document.getElementById('panel').textContent").await;
        assert!(panel.contains("4 runs since 2026-11-01: same 2, changed 1; last change 2026-11-08"), "{panel}");
        let heights = "[...document.querySelectorAll('.history rect:not(.turn)')].map((it) => it.getAttribute('height')).join(' ')";
        let heights = page.text(heights).await;
        let heights: Vec<u32> = heights.split(' ').map(|height| height.parse().unwrap()).collect();
        assert!(heights.len() == 4 && heights[0] < heights[1] && heights[1] == heights[3], "{heights:?}");
        assert_eq!(page.eval("document.querySelectorAll('.history .turn').length").await, json!(1));
        page.end().await.is_clean(1);
    });
}
