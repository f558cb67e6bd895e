//! A `matrix.yaml`: read and validated, with every problem shown.
#![no_main]

mod limit;

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use skew::matrix::Matrix;

fuzz_target!(|data: &[u8]| {
    limit::bounded(data.len(), 4096, || match Matrix::decode(Path::new("matrix.yaml"), data.to_vec()) {
        Ok(matrix) => assert!(!matrix.axes.is_empty(), "a matrix has axes"),
        Err(problems) => {
            assert!(!problems.is_empty(), "what is refused has a reason");
            let _ = (problems.render(false), problems.render(true));
        }
    });
});
