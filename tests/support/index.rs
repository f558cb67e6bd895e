//! A package index on this machine: the JSON Simple API with upload times, digests and PEP 658 metadata, as uv and skew
//! speak it, and able to fail on purpose.

use std::{
    collections::HashMap,
    fmt::Write as _,
    io::{self, BufRead, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use skew::index::sha256;

use super::wheels::Wheel;

/// A running index; stops when dropped.
pub(crate) struct IndexServer {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    state: Arc<Mutex<State>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
struct State {
    wheels: Vec<Wheel>,
    /// Answers to come: a status, or `None` for one that breaks off.
    failures: Vec<Option<u16>>,
    requests: Vec<Seen>,
    metadata: bool,
    upload_times: bool,
    html: bool,
    ranges: bool,
    corrupt: bool,
    /// Connections break off in the middle of a file.
    cut: bool,
    /// Without this `Authorization` everything is answered with 401.
    demanded: Option<String>,
    /// Files, unlike pages and metadata, are answered with this status.
    refusal: Option<u16>,
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Its path.
    pub(crate) path: String,
    /// Its `Authorization`.
    pub(crate) authorization: Option<String>,
    /// Its `Range`.
    pub(crate) range: Option<String>,
    /// The status it was answered with; 0 where the answer broke off.
    pub(crate) status: u16,
}

impl IndexServer {
    /// Starts an index that knows these wheels.
    pub(crate) fn start(wheels: impl IntoIterator<Item = Wheel>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let wheels = wheels.into_iter().collect();
        let state = State { wheels, metadata: true, upload_times: true, ranges: true, ..State::default() };
        let (state, stopped) = (Arc::new(Mutex::new(state)), Arc::new(AtomicBool::new(false)));
        let (shared, stop) = (Arc::clone(&state), Arc::clone(&stopped));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let state = Arc::clone(&shared);
                // A client that has gone away is no concern of the index.
                std::thread::spawn(move || stream.and_then(|stream| serve(&state, &stream)).is_ok());
            }
        });
        Self { address, stopped, state, thread: Some(thread) }
    }

    /// `http://127.0.0.1:PORT/simple`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/simple", self.address)
    }

    /// The same with a name and a password in it.
    pub(crate) fn url_with(&self, credentials: &str) -> String {
        format!("http://{credentials}@{}/simple", self.address)
    }

    /// Adds a wheel to those that are there.
    pub(crate) fn add(&self, wheel: Wheel) {
        self.state.lock().unwrap().wheels.push(wheel);
    }

    /// Answers the next requests with this status.
    pub(crate) fn fail_with(&self, status: u16, times: usize) {
        self.state.lock().unwrap().failures.extend(std::iter::repeat_n(Some(status), times));
    }

    /// Breaks off in the middle of the next answers.
    pub(crate) fn drop_connections(&self, times: usize) {
        self.state.lock().unwrap().failures.extend(std::iter::repeat_n(None, times));
    }

    /// Serves no metadata beside wheels any more.
    pub(crate) fn without_metadata(&self) {
        self.state.lock().unwrap().metadata = false;
    }

    /// Sends whole files only.
    pub(crate) fn without_ranges(&self) {
        self.state.lock().unwrap().ranges = false;
    }

    /// Tells no upload times any more.
    pub(crate) fn without_upload_times(&self) {
        self.state.lock().unwrap().upload_times = false;
    }

    /// Speaks HTML only from now on.
    pub(crate) fn html_only(&self) {
        self.state.lock().unwrap().html = true;
    }

    /// Sends files with a wrong content from now on.
    pub(crate) fn corrupt_files(&self) {
        self.state.lock().unwrap().corrupt = true;
    }

    /// Answers requests for files with this status from now on; pages and metadata are served as before.
    pub(crate) fn refuse_files(&self, status: u16) {
        self.state.lock().unwrap().refusal = Some(status);
    }

    /// Answers only those who give this name and password, `me:hunter2`, from now on.
    pub(crate) fn demand(&self, credentials: &str) {
        self.state.lock().unwrap().demanded = Some(format!("Basic {}", BASE64_STANDARD.encode(credentials)));
    }

    /// Breaks off in the middle of every file from now on.
    pub(crate) fn cut_files(&self) {
        self.state.lock().unwrap().cut = true;
    }

    /// Sends files as they are again.
    pub(crate) fn heal(&self) {
        let mut state = self.state.lock().unwrap();
        (state.corrupt, state.cut) = (false, false);
        state.refusal = None;
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.state.lock().unwrap().requests.clone()
    }
}

impl Drop for IndexServer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // The thread waits for a connection, so it gets one.
        let _refused_if_gone = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ended_either_way = thread.join();
        }
    }
}

struct Answer {
    status: u16,
    kind: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// Bytes of the body after which the connection breaks off.
    cut: Option<usize>,
}

fn plain(status: u16, kind: &'static str, body: Vec<u8>) -> Answer {
    Answer { status, kind, headers: Vec::new(), body, cut: None }
}

/// One request, one answer: connections are not kept.
fn serve(state: &Mutex<State>, mut stream: &TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let mut words = first.split(' ').map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(()) };
    let mut headers = HashMap::new();
    for line in lines {
        match line?.split_once(':') {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.trim().to_owned()),
            None => break,
        };
    }
    let (range, etag) = (headers.remove("range"), headers.remove("if-none-match"));
    let answer = {
        let mut state = state.lock().unwrap();
        let known = state.demanded.is_none() || state.demanded.as_ref() == headers.get("authorization");
        let failure = if state.failures.is_empty() { None } else { Some(state.failures.remove(0)) };
        let answer = match failure {
            Some(None) => None,
            Some(Some(status)) => Some(plain(status, "text/plain", b"on purpose".to_vec())),
            None if !known => Some(plain(401, "text/plain", b"who are you?".to_vec())),
            None => Some(state.answer(&path, range.as_deref(), etag.as_deref())),
        };
        let status = answer.as_ref().filter(|answer| answer.cut.is_none()).map_or(0, |answer| answer.status);
        state.requests.push(Seen { path, authorization: headers.remove("authorization"), range, status });
        answer
    };
    let Some(Answer { status, kind, headers, body, cut }) = answer else {
        return stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of");
    };
    let mut head = format!("HTTP/1.1 {status} -\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    if method == "HEAD" { Ok(()) } else { stream.write_all(&body[..cut.unwrap_or(body.len())]) }
}

impl State {
    fn answer(&self, path: &str, range: Option<&str>, etag: Option<&str>) -> Answer {
        let not_found = || plain(404, "text/plain", b"not found".to_vec());
        if let Some(name) = path.strip_prefix("/simple/").map(|rest| rest.trim_end_matches('/')) {
            let wheels: Vec<&Wheel> = self.wheels.iter().filter(|wheel| wheel.name == name).collect();
            return if wheels.is_empty() { not_found() } else { self.page(name, &wheels, etag) };
        }
        let Some(file) = path.strip_prefix("/files/") else { return not_found() };
        if let Some(wheel) = file.strip_suffix(".metadata") {
            let wheel = self.wheels.iter().find(|candidate| candidate.filename() == wheel).filter(|_| self.metadata);
            return wheel.map_or_else(not_found, |wheel| plain(200, "text/plain", wheel.metadata().into_bytes()));
        }
        let Some(wheel) = self.wheels.iter().find(|wheel| wheel.filename() == file) else { return not_found() };
        if let Some(status) = self.refusal {
            return plain(status, "text/plain", b"on purpose".to_vec());
        }
        let mut bytes = wheel.bytes();
        if self.corrupt {
            bytes[0] ^= 1;
        }
        match range.filter(|_| self.ranges).and_then(|range| part(range, bytes.len())) {
            Some((start, end)) => {
                let headers = vec![("Content-Range", format!("bytes {start}-{end}/{}", bytes.len()))];
                let cut = self.cut.then_some((end - start) / 2);
                Answer { status: 206, kind: "application/octet-stream", headers, body: bytes[start..=end].to_vec(), cut }
            }
            None => Answer { cut: self.cut.then_some(bytes.len() / 2), ..plain(200, "application/octet-stream", bytes) },
        }
    }

    fn page(&self, name: &str, wheels: &[&Wheel], etag: Option<&str>) -> Answer {
        if self.html {
            return plain(200, "text/html", b"<!DOCTYPE html><title>Links</title>".to_vec());
        }
        let files: Vec<Value> = wheels.iter().map(|wheel| self.file(wheel)).collect();
        let page = json!({ "meta": { "api-version": "1.1" }, "name": name, "files": files }).to_string();
        let tag = format!("\"{}\"", sha256(page.as_bytes()));
        let kind = "application/vnd.pypi.simple.v1+json";
        if etag == Some(tag.as_str()) {
            return plain(304, kind, Vec::new());
        }
        Answer { headers: vec![("ETag", tag)], ..plain(200, kind, page.into_bytes()) }
    }

    fn file(&self, wheel: &Wheel) -> Value {
        let bytes = wheel.bytes();
        let mut file = json!({
            "filename": wheel.filename(),
            "url": format!("/files/{}", wheel.filename()),
            "hashes": { "sha256": sha256(&bytes) },
            "size": bytes.len(),
            "requires-python": wheel.requires_python,
        });
        if self.upload_times {
            file["upload-time"] = wheel.uploaded.clone().into();
        }
        if self.metadata && !wheel.is_source() {
            file["core-metadata"] = json!({ "sha256": sha256(wheel.metadata().as_bytes()) });
        }
        file
    }
}

/// First and last byte of `bytes=-100` or `bytes=5-9` in a file of this size.
fn part(range: &str, size: usize) -> Option<(usize, usize)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let end = size.checked_sub(1)?;
    if first.is_empty() {
        Some((size.saturating_sub(last.parse().ok()?), end))
    } else {
        Some((first.parse().ok()?, end.min(last.parse().ok()?)))
    }
}
