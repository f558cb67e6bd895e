//! Reads a container's log to its end, across lost connections.

use std::time::Duration;

use futures_util::AsyncReadExt;
use jiff::{SignedDuration, Timestamp};
use kube::api::LogParams;
use tokio::{sync::mpsc, time::Instant};

use super::{
    KubernetesEngine,
    api::AWAY,
    log::{Decoder, End, Trouble},
    manifest::container,
    pods::{Container, Seen},
    wait::Waiting,
};
use crate::{EngineError, Line, Phase, PhaseEnd, chain, stream::Lines};

/// Silence after which a connection is made anew: one that is dead says nothing either.
const SILENCE: Duration = Duration::from_mins(1);
/// How long a node may take to say how a container ended.
const LATE: Duration = Duration::from_secs(30);
/// Bytes that are read at a time.
const PIECE: usize = 64 << 10;
/// Exit code of a container that was killed.
const KILLED: i64 = 137;

impl KubernetesEngine {
    /// Waits for the container of a phase in a job's pod and passes on what its agent says, until its end.
    pub(super) async fn read(&self, job: &str, phase: &Phase, lines: &mpsc::Sender<Line>) -> Result<PhaseEnd, EngineError> {
        let container = container(phase.kind);
        let mut waiting = self.waiting(job, &phase.cell);
        let seen = waiting.until_started(container).await?;
        self.has_pod(&phase.cell, &seen.name);
        let mut decoder = Decoder::new(phase.from.as_ref());
        let mut heard = Instant::now();
        loop {
            // Looked at before: what is read after a container's end is all there is.
            let over = waiting.is_over(container);
            let before = decoder.written();
            let followed = self.follow(&seen.name, container, &mut decoder, lines).await;
            if decoder.end.is_some() {
                break;
            }
            match followed {
                Ok(()) if over => break,
                Ok(()) => heard = Instant::now(),
                Err(Cut::Engine(error)) => return Err(error),
                Err(Cut::Gap(expected, came)) => {
                    let message = format!("its log lacks the lines {expected} to {} (the node keeps too little of it)", came - 1);
                    return Err(waiting.lost(&seen, &message));
                }
                Err(Cut::Lost(_) | Cut::Node(_)) if over && waiting.seen.borrow().as_ref().is_none_or(|seen| seen.gone) => break,
                Err(Cut::Node(message)) if heard.elapsed() > AWAY => {
                    return Err(waiting.lost(&seen, &format!("its node gives no log: {message}")));
                }
                Err(Cut::Lost(message)) if heard.elapsed() > AWAY => {
                    return Err(EngineError::NoCluster { address: self.cluster.address.clone(), message });
                }
                Err(Cut::Lost(_) | Cut::Node(_)) => {}
            }
            if decoder.written() != before {
                heard = Instant::now();
            }
            if !waiting.is_over(container) {
                let _ = tokio::time::timeout(Duration::from_secs(1), waiting.seen.changed()).await;
            }
        }
        end(&mut waiting, &seen, container, decoder).await
    }

    /// Reads on where a decoder stands until the log ends, or the connection.
    async fn follow(&self, pod: &str, container: &str, decoder: &mut Decoder, lines: &mpsc::Sender<Line>) -> Result<(), Cut> {
        // Seconds are what a server takes; lines that come twice are known by their numbers.
        let since = decoder.written().map(|time| time - SignedDuration::from_secs(2));
        let parameters =
            LogParams { container: Some(container.to_owned()), follow: true, timestamps: true, since_time: since, ..LogParams::default() };
        self.cluster.turn().await;
        let opened = self.cluster.logs().log_stream(pod, &parameters).await;
        let refused = |error| {
            if let kube::Error::Api(status) = error { Cut::Node(status.message) } else { Cut::Lost(chain(&error)) }
        };
        let mut stream = Box::pin(opened.map_err(refused)?);
        let (mut cut, mut piece) = (Lines::default(), vec![0; PIECE]);
        loop {
            let read = match tokio::time::timeout(SILENCE, stream.read(&mut piece)).await {
                Ok(Ok(0)) | Err(_) => return Ok(()),
                Ok(Ok(read)) => read,
                Ok(Err(error)) => return Err(Cut::Lost(chain(&error))),
            };
            for line in cut.push(piece.get(..read).unwrap_or_default()).map_err(Cut::Engine)? {
                let (written, said) = stamped(&line);
                for line in decoder.take(said, written)? {
                    lines.send(line).await.map_err(|_| Cut::Engine(EngineError::Cancelled))?;
                }
            }
            if decoder.end.is_some() {
                return Ok(());
            }
        }
    }
}

/// Why reading stopped before the log's end.
enum Cut {
    /// The connection was lost, or not made.
    Lost(String),
    /// The server answers, and the pod's node does not.
    Node(String),
    /// Lines are missing: the first that is, and the one that came instead.
    Gap(u64, u64),
    Engine(EngineError),
}

impl From<Trouble> for Cut {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Gap(expected, came) => Self::Gap(expected, came),
            Trouble::Engine(error) => Self::Engine(error),
        }
    }
}

/// When a line was written, and the line.
fn stamped(line: &[u8]) -> (Option<Timestamp>, &[u8]) {
    let end = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
    let (time, rest) = line.split_at(end);
    match std::str::from_utf8(time).ok().and_then(|time| time.parse().ok()) {
        Some(time) => (Some(time), rest.get(1..).unwrap_or_default()),
        None => (None, line),
    }
}

/// How the phase ended: as the log says, or, where it stops in the middle, as the cluster does.
async fn end(waiting: &mut Waiting<'_>, started: &Seen, container: &str, decoder: Decoder) -> Result<PhaseEnd, EngineError> {
    let ended = |End { code, oom_killed }, decoder: Decoder| {
        Ok(PhaseEnd { code, oom_killed, stderr: decoder.stderr(), kept: Some(started.name.clone()) })
    };
    if let Some(end) = decoder.end {
        return ended(end, decoder);
    }
    let Some(seen) = waiting.until_ended(container, LATE).await? else {
        return Err(waiting.lost(started, "its log ended, and its node does not say why"));
    };
    if seen.failed.is_some() {
        return Err(waiting.lost(&seen, seen.fate()));
    }
    match seen.container(container) {
        Some(Container::Ended { reason, .. }) if reason == "OOMKilled" => ended(End { code: KILLED, oom_killed: true }, decoder),
        // Killed from outside: an eviction or a node that shuts down may be told later than that.
        Some(Container::Ended { code: KILLED | 143, .. }) => Err(waiting.lost(&seen, "it was killed")),
        Some(Container::Ended { code, .. }) if !seen.gone => ended(End { code: *code, oom_killed: false }, decoder),
        _ => Err(waiting.lost(&seen, seen.fate())),
    }
}
