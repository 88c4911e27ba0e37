//! Stack for bodies that run inside of each other, however deep.

/// Stack that a body finds at the least.
const RED_ZONE_BYTES: usize = 256 << 10;
/// A new piece: address space, of which only what is touched takes memory.
const NEW_STACK_BYTES: usize = 4 << 20;

/// Runs `f` on the current stack, or on a new piece where little is left.
#[inline(always)]
pub(crate) fn on_ample_stack<R>(f: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(RED_ZONE_BYTES, NEW_STACK_BYTES, f)
}
