//! Versions that no index has yet: wheels of this machine, and nightly indexes.

use std::{
    fs,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    pins::by_hand,
    project::{Ended, PYTHON, Project, ended, text},
    support::{index::IndexServer, wheels::Wheel},
};

pub(crate) const IMAGE: &str = "skew-test/python";

/// Engines that can be had here: local always, docker where there is a daemon with the interpreter's image.
#[expect(clippy::print_stdout, reason = "a skipped test says why")]
pub(crate) fn engines() -> Vec<&'static str> {
    let image = format!("{IMAGE}:{}", *PYTHON);
    let inspected = Command::new("docker").args(["image", "inspect", &image]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if inspected.is_ok_and(|status| status.success()) {
        return vec!["local", "docker"];
    }
    assert!(std::env::var_os("SKEW_REQUIRE_DOCKER").is_none(), "no Docker daemon has the image {image}");
    println!("skipped for engine docker: no daemon has the image {image}");
    vec!["local"]
}

/// Runs the program in a volume of this test's own, from which the index on this machine can be reached.
fn run(project: &Project, engine: &str, volume: &str, arguments: &[&str]) -> Ended {
    let mut command = project.command(arguments);
    command.env("SKEW_ENGINE", engine).env("SKEW_DOCKER_VOLUME", volume).env("SKEW_DOCKER_PROVISION_NETWORK", "host");
    if let Some(host) = std::env::var_os("DOCKER_HOST") {
        command.env("DOCKER_HOST", host);
    }
    ended(&mut command)
}

fn volume(test: &str) -> String {
    format!("skew-test-{test}-{}", std::process::id())
}

/// A package whose only content is a text.
fn says(name: &str, version: &str, content: &str) -> Wheel {
    Wheel::new(name, version).file(&format!("{name}/__init__.py"), &format!("says = '{content}'\n"))
}

fn build(project: &Project, wheel: &Wheel) {
    fs::create_dir_all(project.path("dist")).unwrap();
    fs::write(project.path("dist").join(wheel.filename()), wheel.bytes()).unwrap();
}

fn matrix(alpha: &str) -> String {
    format!("axes:\n  alpha: {alpha}\n  beta: [\"1.0\"]\npython: \"PYTHON\"\nrepeats: 1\ndocker: {{image: \"{IMAGE}:{{python}}\"}}\n")
}

/// `id: what the scenario saw` of every cell.
fn seen(project: &Project) -> Vec<String> {
    let results = project.results();
    let scenario = &results["scenarios"][0];
    let observation = scenario["observations"].as_array().unwrap().iter().find(|observation| observation["name"] == "seen").unwrap();
    let cells = results["cells"].as_array().unwrap().iter().zip(observation["by_cell"].as_array().unwrap());
    let value = |variant: &Value| {
        variant.as_u64().map_or("-".to_owned(), |at| observation["variants"][usize::try_from(at).unwrap()]["preview"].to_string())
    };
    cells.map(|(cell, variant)| format!("{}: {}", text(&cell["id"]), value(variant))).collect()
}

#[test]
fn a_wheel_of_this_machine_is_a_version_and_one_built_again_is_another_environment() {
    let index = IndexServer::start([says("alpha", "1.0", "released"), says("beta", "1.0", "b").requires("alpha>=1")]);
    for engine in engines() {
        let project = Project::new(&index, &matrix("[\"1.0\", {wheel: dist/*.whl}]")).scenario("one", "import alpha\nseen = alpha.says\n");
        let volume = volume("wheel");
        build(&project, &says("alpha", "2.0.dev0+git.1", "built"));
        build(&project, &says("other", "1.0", "beside it"));
        let id = "alpha-2.0.dev0+git.1+beta-1.0";
        run(&project, engine, &volume, &["run"])
            .exits(0)
            .says(&["alpha 2.0.dev0+git.1 is the wheel alpha-2.0.dev0+git.1-py3-none-any.whl"]);
        assert_eq!(seen(&project), ["alpha-1.0+beta-1.0: \"released\"", &format!("{id}: \"built\"")], "{engine}");
        let wheel = "alpha-2.0.dev0+git.1-py3-none-any.whl";
        project.skew(&["repro", id, "one"]).exits(2).says(&[wheel, &format!("`skew repro {id} --shell` opens its environment")]);
        project.skew(&["repro", "alpha-1.0+beta-1.0", "one"]).exits(0);
        if engine == "local" {
            project.write("ask", "python -c 'import alpha; print(alpha.says)'\n");
            let mut shell = project.command(&["repro", id, "--shell"]);
            shell.env("SHELL", "/bin/sh").stdin(fs::File::open(project.path("ask")).unwrap());
            assert_eq!(ended(&mut shell).exits(0).stdout, "built\n");
        }
        assert_eq!(project.results()["baseline"], "alpha-1.0+beta-1.0", "the unreleased version is compared with the released one");
        build(&project, &says("alpha", "2.0.dev0+git.1", "built again"));
        let update = run(&project, engine, &volume, &["plan", "--update"]).exits(0).stdout;
        assert!(update.contains("alpha 2.0.dev0+git.1 was built again"), "{engine}: {update}");
        run(&project, engine, &volume, &["run", "-k", "alpha:2.0.dev0+git.1"]).exits(0);
        assert!(seen(&project).contains(&format!("{id}: \"built again\"")), "{engine}: {:?}", seen(&project));
        if engine == "docker" {
            run(&project, engine, &volume, &["clean", "--cache"]).exits(0);
        }
    }
}

#[test]
fn a_nightly_index_gives_its_newest_version_and_nothing_else() {
    let index = IndexServer::start([
        says("alpha", "1.0", "released"),
        says("beta", "1.0", "b").requires("alpha>=1"),
        says("gamma", "1.0", "released"),
    ]);
    let nightly = IndexServer::start([
        says("alpha", "3.0.dev1", "yesterday"),
        says("alpha", "3.0.dev2", "tonight").requires("gamma"),
        says("alpha", "2.9", "stable"),
        says("gamma", "9.0", "from the nightly index"),
    ]);
    nightly.without_upload_times();
    for engine in engines() {
        let alpha = |pre: &str| matrix(&format!("[\"1.0\", {{index: \"{}\"{pre}}}]", nightly.url()));
        let project = Project::new(&index, &alpha(", pre: true")).scenario(
            "one",
            "import alpha\ntry:\n    import gamma\n    seen = alpha.says + ', gamma ' + gamma.says\nexcept ImportError:\n    seen = alpha.says\n",
        );
        let volume = volume("nightly");
        let note = format!("alpha 3.0.dev2 is the newest on {}", nightly.url());
        run(&project, engine, &volume, &["run"]).exits(0).says(&[&note]);
        let tonight = "alpha-3.0.dev2+beta-1.0: \"tonight, gamma released\"";
        assert_eq!(seen(&project), ["alpha-1.0+beta-1.0: \"released\"", tonight], "{engine}");
        let again = by_hand(&project, &project.skew(&["repro", "alpha-3.0.dev2+beta-1.0", "one"]).exits(0).stdout);
        assert_eq!(again.stdout, "seen: str 'tonight, gamma released'\n", "{again:?}");
        project.write("matrix.yaml", &alpha("").replace("PYTHON", &PYTHON));
        run(&project, engine, &volume, &["run"]).exits(0);
        assert_eq!(seen(&project)[0], "alpha-1.0+beta-1.0: \"released\"", "{engine}");
        assert_eq!(seen(&project)[1], "alpha-2.9+beta-1.0: \"stable\"", "{engine}");
        if engine == "docker" {
            run(&project, engine, &volume, &["clean", "--cache"]).exits(0);
        }
    }
}

#[test]
fn a_wheel_that_needs_an_unreleased_dependency_gets_it() {
    let index = IndexServer::start([says("beta", "1.0", "b"), says("gamma", "0.1", "released"), says("gamma", "0.2.dev1", "not yet")]);
    let project = Project::new(&index, &matrix("{wheel: dist/*.whl}")).scenario("one", "import gamma\nseen = gamma.says\n");
    build(&project, &says("alpha", "2.0.dev0", "built").requires("gamma>=0.2.dev0"));
    run(&project, "local", "", &["run"]).exits(0);
    assert_eq!(seen(&project), ["alpha-2.0.dev0+beta-1.0: \"not yet\""]);
    let pins = project.skew(&["pins", "--format", "requirements"]).exits(2).says(&["alpha-2.0.dev0-py3-none-any.whl"]);
    assert_eq!(pins.stdout, "", "no file that cannot be installed");
}

#[test]
fn a_wheel_for_one_interpreter_decides_which_one_its_cells_run_on() {
    let index = IndexServer::start([says("alpha", "1.0", "a"), says("beta", "1.0", "b")]);
    let auto = matrix("[\"1.0\", {wheel: dist/*.whl}]").replace("python: \"PYTHON\"\n", "");
    let project = Project::new(&index, &auto).scenario("one", "import alpha\n");
    let machine = std::env::consts::ARCH;
    build(&project, &says("alpha", "2.0.dev0", "a").tag(&format!("cp39-cp39-linux_{machine}")));
    let pythons = |project: &Project| {
        let plan: Value = serde_json::from_str(&project.skew(&["plan", "--format", "json"]).exits(0).stdout).unwrap();
        let cells = plan["cells"].as_array().unwrap();
        cells.iter().map(|cell| format!("{} {} {}", text(&cell["id"]), text(&cell["python"]), cell["unavailable"])).collect::<Vec<_>>()
    };
    assert_eq!(pythons(&project), ["alpha-1.0+beta-1.0 3.9 null", "alpha-2.0.dev0+beta-1.0 3.9 null"]);
    build(&project, &says("alpha", "2.0.dev0", "a").tag(&format!("cp312-cp312-linux_{machine}")));
    assert_eq!(pythons(&project), ["alpha-1.0+beta-1.0 3.12 null", "alpha-2.0.dev0+beta-1.0 3.12 null"]);
    project.write("matrix.yaml", &auto.replace("repeats: 1", "python: \"3.11\""));
    let lacks = "\"alpha 2.0.dev0 has wheels for CPython 3.9, 3.12, not for 3.11\"";
    assert_eq!(pythons(&project), ["alpha-1.0+beta-1.0 3.11 null".to_owned(), format!("alpha-2.0.dev0+beta-1.0 3.11 {lacks}")]);
}

#[test]
fn what_is_not_there_is_told_together_and_nothing_starts() {
    let index = IndexServer::start([says("alpha", "1.0", "a"), says("beta", "1.0", "b")]);
    let nightly = IndexServer::start([says("alpha", "3.0.dev1", "a")]);
    let alpha = format!(
        "[\"1.0\", \"9.0\", {{wheel: absent/*.whl}}, {{wheel: dist/*.whl}}, {{wheel: other/*.whl}}, {{wheel: same/*.whl}}, {{wheel: broken/*.whl}}, {{index: \"{}\"}}]",
        nightly.url()
    );
    let project = Project::new(&index, &matrix(&alpha)).scenario("one", "x = 1\n");
    build(&project, &says("alpha", "2.0.dev0", "a"));
    build(&project, &says("alpha", "2.0.dev1", "a"));
    for (folder, wheel) in [("other", says("gamma", "1.0", "c")), ("same", says("alpha", "1.0", "a"))] {
        fs::create_dir(project.path(folder)).unwrap();
        fs::write(project.path(folder).join(wheel.filename()), wheel.bytes()).unwrap();
    }
    project.write("broken/alpha-4.0-py3-none-any.whl", "no archive");
    project.skew(&["run"]).exits(2).says(&[
        "alpha 9.0 does not exist",
        "no file matches `absent/*.whl`",
        "`dist/*.whl` matches alpha in several versions: 2.0.dev0, 2.0.dev1",
        "`other/*.whl` matches no wheel of alpha, only gamma-1.0-py3-none-any.whl",
        "alpha 1.0 of `same/*.whl` is on the axis already",
        "broken/alpha-4.0-py3-none-any.whl cannot be read as a wheel",
        "has no alpha with a wheel for a supported interpreter",
        "help: `pre: true` takes pre-releases too",
    ]);
    assert!(!project.ran());
}
