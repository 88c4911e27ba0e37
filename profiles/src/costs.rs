//! Instructions of a program, by function.

use std::collections::BTreeMap;

/// Instructions of a program, or of a part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Costs {
    /// Instructions in all.
    pub instructions: u64,
    /// Each function that executed or called something, by name.
    pub functions: BTreeMap<String, Cost>,
    pub(crate) allocations: u64,
}

/// Instructions of one function.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Instructions of the function itself.
    pub own: u64,
    /// Instructions of the function and of those it calls. `None` where that is not known,
    /// mostly for recursion.
    pub inclusive: Option<u64>,
    /// Number of calls of it.
    pub calls: u64,
}

impl Costs {
    /// Instructions of each function itself; functions without any are left out.
    pub fn self_costs(&self) -> BTreeMap<String, u64> {
        let own = self.functions.iter().map(|(name, cost)| (name.clone(), cost.own));
        own.filter(|(_, own)| *own > 0).collect()
    }

    /// Number of allocations: calls of the C library's allocation functions by other functions. A
    /// realloc is one, whether or not the block moves.
    pub fn allocations(&self) -> u64 {
        self.allocations
    }
}
