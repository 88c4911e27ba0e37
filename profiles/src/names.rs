//! What compilers add to the names of functions.

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
    fn only_a_hash_is_dropped() {
        assert_eq!(without_hash("a::f::h0123456789abcdef"), "a::f");
        assert_eq!(without_hash("a::h12"), "a::h12");
        assert_eq!(without_hash("a::h0123456789abcdeg"), "a::h0123456789abcdeg");
    }
}
