//! A stand-in for the runner of GitHub workflows: jobs in order, matrices, expressions, steps, artifacts. It knows what
//! the workflow and the action of this repository use, and panics at anything else.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value, json};

use crate::fake::Recorded;

/// YAML without anchors, every scalar as text.
pub(crate) fn yaml(source: &str) -> Value {
    let mut open: Vec<(Value, Option<String>)> = Vec::new();
    for event in Parser::new_from_str(source) {
        let mut done = match event.unwrap_or_else(|error| panic!("{error}\n{source}")).0 {
            Event::Scalar(text, ..) => Value::String(text.into_owned()),
            Event::SequenceStart(..) => {
                open.push((json!([]), None));
                continue;
            }
            Event::MappingStart(..) => {
                open.push((json!({}), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().unwrap().0,
            Event::Alias(_) => panic!("workflows here have no anchors"),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => continue,
        };
        match open.last_mut() {
            None => return done,
            Some((Value::Array(items), _)) => items.push(done),
            Some((Value::Object(entries), key)) => match key.take() {
                None => *key = Some(done.as_str().expect("keys are scalars").to_owned()),
                Some(name) => assert!(entries.insert(name.clone(), done.take()).is_none(), "{name} stands twice"),
            },
            Some(_) => unreachable!("only lists and maps are opened"),
        }
    }
    panic!("no YAML document in {source}")
}

/// The texts that expressions are made of: `steps.check.outputs.code`.
type Context = BTreeMap<String, String>;

/// Replaces the expressions of a text.
fn filled(text: &str, context: &Context) -> String {
    let mut parts = text.split("${{");
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let (expression, rest) = part.split_once("}}").unwrap();
        out.push_str(context.get(expression.trim()).map_or("", String::as_str));
        out.push_str(rest);
    }
    out
}

/// Whether a condition holds: terms that are all true. Without a word about status, a failure makes it false.
fn holds(condition: Option<&Value>, context: &Context, failed: bool) -> bool {
    let text = condition.map_or("", |value| value.as_str().unwrap());
    let text = text.trim().trim_start_matches("${{").trim_end_matches("}}");
    let minds = !text.contains("always()") && !text.contains("cancelled()");
    let term = |term: &str| {
        let value = |path: &str| context.get(path).cloned().unwrap_or_default();
        let side = |text: &str| text.trim().trim_matches('\'').to_owned();
        match term.trim() {
            "" | "always()" | "!cancelled()" => true,
            term => {
                let equal = term.contains("==");
                let (left, right) = term.split_once(if equal { "==" } else { "!=" }).unwrap_or_else(|| panic!("{term}"));
                (value(left.trim()) == side(right)) == equal
            }
        }
    };
    !(failed && minds) && text.split("&&").all(term)
}

/// How a job ended.
#[derive(Debug, Default)]
pub(crate) struct Job {
    pub(crate) result: String,
    /// What its steps printed, and each step's summary.
    pub(crate) log: String,
    pub(crate) summary: String,
}

/// Runs workflows over the files of a project.
pub(crate) struct Runner<'a> {
    recorded: &'a Recorded,
    root: PathBuf,
    weeks: u32,
}

/// One instance of a job, or an action.
struct Place {
    workspace: PathBuf,
    temporary: PathBuf,
    context: Context,
    env: Vec<(String, String)>,
    paths: Vec<PathBuf>,
    failed: bool,
    job: Job,
}

impl Place {
    fn end(&mut self) {
        self.job.result = if self.failed { "failure".to_owned() } else { "success".to_owned() };
    }
}

impl<'a> Runner<'a> {
    /// A runner with programs that stand in for `cargo` and `gh`.
    pub(crate) fn new(recorded: &'a Recorded) -> Self {
        let root = recorded.project.path("github");
        fs::create_dir_all(root.join("bin")).unwrap();
        for (name, text) in [("cargo", include_str!("runner/cargo.sh")), ("gh", include_str!("runner/gh.sh"))] {
            let path = root.join("bin").join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { recorded, root, weeks: 0 }
    }

    /// A file of this runner: `gh.log`, `pages/index.html`.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Runs a workflow; how its jobs ended, the instances of a matrix with an index.
    pub(crate) fn workflow(&mut self, workflow: &Value) -> BTreeMap<String, Job> {
        self.weeks += 1;
        fs::create_dir_all(self.artifacts()).unwrap();
        let mut needs = Context::new();
        let mut ended = BTreeMap::new();
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            let needed: Vec<&str> = match job["needs"].as_array() {
                Some(names) => names.iter().filter_map(Value::as_str).collect(),
                None => job["needs"].as_str().into_iter().collect(),
            };
            let result = |name: &&str| needs.get(&format!("needs.{name}.result")).unwrap_or_else(|| panic!("{name} comes later")).clone();
            let failed = needed.iter().map(result).any(|result| result != "success");
            // A job knows only of those that it names.
            let mut context = needs.clone();
            context.retain(|key, _| needed.iter().any(|name| key.starts_with(&format!("needs.{name}."))));
            context.insert("github.token".into(), "TOKEN".into());
            context.insert("github.repository".into(), "someone/compat".into());
            context.insert("vars.SKEW_SOURCE".into(), "https://skew.test/skew".into());
            if !holds(job.get("if"), &context, failed) {
                needs.insert(format!("needs.{name}.result"), "skipped".into());
                ended.insert(name.clone(), Job { result: "skipped".into(), ..Job::default() });
                continue;
            }
            let mut result = "success";
            for (index, matrix) in matrix(job, &context).into_iter().enumerate() {
                let mut context = context.clone();
                context.insert("strategy.job-index".into(), index.to_string());
                for (key, value) in &matrix {
                    context.insert(format!("matrix.{key}"), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
                }
                let place = self.job(workflow, job, &format!("{name}-{index}"), context);
                if place.failed {
                    result = "failure";
                }
                for (output, value) in job["outputs"].as_object().into_iter().flatten() {
                    needs.insert(format!("needs.{name}.outputs.{output}"), filled(value.as_str().unwrap(), &place.context));
                }
                ended.insert(if matrix.is_empty() { name.clone() } else { format!("{name}-{index}") }, place.job);
            }
            needs.insert(format!("needs.{name}.result"), result.to_owned());
        }
        ended
    }

    fn job(&self, workflow: &Value, job: &Value, name: &str, context: Context) -> Place {
        let workspace = self.root.join(format!("week-{}/{name}", self.weeks));
        let mut place = self.place(workspace, context);
        let variables = [&workflow["env"], &job["env"]];
        for (name, value) in variables.iter().flat_map(|env| env.as_object().into_iter().flatten()) {
            place.env.push((name.clone(), filled(value.as_str().unwrap(), &place.context)));
        }
        let defaults = &workflow["defaults"]["run"];
        assert_eq!(defaults["shell"], "bash");
        self.steps(&mut place, &job["steps"], defaults["working-directory"].as_str().unwrap());
        place.end();
        place
    }

    /// Runs an action over the project itself; its outputs.
    pub(crate) fn action(&mut self, action: &Value, inputs: &[(&str, &str)]) -> (BTreeMap<String, String>, Job) {
        let mut context = Context::new();
        for (name, input) in action["inputs"].as_object().unwrap() {
            context.insert(format!("inputs.{name}"), input["default"].as_str().unwrap().to_owned());
        }
        context.extend(inputs.iter().map(|(name, value)| (format!("inputs.{name}"), (*value).to_owned())));
        context.insert("github.action_path".into(), env!("CARGO_MANIFEST_DIR").into());
        context.insert("github.action_repository".into(), "someone/skew".into());
        let mut place = self.place(self.recorded.project.path(""), context);
        self.steps(&mut place, &action["runs"]["steps"], ".");
        let value = |output: &Value| filled(output["value"].as_str().unwrap(), &place.context);
        let outputs = action["outputs"].as_object().unwrap().iter().map(|(name, output)| (name.clone(), value(output))).collect();
        place.end();
        (outputs, place.job)
    }

    fn place(&self, workspace: PathBuf, mut context: Context) -> Place {
        let temporary = self.root.join("temporary");
        for folder in [&workspace, &temporary] {
            fs::create_dir_all(folder).unwrap();
        }
        context.insert("runner.temp".into(), temporary.to_str().unwrap().to_owned());
        let (env, paths) = (Vec::new(), vec![self.root.join("bin")]);
        Place { workspace, temporary, context, env, paths, failed: false, job: Job::default() }
    }

    fn steps(&self, place: &mut Place, steps: &Value, folder: &str) {
        for step in steps.as_array().unwrap() {
            if !holds(step.get("if"), &place.context, place.failed) {
                continue;
            }
            let well = match (step["uses"].as_str(), step["run"].as_str()) {
                (Some(action), None) => self.uses(place, action, step),
                (None, Some(script)) => self.runs(place, script, step, folder),
                _ => panic!("a step uses or runs: {step}"),
            };
            place.failed |= !well;
        }
    }

    /// Does what an action of GitHub does, to files.
    fn uses(&self, place: &mut Place, action: &str, step: &Value) -> bool {
        let with = |name: &str| step["with"][name].as_str().map(|text| filled(text, &place.context));
        let path = || place.workspace.join(with("path").unwrap());
        let (name, version) = action.split_once('@').unwrap();
        assert!(version.strip_prefix('v').is_some_and(|major| major.parse::<u32>().is_ok()), "{action} is not pinned to a major version");
        match name {
            "actions/checkout" => {
                assert_eq!(with("persist-credentials").unwrap(), "false");
                for entry in ["matrix.yaml", "scenarios", "expected.yaml", "compat"] {
                    copy(&self.recorded.project.path(entry), &place.workspace.join(entry), true);
                }
                true
            }
            "actions/upload-artifact" => {
                let (from, to) = (path(), self.artifacts().join(with("name").unwrap()));
                assert_eq!(with("include-hidden-files").unwrap(), "true", "what begins with a dot is left out");
                match from.to_str().unwrap().strip_suffix('*') {
                    None => copy(&from, &to, false),
                    Some(start) => {
                        let (folder, start) = start.rsplit_once('/').unwrap();
                        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                            if entry.file_name().to_string_lossy().starts_with(start) {
                                copy(&entry.path(), &to.join(entry.file_name()), false);
                            }
                        }
                    }
                }
                to.exists()
            }
            "actions/download-artifact" => {
                let pattern = with("pattern").or_else(|| with("name")).unwrap();
                let mut found = false;
                for entry in fs::read_dir(self.artifacts()).unwrap().flatten() {
                    let artifact = entry.file_name().into_string().unwrap();
                    let (to, matches) = match pattern.strip_suffix('*') {
                        Some(start) => (path().join(&artifact), artifact.starts_with(start)),
                        None => (path(), artifact == pattern),
                    };
                    if matches {
                        copy(&entry.path(), &to, false);
                        found = true;
                    }
                }
                found || pattern.ends_with('*')
            }
            "actions/upload-pages-artifact" => {
                copy(&path(), &self.artifacts().join("github-pages"), false);
                place.context.insert(format!("steps.{}.outputs.artifact_id", step["id"].as_str().unwrap()), "1".into());
                true
            }
            "actions/deploy-pages" => {
                copy(&self.artifacts().join("github-pages"), &self.root.join("pages"), false);
                self.artifacts().join("github-pages").exists()
            }
            "actions/cache" => true,
            _ => panic!("the runner has no {action}"),
        }
    }

    /// Runs a script as `shell: bash` does.
    fn runs(&self, place: &mut Place, script: &str, step: &Value, folder: &str) -> bool {
        assert!(!script.contains("${{"), "an expression in a script is code from elsewhere: {script}");
        let files = ["output", "summary", "path"].map(|name| place.temporary.join(format!("step-{name}")));
        for file in &files {
            fs::write(file, "").unwrap();
        }
        // The environment that tests have, the fake engine included.
        let base = self.recorded.command(&[]);
        let mut command = Command::new("bash");
        for (name, value) in base.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let users = base.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value).unwrap();
        let paths = std::env::join_paths(place.paths.iter().cloned().chain(std::env::split_paths(users))).unwrap();
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).env("PATH", paths);
        command.current_dir(place.workspace.join(folder)).env("CI", "true").env("GITHUB_ACTIONS", "true");
        command.env("GITHUB_WORKSPACE", &place.workspace).env("RUNNER_TEMP", &place.temporary).env("HOME", &place.temporary);
        command.env("GITHUB_OUTPUT", &files[0]).env("GITHUB_STEP_SUMMARY", &files[1]).env("GITHUB_PATH", &files[2]);
        command.env("GITHUB_REPOSITORY", "someone/compat").env("GITHUB_REPOSITORY_OWNER", "someone");
        command.env("GITHUB_WORKFLOW", "skew").env("GITHUB_REF_NAME", "main").env("GITHUB_SERVER_URL", "https://github.test");
        command.env("GITHUB_RUN_ID", self.weeks.to_string()).env("RUNNER_OS", "Linux").env("RUNNER_ARCH", "X64");
        command.env("RUNNER_STAND_IN", &self.root).env("SKEW_BUILT", env!("CARGO_BIN_EXE_skew"));
        command.envs(place.env.iter().cloned());
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            command.env(name, filled(value.as_str().unwrap(), &place.context));
        }
        let output = command.output().unwrap();
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        place.job.log.extend(["$ ", script, "\n", &told]);
        place.job.summary.push_str(&fs::read_to_string(&files[1]).unwrap());
        for line in fs::read_to_string(&files[0]).unwrap().lines() {
            let (name, value) = line.split_once('=').unwrap();
            let id = step["id"].as_str().unwrap_or("-");
            place.context.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
        }
        let added = fs::read_to_string(&files[2]).unwrap();
        place.paths.splice(0..0, added.lines().map(PathBuf::from));
        output.status.success()
    }

    fn artifacts(&self) -> PathBuf {
        self.root.join(format!("artifacts/{}", self.weeks))
    }
}

/// The instances of a job: what each has in its matrix.
fn matrix(job: &Value, context: &Context) -> Vec<Map<String, Value>> {
    let Some(matrix) = job["strategy"]["matrix"].as_str() else { return vec![Map::new()] };
    let inner = matrix.trim_start_matches("${{").trim_end_matches("}}").trim();
    let path = inner.strip_prefix("fromJSON(").and_then(|rest| rest.strip_suffix(')')).unwrap();
    let matrix: Value = serde_json::from_str(&context[path]).unwrap_or_else(|error| panic!("{error}: {}", context[path]));
    matrix["include"].as_array().unwrap().iter().map(|one| one.as_object().unwrap().clone()).collect()
}

/// Copies a file or a folder, if it is there; artifacts lose the right to be executed.
fn copy(from: &Path, to: &Path, modes: bool) {
    if from.is_dir() {
        for entry in fs::read_dir(from).unwrap().flatten() {
            copy(&entry.path(), &to.join(entry.file_name()), modes);
        }
    } else if from.exists() {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
        if !modes {
            fs::set_permissions(to, fs::Permissions::from_mode(0o644)).unwrap();
        }
    }
}
