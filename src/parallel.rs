//! Work that comes in pieces, on all cores.

use std::{panic::resume_unwind, thread};

use parking_lot::Mutex;

/// What `work` makes of each item, in the order of the items. Whoever has a core takes the next one, so long ones should
/// come first.
pub(crate) fn map<I: Send, T: Send>(items: Vec<I>, work: impl Fn(I) -> T + Sync) -> Vec<T> {
    let cores = thread::available_parallelism().map_or(1, usize::from).min(items.len());
    if cores < 2 {
        return items.into_iter().map(work).collect();
    }
    let queue = Mutex::new(items.into_iter().enumerate());
    let next = || queue.lock().next();
    let worker = || {
        let mut made = Vec::new();
        while let Some((place, item)) = next() {
            made.push((place, work(item)));
        }
        made
    };
    let mut made = thread::scope(|scope| {
        let others: Vec<_> = (1..cores).map(|_| scope.spawn(worker)).collect();
        let mut made = worker();
        for other in others {
            made.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        made
    });
    made.sort_unstable_by_key(|(place, _)| *place);
    made.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_comes_in_the_order_of_what_it_is_made_of() {
        assert_eq!(map((0..1000).collect(), |number| number * 2), (0..1000).map(|number| number * 2).collect::<Vec<_>>());
        assert!(map(Vec::new(), |number: u32| number).is_empty());
        assert_eq!(map(vec![1], |number| number + 1), [2]);
    }
}
