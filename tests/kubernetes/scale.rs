//! Ten thousand cells against an API server that is only played: pods end as soon as they begin.

use std::{
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use http_body_util::{BodyExt, StreamBody, combinators::UnsyncBoxBody};
use hyper::{Method, Request, Response, StatusCode, body::Frame, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::broadcast};

/// Versions of each of two packages.
const SIDE: usize = 100;
/// Requests a second that the run is allowed.
const RATE: u32 = 400;

/// A cluster that is played, and an index with two packages and the installer.
struct Played {
    pods: Mutex<BTreeMap<String, Value>>,
    events: broadcast::Sender<Value>,
    counts: Mutex<HashMap<&'static str, usize>>,
    /// Requests in each second since the beginning.
    seconds: Mutex<BTreeMap<u64, u32>>,
    began: Instant,
    version: Mutex<u64>,
}

type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

fn answer(status: StatusCode, kind: &str, stream: BoxStream<'static, Bytes>) -> Answer {
    let body = StreamBody::new(stream.map(|bytes| Ok::<_, Infallible>(Frame::data(bytes))));
    Response::builder().status(status).header("content-type", kind).body(UnsyncBoxBody::new(body)).expect("an answer")
}

fn whole(status: StatusCode, value: &Value) -> Answer {
    answer(status, "application/json", stream::once(std::future::ready(Bytes::from(value.to_string()))).boxed())
}

fn text(lines: &[Value]) -> Answer {
    let stamp = "2026-01-01T00:00:00.000000000Z";
    let mut log: Vec<String> = lines.iter().enumerate().map(|(number, line)| format!("{stamp} {number} o {line}\n")).collect();
    log.push(format!("{stamp} {} x 0\n", lines.len()));
    let log = log.concat();
    answer(StatusCode::OK, "text/plain", stream::once(std::future::ready(Bytes::from(log))).boxed())
}

impl Played {
    fn count(&self, what: &'static str) {
        *self.counts.lock().expect("counts").entry(what).or_default() += 1;
        *self.seconds.lock().expect("seconds").entry(self.began.elapsed().as_secs()).or_default() += 1;
    }

    /// Stores a pod and tells those who watch.
    fn tell(&self, what: &str, mut pod: Value) {
        let name = pod["metadata"]["name"].as_str().expect("a name").to_owned();
        let version = {
            let mut version = self.version.lock().expect("a version");
            *version += 1;
            version.to_string()
        };
        pod["metadata"]["resourceVersion"] = json!(version);
        let mut pods = self.pods.lock().expect("pods");
        match what {
            "DELETED" => drop(pods.remove(&name)),
            _ => drop(pods.insert(name, pod.clone())),
        }
        let _ = self.events.send(json!({ "type": what, "object": pod }));
    }

    fn pod(name: &str, metadata: &Value, phase: &str, containers: &Value, init: &Value) -> Value {
        let mut metadata = metadata.clone();
        metadata["name"] = json!(name);
        metadata["namespace"] = json!("default");
        json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata,
            "spec": { "nodeName": "node", "containers": [] },
            "status": { "phase": phase, "podIP": "10.0.0.1", "containerStatuses": containers, "initContainerStatuses": init },
        })
    }

    fn status(name: &str, state: &Value) -> Value {
        json!([{ "name": name, "state": state, "image": "python", "imageID": "python@sha256:00", "ready": false, "restartCount": 0 }])
    }

    async fn serve(self: Arc<Self>, request: Request<hyper::body::Incoming>) -> Result<Answer, Infallible> {
        let (parts, body) = request.into_parts();
        let (path, query) = (parts.uri.path().to_owned(), parts.uri.query().unwrap_or_default().to_owned());
        if path.starts_with("/simple/") || path.starts_with("/files/") {
            return Ok(index(&path));
        }
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
        let words: Vec<&str> = path.trim_matches('/').split('/').collect();
        let kind = words.iter().skip_while(|word| **word != "default").nth(1).copied().unwrap_or_default();
        let name = words.iter().skip_while(|word| **word != kind).nth(1).copied().unwrap_or_default();
        let empty = json!({ "metadata": { "resourceVersion": "1" }, "items": [] });
        Ok(match (&parts.method, kind) {
            (_, "") => whole(
                StatusCode::OK,
                &json!({ "major": "1", "minor": "20", "gitVersion": "v1.20", "gitCommit": "", "gitTreeState": "", "buildDate": "", "goVersion": "", "compiler": "", "platform": "" }),
            ),
            (&Method::GET, "pods") if path.ends_with("/log") => {
                self.count("log");
                self.log(name, &query)
            }
            (&Method::GET, "pods") if query.contains("watch=") => {
                self.count("watch");
                let events = stream::unfold(self.events.subscribe(), |mut events| async move {
                    let event = events.recv().await.ok()?;
                    Some((Bytes::from(format!("{event}\n")), events))
                });
                answer(StatusCode::OK, "application/json", events.boxed())
            }
            (&Method::GET, "pods") => {
                self.count("list");
                let items: Vec<Value> = self.pods.lock().expect("pods").values().cloned().collect();
                whole(StatusCode::OK, &json!({ "metadata": { "resourceVersion": "1" }, "items": items }))
            }
            (&Method::GET, _) => whole(StatusCode::OK, &empty),
            (&Method::POST, "pods") => {
                self.count("probe");
                let name = sent["metadata"]["name"].as_str().expect("a name");
                let listens = sent.to_string().contains("server.accept");
                let state = if listens { json!({ "running": {} }) } else { json!({ "terminated": { "exitCode": 0 } }) };
                let phase = if listens { "Running" } else { "Succeeded" };
                self.tell("ADDED", Self::pod(name, &sent["metadata"], phase, &Self::status("probe", &state), &json!([])));
                whole(StatusCode::CREATED, &sent)
            }
            (&Method::POST, "jobs") => {
                self.count("job");
                let name = format!("{}-pod", sent["metadata"]["name"].as_str().expect("a name"));
                let running = Self::status("provision", &json!({ "running": {} }));
                self.tell("ADDED", Self::pod(&name, &sent["spec"]["template"]["metadata"], "Pending", &json!([]), &running));
                whole(StatusCode::CREATED, &sent)
            }
            (&Method::PATCH, "pods") => {
                self.count("patch");
                let known = self.pods.lock().expect("pods").get(name).cloned().expect("a pod");
                let init = Self::status("provision", &json!({ "terminated": { "exitCode": 0 } }));
                let main = Self::status("execute", &json!({ "running": {} }));
                let pod = Self::pod(name, &known["metadata"], "Running", &main, &init);
                self.tell("MODIFIED", pod.clone());
                whole(StatusCode::OK, &pod)
            }
            (&Method::DELETE, "jobs") if !name.is_empty() => {
                self.count("delete");
                let pod = self.pods.lock().expect("pods").get(&format!("{name}-pod")).cloned();
                if let Some(pod) = pod {
                    self.tell("DELETED", pod);
                }
                whole(StatusCode::OK, &json!({ "apiVersion": "v1", "kind": "Status", "status": "Success" }))
            }
            (&Method::DELETE, "pods") if !name.is_empty() => {
                let pod = self.pods.lock().expect("pods").get(name).cloned();
                if let Some(pod) = pod {
                    self.tell("DELETED", pod);
                }
                whole(StatusCode::OK, &json!({ "apiVersion": "v1", "kind": "Status", "status": "Success" }))
            }
            (&Method::DELETE, _) => whole(StatusCode::OK, &json!({ "apiVersion": "v1", "kind": "Status", "status": "Success" })),
            (_, _) => whole(StatusCode::CREATED, &sent),
        })
    }

    fn log(&self, pod: &str, query: &str) -> Answer {
        if query.contains("container=provision") {
            let environment = json!({"event": "provisioned", "digest": pod, "python": "p", "packages": [], "uncut": false, "reused": false, "added_bytes": 0});
            return text(&[environment, json!({"event": "done"})]);
        }
        if query.contains("container=execute") {
            let value = json!({"kind": "scalar", "type": "int", "preview": 1});
            return text(&[
                json!({"event": "started", "scenario": 0, "repeat": 0, "fork": true}),
                json!({"event": "observed", "scenario": 0, "repeat": 0, "observation": {"name": "x", "fact": {"value": value}}}),
                json!({"event": "ended", "scenario": 0, "repeat": 0, "missing": [], "ending": {"status": "ran", "seconds": 0.1}}),
                json!({"event": "done"}),
            ]);
        }
        let called = self.pods.lock().expect("pods").get(pod).is_some_and(|pod| pod["metadata"]["labels"]["skew.phase"] == "execute");
        let said = if called { "blocked\n" } else { "{\"version\": \"3.11.7\"}\n" };
        answer(StatusCode::OK, "text/plain", stream::once(std::future::ready(Bytes::from(said))).boxed())
    }
}

/// Pages of the index. Of the installer only the pinned wheels' names and digests are told: nobody fetches them here.
fn index(path: &str) -> Answer {
    let kind = "application/vnd.pypi.simple.v1+json";
    let words: Vec<&str> = path.trim_matches('/').split('/').collect();
    if words[0] == "files" {
        let mut parts = words[1].split('-');
        let metadata =
            format!("Metadata-Version: 2.1\nName: {}\nVersion: {}\n", parts.next().expect("a name"), parts.next().expect("a version"));
        return answer(StatusCode::OK, "text/plain", stream::once(std::future::ready(Bytes::from(metadata))).boxed());
    }
    let file = |name: String, digest: String| {
        json!({ "filename": name, "url": format!("/files/{name}"), "hashes": { "sha256": digest }, "size": 1000,
                "upload-time": "2024-01-01T00:00:00Z", "core-metadata": true })
    };
    let files: Vec<Value> = if words[1] == "uv" {
        let source = include_str!("../../src/environment/uv.rs");
        let values = |key: &str| {
            source.lines().filter_map(|line| line.trim().strip_prefix(key)?.split('"').nth(1)).map(str::to_owned).collect::<Vec<_>>()
        };
        values("file: ").into_iter().zip(values("sha256: ")).map(|(name, digest)| file(name, digest)).collect()
    } else {
        (0..SIDE).map(|minor| file(format!("{}-1.{minor}-py3-none-any.whl", words[1]), "0".repeat(64))).collect()
    };
    let page = json!({ "meta": { "api-version": "1.1" }, "name": words[1], "files": files });
    answer(StatusCode::OK, kind, stream::once(std::future::ready(Bytes::from(page.to_string()))).boxed())
}

/// The most memory that a process took so far, in bytes.
fn peak(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? << 10)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute or two"]
#[expect(clippy::print_stdout, reason = "what was measured")]
async fn ten_thousand_cells_take_little_memory_few_requests_and_one_watch() {
    let played = Arc::new(Played {
        pods: Mutex::default(),
        events: broadcast::Sender::new(1 << 16),
        counts: Mutex::default(),
        seconds: Mutex::default(),
        began: Instant::now(),
        version: Mutex::new(1),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let serving = Arc::clone(&played);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let played = Arc::clone(&serving);
            let service = service_fn(move |request| Arc::clone(&played).serve(request));
            tokio::spawn(async move { hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await });
        }
    });
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    let versions: Vec<String> = (0..SIDE).map(|minor| format!("\"1.{minor}\"")).collect();
    let versions = versions.join(", ");
    write(
        "matrix.yaml",
        &format!("axes: {{alpha: [{versions}], beta: [{versions}]}}\npython: \"3.11\"\nrepeats: 1\nkubernetes: {{parallelism: 100}}\n"),
    );
    std::fs::create_dir(folder.path().join("scenarios")).expect("a folder");
    write("scenarios/x.py", "x = 1\n");
    write(
        "kubeconfig",
        &format!(
            "apiVersion: v1\nkind: Config\nclusters: [{{name: c, cluster: {{server: \"http://{address}\"}}}}]\nusers: [{{name: u, user: {{}}}}]\n\
             contexts: [{{name: c, context: {{cluster: c, user: u, namespace: default}}}}]\ncurrent-context: c\n"
        ),
    );
    let began = Instant::now();
    let mut skew = Command::new(env!("CARGO_BIN_EXE_skew"))
        .args(["run", "--engine", "kubernetes", "--format", "badge", "-q"])
        .current_dir(folder.path())
        .env("KUBECONFIG", folder.path().join("kubeconfig"))
        .env("SKEW_CACHE_DIR", folder.path().join("cache"))
        .env("SKEW_KUBERNETES_QPS", RATE.to_string())
        .env("UV_DEFAULT_INDEX", format!("http://{address}/simple"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("skew starts");
    let pid = skew.id();
    let waiting = tokio::task::spawn_blocking(move || skew.wait());
    let mut memory = 0;
    while !waiting.is_finished() {
        memory = memory.max(peak(pid).unwrap_or_default());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let ended = waiting.await.expect("waited for").expect("its end");
    let seconds = began.elapsed().as_secs_f64();
    let counts = played.counts.lock().expect("counts").clone();
    let busiest = played.seconds.lock().expect("seconds").values().copied().max().unwrap_or_default();
    let cells = SIDE * SIDE;
    println!(
        "{cells} cells in {seconds:.0} s, {} MB at the most, {busiest} requests in the busiest second, {counts:?}",
        memory / 1_000_000
    );
    assert_eq!(ended.code(), Some(0));
    assert_eq!(counts["job"], cells);
    assert_eq!(counts["delete"], cells);
    assert!(counts["watch"] <= 10 && counts["list"] <= 10, "{counts:?}");
    assert!(memory <= 300_000_000, "{memory}");
    // A burst may come on top, once.
    assert!(busiest <= 3 * RATE, "{busiest}");
}
