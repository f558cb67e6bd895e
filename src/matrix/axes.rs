//! Axes, versions and ranges.

use pep440_rs::{Version, VersionSpecifier, VersionSpecifiers};
use pep508_rs::PackageName;

use super::{
    Axis, AxisVersion, AxisVersions, Every, PythonChoice, PythonVersion,
    check::{Checker, did_you_mean, quote},
    tree::{Entry, Node, Value},
    unreleased::is_source,
};

/// How many axes a matrix may have: rules and pins try every order of the axes and every box of their versions.
pub(crate) const MOST_AXES: usize = 4;

/// Words that mean something else where an axis may be named.
const RESERVED: [&str; 6] = ["dependencies", "reason", "none", "and", "or", "not"];

impl Checker<'_> {
    /// The key `axes`. An axis whose versions are wrong is there without versions, so that its name is known where other
    /// keys mention it; its problems keep the matrix from being used.
    pub(super) fn axes(&mut self, node: &Node) -> Vec<Axis> {
        let help = "each package with its versions: `axes: {PACKAGE: [VERSION, …]}`";
        let Some(entries) = self.map(node, "`axes`", help) else { return Vec::new() };
        if entries.is_empty() && !self.found_problems() {
            self.report(&node.span, "`axes` names no package", help);
        }
        if let Some(entry) = entries.get(MOST_AXES) {
            let help = format!("leave out {}", if entries.len() == MOST_AXES + 1 { "one" } else { "some" });
            self.report(&entry.key_span, format!("{} axes, and at most {MOST_AXES} are possible", entries.len()), help);
        }
        let mut axes: Vec<Axis> = Vec::new();
        for entry in entries {
            if !self.axis_name(entry) {
                continue;
            }
            let new = self.axis(entry);
            if let Some(other) = axes.iter().find(|other| other.package == new.package) {
                let message = format!("the axes `{}` and `{}` are the same package, {}", other.name, new.name, quote(&new.package));
                self.report(&entry.key_span, message, "one environment holds one version of a package: leave one of them out");
            }
            axes.push(new);
        }
        axes
    }

    fn axis_name(&mut self, entry: &Entry) -> bool {
        let name = entry.key.as_str();
        let (message, help) = if name == "python" {
            let help = "remove it here, and list interpreters under the key `python`: `python: [\"3.10\", \"3.11\"]`";
            ("`python` is not an axis like the others".to_owned(), help)
        } else if RESERVED.contains(&name) {
            let help = "give it another name, and say what is installed: `{package: …, import: …, versions: …}`";
            (format!("an axis can't be named {}", quote(name)), help)
        } else if normalised(name).is_none() {
            // Names are part of cell ids, so they keep to what package names are made of.
            (format!("{} is not a package name", quote(name)), "it is made of letters, digits, `-`, `_` and `.`")
        } else {
            return true;
        };
        self.report(&entry.key_span, message, help);
        false
    }

    fn axis(&mut self, entry: &Entry) -> Axis {
        let name = entry.key.as_str();
        let mut axis = Axis {
            name: name.to_owned(),
            package: normalised(name).unwrap_or_default(),
            import: name.to_owned(),
            versions: AxisVersions::List(Vec::new()),
            unreleased: Vec::new(),
            every: Every::default(),
            pre: false,
            yanked: false,
            place: self.place(&entry.value.span),
            version_places: Vec::new(),
        };
        let mut import_named = false;
        let versions = if let Value::Map(keys) = &entry.value.value {
            // The source of a single version may stand where the list would.
            if is_source(keys) {
                axis.place = self.place(&entry.value.span);
                axis.unreleased = self.sources(&[&entry.value]);
                return axis;
            }
            self.known_keys(keys, &["package", "import", "versions", "every", "pre", "yanked"]);
            for Entry { key, value, .. } in keys {
                match key.as_str() {
                    "package" => axis.package = self.package(value).unwrap_or_default(),
                    "import" => {
                        import_named = true;
                        axis.import = self.module(value).unwrap_or_default();
                    }
                    "every" => axis.every = self.every(value).unwrap_or_default(),
                    "pre" => axis.pre = self.flag(value, "`pre`").unwrap_or_default(),
                    "yanked" => axis.yanked = self.flag(value, "`yanked`").unwrap_or_default(),
                    _ => {}
                }
            }
            let versions = keys.iter().find(|key| key.key == "versions");
            if versions.is_none() {
                let help = "add `versions: [VERSION, …]`, or a range: `versions: \">=1.21\"`";
                self.report(&entry.key_span, format!("the axis {} has no key `versions`", quote(name)), help);
            }
            versions
        } else {
            Some(entry)
        };
        if !import_named && !is_module(name) {
            let message = format!("{} can't be imported under this name", quote(name));
            self.report(&entry.key_span, message, format!("say what is: `{name}: {{import: MODULE, versions: …}}`"));
        }
        if let Some(entry) = versions {
            axis.place = self.place(&entry.value.span);
            if let Value::List(items) = &entry.value.value {
                let (sources, numbered): (Vec<&Node>, Vec<&Node>) = items.iter().partition(|item| matches!(item.value, Value::Map(_)));
                axis.version_places = numbered.iter().map(|item| self.place(&item.span)).collect();
                axis.unreleased = self.sources(&sources);
            } else if matches!(&entry.value.value, Value::Map(keys) if is_source(keys)) {
                axis.unreleased = self.sources(&[&entry.value]);
                return axis;
            }
            axis.versions = self.versions(entry).unwrap_or(AxisVersions::List(Vec::new()));
        }
        axis
    }

    fn package(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node, "`package`", "the name on the package index")?;
        let name = normalised(text);
        if name.is_none() {
            self.report(&node.span, format!("{} is not a package name", quote(text)), "the name alone, without version and extras");
        }
        name
    }

    fn module(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node, "`import`", "the name of a module")?;
        if is_module(text) {
            return Some(text.to_owned());
        }
        self.report(&node.span, format!("{} is not a module name", quote(text)), "what stands behind `import` in Python");
        None
    }

    fn every(&mut self, node: &Node) -> Option<Every> {
        self.choice(node, "`every`", &[("minor", Every::Minor), ("patch", Every::Patch), ("major", Every::Major)])
    }

    /// The versions of an axis: a list, or a range as text. `entry.key` is the key they stand at.
    fn versions(&mut self, entry: &Entry) -> Option<AxisVersions> {
        let Entry { key, value: node, .. } = entry;
        match &node.value {
            Value::Map(_) => {
                self.report(&node.span, format!("{} takes a list or a range", quote(key)), format!("`{key}: [VERSION, …]`"));
                None
            }
            Value::List(items) => {
                if items.is_empty() {
                    self.report(&node.span, format!("{} lists no version", quote(key)), "name at least one version");
                }
                Some(AxisVersions::List(self.version_list(items)))
            }
            Value::Scalar { text, .. } => {
                if node.is_null() {
                    let help = format!("`{key}: [VERSION, …]`, or a range: `{key}: \">=1.21\"`");
                    self.report(&node.span, format!("{} has no versions", quote(key)), help);
                    return None;
                }
                if let Ok(version) = text.parse::<Version>() {
                    let help = format!("`{key}: [{text}]` is this version alone, `{key}: \"{}\"` a range", series(&version));
                    self.report(&node.span, format!("{} is neither a list nor a range", quote(text)), help);
                    return None;
                }
                if text == "none" {
                    let help = format!("`{key}: [none]`");
                    self.report(&node.span, "`none` stands in a list", help);
                    return None;
                }
                self.range(node, text).map(AxisVersions::Range)
            }
        }
    }

    fn version_list(&mut self, items: &[Node]) -> Vec<AxisVersion> {
        let mut versions: Vec<AxisVersion> = Vec::new();
        // Maps are sources of unreleased versions.
        for item in items.iter().filter(|item| !matches!(item.value, Value::Map(_))) {
            let Some(version) = self.version(item, "write the range instead of the list") else { continue };
            if let Some(first) = versions.iter().find(|first| **first == version) {
                let message = if first.to_string() == version.to_string() {
                    format!("the version {} appears twice", quote(&version))
                } else {
                    format!("{} and {} are the same version", quote(first), quote(&version))
                };
                self.report(&item.span, message, "leave one of them out");
            } else {
                versions.push(version);
            }
        }
        versions
    }

    /// One version, or `none`. `instead` says what to do with a range.
    pub(super) fn version(&mut self, node: &Node, instead: &str) -> Option<AxisVersion> {
        if node.is_null() {
            self.report(&node.span, "a version is missing", "to leave a package uninstalled, write `none`");
            return None;
        }
        let text = self.text(node, "a version", "a single version, such as `1.26.4`")?;
        if text == "none" {
            return Some(AxisVersion::None);
        }
        if let Ok(version) = text.parse() {
            return Some(AxisVersion::Release(version));
        }
        if text.parse::<VersionSpecifiers>().is_ok_and(|range| !range.is_empty()) {
            self.report(&node.span, format!("{} is a range, not a version", quote(text)), instead);
        } else if format!("=={text}").parse::<VersionSpecifier>().is_ok() {
            let help = format!("{instead}: `\"=={text}\"`");
            self.report(&node.span, format!("{} is a range, not a version", quote(text)), help);
        } else {
            let help =
                did_you_mean(text, &["none"]).unwrap_or_else(|| "versions are written like `1.26.4` or `2.0.0rc1` (PEP 440)".to_owned());
            self.report(&node.span, format!("{} is not a version", quote(text)), help);
        }
        None
    }

    /// A PEP 440 range.
    pub(super) fn range(&mut self, node: &Node, text: &str) -> Option<VersionSpecifiers> {
        let range = text.parse::<VersionSpecifiers>().ok().filter(|range| !range.is_empty());
        if range.is_none() {
            let help = if format!("=={text}").parse::<VersionSpecifier>().is_ok() {
                format!("did you mean `\"=={text}\"`?")
            } else {
                "ranges are written like `\">=1.21,<2\"` (PEP 440)".to_owned()
            };
            self.report(&node.span, format!("{} is not a version range", quote(text)), help);
        }
        range
    }

    /// The key `python`.
    pub(super) fn python(&mut self, node: &Node) -> Option<PythonChoice> {
        match &node.value {
            Value::List(items) => {
                if items.is_empty() {
                    self.report(&node.span, "`python` lists no version", "leave the key out to have one chosen for each cell");
                }
                let mut pythons = Vec::new();
                for item in items {
                    let Some(python) = self.python_version(item) else { continue };
                    if pythons.contains(&python) {
                        self.report(&item.span, format!("the version `{python}` appears twice"), "leave one of them out");
                    } else {
                        pythons.push(python);
                    }
                }
                Some(PythonChoice::Axis(pythons))
            }
            Value::Scalar { text, .. } if text == "auto" => Some(PythonChoice::Auto),
            Value::Scalar { text, .. } if did_you_mean(text, &["auto"]).is_some() => {
                self.choice(node, "`python`", &[("auto", PythonVersion::SUPPORTED[0])]);
                None
            }
            Value::Scalar { .. } | Value::Map(_) => Some(PythonChoice::One(self.python_version(node)?)),
        }
    }

    /// A supported minor series, `3.11`.
    pub(super) fn python_version(&mut self, node: &Node) -> Option<PythonVersion> {
        let supported = PythonVersion::SUPPORTED.map(|python| python.to_string());
        let text = self.text(node, "`python`", "`auto`, a minor series such as `\"3.11\"`, or a list of them")?;
        if let Some(python) = PythonVersion::SUPPORTED.into_iter().find(|python| python.to_string() == text) {
            return Some(python);
        }
        let minor = text.parse::<Version>().ok().filter(|version| version.release().len() > 2).map(|version| {
            let release = version.release().to_vec();
            format!("{}.{}", release[0], release[1])
        });
        let (message, help) = if let Some(minor) = minor.filter(|minor| supported.contains(minor)) {
            (format!("{} is a single release of Python", quote(text)), format!("name its minor series: `{minor}`"))
        } else {
            let message = match text.parse::<PythonVersion>() {
                Ok(_) => format!("Python {} is not supported", quote(text)),
                Err(_) => format!("{} is not a version of Python", quote(text)),
            };
            (message, format!("supported are {}", supported.join(", ")))
        };
        self.report(&node.span, message, help);
        None
    }
}

/// The name by which an index knows a package (PEP 503); `None` where it is no name.
pub(crate) fn normalised(name: &str) -> Option<String> {
    // The parser lets nothing at all pass for a name.
    Some(name.parse::<PackageName>().ok()?.to_string()).filter(|name| !name.is_empty())
}

/// Whether `import NAME` is Python.
pub(crate) fn is_module(name: &str) -> bool {
    name.split('.').all(|part| {
        part.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && part.chars().all(|rest| rest.is_alphanumeric() || rest == '_')
    })
}

/// The range of the minor series a version belongs to: `>=1.20,<1.21` for `1.20` and for `1.20.3`.
fn series(version: &Version) -> String {
    match *version.release() {
        [major, minor, ..] => format!(">={major}.{minor},<{major}.{}", minor.saturating_add(1)),
        [major] => format!(">={major},<{}", major.saturating_add(1)),
        [] => format!(">={version}"),
    }
}
