//! What comes from outside is what was asked for, and nobody hears the password it was asked with.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{
    project::{Ended, Project, cell, ended, states, text},
    support::{index::IndexServer, wheels::Wheel},
};

const USER: &str = "robot";
const PASSWORD: &str = "correct-horse-battery";
const MATRIX: &str = "axes: {alpha: [\"1.0\", \"1.1\"]}\npython: \"PYTHON\"\nengine: local\nrepeats: 1\n";
const FORMATS: [&str; 12] = ["table", "compact", "markdown", "html", "json", "jsonl", "junit", "github", "badge", "svg", "csv", "atom"];

/// An index that wants a password, and a project with a cache of its own.
fn private(told: &str) -> (IndexServer, Project) {
    let alpha = |version: &str| Wheel::new("alpha", version).file("alpha/__init__.py", &format!("told = {told:?}\n"));
    let server = IndexServer::start([alpha("1.0"), alpha("1.1").requires("helper"), Wheel::new("helper", "1.0").file("helper.py", "")]);
    server.demand(&format!("{USER}:{PASSWORD}"));
    let mut project = Project::new(&server, MATRIX).scenario("one", "import os\nx = sorted(os.environ)\ny = str(dict(os.environ))\n");
    project.cache = project.path("cache");
    (server, project)
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.flat_map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { vec![entry.path()] }).collect()
}

/// Whoever finds the password in what was said or written, in whatever form it went over the wire.
fn leaks(project: &Project, said: &[&Ended]) -> Vec<String> {
    let encoded = BASE64_STANDARD.encode(format!("{USER}:{PASSWORD}"));
    let secrets = [PASSWORD.as_bytes(), encoded.as_bytes()];
    let holds = |bytes: &[u8]| secrets.iter().any(|secret| bytes.windows(secret.len()).any(|window| window == *secret));
    let said =
        said.iter().filter(|ended| holds(ended.stdout.as_bytes()) || holds(ended.stderr.as_bytes())).map(|ended| format!("{ended:?}"));
    let written = files(&project.path(".")).into_iter().filter(|path| fs::read(path).is_ok_and(|bytes| holds(&bytes)));
    said.chain(written.map(|path| path.display().to_string())).collect()
}

#[test]
fn the_password_of_an_index_is_used_and_found_nowhere() {
    let (server, mut project) = private("by its address");
    project.use_index(&server.url_with(&format!("{USER}:{PASSWORD}")));
    let outputs: Vec<String> = FORMATS.iter().flat_map(|format| ["-o".to_owned(), format!("{format}=out/report.{format}")]).collect();
    let arguments: Vec<&str> = ["run", "-vv"].into_iter().chain(outputs.iter().map(String::as_str)).collect();
    let run = project.skew(&arguments).exits(0);
    assert_eq!(states(&project.results()), ["alpha-1.0 ran", "alpha-1.1 ran"]);
    let others = [
        &["plan", "-v"][..],
        &["doctor"],
        &["report", "--format", "issue"],
        &["report", "--site", "site"],
        &["explain", "alpha-1.1"],
        &["repro", "alpha-1.1", "one"],
        &["pins", "--format", "requirements"],
        &["history"],
    ];
    let said: Vec<Ended> = others.iter().map(|arguments| project.skew(arguments)).collect();
    assert!(server.requests().iter().any(|seen| seen.authorization.is_some() && seen.path.starts_with("/files/")));
    // What was looked through holds what it should, so the search is worth something.
    assert!(files(&project.path(".")).iter().any(|path| path.ends_with(".skew/results.db")));
    assert!(fs::exists(project.path("site/index.html")).unwrap() && project.cache.join("envs").exists());
    let all: Vec<&Ended> = said.iter().chain([&run]).collect();
    assert_eq!(leaks(&project, &all), Vec::<String>::new());
}

#[test]
fn what_an_index_refuses_is_told_without_the_password() {
    let (server, mut project) = private("to nobody");
    // The server knows another password.
    server.demand("robot:changed");
    project.use_index(&server.url_with(&format!("{USER}:{PASSWORD}")));
    let refused = project.skew(&["run", "-vv"]).exits(3);
    assert!(refused.stderr.contains("401"), "{}", refused.stderr);
    // It fails while packages are installed: the installer's words are passed on, its addresses are not.
    server.demand(&format!("{USER}:{PASSWORD}"));
    server.refuse_files(503);
    let failed = project.skew(&["run", "-vv", "-o", "json=results.json", "-o", "html=report.html"]).exits(3);
    let results = project.results();
    assert_eq!(states(&results), ["alpha-1.0 infra", "alpha-1.1 infra"]);
    assert!(text(&cell(&results, "alpha-1.0")["cause"]).contains("503"), "{results}");
    assert!(failed.stdout.contains("INCOMPLETE"), "{}", failed.stdout);
    assert_eq!(leaks(&project, &[&refused, &failed]), Vec::<String>::new());
}

#[test]
fn a_named_index_takes_its_credentials_from_variables() {
    let (server, project) = private("by variables");
    let mut command = project.command(&["run", "-vv"]);
    command.env("UV_DEFAULT_INDEX", format!("my-company={}", server.url()));
    command.env("UV_INDEX_MY_COMPANY_USERNAME", USER).env("UV_INDEX_MY_COMPANY_PASSWORD", PASSWORD);
    let run = ended(&mut command).exits(0);
    assert_eq!(states(&project.results()), ["alpha-1.0 ran", "alpha-1.1 ran"]);
    assert_eq!(leaks(&project, &[&run]), Vec::<String>::new());
}

#[test]
fn every_installed_package_is_recorded_with_its_hash() {
    let (server, mut project) = private("with hashes");
    project.use_index(&server.url_with(&format!("{USER}:{PASSWORD}")));
    project.skew(&["run"]).exits(0);
    let store = skew::store::Store::existing(&project.path(".skew")).unwrap();
    let record = store.load(&store.latest().unwrap()).unwrap();
    let packages: Vec<_> = record.cells.iter().flat_map(|cell| &cell.facts.packages).collect();
    assert_eq!(packages.iter().map(|package| package.name.as_str()).collect::<Vec<_>>(), ["alpha", "alpha", "helper"]);
    for package in packages {
        let hashed = |hash: &String| hash.strip_prefix("sha256:").is_some_and(|digits| digits.len() == 64);
        assert!(!package.hashes.is_empty() && package.hashes.iter().all(hashed), "{package:?}");
    }
    assert_eq!(cell(&project.results(), "alpha-1.1")["packages"]["helper"], "1.0");
}

/// The program where no uv is on PATH, as on most machines.
fn without_uv(project: &Project, arguments: &[&str]) -> Ended {
    let mut command = project.command(arguments);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).filter(|folder| !folder.join("uv").exists());
    ended(command.env("PATH", std::env::join_paths(folders).unwrap()))
}

#[test]
fn a_uv_that_somebody_exchanged_is_not_started() {
    let alpha = || Wheel::new("alpha", "1.0").file("alpha/__init__.py", "");
    let matrix = MATRIX.replace("\"1.0\", \"1.1\"", "\"1.0\"");
    let another = Wheel::new("uv", "0.13.9").tag("py3-none-musllinux_1_1_x86_64").file("uv-0.13.9.data/scripts/uv", "#!/bin/sh\n");
    let server = IndexServer::start([alpha()]);
    let mut project = Project::new(&server, &matrix).scenario("one", "x = 1\n");
    project.cache = project.path("cache");
    let kept = format!("cache/uv/0.13.9-{}", std::env::consts::ARCH);
    project.write(&kept, &format!("#!/bin/sh\ntouch {}\n", project.path("started").display()));
    fs::set_permissions(project.path(&kept), fs::Permissions::from_mode(0o755)).unwrap();
    without_uv(&project, &["run"]).says(&["has no package `uv`"]);
    // An index that serves another file under the name of the pinned one.
    let server = IndexServer::start([alpha(), another]);
    project.use_index(&server.url());
    without_uv(&project, &["run"]).exits(3).says(&["with the pinned SHA-256"]);
    assert!(!project.path("started").exists() && !project.ran());
}

#[test]
fn what_somebody_exchanged_in_the_cache_is_put_right_before_it_is_started() {
    let server = IndexServer::start([Wheel::new("alpha", "1.0").file("alpha/__init__.py", "kept = 1\n")]);
    let mut project = Project::new(&server, &MATRIX.replace("\"1.0\", \"1.1\"", "\"1.0\"")).scenario("one", "x = 1\n");
    project.cache = project.path("cache");
    project.skew(&["run"]).exits(0);
    let programs: Vec<PathBuf> =
        files(&project.cache).into_iter().filter(|path| path.ends_with("uv") || path.ends_with("__main__.py")).collect();
    assert_eq!(programs.len(), 2, "{programs:?}");
    let before: Vec<Vec<u8>> = programs.iter().map(|path| fs::read(path).unwrap()).collect();
    for (path, content) in programs.iter().zip(&before) {
        // Of the same length.
        let mut other = format!("#!/bin/sh\ntouch {}\nexit 1\n", project.path("started").display()).into_bytes();
        other.resize(content.len(), b'\n');
        fs::write(path, other).unwrap();
    }
    let bytecode: Vec<PathBuf> = files(&project.cache)
        .into_iter()
        .filter(|path| path.to_string_lossy().contains("/agent/") && path.extension().is_some_and(|end| end == "pyc"))
        .collect();
    assert_eq!(bytecode.len(), 1, "{bytecode:?}");
    fs::write(&bytecode[0], "none").unwrap();
    let project = project.scenario("two", "y = 1\n");
    project.skew(&["run", "--fresh"]).exits(0);
    assert!(!project.path("started").exists());
    assert!(programs.iter().zip(&before).all(|(path, content)| fs::read(path).unwrap() == *content));
}
