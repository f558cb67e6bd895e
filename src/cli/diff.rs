//! `skew diff`: what is different between two cells, two runs or two results.json files.

use std::rc::Rc;

use super::{Common, Format, open, output};
use crate::{
    analysis::diff,
    error::{EXIT_DIFFERENT, EXIT_NOTHING, EXIT_OK, Error},
    report::{self, Comparison, Results, guide},
    store::Store,
};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
A side is a cell of the newest run (`numpy-2.0.2+tensorflow-2.18.1`), a version of one of its axes (`numpy:2.0.2`: what an
upgrade changes, in all cells that have both; in Markdown a guide with a link for each observation), a run (its id, `latest`, or `previous` for the newest
complete one before it), or the path of a results.json (or results.json.gz), which may come from another matrix: only cells and scenarios that
both have are compared, and what one side lacks is listed.

Exits with 1 for every difference that is *changed* or worse; `--fail-on any` minds warnings and last bits too, `raises` and
`crash` only those, `never` nothing. Exits with 4 where the sides have nothing in common.")]
pub(super) struct Args {
    /// What was: a cell, a version of an axis as `numpy:1.26.4`, a run or a file
    before: String,
    /// What is now [default: latest]
    after: Option<String>,
    /// What Markdown puts before the paths of scenarios when it links to them: `../`, or an address
    #[arg(long, value_name = "PREFIX")]
    links: Option<String>,
}

pub(super) fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let names = [args.before.as_str(), args.after.as_deref().unwrap_or("latest")];
    let of_versions = names.iter().all(|name| name.contains(':'));
    if args.links.is_some() && !(of_versions && common.format == Some(Format::Markdown)) {
        let message = "`--links` is for `skew diff AXIS:VERSION AXIS:VERSION --format markdown`".to_owned();
        return Err(Error::Usage { message, hint: None });
    }
    let sources = Sources::open(names, common)?;
    let [was, is] = [sources.side(names[0], common)?, sources.side(names[1], common)?];
    let tolerances = |scenario: &str| sources.judged_by.of(scenario);
    let (found, before, after) = match (&was, &is) {
        (Side::Cell(results, was), Side::Cell(_, is)) => (diff::cells(results, *was, *is, tolerances), results, results),
        (Side::Version(results, axis, was), Side::Version(_, other, is)) if axis == other => {
            let found = diff::steps(results, axis, was, is, tolerances);
            if common.format == Some(Format::Markdown) && !found.compared.is_empty() {
                let step = guide::Step { axis, from: was, to: is, root: args.links.as_deref().unwrap_or_default() };
                output::Terminal::result(&guide::guide(results, &found, step))?;
                return Ok(code(&found, &report::since(&found, results, results), common));
            }
            (found, results, results)
        }
        (Side::Report(_, was), Side::Report(_, is)) => (diff::reports(was, is, tolerances), was, is),
        (Side::Cell(..) | Side::Report(..) | Side::Version(..), _) => {
            return Err(Error::Usage {
                message: format!("`{}` and `{}` are of different kinds", names[0], names[1]),
                hint: Some(
                    "`skew diff CELL CELL`, `skew diff AXIS:VERSION AXIS:VERSION`, `skew diff previous`, `skew diff old.json new.json`"
                        .to_owned(),
                ),
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
    Ok(code(&found, &comparison.since, common))
}

fn code(found: &diff::Diff, since: &report::Since, common: &Common) -> u8 {
    if report::differences(found, since, common.fail_on) > 0 { EXIT_DIFFERENT } else { EXIT_OK }
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
    /// A version of an axis, in the newest run.
    Version(Rc<Results>, String, String),
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
        if let Some((axis, version)) = name.split_once(':')
            && let Some(axis) = newest.axes.iter().find(|known| known.name == axis)
        {
            if !axis.versions.iter().any(|known| known == version) {
                let known: Vec<&str> = axis.versions.iter().map(String::as_str).collect();
                let message = format!("`{version}` is not on the axis `{}`", axis.name);
                return Err(Error::Usage { message, hint: Some(format!("it has {}", known.join(", "))) });
            }
            return Ok(Side::Version(Rc::clone(newest), axis.name.clone(), version.to_owned()));
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
            Self::Version(_, axis, version) => format!("{axis} {version}"),
            Self::Report(name, _) => name.clone(),
        }
    }
}
