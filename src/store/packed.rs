//! What there may be a million of, in few bytes: whole numbers with seven bits a byte, the lowest first.

use std::collections::BTreeMap;

use super::{ObservationRow, StoreError};

/// What ran in a cell of a run, by the number of the scenario.
pub(super) type Ran = BTreeMap<u32, Reference>;

/// The execution to which a run refers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) execution: i64,
    /// This run did it.
    pub(super) own: bool,
}

/// One repeat of an execution, as keys into the tables of what is interned.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outcome {
    pub(super) repeat: u32,
    /// All of its ending but the next two.
    pub(super) ending: u32,
    pub(super) seconds: f64,
    pub(super) max_rss: Option<u64>,
    /// Names that the first repeat observed and this one did not.
    pub(super) missing: Vec<u32>,
    pub(super) observations: Vec<ObservationRow>,
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// 0 for nothing.
fn put_optional(bytes: &mut Vec<u8>, number: Option<u64>) {
    put(bytes, number.map_or(0, |number| number.saturating_add(1)));
}

struct Reader<'a>(&'a [u8]);

fn damaged() -> StoreError {
    StoreError::Row("a packed row is damaged".to_owned())
}

impl Reader<'_> {
    fn number(&mut self) -> Result<u64, StoreError> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first().ok_or_else(damaged)?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(damaged())
    }

    fn key(&mut self) -> Result<u32, StoreError> {
        u32::try_from(self.number()?).map_err(|_| damaged())
    }

    fn optional(&mut self) -> Result<Option<u64>, StoreError> {
        Ok(self.number()?.checked_sub(1))
    }

    fn optional_key(&mut self) -> Result<Option<u32>, StoreError> {
        self.optional()?.map(|key| u32::try_from(key).map_err(|_| damaged())).transpose()
    }

    fn seconds(&mut self) -> Result<f64, StoreError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(f64::from_le_bytes(*bytes))
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T, StoreError>) -> Result<Vec<T>, StoreError> {
        let length = self.number()?;
        // Each takes at least a byte.
        let length = usize::try_from(length).ok().filter(|length| *length <= self.0.len()).ok_or_else(damaged)?;
        let mut items = Vec::with_capacity(length);
        for _ in 0..length {
            items.push(item(self)?);
        }
        Ok(items)
    }
}

impl Outcome {
    pub(super) fn pack(&self, bytes: &mut Vec<u8>) {
        put(bytes, self.repeat.into());
        put(bytes, self.ending.into());
        bytes.extend(self.seconds.to_le_bytes());
        put_optional(bytes, self.max_rss);
        put(bytes, self.missing.len() as u64);
        for name in &self.missing {
            put(bytes, (*name).into());
        }
        put(bytes, self.observations.len() as u64);
        for ObservationRow { name, fact, warnings, line } in &self.observations {
            put(bytes, (*name).into());
            put(bytes, (*fact).into());
            put_optional(bytes, warnings.map(u64::from));
            put_optional(bytes, line.map(u64::from));
        }
    }

    fn unpack(reader: &mut Reader<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            repeat: reader.key()?,
            ending: reader.key()?,
            seconds: reader.seconds()?,
            max_rss: reader.optional()?,
            missing: reader.list(Reader::key)?,
            observations: reader.list(|reader| {
                let (name, fact) = (reader.key()?, reader.key()?);
                Ok(ObservationRow { name, fact, warnings: reader.optional_key()?, line: reader.optional_key()? })
            })?,
        })
    }
}

/// The repeats of an execution, in order.
pub(super) fn outcomes(bytes: &[u8]) -> Result<Vec<Outcome>, StoreError> {
    let mut reader = Reader(bytes);
    let mut outcomes = Vec::with_capacity(1);
    while !reader.0.is_empty() {
        outcomes.push(Outcome::unpack(&mut reader)?);
    }
    Ok(outcomes)
}

/// Executions of one cell follow each other, so what is kept of each is how far it is from the one before.
pub(super) fn pack_ran(ran: &Ran) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(3 * ran.len());
    let mut before = (0, 0);
    for (&scenario, &Reference { execution, own }) in ran {
        put(&mut bytes, (scenario - before.0).into());
        let step = execution.wrapping_sub(before.1);
        let (size, back) = (step.unsigned_abs(), step < 0);
        put(&mut bytes, size << 2 | u64::from(back) << 1 | u64::from(own));
        before = (scenario, execution);
    }
    bytes
}

pub(super) fn unpack_ran(bytes: &[u8]) -> Result<Ran, StoreError> {
    references(bytes).collect()
}

/// The same one by one.
pub(super) fn references(bytes: &[u8]) -> impl Iterator<Item = Result<(u32, Reference), StoreError>> {
    let mut reader = Reader(bytes);
    let mut before = (0u32, 0i64);
    let mut next = move |reader: &mut Reader<'_>| {
        let scenario = before.0.checked_add(reader.key()?).ok_or_else(damaged)?;
        let step = reader.number()?;
        let size = (step >> 2).cast_signed();
        let execution = if step & 2 == 0 { before.1.checked_add(size) } else { before.1.checked_sub(size) };
        before = (scenario, execution.ok_or_else(damaged)?);
        Ok((scenario, Reference { execution: before.1, own: step & 1 == 1 }))
    };
    std::iter::from_fn(move || {
        let found = (!reader.0.is_empty()).then(|| next(&mut reader))?;
        if found.is_err() {
            reader.0 = &[];
        }
        Some(found)
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    fn observation() -> impl Strategy<Value = ObservationRow> {
        let optional = || prop::option::of(any::<u32>());
        (any::<u32>(), any::<u32>(), optional(), optional()).prop_map(|(name, fact, warnings, line)| ObservationRow {
            name,
            fact,
            warnings,
            line,
        })
    }

    fn outcome() -> impl Strategy<Value = Outcome> {
        let ending = (any::<u32>(), any::<u32>(), 0.0..1e9, prop::option::of(0..u64::MAX));
        let lists = (prop::collection::vec(any::<u32>(), 0..4), prop::collection::vec(observation(), 0..6));
        (ending, lists).prop_map(|((repeat, ending, seconds, max_rss), (missing, observations))| Outcome {
            repeat,
            ending,
            seconds,
            max_rss,
            missing,
            observations,
        })
    }

    proptest! {
        #[test]
        fn outcomes_come_back_as_they_were_packed(told in prop::collection::vec(outcome(), 0..4)) {
            let mut bytes = Vec::new();
            for outcome in &told {
                outcome.pack(&mut bytes);
            }
            prop_assert_eq!(outcomes(&bytes).unwrap(), told);
        }

        #[test]
        fn references_come_back_as_they_were_packed(ran in prop::collection::btree_map(any::<u32>(), (0..i64::MAX >> 2, any::<bool>()), 0..9)) {
            let ran: Ran = ran.into_iter().map(|(scenario, (execution, own))| (scenario, Reference { execution, own })).collect();
            prop_assert_eq!(unpack_ran(&pack_ran(&ran)).unwrap(), ran);
        }

        #[test]
        fn foreign_bytes_are_refused_or_read_but_nothing_worse(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = (outcomes(&bytes), unpack_ran(&bytes));
        }
    }

    #[test]
    fn a_scenario_of_a_cell_takes_two_bytes() {
        let ran: Ran = (0..100).map(|number| (number, Reference { execution: i64::from(number) + 900_000, own: true })).collect();
        assert!(pack_ran(&ran).len() < 205);
    }
}
