//! `skew diff`: what is different between two cells, two runs or two results.json files.

use std::rc::Rc;

use super::{Common, Format, open, output};
use crate::{
    analysis::diff,
    error::{EXIT_DIFFERENT, EXIT_NOTHING, EXIT_OK, Error},
    report::{self, Comparison, Results},
    store::Store,
};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
A side is a cell of the newest run (`numpy-2.0.2+tensorflow-2.18.1`), a run (its id, `latest`, or `previous` for the newest
complete one before it), or the path of a results.json (or results.json.gz), which may come from another matrix: only cells and scenarios that
both have are compared, and what one side lacks is listed.

Exits with 1 for every difference that is *changed* or worse; `--fail-on any` minds warnings and last bits too, `raises` and
`crash` only those, `never` nothing. Exits with 4 where the sides have nothing in common.")]
pub(super) struct Args {
    /// What was: a cell, a run or a file
    before: String,
    /// What is now [default: latest]
    after: Option<String>,
}

pub(super) fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let names = [args.before.as_str(), args.after.as_deref().unwrap_or("latest")];
    let sources = Sources::open(names, common)?;
    let [was, is] = [sources.side(names[0], common)?, sources.side(names[1], common)?];
    let tolerances = |scenario: &str| sources.judged_by.of(scenario);
    let (found, before, after) = match (&was, &is) {
        (Side::Cell(results, was), Side::Cell(_, is)) => (diff::cells(results, *was, *is, tolerances), results, results),
        (Side::Report(_, was), Side::Report(_, is)) => (diff::reports(was, is, tolerances), was, is),
        (Side::Cell(..), Side::Report(..)) | (Side::Report(..), Side::Cell(..)) => {
            return Err(Error::Usage {
                message: format!("`{}` and `{}` are of different kinds", names[0], names[1]),
                hint: Some("`skew diff CELL CELL`, `skew diff previous`, `skew diff old.json new.json`".to_owned()),
            });
        }
    };
    let comparison = Comparison::new([was.name(), is.name()], &found, before, after);
    let text = match common.format {
        None | Some(Format::Table) => report::terminal::comparison(&comparison, after, &terminal.style()),
        Some(Format::Compact) => comparison.compact(),
        Some(Format::Markdown) => comparison.markdown(),
        Some(Format::Json) => comparison.json(),
        Some(_) => {
            let message = "a comparison has the formats table, compact, markdown and json".to_owned();
            return Err(Error::Usage { message, hint: Some("the other formats show results: `skew report`".to_owned()) });
        }
    };
    output::Terminal::result(&text)?;
    if found.compared.is_empty() {
        terminal.say("The two sides have no cell in common that both have an answer for");
        return Ok(EXIT_NOTHING);
    }
    Ok(if report::differences(&found, &comparison.since, common.fail_on) > 0 { EXIT_DIFFERENT } else { EXIT_OK })
}

/// Where sides are looked up.
struct Sources {
    judged_by: open::JudgedBy,
    /// The store and its newest run; files alone need none.
    stored: Option<(Store, Rc<Results>)>,
}

/// One side of the comparison.
enum Side {
    /// A cell of the newest run, by its number.
    Cell(Rc<Results>, usize),
    /// A run or a file, with the name to show.
    Report(String, Rc<Results>),
}

impl Sources {
    fn open(names: [&str; 2], common: &Common) -> Result<Self, Error> {
        if names.into_iter().all(open::is_file) {
            return Ok(Self { judged_by: open::judged_by(common)?, stored: None });
        }
        let (store, judged_by) = open::existing(common)?;
        let newest = open::results(&store.load(&store.latest()?)?, common, &judged_by)?;
        Ok(Self { judged_by, stored: Some((store, Rc::new(newest))) })
    }

    fn side(&self, name: &str, common: &Common) -> Result<Side, Error> {
        let Some((store, newest)) = self.stored.as_ref().filter(|_| !open::is_file(name)) else {
            return Ok(Side::Report(name.to_owned(), Rc::new(open::file(name.as_ref())?)));
        };
        if let Some(cell) = newest.cells.iter().position(|cell| cell.id == name) {
            return Ok(Side::Cell(Rc::clone(newest), cell));
        }
        let runs = store.ids()?;
        let results = if name == "latest" || name == newest.run.id {
            Rc::clone(newest)
        } else if name == "previous" {
            let previous = open::previous(store, &newest.run.id, common, &self.judged_by)?;
            Rc::new(previous.ok_or_else(|| Error::Usage {
                message: format!("there is no complete run before {}", newest.run.id),
                hint: Some("`skew run` makes another".to_owned()),
            })?)
        } else if runs.iter().any(|run| run == name) {
            Rc::new(open::results(&store.load(name)?, common, &self.judged_by)?)
        } else {
            let mut known: Vec<&str> = vec!["latest", "previous"];
            known.extend(newest.cells.iter().map(|cell| cell.id.as_str()));
            known.extend(runs.iter().map(String::as_str));
            let message = format!("`{name}` is no cell of the newest run, no run and no file");
            return Err(Error::Usage { message, hint: super::select::nearest(name, &known) });
        };
        Ok(Side::Report(format!("run {}", results.run.id), results))
    }
}

impl Side {
    fn name(&self) -> String {
        match self {
            Self::Cell(results, cell) => results.cells[*cell].id.clone(),
            Self::Report(name, _) => name.clone(),
        }
    }
}
