//! What is asked of a cluster, what its pods tell, and what is read in their logs; no cluster is needed.

use std::{
    collections::BTreeMap,
    io::Write as _,
    process::{Command, Stdio},
    time::Duration,
};

use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{ConfigMap, Pod, Secret},
    networking::v1::NetworkPolicy,
};
use kube::api::DynamicObject;
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    log::{Decoder, End, Trouble},
    manifest::{Common, Nodes},
    manifests,
    pods::Seen,
    rights,
    wait::{Hindrance, hindered},
};
use crate::{
    ClusterCache, DockerSettings, Download, KubernetesSettings, Limits, Line, Mark, Phase, PhaseKind, PythonVersion, StoreFile, Toleration,
};

const POD: &str = include_str!("pod.py");

/// Both phases of a cell.
fn cell(job: &str) -> Phase {
    let execute = Phase {
        kind: PhaseKind::Execute,
        cell: "numpy-2.0.2+tensorflow-2.18.1".to_owned(),
        python: PythonVersion::new(3, 11),
        program: None,
        agent: "agent/0123/agent.py".to_owned(),
        job: job.to_owned(),
        env: BTreeMap::from([("OMP_NUM_THREADS".to_owned(), "1".to_owned()), ("MARK".to_owned(), "$(HOME)".to_owned())]),
        limits: Limits { memory: 2 << 30, ..Limits::default() },
        deadline: Duration::from_secs(5000),
        kin: "tensorflow 2.18.1".to_owned(),
        then: None,
        from: None,
    };
    Phase { kind: PhaseKind::Provision, job: r#"{"phase":"provision"}"#.to_owned(), then: Some(Box::new(execute.clone())), ..execute }
}

fn files() -> Vec<StoreFile> {
    let download = Download { url: "https://pypi.org/uv.whl".to_owned(), sha256: "00".to_owned(), member: "uv".to_owned() };
    let uv = StoreFile { download: Some(download), ..StoreFile::new("uv/1/uv".to_owned(), Vec::new(), true) };
    vec![uv, StoreFile::new("agent/0123/agent.py".to_owned(), b"print()".to_vec(), false)]
}

fn common(settings: KubernetesSettings) -> Common {
    let mut common = Common::new("20261125T000000Z-7", settings, "python:{python}-slim");
    common.index = BTreeMap::new();
    common.certificates = None;
    common
}

fn job(common: &Common, phase: &Phase, nodes: &Nodes) -> Value {
    let (_, files) = common.files(&files()).expect("small files");
    let letter = vec!["letter".to_owned()];
    common.job("skew-1", phase, phase.then.as_deref().expect("both"), &files, &letter, nodes).expect("a small job")
}

/// What a server of this kind would not know is lost on the way.
fn known<K: Serialize + DeserializeOwned>(manifest: &Value) -> Value {
    serde_json::to_value(serde_json::from_value::<K>(manifest.clone()).expect("of its kind")).expect("a value")
}

#[test]
fn the_job_of_a_cell_is_this() {
    let mut manifest = job(&common(KubernetesSettings::default()), &cell("{}"), &Nodes::default());
    for (container, kind) in [("initContainers", "provision"), ("containers", "execute")] {
        assert_eq!(manifest["spec"]["template"]["spec"][container][0]["name"], kind);
    }
    // The names of content.
    manifest["spec"]["template"]["spec"]["volumes"][3]["projected"]["sources"] = json!("the files");
    insta::assert_yaml_snapshot!(manifest);
}

#[test]
fn a_server_knows_every_field_that_is_asked_for() {
    let caches = [ClusterCache::None, ClusterCache::Claim("claim".to_owned()), ClusterCache::Node("/var/cache/skew".to_owned())];
    for cache in caches {
        let settings = KubernetesSettings {
            cache,
            node_selector: BTreeMap::from([("pool".to_owned(), "tests".to_owned())]),
            tolerations: vec![Toleration { operator: "Exists", effect: Some("NoSchedule"), ..Toleration::default() }],
            pull_secrets: vec!["registry".to_owned()],
            ..KubernetesSettings::default()
        };
        let common = common(settings);
        let nodes = Nodes { near: Some("a".to_owned()), lost: vec!["b".to_owned(), "c".to_owned()] };
        let manifest = job(&common, &cell("{}"), &nodes);
        assert_eq!(known::<Job>(&manifest), manifest);
        let probe = common.probe("skew-2", PythonVersion::new(3, 11), "execute", "print()");
        assert_eq!(known::<Pod>(&probe), probe);
    }
    let common = common(KubernetesSettings::default());
    assert_eq!(known::<NetworkPolicy>(&common.policy()), common.policy());
    assert_eq!(known::<Secret>(&common.secret()), common.secret());
    for map in common.files(&files()).expect("small files").0 {
        assert_eq!(known::<ConfigMap>(&map), map);
    }
}

#[test]
fn another_run_recognises_a_job_that_does_the_same_and_no_other() {
    let (one, other) = (common(KubernetesSettings::default()), Common { run: "other".to_owned(), ..common(KubernetesSettings::default()) });
    let digest = |common: &Common, phase: &Phase| common.digest(phase, phase.then.as_deref().expect("both"));
    assert_eq!(digest(&one, &cell("{}")), digest(&other, &cell("{}")));
    assert_ne!(digest(&one, &cell("{}")), digest(&one, &cell("{ }")));
    let mut tight = cell("{}");
    tight.limits.memory = 1 << 30;
    assert_ne!(digest(&one, &cell("{}")), digest(&one, &tight));
}

#[test]
fn passwords_of_an_index_are_in_a_secret_and_nowhere_else() {
    let mut common = common(KubernetesSettings::default());
    common.index.insert("UV_DEFAULT_INDEX".to_owned(), "https://me:hush@index.example/simple".to_owned());
    let manifest = job(&common, &cell("{}"), &Nodes::default());
    assert!(!manifest.to_string().contains("hush"), "{manifest:#}");
    assert_eq!(manifest["spec"]["template"]["spec"]["initContainers"][0]["envFrom"][0]["secretRef"]["name"], common.base);
    assert!(common.secret().to_string().contains("hush"));
    assert_eq!(manifest["spec"]["template"]["spec"]["containers"][0].get("envFrom"), None);
}

#[test]
fn a_job_of_many_scenarios_is_divided_and_one_beyond_all_measure_refused() {
    // Noise, which cannot be packed.
    let mut noise = blake3::Hasher::new().finalize_xof();
    let mut bytes = vec![0; 2 << 20];
    noise.fill(&mut bytes);
    let text: String = bytes.iter().map(|byte| char::from(b'!' + byte % 90)).collect();
    let common = common(KubernetesSettings::default());
    let maps = common.letter(&text).expect("two mebibytes");
    assert!(maps.len() > 1 && maps.iter().all(|map| map.to_string().len() < 1_400_000), "{}", maps.len());
    let wheel = StoreFile::new("wheels/a.whl".to_owned(), bytes.repeat(20), false);
    let refused = common.files(&[wheel]).expect_err("40 MiB that cannot be packed").to_string();
    assert!(refused.contains("MiB, and objects of a cluster hold 32 at most"), "{refused}");
}

#[test]
fn cells_with_the_same_scenarios_share_what_holds_them() {
    let cells: Vec<Phase> = (0..10).map(|number| Phase { cell: format!("numpy-1.{number}"), ..cell("{}") }).collect();
    let documents = manifests(KubernetesSettings::default(), &DockerSettings::default(), &files(), &cells).expect("small");
    let count = |kind: &str| documents.iter().filter(|document| document["kind"] == kind).count();
    assert_eq!((count("Job"), count("ConfigMap"), count("NetworkPolicy")), (10, 2, 1));
}

#[test]
fn the_role_has_every_right_that_is_asked_about() {
    insta::assert_yaml_snapshot!(rights::role("tests", true));
}

/// What `pod.py` writes when an agent writes these pieces, to stdout or stderr, and ends with a code.
fn logged(pieces: &[(bool, Vec<u8>)], code: i64) -> Vec<u8> {
    let program = "import sys
source, pieces, code = eval(sys.stdin.read())
pod = {'__name__': 'pod'}
exec(compile(source, 'pod.py', 'exec'), pod)
log = pod['Log'](sys.stdout.buffer)
for err, piece in pieces:
    (log.stderr if err else log.stdout)(piece)
log.write(b'x', b'%d' % code)
sys.stdout.buffer.flush()";
    let told: Vec<String> = pieces.iter().map(|(err, piece)| format!("({}, bytes({piece:?}))", i32::from(*err))).collect();
    let input = format!("({}, [{}], {code})", json!(POD), told.join(", "));
    let mut python = Command::new("python3").args(["-c", program]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python3");
    python.stdin.take().expect("piped").write_all(input.as_bytes()).expect("written");
    let output = python.wait_with_output().expect("python3 ends");
    assert!(output.status.success());
    output.stdout
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    lines.pop();
    lines
}

fn texts(lines: &[Line]) -> Vec<Vec<u8>> {
    lines.iter().map(|line| line.text.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_an_agent_writes_is_read_from_the_log_wherever_reading_began_anew(
        pieces in prop::collection::vec((prop::bool::weighted(0.2), prop::collection::vec(prop_oneof![4 => b'a'..b'f', 1 => Just(b'\n'), 1 => any::<u8>()], 0..300), 1..200usize), 0..12),
        again in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        // A piece is repeated, so that some lines are long and can be packed.
        let pieces: Vec<(bool, Vec<u8>)> = pieces.into_iter().map(|(err, piece, times)| (err, piece.repeat(times))).collect();
        let log = lines(&logged(&pieces, 7));
        prop_assert!(log.iter().all(|line| line.len() < 16_000 && line.is_ascii()));
        let mut order: Vec<usize> = (0..log.len()).collect();
        for place in again {
            // From there on everything comes twice.
            let place = place.index(order.len());
            let from = order[place];
            order.splice(place..place, (0..from).rev().take(3).rev());
        }
        let mut decoder = Decoder::default();
        let mut told = Vec::new();
        for place in order {
            told.extend(decoder.take(&log[place], None).expect("whole"));
        }
        let whole: Vec<u8> = pieces.iter().filter(|(err, _)| !err).flat_map(|(_, piece)| piece.clone()).collect();
        prop_assert_eq!(texts(&told), lines(&whole));
        // Whoever begins at a line that was told hears it and what follows.
        for (number, line) in told.iter().enumerate().step_by(1 + told.len() / 8) {
            let mut decoder = Decoder::new(line.mark.as_ref());
            let rest: Vec<Line> = log.iter().flat_map(|line| decoder.take(line, None).expect("whole")).collect();
            prop_assert_eq!(texts(&rest), texts(&told[number..]));
        }
        prop_assert_eq!(decoder.end, Some(End { code: 7, oom_killed: false }));
        let errors: Vec<u8> = pieces.iter().filter(|(err, _)| *err).flat_map(|(_, piece)| piece.clone()).collect();
        let tail = String::from_utf8_lossy(&errors[errors.len().saturating_sub(64 << 10)..]).into_owned();
        prop_assert_eq!(decoder.stderr(), tail);
    }

    #[test]
    fn no_line_of_a_log_makes_the_reader_panic(lines in prop::collection::vec("([0-9]{1,2} (o|oz|oz\\+|ez|x) )?[ -~]{0,40}", 0..20)) {
        let mut decoder = Decoder::default();
        for line in lines {
            let _ = decoder.take(line.as_bytes(), None);
        }
    }
}

#[test]
fn a_line_that_is_missing_is_noticed() {
    let log = lines(&logged(&[(false, b"one\ntwo\nthree\n".to_vec())], 0));
    let mut decoder = Decoder::default();
    assert_eq!(texts(&decoder.take(&log[0], None).expect("the first")), [b"one".to_vec()]);
    assert!(matches!(decoder.take(&log[2], None), Err(Trouble::Gap(1, 2))));
    let late = Mark { number: 1, written: None };
    assert!(matches!(Decoder::new(Some(&late)).take(&log[2], None), Err(Trouble::Gap(1, 2))));
}

#[test]
fn what_has_no_number_is_kept_for_people() {
    let mut decoder = Decoder::default();
    assert!(decoder.take(b"exec: python3: not found", None).is_ok_and(|told| told.is_empty()));
    assert_eq!(decoder.stderr(), "exec: python3: not found\n");
}

#[test]
fn what_keeps_a_pod_is_told_by_what_the_cluster_says_of_it() {
    let pod =
        |status: Value| serde_json::from_value::<DynamicObject>(json!({ "metadata": { "name": "p" }, "status": status })).expect("a pod");
    let waiting = |reason: &str| {
        json!({ "phase": "Pending", "initContainerStatuses": [{
        "name": "provision", "image": "i", "imageID": "", "ready": false, "restartCount": 0,
        "state": { "waiting": { "reason": reason, "message": "why" } } }] })
    };
    let unscheduled = json!({ "phase": "Pending", "conditions": [{ "type": "PodScheduled", "status": "False", "message": "0/1 nodes" }] });
    let told = [waiting("ImagePullBackOff"), waiting("CreateContainerConfigError"), waiting("PodInitializing"), unscheduled]
        .map(|status| hindered(&Seen::of(&pod(status)), None));
    let refused = |message: &str| Hindrance::Refused(message.to_owned());
    let expected = [
        refused("the image cannot be pulled: why"),
        refused("CreateContainerConfigError: why"),
        Hindrance::None,
        Hindrance::NoPlace("0/1 nodes".to_owned()),
    ];
    assert_eq!(told, expected);
}
