//! The `skew` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(skew::cli::main())
}
