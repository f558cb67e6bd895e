//! `skew run`: the main job.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use super::{Common, Format, github, open, output, select::Selection};
use crate::{
    engine, environment,
    error::{EXIT_DIFFERENT, EXIT_INCOMPLETE, EXIT_INTERRUPTED, EXIT_OK, Error},
    index::Index,
    matrix::{Matrix, Problem},
    plan::{self, Plan, PlanError},
    report::{
        FailOn, Results, State,
        jsonl::Stream,
        terminal::progress::{self, Live},
        text, unexpected,
    },
    run::{self, Course, Settings, Signals},
    scenario,
    store::Store,
};

pub(super) async fn run(common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let began = Instant::now();
    let files = output::output_files(&common.output)?;
    let matrix = open::matrix(common)?;
    let mut scenarios = scenario::collect(&matrix)?;
    let state = open::state(&matrix);
    let _lock = Store::lock(&state)?;
    let mut store = Store::create(&state)?;

    let index = index(common)?;
    terminal.say(&format!("   Resolving {} on {}", axes(&matrix), index.location()));
    let plan = make_plan(&matrix, &index, std::env::consts::ARCH).await?;
    let judged_by = open::JudgedBy::new(&matrix, &scenarios);
    let selected = select(common, &matrix, &plan, &mut scenarios)?;
    announce(terminal, &plan, &scenarios, &selected, began);

    let id = run_id();
    let chosen = engine::choose(matrix.engine, &matrix.docker, &open::cache()?, &id, &plan.pythons).await?;
    terminal.say(&format!("      Engine {}: {}", chosen.engine.name(), chosen.why));
    for line in chosen.engine.clean(false).await? {
        terminal.say(&format!("      Reaped {line}"));
    }
    for caveat in chosen.engine.caveats() {
        terminal.detail(&format!("        Note {caveat}"));
    }
    let uv = environment::binary(&index, chosen.engine.machine(), &open::cache()?).await?;

    let course = Course { matrix: &matrix, plan: &plan, scenarios: &scenarios, engine: Arc::clone(&chosen.engine), uv };
    let jobs = common.jobs.map_or_else(|| std::thread::available_parallelism().map_or(2, usize::from), usize::from);
    let settings = Settings { id: id.clone(), jobs, index: index.location().to_string(), selected };
    let total = plan.cells.iter().zip(&settings.selected).filter(|(cell, selected)| **selected && cell.unavailable.is_none()).count();
    let mut live = Live::new(progress::Setting {
        cells: plan.cells.iter().map(|cell| cell.id.clone()).collect(),
        scenarios: scenarios.iter().map(|scenario| scenario.name.clone()).collect(),
        tolerances: scenarios.iter().map(|scenario| judged_by.of(&scenario.name).clone()).collect(),
        baseline: plan.baseline,
        total,
        groups: github::is_here().then(|| groups(&plan)),
        draws: terminal.draws,
        color: terminal.color_err,
        ascii: terminal.ascii_err,
        verbosity: terminal.verbosity,
    });
    let mut signals =
        Signals::standard().map_err(|source| Error::Usage { message: format!("cannot listen to signals: {source}"), hint: None })?;
    let mut streams = streams(common, &files, &plan, &scenarios, &id)?;
    let mut reporters: Vec<&mut dyn run::Reporter> = vec![&mut live];
    reporters.extend(streams.iter_mut().map(|stream| stream as &mut dyn run::Reporter));
    let end = run::run(&course, &settings, &mut store, &mut run::Fanout(reporters), &mut signals).await;
    live.finish();
    let end = end?;

    let (results, previous) = open::with_previous(&store, &id, common, &judged_by)?;
    for stream in streams {
        stream.end(&results);
    }
    if common.format != Some(Format::Jsonl) {
        output::Terminal::result(&terminal.render(&results, common.format.unwrap_or(Format::Table)))?;
    }
    let written: Vec<_> = files.into_iter().filter(|file| file.format != Format::Jsonl).collect();
    terminal.write_files(&written, &results)?;
    let differences = unexpected(&results, previous.as_ref(), common.fail_on);
    let code = match differences {
        _ if end.interrupted => EXIT_INTERRUPTED,
        _ if incomplete(&results) => EXIT_INCOMPLETE,
        0 => EXIT_OK,
        _ => EXIT_DIFFERENT,
    };
    if code == EXIT_DIFFERENT {
        terminal.say(&format!("{} that `--fail-on {}` minds", text::count(differences as u64, "difference"), name(common.fail_on)));
    }
    github::publish(common, &results, code, None)?;
    Ok(code)
}

/// The version of the first axis, for each cell: lines of a log are folded by it.
fn groups(plan: &Plan) -> Vec<String> {
    let name = plan.axes.first().map_or("", |axis| axis.name.as_str());
    let version = |cell: &plan::PlanCell| cell.versions.first().map(ToString::to_string).unwrap_or_default();
    plan.cells.iter().map(|cell| format!("{name} {}", version(cell))).collect()
}

/// Where events go while the run goes on: standard output with `--format jsonl`, and the files of that format.
fn streams(
    common: &Common,
    files: &[output::OutputFile],
    plan: &Plan,
    scenarios: &[scenario::Scenario],
    id: &str,
) -> Result<Vec<Stream>, Error> {
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

/// The package index of this user.
pub(super) fn index(common: &Common) -> Result<Index, Error> {
    Ok(Index::from_environment(&open::cache()?, common.offline)?)
}

/// The plan of a matrix.
pub(super) async fn make_plan(matrix: &Matrix, index: &Index, machine: &str) -> Result<Plan, Error> {
    plan::make(matrix, index, machine).await.map_err(|error| match error {
        PlanError::Problems(problems) => {
            let problem = |problem: plan::PlanProblem| Problem {
                place: problem.place,
                length: problem.text.chars().count(),
                message: problem.message,
                help: problem.help,
            };
            Error::Problems(matrix.problems(problems.into_iter().map(problem).collect()))
        }
        error @ (PlanError::Index(_) | PlanError::Empty { .. } | PlanError::Markers { .. }) => error.into(),
    })
}

/// Whether something that was asked for has no answer.
pub(super) fn incomplete(results: &Results) -> bool {
    let open = results.cells.iter().any(|cell| matches!(cell.state, State::Infra | State::NotRun) && !cell.deselected);
    let infra = |outcome: &crate::report::Outcome| outcome.status == crate::observation::Status::Infra;
    open || results.run.finished.is_none() || results.scenarios.iter().any(|scenario| scenario.outcomes.iter().any(infra))
}

fn axes(matrix: &Matrix) -> String {
    let packages: BTreeSet<&str> = matrix.axes.iter().map(|axis| axis.package.as_str()).collect();
    packages.into_iter().collect::<Vec<_>>().join(", ")
}

fn select(common: &Common, matrix: &Matrix, plan: &Plan, scenarios: &mut Vec<scenario::Scenario>) -> Result<Vec<bool>, Error> {
    let Some(expression) = &common.select else { return Ok(vec![true; plan.cells.len()]) };
    let selection = Selection::parse(expression, matrix)?;
    let selected: Vec<bool> = plan.cells.iter().map(|cell| selection.cell(plan, cell, scenarios)).collect();
    scenarios.retain(|scenario| selection.scenario(scenario, plan));
    if scenarios.is_empty() || !selected.contains(&true) {
        return Err(Error::Nothing(expression.clone()));
    }
    Ok(selected)
}

fn announce(terminal: &output::Terminal, plan: &Plan, scenarios: &[scenario::Scenario], selected: &[bool], began: Instant) {
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
    for note in &plan.notes {
        terminal.say(&format!("        Note {note}"));
    }
}

/// Sortable and unique enough: the second it began, and the process.
fn run_id() -> String {
    if let Some(id) = std::env::var_os("SKEW_RUN_ID").and_then(|id| id.into_string().ok()).filter(|id| !id.is_empty()) {
        return id;
    }
    format!("{}-{}", jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ"), std::process::id())
}

fn name(fail_on: FailOn) -> String {
    use clap::ValueEnum as _;
    fail_on.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
