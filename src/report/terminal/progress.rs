//! What people see while a run goes on: a line for each cell that ends, and on a terminal a bar with what runs now.

use std::{
    collections::BTreeMap,
    io::Write,
    time::{Duration, Instant},
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    observation::Status,
    report::{State, text::visible},
    run::{Progress, Reporter},
};

/// Draws progress on standard error.
pub struct Live {
    cells: Vec<String>,
    scenarios: Vec<String>,
    total: usize,
    done: usize,
    color: bool,
    quiet: bool,
    verbose: bool,
    began: Instant,
    /// What goes on in a cell, and since when.
    active: BTreeMap<usize, (String, Instant)>,
    tallies: BTreeMap<usize, Tally>,
    bars: Option<(MultiProgress, ProgressBar, ProgressBar)>,
    last_beat: Instant,
}

#[derive(Default)]
struct Tally {
    ended: usize,
    raised: usize,
    died: usize,
}

/// How a cell ended, in one word of at most eight letters, and its colour.
fn word(state: State, tally: &Tally) -> (&'static str, &'static str) {
    const GREEN: &str = "\x1b[32m";
    const YELLOW: &str = "\x1b[33m";
    const RED: &str = "\x1b[31m";
    match state {
        State::Ran if tally.died > 0 => ("CRASHED", RED),
        State::Ran if tally.raised > 0 => ("RAISED", YELLOW),
        State::Ran => ("RAN", GREEN),
        State::Unavailable | State::Unresolvable => ("NONE", YELLOW),
        State::InstallFailed => ("INSTALL", RED),
        State::ImportFailed => ("IMPORT", RED),
        State::Infra => ("INFRA", RED),
        State::NotRun => ("NOT RUN", YELLOW),
    }
}

impl Live {
    /// A display for `total` of the `cells`; `draws` allows a bar.
    pub fn new(cells: Vec<String>, scenarios: Vec<String>, total: usize, draws: bool, color: bool, verbosity: i16) -> Self {
        let bars = (draws && verbosity >= 0).then(|| {
            let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(5));
            let bar = bars.add(ProgressBar::new(total as u64));
            let style = ProgressStyle::with_template("     Running {bar:36} {pos}/{len}  {elapsed} gone, eta {eta}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─"));
            let now = bars.add(ProgressBar::new_spinner());
            now.set_style(ProgressStyle::with_template("       {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
            (bars, bar, now)
        });
        let began = Instant::now();
        Self {
            cells,
            scenarios,
            total,
            done: 0,
            color,
            quiet: verbosity < 0,
            verbose: verbosity > 0,
            began,
            active: BTreeMap::new(),
            tallies: BTreeMap::new(),
            bars,
            last_beat: began,
        }
    }

    /// Takes the bar away; the lines stay.
    pub fn finish(&self) {
        if let Some((bars, ..)) = &self.bars {
            let _ = bars.clear();
        }
    }

    fn line(&self, text: &str) {
        if self.quiet {
            return;
        }
        match &self.bars {
            Some((bars, ..)) => {
                let _ = bars.println(text);
            }
            None => {
                let _ = writeln!(std::io::stderr().lock(), "{text}");
            }
        }
    }

    fn redraw(&self) {
        if let Some((_, bar, now)) = &self.bars {
            bar.set_position(self.done as u64);
            let words: Vec<String> = self.active.values().map(|(what, since)| format!("{what} {}s", since.elapsed().as_secs())).collect();
            now.set_message(words.join(" · "));
        }
    }

    fn say(&self, word: &str, color: &str, seconds: f64, count: bool, cell: usize, text: &str) {
        let (color, end) = if self.color { (color, "\x1b[0m") } else { ("", "") };
        let width = self.total.to_string().len();
        let count = if count { format!("({:>width$}/{})", self.done, self.total) } else { " ".repeat(2 * width + 3) };
        let text = if text.is_empty() { String::new() } else { format!("   {}", visible(text)) };
        self.line(&format!("{color}{word:>11}{end} [{seconds:>6.1}s] {count} {}{text}", self.cells[cell]));
    }

    fn set_active(&mut self, cell: usize, what: String) {
        self.active.insert(cell, (what, Instant::now()));
        self.redraw();
    }
}

impl Reporter for Live {
    fn progress(&mut self, progress: &Progress<'_>) {
        match progress {
            Progress::Provisioning { cell } => self.set_active(*cell, format!("install {}", self.cells[*cell])),
            Progress::Provisioned { cell, environment, seconds } => {
                self.active.remove(cell);
                if !environment.reused || self.verbose {
                    let size = environment.added_bytes as f64 / 1e6;
                    let what = if environment.reused { "was there".to_owned() } else { format!("{size:.0} MB new") };
                    self.say("INSTALLED", "\x1b[2m", *seconds, false, *cell, &what);
                }
                self.redraw();
            }
            Progress::Executing { cell } => self.set_active(*cell, format!("import {}", self.cells[*cell])),
            Progress::Started { cell, scenario } => {
                self.set_active(*cell, format!("run {} {}", self.cells[*cell], self.scenarios[*scenario]));
            }
            Progress::Outcome { cell, scenario, ending } => {
                let tally = self.tallies.entry(*cell).or_default();
                tally.ended += 1;
                match ending.status {
                    Status::Raised => tally.raised += 1,
                    Status::Crash | Status::Timeout | Status::Oom | Status::Exited | Status::Protocol => tally.died += 1,
                    Status::Ran | Status::NotApplicable | Status::Infra => {}
                }
                if self.verbose {
                    let text = format!("{} {}", self.scenarios[*scenario], ending.status.as_str());
                    self.say("", "", ending.seconds, false, *cell, &text);
                }
            }
            Progress::CellDone { cell, facts } => {
                self.active.remove(cell);
                self.done += 1;
                let tally = self.tallies.remove(cell).unwrap_or_default();
                let (word, color) = word(facts.state, &tally);
                let text = match (&facts.cause, tally.raised, tally.died) {
                    (Some(cause), ..) => cause.clone(),
                    (None, 0, 0) => String::new(),
                    (None, raised, 0) => format!("{raised} of {} executions raise", tally.ended),
                    (None, raised, died) => format!("{raised} of {} executions raise, {died} die", tally.ended),
                };
                self.say(word, color, facts.seconds.unwrap_or_default(), true, *cell, &text);
                self.redraw();
            }
            Progress::Stopping => self.line("    Stopping what runs; once more to leave at once"),
            Progress::Tick => {
                self.redraw();
                if self.bars.is_none() && self.last_beat.elapsed() >= Duration::from_mins(1) {
                    self.last_beat = Instant::now();
                    let what: Vec<&str> = self.active.values().map(|(what, _)| what.as_str()).collect();
                    let gone = self.began.elapsed().as_secs();
                    self.line(&format!("    {}/{} cells after {gone}s · {}", self.done, self.total, what.join(" · ")));
                }
            }
        }
    }
}
