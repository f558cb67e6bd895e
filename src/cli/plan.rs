//! `skew plan`: cells, interpreters and exclusions, before anything is started.

use super::{Common, Format, open, output, run};
use crate::{
    error::{EXIT_OK, Error},
    index::Index,
    matrix::Matrix,
    plan::Plan,
    report, scenario,
    store::{Store, StoreError},
    update,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Tell what came out since the last run instead
    #[arg(long)]
    update: bool,
}

pub(super) async fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let matrix = open::matrix(common)?;
    let scenarios = scenario::collect(&matrix)?;
    let index = run::index(common)?;
    let plan = run::make_plan(&matrix, &index, std::env::consts::ARCH).await?;
    if args.update {
        return updates(common, &matrix, &plan, &index).await;
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
        Some(_) => return Err(formats()),
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
        Some(_) => return Err(formats()),
    };
    output::Terminal::result(&text)?;
    Ok(EXIT_OK)
}

fn formats() -> Error {
    let message = "a plan has the formats table and json".to_owned();
    Error::Usage { message, hint: Some("the other formats show results: `skew report`".to_owned()) }
}
