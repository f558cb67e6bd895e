//! `# skew: allow KIND, why`, on the line that it excuses or on one of its own above it.

use tree_sitter::Node;

use super::{Kind, each, extent, text};
use crate::matrix::{Place, Problem};

const MARK: &str = "skew: allow";

/// The excuses of a script.
pub(super) struct Allowances {
    list: Vec<Allowance>,
    wrong: Vec<Problem>,
}

struct Allowance {
    kind: Kind,
    /// The line that it excuses.
    line: usize,
    place: Place,
    length: usize,
    used: bool,
}

impl Allowances {
    /// Those of a tree.
    pub(super) fn read(root: Node<'_>, source: &str) -> Self {
        let mut allowances = Self { list: Vec::new(), wrong: Vec::new() };
        each(root, &mut |node| {
            let comment = text(node, source).trim_start_matches('#').trim();
            if node.kind() == "comment"
                && let Some(rest) = comment.strip_prefix(MARK)
            {
                allowances.add(node, rest, source);
            }
        });
        allowances
    }

    fn add(&mut self, comment: Node<'_>, rest: &str, source: &str) {
        let (place, length) = extent(comment, source);
        let (word, why) = rest.trim().split_once([',', ' ']).unwrap_or((rest.trim(), ""));
        let wrong = |message: String, help: String| Problem { place, length, message, help: Some(help) };
        let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.word() == word) else {
            let known = Kind::ALL.map(Kind::word).join(", ");
            return self.wrong.push(wrong(format!("`{word}` is nothing that can be allowed"), format!("one of {known}")));
        };
        if why.trim_matches([',', ' ']).is_empty() {
            let help = format!("`# {MARK} {word}, …`: readers of a table want to know");
            return self.wrong.push(wrong(format!("it is not said why `{word}` is allowed"), help));
        }
        let before = source.lines().nth(place.line - 1).and_then(|line| line.get(..comment.start_position().column)).unwrap_or_default();
        // A comment on a line of its own speaks of the next line of code.
        let line = if before.trim().is_empty() {
            let behind = source.lines().enumerate().skip(place.line);
            behind.filter(|(_, line)| !line.trim().is_empty() && !line.trim().starts_with('#')).map(|(row, _)| row + 1).next()
        } else {
            Some(place.line)
        };
        self.list.push(Allowance { kind, line: line.unwrap_or(place.line), place, length, used: false });
    }

    /// Whether a line may; it has then been made use of.
    pub(super) fn permit(&mut self, kind: Kind, line: usize) -> bool {
        let mut permitted = false;
        for allowance in self.list.iter_mut().filter(|allowance| allowance.kind == kind && allowance.line == line) {
            (allowance.used, permitted) = (true, true);
        }
        permitted
    }

    /// Excuses that say nothing, or that nothing needs. Whether repeats disagree may be chance, and what runs find out as well is
    /// not missed where nothing was `measured`.
    pub(super) fn problems(self, measured: bool) -> Vec<Problem> {
        let needless = |kind: Kind| match kind {
            Kind::Flaky => false,
            Kind::Address => measured,
            Kind::Random | Kind::Time | Kind::Network | Kind::Order => true,
        };
        let unused = self.list.into_iter().filter(|allowance| !allowance.used && needless(allowance.kind));
        let unused = unused.map(|Allowance { kind, place, length, .. }| Problem {
            place,
            length,
            message: format!("nothing here needs `allow {}`", kind.word()),
            help: Some("remove it".to_owned()),
        });
        self.wrong.into_iter().chain(unused).collect()
    }
}
