//! Size and speed, measured; the figures are printed. What is bound is processor time, with room, so that a busy machine does
//! not fail the test.

use std::{io::Write as _, time::Instant};

use skew::report::html::{self, Options};

use crate::{
    browser::{Setup, with_html},
    fixture::{Spread, large},
};

const CELL: &str = "numpy-1.20.0+tensorflow-2.5.0";

/// Processor time on the page's main thread, in milliseconds, that loading and a first drill-down may take.
#[derive(Clone, Copy)]
struct Bounds {
    ready: f64,
    open: f64,
}

fn measure(name: &'static str, page: &str, bounds: Bounds) {
    let size = page.len();
    with_html(page, "", Setup::default(), async |page| {
        let ready = page.processor_time().await;
        let shown = page.eval("[Number(document.documentElement.dataset.ready), document.querySelectorAll('*').length]").await;
        let started = format!("window.begun = performance.now(); location.hash = '#/cell/{CELL}'");
        page.driver.execute(started, Vec::new()).await.unwrap();
        page.wait("document.documentElement.dataset.drawn === location.hash").await;
        let open = page.processor_time().await - ready;
        let opened = page.eval("Math.round(document.documentElement.dataset.at - window.begun)").await;
        let heap = page.eval("Math.round((performance.memory?.usedJSHeapSize ?? 0) / 1e6)").await;
        let _ = writeln!(
            std::io::stderr(),
            "{name}: {:.2} MB, {} elements; ready after {} ms ({ready:.0} ms of processor time), drill-down {opened} ms ({open:.0}), heap {heap} MB",
            size as f64 / 1e6,
            shown[1],
            shown[0],
        );
        assert!(ready <= bounds.ready, "loading took {ready:.0} ms of processor time");
        assert!(open <= bounds.open, "the drill-down took {open:.0} ms of processor time");
        assert!(shown[1].as_u64().unwrap() <= 5000, "{} elements", shown[1]);
        assert!(page.eval("document.querySelectorAll('#panel li').length").await.as_u64().unwrap() > 20);
        page.end().await.is_clean(1);
    });
}

#[test]
fn a_large_report_is_small_and_quick() {
    let begun = Instant::now();
    let page = html::render(&large(Spread::Typical), &Options::default());
    let _ = writeln!(std::io::stderr(), "typical: rendered in {:.1} s", begun.elapsed().as_secs_f64());
    assert!(page.len() <= 1_000_000, "{} bytes", page.len());
    assert!(!page.contains("To keep this file small"));
    measure("typical", &page, Bounds { ready: 600.0, open: 600.0 });
}

#[test]
fn the_worst_report_stays_usable_and_says_what_was_cut() {
    let results = large(Spread::Worst);
    let whole = html::render(&results, &Options { budget: usize::MAX, ..Options::default() });
    let page = html::render(&results, &Options { budget: whole.len() / 2, ..Options::default() });
    assert!(page.len() < whole.len());
    assert!(page.contains("To keep this file small, values of arrays are left out"));
    measure("worst, whole", &whole, Bounds { ready: 2000.0, open: 4000.0 });
    measure("worst, cut", &page, Bounds { ready: 2000.0, open: 4000.0 });
}
