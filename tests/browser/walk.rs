//! Keyboard and mouse.

use serde_json::json;
use thirtyfour::Key;

use crate::{
    browser::{Setup, with_page},
    fixture::{NEWEST, small},
};

const FOCUSED: &str = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent";

#[test]
fn arrows_walk_the_grid_enter_opens_a_cell_and_escape_comes_back() {
    with_page(&small(), "", Setup::default(), async |page| {
        assert_eq!(
            page.eval("document.querySelectorAll('table.grid a.face[tabindex=\"0\"]').length").await,
            json!(1),
            "one stop for the tabulator"
        );
        page.driver.execute("document.querySelector('table.grid a.face').focus()", Vec::new()).await.unwrap();
        page.press(Key::Right).await;
        assert_eq!(page.text(FOCUSED).await, "numpy 1.24.4, tensorflow 2.15.1: same, class A");
        page.press(Key::Down).await;
        assert_eq!(page.text(FOCUSED).await, "numpy 1.26.4, tensorflow 2.15.1: same, class A, the baseline");
        page.press(Key::Control + Key::End).await;
        assert_eq!(page.text(FOCUSED).await, "numpy 2.0.2, tensorflow 2.18.1: 1 raise, class B");
        page.press(Key::Home).await;
        assert_eq!(page.text(FOCUSED).await, "numpy 2.0.2, tensorflow 2.12.1: import fails");
        page.press(Key::End).await;
        page.press(Key::Enter).await;
        page.settle().await;
        assert_eq!(page.text("location.hash").await, format!("#/cell/{NEWEST}"));
        page.wait("document.activeElement.id === 'panel-heading'").await;
        assert!(page.text("document.activeElement.textContent").await.contains("numpy 2.0.2 × tensorflow 2.18.1"));
        page.press(Key::Escape).await;
        page.settle().await;
        assert_eq!(page.text("location.hash").await, "#/");
        assert!(page.text(FOCUSED).await.starts_with("numpy 2.0.2, tensorflow 2.18.1"));
        page.end().await.is_clean(1);
    });
}

#[test]
fn the_filter_selects_cells_and_observations_and_keeps_the_focus() {
    with_page(&small(), "", Setup::default(), async |page| {
        let shown = "[...document.querySelectorAll('td[data-cell]:not(.faint)')].length";
        page.filter("numpy:>=2 tensorflow:2.18").await;
        assert_eq!(page.eval(shown).await, json!(1));
        assert_eq!(page.text("document.getElementById('found').textContent").await, "1 of 9 cells");
        assert_eq!(page.text("document.activeElement.id").await, "query");
        page.filter("\"out of bounds\"").await;
        assert_eq!(page.eval(shown).await, json!(1));
        assert_eq!(page.text("document.querySelector('#results a').textContent").await, "promotion::uint8_plus_300");
        for (query, cells) in [
            ("s:error", 1),
            ("s:import-failed", 2),
            ("class:A", 5),
            ("is:silent", 1),
            ("is:new", 1),
            ("is:surprising", 1),
            ("kind:value", 1),
        ] {
            page.filter(query).await;
            assert_eq!(page.eval(shown).await, json!(cells), "{query}");
        }
        page.filter("numpi:1").await;
        assert!(page.text("document.getElementById('found').textContent").await.contains("unknown key “numpi”"));
        page.filter("").await;
        assert_eq!(page.eval(shown).await, json!(9));
        page.find("button[data-atom='is:silent']").await.click().await.unwrap();
        page.settle().await;
        assert_eq!(page.text("location.hash").await, "#/?q=is:silent");
        page.end().await.is_clean(1);
    });
}

#[test]
fn any_cell_can_be_the_baseline() {
    with_page(&small(), &format!("#/cell/{NEWEST}"), Setup::default(), async |page| {
        page.find("#rebase").await.click().await.unwrap();
        page.settle().await;
        let sign = "document.querySelector('td[data-cell=\"4\"] a').textContent";
        assert_eq!(page.text(sign).await, "↩1A", "the error of the new baseline is a value here");
        assert_eq!(page.text("document.querySelector('td[data-cell=\"8\"] a').textContent").await, "★B");
        assert!(page.text("location.hash").await.contains("base=numpy-2.0.2+tensorflow-2.18.1"));
        page.find("td[data-cell='4'] a").await.click().await.unwrap();
        page.settle().await;
        let panel = page.text("document.getElementById('panel').textContent").await;
        assert!(panel.contains("1 returns") && panel.contains("1 changed, silent"), "{panel}");
        page.reload().await;
        assert_eq!(page.text(sign).await, "↩1A", "the choice stands in the address");
        page.end().await.is_clean(2);
    });
}

#[test]
fn modes_and_merging_change_what_the_grid_shows() {
    with_page(&small(), "#/?mode=declared", Setup::default(), async |page| {
        let sign = |cell: usize| format!("document.querySelector('td[data-cell=\"{cell}\"] a').textContent");
        assert_eq!((page.text(&sign(6)).await, page.text(&sign(7)).await), ("✓!".to_owned(), "⊖".to_owned()));
        page.find("input[value=class]").await.click().await.unwrap();
        page.settle().await;
        assert_eq!(page.text(&sign(8)).await, "B");
        page.find("input[value=changed]").await.click().await.unwrap();
        page.settle().await;
        assert_eq!((page.text(&sign(8)).await, page.text(&sign(0)).await), ("Δ1".to_owned(), "=".to_owned()));
        page.find("input[value=duration]").await.click().await.unwrap();
        page.settle().await;
        assert_eq!(page.text(&sign(0)).await, "13 s");
        page.find("input[value=result]").await.click().await.unwrap();
        page.find("#fold").await.click().await.unwrap();
        page.settle().await;
        let heads = "[...document.querySelectorAll('table.grid thead th:not([hidden])')].map((th) => th.textContent).join('|')";
        assert_eq!(page.text(heads).await, "numpy \\ tensorflow|2.12.1–2.15.1|2.18.1");
        page.find("#fold").await.click().await.unwrap();
        page.settle().await;
        assert_eq!(page.text(heads).await, "numpy \\ tensorflow|2.12.1|2.15.1|2.18.1");
        page.end().await.is_clean(1);
    });
}
