//! How fast two arrays are measured, beside how fast they can be read at all. `bench/compare` makes the arrays, starts this and
//! sets it against what NumPy takes for the same files.
//!
//! usage: cargo bench --bench compare -- DTYPE BASELINE HERE RTOL ATOL ROUNDS
//!
//! Prints one line of JSON: seconds of each round for reading both files' bytes once, for measuring, and what was measured.

#![expect(clippy::print_stdout, reason = "the answer")]

use std::{error::Error, fs, hint::black_box, time::Instant};

use skew::{
    compare::measure_arrays,
    matrix::{Tolerance, Tolerances},
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [dtype, baseline, here, rtol, atol, rounds] = arguments.as_slice() else {
        // `cargo test --benches` starts this, too.
        println!("usage: compare DTYPE BASELINE HERE RTOL ATOL ROUNDS");
        return Ok(());
    };
    let (baseline, here) = (fs::read(baseline)?, fs::read(here)?);
    let tolerance = Tolerance { rtol: rtol.parse()?, atol: atol.parse()? };
    let tolerances = Tolerances { by_dtype: [(dtype.clone(), tolerance)].into(), ulp: 0 };
    let (mut read, mut measure, mut found) = (Vec::new(), Vec::new(), None);
    for _ in 0..rounds.parse()? {
        let begun = Instant::now();
        black_box(sum(&baseline).wrapping_add(sum(&here)));
        read.push(begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        found = black_box(measure_arrays(dtype, &baseline, &here, &tolerances));
        measure.push(begun.elapsed().as_secs_f64());
    }
    println!("{}", serde_json::json!({"read": read, "measure": measure, "found": found}));
    Ok(())
}

/// The sum of an array's 64-bit words: the least that can be done with all of them.
fn sum(bytes: &[u8]) -> u64 {
    bytes.as_chunks::<8>().0.iter().fold(0, |sum, word| sum.wrapping_add(u64::from_le_bytes(*word)))
}
