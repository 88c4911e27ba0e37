//! The system calls that may refuse, in one place.
//!
//! Each function is the system's own, unless a fault is injected: with the feature
//! `injected-faults` a test chooses a call that fails ([`injected`]). Without the feature, and in
//! the models of loom, the functions are nothing but the call.
//!
//! The standard library's calls cannot be replaced. [`check`] comes before those.

mod call;
mod errno;
#[cfg(feature = "injected-faults")]
pub mod injected;

pub use call::Call;
pub(crate) use errno::Errno;

#[cfg(feature = "injected-faults")]
use injected::refusal;

use std::ffi::{CStr, c_int, c_long, c_void};
use std::io::{self, Write};

/// Returns the error number of the fault to inject: none, in this build.
#[cfg(not(feature = "injected-faults"))]
#[inline(always)]
fn refusal(_call: Call) -> Option<c_int> {
    None
}

/// Returns true, with `errno` set, if a fault is to be injected.
#[inline(always)]
fn is_refused(call: Call) -> bool {
    let refusal = refusal(call);
    #[cfg(feature = "injected-faults")]
    if let Some(errno) = refusal {
        injected::set_errno(errno);
    }
    refusal.is_some()
}

/// Runs code that ends the process if there is no memory for it, because it is not ours and has no
/// other form. Tests that refuse allocations leave it alone ([`injected::is_exempt`]).
#[inline(always)]
pub(crate) fn aborts_without_memory<R>(code: impl FnOnce() -> R) -> R {
    #[cfg(feature = "injected-faults")]
    let _exemption = injected::Exemption::begin();
    code()
}

/// Fails if a fault is to be injected into a call of the standard library's that follows.
#[inline(always)]
pub(crate) fn check(call: Call) -> io::Result<()> {
    match refusal(call) {
        None => Ok(()),
        Some(errno) => Err(io::Error::from_raw_os_error(errno)),
    }
}

/// See mmap(2), without a file.
///
/// # Safety
///
/// As for the system's call.
#[inline(always)]
pub(crate) unsafe fn map_memory(bytes: usize, access: c_int, flags: c_int) -> *mut c_void {
    if is_refused(Call::Map) {
        return libc::MAP_FAILED;
    }
    // SAFETY: the caller's promise.
    unsafe { libc::mmap(std::ptr::null_mut(), bytes, access, flags, -1, 0) }
}

/// See mprotect(2).
///
/// # Safety
///
/// As for the system's call.
#[inline(always)]
pub(crate) unsafe fn mprotect(at: *mut c_void, bytes: usize, access: c_int) -> c_int {
    if is_refused(Call::Protect) {
        return -1;
    }
    // SAFETY: the caller's promise.
    unsafe { libc::mprotect(at, bytes, access) }
}

/// See madvise(2).
///
/// # Safety
///
/// As for the system's call.
#[inline(always)]
pub(crate) unsafe fn madvise(at: *mut c_void, bytes: usize, advice: c_int) -> c_int {
    if is_refused(Call::Advise) {
        return -1;
    }
    // SAFETY: the caller's promise.
    unsafe { libc::madvise(at, bytes, advice) }
}

/// See open(2), without a mode.
#[inline(always)]
pub(crate) fn open(path: &CStr, flags: c_int) -> c_int {
    if is_refused(Call::Open) {
        return -1;
    }
    // SAFETY: `path` is NUL-terminated and outlives the call.
    unsafe { libc::open(path.as_ptr(), flags) }
}

/// See stat(2).
#[inline(always)]
pub(crate) fn stat(path: &CStr, status: &mut libc::stat) -> c_int {
    if is_refused(Call::Look) {
        return -1;
    }
    // SAFETY: `path` is NUL-terminated, `status` is writable; both outlive the call.
    unsafe { libc::stat(path.as_ptr(), status) }
}

/// See lstat(2).
#[inline(always)]
pub(crate) fn lstat(path: &CStr, status: &mut libc::stat) -> c_int {
    if is_refused(Call::Look) {
        return -1;
    }
    // SAFETY: as for `stat`.
    unsafe { libc::lstat(path.as_ptr(), status) }
}

/// See fstat(2).
///
/// # Safety
///
/// As for the system's call.
#[inline(always)]
pub(crate) unsafe fn fstat(descriptor: c_int, status: *mut libc::stat) -> c_int {
    if is_refused(Call::Inspect) {
        return -1;
    }
    // SAFETY: the caller's promise.
    unsafe { libc::fstat(descriptor, status) }
}

/// See read(2).
///
/// # Safety
///
/// As for the system's call.
#[inline(always)]
pub(crate) unsafe fn read(descriptor: c_int, to: *mut c_void, bytes: usize) -> isize {
    if is_refused(Call::Read) {
        return -1;
    }
    // SAFETY: the caller's promise.
    unsafe { libc::read(descriptor, to, bytes) }
}

/// See cachestat(2).
///
/// # Safety
///
/// `range` and `counts` are structures of the kernel's layout that outlive the call.
#[inline(always)]
pub(crate) unsafe fn cachestat(
    descriptor: c_int,
    range: *const c_void,
    counts: *mut c_void,
) -> c_long {
    /// The number is the same on all architectures that Rust's Linux targets share; `libc` has no
    /// name for it on some of them.
    const SYS_CACHESTAT: c_long = 451;
    if is_refused(Call::Residency) {
        return -1;
    }
    // SAFETY: the caller's promise. The last argument is a set of flags, which is empty.
    unsafe { libc::syscall(SYS_CACHESTAT, descriptor, range, counts, 0) }
}

/// See pipe2(2).
#[inline(always)]
pub(crate) fn pipe2(ends: &mut [c_int; 2], flags: c_int) -> c_int {
    if is_refused(Call::Pipe) {
        return -1;
    }
    // SAFETY: room for two descriptors.
    unsafe { libc::pipe2(ends.as_mut_ptr(), flags) }
}

/// See writev(2).
///
/// # Safety
///
/// As for the system's call.
#[inline(always)]
pub(crate) unsafe fn writev(descriptor: c_int, parts: *const libc::iovec, count: c_int) -> isize {
    if is_refused(Call::Write) {
        return -1;
    }
    // SAFETY: the caller's promise.
    unsafe { libc::writev(descriptor, parts, count) }
}

/// See write(2).
#[inline(always)]
pub(crate) fn write(descriptor: c_int, bytes: &[u8]) -> isize {
    if is_refused(Call::Write) {
        return -1;
    }
    // SAFETY: bytes that can be read.
    unsafe { libc::write(descriptor, bytes.as_ptr().cast(), bytes.len()) }
}

/// See pthread_create(3).
///
/// # Safety
///
/// As for the system's call.
#[inline(always)]
pub(crate) unsafe fn pthread_create(
    thread: *mut libc::pthread_t,
    attributes: *const libc::pthread_attr_t,
    code: extern "C" fn(*mut c_void) -> *mut c_void,
    argument: *mut c_void,
) -> c_int {
    if let Some(errno) = refusal(Call::Thread) {
        return errno;
    }
    // SAFETY: the caller's promise.
    unsafe { libc::pthread_create(thread, attributes, code, argument) }
}

/// See pthread_key_create(3).
///
/// # Safety
///
/// As for the system's call.
#[inline(always)]
pub(crate) unsafe fn pthread_key_create(
    key: &mut libc::pthread_key_t,
    code: unsafe extern "C" fn(*mut c_void),
) -> c_int {
    if let Some(errno) = refusal(Call::Key) {
        return errno;
    }
    // SAFETY: the caller's promise.
    unsafe { libc::pthread_key_create(key, Some(code)) }
}

/// See pthread_setspecific(3).
///
/// # Safety
///
/// As for the system's call.
#[inline(always)]
pub(crate) unsafe fn pthread_setspecific(key: libc::pthread_key_t, value: *const c_void) -> c_int {
    if let Some(errno) = refusal(Call::Key) {
        return errno;
    }
    // SAFETY: the caller's promise.
    unsafe { libc::pthread_setspecific(key, value) }
}

/// See pthread_getattr_np(3), of the calling thread.
///
/// # Safety
///
/// `attributes` can be written to.
#[cfg(all(target_os = "linux", not(miri)))]
#[inline(always)]
pub(crate) unsafe fn own_attributes(attributes: *mut libc::pthread_attr_t) -> c_int {
    if let Some(errno) = refusal(Call::OwnStack) {
        return errno;
    }
    // SAFETY: the caller's promise, and the calling thread.
    unsafe { libc::pthread_getattr_np(libc::pthread_self(), attributes) }
}

/// Sleeps by futex(2) while the word is `expected`; see there for the result.
///
/// # Safety
///
/// `limit` is NULL or a time that outlives the call.
#[cfg(all(target_os = "linux", not(miri)))]
#[inline(always)]
pub(crate) unsafe fn futex_wait(
    word: *mut u32,
    expected: u32,
    limit: *const libc::timespec,
) -> c_long {
    if is_refused(Call::Sleep) {
        return -1;
    }
    let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the caller's word and time, which the call only reads.
    unsafe { libc::syscall(libc::SYS_futex, word, operation, expected, limit) }
}

/// See clock_gettime(2).
#[inline(always)]
pub(crate) fn clock_gettime(clock: libc::clockid_t, time: &mut libc::timespec) -> c_int {
    if is_refused(Call::Clock) {
        return -1;
    }
    // SAFETY: a place to write to.
    unsafe { libc::clock_gettime(clock, time) }
}

/// A file to which each write may be refused.
pub(crate) struct Written<'a>(pub(crate) &'a mut std::fs::File);

impl Write for Written<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        check(Call::Write)?;
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
