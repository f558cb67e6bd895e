//! One observation of one cell beside the baseline's.

use super::{Page, Paint};
use crate::{
    compare::{Numbers, Verdict},
    observation::Fact,
    report::{Layout, Mark, ObservationReport, Results, Scenario, changes, sentences, text, values},
};

/// The cell that is explained.
pub(super) struct Focus<'a> {
    pub(super) results: &'a Results,
    pub(super) layout: Layout,
    pub(super) cell: usize,
    pub(super) baseline: Option<usize>,
}

/// Verdict and flags in words: `changed, silent`.
pub(super) fn verdict_words(observation: &ObservationReport, cell: usize) -> String {
    let Some(verdict) = observation.verdict(cell) else {
        return if observation.is_flaky(cell) { "flaky: repeats disagree" } else { "not compared" }.to_owned();
    };
    let silent = if observation.is_silent(cell) { ", silent" } else { "" };
    format!("{}{silent}", Mark::from(verdict).look().key)
}

impl Focus<'_> {
    /// Writes the comparison of one observation.
    pub(super) fn compare(&self, scenario: &Scenario, observation: &ObservationReport, page: &mut Page<'_>) {
        let mark = observation.verdict(self.cell).map_or(Mark::Uncompared, Mark::from);
        let place = observation.line.map_or_else(|| scenario.path.clone(), |line| format!("{}:{line}", scenario.path));
        let symbol = text::pad(page.symbol(mark), 3);
        let words = format!("  {}  ", verdict_words(observation, self.cell));
        page.spans(2, &[(Paint::Mark(mark), &symbol), (Paint::Bold, &observation.name), (Paint::Mark(mark), &words), (Paint::Dim, &place)]);
        let judged = observation.verdict(self.cell).is_some_and(|verdict| verdict > Verdict::Same);
        let difference = observation.difference(self.cell);
        if judged {
            let aspects = difference.map(|difference| difference.aspects.clone()).unwrap_or_default();
            let raises = observation.variant(self.cell).is_some_and(|variant| variant.error.is_some());
            if aspects.is_empty() && !raises {
                page.field(6, "differs", &changes::effect(self.results, scenario, observation, self.cell), 2);
            }
            for (index, aspect) in aspects.iter().take(8).enumerate() {
                page.field(6, if index == 0 { "differs" } else { "" }, aspect, 2);
            }
        }
        let numbers = difference.and_then(|difference| difference.numbers.as_ref());
        let marked: &[u64] = numbers.filter(|numbers| numbers.differing < numbers.total).map_or(&[], |numbers| &numbers.first);
        if let Some(baseline) = self.baseline.filter(|baseline| *baseline != self.cell) {
            Self::side("baseline", observation, baseline, marked, page);
        }
        Self::side("here", observation, self.cell, marked, page);
        if let Some(numbers) = numbers {
            self.numbers(observation, numbers, page);
        }
        if let Some(difference) = difference {
            let added = difference.warnings_added.iter().map(|warning| ("+", warning));
            let removed = difference.warnings_removed.iter().map(|warning| ("-", warning));
            for (index, (sign, warning)) in added.chain(removed).take(6).enumerate() {
                let text = format!("{sign} {} ({}): {}", warning.category, warning.origin, warning.message);
                page.field(6, if index == 0 { "warnings" } else { "" }, &text, 2);
            }
        }
        if judged {
            self.spread(observation, page);
            if let Some(warning) = sentences::warning_before(self.results, observation, &[self.cell]) {
                page.field(6, "warned", &format!("{}: {}", sentences::forewarned(warning), warning.message), 3);
            }
        }
    }

    fn side(label: &str, observation: &ObservationReport, cell: usize, marked: &[u64], page: &mut Page<'_>) {
        let Some(index) = observation.variant_index(cell) else {
            page.field(6, label, "has no such observation", 1);
            return;
        };
        let Some(variant) = observation.variants.get(index) else { return };
        let (kind, value) = (values::type_text(variant), values::value_text(observation, index, marked));
        let separator = if variant.error.is_some() { ": " } else { "  " };
        let cut = if variant.truncated { "  (only the first elements were kept)" } else { "" };
        page.field(6, label, &format!("{kind}{separator}{value}{cut}"), 4);
        if let Some(error) = &variant.error {
            if let Some(cause) = &error.cause {
                page.field(6, "cause", cause, 3);
            }
            if let Some(Fact::Error(raised)) = observation.facts.get(index)
                && let (Some(line), Some(source)) = (raised.line, &raised.source)
            {
                page.field(6, "", &format!("line {line}: {}", source.trim()), 1);
            }
        }
    }

    fn numbers(&self, observation: &ObservationReport, numbers: &Numbers, page: &mut Page<'_>) {
        let mut parts = vec![format!("{} of {} differ", text::grouped(numbers.differing), text::grouped(numbers.total))];
        if numbers.beyond < numbers.differing {
            parts.push(format!("{} beyond tolerance", text::grouped(numbers.beyond)));
        }
        let measures = [("abs", numbers.max_abs), ("rel", numbers.max_rel)];
        parts.extend(measures.into_iter().filter_map(|(name, value)| value.map(|value| format!("max {name} {}", short(value)))));
        parts.extend(numbers.max_ulp.map(|ulp| format!("max ULP {}", text::grouped(ulp))));
        parts.extend(numbers.compared_as.as_ref().map(|dtype| format!("compared as {dtype}")));
        page.field(6, "numbers", &parts.join(", "), 2);
        let variant = |cell: usize| observation.variant(cell);
        if let (Some(before), Some(after)) = (self.baseline.and_then(variant), variant(self.cell))
            && numbers.total > 1
        {
            let shown: Vec<_> = numbers
                .first
                .iter()
                .filter_map(|index| {
                    let (before, after) = (values::element_text(before, *index)?, values::element_text(after, *index)?);
                    Some(format!("[{index}] {before} → {after}"))
                })
                .collect();
            if !shown.is_empty() {
                page.field(6, "at", &shown.join("  "), 2);
            }
        }
        if numbers.nan != (0, 0) {
            let places = if numbers.nan_pattern_equal { "at the same places" } else { "at other places" };
            page.field(6, "NaN", &format!("{} in the baseline, {} here, {places}", numbers.nan.0, numbers.nan.1), 1);
        }
    }

    /// Which other cells share this variant, and since when it is there.
    fn spread(&self, observation: &ObservationReport, page: &mut Page<'_>) {
        let among: Vec<usize> = (0..self.results.cells.len()).filter(|cell| observation.variant(*cell).is_some()).collect();
        if let Some(variant) = observation.variant_index(self.cell) {
            let sharing: Vec<usize> = among.iter().copied().filter(|cell| observation.variant_index(*cell) == Some(variant)).collect();
            if sharing.len() > 1 {
                page.field(6, "variant in", &self.layout.words(&sharing, &among), 3);
            } else {
                page.field(6, "variant in", "no other cell", 1);
            }
        }
        let since = self.since(observation);
        if !since.is_empty() {
            page.field(6, "first at", &since.join("; "), 3);
        }
    }

    /// Walks each axis from the baseline's version to this cell's, the other axes as in this cell, and names the
    /// version from which on the observation differs.
    fn since(&self, observation: &ObservationReport) -> Vec<String> {
        let (Some(here), Some(origin)) =
            (self.layout.coordinates.get(self.cell), self.baseline.and_then(|baseline| self.layout.coordinates.get(baseline)))
        else {
            return Vec::new();
        };
        let suffix = self.layout.suffixes.get(self.cell);
        let mut found = Vec::new();
        for (axis, dimension) in self.layout.dimensions.iter().enumerate() {
            let (start, end) = (origin[axis], here[axis]);
            let path: Vec<usize> = if start <= end { (start..=end).collect() } else { (end..=start).rev().collect() };
            let mut last_agreeing = None;
            let mut first_differing = None;
            for place in path {
                let mut wanted = here.clone();
                wanted[axis] = place;
                let cell = (0..self.results.cells.len())
                    .find(|cell| self.layout.coordinates.get(*cell) == Some(&wanted) && self.layout.suffixes.get(*cell) == suffix);
                let Some(verdict) = cell.and_then(|cell| observation.verdict(cell)) else { continue };
                if verdict <= Verdict::Close {
                    (last_agreeing, first_differing) = (Some(place), None);
                } else if first_differing.is_none() {
                    first_differing = Some(place);
                }
            }
            if let (Some(agreeing), Some(differing)) = (last_agreeing, first_differing) {
                let label = |place: usize| dimension.labels.get(place).map_or("", String::as_str);
                found.push(format!("{} {} ({} still agrees)", dimension.name, label(differing), label(agreeing)));
            }
        }
        found
    }
}

/// A measure with two digits: `0`, `2.4e-7`, `0.015`, `299`.
fn short(value: f64) -> String {
    if value == 0.0 {
        "0".to_owned()
    } else if (1e-3..1e6).contains(&value.abs()) {
        let digits = if value.abs() >= 100.0 { 0 } else { 4 };
        let text = format!("{value:.digits$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    } else {
        format!("{value:.1e}")
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn measures_are_short() {
        let shown = [0.0, 2.38e-7, 0.0153, 1.5, 299.4, 1e9].map(short);
        assert_eq!(shown, ["0", "2.4e-7", "0.0153", "1.5", "299", "1.0e9"]);
    }
}
