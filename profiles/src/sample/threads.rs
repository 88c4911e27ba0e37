//! Frames of threads.

use crate::Folded;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

/// Maximum number of threads of one name that get a frame each.
const APART: usize = 16;

/// Names of threads, in the order in which they appear in a recording.
///
/// The system can give the number of a thread that ended to another one: both are one then.
#[derive(Debug, Default)]
pub(crate) struct Threads {
    names: HashMap<i32, Arc<str>>,
    in_order: Vec<i32>,
}

impl Threads {
    /// Notes the name of a thread. A thread begins with the name of its creator, so the last name
    /// counts.
    pub(crate) fn saw(&mut self, tid: i32, name: &Arc<str>) {
        match self.names.get_mut(&tid) {
            Some(last) if last == name => {}
            Some(last) => *last = Arc::clone(name),
            None => {
                self.names.insert(tid, Arc::clone(name));
                self.in_order.push(tid);
            }
        }
    }

    /// Returns a frame for each of some threads.
    pub(crate) fn frames(&self, shown: impl IntoIterator<Item = i32>) -> HashMap<i32, Arc<str>> {
        let shown: HashSet<i32> = shown.into_iter().collect();
        let shown: Vec<i32> =
            self.in_order.iter().copied().filter(|tid| shown.contains(tid)).collect();
        let counts = counts(shown.iter().map(|tid| &self.names[tid]));
        let mut numbers = HashMap::<&Arc<str>, usize>::new();
        let mut frame = |tid: i32| {
            let name = &self.names[&tid];
            let number = numbers.entry(name).or_default();
            *number += 1;
            match (counts[name], *number) {
                (count, _) if count > APART => format!("{name} ({count} threads)").into(),
                (_, 1) => Arc::clone(name),
                (_, number) => format!("{name} #{number}").into(),
            }
        };
        shown.iter().map(|tid| (*tid, frame(*tid))).collect()
    }
}

/// Returns stacks whose threads are named without numbers: how many there are of a name, and which
/// of them comes second, differs between recordings.
pub(crate) fn without_numbers(stacks: &Folded) -> Folded {
    let mut named = Folded::default();
    for (stack, count) in stacks.iter() {
        let thread = stack.iter().take(1).map(|thread| without_number(thread));
        named.add(thread.chain(stack.iter().skip(1).map(String::as_str)), count);
    }
    named
}

/// The name in a thread's frame.
fn without_number(frame: &str) -> &str {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let of_many = frame.strip_suffix(" threads)").and_then(|name| name.rsplit_once(" ("));
    match frame.rsplit_once(" #").or(of_many) {
        Some((name, number)) if is_number(number) => name,
        _ => frame,
    }
}

fn counts<K: Eq + Hash>(keys: impl Iterator<Item = K>) -> HashMap<K, usize> {
    let mut counts = HashMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(names: &[(i32, &str)]) -> Threads {
        let mut threads = Threads::default();
        names.iter().for_each(|(tid, name)| threads.saw(*tid, &Arc::from(*name)));
        threads
    }

    #[test]
    fn threads_of_one_name_are_numbered_as_they_appear() {
        let threads = seen(&[(7, "main"), (9, "main"), (8, "main"), (9, "worker"), (8, "worker")]);
        let frames = threads.frames([7, 8, 9]);
        assert_eq!(&*frames[&7], "main");
        assert_eq!((&*frames[&9], &*frames[&8]), ("worker", "worker #2"));
        assert_eq!(&*threads.frames([8])[&8], "worker", "those that are not shown have no number");
    }

    #[test]
    fn recordings_are_compared_without_numbers() {
        let stacks = "w #2;f 1\nw;f 2\nt (20 threads);f 4\nx (y);f 8\n";
        let named = without_numbers(&Folded::parse(stacks).unwrap());
        assert_eq!(named.to_string(), "t;f 4\nw;f 3\nx (y);f 8\n");
    }

    #[test]
    fn many_threads_of_one_name_are_one_frame() {
        let many: Vec<_> = (0..17).map(|tid| (tid, "pool")).collect();
        let threads = seen(&many);
        assert!(threads.frames(0..17).values().all(|frame| &**frame == "pool (17 threads)"));
        assert_eq!(&*threads.frames(1..17)[&16], "pool #16");
    }
}
