//! An allocator that counts, so that a target can demand that memory stays in proportion to its input.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

#[global_allocator]
static COUNTED: Counted = Counted;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// Bytes that any input may take.
const FREE: usize = 16 << 20;

struct Counted;

// SAFETY: all work is the system allocator's; the counters touch no memory of it.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Relaxed).wrapping_add(layout.size());
        PEAK.fetch_max(live, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Runs a parser over an input of `len` bytes; it may take `factor` times as much memory, beside what is free.
pub fn bounded(len: usize, factor: usize, parser: impl FnOnce()) {
    let before = LIVE.load(Relaxed);
    PEAK.store(before, Relaxed);
    parser();
    let taken = PEAK.load(Relaxed).saturating_sub(before);
    assert!(taken <= FREE + factor * len, "{len} bytes of input took {taken} bytes of memory");
}
