//! `skew doctor`: whether this machine can run the matrix, and what to do where it cannot.

use std::path::Path;

use serde_json::Value;

use super::{Common, Format, open, output, run};
use crate::{
    doctor::{self, Check, Finding, Pythons},
    error::{EXIT_INCOMPLETE, EXIT_OK, Error},
    matrix::{EngineChoice, Matrix, ReadError},
    report::doctor::{doctor_json, doctor_text},
};

/// A package that every index has, for a folder without a matrix.
const ANY_PACKAGE: &str = "pip";

pub(super) async fn run(common: &Common) -> Result<u8, Error> {
    let cache = open::cache()?;
    let mut checks = Vec::new();
    let matrix = match open::matrix(common) {
        Ok(matrix) => Some(matrix),
        Err(Error::Matrix(error @ ReadError::Io { .. })) if common.file.is_none() => {
            checks.push(Check::note("matrix", error.to_string(), error.hint().map(str::to_owned)));
            None
        }
        Err(error) => {
            checks.push(trouble("matrix", &error));
            None
        }
    };
    let index = run::index(common)?;
    let package = matrix.as_ref().and_then(|matrix| matrix.axes.first()).map_or(ANY_PACKAGE, |axis| axis.package.as_str());
    let asked = doctor::index(&index, package).await;
    let pythons = match &matrix {
        Some(matrix) if asked.finding != Finding::Bad => match run::make_plan(matrix, &index, &[]).await {
            Ok(plan) => {
                let cells = crate::report::text::count(plan.cells.len() as u64, "cell");
                checks.push(Check::ok("matrix", format!("{}: {cells}", matrix.path.display())));
                Pythons::Planned(plan.pythons)
            }
            Err(error) => {
                checks.push(trouble("matrix", &error));
                Pythons::Supported
            }
        },
        _ => Pythons::Supported,
    };
    checks.push(asked);
    checks.push(doctor::uv(&index, std::env::consts::ARCH, &cache).await);
    let choice = common.engine.map(EngineChoice::from).or(matrix.as_ref().map(|matrix| matrix.engine)).unwrap_or_default();
    let (found, role) = engines(choice, matrix.as_ref(), &cache, &pythons).await;
    checks.extend(found);
    // Cells of a cluster take neither.
    if choice != EngineChoice::Kubernetes {
        checks.push(doctor::disk(&cache));
        checks.push(doctor::processor());
    }
    let text = match common.format {
        Some(Format::Json) => {
            let mut found = doctor_json(&checks);
            found.as_object_mut().into_iter().for_each(|found| found.extend(role.clone().map(|role| ("role".to_owned(), role))));
            format!("{found:#}\n")
        }
        None | Some(Format::Table) => {
            let text = doctor_text(&checks, output::Terminal::new(common).color_out);
            let role = role.map(|role| output::yaml(&[role])).transpose()?;
            let role = role.map(|role| format!("\nThe role that is needed:\n{role}")).unwrap_or_default();
            format!("{text}{role}")
        }
        Some(_) => {
            let message = "what the doctor finds has the formats table and json".to_owned();
            return Err(Error::Usage { message, hint: None });
        }
    };
    output::Terminal::result(&text)?;
    Ok(if checks.iter().any(|check| check.finding == Finding::Bad) { EXIT_INCOMPLETE } else { EXIT_OK })
}

/// The engine that would run the matrix, both where that is still to be chosen; and the role that it needs in a cluster.
async fn engines(choice: EngineChoice, matrix: Option<&Matrix>, cache: &Path, pythons: &Pythons) -> (Vec<Check>, Option<Value>) {
    let (settings, kubernetes) = matrix.map(|matrix| (matrix.docker.clone(), matrix.kubernetes.clone())).unwrap_or_default();
    let found = match choice {
        EngineChoice::Kubernetes => return doctor::kubernetes(&kubernetes, &settings).await,
        EngineChoice::Docker => doctor::docker(&settings, pythons).await,
        EngineChoice::Local => doctor::local(cache, pythons).await,
        EngineChoice::Auto => {
            let mut both = [doctor::docker(&settings, pythons).await, doctor::local(cache, pythons).await];
            doctor::one_is_enough(&mut both);
            both.concat()
        }
        EngineChoice::Fake => vec![Check::note("engine", "there is nothing to look at for this engine".to_owned(), None)],
    };
    (found, None)
}

/// What keeps a command from its work, as a check.
fn trouble(name: &'static str, error: &Error) -> Check {
    let message = error.rendered(false).map_or_else(|| error.to_string(), |rendered| rendered.trim_end().to_owned());
    Check::bad(name, message, error.hint().unwrap_or_else(|| "`skew plan` tells the same; correct it there first".to_owned()))
}
