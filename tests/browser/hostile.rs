//! Text that packages and scenarios wrote stays text.

use serde_json::json;
use skew::report::Results;

use crate::{
    browser::{Setup, with_page},
    fixture::{BROKEN, NEWEST, array, error, observe, scenario, small},
};

const EVIL: &str = "</script></style><img src=x onerror=\"window.evil=1\"><!-- <script>window.evil=2</script> \u{202e}'\"`${1}";

fn hostile() -> Results {
    let mut results = small();
    scenario(&mut results, EVIL);
    observe(&mut results, EVIL, vec![array("float64", &[1.0]), error(EVIL, EVIL)], "0= 0= -- 0= 0= 0= 0= 0= 1r");
    for observation in &mut results.scenarios[1].observations {
        for set in &mut observation.warning_sets {
            for warning in set {
                (warning.category, warning.message, warning.origin) = (EVIL.to_owned(), EVIL.to_owned(), EVIL.to_owned());
            }
        }
    }
    for cell in &mut results.cells {
        (cell.cause, cell.hint) = (Some(EVIL.to_owned()), Some(EVIL.to_owned()));
        cell.packages.insert(EVIL.to_owned(), EVIL.to_owned());
        cell.conflicts.push(EVIL.to_owned());
        if let Some(error) = &mut cell.import_error {
            (error.message, error.cause, error.traceback) = (EVIL.to_owned(), Some(EVIL.to_owned()), vec![EVIL.to_owned()]);
        }
    }
    results.run.caveats.push(EVIL.to_owned());
    results
}

#[test]
fn hostile_names_and_messages_are_inert_wherever_they_are_shown() {
    let name = "encodeURIComponent(index_name)";
    with_page(&hostile(), "", Setup::default(), async |page| {
        let encoded = page.text(&format!("((index_name) => {name})({})", json!(EVIL))).await;
        let addresses = [
            "#/".to_owned(),
            format!("#/cell/{NEWEST}"),
            format!("#/cell/{BROKEN}"),
            format!("#/scenario/{encoded}"),
            format!("#/observation/{encoded}/{encoded}?cell={NEWEST}"),
            format!("#/cell/{encoded}"),
            format!("#/?q={encoded}"),
        ];
        for address in addresses {
            page.driver.execute(format!("location.hash = {}", json!(address)), Vec::new()).await.unwrap();
            page.settle().await;
            // Everything that opens is opened, so that its text is there.
            page.driver.execute("document.querySelectorAll('details').forEach((it) => { it.open = true; })", Vec::new()).await.unwrap();
            page.settle().await;
            assert_eq!(page.eval("[window.evil ?? null, document.images.length]").await, json!([null, 0]), "{address}");
        }
        assert_eq!(page.eval("document.scripts.length").await, json!(6), "index, cells, three scenarios and the program");
        page.end().await.is_clean(1);
    });
}
