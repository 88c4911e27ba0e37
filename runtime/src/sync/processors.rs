//! How many threads can run at once.

use super::counted::try_slice;
use std::hint::black_box;

/// More than a look at the system's files takes.
const BYTES_OF_A_LOOK: usize = 16 << 10;

/// What cgroup quotas and affinity leave of the processors. `None` without memory for the look:
/// the standard library's, which would end the process then.
pub(crate) fn processors() -> Option<usize> {
    // Not to be left out for having no use.
    black_box(try_slice(BYTES_OF_A_LOOK, || Some(0_u8))?);
    Some(std::thread::available_parallelism().map_or(1, usize::from))
}
