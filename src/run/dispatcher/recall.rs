//! What an earlier run answered is taken over instead of being run again.

use super::{Dispatcher, Place, Progress, Stage, State, Status, StoreError, Use, ending};
use crate::{
    engine::Mark,
    store::{CellFacts, Digest, Heard, inapplicable},
};

impl Dispatcher<'_> {
    /// Settles the cells of which all is known.
    pub(in crate::run) fn recall(&mut self) -> Result<(), StoreError> {
        for number in 0..self.cells.len() {
            if self.cells[number].stage == Stage::Waiting {
                self.recall_cell(number)?;
            }
        }
        Ok(())
    }

    /// Settles a cell if all that is wanted of it is known, without making its environment.
    pub(super) fn recall_cell(&mut self, number: usize) -> Result<(), StoreError> {
        let cell = &self.cells[number];
        let Some(since) = self.drive.since.as_deref().filter(|_| cell.stage == Stage::Waiting) else { return Ok(()) };
        if let Some(told) = self.store.told(&cell.identity.made, &cell.identity.setting, since)? {
            match &told.facts.environment {
                Some(environment) => {
                    let found = self.find(number, environment)?;
                    let settled = |(found, use_): (&Option<i64>, &Use)| found.is_some() || *use_ == Use::OnlyEarlier;
                    if found.iter().zip(&self.cells[number].uses).all(settled) {
                        self.take_over(number, &found)?;
                        return self.as_told(number, told.facts, &told.when);
                    }
                }
                None if !cell.uses.contains(&Use::Fresh) => return self.as_told(number, told.facts, &told.when),
                None => {}
            }
        }
        let cell = &mut self.cells[number];
        if !cell.uses.is_empty() && cell.uses.iter().all(|use_| *use_ == Use::OnlyEarlier) {
            cell.facts.selected = false;
            return self.close(number, State::NotRun, Some("not among what failed".to_owned()));
        }
        Ok(())
    }

    /// Drops the scenarios whose outcome in this environment is known; a cell of which nothing is left is settled.
    pub(super) fn recall_outcomes(&mut self, number: usize) -> Result<(), StoreError> {
        let cell = &self.cells[number];
        let (Some(since), Some(environment)) = (self.drive.since.clone(), cell.facts.environment.clone()) else { return Ok(()) };
        let found = self.find(number, &environment)?;
        let runs = |(found, use_): (&Option<i64>, &Use)| found.is_none() && *use_ != Use::OnlyEarlier;
        if self.drive.keeps_cells && found.iter().zip(&self.cells[number].uses).any(runs) {
            return self.recall_heard(number, found);
        }
        self.take_over(number, &found)?;
        let cell = &mut self.cells[number];
        let open: Vec<bool> = found.iter().zip(&cell.uses).map(runs).collect();
        cell.keep(&open);
        if cell.scenarios.is_empty()
            && let Some(told) = self.store.told_of(&environment, &self.cells[number].identity.setting, &since)?
        {
            return self.as_told(number, told.facts, &told.when);
        }
        Ok(())
    }

    /// The same for a cell in whose place something runs. That was fixed before, so it is all wanted: but for what a run that
    /// was killed heard of it already.
    fn recall_heard(&mut self, number: usize, mut found: Vec<Option<i64>>) -> Result<(), StoreError> {
        let cell = &self.cells[number];
        let runs: Vec<bool> = cell.uses.iter().map(|use_| *use_ != Use::OnlyEarlier).collect();
        let heard = match &cell.kept {
            Some(place) => self.store.heard_in(&cell.identity.made, &cell.identity.setting, place)?,
            None => None,
        };
        // Of all that was heard the outcomes have to be there.
        let places: Vec<usize> = (0..runs.len()).filter(|&place| runs[place]).collect();
        let is_there = |place: &usize| places.get(*place).is_some_and(|&place| found[place].is_some());
        let heard = heard.filter(|heard| heard.complete.iter().all(is_there));
        let complete: &[usize] = heard.as_ref().map_or(&[], |heard| &heard.complete);
        for (_, &place) in places.iter().enumerate().filter(|(job, _)| !complete.contains(job)) {
            found[place] = None;
        }
        self.take_over(number, &found)?;
        let cell = &mut self.cells[number];
        cell.keep(&runs);
        if let Some(heard) = heard {
            for place in heard.complete {
                (cell.ended[place], cell.complete[place]) = (true, true);
            }
            (cell.facts.hello, cell.facts.imports) = (heard.hello.or(cell.facts.hello.take()), heard.imports);
            cell.from = Some(heard.mark);
        }
        Ok(())
    }

    /// Where to read on what a cell says.
    pub(in crate::run) fn heard(&self, cell: usize) -> Option<&Mark> {
        self.cells[cell].from.as_ref()
    }

    /// Writes down how far a cell was heard that goes on if this process is killed.
    pub(super) fn remember(&mut self, number: usize, mark: Option<Mark>) -> Result<(), StoreError> {
        let cell = &self.cells[number];
        let (Some(place), Some(mark)) = (&cell.kept, mark) else { return Ok(()) };
        let heard = Heard {
            place: place.clone(),
            mark,
            complete: (0..cell.complete.len()).filter(|&place| cell.complete[place]).collect(),
            hello: cell.facts.hello.clone(),
            imports: cell.facts.imports.clone(),
        };
        self.store.heard(&self.drive.run, number, &heard)
    }

    /// For each scenario that is to be run the earlier execution that may serve.
    fn find(&self, number: usize, environment: &str) -> Result<Vec<Option<i64>>, StoreError> {
        let cell = &self.cells[number];
        let since = self.drive.since.as_deref().unwrap_or_default();
        let digests: Vec<&Digest> = cell.scenarios.iter().map(|&scenario| cell.identity.scenario(scenario)).collect();
        let mut found = self.store.recall(&cell.identity.context(environment), &digests, since)?;
        for ((found, use_), &scenario) in found.iter_mut().zip(&cell.uses).zip(&cell.scenarios) {
            match use_ {
                Use::Fresh => *found = None,
                Use::Earlier | Use::OnlyEarlier if found.is_none() => {
                    *found = self.store.recall_former(|| cell.identity.former_key(environment, scenario), since)?;
                }
                Use::Earlier | Use::OnlyEarlier => {}
            }
        }
        Ok(found)
    }

    fn take_over(&mut self, number: usize, found: &[Option<i64>]) -> Result<(), StoreError> {
        let cell = &mut self.cells[number];
        let known = cell.scenarios.iter().zip(found).filter_map(|(scenario, found)| Some((number, *scenario, (*found)?)));
        let known: Vec<_> = known.collect();
        cell.facts.reused += u32::try_from(known.len()).unwrap_or(u32::MAX);
        self.store.take_over(&self.drive.run, &known)?;
        if self.first == Some(number) {
            self.tell(number, &known)?;
        }
        Ok(())
    }

    /// Tells what is known of the baseline, so that people hear how others compare with it.
    fn tell(&mut self, number: usize, known: &[(usize, usize, i64)]) -> Result<(), StoreError> {
        for (_, scenario, execution) in known {
            for (repeat, told) in (0..).zip(self.store.repeats(*execution)?) {
                self.reporter.progress(&Progress::Outcome {
                    cell: number,
                    scenario: *scenario,
                    repeat,
                    ending: &told.ending,
                    observations: &told.observations,
                    missing: &told.missing,
                });
            }
        }
        Ok(())
    }

    /// Settles a cell with what an earlier run told of it.
    fn as_told(&mut self, number: usize, told: CellFacts, when: &str) -> Result<(), StoreError> {
        let facts = &mut self.cells[number].facts;
        *facts = CellFacts {
            selected: facts.selected,
            searched: facts.searched,
            interpreter: facts.interpreter.take(),
            image: facts.image.take(),
            requirements: std::mem::take(&mut facts.requirements),
            reused: facts.reused,
            spans: std::mem::take(&mut facts.spans),
            ..told
        };
        self.finish(number, Some(when))
    }

    /// Records the scenarios that do not apply in a cell.
    pub(super) fn inapplicable(&mut self, number: usize) -> Result<(), StoreError> {
        let key = inapplicable();
        for scenario in std::mem::take(&mut self.cells[number].inapplicable) {
            if let [Some(known)] = self.store.recall(&key, &[&key], "")?[..] {
                self.store.take_over(&self.drive.run, &[(number, scenario, known)])?;
                continue;
            }
            let place = Place { run: &self.drive.run, cell: number, scenario };
            self.store.outcome(place, 0, &ending(Status::NotApplicable, None), &[], &[])?;
            self.store.complete(place, &key, &key, jiff::Timestamp::now().as_second())?;
        }
        Ok(())
    }
}
