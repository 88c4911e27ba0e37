//! Outcomes of evaluations, as they are kept.

use super::interner::{Interned, fold};
use super::mcdc::Vector;
use crate::sync::atomic::{AtomicU64, Ordering};

/// The effect of a reader on the values it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Leaves the value.
    Peek,
    /// Clears the value in the same step, so that each count is read by exactly one `Take`.
    Take,
}

/// The outcome of an evaluation of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// This vector.
    Vector(Vector),
    /// This vector, if its first condition is the decision's.
    Late(Vector),
    /// A vector beyond the limits.
    Beyond,
    /// No whole vector: a condition number that is too high, or evaluations nested too deeply.
    Lost,
}

/// An outcome at a site, in words that are compared at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutcomeKey {
    evaluated: u64,
    values: u64,
    /// The site's number, and above it the kind of the outcome.
    site_and_kind: u64,
}

const TRUE: u64 = 1 << 32;
const IN_ORDER: u64 = 1 << 33;
const BEYOND: u64 = 1 << 34;
const LOST: u64 = 1 << 35;
const LATE: u64 = 1 << 36;

#[inline(always)]
fn kind(vector: Vector) -> u64 {
    (u64::from(vector.outcome) * TRUE) | (u64::from(vector.in_order) * IN_ORDER)
}

impl OutcomeKey {
    #[inline(always)]
    pub(super) fn new(site: u32, outcome: Outcome) -> Self {
        let (evaluated, values, kind) = match outcome {
            Outcome::Vector(vector) => (vector.evaluated, vector.values, kind(vector)),
            Outcome::Late(vector) => (vector.evaluated, vector.values, kind(vector) | LATE),
            Outcome::Beyond => (0, 0, BEYOND),
            Outcome::Lost => (0, 0, LOST),
        };
        Self { evaluated, values, site_and_kind: u64::from(site) | kind }
    }

    fn outcome(self) -> Outcome {
        let vector = Vector {
            evaluated: self.evaluated,
            values: self.values,
            outcome: self.site_and_kind & TRUE != 0,
            in_order: self.site_and_kind & IN_ORDER != 0,
        };
        match self.site_and_kind & (BEYOND | LOST | LATE) {
            BEYOND => Outcome::Beyond,
            LOST => Outcome::Lost,
            LATE => Outcome::Late(vector),
            _ => Outcome::Vector(vector),
        }
    }

    pub(super) fn site(self) -> u32 {
        self.site_and_kind as u32
    }

    #[inline(always)]
    pub(super) fn is_vector(self) -> bool {
        self.site_and_kind & (BEYOND | LOST) == 0
    }

    /// Returns the key of all vectors of this site beyond the limits.
    pub(super) fn beyond(self) -> Self {
        Self::new(self.site(), Outcome::Beyond)
    }

    #[inline(always)]
    pub(super) fn hash(self) -> u64 {
        fold(self.evaluated ^ self.values.rotate_left(32), self.site_and_kind)
    }
}

/// An outcome that was met at a site.
#[derive(Debug)]
pub(super) struct Evaluated {
    key: OutcomeKey,
    number: u32,
    /// For a vector: 1 once it was met. For the others: the number of times. A reader that takes it
    /// leaves 0; an evaluation that finds 1 falls before the reader that takes it.
    count: AtomicU64,
}

impl Interned for Evaluated {
    fn hash(&self) -> u64 {
        self.key.hash()
    }

    fn number(&self) -> u32 {
        self.number
    }
}

impl Evaluated {
    pub(super) fn site(&self) -> u32 {
        self.key.site()
    }

    pub(super) fn new(key: OutcomeKey, number: u32) -> Self {
        Self { key, number, count: AtomicU64::new(0) }
    }

    #[inline(always)]
    pub(super) fn is(&self, key: OutcomeKey) -> bool {
        self.key == key
    }

    /// True if a vector was met, so that nothing more needs recording.
    #[inline(always)]
    pub(super) fn is_met(&self) -> bool {
        self.key.is_vector() && self.count.load(Ordering::Relaxed) != 0
    }

    pub(super) fn outcome(&self) -> Outcome {
        self.key.outcome()
    }

    /// Records it once more.
    pub(super) fn meet(&self) {
        if self.key.is_vector() {
            // A swap, like the reader's: the two then have an order that the models know of.
            self.count.swap(1, Ordering::Relaxed);
        } else {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn read(&self, reading: Reading) -> u64 {
        match reading {
            Reading::Peek => self.count.load(Ordering::Relaxed),
            Reading::Take => self.count.swap(0, Ordering::Relaxed),
        }
    }
}
