//! What scenarios can reach, and what a run records of where it ran.

use crate::{bench::Engine, hostile};

#[test]
fn a_container_lets_scenarios_write_only_what_is_theirs() {
    let Some(run) = hostile::run(Engine::Docker) else { return };
    for reached in ["root", "system", "environment", "store", "interpreter", "remounted"] {
        assert_eq!(run.preview("writes_other_dirs", reached), false, "{reached}");
    }
    for own in ["own_folder", "own_home"] {
        assert_eq!(run.preview("writes_other_dirs", own), true, "{own}");
    }
}

#[test]
fn a_container_keeps_the_agent_out_of_the_reach_of_scenarios() {
    let Some(run) = hostile::run(Engine::Docker) else { return };
    assert_eq!(run.preview("forges_through_proc", "reached"), &serde_json::json!([false, false]));
}

#[test]
fn no_scenario_gets_onto_the_network() {
    for engine in [Engine::Docker, Engine::Local] {
        let Some(run) = hostile::run(engine) else { continue };
        if run.record.caveats.iter().any(|caveat| caveat.contains("use the network")) {
            continue;
        }
        for reached in ["names", "internet", "cloud_metadata", "gateway"] {
            assert_eq!(run.preview("network", reached), false, "{reached}");
        }
        assert_eq!(run.preview("network", "loopback"), true);
    }
}

#[test]
fn scenarios_see_no_variable_of_whoever_started_the_program() {
    for engine in [Engine::Docker, Engine::Local] {
        let Some(run) = hostile::run(engine) else { continue };
        assert!(run.preview("sees_host_env", "secret").is_null());
        assert_eq!(run.preview("sees_host_env", "variables"), &serde_json::json!([]));
        if engine == Engine::Docker {
            for ending in run.endings("sees_host_env") {
                assert_eq!(ending.stdout, "in another process: False\n");
            }
        }
    }
}

#[test]
fn image_and_interpreter_are_recorded() {
    for engine in [Engine::Docker, Engine::Local] {
        let Some(run) = hostile::run(engine) else { continue };
        for (row, cell) in run.record.cells.iter().zip(run.results["cells"].as_array().expect("cells")) {
            let interpreter = row.facts.interpreter.as_deref().expect("an interpreter");
            let hello = row.facts.hello.as_ref().expect("the agent's word");
            assert!(hello.python.starts_with("3.11."), "{}", hello.python);
            match engine {
                Engine::Docker => {
                    assert_eq!(interpreter, "skew-test/python:3.11");
                    assert!(cell["image"].as_str().expect("an image").starts_with("sha256:"), "{cell}");
                }
                Engine::Local => {
                    assert!(std::path::Path::new(interpreter).is_absolute(), "{interpreter}");
                    assert!(cell.get("image").is_none(), "{cell}");
                }
            }
        }
    }
}
