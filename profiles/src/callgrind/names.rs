//! The names that callgrind gives to functions, taken apart.

/// The stack that a name stands for, outermost function first.
///
/// With `--separate-callers` a name is `function'caller'caller of that...`; with
/// `--separate-recs`, on by default, a recursive function is `function'2`.
pub(super) fn stack(name: &str) -> Vec<&str> {
    let is_level = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut stack: Vec<_> = parts(name)
        .into_iter()
        .enumerate()
        .filter(|(index, part)| *index == 0 || !is_level(part))
        .map(|(_, part)| without_hash(part))
        .collect();
    stack.reverse();
    stack
}

/// Splits at apostrophes, but not at those of lifetimes, which stand in brackets.
fn parts(name: &str) -> Vec<&str> {
    let Some(cuts) = cuts(name) else { return name.split('\'').collect() };
    let mut start = 0;
    let mut parts = Vec::new();
    for cut in cuts {
        parts.push(&name[start..cut]);
        start = cut + 1;
    }
    parts.push(&name[start..]);
    parts
}

/// Where apostrophes stand outside of brackets; `None` if the brackets do not match.
fn cuts(name: &str) -> Option<Vec<usize>> {
    let mut cuts = Vec::new();
    let mut depth = 0_u32;
    for (at, byte) in name.bytes().enumerate() {
        let before = &name.as_bytes()[..at];
        match byte {
            // An arrow, and C++'s comparisons and shifts, are no brackets.
            b'>' if before.ends_with(b"-") || before.ends_with(b"=") => {}
            b'<' | b'>' if after_operator(before) => {}
            b'<' | b'(' | b'[' | b'{' => depth += 1,
            b'>' | b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
            b'\'' if depth == 0 => cuts.push(at),
            _ => {}
        }
    }
    (depth == 0).then_some(cuts)
}

fn after_operator(before: &[u8]) -> bool {
    [&b"operator"[..], b"operator<", b"operator>"].iter().any(|end| before.ends_with(end))
}

/// Without the `::h0123456789abcdef` that rustc gives to every compilation of a function.
pub(crate) fn without_hash(name: &str) -> &str {
    match name.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            path
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_become_a_stack_outermost_first() {
        assert_eq!(stack("read'parse'main"), ["main", "parse", "read"]);
        assert_eq!(stack("(below main)'0x1ab70"), ["0x1ab70", "(below main)"]);
    }

    #[test]
    fn levels_of_recursion_are_dropped() {
        assert_eq!(stack("f'2"), ["f"]);
        assert_eq!(stack("even'3'odd'even'main"), ["main", "even", "odd", "even"]);
    }

    #[test]
    fn hashes_of_rustc_are_dropped() {
        assert_eq!(stack("a::f::h0123456789abcdef'2'a::g"), ["a::g", "a::f"]);
        assert_eq!(stack("a::h12"), ["a::h12"]);
    }

    #[test]
    fn lifetimes_are_part_of_a_name() {
        let name = "<a::B<'a> as c::D<fn(&'b u8) -> u8>>::f'main";
        assert_eq!(stack(name), ["main", "<a::B<'a> as c::D<fn(&'b u8) -> u8>>::f"]);
    }

    #[test]
    fn operators_of_cpp_are_no_brackets() {
        assert_eq!(
            stack("a::operator<<(int)'g'operator->'f"),
            ["f", "operator->", "g", "a::operator<<(int)"]
        );
        assert_eq!(stack("broken<'main"), ["main", "broken<"]);
    }
}
