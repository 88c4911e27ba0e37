//! Making a file cold, and making sure that it is.
//!
//! Cold means: no page of it is in this machine's page cache. In a virtual machine the host
//! may still have it in memory; nothing here can tell.

use crate::Condition;
use crate::data::pages::{Resident, resident};
use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

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
    let Resident { resident_pages, pages } = resident(&file)?;
    Ok(Condition::Residency { resident_pages, pages })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::pages::PAGE_BYTES;
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
        let warm = Resident { resident_pages: 64, pages: 64 };
        assert_eq!(resident(file.as_file()).unwrap(), warm);
        let cold = Condition::Residency { resident_pages: 0, pages: 64 };
        if evict(file.path()).unwrap() == cold {
            let cold = Resident { resident_pages: 0, ..warm };
            assert_eq!(resident(file.as_file()).unwrap(), cold);
        } else {
            println!("skipped: the temporary folder keeps its files in memory");
        }
    }
}
