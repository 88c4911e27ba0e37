//! The progress of a comparison's times.

use super::plan::{Standing, count, is_check, next_check, standing, timed};
use simple_records::{Gate, Stage};

/// The blocks and workloads that are done, and those that are expected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Blocks that were measured.
    pub blocks: u32,
    /// The same, and all that are due now. Suspects and open workloads may need more.
    pub expected: u32,
    /// Workloads that are decided.
    pub answered: u32,
    /// Workloads that are timed.
    pub workloads: u32,
}

/// The progress of a comparison, from its record.
pub fn outlook(gate: &Gate) -> Outlook {
    let blocks = gate.blocks.len() as u32;
    let mut outlook = Outlook { blocks, expected: blocks, ..Outlook::default() };
    for workload in timed(gate) {
        let due = due(gate, workload);
        outlook.workloads += 1;
        outlook.expected += due.unwrap_or(0);
        outlook.answered += u32::from(due.is_none());
    }
    outlook
}

/// Number of blocks until a workload is judged next; `None` if it is decided.
fn due(gate: &Gate, workload: &str) -> Option<u32> {
    let limits = &gate.start.limits;
    match standing(gate, workload) {
        Standing::Unfinished => {
            let blocks = count(gate, workload, Stage::Screen);
            Some(match is_check(limits, blocks) {
                true => 0,
                false => next_check(limits, blocks).saturating_sub(blocks),
            })
        }
        Standing::Suspect(_) => {
            let blocks = count(gate, workload, Stage::Confirm);
            (blocks < limits.confirm_blocks).then(|| limits.confirm_blocks - blocks)
        }
        Standing::Open(_) => Some(0),
        Standing::Clear(_) => None,
    }
}
