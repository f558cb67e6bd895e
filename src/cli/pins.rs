//! `skew pins`: which versions to pin.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    Common, Format, open, output,
    perform::{Order, RETRIES, perform},
    run, select,
};
use crate::{
    agent,
    error::{EXIT_INCOMPLETE, EXIT_INTERRUPTED, EXIT_NOTHING, EXIT_OK, Error},
    matrix::Matrix,
    report::{
        Results,
        pins::{self, Asked},
        terminal,
    },
    scenario::{self, Scenario},
    store::{Record, Store},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenarios that have to agree, or a script of your own: `path/to/script.py` is run first if that was not done yet
    /// [default: all scenarios]
    #[arg(value_name = "SCENARIO|SCRIPT")]
    scenarios: Vec<String>,
}

/// A stored run and what it says.
struct Stored {
    record: Record,
    results: Results,
}

pub(super) async fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let matrix = open::matrix(common)?;
    let mut stored: Vec<Stored> = Vec::new();
    // Which scenario of which stored run.
    let mut asked: Vec<(usize, String)> = Vec::new();
    let mut scripts: Vec<&Path> = Vec::new();
    if args.scenarios.is_empty() || args.scenarios.iter().any(|name| !is_path(name)) {
        stored.push(latest(&matrix, common)?);
    }
    for name in &args.scenarios {
        if is_path(name) {
            scripts.push(Path::new(name));
        } else {
            asked.push((0, known(&stored[0].results, name)?));
        }
    }
    if args.scenarios.is_empty() {
        asked.extend(stored[0].results.scenarios.iter().map(|scenario| (0, scenario.name.clone())));
    }
    for script in scripts {
        let script = scenario::single(&matrix, script)?;
        let name = script.name.clone();
        let Some(ran) = of_script(&matrix, script, common, terminal).await? else { return Ok(EXIT_INTERRUPTED) };
        stored.push(ran);
        asked.push((stored.len() - 1, name));
    }
    let asked: Vec<Asked<'_>> = asked
        .iter()
        .filter_map(|(run, name)| {
            let results = &stored[*run].results;
            results.scenarios.iter().find(|scenario| scenario.name == *name).map(|scenario| Asked { results, scenario })
        })
        .collect();
    let Some(first) = stored.first() else { return Ok(EXIT_NOTHING) };
    answer(first, &asked, common, terminal)
}

fn answer(stored: &Stored, asked: &[Asked<'_>], common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let results = &stored.results;
    let found = pins::pins(results, asked);
    let recommended = results.cells.iter().zip(&stored.record.cells).find(|(cell, _)| Some(&cell.id) == found.recommended.as_ref());
    let text = match (common.format, recommended) {
        (Some(Format::Json), _) => {
            let json = serde_json::to_string_pretty(&found).unwrap_or_default();
            format!("{json}\n")
        }
        (Some(Format::Requirements), Some((cell, row))) if row.facts.packages.iter().any(|package| package.local_wheel().is_some()) => {
            let wheels: Vec<&str> = row.facts.packages.iter().filter_map(agent::Package::local_wheel).collect();
            return Err(Error::Usage {
                message: format!("{} holds an unreleased wheel that no requirement can name: {}", cell.id, wheels.join(", ")),
                hint: Some("publish the wheel on an index and name that in the matrix, or leave it out".to_owned()),
            });
        }
        (Some(Format::Requirements), Some((cell, row))) => pins::requirements_txt(results, &found, cell, &row.facts.packages),
        // Nothing for the file that standard output may go to: the words are for people.
        (Some(Format::Requirements), None) => {
            terminal.say(terminal::pins(&found, &terminal.style()).trim_end());
            String::new()
        }
        _ => terminal::pins(&found, &terminal.style()),
    };
    output::Terminal::result(&text)?;
    let incomplete = asked.iter().any(|asked| run::incomplete(asked.results));
    if incomplete {
        terminal.say("Some cells were not run or not answered for infrastructure reasons; they do not qualify. `skew run` completes them.");
    }
    Ok(match (recommended, incomplete) {
        (Some(_), _) => EXIT_OK,
        (None, true) => EXIT_INCOMPLETE,
        (None, false) => EXIT_NOTHING,
    })
}

/// Names of scenarios never end like that.
fn is_path(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "py")
}

fn known(results: &Results, name: &str) -> Result<String, Error> {
    let names: Vec<&str> = results.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    if names.contains(&name) {
        return Ok(name.to_owned());
    }
    let hint = select::nearest(name, &names).unwrap_or_else(|| "a script of your own is named by its path, which ends in `.py`".to_owned());
    Err(Error::Usage { message: format!("the last run has no scenario `{name}`"), hint: Some(hint) })
}

/// The newest run of the matrix.
fn latest(matrix: &Matrix, common: &Common) -> Result<Stored, Error> {
    let scenarios = scenario::collect(matrix)?;
    read(&open::state(matrix), matrix, &scenarios, common)
}

fn read(folder: &Path, matrix: &Matrix, scenarios: &[Scenario], common: &Common) -> Result<Stored, Error> {
    let store = Store::existing(folder)?;
    let record = store.load(&store.latest()?)?;
    let results = open::results(&record, common, &open::JudgedBy::new(matrix, scenarios))?;
    Ok(Stored { record, results })
}

/// The run of a single script, made now unless it was made before with this text, matrix, engine and agent. It has a store of its
/// own, so the last run of the matrix stays what `report` shows. `None` when it was interrupted.
async fn of_script(matrix: &Matrix, script: Scenario, common: &Common, terminal: &output::Terminal) -> Result<Option<Stored>, Error> {
    let folder = open::state(matrix).join("scripts").join(place(&script));
    let key = format!("{}\0{}\0{:?}\0{}", matrix.source, script.source, common.engine, agent::SOURCE);
    let key = blake3::hash(key.as_bytes()).to_hex().to_string();
    let mark = folder.join("complete");
    let mut scenarios = vec![script];
    if !common.fresh && fs::read_to_string(&mark).is_ok_and(|made| made == key) {
        let stored = read(&folder, matrix, &scenarios, common)?;
        terminal.detail(&format!("{} ran on {}; nothing has changed since", scenarios[0].path, stored.results.run.started));
        return Ok(Some(stored));
    }
    let _lock = Store::lock(&folder)?;
    let mut store = Store::create(&folder)?;
    let judged_by = open::JudgedBy::new(matrix, &scenarios);
    let order = Order {
        common,
        terminal,
        matrix,
        judged_by: &judged_by,
        search: None,
        files: &[],
        retries: RETRIES,
        last_failed: false,
        doubted: None,
    };
    if perform(&order, &mut scenarios, &mut store).await?.end.interrupted {
        return Ok(None);
    }
    let stored = read(&folder, matrix, &scenarios, common)?;
    if stored.results.run.complete {
        fs::write(&mark, key).map_err(|source| Error::File { action: "write", path: mark, source })?;
    }
    Ok(Some(stored))
}

/// A folder's name for a script: its own, and a digest that tells scripts of one name apart.
fn place(script: &Scenario) -> PathBuf {
    let path = fs::canonicalize(&script.path).unwrap_or_else(|_| PathBuf::from(&script.path));
    let digest = blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex();
    PathBuf::from(format!("{}-{}", script.name, &digest[..8]))
}
