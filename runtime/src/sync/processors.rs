//! The number of threads that can run at once.

use super::counted::try_slice;
use crate::sys;
use std::hint::black_box;

/// More than it takes to read the system's files.
const BYTES_OF_A_LOOK: usize = 16 << 10;

/// Returns the number of processors that cgroup quotas and affinity allow. `None` without memory
/// for reading it: the standard library's function would end the process then.
pub(crate) fn processors() -> Option<usize> {
    // Keeps the allocation from being optimised away.
    black_box(try_slice(BYTES_OF_A_LOOK, || Some(0_u8))?);
    let count = sys::aborts_without_memory(std::thread::available_parallelism);
    Some(count.map_or(1, usize::from))
}
