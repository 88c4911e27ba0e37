//! Intervals in which threads were off the processors, and their reasons.

use super::kind::{self, Kind};
use super::payload;
use crate::perf::script::{Direction, EventSample, Record, Switch};
use crate::sample::{self, Cut, Stack, Threads};
use crate::symbols::Symbolizer;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// An interval in which a thread was off the processors.
#[derive(Debug)]
pub(super) struct Interval {
    pub(super) tid: i32,
    pub(super) begin_ns: u64,
    /// `None` if it did not come back.
    pub(super) end_ns: Option<u64>,
    pub(super) kind: Kind,
    pub(super) stack: Stack,
    /// Time of the last wake-up, if it was recorded.
    pub(super) woken_ns: Option<u64>,
    /// The thread that woke it; `None` if it is not one of the program.
    pub(super) waker: Option<Waker>,
}

impl Interval {
    fn new(tid: i32, begin_ns: u64, kind: Kind, stack: Stack) -> Self {
        Self { tid, begin_ns, end_ns: None, kind, stack, woken_ns: None, waker: None }
    }
}

/// A thread that ended a wait.
#[derive(Debug)]
pub(super) struct Waker {
    pub(super) tid: i32,
    pub(super) stack: Stack,
}

/// Follows threads through a recording.
pub(super) struct Follower<'a, S> {
    pub(super) symbolizer: S,
    pub(super) cut: &'a Cut,
    pub(super) threads: Threads,
    pub(super) lost: u64,
    pub(super) unknown_end: u64,
    off: HashMap<i32, Interval>,
    /// Threads that have ended.
    ended: HashSet<i32>,
}

impl<'a, S: Symbolizer> Follower<'a, S> {
    pub(super) fn new(symbolizer: S, cut: &'a Cut) -> Self {
        let (threads, off, ended) = Default::default();
        Self { symbolizer, cut, threads, lost: 0, unknown_end: 0, off, ended }
    }

    /// Takes the next record, which may end an interval.
    pub(super) fn take(&mut self, record: Record) -> Option<Interval> {
        match record {
            Record::Unread => {}
            Record::Lost(count) => self.lost = self.lost.saturating_add(count),
            Record::Switch(switch) => {
                self.threads.saw(switch.tid, &switch.thread);
                return self.switch(&switch);
            }
            Record::Sample(event) => {
                self.threads.saw(event.sample.tid, &event.sample.thread);
                match &*event.sample.event {
                    name if name.contains("sched_switch") => self.out(&event),
                    name if name.contains("sched_waking") => self.wake(&event),
                    _ => {}
                }
            }
        }
        None
    }

    /// The intervals of threads that did not come back.
    pub(super) fn rest(&mut self) -> impl Iterator<Item = Interval> + use<S> {
        std::mem::take(&mut self.off).into_values()
    }

    fn switch(&mut self, switch: &Switch) -> Option<Interval> {
        if switch.direction == Direction::In {
            // The system may give the number of a thread to another one.
            self.ended.remove(&switch.tid);
        } else if self.ended.contains(&switch.tid) {
            return None;
        }
        match (switch.direction, self.off.entry(switch.tid)) {
            (Direction::In, Entry::Occupied(off)) => {
                Some(Interval { end_ns: Some(switch.time_ns), ..off.remove() })
            }
            (Direction::In, Entry::Vacant(_)) => None,
            // The tracepoint says more, but it may have been lost.
            (Direction::Out { preempt }, off) => {
                let new =
                    || Interval::new(switch.tid, switch.time_ns, Kind::Other, Stack::default());
                let off = off.or_insert_with(new);
                if preempt {
                    off.kind = Kind::Preempted;
                }
                None
            }
        }
    }

    fn out(&mut self, EventSample { sample, payload }: &EventSample) {
        let state = payload::prev_state(payload).unwrap_or_default();
        // A thread that is switched out twice came back in between, at an unknown time.
        self.unknown_end += u64::from(self.off.remove(&sample.tid).is_some());
        if state.starts_with(['X', 'Z']) {
            self.ended.insert(sample.tid);
            return;
        }
        let stack = sample::stack(&sample.frames, &mut self.symbolizer, self.cut);
        let begin_ns = sample.time_ns.unwrap_or(0);
        let kind = if state.starts_with('R') { Kind::Preempted } else { Kind::of(&stack.kernel) };
        self.off.insert(sample.tid, Interval::new(sample.tid, begin_ns, kind, stack));
    }

    fn wake(&mut self, EventSample { sample, payload }: &EventSample) {
        let woken = payload::woken_tid(payload);
        let Some(off) = woken.and_then(|tid| self.off.get_mut(&tid)) else { return };
        let stack = sample::stack(&sample.frames, &mut self.symbolizer, self.cut);
        let is_thread = !kind::is_interrupt(&stack.kernel);
        off.woken_ns = sample.time_ns;
        off.waker = is_thread.then_some(Waker { tid: sample.tid, stack });
    }
}
