//! The difference between the allocations of two processes.

use super::{Heap, Site};
use std::collections::HashMap;

/// Allocations that [`between`] left out, because there were fewer after than before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shrunk {
    /// Stacks whose blocks or bytes shrank or vanished.
    pub sites: u64,
    /// Blocks that are missing in them.
    pub blocks: u64,
    /// Bytes that are missing in them.
    pub bytes: u64,
}

impl Shrunk {
    fn add(&mut self, before: &Site, blocks: u64, bytes: u64) {
        self.sites = self.sites.saturating_add(1);
        self.blocks = self.blocks.saturating_add(before.blocks.saturating_sub(blocks));
        self.bytes = self.bytes.saturating_add(before.bytes.saturating_sub(bytes));
    }
}

/// Returns the allocations of `after` without those of `before`. Of two runs of one program with
/// the same set-up, where `after` has N iterations more, these are N iterations without the set-up.
///
/// Blocks, bytes, lifetimes and bytes at the end are subtracted, stack by stack. Bytes at the
/// peak, of sites and in all, are those of `after`, since peaks have no difference. Sites that did
/// not change are left out, and so are sites that shrank: the sum of these is returned. With one
/// thread it should be nothing. With several, numbers differ a little between runs, and an
/// allocation that happens once may move to another thread and another stack: it shrinks in one
/// and remains in the other. So the sum shows how much too large the rest may be. Two runs of a
/// workload on two threads with 40 thousand blocks differed by 8; N should be large enough to make
/// that small.
///
/// A lifetime is right if set-up keeps no block of the same stack, since that would live longer
/// where there are more iterations.
pub fn between(before: &Heap, after: &Heap) -> Heap {
    let mut others: HashMap<&[String], &Site> =
        before.sites.iter().map(|site| (site.stack.as_slice(), site)).collect();
    let mut shrunk = Shrunk::default();
    let mut sites = Vec::new();
    for site in &after.sites {
        let Some(other) = others.remove(site.stack.as_slice()) else {
            sites.push(site.clone());
            continue;
        };
        if site.blocks < other.blocks || site.bytes < other.bytes {
            shrunk.add(other, site.blocks, site.bytes);
        } else if site.blocks > other.blocks || site.bytes > other.bytes {
            sites.push(beyond(other, site));
        }
    }
    others.values().for_each(|vanished| shrunk.add(vanished, 0, 0));
    Heap::of(sites, after.peak_bytes, shrunk)
}

fn beyond(before: &Site, after: &Site) -> Site {
    Site {
        stack: after.stack.clone(),
        blocks: after.blocks.saturating_sub(before.blocks),
        bytes: after.bytes.saturating_sub(before.bytes),
        lifetime_instructions: after
            .lifetime_instructions
            .saturating_sub(before.lifetime_instructions),
        peak_bytes: after.peak_bytes,
        end_bytes: after.end_bytes.saturating_sub(before.end_bytes),
    }
}
