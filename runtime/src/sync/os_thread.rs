//! System threads, without the standard library's, which allocate while starting, register
//! destructors of thread-local variables, and end the process if there is no memory for that. Here
//! everything that a thread needs is made before the thread exists.

use super::Constant;
use super::counted::try_box;
use crate::sys::{self, Errno};
use std::ffi::{CStr, c_int, c_void};
use std::fmt::{self, Display, Formatter};
use std::io::Write;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr;

/// A thread's name, as long as the system shows it, and a NUL.
#[derive(Clone, Copy)]
pub(crate) struct Name([u8; 16]);

impl Name {
    /// No name: the thread keeps the program's.
    pub(crate) const NONE: Self = Self([0; 16]);

    pub(crate) fn new(name: impl Display) -> Self {
        let mut bytes = [0; 16];
        // The part that does not fit is left out.
        let _ = write!(&mut bytes[..15], "{name}");
        Self(bytes)
    }
}

/// The system's error number for a thread that could not be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoThread(c_int);

impl NoThread {
    pub(crate) const NO_MEMORY: Self = Self(libc::ENOMEM);
}

impl Display for NoThread {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Errno(self.0).fmt(f)
    }
}

impl From<NoThread> for std::io::Error {
    fn from(error: NoThread) -> Self {
        Self::from_raw_os_error(error.0)
    }
}

/// A started thread, to be joined; detached when dropped.
#[derive(Debug)]
pub(crate) struct OsThread(libc::pthread_t);

// SAFETY: an identifier of the thread, which any thread may use.
unsafe impl Send for OsThread {}

impl OsThread {
    /// Waits for the thread's end.
    pub(crate) fn join(self) {
        let thread = ManuallyDrop::new(self);
        // SAFETY: neither joined nor detached before or after.
        let result = unsafe { libc::pthread_join(thread.0, ptr::null_mut()) };
        assert_eq!(result, 0, "a thread cannot join itself");
    }
}

impl Drop for OsThread {
    fn drop(&mut self) {
        // SAFETY: as in `join`.
        unsafe { libc::pthread_detach(self.0) };
    }
}

/// Starts a thread that runs `code`, which must not panic.
pub(crate) fn start<F>(name: Name, code: F) -> Result<OsThread, NoThread>
where
    F: FnOnce() + Send + 'static,
{
    let start = try_box(Start { name, code }).map_err(|_| NoThread::NO_MEMORY)?;
    let start = Box::into_raw(start);
    let mut thread = MaybeUninit::uninit();
    let result = with_attributes(|attributes| {
        // SAFETY: places to read from and to write to; `run` takes what it is given.
        unsafe {
            sys::pthread_create(thread.as_mut_ptr(), attributes, run::<F>, start.cast::<c_void>())
        }
    });
    if result != 0 {
        // SAFETY: no thread has it.
        drop(unsafe { Box::from_raw(start) });
        return Err(NoThread(result));
    }
    // SAFETY: written by the call, which has succeeded.
    Ok(OsThread(unsafe { thread.assume_init() }))
}

struct Start<F> {
    name: Name,
    code: F,
}

/// The thread's entry point.
extern "C" fn run<F: FnOnce()>(start: *mut c_void) -> *mut c_void {
    // SAFETY: made by `start` for this thread.
    let Start { name, code } = *unsafe { Box::from_raw(start.cast::<Start<F>>()) };
    if name.0[0] != 0 {
        #[cfg(target_os = "linux")]
        // SAFETY: a text with a NUL at its end.
        unsafe {
            libc::pthread_setname_np(libc::pthread_self(), name.0.as_ptr().cast())
        };
    }
    code();
    ptr::null_mut()
}

/// Calls `create` with the attributes of a thread whose stack is as large as those of the standard
/// library's threads.
fn with_attributes(create: impl FnOnce(*const libc::pthread_attr_t) -> c_int) -> c_int {
    let mut attributes = MaybeUninit::uninit();
    // SAFETY: a place to write to, for which `destroy` is called at the end.
    let result = unsafe { libc::pthread_attr_init(attributes.as_mut_ptr()) };
    if result != 0 {
        return result;
    }
    // SAFETY: initialised above.
    unsafe { libc::pthread_attr_setstacksize(attributes.as_mut_ptr(), STACK_BYTES.get() as usize) };
    let result = create(attributes.as_ptr());
    // SAFETY: as above, and not used any more.
    unsafe { libc::pthread_attr_destroy(attributes.as_mut_ptr()) };
    result
}

/// Two MiB, or the value of RUST_MIN_STACK, in whole pages.
static STACK_BYTES: Constant = Constant::new(|| {
    // SAFETY: a name with a NUL at its end. As with every read of the environment, the environment
    // must not be changed meanwhile.
    let wanted = unsafe { libc::getenv(c"RUST_MIN_STACK".as_ptr()) };
    let wanted = (!wanted.is_null()).then(|| {
        // SAFETY: a text of the environment.
        unsafe { CStr::from_ptr(wanted) }.to_str().ok()?.parse::<u64>().ok()
    });
    // SAFETY: takes a number.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64;
    let least = libc::PTHREAD_STACK_MIN as u64;
    wanted.flatten().unwrap_or(2 << 20).max(least).next_multiple_of(page)
});

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::thread;

    fn own_name() -> String {
        let mut name = [0_u8; 16];
        // SAFETY: room for the longest name.
        unsafe {
            libc::pthread_getname_np(libc::pthread_self(), name.as_mut_ptr().cast(), name.len())
        };
        CStr::from_bytes_until_nul(&name).unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn a_thread_has_the_name_that_fits() {
        for (name, shown) in [("short", "short"), ("of-sixteen-bytes", "of-sixteen-byte")] {
            let (tell, told) = mpsc::channel();
            start(Name::new(name), move || tell.send(own_name()).unwrap()).unwrap().join();
            assert_eq!(told.recv().unwrap(), shown);
        }
        let (tell, told) = mpsc::channel();
        start(Name::NONE, move || tell.send(own_name()).unwrap()).unwrap().join();
        assert_eq!(told.recv().unwrap(), own_name());
    }

    #[test]
    fn a_dropped_thread_goes_on() {
        let (tell, told) = mpsc::channel();
        drop(start(Name::NONE, move || tell.send(thread::current().id()).unwrap()).unwrap());
        assert_ne!(told.recv().unwrap(), thread::current().id());
    }

    #[test]
    fn an_error_reads_as_the_standard_librarys() {
        for number in [libc::EAGAIN, libc::ENOMEM] {
            let theirs = std::io::Error::from_raw_os_error(number).to_string();
            assert_eq!(NoThread(number).to_string(), theirs);
        }
    }
}
