//! `skew init`: a matrix and a scenario to start from.

use std::{fs, path::PathBuf};

use super::output;
use crate::error::{EXIT_OK, Error};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder to write into
    #[arg(default_value = ".")]
    folder: PathBuf,
}

const MATRIX: &str = include_str!("init/matrix.yaml");
const SCENARIO: &str = include_str!("init/scenario.py");

pub(super) fn run(args: &Args, terminal: &output::Terminal) -> Result<u8, Error> {
    for (name, text) in [("matrix.yaml", MATRIX), ("scenarios/promotion.py", SCENARIO)] {
        let path = args.folder.join(name);
        let failed = |source| Error::File { action: "write", path: path.clone(), source };
        if path.exists() {
            return Err(Error::Usage {
                message: format!("{} is there already", path.display()),
                hint: Some("nothing was overwritten; `skew run` uses what is there".to_owned()),
            });
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        fs::write(&path, text).map_err(failed)?;
        terminal.say(&format!("wrote {}", path.display()));
    }
    terminal.say("next: skew plan, then skew run");
    Ok(EXIT_OK)
}
