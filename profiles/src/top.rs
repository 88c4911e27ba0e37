//! Functions with the largest counts.

use crate::{Folded, merge};
use std::cmp::Reverse;

/// Counts of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionCounts {
    /// Its name.
    pub function: String,
    /// In itself.
    pub own: u64,
    /// In itself and in what it calls.
    pub inclusive: u64,
}

/// Returns at most `most` functions with the largest counts of their own, the largest first. Costs
/// of the standard library count for its callers.
pub fn top(stacks: &Folded, most: usize) -> Vec<FunctionCounts> {
    let stacks = merge::into_callers(stacks);
    let inclusive = stacks.inclusive_counts();
    let counts = |(function, own): (String, u64)| FunctionCounts {
        inclusive: inclusive.get(&function).copied().unwrap_or(own),
        function,
        own,
    };
    let mut functions: Vec<_> = stacks.self_counts().into_iter().map(counts).collect();
    // Stable: equal ones stay sorted by name.
    functions.sort_by_key(|counts| Reverse(counts.own));
    functions.truncate(most);
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_sorted_by_their_own_counts() {
        let stacks = Folded::parse("t;a 1\nt;a;b 5\nt;c 3\n").unwrap();
        let shown = |most| -> Vec<(String, u64, u64)> {
            let counts = top(&stacks, most).into_iter();
            counts.map(|f| (f.function, f.own, f.inclusive)).collect()
        };
        let [b, c, a] =
            [("b", 5, 5), ("c", 3, 3), ("a", 1, 6)].map(|(f, own, all)| (f.to_owned(), own, all));
        assert_eq!(shown(2), [b.clone(), c.clone()]);
        assert_eq!(shown(9), [b, c, a]);
    }
}
