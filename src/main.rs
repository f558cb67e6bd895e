//! The `skew` program.

use std::process::ExitCode;

/// Millions of small values are made by one thread and dropped by another, over which glibc's threads wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(skew::cli::main())
}
