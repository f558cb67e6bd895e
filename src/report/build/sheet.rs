//! One scenario over all cells.

use std::{collections::HashMap, sync::Arc};

use crate::{
    compare::{Difference, Judgement, Side, Verdict, judge, judge_script},
    matrix::Tolerances,
    observation::{Fact, Raised, SCRIPT, Status, Warned},
    report::model::{ObservationReport, State, Variant, WarningReport},
    store::{ObservationRow, OutcomeRow, Record},
};

/// One scenario over all cells.
pub(super) struct Sheet<'a> {
    record: &'a Record,
    pub(super) baseline: usize,
    tolerances: &'a Tolerances,
    /// Names of observations, `<script>` first, then in the order in which cells made them.
    pub(super) names: Vec<&'a str>,
    /// The first repeat in each cell.
    pub(super) first: Vec<Option<&'a OutcomeRow>>,
    /// By name, then cell.
    seen: Vec<Vec<Option<&'a ObservationRow>>>,
    /// By name, then cell: repeats disagree.
    flaky: Vec<Vec<bool>>,
    /// Whether two facts agree, by their keys: many cells share few facts.
    judged: HashMap<(u32, u32), bool>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(record: &'a Record, scenario: usize, baseline: usize, tolerances: &'a Tolerances) -> Self {
        let size = record.cells.len();
        let start = record.outcomes.partition_point(|outcome| outcome.scenario < scenario);
        let end = record.outcomes.partition_point(|outcome| outcome.scenario <= scenario);
        let outcomes = &record.outcomes[start..end];
        let mut sheet = Self {
            record,
            baseline,
            tolerances,
            names: vec![SCRIPT],
            first: vec![None; size],
            seen: vec![vec![None; size]],
            flaky: vec![vec![false; size]],
            judged: HashMap::new(),
        };
        let mut places: HashMap<&str, usize> = HashMap::from([(SCRIPT, 0)]);
        for outcome in outcomes {
            if outcome.repeat == 0 {
                sheet.first[outcome.cell] = Some(outcome);
            } else if sheet.first[outcome.cell].is_some_and(|first| first.status != outcome.status) {
                sheet.flaky[0][outcome.cell] = true;
            }
            for row in &*outcome.observations {
                let Some(name) = record.names.get(&row.name).map(String::as_str) else { continue };
                let place = *places.entry(name).or_insert_with(|| sheet.add(name));
                if outcome.repeat == 0 {
                    sheet.seen[place][outcome.cell] = Some(row);
                } else {
                    sheet.flaky[place][outcome.cell] |= sheet.disagrees(place, outcome.cell, row);
                }
            }
            for name in outcome.missing.iter().filter_map(|name| record.names.get(name)) {
                let place = *places.entry(name.as_str()).or_insert_with(|| sheet.add(name));
                sheet.flaky[place][outcome.cell] = true;
            }
        }
        sheet
    }

    fn add(&mut self, name: &'a str) -> usize {
        let size = self.first.len();
        self.names.push(name);
        self.seen.push(vec![None; size]);
        self.flaky.push(vec![false; size]);
        self.names.len() - 1
    }

    /// A later repeat differs from the first in more than a traceback or a warning.
    fn disagrees(&self, place: usize, cell: usize, row: &ObservationRow) -> bool {
        let facts = &self.record.facts;
        match self.seen[place][cell].map(|first| (facts.get(&first.fact), facts.get(&row.fact))) {
            Some((Some(first), Some(later))) => !equal(first, later),
            Some(_) | None => true,
        }
    }

    fn side(&self, place: usize, cell: usize) -> Option<Side<'a>> {
        let outcome = self.first[cell]?;
        let record = self.record;
        let seen = self.seen[place][cell].and_then(|row| Some((record.facts.get(&row.fact)?, self.warnings(place, cell))));
        Some(Side { status: outcome.status, signal: outcome.signal(), seen })
    }

    fn judge(&self, place: usize, baseline: usize, here: usize) -> Option<Judgement> {
        let (baseline, here) = (self.side(place, baseline)?, self.side(place, here)?);
        let judge = if place == 0 { judge_script } else { judge };
        Some(judge(baseline, here, self.tolerances))
    }

    /// Whether two cells behave alike in this scenario, as far as classes are concerned.
    pub(super) fn agree(&mut self, leader: usize, cell: usize) -> bool {
        (0..self.names.len()).all(|place| self.flaky[place][leader] || self.flaky[place][cell] || self.agree_in(place, leader, cell))
    }

    fn agree_in(&mut self, place: usize, leader: usize, cell: usize) -> bool {
        let keys = self.seen[place][leader].zip(self.seen[place][cell]).map(|(a, b)| (a.fact, b.fact));
        if keys.is_some_and(|(a, b)| a == b) {
            return true;
        }
        if let Some(&known) = keys.and_then(|keys| self.judged.get(&keys)) {
            return known;
        }
        // Neither has it, because the same happened to both.
        if let (None, None, Some(a), Some(b)) = (self.seen[place][leader], self.seen[place][cell], self.first[leader], self.first[cell])
            && (a.status, a.signal()) == (b.status, b.signal())
        {
            return true;
        }
        let verdict = self.judge(place, leader, cell).and_then(|judgement| judgement.verdict);
        let alike = matches!(verdict, None | Some(Verdict::Same | Verdict::Close | Verdict::Warns));
        if let Some(keys) = keys {
            self.judged.insert(keys, alike);
        }
        alike
    }

    /// Whether a cell started the scenario and there is something to compare.
    pub(super) fn comparable(&self, cell: usize) -> bool {
        self.first[cell].is_some_and(|outcome| !matches!(outcome.status, Status::NotApplicable | Status::Infra))
    }

    /// Whether an observation says nothing but that an axis package cannot be imported there: its script ended early, and
    /// it is how it ended, or what it did not come to.
    pub(super) fn broken_by_import(&self, place: usize, cell: usize) -> bool {
        self.record.cells[cell].facts.state == State::ImportFailed
            && self.first[cell].is_some_and(|outcome| outcome.status != Status::Ran)
            && (place == 0 || self.seen[place][cell].is_none())
            && self.ended_by_import(cell)
    }

    /// Whether a script ended at the import that fails in its cell, rather than at something of its own: not every script
    /// needs the package.
    fn ended_by_import(&self, cell: usize) -> bool {
        let Some(ended) = self.ended(cell) else { return true };
        let Fact::Error(raised) = ended else { return false };
        let imports = &self.record.cells[cell].facts.imports;
        let known = |error: &Raised| error.type_name == raised.type_name && error.message == raised.message;
        imports.iter().filter_map(|imported| imported.error.as_ref()).any(known) || is_at_import(raised)
    }

    /// Whether a script raised at an import, before it came to an observation.
    pub(super) fn stopped_at_import(&self, place: usize, cell: usize) -> bool {
        self.seen[place][cell].is_none() && matches!(self.ended(cell), Some(Fact::Error(raised)) if is_at_import(raised))
    }

    /// How the script ended in a cell.
    fn ended(&self, cell: usize) -> Option<&'a Fact> {
        self.seen[0][cell].and_then(|row| self.record.facts.get(&row.fact))
    }

    /// The warnings issued while an observation was made.
    pub(super) fn warnings(&self, place: usize, cell: usize) -> &'a [Warned] {
        let key = self.seen[place][cell].and_then(|row| row.warnings);
        key.and_then(|key| self.record.warnings.get(&key)).map_or(&[], Vec::as_slice)
    }

    /// For each cell the number of its behaviour in one observation; cells that agree have the same number, made the way
    /// classes are: the baseline leads, then cells in plan order. `None` where there is nothing to compare.
    pub(super) fn behaviours(&mut self, place: usize) -> Vec<Option<usize>> {
        let mut numbers = vec![None; self.first.len()];
        let mut leaders: Vec<usize> = Vec::new();
        // The number of each fact: whom a cell agrees with its fact decides.
        let mut known: HashMap<u32, usize> = HashMap::new();
        let baseline = self.baseline;
        let others = (0..self.first.len()).filter(|&cell| cell != baseline);
        for cell in std::iter::once(baseline).chain(others) {
            if !self.comparable(cell) || self.flaky[place][cell] || self.broken_by_import(place, cell) {
                continue;
            }
            let fact = self.seen[place][cell].map(|row| row.fact);
            let number = fact.and_then(|fact| known.get(&fact).copied());
            let number = number.or_else(|| (0..leaders.len()).find(|&number| self.agree_in(place, leaders[number], cell)));
            let number = number.unwrap_or_else(|| {
                leaders.push(cell);
                leaders.len() - 1
            });
            known.extend(fact.map(|fact| (fact, number)));
            numbers[cell] = Some(number);
        }
        numbers
    }

    pub(super) fn observation(&self, place: usize) -> ObservationReport {
        let size = self.first.len();
        let mut report = ObservationReport {
            name: self.names[place].to_owned(),
            variants: Vec::new(),
            by_cell: vec![None; size],
            verdicts: vec![None; size],
            silent: vec![false; size],
            flaky: self.flaky[place].clone(),
            warnings: vec![None; size],
            warning_sets: Vec::new(),
            facts: Vec::new(),
            differences: vec![None; size],
            behaviours: Vec::new(),
            line: self.seen[place].iter().flatten().find_map(|row| row.line),
            forewarned: Vec::new(),
        };
        // Many cells share a fact; what tells two of them apart beside it is the warnings.
        let mut shared: HashMap<(u32, Option<u32>), Shared> = HashMap::new();
        for cell in 0..size {
            let mut shared =
                self.seen[place][cell].map(|row| shared.entry((row.fact, row.warnings)).or_insert_with(|| self.intern(&mut report, row)));
            if let Some(shared) = &shared {
                (report.by_cell[cell], report.warnings[cell]) = (shared.variant, shared.warnings);
            }
            if self.flaky[place][cell] || self.flaky[place][self.baseline] {
                continue;
            }
            let told = if let Some(known) = shared.as_ref().and_then(|shared| shared.told.clone()) {
                known
            } else {
                let Some(Judgement { verdict, silent, difference }) = self.judge(place, self.baseline, cell) else { continue };
                let told: Told = (verdict, silent, verdict.filter(|verdict| *verdict != Verdict::Same).map(|_| Arc::new(difference)));
                if let Some(shared) = &mut shared {
                    shared.told = Some(told.clone());
                }
                told
            };
            (report.verdicts[cell], report.silent[cell], report.differences[cell]) = told;
        }
        report
    }

    fn intern(&self, report: &mut ObservationReport, row: &ObservationRow) -> Shared {
        let variant = self.record.facts.get(&row.fact).map(|fact| {
            let known = report.facts.iter().position(|known| equal(known, fact));
            known.unwrap_or_else(|| {
                report.variants.push(Variant::from(fact));
                report.facts.push(fact.clone());
                report.variants.len() - 1
            })
        });
        let warnings = row.warnings.and_then(|key| self.record.warnings.get(&key));
        let warnings: Vec<WarningReport> = warnings.into_iter().flatten().map(WarningReport::from).collect();
        let warnings = (!warnings.is_empty()).then(|| {
            let known = report.warning_sets.iter().position(|known| *known == warnings);
            known.unwrap_or_else(|| {
                report.warning_sets.push(warnings);
                report.warning_sets.len() - 1
            })
        });
        // There are no more of them than cells.
        let index = |place: usize| place as u32;
        Shared { variant: variant.map(index), warnings: warnings.map(index), told: None }
    }
}

/// What cells have in common that share a fact and its warnings, in one observation.
struct Shared {
    variant: Option<u32>,
    warnings: Option<u32>,
    /// Once it was judged.
    told: Option<Told>,
}

/// Verdict, whether it is silent, and what differs where it is not *same*.
type Told = (Option<Verdict>, bool, Option<Arc<Difference>>);

/// Whether two facts are the same variant: everything that is compared, so not the traceback of an error, and of an
/// array its digest instead of its bytes, of which a repeat may have sent fewer.
/// Whether the line that raised is an import.
fn is_at_import(raised: &Raised) -> bool {
    raised.source.as_deref().is_some_and(|line| ["import ", "from "].iter().any(|word| line.trim_start().starts_with(word)))
}

fn equal(a: &Fact, b: &Fact) -> bool {
    match (a, b) {
        (Fact::Value(a), Fact::Value(b)) => {
            (a.kind, &a.type_name, &a.dtype, &a.shape, &a.preview, &a.digest)
                == (b.kind, &b.type_name, &b.dtype, &b.shape, &b.preview, &b.digest)
                && (a.digest.is_some() || (&a.items, &a.entries) == (&b.items, &b.entries))
        }
        (Fact::Error(a), Fact::Error(b)) => (&a.type_name, &a.message) == (&b.type_name, &b.message),
        (Fact::Value(_), Fact::Error(_)) | (Fact::Error(_), Fact::Value(_)) => false,
    }
}
