//! Scripts, and what is found in them.

use insta::assert_snapshot;

use super::*;
use crate::{report::fixture, scenario::Header};

fn scenario(source: &str) -> Scenario {
    Scenario {
        name: "s".to_owned(),
        path: "scenarios/s.py".to_owned(),
        source: source.to_owned(),
        header: Header::default(),
        digest: String::new(),
    }
}

/// Line and message of everything that is found.
fn found(source: &str) -> Vec<String> {
    lint(&scenario(source), None).iter().map(|problem| format!("{}: {}", problem.place.line, problem.message)).collect()
}

#[test]
fn what_a_seed_reaches_is_fine() {
    let source = "import random\nimport numpy as np\nimport tensorflow as tf\nfrom numpy.random import default_rng\n\
        a = np.random.rand(3)\nb = random.random()\nc = default_rng(0).random()\nd = tf.random.uniform([2])\ne = np.random.RandomState(seed=1)\n";
    assert_eq!(found(source), [""; 0]);
}

#[test]
fn what_no_seed_reaches_is_told_under_every_name() {
    let source = "import os, uuid\nimport numpy as np\nfrom numpy.random import default_rng as rng\n\
        a = os.urandom(4)\nb = np.random.default_rng().random()\nc = rng()\nd = uuid.uuid4().hex\ne = np.random.Generator(np.random.PCG64())\n";
    assert_eq!(
        found(source),
        [
            "4: `os.urandom` is random, and no seed reaches it",
            "5: `np.random.default_rng()` takes its seed from the operating system",
            "6: `rng()` takes its seed from the operating system",
            "7: `uuid.uuid4` is random, and no seed reaches it",
            "8: `np.random.PCG64()` takes its seed from the operating system",
        ]
    );
}

#[test]
fn clocks_addresses_networks_and_orders_are_told() {
    let source = "import time, glob, os\nfrom datetime import datetime\nimport numpy as np\nfrom urllib.request import urlopen\n\
        a = time.perf_counter()\nb = datetime.now()\nc = np.datetime64('now')\nd = id(a)\ne = np.zeros(2).ctypes.data\n\
        f = list({1, 2})\nfor g in set('abc'):\n    pass\nh = os.listdir('.')\ni = [name for name in glob.glob('*')]\n";
    assert_eq!(
        found(source),
        [
            "4: `urllib.request` speaks to other machines",
            "5: `time.perf_counter` tells the time",
            "6: `datetime.now` tells the time",
            "7: `np.datetime64('now')` tells the time",
            "8: `id` tells where an object lies in memory",
            "9: `np.zeros(2).ctypes.data` is an address",
            "10: `{1, 2}` has no order that all interpreters share",
            "11: `set('abc')` has no order that all interpreters share",
            "13: `os.listdir` lists in the order of the disk",
            "14: `glob.glob` lists in the order of the disk",
        ]
    );
}

#[test]
fn what_only_looks_alike_is_not_told() {
    let source = "import os, time\nimport numpy as np\n\"\"\"time.time() in a text\"\"\"\n# id(x) in a comment\n\
        def id(x):\n    return x\n\na = id(1)\nb = sorted(os.listdir('.'))\nc = len({1, 2})\nd = sorted(set('ab'))\n\
        e = np.datetime64('2024-01-31')\nf = sorted(name for name in os.listdir('.'))\nsocket = 1\n";
    assert_eq!(found(source), [""; 0]);
}

#[test]
fn what_is_merely_used_in_a_target_is_not_bound_and_no_seed_is_none() {
    let source = "import numpy as np\nfrom keras.datasets import mnist\nseen = {}\nseen[id(seen)] = 1\n\
        def f(x=list({1, 2}), y: id = 0):\n    return x\n\na = np.random.default_rng(None)\nb = np.random.RandomState(seed=None)\n\
        c = mnist.load_data()\nd = np.random.default_rng(  # seeded\n    0)\n";
    assert_eq!(
        found(source),
        [
            "4: `id` tells where an object lies in memory",
            "5: `{1, 2}` has no order that all interpreters share",
            "8: `np.random.default_rng(None)` takes its seed from the operating system",
            "9: `np.random.RandomState(seed=None)` takes its seed from the operating system",
            "10: `mnist.load_data` downloads",
        ]
    );
}

#[test]
fn a_line_that_is_meant_so_says_why() {
    let allowed = "import time\na = time.time()  # skew: allow time, a log has a date in it\n";
    assert_eq!(found(allowed), [""; 0]);
    let above = "import time\n# skew: allow time, a log has a date in it\n# and so has a file.\na = time.time()\n";
    assert_eq!(found(above), [""; 0]);
    let wrong =
        "import time\na = time.time()  # skew: allow time\nb = 1  # skew: allow order, by habit\nc = 1  # skew: allow luck, please\n";
    assert_eq!(
        found(wrong),
        [
            "2: `time.time` tells the time",
            "2: it is not said why `time` is allowed",
            "3: nothing here needs `allow order`",
            "4: `luck` is nothing that can be allowed",
        ]
    );
}

#[test]
fn problems_are_shown_in_their_lines() {
    assert_snapshot!(lint(&scenario("import time\n\nelapsed = time.time()\n"), None).render(false), @r"
    error: scenarios/s.py: `time.time` tells the time
     --> scenarios/s.py:3:11
      |
    3 | elapsed = time.time()
      |           ^^^^^^^^^^^
    help: leave it out of what is observed; the report has the duration of every scenario
    ");
}

#[test]
fn a_run_tells_what_no_reading_finds() {
    let mut results = fixture::pairs();
    let measured = &mut results.scenarios[0];
    measured.observations.truncate(1);
    let observation = &mut measured.observations[0];
    (observation.name, observation.line) = ("drawn".to_owned(), Some(2));
    observation.flaky = vec![false; observation.by_cell.len()];
    observation.flaky[1] = true;
    observation.variants[0].preview = "<Thing object at 0x7f3a5c0d1e20>".into();
    let problems = lint(&scenario("x = 1\ndrawn = x\n"), Some(&results.scenarios[0]));
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        messages,
        ["`drawn` comes out differently when it is repeated, in 1 cell", "`drawn` has an address in its text: `0x7f3a5c0d1e20`"]
    );
    let allowed = "x = 1\n# skew: allow flaky, threads race\n# skew: allow address, that is the point\ndrawn = x\n";
    let moved = &mut results.scenarios[0].observations[0];
    moved.line = Some(4);
    assert!(lint(&scenario(allowed), Some(&results.scenarios[0])).is_empty());
}

#[test]
fn anything_can_be_read() {
    let deep = format!("x = {}1{}\n", "(".repeat(20_000), ")".repeat(20_000));
    for source in ["", "\u{feff}x = 1", "def f(:\n", "'''", "\u{0}", "x = 'é🦀'; import socket\n", &deep] {
        let _ends = lint(&scenario(source), None);
    }
    assert_eq!(found("x = 'é🦀'; import socket\n"), ["1: `socket` speaks to other machines"]);
}
