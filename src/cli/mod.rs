//! The command line: arguments, and one file per command.

mod bless;
mod check;
mod clean;
mod diff;
mod doctor;
mod expect;
mod explain;
mod github;
mod history;
mod init;
mod lint;
mod merge;
mod open;
mod output;
mod past;
mod perform;
mod pins;
mod plan;
mod report;
mod repro;
mod reuse;
mod run;
mod select;

use std::path::PathBuf;

use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum, parser::ValueSource};

use crate::{
    error::{EXIT_OK, Error},
    matrix::EngineChoice,
    plan::Shard,
    report::FailOn,
};

const EXIT_CODES: &str = "Exit codes:
  0    as expected
  1    unexpected differences (--fail-on)
  2    usage or configuration
  3    incomplete: infrastructure failed (wins over 1)
  4    nothing selected
  5    a published file is stale (check)
  130  interrupted, partial results kept";

/// Differential testing across a version matrix: runs the same Python scenarios in every combination of package
/// versions, each isolated, and shows which behave alike, where behaviour changes, and what exactly changed.
#[derive(Debug, Parser)]
#[command(name = "skew", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// The matrix [default: matrix.yaml here or in the nearest folder above]
    #[arg(short, long, global = true, value_name = "FILE", env = "SKEW_FILE")]
    pub file: Option<PathBuf>,
    /// Where cells run, instead of the matrix's `engine`
    #[arg(long, global = true, value_enum, env = "SKEW_ENGINE")]
    pub engine: Option<EngineName>,
    /// Cells at a time [default: the number of cores; in a cluster kubernetes.parallelism]
    #[arg(short, long, global = true, value_name = "N", env = "SKEW_JOBS", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Select cells and scenarios: `numpy:>=2 tensorflow:2.18 python:3.11 scenario:cast`; words match ids and names
    #[arg(short = 'k', long = "select", global = true, value_name = "EXPR", env = "SKEW_SELECT", allow_hyphen_values = true)]
    pub select: Option<String>,
    /// Write a format to a file: `markdown=README.md`, `json=results.json` (repeatable)
    #[arg(short, long, global = true, value_name = "FORMAT=PATH", env = "SKEW_OUTPUT", value_delimiter = ',')]
    pub output: Vec<String>,
    /// Format on standard output
    #[arg(long, global = true, value_enum, env = "SKEW_FORMAT")]
    pub format: Option<Format>,
    /// Cell to compare with, instead of the matrix's
    #[arg(long, global = true, value_name = "CELL", env = "SKEW_BASELINE")]
    pub baseline: Option<String>,
    /// When to exit with 1
    #[arg(long, global = true, value_enum, default_value = "new", env = "SKEW_FAIL_ON")]
    pub fail_on: FailOn,
    /// Use only what is cached of the package index
    #[arg(long, global = true, env = "SKEW_OFFLINE")]
    pub offline: bool,
    /// Run everything, also what would come out as it did before
    #[arg(long, global = true, env = "SKEW_FRESH")]
    pub fresh: bool,
    /// Run this part of the cells only, as `2/4`; `merge` joins the parts
    #[arg(long, global = true, value_name = "K/N", env = "SKEW_SHARD")]
    pub shard: Option<Shard>,
    /// Where the report is published: the tables and the feed link to it
    #[arg(long, global = true, value_name = "URL", env = "SKEW_URL")]
    pub url: Option<String>,
    /// Say where the time of the run went: in the table, as a chart in the HTML report, and in results.json
    #[arg(long, global = true, env = "SKEW_TIMINGS")]
    pub timings: bool,
    /// Say less (repeatable)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub quiet: u8,
    /// Say more (repeatable)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Colours
    #[arg(long, global = true, value_enum, default_value = "auto", env = "SKEW_COLOR")]
    pub color: When,
    /// Only ASCII in terminal output
    #[arg(long, global = true, env = "SKEW_ASCII")]
    pub ascii: bool,
}

/// Yes, no, or as the terminal allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// If the stream is a terminal and `NO_COLOR` is unset.
    Auto,
    /// Yes.
    Always,
    /// No.
    Never,
}

/// Engines by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// Docker if it can be had, else local.
    Auto,
    /// Containers.
    Docker,
    /// Processes.
    Local,
    /// Jobs of a cluster.
    Kubernetes,
    /// Recorded answers, for tests.
    #[value(hide = true)]
    Fake,
}

impl From<EngineName> for EngineChoice {
    fn from(name: EngineName) -> Self {
        match name {
            EngineName::Auto => Self::Auto,
            EngineName::Docker => Self::Docker,
            EngineName::Local => Self::Local,
            EngineName::Kubernetes => Self::Kubernetes,
            EngineName::Fake => Self::Fake,
        }
    }
}

/// Formats of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal.
    Table,
    /// One line per difference, for grep.
    Compact,
    /// For a README.
    Markdown,
    /// `results.json`.
    Json,
    /// One line for each event; streamed while a run goes on.
    Jsonl,
    /// `JUnit`: a suite per cell, a case per scenario.
    Junit,
    /// Annotations of a workflow; in a file, the step summary.
    Github,
    /// The step summary, cut to what an issue takes.
    Issue,
    /// A badge: the endpoint schema of shields.io.
    Badge,
    /// The table as a picture.
    Svg,
    /// A row per observation and cell.
    Csv,
    /// A feed of what changed since the earlier run.
    Atom,
    /// `requirements.txt` with hashes, from `pins`.
    Requirements,
    /// One page with everything, for a browser.
    Html,
    /// The parts of a run for a job matrix, from `plan --shards`.
    GithubMatrix,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a matrix.yaml and an example scenario here
    Init(init::Args),
    /// Show cells, interpreters and exclusions; start nothing
    Plan(plan::Args),
    /// Make the environments, run the scenarios, print the table
    Run(run::Args),
    /// Render the last run again; start nothing
    Report(report::Args),
    /// Everything about a cell, a scenario in it, or one observation
    Explain(explain::Args),
    /// What is different between two cells, two runs or two results.json files
    Diff(diff::Args),
    /// Whether the last run is as expected.yaml says, or published tables still match it; start nothing
    Check(check::Args),
    /// Write the differences of the last run into expected.yaml: they are what is expected from now on
    Bless(bless::Args),
    /// Join the parts that `run --shard` made on several machines into one run
    Merge(merge::Args),
    /// The runs that are kept, or when an observation changed
    History(history::Args),
    /// Which versions to pin: the largest ranges in which scenarios agree with the baseline
    Pins(pins::Args),
    /// Print a command that does a scenario in a cell again without skew, or open a shell there
    Repro(repro::Args),
    /// Remove what dead runs left behind
    Clean(clean::Args),
    /// Look at what runs need on this machine, with the mend for what is missing
    Doctor,
    /// Print the JSON Schema of results.json
    Schema,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Runs the program; returns its exit code.
pub fn main() -> u8 {
    let parsed = Cli::command().try_get_matches().and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version go to stdout with code 0, everything else to stderr with 2; clap knows which is which.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    let terminal = output::Terminal::new(&cli.common);
    for option in idle(&matches) {
        terminal.say(&format!("note: `{option}` makes no difference to this command"));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal.error(&format!("cannot start the runtime: {error}"), None);
            return crate::error::EXIT_INCOMPLETE;
        }
    };
    let result = runtime.block_on(dispatch(&cli, &terminal));
    // A read of standard input or a name lookup that never returns must not keep an interrupted program alive.
    runtime.shutdown_background();
    match result {
        Ok(code) => code,
        Err(error) => {
            terminal.failure(&error);
            error.exit_code()
        }
    }
}

/// Options of every command that were given to one which has no use for them. Those from variables are meant for others.
fn idle(matches: &ArgMatches) -> Vec<String> {
    let Some((name, given)) = matches.subcommand() else { return Vec::new() };
    let used: &[&str] = match name {
        "plan" => &["engine", "jobs", "format", "baseline", "offline"],
        "report" => &["select", "output", "format", "baseline", "url", "timings"],
        "diff" | "check" => &["format", "baseline", "fail_on", "url"],
        "bless" => &["select", "baseline"],
        "merge" => &["output", "format", "baseline", "fail_on", "url", "timings"],
        "history" => &["format", "baseline"],
        "pins" => &["engine", "jobs", "select", "format", "baseline", "offline", "fresh"],
        "repro" => &["engine", "baseline", "offline"],
        "explain" => &["baseline"],
        "clean" => &["engine"],
        "doctor" => &["engine", "format", "offline"],
        "init" => &["offline"],
        "schema" | "completions" => &[],
        _ => return Vec::new(),
    };
    let all = ["engine", "jobs", "select", "output", "format", "baseline", "fail_on", "offline", "fresh", "shard", "url", "timings"];
    let is_given = |option: &&str| given.value_source(option) == Some(ValueSource::CommandLine);
    let idle = all.into_iter().filter(|option| !used.contains(option)).filter(is_given);
    idle.map(|option| if option == "select" { "-k".to_owned() } else { format!("--{}", option.replace('_', "-")) }).collect()
}

async fn dispatch(cli: &Cli, terminal: &output::Terminal) -> Result<u8, Error> {
    let common = &cli.common;
    match (common.format, &cli.command) {
        (Some(format @ Format::Requirements), command) if !matches!(command, Command::Pins(_)) => {
            return Err(output::elsewhere(format, "--format requirements"));
        }
        (Some(format @ Format::GithubMatrix), command) if !matches!(command, Command::Plan(_)) => {
            return Err(output::elsewhere(format, "--format github-matrix"));
        }
        _ => {}
    }
    match &cli.command {
        Command::Init(args) => init::run(args, common, terminal).await,
        Command::Plan(args) => plan::run(args, common, terminal).await,
        Command::Run(args) => run::run(args, common, terminal).await,
        Command::Report(args) => report::run(args, common, terminal),
        Command::Explain(args) => explain::run(args, common, terminal),
        Command::Diff(args) => diff::run(args, common, terminal),
        Command::Check(args) => check::run(args, common, terminal),
        Command::Bless(args) => bless::run(args, common, terminal),
        Command::Merge(args) => merge::run(args, common, terminal),
        Command::History(args) => history::run(args, common),
        Command::Pins(args) => pins::run(args, common, terminal).await,
        Command::Repro(args) => repro::run(args, common, terminal).await,
        Command::Clean(args) => clean::run(args, common, terminal).await,
        Command::Doctor => doctor::run(common).await,
        Command::Schema => {
            output::Terminal::result(crate::report::json::JSON_SCHEMA)?;
            Ok(EXIT_OK)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "skew", &mut script);
            output::Terminal::result(&String::from_utf8_lossy(&script))?;
            Ok(EXIT_OK)
        }
    }
}
