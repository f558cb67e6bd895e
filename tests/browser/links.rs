//! Addresses: everything the reader chose stands in them.

use serde_json::json;

use crate::{
    browser::{Setup, with_page},
    fixture::{BROKEN, NEWEST, small},
};

#[test]
fn a_link_to_a_cell_shows_what_differs_and_survives_a_reload() {
    with_page(&small(), &format!("#/cell/{NEWEST}?mode=class&q=numpy:>=2"), Setup::default(), async |page| {
        for _ in 0..2 {
            let panel = page.text("document.getElementById('panel').textContent").await;
            assert!(panel.contains("1 changed, silent") && panel.contains("1 raises") && panel.contains("1 warns"), "{panel}");
            assert_eq!(page.text("document.querySelector('input[name=mode]:checked').value").await, "class");
            assert_eq!(page.text("document.getElementById('query').value").await, "numpy:>=2");
            assert_eq!(page.eval("document.querySelectorAll('td.faint').length").await, json!(6));
            page.reload().await;
        }
        page.end().await.is_clean(3);
    });
}

#[test]
fn the_drill_down_sets_two_values_side_by_side() {
    with_page(&small(), &format!("#/observation/promotion/solve?cell={NEWEST}"), Setup::default(), async |page| {
        assert_eq!(
            page.text("[...document.querySelectorAll('.comparison .value')].map((it) => it.textContent).join(' ')").await,
            "[1.0, 2.0, 3.0, 4.0] [1.0, 2.5, 3.0, 4.0]"
        );
        assert_eq!(page.text("[...document.querySelectorAll('.comparison mark')].map((it) => it.textContent).join(' ')").await, "2.0 2.5");
        let numbers = page.text("document.querySelector('.numbers').textContent").await;
        for part in ["1 of 4", "max abs0.5", "max rel0.25", "max ULP1,125,899,906,842,624", "first at[1]"] {
            assert!(numbers.contains(part), "{part} in {numbers}");
        }
        let panel = page.text("document.getElementById('panel').textContent").await;
        assert!(panel.contains("First differs at numpy 2.0.2; 1.26.4 still agrees."), "{panel}");
        page.end().await.is_clean(1);
    });
}

#[test]
fn a_failed_import_tells_the_cause_before_the_exception() {
    with_page(&small(), &format!("#/cell/{BROKEN}"), Setup::default(), async |page| {
        let panel = page.text("document.getElementById('panel').textContent").await;
        let place = |text: &str| panel.find(text).unwrap();
        assert!(place("compiled using NumPy 1.x") < place("Unable to convert"));
        assert_eq!(page.eval("document.querySelector('#panel .error details').open").await, json!(false), "the traceback is folded");
        assert!(panel.contains("forbids this combination"));
        page.end().await.is_clean(1);
    });
}

#[test]
fn scenarios_classes_and_unknown_names_have_addresses() {
    with_page(&small(), "#/scenario/article/products", Setup::default(), async |page| {
        assert!(page.text("document.getElementById('panel').textContent").await.contains("product"));
        assert_eq!(
            page.text("document.querySelector('td[data-cell=\"8\"] a').textContent").await,
            "w1",
            "the grid shows the scenario alone"
        );
        for (address, text) in [
            ("#/class/B", "numpy 2.0.2 × tensorflow 2.18.1"),
            ("#/cell/numpy-9+tensorflow-9", "This report (of 2026-11-22) has no cell numpy-9+tensorflow-9."),
            ("#/scenario/nothing", "has no scenario nothing"),
            ("#/observation/promotion/nothing", "no observation nothing"),
        ] {
            page.driver.execute(format!("location.hash = '{address}'"), Vec::new()).await.unwrap();
            page.settle().await;
            page.wait("document.getElementById('panel').textContent").await;
            let panel = page.text("document.getElementById('panel').textContent").await;
            assert!(panel.contains(text), "{address}: {panel}");
        }
        page.end().await.is_clean(1);
    });
}
