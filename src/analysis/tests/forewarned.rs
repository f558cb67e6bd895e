//! Which changes were warned of, and since when.

use super::{
    super::forewarned::{Neighbours, forewarnings},
    *,
};
use crate::{
    observation::Warned,
    report::{Forewarning, sentences},
};

const NUMPY: [&str; 5] = ["1.20.3", "1.21.6", "1.22.4", "1.23.5", "1.24.4"];

fn warning(category: &str, message: &str) -> Warned {
    Warned { category: category.to_owned(), message: message.to_owned(), origin: "numpy".to_owned() }
}

/// The forewarnings of an observation whose behaviour in each cell is a digit (`-` for unknown), when the cells marked by
/// `w` warn.
fn told(grid: &Grid, variants: &str, warns: &str, category: &str) -> Vec<Forewarning> {
    let variants: Vec<Option<usize>> = variants.bytes().map(|byte| (byte != b'-').then(|| usize::from(byte))).collect();
    let issued = [warning(category, "`np.bool` is deprecated")];
    forewarnings(&Neighbours::new(grid), &variants, |cell| if warns.as_bytes()[cell] == b'w' { &issued } else { &[] })
}

fn sentences_of(variants: &str, warns: &str) -> Vec<String> {
    let axes = [axis("numpy", &NUMPY)];
    told(&Grid::new(&axes, product(&axes)), variants, warns, "DeprecationWarning").iter().map(sentences::forewarned).collect()
}

#[test]
fn a_change_was_warned_of_as_long_as_the_warning_was_issued_without_a_break() {
    assert_eq!(sentences_of("00001", ".www."), ["warned of since numpy 1.21.6, until 1.23.5 (DeprecationWarning)"]);
    assert_eq!(sentences_of("00001", "wwww."), ["warned of since numpy 1.20.3 or before, until 1.23.5 (DeprecationWarning)"]);
    assert_eq!(sentences_of("00001", "w.ww."), ["warned of since numpy 1.22.4, until 1.23.5 (DeprecationWarning)"]);
    assert_eq!(sentences_of("00001", "...w."), ["warned of since numpy 1.23.5 (DeprecationWarning)"]);
    // What an older release did is not known, so neither is whether it warned.
    assert_eq!(sentences_of("0-001", "wwww."), ["warned of since numpy 1.22.4 or before, until 1.23.5 (DeprecationWarning)"]);
}

#[test]
fn a_warning_belongs_to_no_change_where_none_is_or_where_it_goes_on() {
    assert_eq!(sentences_of("00000", "wwww."), [""; 0], "nothing changed");
    assert_eq!(sentences_of("00001", "wwwww"), [""; 0], "it is announced still");
    assert_eq!(sentences_of("00001", "....w"), [""; 0], "it comes with the change, not before it");
    assert_eq!(sentences_of("0000-", "wwww."), [""; 0], "what came of it is not known");
}

#[test]
fn only_what_announces_a_change_forewarns() {
    let axes = [axis("numpy", &NUMPY)];
    let grid = Grid::new(&axes, product(&axes));
    assert_eq!(told(&grid, "00001", "wwww.", "RuntimeWarning"), []);
    for category in ["FutureWarning", "PendingDeprecationWarning"] {
        assert_eq!(told(&grid, "00001", "wwww.", category)[0].category, category);
    }
}

#[test]
fn a_warning_that_was_reworded_is_the_same_by_its_first_line() {
    let axes = [axis("numpy", &NUMPY)];
    let grid = Grid::new(&axes, product(&axes));
    let variants: Vec<Option<usize>> = "00011".bytes().map(|byte| Some(usize::from(byte))).collect();
    let says = |message: &str| [warning("DeprecationWarning", message)];
    let (old, new, other) = (says("`x` goes in 1.23\nuse `y`"), says("`x` goes in 1.24\nuse `y` or `z`"), says("something else"));
    let found = forewarnings(&Neighbours::new(&grid), &variants, |cell| match cell {
        0 => &other,
        1 => &old,
        2 => &new,
        _ => &[],
    });
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].since.as_str(), found[0].oldest, found[0].message.as_str()),
        ("1.21.6", false, "`x` goes in 1.24\nuse `y` or `z`")
    );
}

#[test]
fn of_several_rows_the_one_that_knows_the_warning_longest_counts() {
    let axes = [axis("tensorflow", &["2.15.1", "2.16.2"]), axis("numpy", &["1.22.4", "1.23.5", "1.24.4"])];
    let grid = Grid::new(&axes, product(&axes));
    // The first three cells are those of 2.15.1; there the oldest one was not compared.
    let found = told(&grid, "-01001", "ww.ww.", "DeprecationWarning");
    let along: Vec<_> = found.iter().filter(|warning| warning.axis == "numpy").map(sentences::forewarned).collect();
    assert_eq!(along, ["warned of since numpy 1.22.4 or before, until 1.23.5 (DeprecationWarning)"]);
}
