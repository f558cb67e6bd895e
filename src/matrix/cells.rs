//! Combinations of versions: `baseline`, `exclude`, `include`, `cells`.

use pep440_rs::{Version, VersionSpecifier, VersionSpecifiers};

use super::{
    Axis, AxisVersion, AxisVersions, CellEntry, Dependencies, Exclude, ExcludeRange,
    check::{Checker, did_you_mean, quote},
    tree::{Entry, Node, Value},
};

impl Checker<'_> {
    /// The key `baseline`. `extra` are the cells that the file names itself; their versions need not be on an axis.
    pub(super) fn baseline(&mut self, node: &Node, axes: &[Axis], extra: &[CellEntry]) -> Option<CellEntry> {
        let entry = self.cell(node, "`baseline`", axes)?;
        self.on_axes(node, &entry, axes, extra);
        Some(entry)
    }

    /// The key `include`: may name versions that are on no axis.
    pub(super) fn include(&mut self, node: &Node, axes: &[Axis]) -> Vec<CellEntry> {
        let items = self.list_or_empty(node, "`include`", &format!("`include: [{}]`", example(axes)));
        self.entries(items, "the entry of `include`", axes).into_iter().map(|(_, entry)| entry).collect()
    }

    /// The key `cells`.
    pub(super) fn cells(&mut self, node: &Node, axes: &[Axis]) -> Vec<CellEntry> {
        let help = format!("`cells: [{}]`", example(axes));
        let Some(items) = self.list(node, "`cells`", &help) else { return Vec::new() };
        if items.is_empty() {
            self.report(&node.span, "`cells` names no cell", "leave the key out to run the whole product");
        }
        let entries = self.entries(items, "the entry of `cells`", axes);
        for (node, entry) in &entries {
            self.on_axes(node, entry, axes, &[]);
        }
        entries.into_iter().map(|(_, entry)| entry).collect()
    }

    fn entries<'n>(&mut self, items: &'n [Node], what: &str, axes: &[Axis]) -> Vec<(&'n Node, CellEntry)> {
        let mut entries: Vec<(&Node, CellEntry)> = Vec::new();
        for item in items {
            let Some(entry) = self.cell(item, what, axes) else { continue };
            let same = |(_, other): &&(&Node, CellEntry)| {
                (&other.versions, other.python, other.dependencies) == (&entry.versions, entry.python, entry.dependencies)
            };
            if let Some((_, first)) = entries.iter().find(same) {
                let help = format!("the first one stands on line {}", first.place.line);
                self.report(&item.span, "the same cell appears twice", help);
            } else {
                entries.push((item, entry));
            }
        }
        entries
    }

    /// An exact version for every axis, and perhaps `python` and `dependencies`.
    fn cell(&mut self, node: &Node, what: &str, axes: &[Axis]) -> Option<CellEntry> {
        let entries = self.map(node, what, &format!("a version for each axis: `{}`", example(axes)))?;
        self.axis_keys(entries, axes, &["python", "dependencies"]);
        let key = |name: &str| entries.iter().find(|entry| entry.key == name).map(|entry| &entry.value);
        let mut versions = Vec::new();
        for axis in axes {
            if let Some(value) = key(&axis.name) {
                versions.extend(self.version(value, "name a single version here"));
            } else {
                let help = format!("add `{}: VERSION`, or `{}: none` for not installed", axis.name, axis.name);
                self.report(&node.span, format!("{what} names no version of {}", quote(&axis.name)), help);
            }
        }
        let python = key("python").and_then(|value| self.python_version(value));
        let dependencies = key("dependencies").and_then(|value| self.dependencies(value));
        (versions.len() == axes.len()).then(|| CellEntry { versions, python, dependencies, place: self.place(&node.span) })
    }

    /// Reports keys that are neither an axis nor among `others`.
    fn axis_keys(&mut self, entries: &[Entry], axes: &[Axis], others: &[&str]) {
        let known: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).chain(others.iter().copied()).collect();
        self.known_keys(entries, &known);
    }

    /// Reports versions that neither their axis nor a cell of `extra` has. Which releases of a range there are is not known
    /// here; that one lies outside the range is.
    fn on_axes(&mut self, node: &Node, entry: &CellEntry, axes: &[Axis], extra: &[CellEntry]) {
        let Value::Map(values) = &node.value else { return };
        for (index, (axis, version)) in axes.iter().zip(&entry.versions).enumerate() {
            let on_axis = !axis.unreleased.is_empty()
                || match &axis.versions {
                    // An axis without versions has a problem of its own.
                    AxisVersions::List(list) => list.is_empty() || list.contains(version),
                    AxisVersions::Range(range) => version.release().is_none_or(|release| range.contains(release)),
                };
            if on_axis || extra.iter().any(|cell| cell.versions.get(index) == Some(version)) {
                continue;
            }
            let Some(value) = values.iter().find(|value| value.key == axis.name) else { continue };
            let help = match &axis.versions {
                AxisVersions::Range(range) => format!("the axis is `{range}`; cells outside it are named under `include`"),
                AxisVersions::List(list) => nearest(version, list).map_or_else(
                    || "add it to the axis".to_owned(),
                    |near| format!("the nearest on the axis is `{near}`; add `{version}` there if it is meant"),
                ),
            };
            self.report(&value.value.span, format!("{} is not on the axis {}", quote(version), quote(&axis.name)), help);
        }
    }

    /// The key `exclude`.
    pub(super) fn exclude(&mut self, node: &Node, axes: &[Axis]) -> Vec<Exclude> {
        let help = "`exclude: [{PACKAGE: \">=2\", reason: \"why\"}]`";
        let items = self.list_or_empty(node, "`exclude`", help);
        items.iter().filter_map(|item| self.exclusion(item, axes)).collect()
    }

    fn exclusion(&mut self, node: &Node, axes: &[Axis]) -> Option<Exclude> {
        let entries = self.map(node, "the entry of `exclude`", "a range for one axis or more, and a `reason`")?;
        self.axis_keys(entries, axes, &["python", "reason"]);
        let mut exclude = Exclude { ranges: Vec::new(), python: None, reason: None, place: self.place(&node.span) };
        let mut conditions = 0;
        for Entry { key, value, .. } in entries {
            if key == "reason" {
                exclude.reason = self.text(value, "`reason`", "a sentence").map(str::to_owned);
            } else if key == "python" {
                conditions += 1;
                exclude.python = self.python_range(value);
            } else {
                conditions += 1;
                if let Some(index) = axes.iter().position(|axis| axis.name == *key) {
                    exclude.ranges.extend(self.exclude_range(value, key).map(|range| (index, range)));
                }
            }
        }
        if conditions == 0 {
            self.report(&node.span, "this would exclude every cell", "name the axis it is about");
        }
        Some(exclude)
    }

    fn exclude_range(&mut self, node: &Node, axis: &str) -> Option<ExcludeRange> {
        let text = self.text(node, &format!("the axis {}", quote(axis)), "a version, a range or `none`; several need an entry each")?;
        if text == "none" {
            return Some(ExcludeRange::None);
        }
        if let Ok(version) = text.parse::<Version>() {
            return Some(ExcludeRange::Specifiers(VersionSpecifier::equals_version(version).into()));
        }
        self.range(node, text).map(ExcludeRange::Specifiers)
    }

    fn python_range(&mut self, node: &Node) -> Option<VersionSpecifiers> {
        let text = self.text(node, "`python`", "a version or a range, such as `\"<3.9\"`")?;
        if text.parse::<Version>().is_ok() {
            let python = self.python_version(node)?;
            let version = Version::new([u64::from(python.major), u64::from(python.minor)]);
            return Some(VersionSpecifier::equals_version(version).into());
        }
        let range = self.range(node, text)?;
        if range.iter().any(|specifier| specifier.version().release().len() > 2) {
            self.report(
                &node.span,
                format!("{} names a single release of Python", quote(text)),
                "cells know its minor series, such as `3.11`",
            );
            return None;
        }
        Some(range)
    }

    /// The key `dependencies`, of the file or of a cell.
    pub(super) fn dependencies(&mut self, node: &Node) -> Option<Dependencies> {
        let help = "it is `release`, `today` or a date such as `2024-01-31`";
        let text = self.text(node, "`dependencies`", help)?;
        match text {
            "release" => Some(Dependencies::Release),
            "today" => Some(Dependencies::Today),
            date => {
                // Only the plain form: a date with a time would look more exact than it is.
                let parsed = date.parse::<jiff::civil::Date>().ok().filter(|parsed| parsed.to_string() == date);
                if parsed.is_none() {
                    let help = did_you_mean(date, &["release", "today"]).unwrap_or_else(|| help.to_owned());
                    self.report(&node.span, format!("`dependencies` can't be {}", quote(date)), help);
                }
                parsed.map(Dependencies::Date)
            }
        }
    }
}

/// A cell as it could be written.
fn example(axes: &[Axis]) -> String {
    let versions: Vec<String> = axes.iter().map(|axis| format!("{}: VERSION", axis.name)).collect();
    format!("{{{}}}", versions.join(", "))
}

/// The release on the list that differs least, counted by the first number that differs.
fn nearest<'a>(version: &AxisVersion, list: &'a [AxisVersion]) -> Option<&'a AxisVersion> {
    let wanted = version.release()?;
    let distance = |candidate: &AxisVersion| {
        let candidate = candidate.release()?;
        let (left, right) = (wanted.release(), candidate.release());
        let number = |release: &[u64], index: usize| release.get(index).copied().unwrap_or(0);
        Some((0..left.len().max(right.len())).map(|index| number(left, index).abs_diff(number(right, index))).collect::<Vec<_>>())
    };
    list.iter().filter(|candidate| candidate.release().is_some()).min_by_key(|candidate| distance(candidate))
}
