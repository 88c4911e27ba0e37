//! Stack for the bodies that the runtime runs: [`NEEDED_BYTES`] of it at any depth of nesting,
//! whatever stack the caller is on.
//!
//! A body runs on one of two kinds of stack, whose ends are known:
//!
//! * the thread's own, as the system provided it (`own.rs`), while there is room;
//! * a piece of the runtime's (`piece.rs`), with a guard below it.
//!
//! Any other stack is *foreign*: a coroutine's, or one for signal handlers. Its size is unknown, so
//! no foreign code is run there.
//!
//! The stack pointer alone decides which of the three it is. Nothing is remembered per thread,
//! because coroutines leave bodies in the middle, return to them in any order, and may do so on
//! another thread. For the same reason, what is known of running bodies belongs to the stack they
//! run on ([`Running`]), and code that has run a body looks up its thread again.
//!
//! One case cannot be detected: a coroutine's stack inside the thread's own (in a local array)
//! looks like the thread's own.

mod addresses;
mod cache;
mod own;
mod piece;
mod pool;
mod running;

pub(crate) use cache::Cache;
pub(crate) use own::OwnStack;
pub(crate) use running::Running;

use crate::executor::local::{self, Local};
use piece::Piece;
use std::panic::resume_unwind;

/// Stack that a body may use, even the deepest.
const PROMISED_BYTES: usize = 256 << 10;
/// Least stack that a body finds: the promised bytes, and room for the runtime functions it calls
/// at the end of those, and for a signal handler.
const NEEDED_BYTES: usize = PROMISED_BYTES + (32 << 10);

/// The stack that the calling code runs on, for code that runs bodies or asks about them.
#[derive(Clone, Copy)]
pub(crate) enum Stack<'a> {
    /// The thread's own, or a foreign one, on top of what runs on the thread's own.
    Own(&'a Local),
    /// A piece of the runtime's.
    Piece(&'a Piece),
}

impl<'a> Stack<'a> {
    /// Returns the calling code's stack; `local` is the calling thread's.
    #[inline(always)]
    pub(crate) fn here(local: &'a Local) -> Self {
        let sp = stack_pointer();
        if local.own_stack().holds(sp) { Self::Own(local) } else { Self::elsewhere(sp, local) }
    }

    #[inline(never)]
    fn elsewhere(sp: usize, local: &'a Local) -> Self {
        local.own_stack().learn();
        // SAFETY: the caller runs on the piece, if it is one.
        unsafe { Piece::at(sp) }.map_or(Self::Own(local), Self::Piece)
    }

    /// Returns what runs on it.
    #[inline(always)]
    pub(crate) fn running(self) -> &'a Running {
        match self {
            Self::Own(local) => local.running(),
            Self::Piece(piece) => piece.running(),
        }
    }

    /// Returns a word that no other chain of calls has while this one lasts: a thread's, or a
    /// coroutine's.
    #[inline(always)]
    pub(crate) fn token(self) -> usize {
        match self {
            Self::Own(local) => local.token(),
            Self::Piece(piece) => piece.token(),
        }
    }

    /// Runs `f` with the state of the calling thread. This may be another thread than when `self`
    /// was made: a body on a piece may have come back on another thread.
    #[inline(always)]
    pub(crate) fn with_thread<R>(self, f: impl FnOnce(&Local) -> R) -> R {
        match self {
            Self::Own(local) => f(local),
            Self::Piece(_) => local::with_anew(f),
        }
    }

    /// Returns what runs here and beneath, innermost first: on this stack, on those it was called
    /// from, and on the thread's own, which waits for a coroutine to return as for any call.
    pub(crate) fn layers(self, local: &'a Local) -> impl Iterator<Item = &'a Running> {
        let mut piece = match self {
            Self::Own(_) => None,
            Self::Piece(piece) => Some(piece),
        };
        let pieces = std::iter::from_fn(move || {
            let here = piece?;
            piece = here.caller();
            Some(here.running())
        });
        pieces.chain([local.running()])
    }
}

/// Runs `f` where a body has room: on the current stack, or on a piece of the runtime's. If the
/// system has no memory for a piece, gives `f` back. `local` is the calling thread's.
#[inline(always)]
pub(crate) fn try_on_ample_stack<R, F: FnOnce() -> R>(local: &Local, f: F) -> Result<R, F> {
    if has_room(local) { Ok(f()) } else { try_on_piece(stack_pointer(), local, f) }
}

/// True if a body has room on the caller's stack. `local` is the calling thread's.
#[inline(always)]
pub(crate) fn has_room(local: &Local) -> bool {
    let sp = stack_pointer();
    local.own_stack().has_room(sp) || has_room_elsewhere(sp, local)
}

/// Returns what runs on the calling thread's own stack, if the caller is on it and a body has room
/// there. `local` is the calling thread's.
#[inline(always)]
pub(crate) fn own_with_room(local: &Local) -> Option<&Running> {
    local.own_stack().has_room(stack_pointer()).then(|| local.running())
}

/// True if a body has room on the caller's stack, where that is not obvious.
#[inline(never)]
fn has_room_elsewhere(sp: usize, local: &Local) -> bool {
    local.own_stack().learn();
    // SAFETY: the caller runs on the piece, if it is one.
    let piece = unsafe { Piece::at(sp) };
    piece.map_or_else(|| local.own_stack().has_room(sp), |piece| piece.has_room(sp))
}

#[inline(never)]
fn try_on_piece<R, F: FnOnce() -> R>(sp: usize, local: &Local, f: F) -> Result<R, F> {
    let Some(piece) = local.pieces().take().or_else(pool::take) else { return Err(f) };
    // SAFETY: the caller runs on the piece, if it is one.
    let caller = unsafe { Piece::at(sp) };
    let token = match caller {
        Some(caller) => Some(caller.token()),
        None => local.own_stack().holds(sp).then(|| local.token()),
    };
    let result = piece.run(caller, token, f);
    local::with_anew(|local| local.pieces().put(piece, local));
    Ok(result.unwrap_or_else(|panic| resume_unwind(panic)))
}

/// True if the caller is on a stack of which nothing is known. `local` is the calling thread's.
#[inline]
pub(crate) fn is_foreign(local: &Local) -> bool {
    match Stack::here(local) {
        Stack::Own(local) => !local.own_stack().holds(stack_pointer()),
        Stack::Piece(_) => false,
    }
}

#[inline(always)]
fn stack_pointer() -> usize {
    let sp: usize;
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: reads a register.
    unsafe {
        std::arch::asm!("mov {}, rsp", out(reg) sp, options(nomem, nostack, preserves_flags));
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    // SAFETY: reads a register.
    unsafe {
        std::arch::asm!("mov {}, sp", out(reg) sp, options(nomem, nostack, preserves_flags));
    }
    #[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
    {
        let here = 0_u8;
        sp = std::hint::black_box(&raw const here).addr();
    }
    sp
}
