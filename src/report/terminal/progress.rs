//! What people see while a run goes on: a line for each cell that ends, and on a terminal a bar with what runs now.

use std::{
    collections::BTreeMap,
    io::Write,
    time::{Duration, Instant},
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::heard::Heard;
use crate::{
    compare::Verdict,
    matrix::Tolerances,
    report::{
        Mark, State,
        text::{self, visible},
    },
    run::{Progress, Reporter},
    store::CellFacts,
};

/// A scenario that runs longer is told of while it does.
const SLOW: Duration = Duration::from_mins(1);
/// Time between two words where there is no bar, so that no log looks dead.
const HEARTBEAT: Duration = Duration::from_mins(1);

/// Columns in front of what does not fit on the line of its cell.
const HANGING: usize = 13;

const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const RED: &str = "\x1b[31m";
const DIM: &str = "\x1b[2m";

/// What a display shows, and how.
#[derive(Debug)]
pub struct Setting {
    /// Ids of the cells, in plan order.
    pub cells: Vec<String>,
    /// Names of the scenarios, in plan order.
    pub scenarios: Vec<String>,
    /// Tolerances of the scenarios.
    pub tolerances: Vec<Tolerances>,
    /// Number of the baseline cell.
    pub baseline: usize,
    /// Cells that will run.
    pub total: usize,
    /// For each cell the name of the group its line belongs to, where lines are folded: `numpy 1.26.4`.
    pub groups: Option<Vec<String>>,
    /// A bar may be drawn.
    pub draws: bool,
    /// Columns of the terminal now; `None` where it goes elsewhere.
    pub width: fn() -> Option<usize>,
    /// Colours may be used.
    pub color: bool,
    /// Only ASCII may be used.
    pub ascii: bool,
    /// Negative: say nothing; positive: say more.
    pub verbosity: i16,
}

/// Draws progress on standard error.
pub struct Live {
    setting: Setting,
    done: usize,
    began: Instant,
    active: BTreeMap<usize, Active>,
    heard: BTreeMap<usize, Heard>,
    /// What the baseline did, once it ended.
    baseline: Option<Heard>,
    /// Cells by how they ended.
    words: BTreeMap<&'static str, usize>,
    bars: Option<Bars>,
    last_beat: Instant,
    /// The group that is open.
    group: Option<String>,
}

struct Bars {
    all: MultiProgress,
    bar: ProgressBar,
    now: ProgressBar,
}

/// What goes on in a cell.
struct Active {
    what: What,
    since: Instant,
    /// It was called slow.
    slow: bool,
}

/// What a cell does. Most of it is over before anyone is told.
#[derive(Clone, Copy)]
enum What {
    Install,
    Import,
    /// The number of the scenario.
    Run(usize),
}

/// How a cell ended, in one word, and its colour. Without a comparison the word says how its scenarios ended.
fn word(state: State, heard: &Heard, verdicts: Option<&[(Verdict, usize)]>) -> (&'static str, &'static str) {
    match (state, verdicts.map(|verdicts| verdicts.first().map_or(Verdict::Same, |(worst, _)| *worst))) {
        (State::Ran, Some(Verdict::Same)) => ("SAME", GREEN),
        (State::Ran, Some(Verdict::Close)) => ("CLOSE", GREEN),
        (State::Ran, Some(Verdict::Warns)) => ("WARNS", YELLOW),
        (State::Ran, Some(Verdict::Changed)) => ("CHANGED", YELLOW),
        (State::Ran, Some(Verdict::Returns)) => ("RETURNS", YELLOW),
        (State::Ran, Some(Verdict::Raises)) => ("RAISES", RED),
        (State::Ran, Some(Verdict::Timeout)) => ("TIMEOUT", RED),
        (State::Ran, Some(Verdict::Crash)) => ("CRASH", RED),
        (State::Ran, None) if heard.died > 0 => ("CRASHED", RED),
        (State::Ran, None) if heard.raised > 0 => ("RAISED", YELLOW),
        (State::Ran, None) => ("RAN", GREEN),
        (State::Unavailable | State::Unresolvable, _) => ("NONE", YELLOW),
        (State::InstallFailed, _) => ("INSTALL", RED),
        (State::ImportFailed, _) => ("IMPORT", RED),
        (State::Infra, _) => ("INFRA", RED),
        (State::NotRun, _) => ("NOT RUN", YELLOW),
    }
}

impl Bars {
    fn new(setting: &Setting) -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(5));
        let bar = all.add(ProgressBar::new(setting.total as u64));
        let style = ProgressStyle::with_template("     Running {bar:30} {pos}/{len}  {msg}");
        let characters = if setting.ascii { "=> " } else { "━╸─" };
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars(characters));
        let now = all.add(ProgressBar::new_spinner());
        now.set_style(ProgressStyle::with_template("       {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
        Self { all, bar, now }
    }
}

impl Live {
    /// A display.
    pub fn new(setting: Setting) -> Self {
        let bars = (setting.draws && setting.verbosity >= 0).then(|| Bars::new(&setting));
        let began = Instant::now();
        Self {
            setting,
            done: 0,
            began,
            active: BTreeMap::new(),
            heard: BTreeMap::new(),
            baseline: None,
            words: BTreeMap::new(),
            bars,
            last_beat: began,
            group: None,
        }
    }

    /// Takes the bar away and closes the group; the lines stay.
    pub fn finish(&mut self) {
        if let Some(bars) = &self.bars {
            let _ = bars.all.clear();
        }
        if self.group.take().is_some() {
            self.line("::endgroup::");
        }
    }

    fn line(&self, line: &str) {
        if self.setting.verbosity < 0 {
            return;
        }
        match &self.bars {
            Some(bars) => {
                let _ = bars.all.println(line);
            }
            None => {
                let _ = writeln!(std::io::stderr().lock(), "{line}");
            }
        }
    }

    fn clean(&self, raw: &str) -> String {
        let visible = visible(raw);
        if self.setting.ascii { text::ascii(&visible) } else { visible }
    }

    fn redraw(&self) {
        if let Some(bars) = &self.bars {
            bars.bar.set_position(self.done as u64);
            let bad = [("CRASH", "crash"), ("TIMEOUT", "timeout"), ("IMPORT", "import fails"), ("RAISES", "raise"), ("INFRA", "infra")];
            let bad = bad.iter().filter_map(|(word, name)| self.words.get(word).map(|count| format!("{count} {name}")));
            let bad = bad.collect::<Vec<_>>().join(", ");
            bars.bar.set_message([self.remaining(), bad].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  "));
            let now =
                self.active.iter().map(|(cell, active)| format!("{} {}s", self.words(*cell, active), active.since.elapsed().as_secs()));
            bars.now.set_message(self.clean(&now.collect::<Vec<_>>().join(" · ")));
        }
    }

    /// How long the rest will take, once one cell tells how long a cell takes, unless one takes longer than that already.
    fn remaining(&self) -> String {
        let rest = self.setting.total.saturating_sub(self.done) as f64;
        let seconds = (self.began.elapsed().as_secs_f64() / self.done as f64 * rest).round().max(10.0);
        let overdue = self.active.values().any(|active| active.since.elapsed().as_secs_f64() > seconds);
        if self.done == 0 || overdue { String::new() } else { format!("eta {}", text::duration(seconds)) }
    }

    /// One line about a cell.
    fn say(&mut self, (word, color): (&str, &str), time: &str, count: bool, cell: usize, about: &str) {
        if let Some(name) = self.setting.groups.as_ref().and_then(|groups| groups.get(cell)).map(|name| visible(name))
            && self.group.as_ref() != Some(&name)
        {
            if self.group.is_some() {
                self.line("::endgroup::");
            }
            self.line(&format!("::group::{name}"));
            self.group = Some(name);
        }
        let (color, end) = if self.setting.color { (color, "\x1b[0m") } else { ("", "") };
        let width = self.setting.total.to_string().len();
        let count = if count { format!("({:>width$}/{})", self.done, self.setting.total) } else { " ".repeat(2 * width + 3) };
        let (about, subject) = (self.clean(about), format!("[{time}] {count} {}", self.setting.cells[cell]));
        let about = match (self.setting.width)() {
            _ if about.is_empty() => String::new(),
            // A terminal would break it within words.
            Some(width) if HANGING + text::width(&subject) + text::width(&about) + 2 > width => {
                let next = format!("\n{}", " ".repeat(HANGING));
                next.clone() + &text::wrap(&about, width.saturating_sub(HANGING)).join(&next)
            }
            _ => format!("   {about}"),
        };
        self.line(&format!("{color}{word:>11}{end} {subject}{about}"));
    }

    fn set_active(&mut self, cell: usize, what: What) {
        self.active.insert(cell, Active { what, since: Instant::now(), slow: false });
        self.redraw();
    }

    /// What a cell does.
    fn words(&self, cell: usize, active: &Active) -> String {
        let id = &self.setting.cells[cell];
        match active.what {
            What::Install => format!("install {id}"),
            What::Import => format!("import {id}"),
            What::Run(scenario) => format!("run {id} {}", self.setting.scenarios[scenario]),
        }
    }

    /// What is said of a cell that ended: why it failed, or what differs from the baseline.
    fn about(&self, cell: usize, facts: &CellFacts, heard: &Heard, verdicts: Option<&[(Verdict, usize)]>) -> String {
        if let Some(cause) = &facts.cause {
            return cause.clone();
        }
        let ends = match (heard.raised, heard.died) {
            (0, 0) => String::new(),
            (raised, 0) => format!("{raised} of {} executions raise", heard.ended),
            (0, died) => format!("{died} of {} executions die", heard.ended),
            (raised, died) => format!("{raised} of {} executions raise, {died} die", heard.ended),
        };
        if cell == self.setting.baseline {
            return if ends.is_empty() { "the baseline".to_owned() } else { format!("the baseline; {ends}") };
        }
        match verdicts {
            Some(verdicts) => {
                let differing = verdicts.iter().filter(|(verdict, _)| *verdict > Verdict::Same);
                differing.map(|(verdict, count)| format!("{count} {}", Mark::from(*verdict).look().key)).collect::<Vec<_>>().join(", ")
            }
            None => ends,
        }
    }

    fn cell_done(&mut self, cell: usize, facts: &CellFacts) {
        self.active.remove(&cell);
        self.done += 1;
        let heard = self.heard.remove(&cell).unwrap_or_default();
        let comparable = facts.state == State::Ran && cell != self.setting.baseline;
        let verdicts = self.baseline.as_ref().filter(|_| comparable).map(|baseline| heard.verdicts(baseline, &self.setting.tolerances));
        let (word, color) = word(facts.state, &heard, verdicts.as_deref());
        *self.words.entry(word).or_default() += 1;
        let about = self.about(cell, facts, &heard, verdicts.as_deref());
        self.say((word, color), &seconds(facts.seconds.unwrap_or_default()), true, cell, &about);
        if cell == self.setting.baseline {
            self.baseline = Some(heard);
        }
        self.redraw();
    }

    fn tick(&mut self) {
        let mut slow = Vec::new();
        for (cell, active) in &mut self.active {
            if let (What::Run(scenario), false) = (active.what, active.slow)
                && active.since.elapsed() >= SLOW
            {
                active.slow = true;
                slow.push((*cell, self.setting.scenarios[scenario].clone()));
            }
        }
        for (cell, scenario) in slow {
            self.say(("SLOW", YELLOW), &format!("> {}.0s", SLOW.as_secs()), false, cell, &scenario);
        }
        self.redraw();
        if self.bars.is_none() && self.last_beat.elapsed() >= HEARTBEAT {
            self.last_beat = Instant::now();
            let what: Vec<String> = self.active.iter().map(|(cell, active)| self.words(*cell, active)).collect();
            let gone = text::duration(self.began.elapsed().as_secs_f64());
            let line = format!("{}/{} cells after {gone} · {}", self.done, self.setting.total, what.join(" · "));
            self.line(&format!("     Running {}", self.clean(&line)));
        }
    }
}

fn seconds(time: f64) -> String {
    format!("{time:>6.1}s")
}

impl Reporter for Live {
    fn progress(&mut self, progress: &Progress<'_>) {
        match progress {
            Progress::Provisioning { cell } => self.set_active(*cell, What::Install),
            Progress::Provisioned { cell, environment, seconds: time } => {
                self.active.remove(cell);
                // Folded lines stay together only if cells alone begin groups.
                if (!environment.reused && self.setting.groups.is_none()) || self.setting.verbosity > 0 {
                    let size = environment.added_bytes as f64 / 1e6;
                    let what = if environment.reused { "was there".to_owned() } else { format!("{size:.0} MB new") };
                    self.say(("INSTALLED", DIM), &seconds(*time), false, *cell, &what);
                }
                self.redraw();
            }
            Progress::Executing { cell } => self.set_active(*cell, What::Import),
            Progress::Started { cell, scenario } => self.set_active(*cell, What::Run(*scenario)),
            Progress::Outcome { cell, scenario, repeat, ending, observations, missing } => {
                self.heard.entry(*cell).or_default().outcome(*scenario, *repeat, ending, observations, missing);
                if self.setting.verbosity > 0 {
                    let about = format!("{} {}", self.setting.scenarios[*scenario], ending.status.as_str());
                    self.say(("", ""), &seconds(ending.seconds), false, *cell, &about);
                }
            }
            Progress::CellDone { cell, facts } => self.cell_done(*cell, facts),
            Progress::Retrying { cell, cause, pause } => {
                self.active.remove(cell);
                self.say(("RETRY", YELLOW), &format!("in {:>4.0}s", pause.as_secs_f64()), false, *cell, cause);
            }
            Progress::Stopping => self.line("    Stopping what runs; once more to leave at once"),
            Progress::Tick => self.tick(),
        }
    }
}
