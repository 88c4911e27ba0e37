//! The one judge of terminals.

use std::ffi::OsStr;
use std::io::{self, IsTerminal};

/// Returns whether the standard error is a terminal on which a line can be drawn anew. Elsewhere, and on
/// a terminal that calls itself `dumb` or nothing at all, everything is printed line by line.
pub fn takes_bar() -> bool {
    io::stderr().is_terminal() && can_move(std::env::var_os("TERM").as_deref())
}

fn can_move(term: Option<&OsStr>) -> bool {
    term.is_some_and(|term| !term.is_empty() && term != "dumb" && term != "unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_must_say_what_it_is() {
        assert!(can_move(Some(OsStr::new("xterm-256color"))));
        for term in [None, Some(""), Some("dumb"), Some("unknown")] {
            assert!(!can_move(term.map(OsStr::new)), "{term:?}");
        }
    }
}
