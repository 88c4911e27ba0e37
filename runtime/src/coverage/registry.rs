//! The counts of a process's threads, and the readers of these counts.
//!
//! # Protocol
//!
//! * A thread takes a [`Sheet`] with its first probe, and gives it back when it ends. Neither waits
//!   for readers, and counts stay in place.
//! * Readers add up all sheets. A clear does so under the lock of the baselines, makes the sums the
//!   new baselines, and ends the chapter. Clears take turns with that lock.
//! * A dump copies the baselines (their addresses) under the lock, and adds up without it, so that
//!   it blocks nobody. If a clear came in between, the sums may have counts from after the clear
//!   while the baselines are from before it. Such a dump begins again, and holds the lock from the
//!   third time on.
//! * `turn` is odd while a clear is in progress, and even at other times; it never decreases. A
//!   dump that finds it unchanged has met no part of a clear. A thread that sees another turn than
//!   before forgets anything in progress, and asks for the current chapter; one that does not see
//!   it yet races with the clear.

use super::chapter::Chapter;
use super::ledger::{Counts, Ledger};
use super::lock::{Lock, constructor};
use super::outcome::Reading;
use super::pool::{Node, Pool};
use crate::sync::atomic::{AtomicPtr, AtomicU64, Ordering, fence};
use crate::sync::{Arc, CachePadded};
use std::ptr::NonNull;

/// Number of times that a clear may disturb a dump before the dump takes the lock.
const DISTURBED: usize = 2;

/// One thread's counts of decisions and conditions.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) decisions: Ledger,
    pub(super) conditions: Ledger,
    /// Data that the last owner left for the next; null while there is an owner.
    parked: AtomicPtr<()>,
}

impl Sheet {
    fn new() -> Self {
        let parked = AtomicPtr::new(std::ptr::null_mut());
        Self { decisions: Ledger::new(), conditions: Ledger::new(), parked }
    }

    /// Leaves data for the next owner.
    pub(super) fn park(&self, left: NonNull<()>) {
        self.parked.store(left.as_ptr(), Ordering::Relaxed);
    }

    /// Takes the data that the last owner has left.
    pub(super) fn unpark(&self) -> Option<NonNull<()>> {
        NonNull::new(self.parked.swap(std::ptr::null_mut(), Ordering::Relaxed))
    }
}

/// The kinds of entries whose number is limited. Further ones are only counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Decision,
    Condition,
    Path,
    Vector,
}

impl Refused {
    pub(super) const KINDS: usize = 4;
}

/// The counts of a process.
#[derive(Debug)]
pub(super) struct Registry {
    sheets: Pool<Sheet>,
    refused: [AtomicU64; Refused::KINDS],
    current: Lock<Option<Arc<Chapter>>>,
    /// Read by probes, so alone on its cache line.
    turn: CachePadded<AtomicU64>,
    cleared: Lock<Cleared>,
}

/// Sums at the last clear, by number; `None` if there were none.
type Baseline = Option<Arc<Vec<Counts>>>;

/// The counts from before the last clear.
#[derive(Debug, Clone)]
struct Cleared {
    decisions: Baseline,
    conditions: Baseline,
    /// Chapters that were ended, and that some thread may still have.
    chapters: Vec<(Arc<Chapter>, Baseline)>,
}

/// The counts since the last clear. The indexes of the lists are the numbers of sites, paths and
/// outcomes; missing entries are zero.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) decisions: Vec<Counts>,
    pub(super) conditions: Vec<Counts>,
    pub(super) chapters: Vec<ChapterTotals>,
    pub(super) refused: [u64; Refused::KINDS],
}

/// The counts of one chapter.
#[derive(Debug)]
pub(super) struct ChapterTotals {
    pub(super) chapter: Arc<Chapter>,
    pub(super) paths: Vec<Counts>,
    pub(super) outcomes: Vec<u64>,
}

/// Returns the sums minus the baseline.
fn since(sums: &[Counts], baseline: &Baseline) -> Vec<Counts> {
    let mut counts = sums.to_vec();
    for (count, cleared) in counts.iter_mut().zip(baseline.iter().flat_map(|b| b.iter())) {
        *count = [count[0].wrapping_sub(cleared[0]), count[1].wrapping_sub(cleared[1])];
    }
    counts
}

#[cfg(not(loom))]
const fn no_refused() -> [AtomicU64; Refused::KINDS] {
    [const { AtomicU64::new(0) }; Refused::KINDS]
}

#[cfg(loom)]
fn no_refused() -> [AtomicU64; Refused::KINDS] {
    std::array::from_fn(|_| AtomicU64::new(0))
}

impl Registry {
    constructor! {
        pub(super) fn new() -> Self {
            let cleared = Cleared { decisions: None, conditions: None, chapters: Vec::new() };
            Self {
                sheets: Pool::new(),
                refused: no_refused(),
                current: Lock::new(None),
                turn: CachePadded(AtomicU64::new(0)),
                cleared: Lock::new(cleared),
            }
        }
    }

    /// Takes a sheet for the calling thread. Give it back with [`Registry::give_back`].
    pub(super) fn sheet(&self) -> &Node<Sheet> {
        self.sheets.take(Sheet::new)
    }

    /// Ends the use of a sheet.
    pub(super) fn give_back(&self, sheet: &Node<Sheet>) {
        self.sheets.give_back(sheet);
    }

    /// Returns the turn, which changes with each clear. A thread for which a clear is in the past
    /// sees that.
    #[inline(always)]
    pub(super) fn turn(&self) -> u64 {
        self.turn.load(Ordering::Acquire)
    }

    /// Counts an entry beyond the limits.
    pub(super) fn refuse(&self, kind: Refused) {
        self.refused[kind as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the chapter to write to.
    pub(super) fn chapter(&self) -> Arc<Chapter> {
        self.current.lock().get_or_insert_with(|| Arc::new(Chapter::new())).clone()
    }

    /// Returns the counts since the last clear.
    pub(super) fn totals(&self) -> Totals {
        for _ in 0..DISTURBED {
            let (before, cleared, current) = {
                let cleared = self.cleared.lock();
                (self.turn(), cleared.clone(), self.current.lock().clone())
            };
            let totals = self.peek(&cleared, current);
            fence(Ordering::Acquire);
            if self.turn() == before {
                return totals;
            }
        }
        let cleared = self.cleared.lock();
        let current = self.current.lock().clone();
        self.peek(&cleared, current)
    }

    /// The broken variant of [`Registry::totals`]: it does not check the turn.
    #[cfg(all(test, loom))]
    pub(super) fn totals_unlooked(&self) -> Totals {
        let cleared = self.cleared.lock().clone();
        let current = self.current.lock().clone();
        self.peek(&cleared, current)
    }

    fn peek(&self, cleared: &Cleared, current: Option<Arc<Chapter>>) -> Totals {
        let current = current.map(|chapter| (chapter, None));
        let chapters = cleared.chapters.iter().cloned().chain(current);
        Totals {
            decisions: since(&self.sums(|sheet| &sheet.decisions), &cleared.decisions),
            conditions: since(&self.sums(|sheet| &sheet.conditions), &cleared.conditions),
            chapters: chapters
                .map(|(chapter, baseline)| ChapterTotals {
                    paths: since(&chapter.path_sums(), &baseline),
                    outcomes: chapter.outcome_counts(Reading::Peek),
                    chapter,
                })
                .collect(),
            refused: self.refused.each_ref().map(|count| count.load(Ordering::Relaxed)),
        }
    }

    /// Returns the same, and leaves nothing: each count is in exactly one `take`, or in the totals
    /// after the last.
    pub(super) fn take(&self) -> Totals {
        let mut cleared = self.cleared.lock();
        let turn = self.turn();
        self.turn.store(turn + 1, Ordering::Relaxed);
        // A thread that reads what follows, and then the turn, sees the odd turn or a later one.
        fence(Ordering::Release);
        let ended = self.current.lock().take();
        cleared.chapters.extend(ended.map(|chapter| (chapter, None)));
        let decisions = self.sums(|sheet| &sheet.decisions);
        let conditions = self.sums(|sheet| &sheet.conditions);
        let mut totals = Totals {
            decisions: since(&decisions, &cleared.decisions),
            conditions: since(&conditions, &cleared.conditions),
            chapters: Vec::new(),
            refused: self.refused.each_ref().map(|count| count.swap(0, Ordering::Relaxed)),
        };
        cleared.decisions = Some(Arc::new(decisions));
        cleared.conditions = Some(Arc::new(conditions));
        cleared.chapters.retain_mut(|(chapter, baseline)| {
            // Checked before reading: a thread that has given it up has counted before.
            let is_used = Arc::get_mut(chapter).is_none();
            let paths = chapter.path_sums();
            totals.chapters.push(ChapterTotals {
                paths: since(&paths, baseline),
                outcomes: chapter.outcome_counts(Reading::Take),
                chapter: chapter.clone(),
            });
            *baseline = Some(Arc::new(paths));
            is_used
        });
        self.turn.store(turn + 2, Ordering::Release);
        totals
    }

    fn sums(&self, ledger: impl Fn(&Sheet) -> &Ledger) -> Vec<Counts> {
        let mut sums = Vec::new();
        for sheet in self.sheets.iter() {
            ledger(sheet).add_to(&mut sums);
        }
        sums
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Registry;
    use crate::coverage::chapter::Opened;
    use crate::coverage::ledger::{Account, Place};

    /// All operations of threads continue while a clear, or a dump that was disturbed too often,
    /// has the readers' lock.
    #[test]
    fn threads_do_not_wait_for_readers() {
        let registry = Registry::new();
        let read = registry.cleared.lock();
        for _ in 0..2 {
            let sheet = registry.sheet();
            let ledger = &sheet.value.decisions;
            Account::of(ledger).open(ledger, Place::of(0)).add(true);
            let mut opened = Opened::new(registry.chapter());
            opened.pass(1, &[1]).unwrap();
            drop(opened);
            registry.give_back(sheet);
        }
        drop(read);
        let totals = registry.totals();
        assert_eq!(totals.decisions[0], [0, 2]);
        assert_eq!(totals.chapters[0].paths[0], [0, 2]);
        assert_eq!(registry.sheets.iter().count(), 1);
    }
}
