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
//! nothing if FILE belongs to another process (`claim.rs`) that was running when this one began, or
//! to its parent. With `%p` every process has a file of its own.

use super::claim::{self, Claim, is_taken};
use super::recording::{Recording, Settings, start};
use crate::log::log;
use crate::sync::atomic::{AtomicI32, AtomicPtr, AtomicU64, Ordering};
use crate::sync::fork::PerProcess;
use crate::sync::{Lock, Locked};
use std::ffi::{OsStr, OsString};
use std::io::{self, BufWriter};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
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
/// The descriptor of the claim, or -1.
static DESCRIPTOR: AtomicI32 = AtomicI32::new(-1);
/// Device and number of the file that it refers to.
static CLAIMED: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];
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
        if let Some(file) = asked_for() {
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
        *state = asked_for().map_or(State::Over(None), begin);
    }
}

/// Returns the file as the variable names it.
fn asked_for() -> Option<OsString> {
    std::env::var_os(VARIABLE).filter(|file| !file.is_empty() && !has_more_rights())
}

/// True if the program has rights that its user, who set the environment, does not have.
fn has_more_rights() -> bool {
    // SAFETY: it reads data that the kernel passed to this process when it was started.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
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
        return refused(&claim::Refusal::Taken);
    }
    let claim = match Claim::new(&path) {
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

/// Returns the path with its numbers filled in, relative to `folder`.
fn fixed(file: &OsStr, folder: Option<&Path>) -> io::Result<PathBuf> {
    let path = PathBuf::from(with_numbers(file, std::process::id()));
    match folder {
        _ if path.is_absolute() => Ok(path),
        Some(folder) => Ok(folder.join(path)),
        None => Err(io::Error::other("the current folder is not there")),
    }
}

/// Replaces `%p` in a name by `process`, and `%%` by a percent sign.
fn with_numbers(name: &OsStr, process: u32) -> OsString {
    let mut filled = Vec::new();
    let mut rest = name.as_bytes().iter();
    while let Some(letter) = rest.next() {
        match (letter, rest.as_slice().first()) {
            (b'%', Some(b'p')) => filled.extend(process.to_string().bytes()),
            (b'%', Some(b'%')) => filled.push(b'%'),
            _ => {
                filled.push(*letter);
                continue;
            }
        }
        rest.next();
    }
    OsString::from_vec(filled)
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
        let descriptor = DESCRIPTOR.swap(-1, Ordering::Relaxed);
        let claimed = (CLAIMED[0].load(Ordering::Relaxed), CLAIMED[1].load(Ordering::Relaxed));
        if descriptor >= 0 && claim::identity(descriptor) == Some(claimed) {
            // SAFETY: the claim's descriptor, which nobody uses in this process: its state is the
            // parent's.
            unsafe { libc::close(descriptor) };
        }
    }
    RECORDED.store(Box::into_raw(Box::new(file)), Ordering::Release);
    let (descriptor, (device, number)) = claim.descriptor();
    CLAIMED[0].store(device, Ordering::Relaxed);
    CLAIMED[1].store(number, Ordering::Relaxed);
    DESCRIPTOR.store(descriptor, Ordering::Relaxed);
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
            DESCRIPTOR.store(-1, Ordering::Relaxed);
            let file = claim.file().display();
            log(&format_args!("{VARIABLE}: cannot write {file}: {error}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_filled_in() {
        let filled = |name: &str| with_numbers(OsStr::new(name), 42).into_string().unwrap();
        let names = ["trace.json", "%p", "a/%p/b.%p", "%%p", "%", "%q", "100%%", "%%%p", ""];
        let expected = ["trace.json", "42", "a/42/b.42", "%p", "%", "%q", "100%", "%42", ""];
        assert_eq!(names.map(filled), expected);
    }

    #[test]
    fn names_need_not_be_text() {
        let name = OsStr::from_bytes(b"\xff%p\xfe");
        assert_eq!(with_numbers(name, 1).as_bytes(), b"\xff1\xfe");
    }

    #[test]
    fn names_count_from_the_folder_unless_they_are_absolute() {
        let fixed = |name: &str| fixed(OsStr::new(name), Some(Path::new("/folder"))).unwrap();
        assert_eq!(fixed("trace"), Path::new("/folder/trace"));
        assert_eq!(fixed("/trace"), Path::new("/trace"));
        assert!(super::fixed(OsStr::new("trace"), None).is_err());
    }
}
