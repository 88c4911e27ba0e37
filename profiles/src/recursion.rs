//! Recursion, drawn as a few levels.
//!
//! A tree of futures awaited on top of each other has hundreds of frames, in which the same
//! fifteen or so repeat. Here all levels are laid on top of each other.

use crate::Folded;
use std::collections::HashMap;

/// Minimum number of occurrences of a call pattern that make it recursion.
const RECURSIVE: usize = 3;

/// Length of a call pattern: a function and its callers. A shorter one would not do: the functions
/// through which closures are run form the same short pattern wherever closures are run.
const PATTERN: usize = 7;

/// Cuts the middle levels of recursion out of stacks, and returns whether there were any.
///
/// Repeatedly takes the innermost call pattern that occurs three times or more, and removes
/// everything between its first and last occurrence. The path to the recursion stays, with a few of
/// its levels and the calls of the last level. Own costs of functions stay, too.
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

/// First and last position of the innermost call pattern that is recursive.
fn innermost_cycle(stack: &[&str]) -> Option<(usize, usize)> {
    let mut places: HashMap<&[&str], (usize, usize, usize)> = HashMap::new();
    for (at, pattern) in stack.windows(PATTERN).enumerate() {
        let (_, last, times) = places.entry(pattern).or_insert((at, at, 0));
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
    fn running_closures_is_no_recursion() {
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
