//! `-k`: which cells and scenarios.

use std::{collections::BTreeMap, str::FromStr};

use pep440_rs::VersionSpecifiers;

use crate::{
    error::Error,
    matrix::{AxisVersion, Matrix},
    plan::{Plan, PlanCell},
    scenario::Scenario,
};

/// A parsed selection: every atom must hold.
#[derive(Debug)]
pub(super) struct Selection {
    atoms: Vec<Atom>,
}

#[derive(Debug)]
enum Atom {
    /// Version of an axis, by its place.
    Axis(usize, Range),
    Python(VersionSpecifiers),
    Cell(String),
    Scenario(String),
    /// A word that a cell's id or a scenario's name contains.
    Word(String),
}

#[derive(Debug)]
enum Range {
    None,
    /// `2.18` selects 2.18 and every 2.18.*.
    Series(String),
    Specifiers(VersionSpecifiers),
}

/// "did you mean …" for a name that is not among `known`.
pub(super) fn nearest(name: &str, known: &[&str]) -> Option<String> {
    let best = known.iter().max_by(|a, b| strsim::jaro_winkler(name, a).total_cmp(&strsim::jaro_winkler(name, b)))?;
    (strsim::jaro_winkler(name, best) > 0.7).then(|| format!("did you mean `{best}`?"))
}

/// A cell of a run.
pub(super) struct Known<'a> {
    pub(super) id: &'a str,
    pub(super) axes: &'a BTreeMap<String, String>,
    pub(super) python: &'a str,
}

/// Which cells and scenarios of a run an expression selects.
///
/// # Errors
/// The expression makes no sense, or selects nothing.
pub(super) fn of_run(expression: &str, matrix: &Matrix, cells: &[Known<'_>], scenarios: &[&str]) -> Result<(Vec<bool>, Vec<bool>), Error> {
    let selected = Selection::parse(expression, matrix)?.of(cells, scenarios, matrix);
    if !selected.0.contains(&true) || !selected.1.contains(&true) {
        return Err(Error::Nothing(format!("nothing is selected by `-k {expression}`")));
    }
    Ok(selected)
}

impl Selection {
    /// Reads an expression: atoms apart by spaces, `KEY:VALUE` or a word; `"…"` keeps spaces in a word.
    pub(super) fn parse(expression: &str, matrix: &Matrix) -> Result<Self, Error> {
        let atoms = words(expression).into_iter().map(|word| atom(&word, matrix)).collect::<Result<_, _>>()?;
        Ok(Self { atoms })
    }

    /// Which cells and scenarios of a run are selected. Versions are read as the plan read them.
    fn of(&self, cells: &[Known<'_>], scenarios: &[&str], matrix: &Matrix) -> (Vec<bool>, Vec<bool>) {
        let names_cell = |word: &str| cells.iter().any(|cell| cell.id.contains(word));
        let names_scenario = |word: &str| !names_cell(word) && scenarios.iter().any(|scenario| scenario.contains(word));
        let version = |cell: &Known<'_>, axis: usize| {
            let text = matrix.axes.get(axis).and_then(|axis| cell.axes.get(&axis.name))?;
            if text == "none" { Some(AxisVersion::None) } else { text.parse().ok().map(AxisVersion::Release) }
        };
        let cell = |cell: &Known<'_>| {
            self.atoms.iter().all(|atom| match atom {
                Atom::Axis(axis, range) => version(cell, *axis).is_some_and(|version| range.contains(&version)),
                Atom::Python(range) => cell.python.parse().is_ok_and(|python| range.contains(&python)),
                Atom::Cell(id) => cell.id == *id,
                Atom::Scenario(_) => true,
                Atom::Word(word) => cell.id.contains(word.as_str()) || names_scenario(word),
            })
        };
        let scenario = |name: &str| {
            self.atoms.iter().all(|atom| match atom {
                Atom::Axis(..) | Atom::Python(_) | Atom::Cell(_) => true,
                Atom::Scenario(text) => name.contains(text.as_str()),
                Atom::Word(word) => name.contains(word.as_str()) || names_cell(word),
            })
        };
        (cells.iter().map(cell).collect(), scenarios.iter().map(|name| scenario(name)).collect())
    }

    /// Whether a cell is selected, as far as cells are concerned.
    pub(super) fn cell(&self, plan: &Plan, cell: &PlanCell, scenarios: &[Scenario]) -> bool {
        self.atoms.iter().all(|atom| match atom {
            Atom::Axis(axis, range) => range.contains(&cell.versions[*axis]),
            Atom::Python(range) => cell.python.to_string().parse().is_ok_and(|python| range.contains(&python)),
            Atom::Cell(id) => cell.id == *id,
            Atom::Scenario(_) => true,
            Atom::Word(word) => cell.id.contains(word.as_str()) || names_scenario(word, plan, scenarios),
        })
    }

    /// Whether a scenario is selected, as far as scenarios are concerned.
    pub(super) fn scenario(&self, scenario: &Scenario, plan: &Plan) -> bool {
        self.atoms.iter().all(|atom| match atom {
            Atom::Axis(..) | Atom::Python(_) | Atom::Cell(_) => true,
            Atom::Scenario(text) => scenario.name.contains(text.as_str()),
            Atom::Word(word) => scenario.name.contains(word.as_str()) || names_cell(word, plan),
        })
    }
}

fn names_cell(word: &str, plan: &Plan) -> bool {
    plan.cells.iter().any(|cell| cell.id.contains(word))
}

/// A word is about scenarios only if it names none of the cells.
fn names_scenario(word: &str, plan: &Plan, scenarios: &[Scenario]) -> bool {
    !names_cell(word, plan) && scenarios.iter().any(|scenario| scenario.name.contains(word))
}

fn words(expression: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in expression.chars() {
        match character {
            '"' => quoted = !quoted,
            space if space.is_whitespace() && !quoted => words.push(String::new()),
            other => words.last_mut().into_iter().for_each(|word| word.push(other)),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn atom(word: &str, matrix: &Matrix) -> Result<Atom, Error> {
    let Some((key, value)) = word.split_once(':') else { return Ok(Atom::Word(word.to_owned())) };
    let usage = |message: String, hint: Option<String>| Error::Usage { message: format!("-k {word}: {message}"), hint };
    let range = |text: &str| {
        VersionSpecifiers::from_str(text)
            .map_err(|_| usage(format!("`{text}` is no version range"), Some("for example `>=2.0,<3`".to_owned())))
    };
    match key {
        "scenario" => return Ok(Atom::Scenario(value.to_owned())),
        "cell" => return Ok(Atom::Cell(value.to_owned())),
        "python" if value.starts_with(|c: char| c.is_ascii_digit()) => return Ok(Atom::Python(range(&format!("=={value}"))?)),
        "python" => return Ok(Atom::Python(range(value)?)),
        _ => {}
    }
    let Some(axis) = matrix.axis_index(key) else {
        let mut known: Vec<&str> = matrix.axes.iter().map(|axis| axis.name.as_str()).collect();
        known.extend(["python", "scenario", "cell"]);
        let hint = nearest(key, &known).unwrap_or_else(|| format!("keys are {}", known.join(", ")));
        return Err(usage(format!("unknown key `{key}`"), Some(hint)));
    };
    Ok(Atom::Axis(
        axis,
        match value {
            "none" => Range::None,
            series if series.starts_with(|c: char| c.is_ascii_digit()) => Range::Series(series.to_owned()),
            specifiers => Range::Specifiers(range(specifiers)?),
        },
    ))
}

impl Range {
    fn contains(&self, version: &AxisVersion) -> bool {
        match (self, version) {
            (Self::None, AxisVersion::None) => true,
            (Self::None, AxisVersion::Release(_)) | (Self::Series(_) | Self::Specifiers(_), AxisVersion::None) => false,
            (Self::Series(series), AxisVersion::Release(version)) => {
                let text = version.to_string();
                text == *series || text.starts_with(&format!("{series}."))
            }
            (Self::Specifiers(range), AxisVersion::Release(version)) => range.contains(version),
        }
    }
}
