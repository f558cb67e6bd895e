//! A static site of a report: the report itself, its machine-readable forms, and a page for each release of each axis
//! ("readiness of numpy 2.4.6").
//!
//! Pages are plain HTML with one style, allowed by its hash and nothing else; text is only ever inserted as text.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use askama::Template;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use flate2::{Compression, write::GzEncoder};
use ring::digest::{SHA256, digest};

use super::{
    Cell, Layout, Mark, Results, State, atom, badge, caption,
    changes::{self, Change},
    csv, html, json, svg,
    text::{self, visible},
};
use crate::parallel;

/// Changes that a page lists at most.
const CHANGES: usize = 40;

/// One file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name; all files are in one folder.
    pub name: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// What is written, packed by gzip, without a date in it, so that the same content gives the same bytes.
fn packed(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    // Writing into memory cannot fail.
    let _ = write(&mut out);
    out.finish().unwrap_or_default()
}

/// Renders every file of the site. `address` is where it will be published.
pub fn files(results: &Results, address: Option<&str>) -> Vec<File> {
    /// The name of a file, and what makes its content.
    type Made<'a> = (String, Box<dyn FnOnce() -> Vec<u8> + Send + 'a>);

    let (layout, style, changes) = (Layout::new(results), Style::new(), changes::changes(results));
    let (layout, style, changes) = (&layout, &style, &changes[..]);
    let mut files: Vec<Made<'_>> = vec![
        ("index.html".to_owned(), Box::new(|| html::render(results, &html::Options::default()).into_bytes())),
        ("releases.html".to_owned(), Box::new(|| overview(results, layout, style).into_bytes())),
        // The long forms of a large matrix take a hundred times what they take packed.
        ("results.json.gz".to_owned(), Box::new(|| packed(|out| json::write(results, out)))),
        ("results.csv.gz".to_owned(), Box::new(|| packed(|out| csv::write(results, out)))),
        ("compat.svg".to_owned(), Box::new(|| svg::render(results).into_bytes())),
        ("badge.json".to_owned(), Box::new(|| badge::render(results).into_bytes())),
        ("feed.atom".to_owned(), Box::new(|| atom::render(results, address).into_bytes())),
        // Pages would otherwise leave out whatever its own generator does not know.
        (".nojekyll".to_owned(), Box::new(Vec::new)),
    ];
    for axis in 0..results.axes.len() {
        let Some(dimension) = layout.dimensions.get(axis) else { continue };
        let releases: Vec<usize> = (0..dimension.labels.len()).filter(|release| dimension.labels[*release] != "none").collect();
        for (place, release) in releases.iter().enumerate() {
            let neighbour = |place: Option<usize>| place.and_then(|place| releases.get(place)).map(|release| link(layout, axis, *release));
            let (release, neighbours) = (*release, (neighbour(place.checked_sub(1)), neighbour(Some(place + 1))));
            let page = move || release_page(results, layout, style, changes, (axis, release), neighbours).into_bytes();
            files.push((page_name(layout, axis, release), Box::new(page)));
        }
    }
    parallel::map(files, |(name, make)| File { name, content: make() })
}

/// The style of every page, and its hash for the content security policy.
struct Style {
    css: String,
    hash: String,
}

impl Style {
    fn new() -> Self {
        let mut css = include_str!("../../templates/site.css").trim_end().to_owned();
        for (open, close, dark) in [("", "", false), ("@media (prefers-color-scheme: dark) {", "}", true)] {
            let _ = write!(css, "\n{open}");
            for mark in Mark::ALL {
                let look = mark.look();
                let colors = if dark { look.dark } else { look.light };
                let _ = write!(css, "\n.{} {{ background: {}; color: {} }}", look.key, colors.background, colors.text);
            }
            css.push_str(close);
        }
        let hash = format!("sha256-{}", BASE64_STANDARD.encode(digest(&SHA256, css.as_bytes())));
        Self { css, hash }
    }
}

/// A link to a page of this site.
struct Link {
    href: String,
    label: String,
}

fn link(layout: &Layout, axis: usize, release: usize) -> Link {
    Link { href: page_name(layout, axis, release), label: visible(&label(layout, axis, release)) }
}

/// `numpy 2.4.6`.
fn label(layout: &Layout, axis: usize, release: usize) -> String {
    let dimension = layout.dimensions.get(axis);
    let release = dimension.and_then(|dimension| dimension.labels.get(release)).map_or("", String::as_str);
    format!("{} {release}", dimension.map_or("", |dimension| &dimension.name))
}

/// `numpy-2.4.6.html`, of characters that need no escape in a path or an address.
fn page_name(layout: &Layout, axis: usize, release: usize) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() || ".-_".contains(character) { character } else { '_' };
    let name: String = label(layout, axis, release).replace(' ', "-").chars().map(plain).collect();
    format!("{name}.html")
}

/// What a cell shows.
struct Chip {
    key: &'static str,
    sign: String,
    words: String,
}

fn chip(mark: Mark, count: u64) -> Chip {
    let look = mark.look();
    let words = if look.counted { format!("{count} {}", look.name) } else { look.name.to_owned() };
    Chip { key: look.key, sign: look.symbol.to_owned(), words }
}

/// The list of all releases.
#[derive(Template)]
#[template(path = "releases.html")]
struct Overview<'a> {
    style: &'a Style,
    title: String,
    incomplete: bool,
    lead: String,
    picture: String,
    axes: Vec<AxisReleases>,
    footer: String,
}

/// The releases of an axis, and how many of their combinations show what.
struct AxisReleases {
    name: String,
    releases: Vec<(Link, Vec<Chip>)>,
}

fn overview(results: &Results, layout: &Layout, style: &Style) -> String {
    let axes = results.axes.iter().enumerate().filter_map(|(axis, named)| {
        let labels = &layout.dimensions.get(axis)?.labels;
        let releases = (0..labels.len()).filter(|release| labels[*release] != "none").map(|release| {
            let cells = members(results, layout, axis, release);
            let mut tally: Vec<(Mark, u64)> = Vec::new();
            for mark in Mark::LEGEND {
                let count = cells.iter().filter(|cell| Mark::of(&results.cells[**cell]).0 == mark).count() as u64;
                if count > 0 {
                    tally.push((mark, count));
                }
            }
            let chips = tally.into_iter().map(|(mark, count)| Chip { words: format!("{count} {}", mark.look().name), ..chip(mark, count) });
            (link(layout, axis, release), chips.collect())
        });
        Some(AxisReleases { name: visible(&named.name), releases: releases.collect() })
    });
    let page = Overview {
        style,
        title: visible(&format!("Compatibility of {}", caption::title(results))),
        incomplete: !results.run.complete,
        lead: visible(&format!("{}.", caption::tally_words(results))),
        picture: visible(&format!("Table: {}", caption::tally_words(results))),
        axes: axes.collect(),
        footer: footer(results),
    };
    // Writing into memory cannot fail, and the template has no filter of its own that could.
    page.render().unwrap_or_default()
}

/// A page about one release.
#[derive(Template)]
#[template(path = "release.html")]
struct Release<'a> {
    style: &'a Style,
    name: String,
    incomplete: bool,
    lead: String,
    others: Vec<String>,
    rows: Vec<Row>,
    faults: Vec<String>,
    changes: Vec<Item>,
    further: usize,
    previous: Option<Link>,
    next: Option<Link>,
    footer: String,
}

/// A combination that the release is part of.
struct Row {
    href: String,
    versions: Vec<String>,
    chip: Chip,
    class: String,
    declared: &'static str,
    python: String,
    note: String,
}

/// Something that is different from the baseline.
struct Item {
    chip: Chip,
    subject: String,
    place: String,
    effect: String,
}

fn release_page(
    results: &Results,
    layout: &Layout,
    style: &Style,
    changes: &[Change<'_>],
    (axis, release): (usize, usize),
    (previous, next): (Option<Link>, Option<Link>),
) -> String {
    let cells = members(results, layout, axis, release);
    let others: Vec<&str> =
        results.axes.iter().enumerate().filter(|(other, _)| *other != axis).map(|(_, named)| named.name.as_str()).collect();
    let row = |cell: &usize| {
        let shown = &results.cells[*cell];
        let (mark, count) = Mark::of(shown);
        let suffix = layout.suffixes.get(*cell).map_or("", String::as_str);
        let mut versions: Vec<String> = others.iter().map(|name| visible(shown.axes.get(*name).map_or("none", String::as_str))).collect();
        if versions.is_empty() {
            versions.push(visible(&shown.id));
        }
        if let Some(last) = versions.last_mut().filter(|_| !suffix.is_empty()) {
            let _ = write!(last, " +{}", visible(suffix));
        }
        Row {
            href: format!("index.html#/cell/{}", visible(&shown.id)),
            versions,
            chip: chip(mark, count),
            class: visible(shown.class.as_deref().unwrap_or("")),
            declared: if shown.declared { "allowed" } else { "forbidden" },
            python: visible(&shown.python),
            note: visible(&note(results, shown)),
        }
    };
    // Both are in plan order.
    let within = |those: &[usize]| cells.iter().copied().filter(|cell| those.binary_search(cell).is_ok()).collect::<Vec<_>>();
    let mut here = changes.iter().map(|change| (change, within(&change.cells))).filter(|(_, cells)| !cells.is_empty());
    let item = |(change, cells): (&Change<'_>, Vec<usize>)| {
        let look = Mark::from(change.verdict).look();
        let silent = if change.silent { "silently " } else { "" };
        let example = change.example.as_ref().map(|example| format!(": {example}")).unwrap_or_default();
        Item {
            chip: Chip { key: look.key, sign: look.symbol.to_owned(), words: format!("{silent}{}", look.key) },
            subject: visible(&change.subject()),
            place: visible(&layout.words(&cells, &within(&change.among))),
            effect: visible(&text::fit(&format!("{}{example}", change.effect), 300, "…")),
        }
    };
    let shown: Vec<Item> = here.by_ref().take(CHANGES).map(item).collect();
    let further = here.count();
    let version = layout.dimensions.get(axis).and_then(|dimension| dimension.labels.get(release)).map_or("", String::as_str);
    let named = results.axes.get(axis).map_or("", |named| named.name.as_str());
    let touches = |fault: &&super::FaultLine| fault.axis == named && (fault.from == version || fault.to == version);
    let faults = results.fault_lines.iter().filter(touches).map(|fault| {
        let verb = if fault.observations == 1 { "changes" } else { "change" };
        let also = if fault.also.is_empty() { String::new() } else { format!("; there too: {}", fault.also.join(", ")) };
        let (observations, scenarios) = (text::count(fault.observations, "observation"), text::count(fault.scenarios, "scenario"));
        visible(&format!("Between {} and {}: {observations} in {scenarios} {verb}{also}.", fault.from, fault.to))
    });
    let name = label(layout, axis, release);
    let page = Release {
        style,
        name: visible(&name),
        incomplete: cells.iter().any(|cell| matches!(results.cells[*cell].state, State::Infra | State::NotRun)),
        lead: visible(&lead(results, &name, &cells)),
        others: others.iter().map(|name| visible(name)).collect(),
        rows: cells.iter().map(row).collect(),
        faults: faults.collect(),
        changes: shown,
        further,
        previous,
        next,
        footer: footer(results),
    };
    // Writing into memory cannot fail, and the template has no filter of its own that could.
    page.render().unwrap_or_default()
}

/// Indices of the cells that a release is part of, in plan order.
fn members(results: &Results, layout: &Layout, axis: usize, release: usize) -> Vec<usize> {
    let part_of = |cell: &usize| layout.coordinates.get(*cell).and_then(|place| place.get(axis)) == Some(&release);
    (0..results.cells.len()).filter(part_of).collect()
}

/// What became of a release's combinations, in words.
fn lead(results: &Results, name: &str, cells: &[usize]) -> String {
    let shown = |mark: &Mark| cells.iter().filter(|cell| Mark::of(&results.cells[**cell]).0 == *mark).count();
    let tally = Mark::LEGEND.iter().map(|mark| (shown(mark), mark.look().name)).filter(|(count, _)| *count > 0);
    let tally: Vec<String> = tally.map(|(count, name)| format!("{count} {name}")).collect();
    let alike = match shown(&Mark::Same) + shown(&Mark::Close) {
        0 => "None behaves".to_owned(),
        1 => "One behaves".to_owned(),
        several => format!("{several} behave"),
    };
    let (combinations, baseline) = (text::count(cells.len() as u64, "combination"), caption::baseline(results));
    format!("{name} is part of {combinations}: {}. {alike} like the baseline, {baseline}.", tally.join(", "))
}

/// What there is to say of a cell beside its mark.
fn note(results: &Results, cell: &Cell) -> String {
    if cell.id == results.baseline {
        return "the baseline".to_owned();
    }
    if cell.state != State::Ran {
        return text::fit(changes::headline(cell).unwrap_or_default(), 200, "…");
    }
    if cell.counts.silent > 0 { text::count(cell.counts.silent, "silent change") } else { String::new() }
}

fn footer(results: &Results) -> String {
    let (baseline, extent, date) = (caption::baseline(results), caption::extent(results), caption::date(results));
    visible(&format!("Baseline {baseline}; {extent}; run of {date} on {}; skew {}.", results.run.engine, results.run.skew))
}
