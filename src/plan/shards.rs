//! A run in parts, on machines of their own.

use std::{collections::HashMap, fmt, str::FromStr};

use super::Plan;
use crate::matrix::{AxisVersion, PythonVersion};

/// A part of a run: `2/4` is the second of four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub number: usize,
    /// Of how many.
    pub of: usize,
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match parsed {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            Some(_) | None => Err("a part of a run is written as 2/4: the second of four".to_owned()),
        }
    }
}

impl Plan {
    /// Which of `shards` parts runs each cell; `None` for cells that cannot exist, which need no run. `seconds` of a cell,
    /// where known, balance the parts. Cells that share what is most expensive to install are kept together as far as the
    /// balance allows. The same plan and the same times give the same parts everywhere.
    pub fn shards(&self, shards: usize, seconds: impl Fn(&str) -> Option<f64>) -> Vec<Option<usize>> {
        let shards = shards.max(1);
        let known: Vec<Option<f64>> = self.cells.iter().map(|cell| seconds(&cell.id)).collect();
        let told: Vec<f64> = known.iter().flatten().copied().collect();
        let usual = if told.is_empty() { 1.0 } else { told.iter().sum::<f64>() / told.len() as f64 };
        let weight = |cell: usize| known[cell].unwrap_or(usual).max(f64::EPSILON);

        let mut groups: Vec<(f64, Vec<usize>)> = Vec::new();
        let mut places: HashMap<(&AxisVersion, PythonVersion), usize> = HashMap::new();
        for (number, cell) in self.cells.iter().enumerate().filter(|(_, cell)| cell.unavailable.is_none()) {
            let place = *places.entry((&cell.versions[self.heaviest], cell.python)).or_insert_with(|| {
                groups.push((0.0, Vec::new()));
                groups.len() - 1
            });
            groups[place].0 += weight(number);
            groups[place].1.push(number);
        }
        // The heaviest first; ties stay in plan order, because the sort is stable.
        groups.sort_by(|a, b| b.0.total_cmp(&a.0));
        let ideal = groups.iter().map(|group| group.0).sum::<f64>() / shards as f64;
        let mut loads = vec![0.0; shards];
        let mut assigned = vec![None; self.cells.len()];
        for (_, cells) in groups {
            let mut shard = lightest(&loads);
            for cell in cells {
                // What would overfill a part goes on in the next one.
                if loads[shard] > 0.0 && loads[shard] + weight(cell) / 2.0 > ideal {
                    shard = lightest(&loads);
                }
                loads[shard] += weight(cell);
                assigned[cell] = Some(shard);
            }
        }
        assigned
    }
}

fn lightest(loads: &[f64]) -> usize {
    (0..loads.len()).min_by(|&a, &b| loads[a].total_cmp(&loads[b])).unwrap_or_default()
}
