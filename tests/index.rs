//! The package index client against an index on this machine.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::{collections::BTreeMap, path::Path};

use skew::{
    index::{File, Index, IndexError, Project, Surroundings},
    matrix::{
        Axis, AxisVersion, AxisVersions, Dependencies, DockerSettings, EngineChoice, Every, KubernetesSettings, Limits, Matrix, Place,
        PythonChoice, Tolerances,
    },
};
use support::{index::IndexServer, wheels::Wheel};

fn index_at(url: &str, cache: &Path, offline: bool) -> Index {
    let variables = [("UV_DEFAULT_INDEX".to_owned(), url.to_owned())].into();
    Index::new(&Surroundings { variables, root: cache.join("no-root") }, cache, offline).unwrap()
}

fn alpha() -> Wheel {
    Wheel::new("alpha", "1.0").file("alpha/__init__.py", "x = 1\n").requires("beta>=1").requires_python(">=3.8")
}

fn only_file(project: &Project) -> File {
    project.releases.values().next().unwrap().files[0].clone()
}

#[tokio::test]
async fn a_project_lists_its_releases_with_their_files() {
    let server = IndexServer::start([alpha().uploaded("2024-05-06T07:08:09Z"), Wheel::new("alpha", "0.9")]);
    let cache = tempfile::tempdir().unwrap();
    let project = index_at(&server.url(), cache.path(), false).project("alpha").await.unwrap();
    let versions: Vec<_> = project.releases.keys().map(ToString::to_string).collect();
    assert_eq!(versions, ["0.9", "1.0"]);
    let release = &project.releases[&"1.0".parse().unwrap()];
    assert_eq!(release.first_upload().unwrap().to_string(), "2024-05-06T07:08:09Z");
    assert_eq!(release.files[0].requires_python.as_ref().unwrap().to_string(), ">=3.8");
    assert!(release.files[0].has_metadata);
}

#[tokio::test]
async fn metadata_is_the_same_from_beside_the_wheel_and_from_within_it() {
    let beside = IndexServer::start([alpha()]);
    let within = IndexServer::start([alpha()]);
    within.without_metadata();
    let whole = IndexServer::start([alpha()]);
    whole.without_metadata();
    whole.without_ranges();
    let mut answers = Vec::new();
    for server in [&beside, &within, &whole] {
        let cache = tempfile::tempdir().unwrap();
        let index = index_at(&server.url(), cache.path(), false);
        let file = only_file(&index.project("alpha").await.unwrap());
        answers.push(index.metadata(&file).await.unwrap());
        // The second time it is not asked for.
        let asked = server.requests().len();
        index.metadata(&file).await.unwrap();
        assert_eq!(server.requests().len(), asked);
    }
    assert_eq!(answers[0].requires_dist[0].to_string(), "beta>=1");
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    assert!(beside.requests().last().unwrap().path.ends_with(".whl.metadata"));
    assert_eq!(within.requests().last().unwrap().status, 206);
}

#[tokio::test]
async fn one_wheel_may_be_asked_about_many_times_at_once() {
    let server = IndexServer::start([alpha()]);
    let cache = tempfile::tempdir().unwrap();
    let index = index_at(&server.url(), cache.path(), false);
    let file = only_file(&index.project("alpha").await.unwrap());
    for answer in futures_util::future::join_all((0..20).map(|_| index.metadata(&file))).await {
        answer.unwrap();
    }
}

#[tokio::test]
async fn a_page_is_believed_for_minutes_and_then_asked_for_again() {
    let server = IndexServer::start([alpha()]);
    let cache = tempfile::tempdir().unwrap();
    let index = index_at(&server.url(), cache.path(), false);
    index.project("alpha").await.unwrap();
    index.project("alpha").await.unwrap();
    assert_eq!(server.requests().len(), 1);
    age(cache.path());
    index.project("alpha").await.unwrap();
    assert_eq!(server.requests().last().unwrap().status, 304);
    index.project("alpha").await.unwrap();
    assert_eq!(server.requests().len(), 2, "an unchanged page is fresh again");
    age(cache.path());
    server.add(Wheel::new("alpha", "2.0"));
    assert_eq!(index.project("alpha").await.unwrap().releases.len(), 2);
}

/// Makes every stored page an old one.
fn age(cache: &Path) {
    let folders = std::fs::read_dir(cache.join("index")).unwrap().map(|entry| entry.unwrap().path());
    for page in folders.flat_map(|folder| std::fs::read_dir(folder).unwrap()) {
        let path = page.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let start = text.find("\"fetched\":\"").unwrap() + 11;
        std::fs::write(&path, format!("{}2001{}", &text[..start], &text[start + 4..])).unwrap();
    }
}

#[tokio::test]
async fn offline_the_cache_answers_whatever_its_age() {
    let cache = tempfile::tempdir().unwrap();
    let server = IndexServer::start([alpha()]);
    let url = server.url();
    index_at(&url, cache.path(), false).project("alpha").await.unwrap();
    drop(server);
    age(cache.path());
    let offline = index_at(&url, cache.path(), true);
    let project = offline.project("alpha").await.unwrap();
    let error = offline.project("beta").await.unwrap_err();
    assert!(matches!(&error, IndexError::Offline { what } if what.contains("beta")), "{error}");
    assert!(matches!(offline.metadata(&only_file(&project)).await, Err(IndexError::Offline { .. })));
}

#[tokio::test]
async fn two_failures_are_survived_and_three_are_trouble_of_the_infrastructure() {
    let server = IndexServer::start([alpha()]);
    let cache = tempfile::tempdir().unwrap();
    let index = index_at(&server.url(), cache.path(), false);
    server.fail_with(503, 1);
    server.drop_connections(1);
    index.project("alpha").await.unwrap();
    server.fail_with(503, 3);
    let error = index.project("beta").await.unwrap_err();
    assert!(matches!(&error, IndexError::Unreachable { message, .. } if message.contains("503")), "{error}");
    assert!(!error.is_configuration());
}

#[tokio::test]
async fn an_unknown_package_and_an_index_without_json_are_the_users_to_mend() {
    let server = IndexServer::start([alpha()]);
    let cache = tempfile::tempdir().unwrap();
    let index = index_at(&server.url(), cache.path(), false);
    let unknown = index.project("beta").await.unwrap_err();
    assert!(matches!(unknown, IndexError::NotFound { .. }) && unknown.is_configuration(), "{unknown}");
    server.html_only();
    let html = index.project("alpha").await.unwrap_err();
    assert!(matches!(html, IndexError::HtmlOnly { .. }) && html.is_configuration(), "{html}");
}

#[tokio::test]
async fn a_download_is_checked_against_its_digest() {
    let server = IndexServer::start([alpha()]);
    let cache = tempfile::tempdir().unwrap();
    let index = index_at(&server.url(), cache.path(), false);
    let file = only_file(&index.project("alpha").await.unwrap());
    assert_eq!(index.download(&file).await.unwrap(), alpha().bytes());
    server.corrupt_files();
    let error = index.download(&file).await.unwrap_err();
    assert!(matches!(error, IndexError::Hash { .. }), "{error}");
}

#[tokio::test]
async fn credentials_reach_the_index_and_nobody_else() {
    let server = IndexServer::start([alpha()]);
    let cache = tempfile::tempdir().unwrap();
    let index = index_at(&server.url_with("me:hunter2"), cache.path(), false);
    let file = only_file(&index.project("alpha").await.unwrap());
    index.metadata(&file).await.unwrap();
    let all_authorized = server.requests().iter().all(|seen| seen.authorization.as_deref() == Some("Basic bWU6aHVudGVyMg=="));
    assert!(all_authorized, "{:?}", server.requests());
    server.fail_with(500, 3);
    let error = index.project("beta").await.unwrap_err();
    let shown = format!("{error} {error:?} {index:?} {file:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    let stored =
        std::fs::read_dir(cache.path().join("index")).unwrap().flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    let leaked = stored.map(|page| std::fs::read(page.unwrap().path()).unwrap()).any(|page| page.windows(7).any(|part| part == b"hunter2"));
    assert!(!leaked);
}

#[tokio::test]
async fn a_plan_is_made_from_what_the_index_says() {
    let server = IndexServer::start([
        Wheel::new("alpha", "1.0").uploaded("2020-01-01T00:00:00Z"),
        Wheel::new("alpha", "2.0").uploaded("2025-01-01T00:00:00Z").requires_python(">=3.11"),
        Wheel::new("beta", "1.0").requires("alpha<2").uploaded("2021-01-01T00:00:00Z").requires_python("<3.12"),
    ]);
    let cache = tempfile::tempdir().unwrap();
    let index = index_at(&server.url(), cache.path(), false);
    let plan = skew::plan::make(&matrix("today"), &index, "x86_64", &[]).await.unwrap();
    let cells: Vec<_> = plan.cells.iter().map(|cell| format!("{} {} {}", cell.id, cell.python, cell.declared)).collect();
    assert_eq!(cells, ["alpha-1.0+beta-1.0 3.11 true", "alpha-2.0+beta-1.0 3.11 false"]);
    let plan = skew::plan::make(&matrix("release"), &index, "x86_64", &[]).await.unwrap();
    assert_eq!(plan.cells[1].cutoff.unwrap().to_string(), "2021-01-06T00:00:00Z");
    server.without_upload_times();
    let cache = tempfile::tempdir().unwrap();
    let error = skew::plan::make(&matrix("release"), &index_at(&server.url(), cache.path(), false), "x86_64", &[]).await.unwrap_err();
    assert!(error.to_string().contains("dependencies: today"), "{error}");
}

/// `alpha: ">=1"`, `beta: [1.0]`.
fn matrix(dependencies: &str) -> Matrix {
    let axis = |name: &str, versions| Axis {
        name: name.to_owned(),
        package: name.to_owned(),
        import: name.to_owned(),
        versions,
        unreleased: Vec::new(),
        every: Every::default(),
        pre: false,
        yanked: false,
        place: Place::default(),
        version_places: Vec::new(),
    };
    Matrix {
        source: String::new(),
        path: "matrix.yaml".into(),
        axes: vec![
            axis("alpha", AxisVersions::Range(">=1".parse().unwrap())),
            axis("beta", AxisVersions::List(vec![AxisVersion::Release("1.0".parse().unwrap())])),
        ],
        python: PythonChoice::Auto,
        dependencies: if dependencies == "today" { Dependencies::Today } else { Dependencies::Release },
        baseline: None,
        exclude: Vec::new(),
        include: Vec::new(),
        cells: None,
        scenarios: Vec::new(),
        tolerance: Tolerances::default(),
        repeats: 1,
        limits: Limits::default(),
        engine: EngineChoice::default(),
        docker: DockerSettings::default(),
        kubernetes: KubernetesSettings::default(),
        env: BTreeMap::new(),
        max_age: None,
        keep_runs: 1,
        cache: skew::matrix::CacheLimits::default(),
    }
}
