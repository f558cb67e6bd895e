//! What is missing on a machine is told with its mend; and what shells make of the completions.

use std::process::Command;

use serde_json::Value;

use crate::{
    project::{Project, UV, ended},
    tour::INDEX,
};

const MATRIX: &str = "axes: {alpha: [\"1.1\"]}\npython: \"PYTHON\"\nengine: local\n";

fn project() -> Project {
    Project::new(&INDEX, MATRIX).scenario("one", "x = 1\n")
}

#[test]
fn a_machine_that_can_run_the_matrix_is_told_so() {
    let project = project();
    let told = project.skew(&["doctor"]).exits(0).stdout;
    for line in ["ok    matrix", "ok    index", "ok    uv", "ok    interpreters  CPython 3.", "disk", "cpu"] {
        assert!(told.contains(line), "{line:?} is not in\n{told}");
    }
    assert!(!told.contains("docker"), "{told}");
    assert!(!project.path(".skew").exists());
}

#[test]
fn what_is_missing_comes_with_its_mend_and_exit_code_3() {
    let mut project = project();
    let empty = project.path("empty");
    let mut command = project.command(&["doctor"]);
    let told = ended(command.env("PATH", &*UV).env("HOME", &empty).env("PYENV_ROOT", &empty)).exits(3).stdout;
    assert!(told.contains("bad   interpreters  no working CPython 3.") && told.contains("mend: uv python install 3."), "{told}");

    let mut command = project.command(&["doctor", "--engine", "docker"]);
    let told = ended(command.env("DOCKER_HOST", "unix:///nowhere.sock")).exits(3).stdout;
    assert!(told.contains("bad   docker  no Docker daemon answers at unix:///nowhere.sock"), "{told}");
    assert!(told.contains("mend: start the daemon"), "{told}");
    let nowhere = project.path("kubeconfig");
    for command in ["doctor", "run"] {
        let mut command = project.command(&[command, "--engine", "kubernetes"]);
        let told = ended(command.env("KUBECONFIG", &nowhere).env_remove("KUBERNETES_SERVICE_HOST")).exits(3);
        let told = told.stdout + &told.stderr;
        assert!(told.contains("there is no engine kubernetes here") && told.contains("KUBECONFIG"), "{told}");
    }
    // Where engine local can do it, a daemon is not needed.
    let mut command = project.command(&["doctor", "--engine", "auto"]);
    let told = ended(command.env("DOCKER_HOST", "unix:///nowhere.sock")).exits(0).stdout;
    assert!(told.contains("note  docker        no Docker daemon answers"), "{told}");

    project.use_index("http://127.0.0.1:1/simple");
    let told = project.skew(&["doctor", "--format", "json"]).exits(3).stdout;
    let told: Value = serde_json::from_str(&told).unwrap();
    let index = told["checks"].as_array().unwrap().iter().find(|check| check["name"] == "index").unwrap();
    assert_eq!((told["healthy"].as_bool(), index["finding"].as_str()), (Some(false), Some("bad")));
    assert!(index["mend"].as_str().unwrap().contains("UV_DEFAULT_INDEX"), "{index}");

    project.write("matrix.yaml", "axes: {alpha: 1.1}\n");
    let told = project.skew(&["doctor"]).exits(3).stdout;
    assert!(told.contains("matrix.yaml:1:15"), "{told}");
}

#[test]
fn shells_that_are_here_complete_commands() {
    let project = project();
    let complete = |shell: &str, script: &str| {
        let completions = project.skew(&["completions", shell]).exits(0).stdout;
        project.write(&format!("skew.{shell}"), &completions);
        project.write("try", script);
        let output = Command::new(shell).arg(project.path("try")).current_dir(project.path("")).output().ok()?;
        Some(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
    };
    let bash = "source skew.bash\nCOMP_WORDS=(skew do)\nCOMP_CWORD=1\n_skew skew do skew\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
    assert_eq!(complete("bash", bash).expect("bash is everywhere").trim(), "doctor");
    // zsh completes only at a prompt; that it takes the script as a completion is what can be asked.
    let zsh = "autoload -Uz compinit\ncompinit -u -d zcompdump\nsource ./skew.zsh\nprint -r -- $_comps[skew]\n";
    assert!(complete("zsh", zsh).is_none_or(|said| said.trim() == "_skew"));
    let fish = "source skew.fish\ncomplete -C 'skew do'\n";
    assert!(complete("fish", fish).is_none_or(|said| said.contains("doctor")));
}
