//! Where signals come from: the operating system, or a test.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

/// A source of requests to stop.
#[derive(Debug)]
pub enum Signals {
    /// SIGINT, SIGTERM and SIGHUP of this process.
    Standard {
        /// Ctrl-C.
        interrupt: Signal,
        /// A polite kill.
        terminate: Signal,
        /// The terminal went away.
        hangup: Signal,
    },
    /// Sent by a test.
    Injected(mpsc::Receiver<()>),
    /// Never.
    Noop,
}

impl Signals {
    /// Listens to the operating system. Needs a runtime.
    pub fn standard() -> std::io::Result<Self> {
        Ok(Self::Standard {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        let came = match self {
            Self::Standard { interrupt, terminate, hangup } => tokio::select! {
                came = interrupt.recv() => came,
                came = terminate.recv() => came,
                came = hangup.recv() => came,
            },
            Self::Injected(receiver) => receiver.recv().await,
            Self::Noop => None,
        };
        if came.is_none() {
            std::future::pending::<()>().await;
        }
    }
}
