//! Stack for bodies that run inside of each other, however deep.

use crate::unwind;

/// Stack that a body finds at the least.
const RED_ZONE_BYTES: usize = 256 << 10;
/// A new piece: address space, of which only what is touched takes memory.
const NEW_STACK_BYTES: usize = 4 << 20;

/// Runs `f` on the current stack, or on a new piece where little is left. Where the system
/// has no memory for one, hands `f` back.
#[inline(always)]
pub(crate) fn try_on_ample_stack<R, F: FnOnce() -> R>(f: F) -> Result<R, F> {
    if stacker::remaining_stack().is_some_and(|left| left >= RED_ZONE_BYTES) {
        return Ok(f());
    }
    try_on_new_stack(f)
}

#[cold]
fn try_on_new_stack<R, F: FnOnce() -> R>(f: F) -> Result<R, F> {
    let mut code = Some(f);
    let run = || (code.take().expect("called once"))();
    // `stacker` panics where it gets no memory, before it runs anything.
    let result = unwind::catch(|| stacker::grow(NEW_STACK_BYTES, run));
    // If it did run, the panic is its own, and goes on.
    result.map_err(|message| code.unwrap_or_else(|| panic!("{message}")))
}
