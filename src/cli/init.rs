//! `skew init`: a matrix and a scenario to start from, and what runs them every week.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

mod packages;

use super::{Common, output, run::index};
use crate::{
    error::{EXIT_OK, Error},
    matrix::MOST_AXES,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder to write into
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Packages of the matrix, instead of an example's: their newest three minor series; MODULE is what is imported, where
    /// the package's wheel does not tell (repeatable, up to four)
    #[arg(short, long = "package", value_name = "NAME[=MODULE]", value_delimiter = ',')]
    packages: Vec<packages::Package>,
    /// Write a workflow that runs every week on GitHub: new releases, shards, a site, and an issue. A matrix that is there
    /// already stays
    #[arg(long)]
    github: bool,
    /// Write a script that does so on this machine, and print the line of a crontab that starts it
    #[arg(long)]
    cron: bool,
    /// Git repository that the workflow builds skew from [default: the variable `SKEW_SOURCE` of the workflow's repository]
    #[arg(long, value_name = "URL", requires = "github")]
    source: Option<String>,
}

const MATRIX: &str = "matrix.yaml";
/// A matrix and a scenario where no packages are named.
const EXAMPLE: (&str, &str) = (include_str!("init/matrix.yaml"), include_str!("init/scenario.py"));
const WORKFLOW: &str = include_str!("init/github.yaml");
const WEEKLY: &str = include_str!("init/weekly.sh");
/// Minute, hour, day, month and weekday: Mondays, at a minute that not everybody takes.
const SCHEDULE: &str = "17 4 * * 1";
/// Where results are kept; they are regenerated, not reviewed.
const IGNORED: &str = ".skew/";

/// A file to write.
struct Fresh {
    path: PathBuf,
    text: String,
    program: bool,
}

pub(super) async fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let weekly = args.folder.join("weekly.sh");
    let mut files = Vec::new();
    if !(args.github || args.cron) || !args.packages.is_empty() || !args.folder.join(MATRIX).exists() {
        let start = |name: &str, text| Fresh { path: args.folder.join(name), text, program: false };
        if args.packages.is_empty() {
            files.push(start(MATRIX, EXAMPLE.0.to_owned()));
            files.push(start("scenarios/promotion.py", EXAMPLE.1.to_owned()));
        } else {
            if args.packages.len() > MOST_AXES {
                let message = format!("{} packages, and at most {MOST_AXES} are possible", args.packages.len());
                return Err(Error::Usage {
                    message,
                    hint: Some("the others are what these depend on: they come by themselves".to_owned()),
                });
            }
            let (matrix, scenario) = packages::files(&args.packages, &index(common)?, terminal).await?;
            files.push(start(MATRIX, matrix));
            files.push(start("scenarios/names.py", scenario));
        }
    }
    if args.github {
        files.push(workflow(args)?);
    }
    if args.cron {
        files.push(Fresh { path: weekly.clone(), text: WEEKLY.to_owned(), program: true });
    }
    // Looked for before anything is written, so that a folder gets all files or none.
    if let Some(file) = files.iter().find(|file| file.path.exists()) {
        return Err(Error::Usage {
            message: format!("{} is there already", file.path.display()),
            hint: Some("nothing was overwritten; `skew run` uses what is there".to_owned()),
        });
    }
    for file in &files {
        write(file)?;
        terminal.say(&format!("wrote {}", file.path.display()));
    }
    ignore(&args.folder.join(".gitignore"), terminal)?;
    if args.github && args.source.is_none() {
        terminal.say("next: set the variable `SKEW_SOURCE` of the repository on GitHub to the address of skew's git repository");
    }
    if args.cron {
        output::Terminal::result(&crontab(&absolute(&weekly)?)?)?;
    } else if !args.github {
        terminal.say("next: skew plan, then skew run");
    }
    Ok(EXIT_OK)
}

fn write(file: &Fresh) -> Result<(), Error> {
    let failed = |source| Error::File { action: "write", path: file.path.clone(), source };
    if let Some(folder) = file.path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(&file.path, &file.text).map_err(failed)?;
    if file.program {
        fs::set_permissions(&file.path, fs::Permissions::from_mode(0o755)).map_err(failed)?;
    }
    Ok(())
}

/// The workflow. It stands at the root of the repository, wherever the matrix is.
fn workflow(args: &Args) -> Result<Fresh, Error> {
    let folder = absolute(&args.folder)?;
    let root = folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&folder);
    let below = folder.strip_prefix(root).unwrap_or(Path::new("")).to_string_lossy().into_owned();
    let (name, prefix) = if below.is_empty() { (".".to_owned(), String::new()) } else { (below.clone(), format!("{below}/")) };
    let source = args.source.as_ref().map_or_else(|| "${{ vars.SKEW_SOURCE }}".to_owned(), |source| format!("\"{}\"", quoted(source)));
    let text = WORKFLOW.replace("@FOLDER@", &quoted(&name)).replace("@PREFIX@", &quoted(&prefix)).replace("@SOURCE@", &source);
    Ok(Fresh { path: root.join(".github/workflows/skew.yml"), text, program: false })
}

/// A text between YAML's double quotes, which escape what JSON's do.
fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned()
}

/// The line of a crontab that starts a script. A line has no place for line breaks, and `%` stands for one.
fn crontab(script: &Path) -> Result<String, Error> {
    let path = script.to_string_lossy();
    if path.contains('\n') {
        return Err(Error::Usage { message: format!("a crontab cannot name {path:?}: it has a line break"), hint: None });
    }
    Ok(format!("{SCHEDULE} '{}'\n", path.replace('\'', r"'\''").replace('%', r"\%")))
}

/// The path from the root of the file system, without `..` as far as the path exists.
fn absolute(path: &Path) -> Result<PathBuf, Error> {
    let found = fs::canonicalize(path).or_else(|_| std::path::absolute(path));
    found.map_err(|source| Error::File { action: "find", path: path.to_owned(), source })
}

/// Adds the folder of results to what version control leaves out.
fn ignore(path: &Path, terminal: &output::Terminal) -> Result<(), Error> {
    let failed = |source| Error::File { action: "write", path: path.to_owned(), source };
    let before = if path.exists() { fs::read_to_string(path).map_err(failed)? } else { String::new() };
    if before.lines().any(|line| line.trim().trim_matches('/') == ".skew") {
        return Ok(());
    }
    let end = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    fs::write(path, format!("{before}{end}{IGNORED}\n")).map_err(failed)?;
    terminal.say(&format!("{} {}", if before.is_empty() { "wrote" } else { "added .skew/ to" }, path.display()));
    Ok(())
}
