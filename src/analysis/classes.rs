//! Behaviour classes.

use std::cmp::Reverse;

/// Partitions cells into classes. Closeness is not transitive, so a class is made by its *leader*: the baseline leads
/// the first class, then cells join, in plan order, the first leader they agree with, or lead a class of their own.
///
/// `order` lists the cells that ran, the baseline first, then plan order; `agree(leader, cell)` compares two of them.
/// Returns the classes as lists of cells, each led by its first entry, largest first, ties by first cell in plan order:
/// entry 0 is class A.
///
/// Two cells agree when no observation of one is worse than *warns* against the other's. Closeness drifts: with a
/// tolerance of 1, the chain 0, 1, 2 has neighbours that agree and ends that don't. Led by 0, the classes are {0, 1} and
/// {2}; led by 1, there is one. That is why the baseline leads first and why the order is the plan's.
pub fn partition(order: &[usize], mut agree: impl FnMut(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut classes: Vec<Vec<usize>> = Vec::new();
    for &cell in order {
        match classes.iter_mut().find(|class| agree(class[0], cell)) {
            Some(class) => class.push(cell),
            None => classes.push(vec![cell]),
        }
    }
    // Cells are numbered in plan order, so the smallest member is a class's first cell there, whoever leads it.
    classes.sort_by_key(|class| (Reverse(class.len()), class.iter().min().copied()));
    classes
}

/// The letter of a class: A … Z, AA, AB …
pub fn letter(index: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = index + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_chain_of_close_neighbours_is_cut_where_its_leader_stops_agreeing() {
        let close = |leader: usize, cell: usize| leader.abs_diff(cell) <= 1;
        assert_eq!(partition(&[0, 1, 2], close), [vec![0, 1], vec![2]]);
        assert_eq!(partition(&[1, 0, 2], close), [vec![1, 0, 2]]);
    }

    #[test]
    fn the_largest_class_comes_first_and_the_baseline_leads_its_own() {
        let behaviour = [0, 1, 1, 2, 0, 1];
        let classes = partition(&[4, 0, 1, 2, 3, 5], |leader, cell| behaviour[leader] == behaviour[cell]);
        assert_eq!(classes, [vec![1, 2, 5], vec![4, 0], vec![3]]);
    }

    #[test]
    fn classes_of_one_size_come_in_the_order_of_their_first_cells() {
        let behaviour = [0, 1, 0, 1];
        for order in [[0, 1, 2, 3], [3, 0, 1, 2]] {
            let mut classes = partition(&order, |leader, cell| behaviour[leader] == behaviour[cell]);
            for class in &mut classes {
                class.sort_unstable();
            }
            assert_eq!(classes, [[0, 2], [1, 3]]);
        }
    }

    #[test]
    fn letters_go_on_after_z() {
        let letters: Vec<_> = [0, 1, 25, 26, 27, 51, 52, 701, 702].into_iter().map(letter).collect();
        assert_eq!(letters, ["A", "B", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]);
    }

    proptest! {
        #[test]
        fn every_cell_is_in_exactly_one_class_and_agrees_with_its_leader(values in prop::collection::vec(0u8..20, 0..40)) {
            let order: Vec<_> = (0..values.len()).collect();
            let agree = |leader: usize, cell: usize| values[leader].abs_diff(values[cell]) <= 2;
            let classes = partition(&order, agree);
            let mut cells: Vec<_> = classes.iter().flatten().copied().collect();
            cells.sort_unstable();
            prop_assert_eq!(cells, order);
            prop_assert!(classes.iter().all(|class| class.iter().all(|cell| agree(class[0], *cell))));
            prop_assert!(classes.is_sorted_by_key(|class| Reverse(class.len())));
        }

        #[test]
        fn letters_are_in_order(index in 0usize..20_000) {
            let (one, next) = (letter(index), letter(index + 1));
            prop_assert!((one.len(), &one) < (next.len(), &next));
        }
    }
}
