//! Places in the program that wait.

use super::Kind;
use crate::Folded;
use crate::names::is_wait;

/// Returns stacks of waits without the wakers, and without the functions of the standard library
/// and the C library that do the waiting.
#[must_use]
pub fn sites(stacks: &Folded) -> Folded {
    let kinds = Kind::ALL.map(|kind| format!("[{kind}]"));
    let mut sites = Folded::default();
    for (stack, ns) in stacks.iter() {
        let end = stack.iter().position(|function| kinds.contains(function));
        let own = &stack[..end.unwrap_or(stack.len())];
        let inner = own.iter().rposition(|function| !is_wait(function));
        sites.add(&own[..inner.map_or(own.len(), |inner| inner + 1)], ns);
    }
    sites
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_the_innermost_function_of_the_program() {
        let stacks = "t;a::f;std::thread::park;syscall;[futex];[woken by w];b::g 3\n\
                      t;a::f;[sleep];[woken from outside] 2\n\
                      std::x;__poll;[poll, pipe or socket];[not woken] 1\n";
        let sites = sites(&Folded::parse(stacks).unwrap());
        assert_eq!(sites.to_string(), "std::x;__poll 1\nt;a::f 5\n");
    }
}
