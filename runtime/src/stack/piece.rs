//! A piece of stack of the runtime's: an area of [`BYTES`], aligned to its size, so that every
//! address in it leads to its record.
//!
//! ```text
//! lowest address                                              highest address
//! | guard, not mapped | stack, grows downwards <---------------- | the record |
//! ```

use super::running::Running;
use super::{NEEDED_BYTES, addresses};
use crate::sys;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{self, NonNull};

/// Address space of a piece. Only the touched part takes memory.
pub(super) const BYTES: usize = 4 << 20;
/// A frame no larger than this cannot step over the guard.
const GUARD_BYTES: usize = 256 << 10;
/// Memory at the upper end that an idle piece keeps.
const KEPT_BYTES: usize = 64 << 10;
/// Every this many uses, a piece gives back the memory below that.
const USES_PER_TRIM: u32 = 1024;

const RECORD_AT: usize = BYTES - size_of::<Piece>();
const _: () = assert!(RECORD_AT.is_multiple_of(64) && KEPT_BYTES > size_of::<Piece>());

/// The record of a piece in use: its user, and what runs there.
#[repr(C, align(64))]
pub(crate) struct Piece {
    running: Running,
    /// The piece that the code running here was called from; null if that was no piece.
    caller: Cell<*const Piece>,
    token: Cell<usize>,
    /// True if it was too short, so that much of it has been touched.
    is_deep: Cell<bool>,
    uses: Cell<u32>,
    /// The next piece in a list of idle ones.
    next: Cell<Option<Idle>>,
}

/// An owned piece on which nothing runs.
#[derive(Debug)]
pub(super) struct Idle(NonNull<Piece>);

// SAFETY: an owner of a piece on which nothing runs; the record is only reached through it.
unsafe impl Send for Idle {}

impl Piece {
    /// Returns the piece in which the stack pointer lies.
    ///
    /// # Safety
    ///
    /// The reference is given up before the code that runs on the piece returns.
    #[inline]
    pub(super) unsafe fn at<'a>(sp: usize) -> Option<&'a Self> {
        if !addresses::contains(sp) {
            return None;
        }
        let record = (sp & !(BYTES - 1)) + RECORD_AT;
        // SAFETY: the caller's code runs on the piece, so it is mapped; its record was written
        // when it was made, and has only cells, which only code on this piece or its owner use.
        Some(unsafe { &*ptr::with_exposed_provenance::<Self>(record) })
    }

    /// True if a body has room below the stack pointer, which lies in this piece.
    #[inline]
    pub(super) fn has_room(&self, sp: usize) -> bool {
        sp % BYTES >= GUARD_BYTES + NEEDED_BYTES
    }

    #[inline]
    pub(super) fn running(&self) -> &Running {
        &self.running
    }

    /// See [`super::Stack::token`].
    #[inline]
    pub(super) fn token(&self) -> usize {
        self.token.get()
    }

    /// Returns the piece that this one was called from.
    pub(super) fn caller(&self) -> Option<&Self> {
        // SAFETY: null, or a piece containing the call that uses this one, and that returns after
        // it.
        unsafe { self.caller.get().as_ref() }
    }
}

impl Idle {
    /// Returns a new one, if the system has the memory.
    pub(super) fn new() -> Option<Self> {
        let base = map_aligned()?;
        let stack = base + GUARD_BYTES;
        // SAFETY: mapped just now, and used by nothing else.
        let is_usable = unsafe {
            let writable = libc::PROT_READ | libc::PROT_WRITE;
            let at = ptr::with_exposed_provenance_mut::<libc::c_void>(stack);
            let is_writable = sys::mprotect(at, BYTES - GUARD_BYTES, writable) == 0;
            // One huge page would take more than a piece mostly uses. If this fails there are none.
            sys::madvise(at, BYTES - GUARD_BYTES, libc::MADV_NOHUGEPAGE);
            is_writable
        };
        if !is_usable || !addresses::add(base) {
            unmap(base, BYTES);
            return None;
        }
        let record = NonNull::new(ptr::with_exposed_provenance_mut::<Piece>(base + RECORD_AT))?;
        // SAFETY: writable, aligned, and used by nothing else.
        unsafe {
            record.write(Piece {
                running: Running::new(),
                caller: Cell::new(ptr::null()),
                token: Cell::new(0),
                is_deep: Cell::new(false),
                uses: Cell::new(0),
                next: Cell::new(None),
            });
        }
        Some(Self(record))
    }

    fn piece(&self) -> &Piece {
        // SAFETY: owned, so mapped, and its record is written.
        unsafe { self.0.as_ref() }
    }

    fn base(&self) -> usize {
        self.0.as_ptr().expose_provenance() - RECORD_AT
    }

    /// Runs `f` on it, called from `caller`, if that is a piece. `token` is the caller's, if it has
    /// one. A panic is returned as by a thread.
    pub(super) fn run<R>(
        &self,
        caller: Option<&Piece>,
        token: Option<usize>,
        f: impl FnOnce() -> R,
    ) -> std::thread::Result<R> {
        let piece = self.piece();
        piece.caller.set(caller.map_or(ptr::null(), ptr::from_ref));
        piece.token.set(token.unwrap_or(self.0.as_ptr().addr()));
        if let Some(caller) = caller {
            caller.is_deep.set(true);
        }
        let stack = ptr::with_exposed_provenance_mut(self.base() + GUARD_BYTES);
        // SAFETY: aligned memory of the runtime's on which nothing runs, as `self` is not given
        // away before this call ends. The code does not unwind.
        unsafe {
            psm::on_stack(stack, RECORD_AT - GUARD_BYTES, || catch_unwind(AssertUnwindSafe(f)))
        }
    }

    /// Makes `next` follow it in a list.
    pub(super) fn set_next(&self, next: Option<Self>) {
        self.piece().next.set(next);
    }

    /// Takes the piece that follows.
    pub(super) fn take_next(&self) -> Option<Self> {
        self.piece().next.take()
    }

    /// Called after a use: gives memory back if much of it may have been touched. That is not known
    /// in general, so this is also done from time to time.
    #[inline]
    pub(super) fn trim_sometimes(&self) {
        let uses = self.piece().uses.get() + 1;
        self.piece().uses.set(uses);
        if uses == USES_PER_TRIM || self.piece().is_deep.get() {
            self.trim();
        }
    }

    /// Gives back the memory of all but the upper end.
    #[cold]
    pub(super) fn trim(&self) {
        self.piece().uses.set(0);
        self.piece().is_deep.set(false);
        let stack = ptr::with_exposed_provenance_mut(self.base() + GUARD_BYTES);
        // SAFETY: memory of the runtime's on which nothing runs; it stays mapped, and nothing reads
        // what was there.
        unsafe { sys::madvise(stack, BYTES - GUARD_BYTES - KEPT_BYTES, libc::MADV_DONTNEED) };
    }

    /// Gives all of it back.
    pub(super) fn unmap(self) {
        let base = self.base();
        addresses::remove(base);
        unmap(base, BYTES);
    }
}

/// Address space for a piece, with no access.
fn map_aligned() -> Option<usize> {
    let base = map(BYTES)?;
    if base.is_multiple_of(BYTES) {
        // Usually the case: the system puts each mapping below the last.
        return Some(base);
    }
    unmap(base, BYTES);
    let start = map(2 * BYTES)?;
    let base = start.next_multiple_of(BYTES);
    for (at, bytes) in [(start, base - start), (base + BYTES, start + BYTES - base)] {
        if bytes > 0 {
            unmap(at, bytes);
        }
    }
    Some(base)
}

fn map(bytes: usize) -> Option<usize> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_STACK;
    // SAFETY: a new mapping, at any free address.
    let base = unsafe { sys::map_memory(bytes, libc::PROT_NONE, flags) };
    (base != libc::MAP_FAILED).then(|| base.expose_provenance())
}

fn unmap(base: usize, bytes: usize) {
    // SAFETY: whole pages of one of the runtime's mappings that nothing uses any more.
    unsafe { libc::munmap(ptr::with_exposed_provenance_mut(base), bytes) };
}
