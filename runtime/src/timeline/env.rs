//! A timeline for programs that do not ask for one: `SIMPLE_RT_TIMELINE=FILE`.
//!
//! The recording begins when the executor first starts, and FILE is written when the executor
//! is shut down, or, if that never happens, when the process exits: by the end of `main` or by
//! `exit`, not by a signal, an abort or `_exit`. It is one recording for each process: a later
//! start is not recorded, and a forked child writes nothing. A program that runs with more rights
//! than its user ignores the variable. Whatever fails is told where `SIMPLE_RT_LOG` asks for
//! messages, and nowhere else.

use super::recording::{Recording, Settings, start};
use crate::error::log;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicU32, Ordering};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::Once;

const VARIABLE: &str = "SIMPLE_RT_TIMELINE";

static ASKED: Once = Once::new();
static RECORDED: Mutex<Option<(Recording, PathBuf)>> = Mutex::new(None);
/// The process that records: a forked child must not touch the lock, which may have been held.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// The executor is about to start.
#[cold]
pub(crate) fn executor_starts() {
    ASKED.call_once(|| {
        let file = std::env::var_os(VARIABLE).filter(|file| !file.is_empty());
        if let Some(file) = file.filter(|_| !has_more_rights()) {
            begin(file);
        }
    });
}

/// Whether the program got rights that its user does not have, who has set the environment.
fn has_more_rights() -> bool {
    // SAFETY: it reads what the kernel told this process when it was started.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

fn begin(file: OsString) {
    match start(Settings::default()) {
        Ok(recording) => {
            PROCESS.store(std::process::id(), Ordering::Relaxed);
            *RECORDED.lock() = Some((recording, file.into()));
            // SAFETY: a function that may be called when the process exits; if it cannot be
            // registered, only a shutdown writes the file.
            unsafe { libc::atexit(at_exit) };
        }
        Err(error) => log(&format!("{VARIABLE}: {error}")),
    }
}

extern "C" fn at_exit() {
    executor_ended();
}

/// The executor has been shut down, or never will be.
#[cold]
pub(crate) fn executor_ended() {
    if PROCESS.load(Ordering::Relaxed) != std::process::id() {
        return;
    }
    // Held until all is written: an exit meanwhile waits.
    let mut recorded = RECORDED.lock();
    let Some((recording, file)) = recorded.take() else { return };
    if let Err(error) = write(recording, &file) {
        log(&format!("{VARIABLE}: cannot write {}: {error}", file.display()));
    }
}

fn write(recording: Recording, file: &Path) -> io::Result<()> {
    let timeline = recording.stop();
    timeline.write_chrome_trace(BufWriter::new(File::create(file)?))
}
