//! Signals that ask this program to end: Ctrl-C, Ctrl-\, `kill`, a terminal that is closed.
//!
//! A handler may do almost nothing, so it writes the signal's number into a pipe. A thread reads it there
//! and does the rest: it ends children and removes temporary folders.

use crate::{owned, say};
use anyhow::{Context, Result, ensure};
use std::io::{self, PipeReader, Read};
use std::os::fd::{AsRawFd, IntoRawFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;

const SIGNALS: [i32; 4] = [libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGHUP];

/// The write end of the pipe; negative until there is one.
static PIPE: AtomicI32 = AtomicI32::new(-1);
/// The first signal that came; 0 if none has.
static SIGNAL: AtomicI32 = AtomicI32::new(0);
/// Advice to print at an interrupt, once something is kept.
static KEPT: OnceLock<String> = OnceLock::new();

/// Ends this program at the first signal, with its children and temporary folders, and says whether
/// anything is kept ([`keeps`]). The exit code is 128 plus the signal's number: 130 for Ctrl-C.
///
/// # Errors
/// If the system refuses, or signals are caught already.
pub fn end_on_interrupt() -> Result<()> {
    catch(|mut signals| {
        if let Some(signal) = next(&mut signals) {
            end(signal);
        }
    })
}

/// Notes the first signal for [`interrupted`], and ends children, so that nobody waits for them any
/// longer. The second signal ends this program as [`end_on_interrupt`] does.
///
/// # Errors
/// If the system refuses, or signals are caught already.
pub fn note_interrupts() -> Result<()> {
    catch(|mut signals| {
        if next(&mut signals).is_none() {
            return;
        }
        owned::end_children();
        if let Some(signal) = next(&mut signals) {
            end(signal);
        }
    })
}

/// Declares that an interrupt leaves something behind from now on; `advice` says how to use it. The
/// first advice stays.
pub fn keeps(advice: impl Into<String>) {
    let _ = KEPT.set(advice.into());
}

/// The exit code of a program that was interrupted; none if it was not.
pub fn interrupted() -> Option<u8> {
    let signal = SIGNAL.load(Ordering::Relaxed);
    (signal != 0).then(|| code(signal))
}

/// Waits for the end of this program if a signal is ending it: any failure from now on is a consequence
/// of that. Only useful after [`end_on_interrupt`].
pub fn hold_if_ending() {
    while interrupted().is_some() {
        thread::park();
    }
}

fn code(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}

fn end(signal: i32) -> ! {
    owned::end_all();
    match KEPT.get() {
        Some(advice) => say!("interrupted: what was measured is kept; {advice}"),
        None => say!("interrupted: nothing was measured yet"),
    }
    std::process::exit(i32::from(code(signal)));
}

/// Has `serve` read signals in a thread of its own.
fn catch(serve: impl FnOnce(PipeReader) + Send + 'static) -> Result<()> {
    let (reader, writer) = io::pipe().context("cannot catch interrupts")?;
    let number = writer.as_raw_fd();
    let first = PIPE.compare_exchange(-1, number, Ordering::SeqCst, Ordering::SeqCst).is_ok();
    ensure!(first, "interrupts are caught already");
    // It stays open for the handler, as long as this program runs.
    let _ = writer.into_raw_fd();
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || serve(reader))
        .context("cannot catch interrupts")?;
    for signal in SIGNALS {
        // Under nohup, a program outlives its terminal.
        if signal != libc::SIGHUP || !is_ignored(signal) {
            handle(signal).context("cannot catch interrupts")?;
        }
    }
    Ok(())
}

fn next(signals: &mut PipeReader) -> Option<i32> {
    let mut byte = [0];
    signals.read_exact(&mut byte).ok()?;
    Some(i32::from(byte[0]))
}

fn is_ignored(signal: i32) -> bool {
    // SAFETY: all zeros are a value of this type; it is only written to.
    let mut now: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: it reads the present action into `now`.
    let done = unsafe { libc::sigaction(signal, std::ptr::null(), &mut now) };
    done == 0 && now.sa_sigaction == libc::SIG_IGN
}

fn handle(signal: i32) -> io::Result<()> {
    // SAFETY: all zeros are a value of this type: no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = on_signal as *const () as libc::sighandler_t;
    // System calls that were at work go on.
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: the handler does only what a handler may.
    match unsafe { libc::sigaction(signal, &action, std::ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Notes the signal and wakes the thread. It makes one system call and restores the error number.
extern "C" fn on_signal(signal: i32) {
    // SAFETY: it points to this thread's own error number.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    let before = unsafe { *errno };
    let _ = SIGNAL.compare_exchange(0, signal, Ordering::Relaxed, Ordering::Relaxed);
    let byte = [signal as u8];
    // SAFETY: the descriptor stays open; it reads one byte. The pipe never
    // fills up: a byte is read at once.
    unsafe { libc::write(PIPE.load(Ordering::Relaxed), byte.as_ptr().cast(), 1) };
    // SAFETY: as above.
    unsafe { *errno = before };
}
