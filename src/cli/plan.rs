//! `skew plan`: cells, interpreters and exclusions, before anything is started.

use super::{Common, Format, open, output, run};
use crate::{
    error::{EXIT_OK, Error},
    report, scenario,
};

pub(super) async fn run(common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let matrix = open::matrix(common)?;
    let scenarios = scenario::collect(&matrix)?;
    let index = run::index(common)?;
    let plan = run::make_plan(&matrix, &index, std::env::consts::ARCH).await?;
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
        Some(_) => {
            let message = "a plan has the formats table and json".to_owned();
            return Err(Error::Usage { message, hint: Some("the other formats show results: `skew report`".to_owned()) });
        }
    };
    output::Terminal::result(&text)?;
    Ok(EXIT_OK)
}
