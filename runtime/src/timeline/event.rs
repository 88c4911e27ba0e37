//! The data of a recording.

use super::ring::Record;

/// The actions of the executor's threads during a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeline {
    /// Every thread with events: the workers by index, then the others.
    pub threads: Vec<ThreadTimeline>,
    /// Number of threads that ended during the recording and are missing. If too many end, the
    /// first are dropped, with all their events.
    pub dropped_threads: u64,
    /// The time when the recording began, in nanoseconds of CLOCK_MONOTONIC.
    pub began_ns: u64,
    /// The time when it ended, in nanoseconds of CLOCK_MONOTONIC.
    pub ended_ns: u64,
}

/// The actions of one thread.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreadTimeline {
    /// The thread's name; empty if it has none.
    pub name: String,
    /// The system's number for the thread.
    pub tid: u64,
    /// The thread's index as a worker of the executor; none for a thread that polls or submits.
    pub worker: Option<u32>,
    /// Its newest events, by start time; an event inside of another follows it.
    pub events: Vec<Event>,
    /// Number of older events for which there was no room, or which were overwritten while they
    /// were read.
    pub dropped: u64,
}

impl ThreadTimeline {
    /// Returns the sort key of threads: workers by index, then the others.
    pub(super) fn place(&self) -> (bool, Option<u32>, u64) {
        (self.worker.is_none(), self.worker, self.tid)
    }
}

/// An action of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The time when it began, in nanoseconds of CLOCK_MONOTONIC.
    pub at_ns: u64,
    /// Its duration, in nanoseconds; 0 for an event that takes no time. An event in progress at the
    /// end of the recording ends there.
    pub duration_ns: u64,
    /// Its kind.
    pub kind: Kind,
}

impl Event {
    /// Returns the time when it ended, in nanoseconds of CLOCK_MONOTONIC.
    pub fn end_ns(&self) -> u64 {
        self.at_ns + self.duration_ns
    }
}

/// The kind of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Ran jobs that it found one after the other, each at the first attempt. Where long jobs
    /// follow short ones, one slice may contain some hundred of them.
    Run {
        /// Jobs that a queue gave out and that were run, without futures that another thread had
        /// claimed meanwhile.
        jobs: u32,
        /// Futures that those jobs awaited and that were therefore run within them. Not known (0)
        /// for a slice in progress at the end of the recording.
        inline_run: u32,
    },
    /// Took jobs from another worker. It takes no time of its own: the search comes before it, or
    /// is part of the [`Run`](Self::Run) that begins with it.
    Steal {
        /// The worker that the jobs were taken from.
        victim: u32,
        /// The number of jobs: all that were taken from it within the `Run` that begins with this.
        jobs: u32,
    },
    /// Slept for lack of work, as counted by
    /// [`ExecutorStats::parks`](crate::executor::ExecutorStats).
    Park,
    /// Woke a sleeping worker, whose [`Park`](Self::Park) ends a little later.
    Wake {
        /// The worker that was woken.
        worker: u32,
    },
    /// Slept within a job, as a worker: in an await, a race, a channel, a join or a file.
    Blocked,
}

const RUN: u64 = 1;
const STEAL: u64 = 2;
const PARK: u64 = 3;
const WAKE: u64 = 4;
const BLOCKED: u64 = 5;

impl Kind {
    /// Returns the words for a ring: [`Record::what`] and [`Record::more`].
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

    /// True if two events are of one kind, by their words.
    pub(super) fn is_alike(what: u64, other: u64) -> bool {
        what as u32 == other as u32
    }

    /// Decodes a ring's words; `None` for words that nobody wrote.
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
