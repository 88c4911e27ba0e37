//! A call that fails leaves a message, whatever else is not there: memory, or the thread's
//! storage. Then it is the beginning of one.

use simple_runtime::error::{last_error, set_last_error};
use simple_runtime::ffi;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ffi::{CStr, c_void};
use std::fmt::{Display, Formatter, Result};
use std::sync::Mutex;
use std::thread;

struct Refusing;

#[global_allocator]
static REFUSING: Refusing = Refusing;

thread_local! {
    static HAS_MEMORY: Cell<bool> = const { Cell::new(true) };
}

// SAFETY: the system's allocator does the work, or nobody.
unsafe impl GlobalAlloc for Refusing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        if HAS_MEMORY.get() { unsafe { System.alloc(layout) } } else { std::ptr::null_mut() }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }
}

/// A message of that length.
struct Long(usize);

impl Display for Long {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        (0..self.0).try_for_each(|n| write!(f, "{}", n % 10))
    }
}

fn without_memory(call: impl FnOnce()) {
    HAS_MEMORY.set(false);
    call();
    HAS_MEMORY.set(true);
}

fn is_beginning(message: Option<String>, of: &Long) -> bool {
    message.is_some_and(|message| message.len() > 200 && of.to_string().starts_with(&message))
}

#[test]
fn without_memory_the_beginning_of_a_message_is_kept() {
    without_memory(|| set_last_error(Long(1000)));
    assert!(is_beginning(last_error(), &Long(1000)));
    set_last_error(Long(500));
    assert_eq!(last_error(), Some(Long(500).to_string()));
    // There is room for this one, and not for the next.
    without_memory(|| set_last_error(Long(400)));
    assert_eq!(last_error(), Some(Long(400).to_string()));
    without_memory(|| set_last_error(Long(2000)));
    assert!(is_beginning(last_error(), &Long(2000)));
}

/// The finding in the destructor of a key.
static FOUND: Mutex<Vec<String>> = Mutex::new(Vec::new());

extern "C" fn destructor(_: *mut c_void) {
    let message = || {
        // SAFETY: the text is valid until the next failing call on this thread.
        unsafe { CStr::from_ptr(ffi::error::rt_last_error()) }.to_str().unwrap().to_owned()
    };
    let mut found = FOUND.lock().unwrap();
    ffi::thread::rt_thread_free(0);
    found.push(message());
    set_last_error(Long(1000));
    found.push(message());
}

/// They run when thread-local variables are gone already.
#[test]
fn in_the_destructors_of_keys_there_are_messages_too() {
    let mut key = 0;
    // SAFETY: a place to write to, and a function of the type asked for.
    assert_eq!(unsafe { libc::pthread_key_create(&mut key, Some(destructor)) }, 0);
    let thread = thread::spawn(move || {
        set_last_error("of a call before");
        // SAFETY: a key, and a value that is not null.
        assert_eq!(unsafe { libc::pthread_setspecific(key, (&raw const FOUND).cast()) }, 0);
    });
    thread.join().unwrap();
    let found = FOUND.lock().unwrap();
    let [own, long] = &found[..] else { panic!("{found:?}") };
    assert!(own.starts_with("rt_thread_free: "), "{own}");
    assert!(is_beginning(Some(long.clone()), &Long(1000)), "{long}");
}
