//! A matrix of packages that the user names: their newest minor series, and what they are imported as.

use std::{fmt::Write as _, str::FromStr};

use pep440_rs::Version;

use crate::{
    cli::output::Terminal,
    error::Error,
    index::{Index, IndexError, Project, Release},
    matrix::{PythonVersion, is_module, normalised},
    plan::minor_series,
};

/// How many minor series of each package the matrix begins with.
const SERIES: usize = 3;
/// Top-level modules that are not what a package is imported for.
const BESIDE: [&str; 8] = ["benchmarks", "docs", "doc", "examples", "scripts", "test", "testing", "tests"];

/// `NAME` or `NAME=MODULE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Package {
    /// Normalised name on the index.
    name: String,
    /// What is imported, where the user says it.
    module: Option<String>,
}

impl FromStr for Package {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, module) = text.split_once('=').map_or((text, None), |(name, module)| (name, Some(module)));
        let name = normalised(name).ok_or("not a package name; versions are chosen in matrix.yaml")?;
        if module.is_some_and(|module| !is_module(module)) {
            return Err("what follows `=` is no module that can be imported".to_owned());
        }
        Ok(Self { name, module: module.map(str::to_owned) })
    }
}

/// An axis of the matrix to write.
struct Axis {
    name: String,
    module: String,
    /// `>=2.3`.
    range: String,
}

/// The texts of matrix.yaml and of a scenario for these packages.
///
/// # Errors
/// The index does not know a package or cannot be asked; nothing of a package can be installed here; it is not clear what
/// is imported.
pub(super) async fn files(packages: &[Package], index: &Index, terminal: &Terminal) -> Result<(String, String), Error> {
    let mut axes: Vec<Axis> = Vec::new();
    for package in packages {
        if !axes.iter().any(|axis| axis.name == package.name) {
            axes.push(axis(package, index, terminal).await?);
        }
    }
    Ok((matrix(&axes), scenario(&axes)))
}

async fn axis(package: &Package, index: &Index, terminal: &Terminal) -> Result<Axis, Error> {
    let name = package.name.clone();
    let project = index.project(&name).await?;
    let series = minor_series(&project, std::env::consts::ARCH);
    let Some((newest, oldest)) = series.last().zip(series.get(series.len().saturating_sub(SERIES))) else {
        let [first, .., last] = PythonVersion::SUPPORTED;
        return Err(Error::Usage {
            message: format!("{name} has no wheel for this machine and a CPython from {first} to {last}"),
            hint: Some("a cell installs wheels; list versions in matrix.yaml to have them built from source".to_owned()),
        });
    };
    let module = match &package.module {
        Some(module) => module.clone(),
        None => module(&name, &project, newest, index, terminal).await?,
    };
    let first = Version::new(oldest.release().iter().take(2)).with_epoch(oldest.epoch());
    Ok(Axis { name, module, range: format!(">={first}") })
}

/// What a package is imported as: the newest release's wheel tells.
async fn module(name: &str, project: &Project, newest: &Version, index: &Index, terminal: &Terminal) -> Result<String, Error> {
    let alike = name.replace('-', "_");
    let wheel = |release: &Release| {
        let mut pythons = PythonVersion::SUPPORTED.iter().rev();
        pythons.find_map(|python| release.wheel(*python, std::env::consts::ARCH).cloned())
    };
    let Some(wheel) = project.releases.get(newest).and_then(wheel) else { return Ok(alike) };
    let modules = match index.modules(&wheel).await {
        Ok(modules) => modules,
        Err(error @ (IndexError::NoMetadata { .. } | IndexError::Offline { .. })) => {
            terminal.say(&format!("note: {error}; {name} is taken to be imported as `{alike}`"));
            return Ok(alike);
        }
        Err(error) => return Err(error.into()),
    };
    choose(&alike, &modules).map(str::to_owned).ok_or_else(|| {
        let (message, other) = match modules.as_slice() {
            [] => (format!("nothing in {name} {newest} can be imported"), "MODULE"),
            [first, ..] => (format!("{name} {newest} holds several modules: {}", modules.join(", ")), first.as_str()),
        };
        Error::Usage { message, hint: Some(format!("say which is imported: `--package {name}={other}`")) }
    })
}

/// The module that a package is for: the one that is named like it, or the only one that is public.
fn choose<'a>(alike: &str, modules: &'a [String]) -> Option<&'a str> {
    if let Some(module) = modules.iter().find(|module| module.replace('.', "_").eq_ignore_ascii_case(alike)) {
        return Some(module);
    }
    let mut public = modules.iter().filter(|module| !module.starts_with('_') && !BESIDE.contains(&module.as_str()));
    public.next().filter(|_| public.next().is_none()).map(String::as_str)
}

fn matrix(axes: &[Axis]) -> String {
    let mut text = "# Which versions go together, and what changes between them? `skew plan` shows the cells, `skew run` runs them.\n\
        # A range is the newest patch release of each of its minor series; a list names versions: `[1.2.3, 1.4.0]`.\naxes:\n"
        .to_owned();
    for Axis { name, module, range } in axes {
        // There are packages whose names YAML takes for something else than a text.
        let plain = name.starts_with(|first: char| first.is_ascii_alphabetic()) && !["true", "false", "null"].contains(&name.as_str());
        let key = if plain { name.clone() } else { format!("\"{name}\"") };
        let line = if module == name {
            format!("  {key}: \"{range}\"\n")
        } else {
            format!("  {key}: {{import: {module}, versions: \"{range}\"}}\n")
        };
        text.push_str(&line);
    }
    text.push_str("scenarios: [scenarios]\n");
    text
}

fn scenario(axes: &[Axis]) -> String {
    let mut text =
        "\"\"\"Watches which public names there are, and what each of them is: a start. What your code relies on tells more.\n\n\
        What is observed, and every public name that this script binds, is recorded in every cell of the matrix.\n\"\"\"\n"
            .to_owned();
    for axis in axes {
        let _infallible = writeln!(text, "import {}", axis.module);
    }
    text.push_str(
        "from skew import observe\n\n\n\
        def kind(value):\n    \
            return \"class\" if isinstance(value, type) else \"callable\" if callable(value) else \"value\"\n\n\n\
        def names(module):\n    \
            return {name: kind(getattr(module, name)) for name in dir(module) if not name.startswith(\"_\")}\n\n\n",
    );
    for axis in axes {
        let _infallible = writeln!(text, "observe(\"names of {0}\", lambda: names({0}))", axis.module);
    }
    text
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_alone_or_with_its_module() {
        let package = |text: &str| text.parse::<Package>().map(|package| (package.name, package.module));
        assert_eq!(package("Scikit_Learn").unwrap(), ("scikit-learn".to_owned(), None));
        assert_eq!(package("protobuf=google.protobuf").unwrap(), ("protobuf".to_owned(), Some("google.protobuf".to_owned())));
        assert!(package("").unwrap_err().contains("not a package name"));
        assert!(package("numpy==2.0").unwrap_err().contains("no module"));
        assert!(package("numpy>=2.0").unwrap_err().contains("versions are chosen"));
    }

    #[test]
    fn the_module_is_the_one_named_like_the_package_or_the_only_public_one() {
        let choose = |alike: &str, modules: &str| {
            let modules: Vec<String> = modules.split(' ').map(str::to_owned).collect();
            choose(alike, &modules).map(str::to_owned)
        };
        assert_eq!(choose("pillow", "PIL"), Some("PIL".to_owned()));
        assert_eq!(choose("cffi", "_cffi_backend cffi"), Some("cffi".to_owned()));
        assert_eq!(choose("six", "six tests"), Some("six".to_owned()));
        assert_eq!(choose("google_auth", "google.auth google.oauth2"), Some("google.auth".to_owned()));
        assert_eq!(choose("setuptools_scm", "a b"), None);
    }
}
