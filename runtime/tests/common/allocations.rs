//! An allocator that counts what each thread has allocated and not freed, and heap objects, which
//! have memory of their own.
//!
//! A test on one thread sees exactly its own: an object that is freed twice, never, or with
//! another size than it was made with shows up as a balance that is not zero.
#![allow(dead_code, reason = "not every test program uses everything")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

thread_local! {
    static BALANCE: Cell<Balance> = const { Cell::new(Balance { blocks: 0, bytes: 0, objects: 0 }) };
}

/// Blocks and bytes allocated and not yet freed, and objects of the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    pub blocks: isize,
    pub bytes: isize,
    pub objects: isize,
}

fn count(blocks: isize, bytes: isize) {
    // Without a destructor, so that it can be used as long as the thread lives.
    BALANCE.with(|balance| {
        let now = balance.get();
        balance.set(Balance { blocks: now.blocks + blocks, bytes: now.bytes + bytes, ..now });
    });
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as isize);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(-1, -(layout.size() as isize));
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as isize);
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(0, size as isize - layout.size() as isize);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// Bytes that `f` has allocated on this thread and not freed, and its result.
pub fn balance_of<R>(f: impl FnOnce() -> R) -> (R, Balance) {
    let before = now();
    let answer = f();
    let after = now();
    let balance = Balance {
        blocks: after.blocks - before.blocks,
        bytes: after.bytes - before.bytes,
        objects: after.objects - before.objects,
    };
    (answer, balance)
}

fn now() -> Balance {
    Balance { objects: simple_runtime::objects_of_this_thread(), ..BALANCE.get() }
}

/// `f` frees all it allocates. Runs it twice: the first run fills what is filled once.
#[track_caller]
pub fn assert_balanced(what: &str, f: impl Fn()) {
    f();
    let ((), balance) = balance_of(f);
    assert_eq!(balance, Balance { blocks: 0, bytes: 0, objects: 0 }, "{what}");
}
