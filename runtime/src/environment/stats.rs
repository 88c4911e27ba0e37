//! The counters of a process, written to a file when it ends: `SIMPLE_RT_STATS=FILE`.
//!
//! FILE is written when the library is loaded, with zeros, when the executor has been shut down,
//! and when the process exits: by the end of `main` or by `exit`. `written_at` says which it was. A
//! process that is ended by a signal, an abort or `_exit` leaves what was written before. No signal
//! is handled for this: a handler would take the program's own place, and could not take the locks
//! that the counters need.
//!
//! FILE is claimed as a timeline's file is, but a symbolic link is not followed. A forked child
//! writes nothing, because FILE is its parent's; a child that starts another program has the
//! variable too, and needs `%p` in it to have a file of its own. Errors are reported only if
//! `SIMPLE_RT_LOG` enables messages.

mod report;

use super::claim::{Claim, Links, Refusal};
use super::file_name::fixed;
use super::held::Held;
use super::variable;
use crate::log::log;
use crate::sync::Lock;
use crate::sync::fork::PerProcess;
use report::Moment;
use std::ffi::OsStr;
use std::io::Write;

const VARIABLE: &str = "SIMPLE_RT_STATS";

/// The file of the process that loaded the library, if it writes one. Children have none.
static CLAIM: PerProcess<Lock<Option<Claim>>> =
    PerProcess::new(Lock::new(None), || Lock::new(None));
/// The claim's descriptor, for a forked child.
static HELD: Held = Held::new();

/// Claims and writes the file when the library is loaded.
#[used]
#[unsafe(link_section = ".init_array")]
static BEGIN: extern "C" fn() = {
    extern "C" fn at_load() {
        let Some(file) = variable(VARIABLE) else { return };
        match claimed(&file) {
            Ok(claim) => begin(claim),
            Err(refusal) => {
                let file = file.display();
                log(&format_args!("{VARIABLE}: cannot write {file}: {refusal}"));
            }
        }
    }
    at_load
};

fn claimed(file: &OsStr) -> Result<Claim, Refusal> {
    let folder = std::env::current_dir().ok();
    let mut claim = Claim::new(&fixed(file, folder.as_deref())?, Links::Refused)?;
    claim.write(|file| file.write_all(report::text(Moment::Load).as_bytes()))?;
    Ok(claim)
}

/// Makes sure that the file is written at exit, and that a forked child does not touch it. Called
/// once, when the library is loaded.
fn begin(claim: Claim) {
    extern "C" fn at_exit() {
        write(Moment::Exit);
    }
    extern "C" fn in_child() {
        HELD.close_in_child();
    }
    HELD.note(&claim);
    *CLAIM.get().lock() = Some(claim);
    // SAFETY: functions of the required types; the child's is a swap and a close.
    unsafe {
        libc::atexit(at_exit);
        libc::pthread_atfork(None, None, Some(in_child));
    }
}

/// Writes the file, if there is one. Called when the executor has been shut down.
#[cold]
pub(crate) fn executor_ended() {
    write(Moment::Shutdown);
}

fn write(moment: Moment) {
    // Held until everything is written: an exit meanwhile waits.
    let mut claim = CLAIM.get().lock();
    let Some(claim) = claim.as_mut() else { return };
    if let Err(error) = claim.rewrite(report::text(moment).as_bytes()) {
        log(&format_args!("{VARIABLE}: cannot write {}: {error}", claim.file().display()));
    }
}
