//! A process that has as many maps as it may have. Whoever uses this is alone in its process.

use std::{fs, ptr};

const PAGE_BYTES: usize = 4096;

/// Almost as many maps as the process may have.
pub struct AllMaps {
    first: *mut libc::c_void,
    len: usize,
    /// Each a map of one page.
    single: Vec<*mut libc::c_void>,
}

impl AllMaps {
    /// Leaves `spare` maps. `None` if the limit is too high to be reached in a test.
    pub fn take(spare: usize) -> Option<Self> {
        let most = fs::read_to_string("/proc/sys/vm/max_map_count").unwrap();
        let most: usize = most.trim().parse().unwrap();
        if most > 1 << 20 {
            return None;
        }
        let len = 2 * most * PAGE_BYTES;
        let mut single = Vec::with_capacity(4 * (spare + 4));
        // SAFETY: new memory, which nobody uses; every second page of it becomes a map.
        unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
            let first = libc::mmap(ptr::null_mut(), len, libc::PROT_NONE, flags, -1, 0);
            assert_ne!(first, libc::MAP_FAILED);
            // Shared maps are not joined. These are given back in the end.
            let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
            let one_more =
                || libc::mmap(ptr::null_mut(), PAGE_BYTES, libc::PROT_READ, flags, -1, 0);
            single.extend((0..spare).map(|_| one_more()));
            let split = |page: usize| {
                libc::mprotect(first.add(2 * page * PAGE_BYTES), PAGE_BYTES, libc::PROT_READ) == 0
            };
            assert!((0..most).any(|page| !split(page)), "there are maps left");
            // A split takes two; what is left of that.
            loop {
                match one_more() {
                    libc::MAP_FAILED => break,
                    page => single.push(page),
                }
            }
            let given_back = single.drain(..spare);
            given_back.for_each(|page| assert_eq!(libc::munmap(page, PAGE_BYTES), 0));
            Some(Self { first, len, single })
        }
    }
}

impl Drop for AllMaps {
    fn drop(&mut self) {
        let unmap = |page, len| {
            // SAFETY: memory of our own, which nobody uses.
            assert_eq!(unsafe { libc::munmap(page, len) }, 0);
        };
        unmap(self.first, self.len);
        self.single.drain(..).for_each(|page| unmap(page, PAGE_BYTES));
    }
}
