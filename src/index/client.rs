//! Asking the index.

use std::{fmt::Write, path::Path, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use reqwest::{
    Certificate, Client, StatusCode, Url,
    header::{ACCEPT, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, RANGE},
};
use ring::digest::{SHA256, digest};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio::sync::Semaphore;

use super::{
    File, IndexError, Location, Metadata, Project, Surroundings,
    archive::{self, Bytes},
    cache::{Cache, Header},
    location::without_credentials,
    sparse::{Attempt, Sparse, read_metadata},
    wheel::modules,
};
use crate::error::chain;

const JSON: &str = "application/vnd.pypi.simple.v1+json";
/// How long a project page is believed without asking again.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// Pauses before the second and the third try.
const PAUSES: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(1500)];
/// Requests at the same time: enough to hide latency, few enough for a small company index.
const PARALLEL: usize = 8;
/// Bytes that are read of the end of a wheel at first …
const PIECE: u64 = 64 << 10;
/// … and at most in all: beyond, its metadata counts as unreadable.
const PIECES: u64 = 32 << 20;

/// A package index.
#[derive(Clone, Debug)]
pub struct Index {
    location: Location,
    client: Client,
    cache: Cache,
    offline: bool,
    slots: Arc<Semaphore>,
}

impl Index {
    /// The user's index. Answers are kept in `{cache}/index`; `offline` takes them from there whatever their age and
    /// never touches the network.
    ///
    /// # Errors
    /// Settings of the user that make no sense.
    pub fn from_environment(cache: &Path, offline: bool) -> Result<Self, IndexError> {
        Self::new(&Surroundings::of_process(), cache, offline)
    }

    /// The index that these surroundings name.
    ///
    /// # Errors
    /// Settings of the user that make no sense.
    pub fn new(surroundings: &Surroundings, cache: &Path, offline: bool) -> Result<Self, IndexError> {
        let location = surroundings.location()?;
        // reqwest is built without a cryptography provider of its own; an error only says that one is there already.
        let _already_there = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("skew/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(15))
            .read_timeout(Duration::from_mins(1))
            .tls_certs_merge(certificates(surroundings)?)
            .build()
            .map_err(|error| IndexError::Unreachable { index: location.to_string(), message: chain(&error) })?;
        Ok(Self { location, client, cache: Cache::new(cache.join("index")), offline, slots: Arc::new(Semaphore::new(PARALLEL)) })
    }

    /// Where it is; shown without credentials.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The same client for another index.
    #[must_use]
    pub fn at(&self, location: &Location) -> Self {
        Self { location: location.clone(), ..self.clone() }
    }

    /// A project by its normalised name.
    ///
    /// # Errors
    /// The package is unknown, the index does not answer or speaks no JSON, or offline: the cache does not hold it.
    pub async fn project(&self, package: &str) -> Result<Project, IndexError> {
        let index = self.location.to_string();
        let path = self.cache.project(&index, package);
        let stored = self.cache.page(&path).await;
        if let Some((header, body)) = &stored {
            let age = Timestamp::now().duration_since(header.fetched);
            // A clock that was turned back must not make a page fresh for ever.
            if (self.offline || (age >= SignedDuration::ZERO && age < FRESH))
                && let Ok(project) = self.parse(package, header, body)
            {
                return Ok(project);
            }
        }
        if self.offline {
            return Err(IndexError::Offline { what: format!("the list of releases of {package}") });
        }
        let url = self.location.project(package)?;
        let mut headers = vec![(ACCEPT, HeaderValue::from_static(JSON))];
        let tag = stored.as_ref().and_then(|(header, _)| HeaderValue::from_str(header.etag.as_deref()?).ok());
        headers.extend(tag.map(|tag| (IF_NONE_MATCH, tag)));
        let answer = self.ask(url, headers, None).await?;
        let (header, body) = match (answer.status, stored) {
            (StatusCode::NOT_FOUND, _) => return Err(IndexError::NotFound { package: package.to_owned(), index }),
            (StatusCode::NOT_ACCEPTABLE, _) => return Err(IndexError::HtmlOnly { index }),
            (StatusCode::NOT_MODIFIED, Some((header, body))) => (Header { fetched: Timestamp::now(), ..header }, body),
            (status, _) if status.is_success() => {
                if answer.text(&CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")) {
                    return Err(IndexError::HtmlOnly { index });
                }
                let etag = answer.text(&ETAG).map(str::to_owned);
                let header = Header { fetched: Timestamp::now(), url: without_credentials(&answer.url), etag };
                (header, answer.body.unwrap_or_default())
            }
            (status, _) => return Err(IndexError::Unreachable { index, message: format!("it answers {status}") }),
        };
        let project = self.parse(package, &header, &body)?;
        self.cache.store_page(&path, &header, &body).await?;
        Ok(project)
    }

    fn parse(&self, package: &str, header: &Header, body: &[u8]) -> Result<Project, IndexError> {
        let unreadable = |message: String| IndexError::Unreachable {
            index: self.location.to_string(),
            message: format!("its page of {package} cannot be read: {message}"),
        };
        let base = Url::parse(&header.url).map_err(|error| unreadable(error.to_string()))?;
        Project::parse(package, body, &base).map_err(|error| unreadable(error.to_string()))
    }

    /// What a wheel declares: from beside it (PEP 658) where the index offers that, else from within it, a few hundred
    /// kilobytes at its end.
    ///
    /// # Errors
    /// [`IndexError::NoMetadata`] where neither is possible; trouble with the index.
    pub async fn metadata(&self, file: &File) -> Result<Metadata, IndexError> {
        if let Some(path) = &file.path {
            let read = super::wheel::metadata(path);
            return read.map_err(|message| IndexError::NoMetadata { file: file.filename.clone(), message });
        }
        let digest = file.sha256.clone().filter(|digest| digest.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let path = self.cache.metadata(&digest.unwrap_or_else(|| blake3::hash(file.url.as_bytes()).to_hex().to_string()));
        if let Ok(text) = tokio::fs::read_to_string(&path).await {
            return Ok(Metadata::parse(&text));
        }
        if self.offline {
            return Err(IndexError::Offline { what: format!("the metadata of {}", file.filename) });
        }
        let beside = if file.has_metadata { self.metadata_beside(file).await? } else { None };
        let text = match beside {
            Some(text) => text,
            None => self.within(file, read_metadata).await?,
        };
        self.cache.store(&path, text.as_bytes()).await?;
        Ok(Metadata::parse(&text))
    }

    async fn metadata_beside(&self, file: &File) -> Result<Option<String>, IndexError> {
        let answer = self.ask(self.address(&format!("{}.metadata", file.url))?, Vec::new(), None).await?;
        let body = answer.body.filter(|_| answer.status.is_success());
        Ok(body.map(|body| String::from_utf8_lossy(&body).into_owned()))
    }

    /// What can be imported of a wheel, by the names of the files in it.
    ///
    /// # Errors
    /// [`IndexError::NoMetadata`] where the server sends whole files only; trouble with the index.
    pub async fn modules(&self, file: &File) -> Result<Vec<String>, IndexError> {
        if self.offline {
            return Err(IndexError::Offline { what: format!("what {} holds", file.filename) });
        }
        Ok(modules(&self.within(file, archive::names).await?))
    }

    /// Something at the end of a wheel.
    async fn within<T>(&self, file: &File, read: fn(&mut dyn Bytes) -> Result<T, String>) -> Result<T, IndexError> {
        let unknown = |message: &str| IndexError::NoMetadata { file: file.filename.clone(), message: message.to_owned() };
        let (offset, size, bytes) = self.range(file, &format!("bytes=-{PIECE}")).await?;
        let mut archive = Sparse::new(size);
        archive.add(offset, bytes);
        while archive.held() < PIECES {
            match archive.attempt(read) {
                Attempt::Read(read) => return Ok(read),
                Attempt::Failed(message) => return Err(unknown(&message)),
                Attempt::Gap(from) => {
                    // Pieces grow, so that a long table of contents takes a handful of requests and not dozens.
                    let last = (from + archive.held().max(PIECE)).min(size) - 1;
                    let (offset, _, bytes) = self.range(file, &format!("bytes={from}-{last}")).await?;
                    if offset != from || bytes.is_empty() {
                        return Err(unknown("the server sends other bytes than those asked for"));
                    }
                    archive.add(offset, bytes);
                }
            }
        }
        Err(unknown("its table of contents is too long"))
    }

    /// A part of a file: its offset, the size of the whole, the bytes.
    async fn range(&self, file: &File, range: &str) -> Result<(u64, u64, Vec<u8>), IndexError> {
        let unknown = |message: String| IndexError::NoMetadata { file: file.filename.clone(), message };
        let header = HeaderValue::from_str(range).map_err(|error| unknown(error.to_string()))?;
        let answer = self.ask(self.address(&file.url)?, vec![(RANGE, header)], Some(PIECES)).await?;
        let place = answer.text(&CONTENT_RANGE).and_then(content_range);
        match (answer.status, place, answer.body) {
            (StatusCode::PARTIAL_CONTENT, Some((offset, size)), Some(bytes)) => Ok((offset, size, bytes)),
            // A server that ignores the range sends everything; small wheels are taken like that.
            (StatusCode::OK, _, Some(bytes)) => Ok((0, bytes.len() as u64, bytes)),
            (StatusCode::OK, _, None) => Err(unknown("the server sends whole files only".to_owned())),
            (status, _, _) => Err(unknown(format!("asked for a part of it, the server answers {status}"))),
        }
    }

    /// A whole file, its digest checked where the index gives one.
    ///
    /// # Errors
    /// Trouble with the index, or another content than promised.
    pub async fn download(&self, file: &File) -> Result<Vec<u8>, IndexError> {
        if self.offline {
            return Err(IndexError::Offline { what: file.filename.clone() });
        }
        let url = self.address(&file.url)?;
        let shown = without_credentials(&url);
        let answer = self.ask(url, Vec::new(), None).await?;
        if !answer.status.is_success() {
            return Err(IndexError::Unreachable { index: shown, message: format!("it answers {}", answer.status) });
        }
        let bytes = answer.body.unwrap_or_default();
        let found = sha256(&bytes);
        match &file.sha256 {
            Some(expected) if *expected != found => {
                Err(IndexError::Hash { file: file.filename.clone(), expected: expected.clone(), found })
            }
            Some(_) | None => Ok(bytes),
        }
    }

    fn address(&self, url: &str) -> Result<Url, IndexError> {
        let parsed = Url::parse(url);
        parsed.map_err(|error| IndexError::Unreachable { index: self.location.to_string(), message: format!("{url}: {error}") })
    }

    /// Asks up to three times while there is no whole answer or one that blames the server. Answers longer than `limit`
    /// bytes are not read.
    async fn ask(&self, url: Url, headers: Vec<(HeaderName, HeaderValue)>, limit: Option<u64>) -> Result<Answer, IndexError> {
        let headers: HeaderMap = headers.into_iter().collect();
        let shown = without_credentials(&url);
        let url = self.location.authorize(url);
        let mut pauses = PAUSES.into_iter();
        loop {
            let message = match self.try_once(&url, &headers, limit).await {
                Ok(answer) if answer.status.is_server_error() || answer.status == StatusCode::TOO_MANY_REQUESTS => {
                    format!("it answers {}", answer.status)
                }
                Ok(answer) => return Ok(answer),
                Err(error) => chain(&error.without_url()),
            };
            match pauses.next() {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(IndexError::Unreachable { index: shown, message }),
            }
        }
    }

    async fn try_once(&self, url: &Url, headers: &HeaderMap, limit: Option<u64>) -> reqwest::Result<Answer> {
        // The semaphore is never closed, so there always is a permit in the end.
        let _permit = self.slots.acquire().await;
        let response = self.client.get(url.clone()).headers(headers.clone()).send().await?;
        let (status, headers, url) = (response.status(), response.headers().clone(), response.url().clone());
        let short = limit.is_none_or(|limit| response.content_length().is_some_and(|length| length <= limit));
        let body = if short { Some(response.bytes().await?.to_vec()) } else { None };
        Ok(Answer { status, headers, url, body })
    }
}

/// An answer of the server.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    /// Where it came from in the end.
    url: Url,
    /// `None` where it is longer than it was allowed to be.
    body: Option<Vec<u8>>,
}

impl Answer {
    fn text(&self, name: &HeaderName) -> Option<&str> {
        text(&self.headers, name)
    }
}

/// The digest by which indexes know a file's content.
pub fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Offset and whole size of `bytes 100-200/207208420`.
fn content_range(text: &str) -> Option<(u64, u64)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.parse().ok()?, size.parse().ok()?))
}

/// Further certificate authorities of the user. Certificates that rustls cannot read are left out, as it does with those
/// of the platform: bundles hold a few odd ones.
fn certificates(surroundings: &Surroundings) -> Result<Vec<Certificate>, IndexError> {
    let mut found = Vec::new();
    for (origin, path) in surroundings.certificates() {
        let wrong = |message: String| IndexError::Setting { origin: origin.clone(), message: format!("{}: {message}", path.display()) };
        if path.is_dir() {
            continue;
        }
        let content = std::fs::read(&path).map_err(|error| wrong(error.to_string()))?;
        for certificate in CertificateDer::pem_slice_iter(&content) {
            let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
            if rustls::RootCertStore::empty().add(certificate.clone()).is_ok() {
                found.push(Certificate::from_der(&certificate).map_err(|error| wrong(error.to_string()))?);
            }
        }
    }
    Ok(found)
}
