//! Making a file cold, and making sure that it is.
//!
//! Cold means: no page of it is in this machine's page cache. In a virtual machine the host
//! may still have it in memory; nothing here can tell.

use crate::Condition;
use anyhow::{Context, Result, ensure};
use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

const PAGE_BYTES: usize = 4096;

/// Throws a file that is written to disk and mapped nowhere out of the page cache, and
/// returns the number of pages that are left there.
pub(super) fn evict(path: &Path) -> Result<Condition> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    // SAFETY: the descriptor is open for the length of the call, which touches no memory.
    let refused = unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
    ensure!(
        refused == 0,
        "posix_fadvise: {}: this file system has no page cache to leave",
        io::Error::from_raw_os_error(refused)
    );
    residency(&file)
}

/// Which share of the file's pages is in the page cache.
fn residency(file: &File) -> Result<Condition> {
    // SAFETY: the map is never read through; `mincore` only asks where its pages are.
    let map = unsafe { Mmap::map(file) }.context("cannot map the file to look at its pages")?;
    let mut pages = vec![0_u8; map.len().div_ceil(PAGE_BYTES)];
    // SAFETY: the range is the map's, and the vector has a byte for each of its pages.
    let result =
        unsafe { libc::mincore(map.as_ptr().cast_mut().cast(), map.len(), pages.as_mut_ptr()) };
    ensure!(result == 0, "mincore: {}", io::Error::last_os_error());
    // Only the lowest bit has a meaning.
    let resident = pages.iter().filter(|page| **page & 1 == 1).count();
    Ok(Condition::Residency { resident_pages: resident as u64, pages: pages.len() as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_was_read_is_warm_and_what_was_evicted_is_cold() {
        // Not in /tmp, which may be memory and has no other place for the pages.
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
        let folder = if folder.is_dir() { folder } else { std::env::temp_dir() };
        let mut file = tempfile::NamedTempFile::new_in(folder).unwrap();
        file.write_all(&vec![7; 64 * PAGE_BYTES]).unwrap();
        file.as_file().sync_all().unwrap();
        std::fs::read(file.path()).unwrap();
        let found = |resident_pages| Condition::Residency { resident_pages, pages: 64 };
        assert_eq!(residency(file.as_file()).unwrap(), found(64));
        if evict(file.path()).unwrap() == found(0) {
            assert_eq!(residency(file.as_file()).unwrap(), found(0));
        } else {
            println!("skipped: the temporary folder keeps its files in memory");
        }
    }
}
