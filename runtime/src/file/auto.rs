//! The strategies that [`Prefault::Auto`] chooses, and the measurements behind them.

use super::Prefault;
use crate::environment::choices::choices;
use crate::sync::Constant;
use std::fs;

/// The strategies that a load chooses from once it knows whether the file is in the page cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The strategy if the file is cached.
    pub cached: Prefault,
    /// The strategy if it must come from the disk. Differs from `cached` only where both map the
    /// file.
    pub uncached: Prefault,
}

impl Plan {
    /// Creates a plan with one strategy for both cases.
    pub(super) const fn fixed(strategy: Prefault) -> Self {
        Self { cached: strategy, uncached: strategy }
    }

    /// Returns the strategy to use; calls `is_cached` only if it matters.
    pub(super) fn choose(self, is_cached: impl FnOnce() -> bool) -> Prefault {
        if self.cached == self.uncached || is_cached() { self.cached } else { self.uncached }
    }
}

impl Prefault {
    /// Returns the plan for a file of `size_bytes`: always this strategy, except for
    /// [`Prefault::Auto`]. `SIMPLE_RT_PREFAULT` in the environment gives that another meaning, but
    /// not for a file that would take up much of the memory.
    pub fn plan(self, size_bytes: u64) -> Plan {
        if self != Self::Auto {
            return Plan::fixed(self);
        }
        if let Some(strategy) = choices().prefault.value().filter(|&strategy| strategy != self) {
            return if is_too_much(size_bytes) { TOO_MUCH } else { Plan::fixed(strategy) };
        }
        if let Some(band) = BANDS.iter().find(|band| size_bytes <= band.up_to_bytes) {
            return band.plan;
        }
        if is_too_much(size_bytes) { TOO_MUCH } else { BEYOND }
    }
}

/// File sizes up to a limit, and the best plan for them.
struct Band {
    up_to_bytes: u64,
    plan: Plan,
}

/// Measured as open, load, sum up the bytes, drop, all strategies in turn, on ext4 in a
/// virtual machine with two CPUs; to be refined by a study on more machines.
///
/// * Reading beats mapping up to several hundred KiB if the memory it reads into was used before,
///   as when files are loaded and closed in turn. If files stay open the memory is fresh, and
///   mapping wins from 16 KiB on, by a margin that grows with the file. With the first limit at
///   this value, no fixed strategy is faster over a tree of sources (`file/sources`), whether they
///   are closed at once or kept. A lower limit would gain as much for kept files as it would lose
///   for the others.
/// * While the page cache holds a file, mapping it is enough: each page fault of a reader enters
///   many pages. `MADV_POPULATE_READ`, which visits every page, takes half as long again from
///   several hundred KiB to some MiB, and the same time where the cache holds the file in large
///   folios. It is ahead only for the largest files.
/// * `MADV_HUGEPAGE` makes reads from a cold disk up to three times as fast from 128 KiB to some
///   tens of MiB, and is a loss if the file is cached. So the check of the cache pays off.
const BANDS: [Band; 3] = [
    Band { up_to_bytes: 128 << 10, plan: Plan::fixed(Prefault::Copy) },
    Band { up_to_bytes: 32 << 20, plan: Plan { cached: Prefault::None, uncached: Prefault::Huge } },
    Band {
        up_to_bytes: 64 << 20,
        plan: Plan { cached: Prefault::None, uncached: Prefault::PopulateRead },
    },
];
/// The plan for files larger than every band.
const BEYOND: Plan = Plan::fixed(Prefault::PopulateRead);
/// The plan for files larger than a quarter of the memory. Loading all of such a file would evict
/// memory of the program and of others, and in the end the file's own first pages.
const TOO_MUCH: Plan = Plan::fixed(Prefault::None);
const MEMORY_SHARE: u64 = 4;

/// True if a file takes up too much of the memory to be loaded without an explicit request.
pub(super) fn is_too_much(size_bytes: u64) -> bool {
    size_bytes > memory_bytes() / MEMORY_SHARE
}

/// Returns the size of the memory: the machine's, or the limit of its container.
fn memory_bytes() -> u64 {
    static BYTES: Constant = Constant::new(|| {
        // SAFETY: no memory is involved.
        let [pages, page_bytes] =
            [libc::_SC_PHYS_PAGES, libc::_SC_PAGESIZE].map(|name| unsafe { libc::sysconf(name) });
        // A system that does not tell has no limit.
        let machine = u64::try_from(pages.saturating_mul(page_bytes)).unwrap_or(u64::MAX);
        // The limit that a container sees (control groups, version 2); without one there is no such
        // file.
        let container = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
        let container = container.and_then(|text| text.trim().parse().ok());
        machine.min(container.unwrap_or(u64::MAX))
    });
    BYTES.get()
}
