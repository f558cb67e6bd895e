//! Which calls and forms bring in what is not of the packages.

use tree_sitter::Node;

use super::{Finding, Kind, extent, names::Names, text};

/// Calls that no seed reaches, whatever they are given.
const UNSEEDED: [&str; 10] = [
    "os.urandom",
    "os.getrandom",
    "random.SystemRandom",
    "secrets.token_bytes",
    "secrets.token_hex",
    "secrets.randbelow",
    "secrets.choice",
    "uuid.uuid1",
    "uuid.uuid4",
    "tensorflow.random.Generator.from_non_deterministic_state",
];

/// Generators that take their seed from the operating system unless they are given one.
const TO_BE_SEEDED: [&str; 12] = [
    "random.Random",
    "random.seed",
    "numpy.random.default_rng",
    "numpy.random.RandomState",
    "numpy.random.SeedSequence",
    "numpy.random.seed",
    "numpy.random.PCG64",
    "numpy.random.PCG64DXSM",
    "numpy.random.MT19937",
    "numpy.random.Philox",
    "numpy.random.SFC64",
    "numpy.random.bit_generator.SeedSequence",
];

/// Calls that tell the time.
const CLOCKS: [&str; 20] = [
    "time.time",
    "time.time_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
    "time.monotonic",
    "time.monotonic_ns",
    "time.process_time",
    "time.thread_time",
    "time.ctime",
    "time.localtime",
    "time.gmtime",
    "time.strftime",
    "timeit.timeit",
    "timeit.default_timer",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "tensorflow.timestamp",
    "os.times",
];

/// Modules that speak to other machines.
const NETWORK: [&str; 12] = [
    "socket",
    "ssl",
    "urllib.request",
    "http.client",
    "ftplib",
    "smtplib",
    "xmlrpc.client",
    "requests",
    "httpx",
    "aiohttp",
    "urllib3",
    "tensorflow_datasets",
];

/// Calls that download.
const DOWNLOADS: [&str; 3] = ["tensorflow.keras.utils.get_file", "keras.utils.get_file", "numpy.DataSource"];

/// Calls that list a folder in the order of the disk.
const LISTINGS: [&str; 5] = ["os.listdir", "os.scandir", "os.walk", "glob.glob", "glob.iglob"];

/// Builtins to whose result the order of what they are given does not matter.
const ORDERLESS: [&str; 9] = ["sorted", "len", "set", "frozenset", "any", "all", "min", "max", "sum"];

/// Builtins that show the order of a set.
const ORDERED: [&str; 6] = ["list", "tuple", "str", "repr", "enumerate", "iter"];

/// Looks at one node.
pub(super) fn look(node: Node<'_>, source: &str, names: &Names<'_>, found: &mut Vec<Finding>) {
    let mut tell = |node: Node<'_>, kind: Kind, message: String| {
        let (place, length) = extent(node, source);
        found.push(Finding { kind, place, length, message });
    };
    match node.kind() {
        "call" => call(node, source, names, &mut tell),
        "import_statement" | "import_from_statement" => {
            if let Some(module) = network_module(node, source) {
                tell(node, Kind::Network, format!("`{module}` speaks to other machines"));
            }
        }
        "for_statement" | "for_in_clause" => {
            if let Some(set) = node.child_by_field_name("right").filter(|right| is_set(*right, source, names)) {
                tell(set, Kind::Order, format!("`{}` has no order that all interpreters share", first_line(set, source)));
            }
        }
        "attribute" if text(node, source).ends_with(".ctypes.data") => {
            tell(node, Kind::Address, format!("`{}` is an address", text(node, source)));
        }
        "keyword_argument" => {
            let value = node.child_by_field_name("value").map(|value| text(value, source).trim_matches(['"', '\'']));
            let name = node.child_by_field_name("name").map(|name| text(name, source));
            if name == Some("weights") && value == Some("imagenet") {
                tell(node, Kind::Network, "weights of ImageNet are downloaded".to_owned());
            }
        }
        _ => {}
    }
}

fn call(node: Node<'_>, source: &str, names: &Names<'_>, tell: &mut impl FnMut(Node<'_>, Kind, String)) {
    let (Some(function), Some(arguments)) = (node.child_by_field_name("function"), node.child_by_field_name("arguments")) else { return };
    let mut cursor = arguments.walk();
    let first = arguments.named_children(&mut cursor).find(|argument| argument.kind() != "comment");
    // `seed=None` is no seed.
    let seed = first.map(|argument| argument.child_by_field_name("value").unwrap_or(argument)).filter(|seed| seed.kind() != "none");
    let Some(path) = names.path(function, source) else { return };
    let shown = text(function, source);
    match path.as_str() {
        path if UNSEEDED.contains(&path) => tell(node, Kind::Random, format!("`{shown}` is random, and no seed reaches it")),
        path if TO_BE_SEEDED.contains(&path) && seed.is_none() => {
            tell(node, Kind::Random, format!("`{}` takes its seed from the operating system", first_line(node, source)));
        }
        path if CLOCKS.contains(&path) => tell(node, Kind::Time, format!("`{shown}` tells the time")),
        "numpy.datetime64" if first.is_some_and(|text| is_now(text, source)) => {
            tell(node, Kind::Time, format!("`{}` tells the time", first_line(node, source)));
        }
        "id" | "object.__repr__" | "object.__hash__" => {
            tell(node, Kind::Address, format!("`{shown}` tells where an object lies in memory"));
        }
        path if DOWNLOADS.contains(&path) || path.contains("keras.datasets.") && path.ends_with(".load_data") => {
            tell(node, Kind::Network, format!("`{shown}` downloads"));
        }
        path if LISTINGS.contains(&path) && !is_within(node, &ORDERLESS, source, names) => {
            tell(node, Kind::Order, format!("`{shown}` lists in the order of the disk"));
        }
        path if ORDERED.contains(&path) => {
            if let Some(set) = first.filter(|first| is_set(*first, source, names)) {
                tell(node, Kind::Order, format!("`{}` has no order that all interpreters share", first_line(set, source)));
            }
        }
        _ => {}
    }
}

/// The module of an import that speaks to other machines.
fn network_module(import: Node<'_>, source: &str) -> Option<&'static str> {
    let module = import.child_by_field_name("module_name").map(|module| text(module, source));
    let mut cursor = import.walk();
    let names = import.children_by_field_name("name", &mut cursor);
    let mut paths = names.map(|name| {
        let name = text(name.child_by_field_name("name").unwrap_or(name), source);
        module.map_or_else(|| name.to_owned(), |module| format!("{module}.{name}"))
    });
    paths.find_map(|path| NETWORK.into_iter().find(|known| path == *known || path.starts_with(&format!("{known}."))))
}

/// A set by its looks: `{1, 2}`, `{x for x in y}`, `set(…)`, `frozenset(…)`.
fn is_set(node: Node<'_>, source: &str, names: &Names<'_>) -> bool {
    match node.kind() {
        "set" | "set_comprehension" => true,
        "call" => {
            let function = node.child_by_field_name("function").and_then(|function| names.path(function, source));
            matches!(function.as_deref(), Some("set" | "frozenset"))
        }
        "parenthesized_expression" => node.named_child(0).is_some_and(|inner| is_set(inner, source, names)),
        _ => false,
    }
}

/// Whether a call is an argument of one of these, or goes through a comprehension that is.
fn is_within(node: Node<'_>, functions: &[&str], source: &str, names: &Names<'_>) -> bool {
    let mut above = node.parent();
    while let Some(node) = above {
        match node.kind() {
            "call" => {
                let function = node.child_by_field_name("function").and_then(|function| names.path(function, source));
                return function.is_some_and(|function| functions.contains(&function.as_str()));
            }
            "argument_list" | "generator_expression" | "list_comprehension" | "for_in_clause" | "parenthesized_expression" => {}
            _ => return false,
        }
        above = node.parent();
    }
    false
}

fn is_now(node: Node<'_>, source: &str) -> bool {
    matches!(text(node, source).trim_matches(['"', '\'']), "now" | "today")
}

fn first_line<'s>(node: Node<'_>, source: &'s str) -> &'s str {
    text(node, source).lines().next().unwrap_or_default()
}
