//! The part that is in every figure, and an allocation whose size is known: the scale to read the
//! others by.

use super::{Call0, List, calls};
use std::hint::black_box;

/// Bytes of each allocation.
const BLOCK_BYTES: u64 = 64;

extern "C" fn nothing() {}

pub(super) fn add(list: &mut List) {
    let why = "the loop and a call through a pointer: to subtract from all others";
    list.add_text("floor", "empty call", why, |_| {
        let call = black_box(nothing as Call0<()>);
        calls(1, move || {
            // SAFETY: the function does nothing.
            unsafe { call() };
            1
        })
    });
    let why = "the C library's allocator, which is under every call that makes something";
    list.add_text("floor", "malloc and free", why, |_| {
        calls(1, || {
            // SAFETY: what was allocated is freed, and not touched meanwhile.
            unsafe {
                let block = black_box(libc::malloc(BLOCK_BYTES as usize));
                libc::free(block);
            }
            1
        })
    });
}
