//! Bytecode that images come without.

use crate::{
    bench::{Bench, Engine, docker},
    faults::MATRIX,
};

/// Where this process found the bytecode of a module of the standard library and of the agent.
const SCENARIO: &str = r#"
import json, sys
library = json.decoder.__cached__.startswith("/skew/stdlib/")
agent = sys.modules["_skew_agent"].__file__.endswith(".pyc")
from email import message
later = message.__cached__.startswith("/skew/stdlib/")
"#;

#[test]
fn a_store_that_serves_again_has_the_bytecode_that_the_image_lacks() {
    let Some(bench) = Bench::new(Engine::Docker, "3.11", "bytecode", MATRIX, &["zz_sober"]) else { return };
    bench.write("hostile/looks.py", SCENARIO);
    let volume = format!("skew-test-{}", bench.id);
    for name in ["first", "second"] {
        let run = bench.finish(bench.in_volume(&volume, name, &["--fresh"]));
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        if name == "second" {
            for observed in ["library", "agent", "later"] {
                assert_eq!(run.preview("looks", observed), true, "{observed}");
            }
        }
    }
    docker(&["volume", "rm", &volume]).expect("nobody uses the volume");
}
