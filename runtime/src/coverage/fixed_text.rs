//! Which texts can be told apart by their address alone.
//!
//! Compiled code passes the address of a string literal. In a segment that the main program
//! maps without write permission a literal can be neither changed nor unloaded, so the same
//! address is the same text for the life of the process. Anywhere else (heap, stack, shared
//! objects that may be unloaded, code compiled at run time) the text must be compared.

use std::ffi::{c_char, c_int, c_void};
use std::ops::Range;
use std::sync::OnceLock;

/// A linker makes two or three read-only segments; what does not fit is compared as text.
const RANGES: usize = 8;

type Ranges = [Range<usize>; RANGES];

/// Whether the text at this address stays as it is for as long as the process lives.
pub(super) fn is_fixed(text: *const c_char) -> bool {
    static SEGMENTS: OnceLock<Ranges> = OnceLock::new();
    let address = text as usize;
    SEGMENTS.get_or_init(read_only_segments).iter().any(|range| range.contains(&address))
}

#[cfg(target_os = "linux")]
fn read_only_segments() -> Ranges {
    let mut ranges: Ranges = [const { 0..0 }; RANGES];
    // SAFETY: the callback has the type asked for, and `data` is the address of `ranges`,
    // which nobody else uses until this synchronous call returns.
    unsafe { libc::dl_iterate_phdr(Some(main_program), (&raw mut ranges).cast()) };
    ranges
}

#[cfg(not(target_os = "linux"))]
fn read_only_segments() -> Ranges {
    [const { 0..0 }; RANGES]
}

/// Called for the first object only, which is the main program: answering 1 ends the walk.
#[cfg(target_os = "linux")]
unsafe extern "C" fn main_program(
    info: *mut libc::dl_phdr_info,
    _size: usize,
    data: *mut c_void,
) -> c_int {
    // SAFETY: the loader passes a valid `info` whose header table has `dlpi_phnum` entries
    // and stays mapped with the program; `data` is the array `read_only_segments` passed.
    let (info, ranges) = unsafe { (&*info, &mut *data.cast::<Ranges>()) };
    if info.dlpi_phdr.is_null() {
        return 1;
    }
    // SAFETY: as above.
    let headers =
        unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
    let read_only =
        headers.iter().filter(|h| h.p_type == libc::PT_LOAD && h.p_flags & libc::PF_W == 0);
    for (range, header) in ranges.iter_mut().zip(read_only) {
        let start = (info.dlpi_addr as usize).wrapping_add(header.p_vaddr as usize);
        *range = start..start.saturating_add(header.p_memsz as usize);
    }
    1
}

#[cfg(test)]
mod tests {
    use super::is_fixed;

    #[test]
    fn a_literal_is_fixed_and_heap_and_stack_are_not() {
        assert!(is_fixed(c"a literal of the test program".as_ptr()));
        let heap = std::ffi::CString::new("heap").unwrap();
        assert!(!is_fixed(heap.as_ptr()));
        let stack = [b's' as std::ffi::c_char, 0];
        assert!(!is_fixed(stack.as_ptr()));
        assert!(!is_fixed(std::ptr::null()));
    }
}
