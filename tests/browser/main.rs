//! The HTML report in a real browser.
//!
//! Needs Debian's packages chromium and chromium-driver. Without them the tests say so and pass, unless
//! `SKEW_REQUIRE_BROWSER=1` asks for them.

#![expect(clippy::unwrap_used, reason = "tests")]

mod browser;
mod fixture;
mod hostile;
mod links;
mod lists;
#[path = "../../src/report/fixture.rs"]
#[expect(dead_code, reason = "some are for other formats")]
mod made;
mod size;
mod views;
mod walk;
