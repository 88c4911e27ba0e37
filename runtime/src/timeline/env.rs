//! The timeline of a program that does not request one itself: `SIMPLE_RT_TIMELINE=FILE`.
//!
//! The recording begins when the executor first starts, and FILE is written when the executor is
//! shut down, or, if that never happens, when the process exits: by the end of `main` or by `exit`,
//! not by a signal, an abort or `_exit`. Each process makes one recording: a later start is not
//! recorded. Errors are reported only if `SIMPLE_RT_LOG` enables messages. A program that runs with
//! more rights than its user ignores the variable.
//!
//! FILE is interpreted as of the time when the process loaded the library: relative to its folder
//! at that time, with `%p` for the process's number and `%%` for a percent sign. Only a regular
//! file is written.
//!
//! A child, forked or started as another program, has the variable too. So a process records
//! nothing if FILE belongs to another process (`environment/claim.rs`) that was running when this one began, or
//! to its parent. With `%p` every process has a file of its own.

use super::recording::{Recording, Settings, start};
use crate::environment::claim::{Claim, Links, Refusal, is_taken};
use crate::environment::file_name::fixed;
use crate::environment::held::Held;
use crate::environment::variable;
use crate::log::log;
use crate::sync::atomic::{AtomicPtr, Ordering};
use crate::sync::fork::PerProcess;
use crate::sync::{Lock, Locked};
use std::ffi::OsString;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::{Once, OnceLock};

const VARIABLE: &str = "SIMPLE_RT_TIMELINE";

/// The state of a process's one recording.
enum State {
    /// The executor has not started yet.
    Unasked,
    Recording(Recording, Claim),
    /// Written, or never begun. The claim lasts as long as the process.
    Over(#[allow(dead_code, reason = "to be kept")] Option<Claim>),
}

/// The environment when the library was loaded, if the variable was set.
struct Loaded {
    folder: Option<PathBuf>,
    is_taken: bool,
}

static STATE: PerProcess<Lock<State>> =
    PerProcess::new(Lock::new(State::Unasked), || Lock::new(State::Unasked));
static LOADED: OnceLock<Loaded> = OnceLock::new();
/// The claim's descriptor, for a forked child.
static HELD: Held = Held::new();
/// The file that this process records to, or its last parent that did; never freed.
static RECORDED: AtomicPtr<PathBuf> = AtomicPtr::new(std::ptr::null_mut());

fn state() -> Locked<'static, State> {
    STATE.get().lock()
}

/// Reads the variable when the library is loaded: before the executor starts, the program may
/// change its folder, and a process that records to the file may end.
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = {
    extern "C" fn at_load() {
        if let Some(file) = variable(VARIABLE) {
            let folder = std::env::current_dir().ok();
            let file = fixed(&file, folder.as_deref());
            let is_taken = file.is_ok_and(|file| is_taken(&file));
            let _ = LOADED.set(Loaded { folder, is_taken });
        }
    }
    at_load
};

/// Begins the recording. Called when the executor is about to start.
#[cold]
pub(crate) fn executor_starts() {
    let mut state = state();
    if matches!(*state, State::Unasked) {
        *state = variable(VARIABLE).map_or(State::Over(None), begin);
    }
}

fn begin(file: OsString) -> State {
    let refused = |error: &dyn std::fmt::Display| {
        log(&format_args!("{VARIABLE}: cannot record to {}: {error}", file.display()));
        State::Over(None)
    };
    // A program may set the variable itself, after the library was loaded.
    let loaded = LOADED.get();
    let folder = loaded.map(|loaded| loaded.folder.clone());
    let folder = folder.unwrap_or_else(|| std::env::current_dir().ok());
    let path = match fixed(&file, folder.as_deref()) {
        Ok(path) => path,
        Err(error) => return refused(&error),
    };
    if is_parents(&path) || loaded.is_some_and(|loaded| loaded.is_taken) {
        return refused(&Refusal::Taken);
    }
    let claim = match Claim::new(&path, Links::Followed) {
        Ok(claim) => claim,
        Err(refusal) => return refused(&refusal),
    };
    match start(Settings::default()) {
        Ok(recording) => {
            prepare_ends(&claim, path);
            State::Recording(recording, claim)
        }
        Err(error) => refused(&error),
    }
}

/// True if a parent of this forked process records, or has recorded, to that file.
fn is_parents(file: &Path) -> bool {
    // SAFETY: null, or from a box that is never freed.
    unsafe { RECORDED.load(Ordering::Acquire).as_ref() }.is_some_and(|recorded| recorded == file)
}

/// Makes sure that the file is written at exit, and that a forked child does not touch it.
fn prepare_ends(claim: &Claim, file: PathBuf) {
    static ONCE: Once = Once::new();
    extern "C" fn at_exit() {
        executor_ended();
    }
    extern "C" fn in_child() {
        HELD.close_in_child();
    }
    RECORDED.store(Box::into_raw(Box::new(file)), Ordering::Release);
    HELD.note(claim);
    // SAFETY: functions of the required types; the child's is a swap and a close.
    ONCE.call_once(|| unsafe {
        libc::atexit(at_exit);
        libc::pthread_atfork(None, None, Some(in_child));
    });
}

/// Writes the file. Called when the executor has been shut down, or never will be.
#[cold]
pub(crate) fn executor_ended() {
    // Held until everything is written: an exit meanwhile waits.
    let mut state = state();
    if !matches!(*state, State::Recording(..)) {
        return;
    }
    let State::Recording(recording, mut claim) = std::mem::replace(&mut *state, State::Over(None))
    else {
        unreachable!("it was seen above");
    };
    let timeline = recording.stop();
    let written = claim.write(|file| timeline.write_chrome_trace(BufWriter::new(file)));
    match written {
        Ok(()) => *state = State::Over(Some(claim)),
        Err(error) => {
            HELD.forget();
            let file = claim.file().display();
            log(&format_args!("{VARIABLE}: cannot write {file}: {error}"));
        }
    }
}
