//! Recursion, drawn as a few levels.
//!
//! A tree of futures awaited on top of each other has hundreds of frames, of which every fifteen
//! say the same. Here all levels are laid on top of each other.

use crate::Folded;
use std::collections::HashMap;

/// Recursion is what is called so often in the same way.
const RECURSIVE: usize = 3;

/// The same way is the same function by the same callers, so many with itself. Fewer would not do:
/// whatever a function that runs closures calls to do so is called in the same way wherever it is.
const WAY: usize = 7;

/// Stacks with the middle levels of recursion cut out; and whether there were any.
///
/// Of the calls that are made in the same way three times or more, those lead whose first one is
/// the innermost: what is between the first and the last of them goes, until none are left. So the
/// way to the recursion stays, a few of its levels, and what the last level does. What each
/// function costs itself stays, too.
pub fn cut(stacks: &Folded) -> (Folded, bool) {
    let mut cut = Folded::default();
    let mut is_recursive = false;
    for (stack, count) in stacks.iter() {
        let mut stack: Vec<&str> = stack.iter().map(String::as_str).collect();
        while let Some((first, last)) = innermost_cycle(&stack) {
            stack.drain(first..last);
            is_recursive = true;
        }
        cut.add(stack, count);
    }
    (cut, is_recursive)
}

/// Where the calls are first and last that lead.
fn innermost_cycle(stack: &[&str]) -> Option<(usize, usize)> {
    let mut places: HashMap<&[&str], (usize, usize, usize)> = HashMap::new();
    for (at, way) in stack.windows(WAY).enumerate() {
        let (_, last, times) = places.entry(way).or_insert((at, at, 0));
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
        let stack = |levels: usize| format!("t;{}fib;drop 1\n", "fib;wait;run;".repeat(levels));
        let deep: String = (10..200).map(stack).collect();
        let cut = cut_of(&deep);
        let [line] = cut.lines().collect::<Vec<_>>()[..] else { panic!("{cut}") };
        assert!(
            line.starts_with("t;fib;wait;run;fib;") && line.ends_with(";fib;drop 190"),
            "{cut}"
        );
        assert!(line.split(';').count() < 16, "{cut}");
    }

    #[test]
    fn what_runs_closures_is_no_recursion() {
        let with = "with;LocalKey::with;try_with;closure";
        let text = format!("t;run;{with};execute;{with};wait;{with};enqueue;{with};f 1\n");
        let (stacks, is_recursive) = cut(&Folded::parse(&text).unwrap());
        assert_eq!((stacks.to_string(), is_recursive), (text, false));
    }

    #[test]
    fn levels_of_two_kinds_are_both_cut() {
        let stack = "left;a;b;c;d;e;f;g;right;a;b;c;h;i;j;".repeat(20);
        let cut = cut_of(&format!("t;{stack}end 1\n"));
        assert!(cut.split(';').count() < 50 && cut.ends_with("end 1\n"), "{cut}");
    }

    proptest! {
        #[test]
        fn own_costs_stay(stacks in prop::collection::vec("[a-b](;[a-b]){0,40}", 1..8)) {
            let text: String = stacks.iter().map(|stack| format!("{stack} 1\n")).collect();
            let before = Folded::parse(&text).unwrap();
            let (after, _) = cut(&before);
            prop_assert_eq!(after.self_counts(), before.self_counts());
        }
    }
}
