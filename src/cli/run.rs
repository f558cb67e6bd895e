//! `skew run`: the main job.

use std::collections::BTreeSet;

use super::{
    Common, Format, expect, github, open, output, past,
    perform::{Order, Performed, RETRIES, Search, perform},
};
use crate::{
    error::{EXIT_DIFFERENT, EXIT_INCOMPLETE, EXIT_INTERRUPTED, EXIT_OK, Error},
    index::Index,
    matrix::{Matrix, Problem, PythonVersion},
    plan::{self, Plan, PlanError},
    report::{Cell, FailOn, Results, State, text},
    run::Failed,
    scenario,
    store::Store,
};

/// Options of `skew run`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Find the fault lines without running every cell: at most 35 in 100 of them. `confirm` then runs what a published
    /// table needs: both sides of every change, and every cell of which nothing can be expected
    #[arg(long, value_name = "confirm", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "lines", env = "SKEW_SEARCH", hide_possible_values = true)]
    search: Option<Search>,
    /// Run again only what failed in the last run: cells without an answer or whose import fails, scenarios that raised,
    /// crashed or took too long, and those in which something raises that the baseline has
    #[arg(long, visible_alias = "lf", conflicts_with_all = ["fresh", "search"], env = "SKEW_LAST_FAILED")]
    last_failed: bool,
    /// How often a cell is begun again after trouble of the infrastructure (the index, the network, the daemon)
    #[arg(long, value_name = "N", default_value_t = RETRIES, env = "SKEW_RETRIES")]
    retries: u32,
    /// Look a second time, in a fresh process, at each scenario that shows a new difference; what differs between the two
    /// is flaky and left out
    #[arg(long, conflicts_with = "search", env = "SKEW_VERIFY")]
    verify: bool,
}

pub(super) async fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let files = output::output_files(&common.output)?;
    let matrix = open::matrix(common)?;
    let expected = expect::read(&matrix)?;
    let mut scenarios = scenario::collect(&matrix)?;
    let state = open::state(&matrix);
    let _lock = Store::lock(&state)?;
    let mut store = Store::create(&state)?;
    let judged_by = open::JudgedBy::new(&matrix, &scenarios);
    let doubted = |store: &Store, id: &str| {
        let (results, _) = open::with_previous(store, id, common, &judged_by, expected.as_ref())?;
        let previous = if expected.is_some() { None } else { open::previous(store, id, common, &judged_by)? };
        let judge = expect::Judge { common, store, judged_by: &judged_by, expected: expected.as_ref(), previous: previous.as_ref() };
        Ok(Failed { cells: BTreeSet::new(), outcomes: judge.new_places(&results)? })
    };
    let order = Order {
        common,
        terminal,
        matrix: &matrix,
        judged_by: &judged_by,
        search: args.search,
        files: &files,
        retries: args.retries,
        last_failed: args.last_failed,
        doubted: args.verify.then_some(&doubted),
    };
    let Performed { id, end, streams } = perform(&order, &mut scenarios, &mut store).await?;

    let (mut results, previous) = open::with_previous(&store, &id, common, &judged_by, expected.as_ref())?;
    if output::has_page(&files, common) {
        results.past = past::past(&store, &results, common, &judged_by)?;
    }
    let mut streamed = Ok(());
    for stream in streams {
        streamed = streamed.and(stream.end(&results));
    }
    if common.format != Some(Format::Jsonl) {
        terminal.print(&results, common.format.unwrap_or(Format::Table))?;
    }
    let written: Vec<_> = files.into_iter().filter(|file| file.format != Format::Jsonl).collect();
    terminal.write_files(&written, &results)?;
    streamed.map_err(|source| Error::File { action: "write", path: "the stream of events".into(), source })?;
    let before = previous.as_ref().map(|previous| previous.results(&results));
    let judge = expect::Judge { common, store: &store, judged_by: &judged_by, expected: expected.as_ref(), previous: before };
    let code = if end.interrupted {
        EXIT_INTERRUPTED
    } else if incomplete(&results) {
        EXIT_INCOMPLETE
    } else {
        match judge.minded(&results)? {
            0 => EXIT_OK,
            minded => {
                let differences = text::count(minded as u64, "difference");
                let mend = if common.fail_on == FailOn::New && expected.is_some() { ": `skew check` lists them" } else { "" };
                terminal.say(&format!("{differences} that `--fail-on {}` minds{mend}", name(common.fail_on)));
                EXIT_DIFFERENT
            }
        }
    };
    github::publish(common, &results, || judge.new_ones(&results), code, None)?;
    Ok(code)
}

/// The package index of this user.
pub(super) fn index(common: &Common) -> Result<Index, Error> {
    Ok(Index::from_environment(&open::cache()?, common.offline)?)
}

/// The plan of a matrix, on interpreters `at_hand` where it leaves that open; on any where none is named.
pub(super) async fn make_plan(matrix: &Matrix, index: &Index, at_hand: &[PythonVersion]) -> Result<Plan, Error> {
    plan::make(matrix, index, std::env::consts::ARCH, at_hand).await.map_err(|error| match error {
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
    let open = results.cells.iter().any(unanswered);
    let infra = |outcome: &crate::report::Outcome| outcome.status == crate::observation::Status::Infra;
    open || results.run.finished.is_none() || results.scenarios.iter().any(|scenario| scenario.outcomes.iter().any(infra))
}

/// Whether a cell that was asked for has no answer.
pub(super) fn unanswered(cell: &Cell) -> bool {
    matches!(cell.state, State::Infra | State::NotRun) && !cell.deselected
}

/// `new`, as `--fail-on` takes it.
pub(super) fn name(fail_on: FailOn) -> String {
    use clap::ValueEnum as _;
    fail_on.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
