//! One JSON object a line for each thing that happens, while it happens; a stored run can be told again the same way.

use std::io::{self, BufWriter, Write};

use serde::Serialize;

use super::{Counts, Results, State};
use crate::{
    observation::Status,
    run::{Progress, Reporter},
};

/// The schema of the lines.
pub const SCHEMA: &str = "skew.events/1";

/// A line.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Line<'a> {
    /// A run begins, or is told again.
    Run { schema: &'static str, id: &'a str, cells: Vec<&'a str>, scenarios: Vec<&'a str> },
    /// An environment is being made.
    Provisioning { cell: &'a str },
    /// An environment is there.
    Provisioned { cell: &'a str, environment: &'a str, reused: bool, added_bytes: u64, seconds: f64 },
    /// Scenarios begin in a cell.
    Executing { cell: &'a str },
    /// A scenario begins.
    Started { cell: &'a str, scenario: &'a str },
    /// An execution of a scenario ended.
    Outcome { cell: &'a str, scenario: &'a str, repeat: u32, status: Status, seconds: f64, max_rss: Option<u64>, cause: Option<&'a str> },
    /// Nothing more happens in a cell.
    Cell { cell: &'a str, state: State, cause: Option<&'a str>, seconds: Option<f64> },
    /// A cell is begun again after trouble of the infrastructure.
    Retrying { cell: &'a str, cause: &'a str, seconds: f64 },
    /// A signal stops the run.
    Stopping {},
    /// How a cell compares with the baseline, told after all cells ended.
    Verdicts { cell: &'a str, state: State, class: Option<&'a str>, counts: Counts },
    /// All is told.
    End { complete: bool, baseline: &'a str },
}

fn put(out: &mut dyn Write, line: &Line<'_>) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    out.write_all(&text)
}

/// Says a line while a run goes on. A reader that went away must not end the run.
fn say(out: &mut Sink, line: &Line<'_>) {
    let _ = put(out, line).and_then(|()| out.flush());
}

/// Tells a stored run again: first executions and cells in plan order, then the verdicts.
///
/// # Errors
/// When `out` fails.
pub fn write(results: &Results, out: &mut dyn Write) -> io::Result<()> {
    let out = &mut BufWriter::new(out);
    let cells: Vec<&str> = results.cells.iter().map(|cell| cell.id.as_str()).collect();
    let scenarios = results.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    put(out, &Line::Run { schema: SCHEMA, id: &results.run.id, cells, scenarios })?;
    let outcomes: Vec<_> = results.scenarios.iter().map(|scenario| results.outcomes_by_cell(scenario)).collect();
    for (index, cell) in results.cells.iter().enumerate() {
        for (scenario, outcomes) in results.scenarios.iter().zip(&outcomes) {
            if let Some(outcome) = outcomes[index] {
                let (status, seconds, max_rss) = (outcome.status, outcome.seconds, outcome.max_rss);
                let cause = outcome.cause.as_deref();
                put(out, &Line::Outcome { cell: &cell.id, scenario: &scenario.name, repeat: 0, status, seconds, max_rss, cause })?;
            }
        }
        put(out, &Line::Cell { cell: &cell.id, state: cell.state, cause: cell.cause.as_deref(), seconds: cell.seconds })?;
    }
    end(results, out)?;
    out.flush()
}

/// The last lines: verdicts, which need the whole run, and the end.
fn end(results: &Results, out: &mut dyn Write) -> io::Result<()> {
    for cell in &results.cells {
        put(out, &Line::Verdicts { cell: &cell.id, state: cell.state, class: cell.class.as_deref(), counts: cell.counts })?;
    }
    put(out, &Line::End { complete: results.run.complete, baseline: &results.baseline })
}

/// Takes lines, and remembers what kept it from that. A reader that has read enough is no trouble.
struct Sink {
    out: Box<dyn Write + Send>,
    trouble: Option<io::ErrorKind>,
}

impl Sink {
    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            self.trouble.get_or_insert(error.kind());
        }
        result
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.out.write(bytes);
        self.note(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.out.flush();
        self.note(result)
    }
}

/// Writes lines while a run goes on.
pub struct Stream {
    out: Sink,
    cells: Vec<String>,
    scenarios: Vec<String>,
}

impl Stream {
    /// A stream for the run `id`, which begins now.
    pub fn begin(out: Box<dyn Write + Send>, id: &str, cells: Vec<String>, scenarios: Vec<String>) -> Self {
        let mut out = Sink { out, trouble: None };
        say(
            &mut out,
            &Line::Run {
                schema: SCHEMA,
                id,
                cells: cells.iter().map(String::as_str).collect(),
                scenarios: scenarios.iter().map(String::as_str).collect(),
            },
        );
        Self { out, cells, scenarios }
    }

    /// Writes the last lines.
    ///
    /// # Errors
    /// Some line, not only of these, could not be written.
    pub fn end(mut self, results: &Results) -> io::Result<()> {
        // The sink remembers what went wrong.
        let _ = end(results, &mut self.out).and_then(|()| self.out.flush());
        self.out.trouble.map_or(Ok(()), |kind| Err(kind.into()))
    }
}

impl Reporter for Stream {
    fn progress(&mut self, progress: &Progress<'_>) {
        let cell = |number: &usize| self.cells.get(*number).map_or("", String::as_str);
        let scenario = |number: &usize| self.scenarios.get(*number).map_or("", String::as_str);
        let line = match progress {
            Progress::Provisioning { cell: number } => Line::Provisioning { cell: cell(number) },
            Progress::Provisioned { cell: number, environment, seconds } => Line::Provisioned {
                cell: cell(number),
                environment: &environment.digest,
                reused: environment.reused,
                added_bytes: environment.added_bytes,
                seconds: *seconds,
            },
            Progress::Executing { cell: number } => Line::Executing { cell: cell(number) },
            Progress::Started { cell: number, scenario: which } => Line::Started { cell: cell(number), scenario: scenario(which) },
            Progress::Outcome { cell: number, scenario: which, repeat, ending, observations: _, missing: _ } => Line::Outcome {
                cell: cell(number),
                scenario: scenario(which),
                repeat: *repeat,
                status: ending.status,
                seconds: ending.seconds,
                max_rss: ending.max_rss,
                cause: ending.cause.as_deref(),
            },
            Progress::CellDone { cell: number, facts } => {
                Line::Cell { cell: cell(number), state: facts.state, cause: facts.cause.as_deref(), seconds: facts.seconds }
            }
            Progress::Retrying { cell: number, cause, pause } => Line::Retrying { cell: cell(number), cause, seconds: pause.as_secs_f64() },
            Progress::Stopping => Line::Stopping {},
            Progress::Tick => return,
        };
        say(&mut self.out, &line);
    }
}
