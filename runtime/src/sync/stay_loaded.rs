//! Keeps the object that this code is in loaded until the process ends.
//!
//! The system calls the runtime when threads end and when the process forks, and the runtime's
//! threads run its code, long after the last call from outside. The shared library is linked so
//! that it stays loaded (`build.rs`). This code keeps loaded any other object that the static
//! library was linked into.

use std::ffi::{CStr, c_void};

#[used]
#[unsafe(link_section = ".init_array")]
static STAY_LOADED: extern "C" fn() = stay_loaded;

/// An object's program headers follow its first bytes.
const HEADERS_WITHIN: usize = 4096;

/// Runs when the object is loaded. The main program stays loaded anyway.
extern "C" fn stay_loaded() {
    let here = stay_loaded as *const c_void;
    let mut object = std::mem::MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: an address in this object, and a place to write to that outlives the call.
    if unsafe { libc::dladdr(here, object.as_mut_ptr()) } == 0 {
        return;
    }
    // SAFETY: filled by the call.
    let object = unsafe { object.assume_init() };
    // SAFETY: takes a number.
    let programs_headers = unsafe { libc::getauxval(libc::AT_PHDR) } as usize;
    let is_program = programs_headers.wrapping_sub(object.dli_fbase.addr()) < HEADERS_WITHIN;
    if is_program || object.dli_fname.is_null() {
        return;
    }
    // SAFETY: the loader's own NUL-terminated name of the object.
    let name = unsafe { CStr::from_ptr(object.dli_fname) };
    let flags = libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
    // SAFETY: the object is loaded, so none of its code is run. The handle is never closed.
    unsafe { libc::dlopen(name.as_ptr(), flags) };
}
