//! Runs a plan: provisions cells, executes scenarios in them, stores what they observe. Prints nothing.

mod dispatcher;
mod event;
mod executor;
mod hearing;
mod job;
mod signals;

pub use event::{Fanout, Progress, Reporter, Silent};
pub use executor::{Choice, Course, Failed, Reuse, RunEnd, RunError, Settings, run};
pub use job::Jobs;
pub use signals::Signals;

/// RFC 3339 with whole seconds.
fn timestamp(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The day, UTC: `2026-11-23`.
pub fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

fn now() -> String {
    timestamp(jiff::Timestamp::now())
}
