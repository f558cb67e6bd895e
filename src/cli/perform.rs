//! Plans a matrix and runs it into a store, as `run` and `pins` need it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
    time::Instant,
};

use super::{
    Common, Format, github, open, output, reuse,
    run::{index, make_plan},
    select::Selection,
};
use crate::{
    analysis::search,
    engine::{self, StoreFile},
    environment,
    error::Error,
    index::{self as packages, File},
    matrix::{Matrix, PythonChoice, PythonVersion},
    plan::{self, Plan, Shard},
    report::{
        self,
        jsonl::Stream,
        terminal::progress::{self, Live},
        text,
    },
    run::{self, Course, Failed, Reuse, RunEnd, Settings, Signals},
    scenario::Scenario,
    store::{SECOND_LOOK, Store},
};

/// How far a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Search {
    /// Until it runs out of hope or of its share of the cells.
    Lines,
    /// Until a table can be published.
    Confirm,
}

/// What is to be run, and who is told.
pub(super) struct Order<'a> {
    pub(super) common: &'a Common,
    pub(super) terminal: &'a output::Terminal,
    pub(super) matrix: &'a Matrix,
    pub(super) judged_by: &'a open::JudgedBy,
    /// Look for fault lines instead of running every cell.
    pub(super) search: Option<Search>,
    /// Files that events are written to while the run goes on, among others.
    pub(super) files: &'a [output::OutputFile],
    /// How often a cell is begun again after trouble of the infrastructure.
    pub(super) retries: u32,
    /// Only what failed in the last run is run again.
    pub(super) last_failed: bool,
    /// What of the run is to be looked at a second time, in fresh processes.
    pub(super) doubted: Option<Doubt<'a>>,
}

/// Says of a stored run at which places it is doubted.
pub(super) type Doubt<'a> = &'a (dyn Fn(&Store, &str) -> Result<Failed, Error> + Sync);

/// How often a cell is begun again, unless told otherwise.
pub(super) const RETRIES: u32 = 2;

/// A run that ended.
pub(super) struct Performed {
    /// Its id.
    pub(super) id: String,
    /// How.
    pub(super) end: RunEnd,
    /// Streams of events that still lack the results.
    pub(super) streams: Vec<Stream>,
}

/// Plans and runs. Leaves the scenarios that were selected.
pub(super) async fn perform(order: &Order<'_>, scenarios: &mut Vec<Scenario>, store: &mut Store) -> Result<Performed, Error> {
    let Order { common, terminal, matrix, judged_by, search, files, retries, last_failed, doubted } = *order;
    let began = Instant::now();
    let index = index(common)?;
    terminal.say(&format!("   Resolving {} on {}", axes(matrix), index.location()));
    let mut plan = make_plan(matrix, &index, &[]).await?;
    let mut selected = select(common, matrix, &plan, scenarios, store)?;
    announce(common, terminal, &plan, scenarios, &selected, began);

    let id = run_id();
    let chosen = engine::choose(matrix, &open::cache()?, &id, &plan.pythons).await?;
    terminal.say(&format!("      Engine {}: {}", chosen.engine.name(), chosen.why));
    if let Some(at_hand) = at_hand(matrix, &*chosen.engine, &plan.pythons).await? {
        let first = std::mem::replace(&mut plan, make_plan(matrix, &index, &at_hand).await?);
        selected = select(common, matrix, &plan, scenarios, store)?;
        if !plan.pythons.iter().eq(&first.pythons) {
            let listed = |pythons: &[PythonVersion], here: bool| {
                let pythons = pythons.iter().filter(|python| at_hand.contains(python) == here).map(ToString::to_string);
                pythons.collect::<Vec<_>>().join(", ")
            };
            let (lacking, instead) = (listed(&first.pythons, false), listed(&plan.pythons, true));
            terminal.say(&format!("      Python {lacking} not found here: cells run on {instead} where they can"));
        }
    }
    for line in chosen.engine.reap().await? {
        terminal.say(&format!("      Reaped {line}"));
    }
    for caveat in chosen.engine.caveats() {
        terminal.detail(&format!("        Note {caveat}"));
    }
    let uv = installer(&index, &*chosen.engine).await?;
    let wheels = wheels(&plan, &selected)?;

    let choice = |mode: Search| -> run::Choice<'_> {
        Box::new(move |record| report::choose(record, |name| judged_by.of(name), mode == Search::Confirm))
    };
    let course = Course { matrix, plan: &plan, scenarios, engine: Arc::clone(&chosen.engine), uv, wheels, search: search.map(choice) };
    let jobs = match common.jobs {
        Some(jobs) => usize::from(jobs),
        None if chosen.engine.keeps_cells() => usize::from(matrix.kubernetes.parallelism),
        None => std::thread::available_parallelism().map_or(2, usize::from),
    };
    let settings = Settings {
        id: id.clone(),
        jobs,
        index: index.location().to_string(),
        selection: reuse::selection(common, last_failed),
        shard: common.shard.map(|shard| shard.to_string()),
        reuse: reuse::reuse(common, matrix, last_failed, store, judged_by)?,
        today: run::today(),
        retries,
        selected,
    };
    let total = plan.cells.iter().zip(&settings.selected).filter(|(cell, selected)| **selected && cell.unavailable.is_none()).count();
    let total = search.map_or(total, |mode| announce_search(terminal, mode, total));
    let mut live = Live::new(progress::Setting {
        cells: plan.cells.iter().map(|cell| cell.id.clone()).collect(),
        scenarios: scenarios.iter().map(|scenario| scenario.name.clone()).collect(),
        tolerances: scenarios.iter().map(|scenario| judged_by.of(&scenario.name).clone()).collect(),
        baseline: plan.baseline,
        total,
        groups: github::is_here().then(|| groups(&plan)),
        draws: terminal.draws,
        width: output::error_columns,
        color: terminal.color_err,
        ascii: terminal.ascii_err,
        verbosity: terminal.verbosity,
    });
    let mut signals =
        Signals::standard().map_err(|source| Error::Usage { message: format!("cannot listen to signals: {source}"), hint: None })?;
    let mut streams = streams(common, files, &plan, scenarios, &id)?;
    let mut reporters: Vec<&mut dyn run::Reporter> = vec![&mut live];
    reporters.extend(streams.iter_mut().map(|stream| stream as &mut dyn run::Reporter));
    let end = run::run(&course, &settings, store, &mut run::Fanout(reporters), &mut signals).await;
    live.finish();
    let end = end?;
    if let Some(doubted) = doubted.filter(|_| !end.interrupted) {
        let doubted = doubted(store, &id)?;
        if !doubted.outcomes.is_empty() {
            let count = doubted.outcomes.len() as u64;
            terminal.say(&format!("      Verify {} in fresh processes", text::count(count, "outcome")));
            let looked = look_again(&course, settings, doubted, store, &mut signals).await?;
            if (looked as u64) < count {
                let lost = text::count(count - looked as u64, "outcome");
                terminal.error(&format!("{lost} could not be verified: the second look was lost or interrupted"), None);
            }
        }
    }
    let pruned = store.prune(matrix.keep_runs as usize)?;
    if pruned.runs > 0 {
        let runs = text::count(pruned.runs as u64, "old run");
        terminal.detail(&format!("      Pruned {runs}; `keep_runs: {}`", matrix.keep_runs));
    }
    Ok(Performed { id, end, streams })
}

/// Runs what is doubted once more, in fresh processes, and adds it to the run as one more repeat; how many could be.
async fn look_again(
    course: &Course<'_>,
    settings: Settings,
    doubted: Failed,
    store: &mut Store,
    signals: &mut Signals,
) -> Result<usize, Error> {
    let fresh = |scenario: &Scenario| {
        let mut scenario = scenario.clone();
        (scenario.header.fork, scenario.header.repeats) = (Some(false), Some(1));
        scenario
    };
    let scenarios: Vec<Scenario> = course.scenarios.iter().map(fresh).collect();
    let is_doubted = |cell: &plan::PlanCell| doubted.outcomes.iter().any(|(id, _)| *id == cell.id);
    let selected = course.plan.cells.iter().map(is_doubted).collect();
    let id = settings.id.clone();
    let selection = Some(SECOND_LOOK.to_owned());
    let look = Settings { id: format!("{id}-verify"), selection, selected, reuse: Reuse::AllBut(doubted), ..settings };
    let course = Course {
        matrix: course.matrix,
        plan: course.plan,
        scenarios: &scenarios,
        engine: Arc::clone(&course.engine),
        uv: course.uv.clone(),
        wheels: course.wheels.clone(),
        search: None,
    };
    let ended = run::run(&course, &look, store, &mut run::Silent, signals).await;
    let looked = store.second_look(&id, &look.id)?;
    ended?;
    Ok(looked)
}

/// Where events go while the run goes on: standard output with `--format jsonl`, and the files of that format.
fn streams(common: &Common, files: &[output::OutputFile], plan: &Plan, scenarios: &[Scenario], id: &str) -> Result<Vec<Stream>, Error> {
    let mut outs: Vec<Box<dyn std::io::Write + Send>> = Vec::new();
    if common.format == Some(Format::Jsonl) {
        outs.push(Box::new(std::io::stdout()));
    }
    for file in files.iter().filter(|file| file.format == Format::Jsonl) {
        let opened = std::fs::File::create(&file.path);
        outs.push(Box::new(opened.map_err(|source| Error::File { action: "write", path: file.path.clone(), source })?));
    }
    let cells = || plan.cells.iter().map(|cell| cell.id.clone()).collect();
    let names = || scenarios.iter().map(|scenario| scenario.name.clone()).collect();
    Ok(outs.into_iter().map(|out| Stream::begin(out, id, cells(), names())).collect())
}

/// The version of the first axis, for each cell: lines of a log are folded by it.
fn groups(plan: &Plan) -> Vec<String> {
    let name = plan.axes.first().map_or("", |axis| axis.name.as_str());
    let version = |cell: &plan::PlanCell| cell.versions.first().map(ToString::to_string).unwrap_or_default();
    plan.cells.iter().map(|cell| format!("{name} {}", version(cell))).collect()
}

fn axes(matrix: &Matrix) -> String {
    let packages: BTreeSet<&str> = matrix.axes.iter().map(|axis| axis.package.as_str()).collect();
    packages.into_iter().collect::<Vec<_>>().join(", ")
}

/// The interpreters that are here, where the matrix leaves open which are taken and those of the plan are not all here. Only
/// asked of engine local: others can have all of them, or would have to fetch images to find that out.
async fn at_hand(matrix: &Matrix, engine: &dyn engine::Engine, planned: &[PythonVersion]) -> Result<Option<Vec<PythonVersion>>, Error> {
    if matrix.python != PythonChoice::Auto || engine.name() != "local" {
        return Ok(None);
    }
    let here = async |wanted: &[PythonVersion]| -> Result<Vec<PythonVersion>, Error> {
        let found = engine.interpreters(wanted).await?.into_iter();
        Ok(found.filter_map(|(python, found)| found.ok().map(|_| python)).collect())
    };
    if here(planned).await?.len() == planned.len() {
        return Ok(None);
    }
    let here = here(&PythonVersion::SUPPORTED).await?;
    Ok((!here.is_empty()).then_some(here))
}

/// Which cells are wanted: those that `-k` selects, and of these the ones of a shard. Leaves the scenarios that are wanted.
fn select(common: &Common, matrix: &Matrix, plan: &Plan, scenarios: &mut Vec<Scenario>, store: &Store) -> Result<Vec<bool>, Error> {
    let mut selected = vec![true; plan.cells.len()];
    if let Some(expression) = &common.select {
        let selection = Selection::parse(expression, matrix)?;
        selected = plan.cells.iter().map(|cell| selection.cell(plan, cell, scenarios)).collect();
        scenarios.retain(|scenario| selection.scenario(scenario, plan));
        if scenarios.is_empty() || !selected.contains(&true) {
            return Err(Error::Nothing(format!("nothing is selected by `-k {expression}`")));
        }
    }
    if let Some(shard) = common.shard {
        part(&mut selected, shard, plan, store)?;
    }
    Ok(selected)
}

/// Keeps what belongs to a part of the run.
fn part(selected: &mut [bool], shard: Shard, plan: &Plan, store: &Store) -> Result<(), Error> {
    let durations = store.durations()?;
    let shards = plan.shards(shard.of, |id| durations.get(id).copied());
    for (selected, part) in selected.iter_mut().zip(shards) {
        *selected &= part.is_none_or(|part| part + 1 == shard.number);
    }
    if !plan.cells.iter().zip(selected).any(|(cell, selected)| *selected && cell.unavailable.is_none()) {
        return Err(Error::Nothing(format!("there is nothing to run in part {shard}")));
    }
    Ok(())
}

/// The installer, or where it is, for an engine that fetches it.
async fn installer(index: &packages::Index, engine: &dyn engine::Engine) -> Result<StoreFile, Error> {
    let uv = if engine.keeps_cells() {
        environment::uv_to_fetch(index, engine.machine()).await
    } else {
        environment::uv(index, engine.machine(), &open::cache()?).await
    };
    Ok(uv?)
}

/// The wheels from this machine that the selected cells install.
pub(super) fn wheels(plan: &Plan, selected: &[bool]) -> Result<Vec<StoreFile>, Error> {
    let cells = plan.cells.iter().zip(selected).filter(|(_, selected)| **selected);
    let files: BTreeMap<_, _> =
        cells.flat_map(|(cell, _)| cell.unreleased.values()).filter_map(|file| Some((file.path.as_ref()?, file))).collect();
    let read = |(path, file): (&PathBuf, &File)| {
        let content = std::fs::read(path).map_err(|source| Error::File { action: "read", path: path.clone(), source })?;
        if file.sha256.as_ref().is_none_or(|digest| *digest != packages::sha256(&content)) {
            let message = format!("{} was written to while the plan was made", path.display());
            return Err(Error::Usage { message, hint: Some("run again when its build has ended".to_owned()) });
        }
        Ok(StoreFile::new(environment::wheel_path(file), content, false))
    };
    files.into_iter().map(read).collect()
}

fn announce(common: &Common, terminal: &output::Terminal, plan: &Plan, scenarios: &[Scenario], selected: &[bool], began: Instant) {
    let never = plan.cells.iter().filter(|cell| cell.unavailable.is_some()).count();
    let undeclared = plan.cells.iter().filter(|cell| cell.unavailable.is_none() && !cell.declared).count();
    let seconds = began.elapsed().as_secs_f64();
    let total = plan.cells.len();
    terminal.say(&format!(
        "    Resolved {} × {}: {} can exist ({undeclared} against their metadata), {never} cannot  [{seconds:.1}s]",
        text::count(total as u64, "cell"),
        text::count(scenarios.len() as u64, "scenario"),
        total - never,
    ));
    let chosen = selected.iter().filter(|selected| **selected).count();
    if chosen < total {
        terminal.say(&format!("    Selected {}", text::count(chosen as u64, "cell")));
    }
    terminal.say(&format!("    Baseline {}", plan.cells[plan.baseline].id));
    if !selected.get(plan.baseline).copied().unwrap_or(true) && common.shard.is_none() {
        terminal.say("        Note the baseline is not selected: nothing can be compared. Select it too, or another by `--baseline CELL`");
    }
    for note in &plan.notes {
        terminal.say(&format!("        Note {note}"));
    }
}

/// Sortable and unique enough: the second it began, and the process.
pub(super) fn run_id() -> String {
    if let Some(id) = std::env::var_os("SKEW_RUN_ID").and_then(|id| id.into_string().ok()).filter(|id| !id.is_empty()) {
        return id;
    }
    format!("{}-{}", jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ"), std::process::id())
}

/// Says what a search is about to do; returns how many cells it runs at most.
fn announce_search(terminal: &output::Terminal, mode: Search, cells: usize) -> usize {
    let share = search::budget(cells);
    let then = if mode == Search::Confirm { ", then what a published table needs" } else { "" };
    terminal.say(&format!("      Search at most {share} of {}{then}", text::count(cells as u64, "cell")));
    if mode == Search::Confirm { cells } else { share }
}
