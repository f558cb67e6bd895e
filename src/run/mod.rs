//! Runs a plan: provisions cells, executes scenarios in them, stores what they observe. Prints nothing.

mod dispatcher;
mod event;
mod executor;
mod signals;

pub use event::{Fanout, Progress, Reporter, Silent};
pub use executor::{Choice, Course, RunEnd, RunError, Settings, run};
pub use signals::Signals;
