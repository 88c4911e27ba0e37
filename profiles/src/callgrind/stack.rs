//! The stacks in the names that callgrind gives to functions.

use crate::names::{split, without_hash};

/// Returns the stack in a name, outermost function first.
///
/// With `--separate-callers` a name is `function'caller'caller of that...`; with
/// `--separate-recs`, on by default, a recursive function is `function'2`.
pub(super) fn of_name(name: &str) -> Vec<&str> {
    let is_level = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    // Apostrophes in brackets are those of lifetimes.
    let parts = split(name, "'").unwrap_or_else(|| name.split('\'').collect());
    let mut stack: Vec<_> = parts
        .into_iter()
        .enumerate()
        .filter(|(index, part)| *index == 0 || !is_level(part))
        .map(|(_, part)| without_hash(part))
        .collect();
    stack.reverse();
    stack
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_become_a_stack_outermost_first() {
        assert_eq!(of_name("read'parse'main"), ["main", "parse", "read"]);
        assert_eq!(of_name("(below main)'0x1ab70"), ["0x1ab70", "(below main)"]);
    }

    #[test]
    fn levels_of_recursion_are_dropped() {
        assert_eq!(of_name("f'2"), ["f"]);
        assert_eq!(of_name("even'3'odd'even'main"), ["main", "even", "odd", "even"]);
    }

    #[test]
    fn hashes_of_rustc_are_dropped() {
        assert_eq!(of_name("a::f::h0123456789abcdef'2'a::g"), ["a::g", "a::f"]);
    }

    #[test]
    fn lifetimes_are_part_of_a_name() {
        let name = "<a::B<'a> as c::D<fn(&'b u8) -> u8>>::f'main";
        assert_eq!(of_name(name), ["main", "<a::B<'a> as c::D<fn(&'b u8) -> u8>>::f"]);
    }

    #[test]
    fn operators_of_cpp_are_no_brackets() {
        assert_eq!(
            of_name("a::operator<<(int)'g'operator->'f"),
            ["f", "operator->", "g", "a::operator<<(int)"]
        );
        assert_eq!(of_name("broken<'main"), ["main", "broken<"]);
    }
}
