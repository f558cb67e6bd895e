//! `skew bless`: what the last run shows is what is expected from now on.

use super::{
    Common, expect, open, output,
    select::{Known, of_run},
};
use crate::{
    error::{EXIT_OK, Error},
    expected::{Expectations, Selected, bless},
    matrix::Matrix,
    report::{Results, State, text},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let matrix = open::matrix(common)?;
    let path = expect::path(&matrix);
    let read = expect::read(&matrix)?;
    let results = open::latest(common)?;
    if !results.cells.iter().any(|cell| cell.id == results.baseline && !matches!(cell.state, State::Infra | State::NotRun)) {
        return Err(Error::Usage {
            message: format!("the baseline {} has no answer: what is expected of others is not known", results.baseline),
            hint: Some("`skew run` asks it again".to_owned()),
        });
    }
    let old = read.clone().unwrap_or_else(|| Expectations { path: path.clone(), ..Expectations::default() });
    let selected = selected(common, &matrix, &results)?;
    let moved = old.baseline.as_ref().filter(|baseline| **baseline != results.baseline);
    if let Some(baseline) = moved.filter(|_| common.select.is_some()) {
        return Err(Error::Usage {
            message: format!("{} is told against {baseline}, and the run against {}", path.display(), results.baseline),
            hint: Some(format!("bless everything, or name the same cell: `--baseline {baseline}`")),
        });
    }
    let blessed = bless(&old, &results, &selected);
    let written = blessed.expectations.text();
    // What is written has to be read again, with the same meaning.
    let again = Expectations::parse(&path, &written, &expect::axes(&matrix))?;
    if again.text() != written {
        return Err(Error::Usage {
            message: format!("{} would not be read as it is written", path.display()),
            hint: Some("this is a bug of skew; bless single scenarios with `-k` to find which it is".to_owned()),
        });
    }
    let mut lines: Vec<String> = Vec::new();
    if let Some(baseline) = moved {
        lines.extend([format!("- baseline: {baseline}"), format!("+ baseline: {}", results.baseline)]);
    }
    lines.extend(blessed.removed.iter().map(|line| format!("- {line}")));
    lines.extend(blessed.added.iter().map(|line| format!("+ {line}")));
    lines.push(format!("  {} kept", text::grouped(blessed.kept as u64)));
    let told = format!("{}\n", lines.join("\n"));
    output::Terminal::result(&if terminal.ascii { text::ascii(&told) } else { told })?;
    let unanswered = results.cells.iter().filter(|cell| super::run::unanswered(cell)).count();
    if unanswered > 0 {
        let cells = text::count(unanswered as u64, "cell");
        terminal.say(&format!("no answer from {cells}: what is expected of them alone stays as it is"));
    }
    if read.is_some_and(|read| read.text() == written) {
        terminal.say(&format!("{} stays as it is", path.display()));
    } else if args.dry_run {
        terminal.say(&format!("{} was not written: --dry-run", path.display()));
    } else {
        output::replace(&path, |out| out.write_all(written.as_bytes())).map_err(|source| Error::File {
            action: "write",
            path: path.clone(),
            source,
        })?;
        terminal.say(&format!("wrote {}", path.display()));
    }
    Ok(EXIT_OK)
}

fn selected(common: &Common, matrix: &Matrix, results: &Results) -> Result<Selected, Error> {
    let Some(expression) = &common.select else { return Ok(Selected::all(results)) };
    let known: Vec<_> = results.cells.iter().map(|cell| Known { id: &cell.id, axes: &cell.axes, python: &cell.python }).collect();
    let names: Vec<&str> = results.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    let (cells, scenarios) = of_run(expression, matrix, &known, &names)?;
    Ok(Selected { cells, scenarios })
}
