//! Searches of grids whose cells are known, so that what they find can be counted.

use proptest::prelude::*;

use super::{axis, cell};
use crate::{
    analysis::{
        grid::Grid,
        search::{Answer, Gap, Search, Seen},
    },
    plan::PlanAxis,
    report::State,
};

/// A grid that was run as a whole.
struct Whole {
    grid: Grid,
    declared: Vec<bool>,
    truth: Vec<Answer>,
    start: usize,
}

/// `A` is a class, `!` a failed import, `x` an install that fails.
fn answer(word: &str) -> Answer {
    let number = |text: &str| text.bytes().fold(0, |sum, byte| sum * 256 + usize::from(byte));
    match word {
        "x" => Answer { state: State::InstallFailed, class: None },
        "!" => Answer { state: State::ImportFailed, class: None },
        letters => Answer { state: State::Ran, class: Some(number(letters)) },
    }
}

fn versions(name: &str, count: usize) -> PlanAxis {
    let versions: Vec<String> = (0..count).map(|minor| format!("1.{minor}")).collect();
    axis(name, &versions.iter().map(String::as_str).collect::<Vec<_>>())
}

impl Whole {
    /// Drawn, a row a line: what became of each cell, with a `-` behind it where metadata forbids it, `.` where there is
    /// none, `*` behind the baseline.
    fn drawn(text: &str) -> Self {
        let rows: Vec<Vec<&str>> =
            text.lines().map(|line| line.split_whitespace().collect()).filter(|row: &Vec<_>| !row.is_empty()).collect();
        let axes = [versions("one", rows.len()), versions("other", rows[0].len())];
        let mut whole = Self { grid: Grid::new(&axes, Vec::new()), declared: Vec::new(), truth: Vec::new(), start: 0 };
        let mut cells = Vec::new();
        for (row, words) in rows.iter().enumerate() {
            for (column, word) in words.iter().enumerate().filter(|(_, word)| **word != ".") {
                if word.ends_with('*') {
                    whole.start = cells.len();
                }
                cells.push(cell(&[row, column], "3.11", ""));
                whole.declared.push(!word.ends_with('-'));
                whole.truth.push(answer(word.trim_end_matches(['-', '*'])));
            }
        }
        whole.grid = Grid::new(&axes, cells);
        whole
    }

    fn search(&self) -> Search {
        Search::new(&self.grid, self.declared.clone(), self.start)
    }

    /// Runs the search to its end.
    fn played(&self) -> Vec<Seen> {
        self.asked(vec![Seen::Open; self.truth.len()], Search::next)
    }

    /// Goes on with a search that came to its end, until its table can be published.
    fn confirmed(&self, seen: &[Seen]) -> Vec<Seen> {
        self.asked(seen.to_vec(), Search::confirm)
    }

    fn asked(&self, mut seen: Vec<Seen>, question: impl Fn(&Search, &[Seen]) -> Vec<usize>) -> Vec<Seen> {
        let search = self.search();
        loop {
            let next = question(&search, &seen);
            if next.is_empty() {
                return seen;
            }
            for cell in next {
                assert_eq!(seen[cell], Seen::Open, "a cell is asked for once");
                seen[cell] = Seen::Answered(self.truth[cell]);
            }
        }
    }

    fn neighbours(&self, axis: usize) -> Vec<(usize, usize)> {
        self.grid.neighbours(axis, |_| true)
    }

    /// How many cells are in the block of each: neighbours, theirs, and so on, that behave alike.
    fn blocks(&self) -> Vec<usize> {
        let pairs: Vec<_> = (0..self.grid.axes().len()).flat_map(|axis| self.neighbours(axis)).collect();
        let mut block: Vec<usize> = (0..self.truth.len()).collect();
        while let Some(&(one, other)) =
            pairs.iter().find(|(one, other)| self.truth[*one] == self.truth[*other] && block[*one] != block[*other])
        {
            let (from, to) = (block[one].max(block[other]), block[one].min(block[other]));
            block.iter_mut().filter(|name| **name == from).for_each(|name| *name = to);
        }
        block.iter().map(|name| block.iter().filter(|other| *other == name).count()).collect()
    }

    /// The fault lines between blocks of two cells or more, and at how many pairs of neighbours each shows.
    fn lines(&self) -> Vec<(Gap, usize)> {
        let blocks = self.blocks();
        let mut lines: Vec<(Gap, usize)> = Vec::new();
        for axis in 0..self.grid.axes().len() {
            for (one, other) in self.neighbours(axis) {
                if self.truth[one] != self.truth[other] && blocks[one] > 1 && blocks[other] > 1 {
                    let version = |cell: usize| self.grid.cells()[cell].versions[axis];
                    let gap = Gap { axis, from: version(one), to: version(other) };
                    match lines.iter_mut().find(|(known, _)| *known == gap) {
                        Some((_, pairs)) => *pairs += 1,
                        None => lines.push((gap, 1)),
                    }
                }
            }
        }
        lines
    }

    fn islands(&self) -> Vec<usize> {
        let blocks = self.blocks();
        (0..blocks.len()).filter(|&cell| blocks[cell] == 1).collect()
    }
}

fn ran(seen: &[Seen]) -> usize {
    seen.iter().filter(|seen| **seen != Seen::Open).count()
}

/// The matrix of this repository as the whole run of it found it; the two included cells that have no neighbour are not
/// drawn, but count.
const REPOSITORY: &str = "
    A   !-  !-  !-  !-  !-  !-
    A-  A   !-  !-  !-  K-  !-
    C-  C   L   M   N   O-  !-
    !-  D   E-  F   G   B-  !-
    .   D   E-  F*  G   B   B
    .   !   !-  !-  !-  H   H
    .   !   !-  !-  !-  I-  I
";

#[test]
fn every_fault_line_of_this_repository_is_found_in_a_third_of_its_cells() {
    let whole = Whole::drawn(REPOSITORY);
    let seen = whole.played();
    let (lines, found) = (whole.lines(), whole.search().lines(&seen));
    assert_eq!(lines.len(), 12);
    assert!(lines.iter().all(|(line, _)| found.contains(line)), "{found:?}");
    // Of 48: the included cells are left alone, but are cells.
    assert!(ran(&seen) * 100 <= 48 * 35, "{}", ran(&seen));
}

#[test]
fn a_uniform_grid_is_uniform_after_a_third_of_it() {
    let whole = Whole::drawn(&"A A A A A A A A\n".repeat(8).replacen('A', "A*", 1));
    let seen = whole.played();
    assert!(whole.search().lines(&seen).is_empty());
    assert!(ran(&seen) <= 64 * 35 / 100);
    let inferred = whole.search().inferred(&seen);
    assert!((0..64).all(|cell| seen[cell] != Seen::Open || inferred[cell].is_some()));
}

#[test]
fn what_lies_between_two_looks_is_not_guessed() {
    let whole = Whole::drawn("A* A A B B");
    let open = Seen::Open;
    let known = |cell: usize| Seen::Answered(whole.truth[cell]);
    let search = whole.search();
    assert_eq!(search.inferred(&[known(0), open, open, open, known(4)]), [None; 5]);
    assert_eq!(search.inferred(&[known(0), open, known(2), open, known(4)]), [None, Some(0), None, None, None]);
    // Between 1.2 and 1.3 there is a line, so each side is what its own end is.
    assert_eq!(search.inferred(&[open, open, known(2), known(3), open]), [Some(2), Some(2), None, None, Some(3)]);
}

#[test]
fn what_the_metadata_judges_otherwise_is_not_expected_to_be_alike() {
    let whole = Whole::drawn("A* A A- A-");
    let seen = [Seen::Answered(whole.truth[0]), Seen::Open, Seen::Open, Seen::Open];
    assert_eq!(whole.search().inferred(&seen), [None, Some(0), None, None]);
}

#[test]
fn a_cell_without_an_answer_says_nothing_and_is_not_asked_again() {
    let whole = Whole::drawn("A* A A");
    let seen = [Seen::Answered(whole.truth[0]), Seen::Lost, Seen::Open];
    let search = whole.search();
    assert_eq!(search.inferred(&seen), [None, None, None]);
    assert_eq!(search.confirm(&seen), [2]);
    assert!(!search.next(&seen).contains(&1));
}

#[test]
fn a_confirmed_table_has_every_side_of_a_change_and_every_lonely_cell() {
    let whole = Whole::drawn("A* A A A .\n A A A A .\n A A A A .\n A A B B .\n A A B B .\n . . . . C");
    let seen = whole.confirmed(&whole.played());
    assert!(seen.last().is_some_and(|lonely| *lonely != Seen::Open));
    let inferred = whole.search().inferred(&seen);
    for axis in 0..2 {
        for (one, other) in whole.neighbours(axis).into_iter().filter(|(one, other)| whole.truth[*one] != whole.truth[*other]) {
            assert!(seen[one] != Seen::Open && seen[other] != Seen::Open);
        }
    }
    assert!((0..seen.len()).all(|cell| seen[cell] != Seen::Open || inferred[cell].is_some()));
}

#[test]
fn interpreters_and_not_installed_are_no_versions_to_search_between() {
    let axes = [axis("numpy", &["none", "1.26.4", "2.0.2"])];
    let mut cells = Vec::new();
    for version in 0..3 {
        cells.extend(["3.11", "3.12"].map(|python| cell(&[version], python, "")));
    }
    let grid = Grid::new(&axes, cells);
    let search = Search::new(&grid, vec![true; 6], 2);
    let answers = [9, 9, 1, 1, 2, 2].map(|behaviour| Seen::Answered(Answer { state: State::Ran, class: Some(behaviour) }));
    assert_eq!(search.lines(&answers), [Gap { axis: 0, from: 1, to: 2 }]);
    assert_eq!(search.next(&[Seen::Open; 6]), [2]);
}

/// A generator that is the same everywhere: splitmix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) % end as u64) as usize
    }

    fn within(&mut self, first: usize, last: usize) -> usize {
        first + self.below(last - first + 1)
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }
}

/// An effect from a version of one axis on, among some versions of the other.
struct Effect {
    along: usize,
    from: usize,
    first: usize,
    last: usize,
}

/// A grid as version matrices are: effects that begin at a version of either axis, some of them only beside some versions
/// of the other; a band of pairs that work together, which rises in steps; metadata that is wrong about one bound in
/// three; now and then a corner without wheels; up to three islands.
fn random(seed: u64) -> Whole {
    let mut dice = Dice(seed);
    let sizes = [dice.within(7, 25), dice.within(5, 12)];
    let mut effects = Vec::new();
    for (along, across) in [(0, 1), (1, 0)] {
        for _ in 0..dice.within(1, 4) {
            let from = dice.within(1, sizes[along] - 1);
            let (mut first, mut last) = (0, sizes[across] - 1);
            if dice.percent(40) {
                let bound = dice.within(1, last);
                if dice.percent(50) { last = bound - 1 } else { first = bound }
            }
            effects.push(Effect { along, from, first, last });
        }
    }
    let mut rising = |low: usize, high: usize| {
        let steps = dice.within(1, 4);
        let mut levels: Vec<usize> = (0..steps).map(|_| dice.within(low, high)).collect();
        levels.sort_unstable();
        let mut cuts: Vec<usize> = (1..steps).map(|_| dice.within(1, sizes[1] - 1)).collect();
        cuts.sort_unstable();
        (0..sizes[1]).map(|column| levels[cuts.iter().filter(|cut| **cut <= column).count()]).collect::<Vec<_>>()
    };
    let (low, high) = (rising(0, sizes[0] * 2 / 3), rising(sizes[0] / 3, sizes[0]));
    let mut told = |bound: &usize| if dice.percent(30) { bound.saturating_add_signed([-1, 1][dice.below(2)]) } else { *bound };
    let (told_low, told_high): (Vec<_>, Vec<_>) = (low.iter().map(&mut told).collect(), high.iter().map(&mut told).collect());
    let no_wheels = dice.percent(50);
    let (mut cells, mut declared, mut truth) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..sizes[0] {
        for column in 0..sizes[1] {
            if no_wheels && row * 10 >= sizes[0] * 7 && column * 5 < sizes[1] {
                continue;
            }
            let point = [row, column];
            let holds = |effect: &Effect| {
                let across = point[1 - effect.along];
                point[effect.along] >= effect.from && (effect.first..=effect.last).contains(&across)
            };
            let behaviour = effects.iter().fold(1, |sum, effect| 2 * sum + usize::from(holds(effect)));
            let works = (low[column]..high[column].max(low[column] + 1)).contains(&row);
            let class = works.then_some(behaviour);
            truth.push(Answer { state: if works { State::Ran } else { State::ImportFailed }, class });
            declared.push((told_low[column]..told_high[column].max(told_low[column] + 1)).contains(&row));
            cells.push(cell(&point, "3.11", ""));
        }
    }
    let start = declared.iter().rposition(|declared| *declared).unwrap_or(truth.len() - 1);
    for island in 0..dice.below(4) {
        let place = dice.below(truth.len());
        truth[place] = Answer { state: State::Ran, class: Some(100_000 + island) };
    }
    let axes = [versions("one", sizes[0]), versions("other", sizes[1])];
    Whole { grid: Grid::new(&axes, cells), declared, truth, start }
}

/// What searches of several grids came to.
#[derive(Default)]
struct Figures {
    cells: usize,
    ran: usize,
    most: usize,
    complete: usize,
    /// Lines, and those found, that show at one pair of neighbours, at two, at more.
    lines: [(usize, usize); 3],
    islands: (usize, usize),
    inferred: (usize, usize),
    open: usize,
    confirmed: usize,
    inferred_after: (usize, usize),
}

impl Figures {
    fn add(&mut self, whole: &Whole) {
        let search = whole.search();
        let seen = whole.played();
        let size = whole.truth.len();
        self.cells += size;
        self.ran += ran(&seen);
        self.most = self.most.max(ran(&seen) * 1000 / size);
        let found = search.lines(&seen);
        let mut all = true;
        for (line, pairs) in whole.lines() {
            let (total, hit) = &mut self.lines[pairs.min(3) - 1];
            *total += 1;
            *hit += usize::from(found.contains(&line));
            all &= found.contains(&line);
        }
        self.complete += usize::from(all);
        for island in whole.islands() {
            self.islands.0 += 1;
            self.islands.1 += usize::from(seen[island] != Seen::Open);
        }
        let (inferred, right) = guesses(whole, &seen);
        self.inferred = (self.inferred.0 + inferred, self.inferred.1 + right);
        self.open += size - ran(&seen) - inferred;
        let seen = whole.confirmed(&seen);
        self.confirmed += ran(&seen);
        let (inferred, right) = guesses(whole, &seen);
        self.inferred_after = (self.inferred_after.0 + inferred, self.inferred_after.1 + right);
    }
}

/// Cells that are inferred, and those of them that are right.
fn guesses(whole: &Whole, seen: &[Seen]) -> (usize, usize) {
    let inferred = whole.search().inferred(seen);
    let told = inferred.iter().enumerate().filter_map(|(cell, like)| Some((cell, (*like)?)));
    told.fold((0, 0), |(told, right), (cell, like)| (told + 1, right + usize::from(whole.truth[cell] == whole.truth[like])))
}

#[test]
#[expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "bench/search shows the figures of docs/search.md")]
fn two_hundred_random_grids() {
    let mut figures = Figures::default();
    for seed in 0..200 {
        figures.add(&random(seed));
    }
    let share = |part: usize, whole: usize| format!("{part} of {whole} ({:.1} %)", 100.0 * part as f64 / whole.max(1) as f64);
    let (lines, found) = figures.lines.iter().fold((0, 0), |(lines, found), line| (lines + line.0, found + line.1));
    println!("random grids: 200, cells run {}, at most {:.1} % of one", share(figures.ran, figures.cells), figures.most as f64 / 10.0);
    println!("  fault lines between blocks found   {}; all of them in {} grids", share(found, lines), figures.complete);
    for ((lines, found), pairs) in figures.lines.iter().zip(["one pair", "two pairs", "three pairs or more"]) {
        println!("    of those that show at {pairs:20} {}", share(*found, *lines));
    }
    println!("  islands caught                     {}", share(figures.islands.1, figures.islands.0));
    println!("  inferred cells that are right      {}; {} cells stay open", share(figures.inferred.1, figures.inferred.0), figures.open);
    println!("  cells run with confirm             {}", share(figures.confirmed, figures.cells));
    println!("  inferred cells that are right then {}", share(figures.inferred_after.1, figures.inferred_after.0));
    assert!(figures.ran * 100 <= figures.cells * 35 && figures.most <= 350);
    assert!(found * 100 >= lines * 90, "{found} of {lines}");
    assert!(figures.inferred.1 * 100 >= figures.inferred.0 * 95);
}

#[test]
#[expect(clippy::print_stdout, reason = "bench/search shows the figures of docs/search.md")]
fn the_figures_of_this_repository() {
    let whole = Whole::drawn(REPOSITORY);
    let seen = whole.played();
    let found = whole.search().lines(&seen);
    let lines = whole.lines();
    let hit = lines.iter().filter(|(line, _)| found.contains(line)).count();
    let (inferred, right) = guesses(&whole, &seen);
    let confirmed = ran(&whole.confirmed(&seen));
    println!("this repository: {} of 48 cells run, {hit} of {} fault lines between blocks found", ran(&seen), lines.len());
    let islands = whole.islands();
    let caught = islands.iter().filter(|island| seen[**island] != Seen::Open).count();
    println!("  islands caught {caught} of {}, inferred {inferred} of which right {right}", islands.len());
    println!("  with confirm {} of 48 cells run", confirmed + 2);
    assert_eq!(hit, lines.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_search_ends_within_its_budget_and_knows_only_what_it_saw(seed in any::<u64>(), lost in any::<u64>()) {
        let whole = random(seed);
        let search = whole.search();
        let mut seen = vec![Seen::Open; whole.truth.len()];
        let mut dice = Dice(lost);
        loop {
            let next = search.next(&seen);
            if next.is_empty() {
                break;
            }
            for cell in next {
                prop_assert_eq!(seen[cell], Seen::Open);
                seen[cell] = if dice.percent(10) { Seen::Lost } else { Seen::Answered(whole.truth[cell]) };
            }
        }
        prop_assert!(ran(&seen) <= search.budget());
        let inferred = search.inferred(&seen);
        for cell in 0..seen.len() {
            // What is known is never inferred, and what is inferred is known of another cell.
            prop_assert!(seen[cell] == Seen::Open || inferred[cell].is_none());
            prop_assert!(inferred[cell].is_none_or(|like| matches!(seen[like], Seen::Answered(_))));
        }
        for line in search.lines(&seen) {
            let crosses = |&(one, other): &(usize, usize)| {
                let versions = [one, other].map(|cell| whole.grid.cells()[cell].versions[line.axis]);
                versions == [line.from, line.to] && whole.truth[one] != whole.truth[other]
            };
            prop_assert!(whole.neighbours(line.axis).iter().any(crosses));
        }
    }

    #[test]
    fn a_confirmed_search_leaves_nothing_open_and_only_what_its_neighbours_look_like(seed in any::<u64>()) {
        let whole = random(seed);
        let search = whole.search();
        let seen = whole.confirmed(&whole.played());
        let inferred = search.inferred(&seen);
        let face = |cell: usize| match seen[cell] {
            Seen::Answered(answer) => Some(answer),
            Seen::Open | Seen::Lost => inferred[cell].map(|like| whole.truth[like]),
        };
        for cell in (0..seen.len()).filter(|&cell| seen[cell] == Seen::Open) {
            prop_assert!(inferred[cell].is_some());
        }
        for (one, other) in (0..2).flat_map(|axis| whole.neighbours(axis)) {
            if seen[one] == Seen::Open || seen[other] == Seen::Open {
                prop_assert!(face(one).is_some() && face(one) == face(other));
            }
        }
    }
}
