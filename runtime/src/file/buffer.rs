//! Memory that read(2) fills: not zeroed first, aligned for any scalar type.

use super::error::{LoadError, Step};
use super::{STEP_BYTES, Wanted};
use crate::sys;
use std::alloc::{Layout, alloc, dealloc, realloc};
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr::NonNull;

const ALIGNMENT_BYTES: usize = 16;
/// First read from a file that does not tell its size; most such files are this small.
const FIRST_READ_BYTES: usize = 4096;
/// Limit for a file that does not tell its size: some kernel files have no end.
const UNTOLD_LIMIT_BYTES: usize = 1 << 30;

/// The bytes of a file that was read.
#[derive(Debug)]
pub(super) struct Buffer {
    first: NonNull<u8>,
    capacity_bytes: usize,
    len_bytes: usize,
}

// SAFETY: the buffer owns its memory, and shared access only reads it.
unsafe impl Send for Buffer {}
// SAFETY: as above.
unsafe impl Sync for Buffer {}

impl Buffer {
    /// Reads the content of `file`: `expected_bytes`, or fewer if it ends before, or everything if
    /// it does not tell its size (0). `None` if it has no bytes. Stops between two reads when the
    /// file is no longer wanted.
    pub(super) fn read(
        file: &OwnedFd,
        expected_bytes: u64,
        wanted: Wanted<'_>,
    ) -> Result<Option<Self>, LoadError> {
        let expected = usize::try_from(expected_bytes).map_err(|_| LoadError::TooLarge)?;
        let mut buffer =
            Self::with_capacity(if expected > 0 { expected } else { FIRST_READ_BYTES })?;
        loop {
            let read = buffer.read_some(file)?;
            if read == 0 || buffer.len_bytes == expected {
                return Ok((buffer.len_bytes > 0).then_some(buffer));
            }
            if !wanted() {
                return Err(LoadError::Abandoned);
            }
            // Full but not ended: only a file that does not tell its size gets here.
            if buffer.len_bytes == buffer.capacity_bytes {
                if buffer.len_bytes >= UNTOLD_LIMIT_BYTES {
                    return Err(LoadError::TooLarge);
                }
                buffer.double()?;
            }
        }
    }

    pub(super) fn as_ptr(&self) -> *const u8 {
        self.first.as_ptr()
    }

    pub(super) fn len(&self) -> usize {
        self.len_bytes
    }

    fn with_capacity(capacity_bytes: usize) -> Result<Self, LoadError> {
        // SAFETY: the capacity is not 0.
        let first = unsafe { alloc(layout(capacity_bytes)?) };
        let first = NonNull::new(first).ok_or(LoadError::OutOfMemory)?;
        Ok(Self { first, capacity_bytes, len_bytes: 0 })
    }

    fn double(&mut self) -> Result<(), LoadError> {
        let (old, new) = (layout(self.capacity_bytes)?, layout(self.capacity_bytes * 2)?);
        // SAFETY: memory of this allocator with the old layout; the new size is checked by `layout`
        // and is not 0.
        let first = unsafe { realloc(self.first.as_ptr(), old, new.size()) };
        self.first = NonNull::new(first).ok_or(LoadError::OutOfMemory)?;
        self.capacity_bytes = new.size();
        Ok(())
    }

    /// Makes one read(2) call of at most a step into the free part; returns 0 at the end of the
    /// file.
    fn read_some(&mut self, file: &OwnedFd) -> Result<usize, LoadError> {
        let free_bytes = (self.capacity_bytes - self.len_bytes).min(STEP_BYTES);
        loop {
            // SAFETY: the free part is inside of the allocation, of which the first `len_bytes` are
            // in use.
            let read = unsafe {
                let free = self.first.as_ptr().add(self.len_bytes);
                sys::read(file.as_raw_fd(), free.cast(), free_bytes)
            };
            if let Ok(read) = usize::try_from(read) {
                self.len_bytes += read;
                return Ok(read);
            }
            let error = std::io::Error::last_os_error();
            if error.kind() != std::io::ErrorKind::Interrupted {
                return Err(LoadError::system(Step::Read, &error));
            }
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let layout = layout(self.capacity_bytes).expect("it was checked when allocated");
        // SAFETY: memory of this allocator with this layout.
        unsafe { dealloc(self.first.as_ptr(), layout) };
    }
}

fn layout(capacity_bytes: usize) -> Result<Layout, LoadError> {
    Layout::from_size_align(capacity_bytes, ALIGNMENT_BYTES).map_err(|_| LoadError::TooLarge)
}
