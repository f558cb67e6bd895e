//! Other ways to look at the page: dark, forced colours, paper, without scripts, read aloud, on a phone.

use serde_json::{Value, json};
use skew::plan::Released;

use crate::{
    browser::{Page, Setup, with_page},
    fixture::{NEWEST, small},
};

async fn media(page: &Page, medium: &str, features: &[(&str, &str)]) {
    let features: Vec<Value> = features.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    page.tools("Emulation.setEmulatedMedia", json!({"media": medium, "features": features})).await;
}

const BACKGROUND: &str = "getComputedStyle(document.documentElement).backgroundColor";

#[test]
fn the_page_follows_the_system_and_the_readers_choice_wins() {
    with_page(&small(), "", Setup::default(), async |page| {
        media(&page, "", &[("prefers-color-scheme", "light")]).await;
        assert_eq!(page.text(BACKGROUND).await, "rgb(255, 255, 255)");
        media(&page, "", &[("prefers-color-scheme", "dark")]).await;
        assert_eq!(page.text(BACKGROUND).await, "rgb(13, 17, 23)");
        page.reload().await;
        page.find("#theme").await.click().await.unwrap();
        page.settle().await;
        assert_eq!(page.text("location.hash").await, "#/?theme=light");
        assert_eq!(page.text(BACKGROUND).await, "rgb(255, 255, 255)");
        page.end().await.is_clean(2);
    });
}

#[test]
fn without_colours_symbols_and_fault_lines_still_tell() {
    with_page(&small(), "", Setup::default(), async |page| {
        media(&page, "", &[("forced-colors", "active")]).await;
        assert_eq!(page.eval("matchMedia('(forced-colors: active)').matches").await, json!(true));
        let line = "getComputedStyle(document.querySelector('td.fault-below'), '::after').backgroundColor";
        assert_ne!(page.text(line).await, page.text(BACKGROUND).await);
        let signs = page.text("[...document.querySelectorAll('td[data-cell] a')].map((it) => it.textContent).join(' ')").await;
        assert_eq!(signs, "=A =A ⊘ =A ★A =A ‼ ‼ ✗1B");
        page.end().await.is_clean(1);
    });
}

#[test]
fn on_paper_there_are_no_controls_and_the_grid_keeps_its_colours() {
    with_page(&small(), "", Setup::default(), async |page| {
        media(&page, "print", &[("prefers-color-scheme", "dark")]).await;
        assert_eq!(page.text("getComputedStyle(document.getElementById('search')).display").await, "none");
        assert_eq!(page.text("getComputedStyle(document.querySelector('table.grid thead')).display").await, "table-header-group");
        assert_eq!(page.text("getComputedStyle(document.querySelector('td.m-raises')).backgroundColor").await, "rgb(191, 59, 0)");
        assert!(page.text("document.getElementById('address').textContent").await.starts_with("file://"));
        let paper = page.tools("Page.printToPDF", json!({"preferCSSPageSize": true})).await;
        assert!(paper["data"].as_str().is_some_and(|data| data.len() > 10_000));
        page.end().await.is_clean(1);
    });
}

#[test]
fn without_scripts_the_page_still_says_everything_important() {
    with_page(&small(), "", Setup { without_scripts: true }, async |page| {
        let body = page.find("body").await.text().await.unwrap();
        assert_eq!(page.driver.find_all(thirtyfour::By::Css("table.grid td .face")).await.unwrap().len(), 9);
        for text in [
            "✗1",
            "An import fails in numpy 2.0.2",
            "uint8_plus_300",
            "Nearest is",
            "import fails",
            "promotion",
            "1 change since 2026-11-15",
        ] {
            assert!(body.contains(text), "{text} in {body}");
        }
        assert!(page.driver.find_all(thirtyfour::By::Css("#query")).await.unwrap().is_empty(), "no dead controls");
        page.end().await.is_clean(1);
    });
}

#[test]
fn the_grid_is_read_aloud_with_its_headers() {
    with_page(&small(), &format!("#/cell/{NEWEST}"), Setup::default(), async |page| {
        let tree = page.tools("Accessibility.getFullAXTree", json!({})).await;
        let nodes = tree["nodes"].as_array().unwrap();
        let names = |role: &str| -> Vec<&str> {
            let of_role = nodes.iter().filter(|node| node["role"]["value"] == role);
            of_role.map(|node| node["name"]["value"].as_str().unwrap_or_default()).collect()
        };
        assert_eq!(names("rowheader")[..3], ["1.24.4", "1.26.4", "2.0.2"]);
        assert_eq!(names("columnheader")[..4], ["numpy \\ tensorflow", "2.12.1", "2.15.1", "2.18.1"]);
        assert_eq!(names("grid"), ["Result of each combination"]);
        assert!(names("link").contains(&"numpy 2.0.2, tensorflow 2.18.1: 1 raise, class B"));
        assert!(names("heading").iter().all(|name| !name.is_empty()));
        let unnamed = nodes.iter().filter(|node| {
            ["button", "link", "textbox", "searchbox", "radio", "checkbox"].contains(&node["role"]["value"].as_str().unwrap_or_default())
        });
        assert!(unnamed.into_iter().all(|node| !node["name"]["value"].as_str().unwrap_or_default().is_empty()));
        page.end().await.is_clean(1);
    });
}

#[test]
fn a_phone_shows_the_page_without_scrolling_sideways() {
    let mut results = small();
    for axis in &mut results.axes {
        // Releases enough that the grid is wider than the phone, with dates that are said to some and not shown.
        axis.versions.extend((0..9).map(|minor| format!("3.{minor}.0")));
        let date = Some(Released { at: "2024-08-26T00:00:00Z".to_owned(), series: "2024-06-16T00:00:00Z".to_owned() });
        axis.released = vec![date; axis.versions.len()];
    }
    for minor in 0..9 {
        let mut cell = results.cells[3].clone();
        cell.id = format!("numpy-1.26.4+tensorflow-3.{minor}.0");
        cell.axes.insert("tensorflow".to_owned(), format!("3.{minor}.0"));
        results.cells.push(cell);
    }
    with_page(&results, &format!("#/observation/promotion/solve?cell={NEWEST}"), Setup::default(), async |page| {
        assert!(page.text("document.querySelector('thead').textContent").await.contains("2024-08†, released 2024-08-26"));
        page.tools("Emulation.setDeviceMetricsOverride", json!({"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true}))
            .await;
        // A page that is too wide makes the window of a phone wider.
        assert_eq!(page.eval("[document.documentElement.scrollWidth, innerWidth]").await, json!([390, 390]));
        let small = "[...document.querySelectorAll('button, td[data-cell] a, input')].filter((it) => it.offsetParent && Math.min(it.offsetWidth, it.offsetHeight) < 24 && !it.closest('label')).length";
        assert_eq!(page.eval(small).await, json!(0), "nothing to touch is smaller than 24 pixels");
        page.end().await.is_clean(1);
    });
}
