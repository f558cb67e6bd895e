//! Everything but versions: tolerance, limits, engine, environment variables, scenario folders.

use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

use super::{
    CacheLimits, DockerSettings, EngineChoice, Limits, Tolerance, Tolerances,
    check::{Checker, did_you_mean, quote, whole_number},
    tree::{Entry, Node},
};

/// Dtypes that are compared exactly unless the file gives them a tolerance.
const EXACT_DTYPES: [&str; 11] =
    ["clongdouble", "float8_e4m3fn", "float8_e5m2", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"];

impl Checker<'_> {
    /// The key `scenarios`.
    pub(super) fn scenarios(&mut self, node: &Node) -> Vec<PathBuf> {
        let Some(items) = self.list(node, "`scenarios`", "`scenarios: [scenarios]`") else { return Vec::new() };
        if items.is_empty() {
            self.report(&node.span, "`scenarios` names no folder", "`scenarios: [scenarios]`");
        }
        let mut folders: Vec<PathBuf> = Vec::new();
        for item in items {
            let Some(text) = self.text(item, "a folder of scenarios", "a path relative to this file") else { continue };
            // `./a/` and `a` are the same folder.
            let folder: PathBuf = Path::new(text).components().filter(|part| *part != Component::CurDir).collect();
            if text.is_empty() || text.contains('\0') {
                self.report(&item.span, format!("{} is not a path", quote(text)), "for this file's own folder write `.`");
            } else if folder.has_root() {
                self.report(&item.span, format!("{} is an absolute path", quote(text)), "name it relative to this file");
            } else if folders.contains(&folder) {
                self.report(&item.span, format!("{} appears twice", quote(text)), "leave one of them out");
            } else {
                folders.push(folder);
            }
        }
        folders
    }

    /// The key `tolerance`, of the file or of a scenario: its entries replace those of `base`.
    pub(crate) fn tolerance(&mut self, node: &Node, base: &Tolerances) -> Tolerances {
        let mut tolerances = base.clone();
        let defaults = Tolerances::default();
        let known: Vec<&str> = defaults.by_dtype.keys().map(String::as_str).chain(EXACT_DTYPES).chain(["ulp"]).collect();
        for entry in self.map_or_empty(node, "`tolerance`", "`tolerance: {float32: {rtol: 1.0e-5, atol: 1.0e-6}}`") {
            if !known.contains(&entry.key.as_str()) {
                let help =
                    did_you_mean(&entry.key, &known).unwrap_or_else(|| format!("known dtypes: {}", known[..known.len() - 1].join(", ")));
                self.report(&entry.key_span, format!("unknown dtype {}", quote(&entry.key)), help);
            } else if entry.key == "ulp" {
                tolerances.ulp = self.ulp(&entry.value).unwrap_or_default();
            } else {
                let tolerance = self.one_tolerance(entry, base.of(&entry.key));
                tolerances.by_dtype.insert(entry.key.clone(), tolerance);
            }
        }
        tolerances
    }

    fn one_tolerance(&mut self, entry: &Entry, base: Tolerance) -> Tolerance {
        let mut tolerance = base;
        let help = format!("`{}: {{rtol: 1.0e-5, atol: 1.0e-6}}`", entry.key);
        let Some(entries) = self.map(&entry.value, &format!("the tolerance of {}", quote(&entry.key)), &help) else { return base };
        self.known_keys(entries, &["rtol", "atol"]);
        for Entry { key, value, .. } in entries {
            match key.as_str() {
                "rtol" => tolerance.rtol = self.bound(value, "`rtol`").unwrap_or_default(),
                "atol" => tolerance.atol = self.bound(value, "`atol`").unwrap_or_default(),
                _ => {}
            }
        }
        tolerance
    }

    fn bound(&mut self, node: &Node, what: &str) -> Option<f64> {
        let help = "a number, 0 or more, such as `1.0e-5`";
        let text = self.text(node, what, help)?;
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
        if number.is_none() {
            self.report(&node.span, format!("{what} can't be {}", quote(text)), help);
        }
        number
    }

    fn ulp(&mut self, node: &Node) -> Option<u64> {
        let help = "a whole number, 0 or more";
        let text = self.text(node, "`ulp`", help)?;
        let number = whole_number(text);
        if number.is_none() {
            self.report(&node.span, format!("`ulp` can't be {}", quote(text)), help);
        }
        number
    }

    /// The key `limits`.
    pub(super) fn limits(&mut self, node: &Node) -> Limits {
        let mut limits = Limits::default();
        let entries = self.map_or_empty(node, "`limits`", "`limits: {timeout: 120s, memory: 4GiB}`");
        self.known_keys(entries, &["timeout", "memory", "cpus", "pids", "output"]);
        for Entry { key, value, .. } in entries {
            match key.as_str() {
                "timeout" => limits.timeout = self.duration(value, "`timeout`").unwrap_or(limits.timeout),
                "memory" => limits.memory = self.bytes(value, "`memory`").unwrap_or(limits.memory),
                "cpus" => limits.cpus = self.cpus(value).unwrap_or(limits.cpus),
                "pids" => limits.pids = self.count(value, "`pids`").unwrap_or(limits.pids),
                "output" => limits.output = self.bytes(value, "`output`").unwrap_or(limits.output),
                _ => {}
            }
        }
        limits
    }

    /// The key `cache`.
    pub(super) fn cache(&mut self, node: &Node) -> CacheLimits {
        let mut cache = CacheLimits::default();
        let entries = self.map_or_empty(node, "`cache`", "`cache: {limit: 100GiB, min_free_disk: 2GiB}`");
        self.known_keys(entries, &["limit", "min_free_disk"]);
        for Entry { key, value, .. } in entries {
            match key.as_str() {
                "limit" => cache.limit = self.bytes(value, "`limit`").or(cache.limit),
                "min_free_disk" => cache.min_free_disk = self.bytes(value, "`min_free_disk`").unwrap_or(cache.min_free_disk),
                _ => {}
            }
        }
        cache
    }

    fn cpus(&mut self, node: &Node) -> Option<f64> {
        let help = "a number above 0, such as `1` or `0.5`";
        let text = self.text(node, "`cpus`", help)?;
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0);
        if number.is_none() {
            self.report(&node.span, format!("`cpus` can't be {}", quote(text)), help);
        }
        number
    }

    /// The key `engine`. `fake` exists only where the variable `SKEW_FAKE` says what it answers.
    pub(super) fn engine(&mut self, node: &Node) -> Option<EngineChoice> {
        let mut choices = vec![
            ("docker", EngineChoice::Docker),
            ("local", EngineChoice::Local),
            ("kubernetes", EngineChoice::Kubernetes),
            ("auto", EngineChoice::Auto),
        ];
        if std::env::var_os("SKEW_FAKE").is_some() {
            choices.push(("fake", EngineChoice::Fake));
        }
        self.choice(node, "`engine`", &choices)
    }

    /// The key `docker`.
    pub(super) fn docker(&mut self, node: &Node) -> DockerSettings {
        let mut docker = DockerSettings::default();
        let entries = self.map_or_empty(node, "`docker`", "`docker: {image: \"python:{python}-slim\", network: none}`");
        self.known_keys(entries, &["image", "network"]);
        for Entry { key, value, .. } in entries {
            match key.as_str() {
                "image" => docker.image = self.image(value).unwrap_or_default(),
                "network" => docker.network = self.filled(value, "`network`", "the name of a network, or `none`").unwrap_or_default(),
                _ => {}
            }
        }
        docker
    }

    pub(super) fn image(&mut self, node: &Node) -> Option<String> {
        let image = self.filled(node, "`image`", "the name of an image, such as `\"python:{python}-slim\"`")?;
        let rest = image.replace("{python}", "");
        if rest.contains(['{', '}']) {
            self.report(
                &node.span,
                format!("{} has an unknown placeholder", quote(&image)),
                "only `{python}` is replaced, by the minor series",
            );
            return None;
        }
        Some(image)
    }

    pub(super) fn filled(&mut self, node: &Node, what: &str, help: &str) -> Option<String> {
        let text = self.text(node, what, help)?;
        if text.trim().is_empty() {
            self.report(&node.span, format!("{what} is empty"), help);
            return None;
        }
        Some(text.to_owned())
    }

    /// The key `env`, of the file or of a scenario; numbers are taken as they are written.
    pub(crate) fn env(&mut self, node: &Node) -> BTreeMap<String, String> {
        let mut env = BTreeMap::new();
        for entry in self.map_or_empty(node, "`env`", "`env: {NAME: \"value\"}`") {
            if entry.key.is_empty() || entry.key.contains(['=', '\0']) {
                self.report(&entry.key_span, format!("{} can't name a variable", quote(&entry.key)), "it has neither `=` nor a zero byte");
                continue;
            }
            let what = format!("the variable {}", quote(&entry.key));
            let Some(text) = self.text(&entry.value, &what, "for an empty value write `\"\"`") else { continue };
            if text.contains('\0') {
                self.report(&entry.value.span, format!("{what} has a zero byte in its value"), "no system can pass it on");
            } else {
                env.insert(entry.key.clone(), text.to_owned());
            }
        }
        env
    }
}
