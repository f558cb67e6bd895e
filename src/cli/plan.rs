//! `skew plan`: cells, interpreters and exclusions, before anything is started.

use std::collections::HashMap;

use super::{
    Common, EngineName, Format, open, output, perform,
    run::{index, make_plan},
};
use crate::{
    engine, environment,
    error::{EXIT_OK, Error},
    index::Index,
    matrix::Matrix,
    plan::{Plan, Shard},
    report,
    run::{self, Jobs},
    scenario::{self, Scenario},
    store::{Store, StoreError},
    update,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Tell what came out since the last run instead
    #[arg(long)]
    update: bool,
    /// Show how the cells are divided into this many parts
    #[arg(long, value_name = "N", conflicts_with = "update", value_parser = clap::value_parser!(u16).range(1..))]
    shards: Option<u16>,
}

pub(super) async fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let matrix = open::matrix(common)?;
    let scenarios = scenario::collect(&matrix)?;
    let index = index(common)?;
    let plan = make_plan(&matrix, &index, &[]).await?;
    if args.update {
        return updates(common, &matrix, &plan, &index).await;
    }
    if let Some(count) = args.shards {
        return parts(usize::from(count), common, &matrix, &plan);
    }
    if common.engine == Some(EngineName::Kubernetes) {
        return manifests(common, &matrix, &plan, &scenarios, &index).await;
    }
    let text = match common.format {
        Some(Format::Json) => format!("{:#}\n", report::plan::plan_json(&plan)),
        None | Some(Format::Table) => {
            let style = terminal.style();
            let table = report::plan::plan_table(&plan, style.width, style.color, style.ascii);
            format!(
                "{table}\n{}: {}\n",
                report::text::count(scenarios.len() as u64, "scenario"),
                scenarios.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(", ")
            )
        }
        Some(Format::GithubMatrix) => {
            let message = "--format github-matrix shows the parts of a run".to_owned();
            return Err(Error::Usage { message, hint: Some("say how many: `--shards 4`".to_owned()) });
        }
        Some(_) => return Err(output::without_results("a plan has the formats table and json, its parts github-matrix too")),
    };
    output::Terminal::result(&text)?;
    Ok(EXIT_OK)
}

/// How the cells are divided; never into more parts than there are cells that run.
fn parts(count: usize, common: &Common, matrix: &Matrix, plan: &Plan) -> Result<u8, Error> {
    let durations = match Store::existing(&open::state(matrix)) {
        Ok(store) => store.durations()?,
        Err(StoreError::Empty { .. }) => HashMap::new(),
        Err(error) => return Err(error.into()),
    };
    let of = count.min(plan.cells.iter().filter(|cell| cell.unavailable.is_none()).count());
    let assigned = plan.shards(of, |id| durations.get(id).copied());
    let parts: Vec<report::plan::Part> = (0..of)
        .map(|part| {
            let cells = plan.cells.iter().zip(&assigned).filter(|(_, assigned)| **assigned == Some(part)).map(|(cell, _)| cell.id.clone());
            let cells: Vec<String> = cells.collect();
            let seconds = cells.iter().map(|id| durations.get(id).copied()).sum::<Option<f64>>();
            report::plan::Part { shard: Shard { number: part + 1, of }.to_string(), cells, seconds }
        })
        .collect();
    let text = match common.format {
        Some(Format::Json) => format!("{:#}\n", report::plan::parts_json(&parts)),
        Some(Format::GithubMatrix) => format!("{}\n", report::plan::github_matrix(&parts)),
        None | Some(Format::Table) => report::plan::parts_text(&parts),
        Some(_) => return Err(output::without_results("a plan has the formats table and json, its parts github-matrix too")),
    };
    output::Terminal::result(&text)?;
    Ok(EXIT_OK)
}

/// What a run asks of a cluster, for `kubectl apply`; the cluster is not asked anything.
async fn manifests(common: &Common, matrix: &Matrix, plan: &Plan, scenarios: &[Scenario], index: &Index) -> Result<u8, Error> {
    let today = run::today();
    let location = index.location().to_string();
    let at_a_time = common.jobs.unwrap_or(matrix.kubernetes.parallelism);
    let jobs = Jobs { matrix, plan, scenarios, engine: "kubernetes", index: &location, today: &today, at_a_time: usize::from(at_a_time) };
    let mut files = vec![environment::uv_to_fetch(index, std::env::consts::ARCH).await?, environment::agent()];
    files.extend(perform::wheels(plan, &vec![true; plan.cells.len()])?);
    let cells = plan.cells.iter().filter(|cell| cell.unavailable.is_none());
    let phases: Vec<_> = cells.map(|cell| jobs.both(cell, &jobs.applying(cell).0)).collect();
    let documents = engine::manifests(matrix.kubernetes.clone(), &matrix.docker, &files, &phases)?;
    let text = match common.format {
        Some(Format::Json) => format!("{:#}\n", serde_json::json!({ "apiVersion": "v1", "kind": "List", "items": documents })),
        None => output::yaml(&documents)?,
        Some(_) => return Err(output::without_results("manifests have the formats YAML, which is the default, and json")),
    };
    output::Terminal::result(&text)?;
    Ok(EXIT_OK)
}

/// What came out since the last run.
async fn updates(common: &Common, matrix: &Matrix, plan: &Plan, index: &Index) -> Result<u8, Error> {
    let store = Store::existing(&open::state(matrix))?;
    let record = store.load(&store.latest()?)?;
    let unreadable = |error: jiff::Error| StoreError::Row(format!("the run {} began at {:?}: {error}", record.id, record.started));
    let since = record.started.parse().map_err(unreadable)?;
    let update = update::since(&record, since, matrix, plan, index, std::env::consts::ARCH).await?;
    let text = match common.format {
        Some(Format::Json) => format!("{:#}\n", report::update::update_json(&update)),
        None | Some(Format::Table) => report::update::update_text(&update),
        Some(_) => return Err(output::without_results("a plan has the formats table and json, its parts github-matrix too")),
    };
    output::Terminal::result(&text)?;
    Ok(EXIT_OK)
}
