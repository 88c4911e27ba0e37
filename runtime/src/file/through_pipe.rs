//! Reading pages that may be missing, through a pipe: the kernel copies one byte of each page into
//! it, and reports an error if it cannot, where a thread that reads the byte itself gets SIGBUS.

use super::page_bytes;
use crate::sys;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// Pages per call: fewer bytes than the smallest pipe holds, so that writing never waits.
const PAGES: usize = 256;

/// A page could not be read, or no pipe is available.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unread;

/// Reads one byte of every page of the `len` bytes from `first`, the start of a page. Any address
/// works: only the kernel reads.
pub(super) fn read_pages(first: *const u8, len: usize) -> Result<(), Unread> {
    let (from, to) = pipe().ok_or(Unread)?;
    let pages = len.div_ceil(page_bytes());
    for begin in (0..pages).step_by(PAGES) {
        let count = PAGES.min(pages - begin);
        let page = |i| libc::iovec {
            iov_base: first.wrapping_add((begin + i) * page_bytes()).cast_mut().cast(),
            iov_len: 1,
        };
        let bytes: [libc::iovec; PAGES] = std::array::from_fn(page);
        let mut read = [MaybeUninit::<u8>::uninit(); PAGES];
        // SAFETY: `count` elements of each array. The addresses in `bytes` need not be valid: then
        // the call fails.
        let [written, read] = unsafe {
            [
                sys::writev(to.as_raw_fd(), bytes.as_ptr(), count as i32),
                sys::read(from.as_raw_fd(), read.as_mut_ptr().cast(), count),
            ]
        };
        if [written, read] != [count as isize; 2] {
            return Err(Unread);
        }
    }
    Ok(())
}

/// Returns the read end and the write end of a pipe; neither waits.
fn pipe() -> Option<(OwnedFd, OwnedFd)> {
    let mut ends = [-1; 2];
    let made = sys::pipe2(&mut ends, libc::O_CLOEXEC | libc::O_NONBLOCK);
    // SAFETY: new descriptors, which nobody else knows.
    (made == 0).then(|| unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use memmap2::MmapOptions;
    use std::fs::File;

    const BYTES: usize = 3 << 20;

    fn mapped() -> (File, memmap2::Mmap) {
        let file = tempfile::tempfile().unwrap();
        file.set_len(BYTES as u64).unwrap();
        // SAFETY: the bytes are not read.
        let map = unsafe { MmapOptions::new().len(BYTES).map(&file).unwrap() };
        (file, map)
    }

    #[test]
    fn pages_that_are_there_are_read() {
        let (_file, map) = mapped();
        for len in [BYTES, BYTES - 1, 1] {
            assert_eq!(read_pages(map.as_ptr(), len), Ok(()), "{len}");
        }
    }

    #[test]
    fn pages_beyond_the_end_of_a_file_are_missing_and_kill_nobody() {
        let (file, map) = mapped();
        for left in [BYTES - page_bytes(), BYTES / 2, 1, 0] {
            file.set_len(left as u64).unwrap();
            assert_eq!(read_pages(map.as_ptr(), BYTES), Err(Unread), "{left}");
            assert_eq!(read_pages(map.as_ptr(), left.next_multiple_of(page_bytes())), Ok(()));
        }
    }

    #[test]
    fn what_is_no_memory_is_missing() {
        assert_eq!(read_pages(std::ptr::null(), 1), Err(Unread));
    }
}
