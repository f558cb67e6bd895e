//! Does what the dispatcher decides: runs phases on the engine and turns what comes back into events.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use tokio::sync::{Semaphore, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    dispatcher::{CellStart, Dispatcher, Drive, PAUSE, Use},
    event::{Action, Event, Reporter},
    hearing::{Hearing, ROOM, perform},
    job::{Identity, Jobs},
    now,
    signals::Signals,
    timestamp,
};
use crate::{
    engine::{Engine, EngineError, Missing, Phase, PhaseKind, StoreFile},
    environment,
    matrix::{Matrix, PythonVersion},
    plan::{Plan, PlanCell},
    report::State,
    scenario::Scenario,
    store::{CellFacts, Digest, NewCell, NewRun, NewScenario, Record, Store, StoreError},
};

/// Why a cell did not run that the search did not choose.
const LEFT_OUT: &str = "left out by the search";
/// Seconds allowed for imports, on top of the scenario's own time, before a silent agent is given up.
const IMPORT_PATIENCE: u64 = 300;
/// Handfuls of events that may wait to be handled.
const BATCHES: usize = 16;

/// How to run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Id of the run.
    pub id: String,
    /// Cells provisioned, and cells executed, at a time.
    pub jobs: usize,
    /// Tells package indexes apart; holds no credentials.
    pub index: String,
    /// Which cells to run; the others are *not-run*.
    pub selected: Vec<bool>,
    /// What was asked for, where that is not everything.
    pub selection: Option<String>,
    /// `2/4`, where it is a part of a run.
    pub shard: Option<String>,
    /// What earlier runs did may serve again.
    pub reuse: Reuse,
    /// The day (`2026-11-23`) as of which packages without a cut-off date are taken.
    pub today: String,
    /// How often a cell is begun again after trouble of the infrastructure.
    pub retries: u32,
}

/// Whether what earlier runs did may serve again.
#[derive(Clone, Debug)]
pub enum Reuse {
    /// Everything is run.
    Nothing,
    /// What would come out the same is not run again, if it was done since (RFC 3339; empty: whenever).
    Since(String),
    /// Only what failed is run again; of the rest serves what there is, however old.
    AllBut(Failed),
}

/// What failed in an earlier run.
#[derive(Clone, Debug, Default)]
pub struct Failed {
    /// Ids of cells that failed whole.
    pub cells: BTreeSet<String>,
    /// Id of a cell, name of a scenario.
    pub outcomes: BTreeSet<(String, String)>,
}

/// Says which cells to run next, given what is stored of the run; none ends it.
pub type Choice<'a> = Box<dyn Fn(&Record) -> Vec<usize> + Send + Sync + 'a>;

/// What is run.
pub struct Course<'a> {
    /// The matrix.
    pub matrix: &'a Matrix,
    /// Its plan.
    pub plan: &'a Plan,
    /// Its scenarios.
    pub scenarios: &'a [Scenario],
    /// Where.
    pub engine: Arc<dyn Engine>,
    /// The installer.
    pub uv: StoreFile,
    /// Wheels from this machine.
    pub wheels: Vec<StoreFile>,
    /// Chooses among the selected cells, a few at a time; without it all of them are run.
    pub search: Option<Choice<'a>>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// A signal ended it.
    pub interrupted: bool,
}

/// Trouble that ends a run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The engine failed before any cell began.
    #[error(transparent)]
    Engine(#[from] crate::engine::EngineError),
    /// Results cannot be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Runs a course to its end, or until signals stop it.
pub async fn run(
    course: &Course<'_>,
    settings: &Settings,
    store: &mut Store,
    reporter: &mut dyn Reporter,
    signals: &mut Signals,
) -> Result<RunEnd, RunError> {
    let ended = run_on(course, settings, store, reporter, signals).await;
    if ended.is_err() {
        // Nothing of this run stays behind; the error says more than that something could not be removed.
        let _ = close(course, signals).await;
    }
    ended
}

/// Removes what the engine has of this run, unless a signal says that this takes too long: then the next run does it.
async fn close(course: &Course<'_>, signals: &mut Signals) -> Result<(), EngineError> {
    tokio::select! {
        closed = course.engine.close() => closed,
        () = signals.next() => Ok(()),
    }
}

async fn run_on(
    course: &Course<'_>,
    settings: &Settings,
    store: &mut Store,
    reporter: &mut dyn Reporter,
    signals: &mut Signals,
) -> Result<RunEnd, RunError> {
    let engine = &course.engine;
    // A cluster may take minutes to find a place for a first pod.
    let found = tokio::select! {
        () = signals.next() => Err(EngineError::Cancelled),
        found = engine.interpreters(&course.plan.pythons) => found,
    };
    let interpreters: HashMap<_, _> = found?.into_iter().collect();
    if interpreters.values().any(Result::is_ok) {
        let files = store_files(course);
        tokio::select! {
            () = signals.next() => Err(EngineError::Cancelled),
            uploaded = engine.upload(&files) => uploaded,
        }?;
    }
    let jobs = Jobs {
        matrix: course.matrix,
        plan: course.plan,
        scenarios: course.scenarios,
        engine: engine.name(),
        index: &settings.index,
        today: &settings.today,
        at_a_time: settings.jobs,
    };
    let scenarios = jobs.scenario_digests();
    let place = engine.place();
    let beginning = Beginning { course, settings, jobs, place: &place, interpreters: &interpreters, scenarios: &scenarios };
    let starts = beginning.starts();
    store.begin(&new_run(course, settings, &starts))?;
    let drive = Drive {
        run: settings.id.clone(),
        jobs: settings.jobs,
        patience: Duration::from_secs(IMPORT_PATIENCE) + 2 * longest(course),
        since: match &settings.reuse {
            Reuse::Nothing => None,
            Reuse::Since(since) => Some(since.clone()),
            Reuse::AllBut(_) => Some(String::new()),
        },
        repeats: repeats(course),
        retries: (settings.retries, PAUSE),
        keeps_cells: engine.keeps_cells(),
    };
    let mut dispatcher = Dispatcher::new(drive, starts, store, reporter);
    dispatcher.start_first(course.plan.baseline);
    dispatcher.recall()?;

    let (events, mut happened) = mpsc::channel::<Vec<Event>>(BATCHES);
    let mut waiting = Vec::new().into_iter();
    let room = Arc::new(Semaphore::new(ROOM));
    let tasks = TaskTracker::new();
    let cancel = CancellationToken::new();
    let mut stops: HashMap<usize, CancellationToken> = HashMap::new();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    let mut actions = dispatcher.schedule();
    let mut trouble = None;
    let mut may_be_over = true;
    loop {
        for action in std::mem::take(&mut actions) {
            match action {
                Action::Start(cell, kind) => {
                    let stop = cancel.child_token();
                    stops.insert(cell, stop.clone());
                    let program = dispatcher.environment(cell).filter(|_| kind == PhaseKind::Execute);
                    let program = program.map(|environment| environment.python.clone());
                    let planned = &course.plan.cells[cell];
                    let phase = match kind {
                        PhaseKind::Provision if engine.keeps_cells() => jobs.both(planned, &dispatcher.to_run(cell)),
                        PhaseKind::Provision => jobs.phase(planned, kind, &[], program),
                        PhaseKind::Execute => {
                            let from = dispatcher.heard(cell).cloned();
                            Phase { from, ..jobs.phase(planned, kind, dispatcher.scenarios(cell), program) }
                        }
                    };
                    let hearing = Hearing::new(cell, kind, events.clone(), Arc::clone(&room));
                    tasks.spawn(perform(Arc::clone(engine), phase, hearing, stop));
                }
                Action::Stop(cell) => {
                    if let Some(stop) = stops.get(&cell) {
                        stop.cancel();
                    }
                }
                Action::Leave(cell) => {
                    let (engine, cell) = (Arc::clone(engine), course.plan.cells[cell].id.clone());
                    tasks.spawn(async move { engine.leave(&cell).await });
                }
                Action::Abandon => {
                    cancel.cancel();
                    // At once, but not so fast that containers stay behind.
                    let _ = tokio::time::timeout(Duration::from_secs(2), engine.close()).await;
                    return Ok(RunEnd { interrupted: true });
                }
            }
        }
        if may_be_over && dispatcher.finished() {
            match more(&beginning, &mut dispatcher) {
                Ok(true) => actions = dispatcher.schedule(),
                Ok(false) => break,
                Err(error) => {
                    trouble = Some(error);
                    break;
                }
            }
            continue;
        }
        let event = if let Some(event) = waiting.next() {
            event
        } else {
            if happened.is_empty()
                && let Err(error) = dispatcher.settle()
            {
                trouble = Some(error);
                break;
            }
            tokio::select! {
                () = signals.next() => Event::Interrupt,
                Some(events) = happened.recv() => {
                    waiting = events.into_iter();
                    continue;
                }
                _ = ticks.tick() => Event::Tick,
            }
        };
        // What is said ends no cell, and of that there is most.
        may_be_over = !matches!(event, Event::Said { .. });
        match dispatcher.handle(event) {
            Ok(next) => actions = next,
            Err(error) => {
                trouble = Some(error);
                break;
            }
        }
    }
    let interrupted = dispatcher.interrupted();
    // Phases that still run belong to a run whose store failed: they are stopped and waited for like any other.
    cancel.cancel();
    happened.close();
    room.close();
    tasks.close();
    tokio::select! {
        () = tasks.wait() => {}
        () = signals.next() => {}
    }
    if let Some(error) = trouble {
        return Err(error.into());
    }
    close(course, signals).await?;
    store.finish(&settings.id, &now(), interrupted)?;
    Ok(RunEnd { interrupted })
}

fn longest(course: &Course<'_>) -> Duration {
    course.scenarios.iter().filter_map(|scenario| scenario.header.timeout).chain([course.matrix.limits.timeout]).max().unwrap_or_default()
}

fn repeats(course: &Course<'_>) -> u32 {
    course.scenarios.iter().filter_map(|scenario| scenario.header.repeats).chain([course.matrix.repeats, 1]).max().unwrap_or_default()
}

fn store_files(course: &Course<'_>) -> Vec<StoreFile> {
    let mut files = vec![course.uv.clone(), environment::agent()];
    files.extend(course.wheels.iter().cloned());
    files
}

type Interpreters = HashMap<PythonVersion, Result<crate::engine::Interpreter, Missing>>;

/// Takes in the cells that the search chooses next; whether there were any.
fn more(beginning: &Beginning<'_>, dispatcher: &mut Dispatcher<'_>) -> Result<bool, StoreError> {
    let Some(search) = beginning.course.search.as_ref().filter(|_| !dispatcher.interrupted()) else { return Ok(false) };
    let chosen = search(&dispatcher.record()?);
    for &number in &chosen {
        dispatcher.add(number, beginning.start(&beginning.course.plan.cells[number], Wanted::Yes))?;
    }
    Ok(!chosen.is_empty())
}

/// Whether a cell is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Yes,
    NotSelected,
    /// As long as the search does not choose it.
    LeftOut,
}

/// What cells begin with.
struct Beginning<'a> {
    course: &'a Course<'a>,
    settings: &'a Settings,
    jobs: Jobs<'a>,
    /// Where it runs, as the engine tells.
    place: &'a str,
    interpreters: &'a Interpreters,
    /// Digests of all scenarios.
    scenarios: &'a Arc<[Digest]>,
}

impl Beginning<'_> {
    fn starts(&self) -> Vec<CellStart> {
        let wanted = |selected: bool| match selected {
            false => Wanted::NotSelected,
            true if self.course.search.is_some() => Wanted::LeftOut,
            true => Wanted::Yes,
        };
        let cells = self.course.plan.cells.iter().zip(&self.settings.selected);
        cells.map(|(cell, selected)| self.start(cell, wanted(*selected))).collect()
    }

    fn start(&self, cell: &PlanCell, wanted: Wanted) -> CellStart {
        let course = self.course;
        let (scenarios, inapplicable) = self.jobs.applying(cell);
        let mut facts = CellFacts::only(State::NotRun, None, None);
        facts.requirements.clone_from(&cell.requirements);
        facts.searched = course.search.is_some() && wanted != Wanted::NotSelected && cell.unavailable.is_none();
        let mut runs = false;
        let mut identity = Identity::default();
        match (&cell.unavailable, self.interpreters.get(&cell.python)) {
            (Some(reason), _) => {
                facts.state = State::Unavailable;
                facts.cause = Some(reason.clone());
            }
            (None, _) if wanted != Wanted::Yes => {
                facts.selected = false;
                facts.cause = Some(if wanted == Wanted::LeftOut { LEFT_OUT } else { "not selected" }.to_owned());
            }
            (None, Some(Ok(interpreter))) => {
                facts.interpreter = Some(interpreter.what.clone());
                facts.image.clone_from(&interpreter.digest);
                identity = Identity::new(&self.jobs, self.place, cell, interpreter, self.scenarios);
                runs = true;
            }
            (None, Some(Err(missing))) => {
                facts.cause = Some(missing.message.clone());
                facts.hint = Some(missing.hint.clone());
            }
            (None, None) => facts.cause = Some(format!("the engine has no CPython {}", cell.python)),
        }
        let scenarios = scenarios.into_iter().map(|number| (number, self.use_of(&cell.id, number))).collect();
        CellStart { facts, runs, scenarios, inapplicable, identity }
    }

    /// Whether an earlier outcome of a scenario may serve in a cell.
    fn use_of(&self, cell: &str, scenario: usize) -> Use {
        match &self.settings.reuse {
            Reuse::Nothing => Use::Fresh,
            Reuse::Since(_) => Use::Earlier,
            Reuse::AllBut(failed) => {
                let outcome = (cell.to_owned(), self.course.scenarios[scenario].name.clone());
                if failed.cells.contains(cell) || failed.outcomes.contains(&outcome) { Use::Fresh } else { Use::OnlyEarlier }
            }
        }
    }
}

fn new_run(course: &Course<'_>, settings: &Settings, starts: &[CellStart]) -> NewRun {
    let cells = course.plan.cells.iter().zip(starts).map(|(cell, start)| NewCell {
        id: cell.id.clone(),
        axes: course.plan.axes.iter().zip(&cell.versions).map(|(axis, version)| (axis.name.clone(), version.to_string())).collect(),
        python: cell.python.to_string(),
        declared: cell.declared,
        conflicts: cell.conflicts.clone(),
        cutoff: cell.cutoff.map(timestamp),
        made: start.identity.made,
        setting: start.identity.setting,
        facts: start.facts.clone(),
    });
    let scenarios = course.scenarios.iter().map(|scenario| NewScenario {
        name: scenario.name.clone(),
        path: scenario.path.clone(),
        digest: scenario.digest.clone(),
    });
    NewRun {
        id: settings.id.clone(),
        started: now(),
        engine: course.engine.name().to_owned(),
        repeats: course.matrix.repeats,
        selection: settings.selection.clone(),
        shard: settings.shard.clone(),
        baseline: course.plan.baseline,
        axes: course.plan.axes.clone(),
        excluded: course.plan.excluded.clone(),
        caveats: course.engine.caveats(),
        cells: cells.collect(),
        scenarios: scenarios.collect(),
    }
}
