//! Async files: the bytes of a file in memory, loaded while the program does other things.
//!
//! A file is named by a [`Handle`](crate::registry::Handle). [`create`] makes one,
//! [`start_loading`] makes a small pool of loader threads load it, [`wait`] returns the address of
//! its bytes, [`close`] releases them. A wait for a file that nobody has begun to load loads it on
//! the waiting thread, so a small file costs no wake-up. A [`Prefault`] strategy determines how the
//! bytes come into memory; [`Mapping::load`] is the same load without handles and threads.
//! `protocol.rs` describes a file's states, `process.rs` the effect of a fork.
//!
//! ```
//! use simple_runtime::file::{self, Prefault};
//!
//! # let directory = std::env::temp_dir().join(format!("simple-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&directory).unwrap();
//! # let path = directory.join("greeting");
//! std::fs::write(&path, "hello").unwrap();
//! let handle = file::create(&path, 0, Prefault::Auto)?;
//! file::start_loading(handle)?;
//! let loaded = file::wait(handle)?;
//! assert_eq!(loaded.len_bytes, 5);
//! file::close(handle)?;
//! # std::fs::remove_dir_all(&directory).unwrap();
//! # Ok::<(), file::FileError>(())
//! ```

// Under loom only the protocols exist: the rest is system calls.
mod protocol;
mod roster;

#[cfg(not(loom))]
mod auto;
#[cfg(not(loom))]
mod buffer;
#[cfg(not(loom))]
mod error;
#[cfg(not(loom))]
mod handles;
#[cfg(not(loom))]
mod loader;
#[cfg(not(loom))]
mod mapping;
#[cfg(not(loom))]
mod open;
#[cfg(not(loom))]
mod prefault;
#[cfg(not(loom))]
mod process;
#[cfg(not(loom))]
mod region;
#[cfg(not(loom))]
mod residency;
#[cfg(not(loom))]
mod stats;
#[cfg(not(loom))]
mod through_pipe;
#[cfg(not(loom))]
mod touch;

#[cfg(not(loom))]
pub use auto::Plan;
#[cfg(not(loom))]
pub use error::{FileError, FileKind, LoadError, Step};
#[cfg(not(loom))]
pub use handles::{
    Loaded, close, create, error, is_open, is_ready, size, start_loading, state, wait,
};
#[cfg(not(loom))]
pub use mapping::Mapping;
#[cfg(not(loom))]
pub use prefault::Prefault;
pub use protocol::FileState;
#[cfg(not(loom))]
pub use stats::{FileStats, stats};

#[cfg(not(loom))]
pub(crate) use loader::{MAX_LOADERS, most_loaders};
#[cfg(not(loom))]
pub(crate) use stats::{LoadCounters, Loads};

/// Returns true if the outcome of a load is still wanted. Checked between the steps of a load.
#[cfg(not(loom))]
type Wanted<'a> = &'a (dyn Fn() -> bool + Sync);

/// Size of a step, within which a load does not check whether it is wanted: some milliseconds of
/// work, unless a disk is slow.
#[cfg(not(loom))]
const STEP_BYTES: usize = 16 << 20;

#[cfg(not(loom))]
fn page_bytes() -> usize {
    static PAGE: crate::sync::Constant = crate::sync::Constant::new(|| {
        // SAFETY: no memory is involved.
        let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        u64::try_from(bytes).expect("every system tells its page size")
    });
    PAGE.get() as usize
}
