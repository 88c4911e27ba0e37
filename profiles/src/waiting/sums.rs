//! Intervals, summed up.

use super::intervals::{Interval, Waker};
use super::{Kind, Sum, Waiting};
use crate::Folded;
use crate::sample::{Threads, Windows};
use std::collections::HashMap;
use std::sync::Arc;

/// Maximum number of functions of a waker that are shown, with those that were inlined.
const WAKER_FUNCTIONS: usize = 24;

/// Takes the place of the outer functions of a waker, which are not shown.
const OUTER: &str = "[...]";

/// Sums of waits, while not all names of threads are known.
pub(super) struct Sums<'a> {
    windows: &'a Windows,
    by_wait: HashMap<Wait, Sum>,
    truncated: u64,
}

/// A stack, with the frames that are put on top of it.
#[derive(PartialEq, Eq, Hash)]
struct Wait {
    tid: i32,
    kind: Kind,
    functions: Vec<Arc<str>>,
    end: End,
}

#[derive(PartialEq, Eq, Hash)]
enum End {
    /// Nobody has to wake a thread that could go on.
    Scheduled,
    NotWoken,
    Outside,
    By {
        tid: i32,
        functions: Vec<Arc<str>>,
    },
}

impl<'a> Sums<'a> {
    pub(super) fn new(windows: &'a Windows) -> Self {
        Self { windows, by_wait: HashMap::new(), truncated: 0 }
    }

    /// Adds the part of an interval that is in the windows. The interval ends at `last_ns` if the
    /// thread did not come back.
    pub(super) fn add(&mut self, interval: Interval, last_ns: u64) {
        let end_ns = interval.end_ns.unwrap_or(last_ns);
        let ns = self.windows.overlap_ns(interval.begin_ns, end_ns);
        if ns == 0 {
            return;
        }
        self.truncated += u64::from(interval.stack.is_truncated);
        let runnable_ns = match (interval.kind, interval.woken_ns) {
            (Kind::Preempted, _) => ns,
            (_, Some(woken_ns)) => self.windows.overlap_ns(woken_ns, end_ns),
            (_, None) => 0,
        };
        let Interval { tid, kind, stack, waker, .. } = interval;
        let end = match (kind, interval.end_ns, waker) {
            (Kind::Preempted, ..) => End::Scheduled,
            (_, None, _) => End::NotWoken,
            (_, Some(_), Some(Waker { tid, stack })) => {
                End::By { tid, functions: inner(&stack.user) }
            }
            (_, Some(_), None) => End::Outside,
        };
        let wait = Wait { tid, kind, functions: stack.user, end };
        let sum = Sum { ns, count: 1, longest_ns: ns, runnable_ns };
        self.by_wait.entry(wait).or_default().add(&sum);
    }

    pub(super) fn finish(self, threads: &Threads) -> Waiting {
        let mut waiting = Waiting { truncated: self.truncated, ..Waiting::default() };
        let shown = self.by_wait.keys().flat_map(|wait| match wait.end {
            End::By { tid, .. } => [wait.tid, tid],
            _ => [wait.tid; 2],
        });
        let names = threads.frames(shown);
        for (wait, sum) in &self.by_wait {
            let thread = &names[&wait.tid];
            let by_thread = waiting.by_thread.entry(thread.to_string()).or_default();
            for sums in [&mut waiting.by_kind, by_thread] {
                sums.entry(wait.kind).or_default().add(sum);
            }
            let folded: &mut Folded = match wait.kind {
                Kind::Preempted => &mut waiting.preempted,
                _ => &mut waiting.stacks,
            };
            folded.add(frames(wait, &names), sum.ns);
        }
        waiting
    }
}

/// The innermost functions of a waker.
fn inner(functions: &[Arc<str>]) -> Vec<Arc<str>> {
    let Some(outer) = functions.len().checked_sub(WAKER_FUNCTIONS).filter(|outer| *outer > 0)
    else {
        return functions.to_vec();
    };
    [OUTER.into()].into_iter().chain(functions[outer..].iter().cloned()).collect()
}

fn frames(wait: &Wait, names: &HashMap<i32, Arc<str>>) -> Vec<Arc<str>> {
    let mut frames = vec![Arc::clone(&names[&wait.tid])];
    frames.extend(wait.functions.iter().cloned());
    frames.push(format!("[{}]", wait.kind).into());
    match &wait.end {
        End::Scheduled => {}
        End::NotWoken => frames.push("[not woken]".into()),
        End::Outside => frames.push("[woken from outside]".into()),
        End::By { tid, functions } => {
            frames.push(format!("[woken by {}]", names[tid]).into());
            frames.extend(functions.iter().cloned());
        }
    }
    frames
}
