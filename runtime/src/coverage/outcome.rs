//! What evaluations come to, as it is kept.

use super::interner::{Interned, fold};
use super::mcdc::Vector;
use crate::sync::atomic::{AtomicU64, Ordering};

/// What a reader does to what it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Leaves it.
    Peek,
    /// Clears it in the same step, so that each count is read by exactly one `Take`.
    Take,
}

/// What an evaluation of a decision came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// This vector.
    Vector(Vector),
    /// This one, if its first condition is the decision's.
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
    /// The site's number, and above it what kind of outcome it is.
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

    /// All vectors of this site beyond the limits.
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
    /// Of a vector: 1 once it was met. Of the others: how often. A reader that takes it leaves 0;
    /// an evaluation that finds 1 falls before whoever takes that.
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

    /// Whether a vector was met, and needs no more.
    #[inline(always)]
    pub(super) fn is_met(&self) -> bool {
        self.key.is_vector() && self.count.load(Ordering::Relaxed) != 0
    }

    pub(super) fn outcome(&self) -> Outcome {
        self.key.outcome()
    }

    /// Takes note of it once more.
    pub(super) fn meet(&self) {
        if self.key.is_vector() {
            // A swap, like the reader's: the two have an order then that the models know of.
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
