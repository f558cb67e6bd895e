//! Names, symbols and colours of everything a cell can show: the one place for them.
//!
//! Luminance falls with severity, so that greyscale prints in order, and no meaning hangs on colour alone.

use crate::{
    compare::Verdict,
    report::{Cell, Counts, State},
};

/// What a cell of a grid shows, mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// The file leaves the combination out.
    Excluded,
    /// It was not started.
    NotRun,
    /// It ran, and no observation could be compared.
    Uncompared,
    /// Verdict *same*.
    Same,
    /// Verdict *close*.
    Close,
    /// Unavailable, unresolvable or not installable.
    NotInstallable,
    /// The harness failed.
    Infra,
    /// Verdict *warns*.
    Warns,
    /// Verdict *changed*.
    Changed,
    /// Verdict *returns*.
    Returns,
    /// Verdict *raises*.
    Raises,
    /// Verdict *timeout*.
    Timeout,
    /// Verdict *crash*.
    Crash,
    /// An axis package could not be imported.
    ImportFailed,
}

/// Background and text colour as `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colors {
    /// Background.
    pub background: &'static str,
    /// Text on it.
    pub text: &'static str,
}

/// How a mark looks everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Word for class names and data, `import-failed`.
    pub key: &'static str,
    /// One column wide, except where the terminal is set to East Asian widths.
    pub symbol: &'static str,
    /// For terminals without Unicode.
    pub ascii: &'static str,
    /// For Markdown.
    pub emoji: &'static str,
    /// Meaning, for the legend.
    pub name: &'static str,
    /// Whether a count stands beside the symbol.
    pub counted: bool,
    /// On a light page.
    pub light: Colors,
    /// On a dark page.
    pub dark: Colors,
    /// Background and text among the terminal's 256 colours; `None` leaves the terminal's own.
    pub terminal: Option<(u8, u8)>,
    /// Colour of the symbol in running text, readable on light and dark terminals.
    pub accent: u8,
}

/// Beside the baseline's cell.
pub const BASELINE: (&str, &str) = ("★", "@");
/// Behind the count of a cell in which repeats disagree.
pub const FLAKY: (&str, &str) = ("∿", "*");

const fn colors(background: &'static str, text: &'static str) -> Colors {
    Colors { background, text }
}

const ERROR: (Colors, Colors) = (colors("#BF3B00", "#FFFFFF"), colors("#FF9B8A", "#2B0A00"));
const DEAD: (Colors, Colors) = (colors("#4A1259", "#FFFFFF"), colors("#F4DFFB", "#2A0035"));
const BLANK: (Colors, Colors) = (colors("#FFFFFF", "#24292F"), colors("#0D1117", "#E6EDF3"));

impl Mark {
    /// Every mark, mildest first.
    pub const ALL: [Self; 14] = [
        Self::Excluded,
        Self::NotRun,
        Self::Uncompared,
        Self::Same,
        Self::Close,
        Self::NotInstallable,
        Self::Infra,
        Self::Warns,
        Self::Changed,
        Self::Returns,
        Self::Raises,
        Self::Timeout,
        Self::Crash,
        Self::ImportFailed,
    ];

    /// The order of a legend: verdicts, then what stands in place of one.
    pub const LEGEND: [Self; 14] = [
        Self::Same,
        Self::Close,
        Self::Warns,
        Self::Changed,
        Self::Returns,
        Self::Raises,
        Self::Timeout,
        Self::Crash,
        Self::ImportFailed,
        Self::NotInstallable,
        Self::Infra,
        Self::Uncompared,
        Self::NotRun,
        Self::Excluded,
    ];

    /// The mark of a cell and the count that stands beside it: its state, or else its worst verdict.
    pub fn of(cell: &Cell) -> (Self, u64) {
        if cell.state == State::Ran { Self::worst(&cell.counts) } else { (Self::of_state(cell.state), 0) }
    }

    /// The mark of a state, as far as it says anything by itself.
    pub(super) fn of_state(state: State) -> Self {
        match state {
            State::Ran => Self::Uncompared,
            State::ImportFailed => Self::ImportFailed,
            State::Unavailable | State::Unresolvable | State::InstallFailed => Self::NotInstallable,
            State::Infra => Self::Infra,
            State::NotRun => Self::NotRun,
        }
    }

    /// The worst verdict among counts, and how many observations have it.
    pub fn worst(counts: &Counts) -> (Self, u64) {
        let worst_first = [
            (Self::Crash, counts.crash),
            (Self::Timeout, counts.timeout),
            (Self::Raises, counts.raises),
            (Self::Returns, counts.returns),
            (Self::Changed, counts.changed),
            (Self::Warns, counts.warns),
            (Self::Close, counts.close),
            (Self::Same, counts.same),
        ];
        worst_first.into_iter().find(|(_, count)| *count > 0).unwrap_or((Self::Uncompared, 0))
    }

    /// How it looks.
    pub const fn look(self) -> Look {
        let (key, symbol, ascii, emoji, name, counted) = match self {
            Self::Same => ("same", "=", "=", "✅", "same", false),
            Self::Close => ("close", "≈", "~", "🟦", "within tolerance", true),
            Self::Warns => ("warns", "w", "w", "🟨", "warn", true),
            Self::Changed => ("changed", "Δ", "D", "🔶", "changed", true),
            Self::Returns => ("returns", "↩", "R", "🔁", "return where the baseline raises", true),
            Self::Raises => ("raises", "✗", "E", "❌", "raise", true),
            Self::Timeout => ("timeout", "T", "T", "⏳", "time out", true),
            Self::Crash => ("crash", "‼", "!!", "💥", "crash", true),
            Self::ImportFailed => ("import-failed", "‼", "!!", "💥", "import fails", false),
            Self::NotInstallable => ("not-installable", "⊘", "--", "➖", "not installable", false),
            Self::Infra => ("infra", "?", "?", "❔", "harness failed, no answer", false),
            Self::Uncompared => ("uncompared", "◦", "o", "⚪", "nothing to compare", false),
            Self::NotRun => ("not-run", "·", ".", "▫️", "not run", false),
            Self::Excluded => ("excluded", "·", ".", "▫️", "excluded", false),
        };
        let ((light, dark), terminal, accent) = match self {
            Self::Same => ((colors("#CFE6F5", "#0B3C5D"), colors("#12354B", "#CFE8F7")), Some((153, 17)), 74),
            Self::Close => ((colors("#86BFE6", "#06263C"), colors("#2A73A6", "#FFFFFF")), Some((74, 16)), 74),
            Self::Warns => ((colors("#FFF0B3", "#3D2E00"), colors("#5C4A12", "#FFF3C4")), Some((229, 16)), 178),
            Self::Changed => ((colors("#E2A100", "#221600"), colors("#B98200", "#140D00")), Some((178, 16)), 172),
            Self::Returns | Self::Raises => (ERROR, Some((130, 231)), 167),
            Self::Timeout | Self::Crash | Self::ImportFailed => (DEAD, Some((53, 231)), 133),
            Self::NotInstallable => ((colors("#C3C6CA", "#24292F"), colors("#565C64", "#FFFFFF")), Some((250, 16)), 244),
            Self::Infra | Self::Uncompared | Self::NotRun | Self::Excluded => (BLANK, None, 244),
        };
        Look { key, symbol, ascii, emoji, name, counted, light, dark, terminal, accent }
    }
}

impl From<Verdict> for Mark {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Same => Self::Same,
            Verdict::Close => Self::Close,
            Verdict::Warns => Self::Warns,
            Verdict::Changed => Self::Changed,
            Verdict::Returns => Self::Returns,
            Verdict::Raises => Self::Raises,
            Verdict::Timeout => Self::Timeout,
            Verdict::Crash => Self::Crash,
        }
    }
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Same => &mut self.same,
            Verdict::Close => &mut self.close,
            Verdict::Warns => &mut self.warns,
            Verdict::Changed => &mut self.changed,
            Verdict::Returns => &mut self.returns,
            Verdict::Raises => &mut self.raises,
            Verdict::Timeout => &mut self.timeout,
            Verdict::Crash => &mut self.crash,
        } += 1;
    }
}

impl State {
    /// The contract's name, as in `results.json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ran => "ran",
            Self::Unavailable => "unavailable",
            Self::Unresolvable => "unresolvable",
            Self::InstallFailed => "install-failed",
            Self::ImportFailed => "import-failed",
            Self::Infra => "infra",
            Self::NotRun => "not-run",
        }
    }
}
