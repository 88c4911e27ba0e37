//! Recursion, drawn as few levels.
//!
//! A tree of futures awaited on top of each other has hundreds of frames, of which every fifteen
//! say the same. Here all levels are laid on top of each other.

use crate::Folded;
use std::collections::HashMap;

/// A function that stands in a stack so often is recursive. Twice happens without: a function that
/// runs a closure is called again inside of it.
const RECURSIVE: usize = 3;

/// Stacks with the middle levels of recursion cut out; and whether there were any.
///
/// Of the functions that stand in a stack three times or more the one whose first call is the
/// innermost leads: what is between its first and its last call goes, until none is left. So the
/// way to the recursion stays, one or two of its levels, and what the last level does. What each
/// function costs itself stays, too.
pub fn cut(stacks: &Folded) -> (Folded, bool) {
    let mut cut = Folded::default();
    let mut is_recursive = false;
    for (stack, count) in stacks.iter() {
        let mut stack: Vec<&str> = stack.iter().map(String::as_str).collect();
        while let Some((first, last)) = longest_cycle(&stack) {
            stack.drain(first..last);
            is_recursive = true;
        }
        cut.add(stack, count);
    }
    (cut, is_recursive)
}

/// Where the function stands first and last that leads.
fn longest_cycle(stack: &[&str]) -> Option<(usize, usize)> {
    let mut places: HashMap<&str, (usize, usize, usize)> = HashMap::new();
    for (at, function) in stack.iter().enumerate() {
        let (_, last, times) = places.entry(function).or_insert((at, at, 0));
        *last = at;
        *times += 1;
    }
    let recursive = places.into_values().filter(|(.., times)| *times >= RECURSIVE);
    recursive.max().map(|(first, last, _)| (first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut_of(text: &str) -> String {
        cut(&Folded::parse(text).unwrap()).0.to_string()
    }

    #[test]
    fn levels_are_laid_on_top_of_each_other() {
        let deep = "t;run;fib;wait;run;fib;wait;run;fib;wait;run;fib;drop 1\n";
        let deeper = "t;run;fib;wait;run;fib;wait;run;fib;wait;run;fib;wait;run;fib;drop 2\n";
        let once = "t;run;fib;wait;run;fib;drop 3\n";
        assert_eq!(cut_of(&format!("{deep}{deeper}")), once);
    }

    #[test]
    fn twice_is_no_recursion() {
        let text = "t;with;run;with;f 1\n";
        let (stacks, is_recursive) = cut(&Folded::parse(text).unwrap());
        assert_eq!((stacks.to_string().as_str(), is_recursive), (text, false));
    }

    #[test]
    fn a_function_beside_the_cycle_stays() {
        // `with` is called on the way to the recursion, and in each of its levels.
        let text = "t;with;work;fib;with;wait;fib;with;wait;fib;with;wait;fib;g 1\n";
        assert_eq!(cut_of(text), "t;with;work;fib;with;wait;fib;g 1\n");
    }

    proptest! {
        #[test]
        fn own_costs_stay(stacks in prop::collection::vec("[a-d](;[a-d]){0,12}", 1..8)) {
            let text: String = stacks.iter().map(|stack| format!("{stack} 1\n")).collect();
            let before = Folded::parse(&text).unwrap();
            let (after, _) = cut(&before);
            prop_assert_eq!(after.self_counts(), before.self_counts());
        }
    }
}
