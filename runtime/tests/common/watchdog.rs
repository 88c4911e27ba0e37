//! A test that waits for what may never happen fails instead of hanging.
#![allow(dead_code, reason = "not every test program uses everything")]

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Far longer than anything here takes on a machine however busy.
const PATIENCE: Duration = Duration::from_secs(180);

/// Ends the process, so that the test program fails, unless it is dropped in time.
pub struct Watchdog {
    /// Closed when this is dropped.
    _alive: mpsc::Sender<()>,
}

pub fn watch(what: &'static str) -> Watchdog {
    let (alive, dropped) = mpsc::channel::<()>();
    thread::spawn(move || {
        if dropped.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            eprintln!("{what}: still waiting after {PATIENCE:?}");
            std::process::abort();
        }
    });
    Watchdog { _alive: alive }
}
