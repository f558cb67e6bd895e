//! Runs one phase and hands on what its agent says.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::event::Event;
use crate::{
    agent,
    engine::{Engine, Line, Phase, PhaseKind},
};

/// Bytes of events that may wait to be handled, those of all cells together.
pub(super) const ROOM: usize = 512 << 20;
/// Lines of one agent that may wait to be read.
const LINES: usize = 4;
/// Events of one agent that are handed on together at the most: handing on costs more than most events do.
const TOGETHER: usize = 64;

/// Where what an agent says goes.
pub(super) struct Hearing {
    cell: usize,
    kind: PhaseKind,
    events: mpsc::Sender<Vec<Event>>,
    room: Arc<Semaphore>,
    /// It is the engine's turn, whose task this is too.
    turn: AtomicBool,
}

impl Hearing {
    /// For a phase of a cell. `room` is what all events that wait share.
    pub(super) fn new(cell: usize, kind: PhaseKind, events: mpsc::Sender<Vec<Event>>, room: Arc<Semaphore>) -> Self {
        Self { cell, kind, events, room, turn: AtomicBool::default() }
    }

    /// Hands on what an agent says until it says no more, or nobody wants to know.
    async fn listen(&self, said: &mut mpsc::Receiver<Line>) {
        let mut together = Vec::new();
        while let Some(line) = self.next(said, &mut together).await {
            let (line, mark) = (agent::Line::new(&line.text), line.mark);
            let share = u32::try_from(line.weight().min(ROOM)).unwrap_or(u32::MAX);
            let mut room = Arc::clone(&self.room).try_acquire_many_owned(share).ok();
            if room.is_none() {
                // What has room must not wait for what has none.
                self.hand_on(&mut together).await;
                // No room is given once the run is over; then nobody hears the event either.
                room = Arc::clone(&self.room).acquire_many_owned(share).await.ok();
            }
            together.push(Event::said(self.cell, self.kind, line, mark, room));
            if together.len() == TOGETHER {
                self.hand_on(&mut together).await;
            }
        }
    }

    /// The next line. Where none is there at once what came before it is handed on.
    async fn next(&self, said: &mut mpsc::Receiver<Line>, together: &mut Vec<Event>) -> Option<Line> {
        // The receiver is gone only when the run is over.
        if self.events.is_closed() {
            return None;
        }
        if said.is_empty() && !together.is_empty() {
            // The engine may have more.
            self.pass().await;
        }
        if let Ok(line) = said.try_recv() {
            return Some(line);
        }
        self.hand_on(together).await;
        said.recv().await
    }

    /// Lets the engine have its turn.
    async fn pass(&self) {
        let mut passed = false;
        poll_fn(|_| {
            if std::mem::replace(&mut passed, true) {
                return Poll::Ready(());
            }
            self.turn.store(true, Ordering::Relaxed);
            Poll::Pending
        })
        .await;
    }

    async fn hand_on(&self, together: &mut Vec<Event>) {
        if !together.is_empty() {
            let _ = self.events.send(std::mem::take(together)).await;
        }
    }
}

/// Runs one phase and sends what happens in it.
pub(super) async fn perform(engine: Arc<dyn Engine>, phase: Phase, hearing: Hearing, stop: CancellationToken) {
    let (lines, mut said) = mpsc::channel::<Line>(LINES);
    let mut run = engine.run(&phase, lines, stop);
    let mut listen = pin!(async {
        hearing.listen(&mut said).await;
        said.close();
    });
    let (mut result, mut heard) = (None, false);
    // The two take turns here, because a turn by way of the runtime costs more than the few lines that wait for it.
    let result = poll_fn(|context| {
        loop {
            if result.is_none()
                && let Poll::Ready(end) = run.as_mut().poll(context)
            {
                result = Some(end);
            }
            heard = heard || listen.as_mut().poll(context).is_ready();
            if heard && let Some(result) = result.take() {
                return Poll::Ready(result);
            }
            if !hearing.turn.swap(false, Ordering::Relaxed) {
                return Poll::Pending;
            }
        }
    })
    .await;
    let (cell, kind) = (hearing.cell, hearing.kind);
    let _ = hearing.events.send(vec![Event::Ended { cell, kind, result }]).await;
}
