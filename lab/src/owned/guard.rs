//! A process that ends the children's groups when this program is killed outright.
//!
//! The kernel ends the children themselves then, but not what they started. So a copy of this program
//! sleeps on a pipe whose other end only this program holds. At its end the copy kills the groups whose
//! numbers are in a page that both share, and ends. Nothing wakes it before, so nothing runs beside what
//! is measured. A process that has left its group (`setsid`) is not reached.

use std::io::{self, PipeReader};
use std::os::fd::{AsRawFd, IntoRawFd, RawFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, Ordering};

/// Most groups that are guarded at once; further ones are not.
const PLACES: usize = 1024;

/// The guard; `None` if the system refused it: then only the children themselves end.
static GUARD: OnceLock<Option<Guard>> = OnceLock::new();

/// The process, and the page that it reads when this program has ended.
struct Guard {
    process: i32,
    /// Numbers of groups; 0 where there is none.
    groups: &'static [AtomicI32; PLACES],
}

/// Has a group killed when this program ends before [`release`] was called for it. From any thread.
pub(super) fn add(group: i32) {
    replace(0, group);
}

/// Leaves a group alone from now on. It must be called before its leader is reaped.
pub(super) fn release(group: i32) {
    replace(group, 0);
}

fn replace(before: i32, after: i32) {
    let Some(guard) = GUARD.get_or_init(|| start().ok()) else { return };
    let free = |place: &&AtomicI32| {
        place.compare_exchange(before, after, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    };
    let _ = guard.groups.iter().find(free);
}

/// The number of the guard's process, if there is one.
pub(super) fn process() -> Option<i32> {
    GUARD.get()?.as_ref().map(|guard| guard.process)
}

fn start() -> io::Result<Guard> {
    let groups = shared()?;
    let (reader, writer) = io::pipe()?;
    let process = with_signals_blocked(|| {
        // SAFETY: the copy makes nothing but system calls, which may be made there, and never returns.
        match unsafe { libc::fork() } {
            0 => guard(&reader, groups),
            process => process,
        }
    });
    if process < 0 {
        return Err(io::Error::last_os_error());
    }
    // It stays open as long as this program runs, and is closed in what it starts.
    let _ = writer.into_raw_fd();
    Ok(Guard { process, groups })
}

/// A page of numbers that a forked process shares.
fn shared() -> io::Result<&'static [AtomicI32; PLACES]> {
    let (access, kind) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
    let bytes = size_of::<[AtomicI32; PLACES]>();
    // SAFETY: it maps new memory and touches no other.
    let page = unsafe { libc::mmap(std::ptr::null_mut(), bytes, access, kind, -1, 0) };
    if page == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it is as large, aligned to a page, filled with zeros, and never unmapped.
    Ok(unsafe { &*page.cast::<[AtomicI32; PLACES]>() })
}

/// Runs `fork` so that no handler of this program runs in the copy, where it would report a signal to
/// this program.
fn with_signals_blocked(fork: impl FnOnce() -> i32) -> i32 {
    // SAFETY: all zeros are values of this type, which are only written to.
    let (mut all, mut before): (libc::sigset_t, libc::sigset_t) = unsafe { std::mem::zeroed() };
    // SAFETY: both are there to be written to.
    unsafe {
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
    }
    let process = fork();
    // SAFETY: it restores what was read above.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut()) };
    process
}

/// The life of the guard. Other threads of this program do not exist in it and may have held any lock,
/// so it only makes system calls.
fn guard(pipe: &PipeReader, groups: &[AtomicI32; PLACES]) -> ! {
    // SAFETY: these are system calls of this process on its own descriptors, name and session; the name
    // ends with a zero, and one byte is there to be written to.
    unsafe {
        libc::prctl(libc::PR_SET_NAME, c"lab-guard".as_ptr());
        // Not in the group that a terminal interrupts, or that somebody kills.
        libc::setsid();
        only_descriptor(pipe.as_raw_fd());
        let mut byte = 0_u8;
        // Nobody writes, and no signal interrupts: it ends when this program does, or cannot be waited for.
        if libc::read(0, (&raw mut byte).cast(), 1) != 0 {
            libc::_exit(1);
        }
    }
    let numbers = groups.iter().map(|group| group.load(Ordering::SeqCst));
    for group in numbers.filter(|group| *group > 0) {
        // SAFETY: it sends a signal. Its leader was not reaped when this program ended, a moment ago.
        unsafe { libc::killpg(group, libc::SIGKILL) };
    }
    // SAFETY: it ends this process, without the handlers of the program that it is a copy of.
    unsafe { libc::_exit(0) }
}

/// Makes `kept` the standard input and closes all other descriptors: locks and pipes of this program
/// would stay held, and the pipe would never end.
///
/// # Safety
/// It must be called in the guard, which uses no other descriptor.
unsafe fn only_descriptor(kept: RawFd) {
    // SAFETY: the caller owns all descriptors of this process.
    unsafe {
        if kept != 0 {
            libc::dup2(kept, 0);
        }
        if libc::syscall(libc::SYS_close_range, 1_u32, u32::MAX, 0_u32) != 0 {
            // Kernels before 5.9.
            for descriptor in 1..65_536 {
                libc::close(descriptor);
            }
        }
    }
}
