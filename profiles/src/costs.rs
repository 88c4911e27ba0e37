//! What a program executed, by function.

use std::collections::BTreeMap;

/// What a program, or a part of it, executed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Costs {
    /// Instructions in all.
    pub instructions: u64,
    /// Each function that executed or called something, by name.
    pub functions: BTreeMap<String, Cost>,
    pub(crate) allocations: u64,
}

/// What one function executed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Instructions of the function itself.
    pub own: u64,
    /// Instructions of the function and of those it calls. `None` where that cannot be told,
    /// mostly for recursion.
    pub inclusive: Option<u64>,
    /// How often it was called.
    pub calls: u64,
}

impl Costs {
    /// Instructions of each function itself; functions without any are left out.
    pub fn self_costs(&self) -> BTreeMap<String, u64> {
        let own = self.functions.iter().map(|(name, cost)| (name.clone(), cost.own));
        own.filter(|(_, own)| *own > 0).collect()
    }

    /// How often memory was asked for: calls of the C library's allocation functions, by others
    /// than these. A realloc is one, whether or not the block moves.
    pub fn allocations(&self) -> u64 {
        self.allocations
    }
}
