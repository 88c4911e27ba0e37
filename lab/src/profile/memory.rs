//! The view of memory: places that ask for it, by DHAT.

use crate::profile::harness::Harness;
use crate::profile::instructions::BETWEEN;
use crate::profile::stacks::CollectedStacks;
use anyhow::Result;
use simple_profiles::dhat::{self, Heap, Measure, Site};
use simple_profiles::names::short;
use simple_profiles::normalize::StackCounts;
use simple_profiles::sample::Cut;
use simple_records::harness::{Listed, MEASURED};
use simple_records::{AllocationSite, AllocationSites, Unit, View};

/// Maximum number of sites in the record.
const MOST_SITES: usize = 40;

/// Collects bytes by stack, none where no memory was asked for, and the sites.
pub fn view(
    harness: &Harness,
    listed: &Listed,
) -> Result<(Option<CollectedStacks>, AllocationSites)> {
    let subject = harness.subject(&listed.workload);
    let heap = measured(dhat::between(&subject.heap(0)?, &subject.heap(BETWEEN)?));
    let stacks = heap.folded(Measure::Bytes);
    let collected = (!stacks.is_empty()).then(|| CollectedStacks {
        view: View::Memory,
        sampler: "DHAT".to_owned(),
        unit: Unit::Bytes,
        counts: StackCounts { stacks, iterations: BETWEEN, period_ns: None },
        table: None,
        measured_ns: None,
        notes: notes(&heap),
    });
    Ok((collected, sites(&heap, BETWEEN)))
}

/// Leaves out the allocations of the harness.
fn measured(mut heap: Heap) -> Heap {
    let cut = Cut::at(MEASURED);
    heap.sites.retain_mut(|site| match cut.measured(&site.stack) {
        Some(part) => {
            site.stack = part.to_vec();
            true
        }
        None => false,
    });
    heap
}

fn notes(heap: &Heap) -> Vec<String> {
    let mut notes = vec![format!(
        "What is shown is a process with {BETWEEN} iterations more minus one without, all threads \
         together."
    )];
    if heap.shrunk.bytes > 0 {
        notes.push(format!(
            "By chance the process without them asked for {} bytes elsewhere: what is shown may \
             be wrong by as much.",
            heap.shrunk.bytes
        ));
    }
    notes
}

/// The sites that asked for most, over this number of iterations.
pub(super) fn sites(heap: &Heap, iterations: u64) -> AllocationSites {
    let mut sites: Vec<&Site> = heap.sites.iter().collect();
    sites.sort_by_key(|site| std::cmp::Reverse(site.bytes));
    let shown = sites.iter().take(MOST_SITES).map(|site| AllocationSite {
        stack: site.stack.clone(),
        short: site.stack.iter().map(|function| short(function)).collect(),
        blocks: site.blocks,
        bytes: site.bytes,
        peak_bytes: site.peak_bytes,
        lifetime_instructions: site.lifetime_instructions as f64 / site.blocks.max(1) as f64,
    });
    AllocationSites {
        iterations,
        blocks: sites.iter().map(|site| site.blocks).sum(),
        bytes: sites.iter().map(|site| site.bytes).sum(),
        peak_bytes: heap.peak_bytes,
        sites: shown.collect(),
    }
}
