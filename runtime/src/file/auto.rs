//! What [`Prefault::Auto`] chooses, and from what measurements.

use super::Prefault;
use crate::sync::Constant;
use std::fs;

/// The strategies a load chooses from when it knows more: is the file in the page cache?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// If it is.
    pub cached: Prefault,
    /// If it must come from the disk. Differs from `cached` only where both map the file.
    pub uncached: Prefault,
}

impl Plan {
    /// Both the same.
    pub(super) const fn fixed(strategy: Prefault) -> Self {
        Self { cached: strategy, uncached: strategy }
    }

    /// The strategy to use; asks only if it matters.
    pub(super) fn choose(self, is_cached: impl FnOnce() -> bool) -> Prefault {
        if self.cached == self.uncached || is_cached() { self.cached } else { self.uncached }
    }
}

impl Prefault {
    /// How a file of `size_bytes` is loaded: always with this very strategy, but for
    /// [`Prefault::Auto`].
    pub fn plan(self, size_bytes: u64) -> Plan {
        if self != Self::Auto {
            return Plan::fixed(self);
        }
        if let Some(band) = BANDS.iter().find(|band| size_bytes <= band.up_to_bytes) {
            return band.plan;
        }
        if is_too_much(size_bytes) { TOO_MUCH } else { BEYOND }
    }
}

/// File sizes up to a bound, and what was best for them.
struct Band {
    up_to_bytes: u64,
    plan: Plan,
}

/// Measured as open, load, sum up the bytes, drop, all strategies in turn, on ext4 in a
/// virtual machine with two CPUs; to be refined by a study on more machines.
///
/// * Reading beats mapping up to several hundred KiB if the memory it reads into was used
///   before, as when files are loaded and closed in turn. If files stay open the memory is
///   fresh, and mapping wins from 16 KiB on, by the more the larger the file. With the first
///   bound where it is, no fixed strategy is faster over a tree of sources (`file/sources`),
///   whether they are closed at once or kept; a lower one would gain for files that are kept
///   what it loses for files that are not.
/// * While the page cache holds a file, mapping it is enough: each fault of whoever reads it
///   enters many pages. `MADV_POPULATE_READ`, which looks at every page, takes half as long
///   again from several hundred KiB to some MiB, and as long where the cache holds the file in
///   large folios. It is ahead only for the largest files.
/// * `MADV_HUGEPAGE` makes reads from a cold disk up to three times as fast from 128 KiB to
///   some tens of MiB, and is a loss if the file is cached: worth asking.
const BANDS: [Band; 3] = [
    Band { up_to_bytes: 128 << 10, plan: Plan::fixed(Prefault::Copy) },
    Band { up_to_bytes: 32 << 20, plan: Plan { cached: Prefault::None, uncached: Prefault::Huge } },
    Band {
        up_to_bytes: 64 << 20,
        plan: Plan { cached: Prefault::None, uncached: Prefault::PopulateRead },
    },
];
/// For files larger than every band.
const BEYOND: Plan = Plan::fixed(Prefault::PopulateRead);
/// For files larger than this part of memory. All of such a file in memory would push out what
/// the program, and others, have there, and in the end the file's own first pages.
const TOO_MUCH: Plan = Plan::fixed(Prefault::None);
const MEMORY_SHARE: u64 = 4;

/// True if a file takes up too much of the memory to be brought there unasked.
pub(super) fn is_too_much(size_bytes: u64) -> bool {
    size_bytes > memory_bytes() / MEMORY_SHARE
}

/// How much memory there is: the machine's, or what its container may have.
fn memory_bytes() -> u64 {
    static BYTES: Constant = Constant::new(|| {
        // SAFETY: no memory is involved.
        let [pages, page_bytes] =
            [libc::_SC_PHYS_PAGES, libc::_SC_PAGESIZE].map(|name| unsafe { libc::sysconf(name) });
        // A system that does not tell has no bound.
        let machine = u64::try_from(pages.saturating_mul(page_bytes)).unwrap_or(u64::MAX);
        // Where a container sees its own limit (control groups, version 2); else no such file.
        let container = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
        let container = container.and_then(|text| text.trim().parse().ok());
        machine.min(container.unwrap_or(u64::MAX))
    });
    BYTES.get()
}
