//! Costs of the standard library, merged into its callers.
//!
//! Much of it is inlined into a line or two: a table that is led by `Iterator::fold` and
//! `Option::map` does not say where to look. Pictures show all of it.

use crate::Folded;
use crate::names::is_std;

/// Returns stacks without the standard library's functions at their inner ends.
#[must_use]
pub fn into_callers(stacks: &Folded) -> Folded {
    let mut merged = Folded::default();
    for (stack, count) in stacks.iter() {
        // The outermost frame is a thread, or the measured part.
        let inner = stack.iter().skip(1).rposition(|function| !is_std(function));
        let length = inner.map_or(stack.len(), |inner| inner + 2);
        merged.add(&stack[..length], count);
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_go_to_the_innermost_other_function() {
        let stacks = "t;core::start 1\nt;a;core::f;alloc::g 2\nt;a;core::f;b 4\n";
        let merged = into_callers(&Folded::parse(stacks).unwrap());
        assert_eq!(merged.to_string(), "t;a 2\nt;a;core::f;b 4\nt;core::start 1\n");
    }
}
