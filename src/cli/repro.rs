//! `skew repro`: the command that does one scenario in one cell again.

use std::{collections::BTreeMap, fs, path::Path, process::Stdio, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::{Common, open, output, run, select};
use crate::{
    agent::{self, Job},
    engine::{Engine, Line, LocalEngine, Phase, PhaseKind},
    environment,
    error::{EXIT_OK, Error},
    matrix::{Matrix, PythonVersion},
    report::{
        Cell,
        repro::{self, Tool, VARIABLES},
    },
    scenario,
    store::{CellRow, Store},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Id of the cell, as `numpy-2.0.2+tensorflow-2.18.1`
    cell: String,
    /// A scenario, or `SCENARIO::OBSERVATION`
    #[arg(value_name = "SCENARIO[::OBSERVATION]", required_unless_present = "shell")]
    what: Option<String>,
    /// Print a command for Docker instead of uv
    #[arg(long, conflicts_with = "shell")]
    docker: bool,
    /// Open a shell with the cell's Python first on PATH, its environment made where it is missing
    #[arg(long)]
    shell: bool,
}

pub(super) async fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let matrix = open::matrix(common)?;
    let scenarios = scenario::collect(&matrix)?;
    let store = Store::existing(&open::state(&matrix))?;
    let record = store.load(&store.latest()?)?;
    let results = open::results(&record, common, &open::JudgedBy::new(&matrix, &scenarios))?;
    let ids: Vec<&str> = results.cells.iter().map(|cell| cell.id.as_str()).collect();
    let usage = |message: String, hint: Option<String>| Error::Usage { message, hint };
    let found = results.cells.iter().zip(&record.cells).find(|(cell, _)| cell.id == args.cell);
    let (cell, row) = found.ok_or_else(|| usage(format!("there is no cell `{}`", args.cell), select::nearest(&args.cell, &ids)))?;
    if cell.packages.is_empty() {
        let cause = cell.cause.as_deref().map(|cause| format!(" ({cause})")).unwrap_or_default();
        return Err(usage(format!("{} was never installed: it is {}{cause}", cell.id, cell.state.as_str()), None));
    }
    let Some(what) = &args.what else { return shell(&matrix, cell, row, &matrix.env, common, terminal).await };
    let (name, observation) = match what.split_once("::") {
        Some((name, observation)) => (name, Some(observation)),
        None => (what.as_str(), None),
    };
    let names: Vec<&str> = results.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    let missing = || usage(format!("the last run has no scenario `{name}`"), select::nearest(name, &names));
    let asked = results.scenarios.iter().find(|scenario| scenario.name == name).ok_or_else(missing)?;
    if let Some(wanted) = observation {
        let known: Vec<&str> = asked.observations.iter().map(|observation| observation.name.as_str()).collect();
        if !known.contains(&wanted) {
            return Err(usage(format!("no observation `{wanted}` in {name}"), select::nearest(wanted, &known)));
        }
    }
    if args.shell {
        return shell(&matrix, cell, row, &asked.env, common, terminal).await;
    }
    if let Some(package) = row.facts.packages.iter().find(|package| package.local_wheel().is_some()) {
        let wheel = package.local_wheel().unwrap_or_default();
        return Err(usage(
            format!("{} holds an unreleased wheel that no command can name: {} {} is {wheel}", cell.id, package.name, package.version),
            Some(format!("`skew repro {} --shell` opens its environment", cell.id)),
        ));
    }
    let path = matrix.path.with_file_name(&asked.path);
    let ran = record.scenarios.iter().find(|row| row.name == name).map(|row| row.digest.as_str());
    let now = fs::read(&path).map(|bytes| blake3::hash(&bytes).to_hex().to_string());
    match now {
        Ok(now) if Some(now.as_str()) == ran => {}
        Ok(_) => terminal.say(&format!("{} has changed since the run", path.display())),
        Err(error) => terminal.say(&format!("{} cannot be read: {error}", path.display())),
    }
    if let Some(outcome) = asked.outcomes.iter().find(|outcome| *outcome.cell == *cell.id) {
        terminal.say(&format!("the run of {} ended with: {}", results.run.started, outcome.status.as_str()));
    }
    let image = matrix.docker.image.replace("{python}", &cell.python);
    let python = row.facts.interpreter.as_deref().filter(|path| is_hidden(Path::new(path)));
    let tool = if args.docker { Tool::Docker(&image) } else { Tool::Uv(python.unwrap_or(&cell.python)) };
    if let Some(authority) = ["PIP_CERT", "SSL_CERT_FILE"].iter().find_map(std::env::var_os).filter(|_| args.docker) {
        let authority = authority.to_string_lossy();
        terminal.say(&format!("if pip does not trust the index: docker run --volume {authority}:/ca.pem:ro --env PIP_CERT=/ca.pem …"));
    }
    // The whole script is observed by its end, which the command shows anyway.
    let observation = observation.filter(|name| *name != crate::observation::SCRIPT);
    output::Terminal::result(&repro::script(&row.facts.packages, &path.to_string_lossy(), observation, &asked.env, tool))?;
    Ok(EXIT_OK)
}

/// Whether an interpreter is on this machine where uv would not look for it by the name of its version: in no folder of
/// PATH, as pyenv's are.
fn is_hidden(interpreter: &Path) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    interpreter.is_absolute() && interpreter.exists() && !std::env::split_paths(&path).any(|folder| Some(&*folder) == interpreter.parent())
}

/// Opens the user's shell in the cell's environment, in engine local's store.
async fn shell(
    matrix: &Matrix,
    cell: &Cell,
    row: &CellRow,
    env: &BTreeMap<String, String>,
    common: &Common,
    terminal: &output::Terminal,
) -> Result<u8, Error> {
    let python = environment(matrix, cell, row, common).await?;
    let bin = Path::new(&python).parent().unwrap_or(Path::new("")).to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(bin.clone()).chain(std::env::split_paths(&path))).unwrap_or(path);
    let program = std::env::var_os("SHELL").filter(|shell| !shell.is_empty()).unwrap_or_else(|| "/bin/sh".into());
    terminal.say(&format!("{} in {}", cell.id, bin.display()));
    terminal.say("Runs share this environment: install nothing into it. `exit` leaves the shell.");
    let failed = |source| Error::File { action: "start", path: (&program).into(), source };
    let mut command = tokio::process::Command::new(&program);
    command.envs(VARIABLES).envs(env).env("PATH", path).env_remove("PYTHONHOME");
    if let Some(environment) = bin.parent() {
        command.env("VIRTUAL_ENV", environment);
    }
    command.stdin(Stdio::inherit()).status().await.map_err(failed)?;
    Ok(EXIT_OK)
}

/// The interpreter of the cell's environment, made from the stored packages and hashes if need be.
async fn environment(matrix: &Matrix, cell: &Cell, row: &CellRow, common: &Common) -> Result<String, Error> {
    let root = open::cache()?;
    let engine: Arc<dyn Engine> = Arc::new(LocalEngine::new(root.clone(), format!("shell-{}", std::process::id())).await?);
    let python: PythonVersion = cell.python.parse().map_err(|message| Error::Usage { message, hint: None })?;
    if let Some((_, Err(missing))) = engine.interpreters(&[python]).await?.into_iter().next() {
        return Err(Error::Usage { message: missing.message, hint: Some(missing.hint) });
    }
    let uv = environment::uv(&run::index(common)?, engine.machine(), &root).await?;
    engine.upload(&[uv, environment::agent()]).await?;
    let job = Job::Provision(environment::restore(&row.facts.packages));
    let phase = Phase {
        kind: PhaseKind::Provision,
        cell: cell.id.clone(),
        python,
        program: None,
        agent: environment::agent_path(),
        // A job is made of strings, numbers and maps with string keys: writing it cannot fail.
        job: serde_json::to_string(&job).unwrap_or_default(),
        env: BTreeMap::new(),
        limits: matrix.limits.clone(),
        deadline: std::time::Duration::from_hours(1),
        kin: String::new(),
        then: None,
        from: None,
    };
    let (lines, mut said) = tokio::sync::mpsc::channel::<Line>(64);
    let reader = async {
        let (mut made, mut steps) = (None, Vec::new());
        while let Some(line) = said.recv().await {
            match serde_json::from_slice(&line.text) {
                Ok(agent::Event::Provisioned(provisioned)) => made = Some(provisioned.python),
                Ok(agent::Event::Step(step)) => steps.push(step),
                Ok(_) | Err(_) => {}
            }
        }
        (made, steps)
    };
    let (end, (made, steps)) = tokio::join!(engine.run(&phase, lines, CancellationToken::new()), reader);
    engine.close().await?;
    end?;
    let made = made.ok_or_else(|| {
        let why = match environment::classify(&steps) {
            environment::ProvisionFailure::Unresolvable(why)
            | environment::ProvisionFailure::InstallFailed(why)
            | environment::ProvisionFailure::Infra(why) => why,
        };
        Error::Usage { message: format!("the environment of {} cannot be made: {why}", cell.id), hint: None }
    })?;
    Ok(made.replace("{root}", &std::path::absolute(&root).unwrap_or(root).to_string_lossy()))
}
