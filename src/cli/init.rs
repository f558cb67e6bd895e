//! `skew init`: a matrix and a scenario to start from.

use std::{fs, io::Write as _, path::PathBuf};

use super::output;
use crate::error::{EXIT_OK, Error};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder to write into
    #[arg(default_value = ".")]
    folder: PathBuf,
}

const FILES: [(&str, &str); 2] =
    [("matrix.yaml", include_str!("init/matrix.yaml")), ("scenarios/promotion.py", include_str!("init/scenario.py"))];
/// Where results are kept; they are regenerated, not reviewed.
const IGNORED: &str = ".skew/";

pub(super) fn run(args: &Args, terminal: &output::Terminal) -> Result<u8, Error> {
    // Looked for before anything is written, so that a folder gets all files or none.
    if let Some(path) = FILES.iter().map(|(name, _)| args.folder.join(name)).find(|path| path.exists()) {
        return Err(Error::Usage {
            message: format!("{} is there already", path.display()),
            hint: Some("nothing was overwritten; `skew run` uses what is there".to_owned()),
        });
    }
    for (name, text) in FILES {
        let path = args.folder.join(name);
        let failed = |source| Error::File { action: "write", path: path.clone(), source };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        fs::write(&path, text).map_err(failed)?;
        terminal.say(&format!("wrote {}", path.display()));
    }
    ignore(&args.folder.join(".gitignore"), terminal)?;
    terminal.say("next: skew plan, then skew run");
    Ok(EXIT_OK)
}

/// Adds the folder of results to what version control leaves out.
fn ignore(path: &std::path::Path, terminal: &output::Terminal) -> Result<(), Error> {
    let failed = |source| Error::File { action: "write", path: path.to_owned(), source };
    let before = if path.exists() { fs::read_to_string(path).map_err(failed)? } else { String::new() };
    if before.lines().any(|line| line.trim().trim_matches('/') == ".skew") {
        return Ok(());
    }
    let end = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
    writeln!(file, "{end}{IGNORED}").map_err(failed)?;
    terminal.say(&format!("{} {}", if before.is_empty() { "wrote" } else { "added .skew/ to" }, path.display()));
    Ok(())
}
