//! Deciding whether there is a terminal.

use std::ffi::OsStr;
use std::io::{self, IsTerminal};

/// Returns whether the standard error is a terminal that can redraw a line. Elsewhere, and if `TERM` is
/// `dumb` or empty, output goes line by line.
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
    fn a_terminal_must_name_its_kind() {
        assert!(can_move(Some(OsStr::new("xterm-256color"))));
        for term in [None, Some(""), Some("dumb"), Some("unknown")] {
            assert!(!can_move(term.map(OsStr::new)), "{term:?}");
        }
    }
}
