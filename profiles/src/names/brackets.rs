//! The brackets in names of functions: type arguments, tuples, arrays, closures.

/// Each position of a name, with the depth of brackets behind it. It is negative behind a bracket
/// that closes and was not opened.
///
/// An arrow, and C++'s comparisons and shifts, are no brackets.
fn depths(name: &str) -> impl Iterator<Item = (usize, i32)> {
    let bytes = name.as_bytes();
    let mut depth = 0;
    bytes.iter().enumerate().map(move |(at, byte)| {
        let before = &bytes[..at];
        match byte {
            b'>' if before.ends_with(b"-") || before.ends_with(b"=") => {}
            b'<' | b'>' if is_operator(before) => {}
            b'<' | b'(' | b'[' | b'{' => depth += 1,
            b'>' | b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        (at, depth)
    })
}

fn is_operator(before: &[u8]) -> bool {
    [&b"operator"[..], b"operator<", b"operator>"].iter().any(|end| before.ends_with(end))
}

/// Splits a name at a separator outside of brackets; `None` if the brackets do not match.
pub(crate) fn split<'a>(name: &'a str, separator: &str) -> Option<Vec<&'a str>> {
    let mut parts = Vec::new();
    let (mut start, mut last) = (0, 0);
    for (at, depth) in depths(name) {
        if depth < 0 {
            return None;
        }
        let is_separator = || name.as_bytes()[at..].starts_with(separator.as_bytes());
        if depth == 0 && at >= start && is_separator() {
            parts.push(&name[start..at]);
            start = at + separator.len();
        }
        last = depth;
    }
    parts.push(&name[start..]);
    (last == 0).then_some(parts)
}

/// The text in the bracket that a name begins with; `None` if that does not close.
pub(crate) fn first(name: &str) -> Option<&str> {
    let (end, _) = depths(name).find(|(_, depth)| *depth <= 0)?;
    name.get(1..end)
}

/// Position at which the bracket opens that closes at the end of a name; `None` if the brackets
/// do not match.
pub(crate) fn last(name: &str) -> Option<usize> {
    let (mut opened, mut last) = (None, 0);
    for (at, depth) in depths(name) {
        if depth < 0 {
            return None;
        }
        if last == 0 && depth == 1 {
            opened = Some(at);
        }
        last = depth;
    }
    opened.filter(|_| last == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_in_brackets_do_not_split() {
        let name = "a::<b::C as d::E<fn(&u8) -> [u8; 2]>>::{f::g}::h";
        let parts = ["a", "<b::C as d::E<fn(&u8) -> [u8; 2]>>", "{f::g}", "h"];
        assert_eq!(split(name, "::").unwrap(), parts);
        assert_eq!(split("::::", "::").unwrap(), ["", "", ""]);
        assert_eq!(split("é::ü", "::").unwrap(), ["é", "ü"]);
        assert_eq!(split("", "::").unwrap(), [""]);
    }

    #[test]
    fn operators_of_cpp_are_no_brackets() {
        let name = "a::operator<<(int)::operator->::operator>";
        let parts = ["a", "operator<<(int)", "operator->", "operator>"];
        assert_eq!(split(name, "::").unwrap(), parts);
    }

    #[test]
    fn brackets_that_do_not_match_are_refused() {
        for name in ["a<b", "a>b", "(a", "a)", "a>::<b"] {
            assert_eq!(split(name, "::"), None, "{name}");
            assert_eq!(last(name), None, "{name}");
        }
        assert_eq!(first("<a"), None);
    }

    #[test]
    fn the_first_and_the_last_bracket_are_whole() {
        assert_eq!(first("<a::B<c> as d::E<f>>::g<h>"), Some("a::B<c> as d::E<f>"));
        assert_eq!(last("f<a> (b (c) d)"), Some(5));
        assert_eq!(last("f (a) (b)"), Some(6));
        assert_eq!(last("f"), None);
    }
}
