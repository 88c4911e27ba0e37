//! What a recording tells.

use super::ring::Record;

/// What the threads of the executor have done while it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeline {
    /// Every thread that had something to tell: the workers by index, then the others.
    pub threads: Vec<ThreadTimeline>,
    /// How many threads that ended during the recording are not among them: so many did that the
    /// first were dropped, with all their events.
    pub dropped_threads: u64,
    /// When the recording began, in nanoseconds of CLOCK_MONOTONIC.
    pub began_ns: u64,
    /// When it ended, in nanoseconds of CLOCK_MONOTONIC.
    pub ended_ns: u64,
}

/// What one thread has done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreadTimeline {
    /// The thread's name; empty if it has none.
    pub name: String,
    /// The system's number for the thread.
    pub tid: u64,
    /// Which worker of the executor it is; none for a thread that polls or submits.
    pub worker: Option<u32>,
    /// Its newest events, by the time at which they began; one that lies within another follows
    /// it.
    pub events: Vec<Event>,
    /// How many older events found no room, or were overwritten while they were read.
    pub dropped: u64,
}

impl ThreadTimeline {
    /// What threads are sorted by: workers by index, then the others.
    pub(super) fn place(&self) -> (bool, Option<u32>, u64) {
        (self.worker.is_none(), self.worker, self.tid)
    }
}

/// Something that a thread did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When it began, in nanoseconds of CLOCK_MONOTONIC.
    pub at_ns: u64,
    /// How long it took, in nanoseconds; 0 for what takes no time. What was still going on when
    /// the recording ended ends there.
    pub duration_ns: u64,
    /// What it was.
    pub kind: Kind,
}

impl Event {
    /// When it ended, in nanoseconds of CLOCK_MONOTONIC.
    pub fn end_ns(&self) -> u64 {
        self.at_ns + self.duration_ns
    }
}

/// What a thread did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Ran jobs that it found one after the other, each at the first look. Where long jobs follow
    /// short ones, one slice may hold some hundred of them.
    Run {
        /// Jobs that a queue gave out and that were run; without futures that somebody else had
        /// claimed meanwhile.
        jobs: u32,
        /// Futures that those jobs awaited and that were therefore run within them. Not known (0)
        /// of a slice that was going on when the recording ended.
        inline_run: u32,
    },
    /// Took jobs from another worker. It takes no time of its own: the looking comes before it,
    /// or is part of the [`Run`](Self::Run) that begins with it.
    Steal {
        /// The worker they were taken from.
        victim: u32,
        /// How many: all that were taken from it within the `Run` that begins with this.
        jobs: u32,
    },
    /// Slept for want of work, as [`ExecutorStats::parks`](crate::executor::ExecutorStats) counts.
    Park,
    /// Woke a sleeping worker, whose [`Park`](Self::Park) ends a little later.
    Wake {
        /// The one that was woken.
        worker: u32,
    },
    /// A worker slept within a job: in an await, a race, a channel, a join or a file.
    Blocked,
}

const RUN: u64 = 1;
const STEAL: u64 = 2;
const PARK: u64 = 3;
const WAKE: u64 = 4;
const BLOCKED: u64 = 5;

impl Kind {
    /// As it stands in a ring: [`Record::what`] and [`Record::more`].
    #[inline]
    pub(super) fn words(self) -> (u64, u64) {
        let with = |kind: u64, number: u32| kind | u64::from(number) << 32;
        match self {
            Self::Run { jobs, inline_run } => (with(RUN, inline_run), u64::from(jobs)),
            Self::Steal { victim, jobs } => (with(STEAL, victim), u64::from(jobs)),
            Self::Park => (PARK, 0),
            Self::Wake { worker } => (with(WAKE, worker), 0),
            Self::Blocked => (BLOCKED, 0),
        }
    }

    /// Whether two events are of one kind, by their words.
    pub(super) fn is_alike(what: u64, other: u64) -> bool {
        what as u32 == other as u32
    }

    /// What a ring's words say; `None` for words that nobody wrote.
    pub(super) fn of(record: &Record) -> Option<Self> {
        let number = (record.what >> 32) as u32;
        let jobs = record.more as u32;
        Some(match record.what & u64::from(u32::MAX) {
            RUN => Self::Run { jobs, inline_run: number },
            STEAL => Self::Steal { victim: number, jobs },
            PARK => Self::Park,
            WAKE => Self::Wake { worker: number },
            BLOCKED => Self::Blocked,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_come_back_from_their_words() {
        let kinds = [
            Kind::Run { jobs: 3, inline_run: u32::MAX },
            Kind::Steal { victim: 4095, jobs: 33 },
            Kind::Park,
            Kind::Wake { worker: 7 },
            Kind::Blocked,
        ];
        for kind in kinds {
            let (what, more) = kind.words();
            assert_eq!(Kind::of(&Record { what, more, ..Record::default() }), Some(kind));
        }
    }

    #[test]
    fn words_that_nobody_wrote_are_no_kind() {
        assert_eq!(Kind::of(&Record::default()), None);
    }
}
