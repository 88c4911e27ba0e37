//! The memory in which an address alone identifies a text.
//!
//! Compiled code passes the address of a string literal. In a segment that the main program maps
//! without write permission a literal can be neither changed nor unloaded, so the same address is
//! the same text for the life of the process. Anywhere else (heap, stack, shared objects that may
//! be unloaded, code compiled at run time) the text must be compared.

use crate::sync::atomic::{AtomicPtr, Ordering};
use std::ffi::{c_int, c_void};
use std::ops::Range;
use std::ptr;

/// Returns the read-only segments of the main program: the largest run of them without a gap. Texts
/// in other segments are compared as text.
///
/// The result is computed once. Threads that call this at the same time may each compute it; a lock
/// would stay locked in a process forked meanwhile.
pub(super) fn fixed_texts() -> &'static Range<usize> {
    static FOUND: AtomicPtr<Range<usize>> = AtomicPtr::new(ptr::null_mut());
    let mut found = FOUND.load(Ordering::Acquire);
    if found.is_null() {
        let ours = Box::into_raw(Box::new(largest_run(read_only_segments())));
        match FOUND.compare_exchange(found, ours, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => found = ours,
            Err(theirs) => {
                // SAFETY: from a box, and never shared.
                drop(unsafe { Box::from_raw(ours) });
                found = theirs;
            }
        }
    }
    // SAFETY: from a box that is never freed once FOUND points to it.
    unsafe { &*found }
}

#[cfg(all(target_os = "linux", not(miri)))]
fn read_only_segments() -> Vec<Range<usize>> {
    let mut segments: Vec<Range<usize>> = Vec::new();
    // SAFETY: the callback has the required type, and `data` is the address of `segments`, which
    // nobody else uses until this synchronous call returns.
    unsafe { libc::dl_iterate_phdr(Some(main_program), (&raw mut segments).cast()) };
    segments
}

#[cfg(not(all(target_os = "linux", not(miri))))]
fn read_only_segments() -> Vec<Range<usize>> {
    Vec::new()
}

/// Returns the largest range formed by segments on neighbouring pages: nothing else can be mapped
/// between them.
fn largest_run(segments: Vec<Range<usize>>) -> Range<usize> {
    /// The minimum size of a page.
    const PAGE_BYTES: usize = 4096;
    let mut runs: Vec<Range<usize>> = Vec::new();
    for segment in segments {
        match runs.last_mut() {
            Some(run)
                if run.start <= segment.start
                    && segment.start / PAGE_BYTES <= run.end.div_ceil(PAGE_BYTES) =>
            {
                run.end = run.end.max(segment.end);
            }
            _ => runs.push(segment),
        }
    }
    runs.into_iter().max_by_key(ExactSizeIterator::len).unwrap_or_default()
}

/// Receives the first object only, which is the main program: 1 ends the iteration.
#[cfg(all(target_os = "linux", not(miri)))]
unsafe extern "C" fn main_program(
    info: *mut libc::dl_phdr_info,
    _size: usize,
    data: *mut c_void,
) -> c_int {
    // SAFETY: the loader passes a valid `info` whose header table has `dlpi_phnum` entries and
    // stays mapped with the program; `data` is the pointer that `read_only_segments` passed.
    let (info, segments) = unsafe { (&*info, &mut *data.cast::<Vec<Range<usize>>>()) };
    if info.dlpi_phdr.is_null() {
        return 1;
    }
    // SAFETY: as above.
    let headers =
        unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
    let read_only =
        headers.iter().filter(|h| h.p_type == libc::PT_LOAD && h.p_flags & libc::PF_W == 0);
    for header in read_only {
        let start = (info.dlpi_addr as usize).wrapping_add(header.p_vaddr as usize);
        segments.push(start..start.saturating_add(header.p_memsz as usize));
    }
    1
}

#[cfg(test)]
mod tests {
    use super::{largest_run, read_only_segments};
    use std::ffi::c_char;

    fn is_fixed(address: *const c_char) -> bool {
        read_only_segments().iter().any(|segment| segment.contains(&(address as usize)))
    }

    #[test]
    fn a_literal_is_fixed_and_heap_and_stack_are_not() {
        assert!(is_fixed(c"a literal of the test program".as_ptr()));
        let heap = std::ffi::CString::new("heap").unwrap();
        assert!(!is_fixed(heap.as_ptr()));
        let stack = [b's' as std::ffi::c_char, 0];
        assert!(!is_fixed(stack.as_ptr()));
        assert!(!is_fixed(std::ptr::null()));
    }

    #[test]
    fn a_gap_of_a_page_ends_a_run() {
        let pages = |range: std::ops::Range<usize>| range.start * 4096..range.end * 4096;
        assert_eq!(largest_run(vec![]), 0..0);
        assert_eq!(largest_run(vec![pages(1..2), pages(2..5)]), pages(1..5));
        assert_eq!(largest_run(vec![4096..4100, 8192..8200]), 4096..8200);
        assert_eq!(largest_run(vec![pages(1..2), pages(3..5)]), pages(3..5));
        assert_eq!(largest_run(vec![pages(1..4), pages(6..7)]), pages(1..4));
    }
}
