//! From condition probes to test vectors: the evaluations of one decision in progress on one
//! thread.
//!
//! Condition probes since the last decision probe form a vector, which the decision probe ends.
//! Evaluations of *different* decisions may nest freely, since each decision has its own.
//! Evaluations of the *same* decision nest when a condition calls the function that contains it.
//! Every evaluation begins with the same condition, the one that short-circuiting cannot skip, and
//! meets no condition twice. So a condition that the current vector already contains belongs to a
//! new evaluation, nested in the current one. The decision probe ends the innermost evaluation. The
//! same rule handles an evaluation that an exception cut short, if the exception leaves the
//! decision: its rest is below the later evaluations and is never ended. If the exception is caught
//! inside of a condition of the *same* decision (a condition that calls the function that contains
//! it, and catches what that throws), the outer evaluation continues where the inner one was cut
//! short, and the probes do not notice. Its later conditions are then attributed to the inner one,
//! and the vector has the inner one's values.

use super::mcdc::{MAX_CONDITIONS, Vector};
use super::sites::Seen;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Maximum number of outer evaluations that a thread remembers, of all decisions: those with
/// another evaluation of the same decision nested in them. Where one more would be too many, the
/// outer half of those of each decision is forgotten. This also bounds the memory of evaluations
/// cut short.
const MAX_NESTED: usize = 1 << 21;

/// A vector under construction.
#[derive(Debug, Clone, Copy, Default)]
struct Unfinished {
    evaluated: u64,
    values: u64,
    /// The turn in which it began: it changes with each clear and each switching on.
    turn: u32,
    out_of_order: bool,
    /// The thread's first evaluation of this decision after that. It may have begun before probes
    /// were on, so some of its conditions may be missing.
    late: bool,
    flaw: Option<Flaw>,
    /// True if it is or was nested in others.
    is_nested: bool,
}

/// The reason why an evaluation gives no vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    /// A condition outside of MC/DC was evaluated, or the beginning was forgotten for lack of room.
    Limit,
    /// It was in progress at a clear, or while probes were off.
    Cleared,
}

/// The result of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Vector(Vector),
    /// A vector whose beginning may be missing.
    Late(Vector),
    /// A limit cost the vector.
    Lost,
    /// There was no evaluation, or it was forgotten at a clear or when probes were switched on.
    Nothing,
}

impl Unfinished {
    fn is_empty(&self) -> bool {
        self.evaluated == 0 && self.flaw.is_none()
    }

    #[inline(always)]
    fn end(self, outcome: bool) -> Ended {
        let Self { evaluated, values, out_of_order, late, flaw, .. } = self;
        let vector = Vector { evaluated, values, outcome, in_order: !out_of_order };
        match flaw {
            None if evaluated == 0 => Ended::Nothing,
            None if late => Ended::Late(vector),
            None => Ended::Vector(vector),
            Some(Flaw::Limit) => Ended::Lost,
            Some(Flaw::Cleared) => Ended::Nothing,
        }
    }
}

/// The state of a decision whose evaluations have nested.
#[derive(Debug, Default)]
struct Nested {
    outer: VecDeque<Unfinished>,
    /// The condition with which every evaluation begins.
    first: u32,
    /// True if outer evaluations were forgotten. The rest of such an evaluation, if it comes later,
    /// gives no vector.
    forgot: bool,
}

impl Nested {
    fn goes_on(&self) -> bool {
        self.forgot || !self.outer.is_empty()
    }
}

/// The turn of an evaluation of which the thread has met no condition yet: it is not a usual one.
const NEVER: u32 = u32::MAX;

const BLOCK: usize = 32;
type Block = Box<[Unfinished; BLOCK]>;

/// The evaluations of one thread, by the groups of their decisions.
///
/// A `turn` changes with each clear, and whenever probes are switched on. Its upper half is zero as
/// long as they never were.
#[derive(Debug, Default)]
pub(super) struct Evaluations {
    /// The innermost evaluation of each group.
    current: Vec<Option<Block>>,
    nested: FxHashMap<u32, Nested>,
    /// The number of all outer evaluations.
    outer: usize,
    seen: Seen,
}

impl Evaluations {
    /// Returns the groups of which the thread has met conditions.
    #[inline(always)]
    pub(super) fn seen(&self) -> Seen {
        self.seen
    }

    /// Returns the innermost evaluation of `group`, without anything begun before this turn.
    #[inline(always)]
    fn current(&mut self, group: u32, turn: u64) -> &mut Unfinished {
        let (block, place) = (group as usize / BLOCK, group as usize % BLOCK);
        if !matches!(self.current.get(block), Some(Some(_))) {
            self.add_block(block);
        }
        let Some(Some(block)) = self.current.get_mut(block) else { unreachable!("just added") };
        let current = &mut block[place];
        if current.turn != turn as u32 {
            Self::forget(current, self.nested.get_mut(&group), turn);
        }
        current
    }

    #[cold]
    fn add_block(&mut self, block: usize) {
        if block >= self.current.len() {
            self.current.resize_with(block + 1, || None);
        }
        let unmet = Unfinished { turn: NEVER, ..Unfinished::default() };
        self.current[block] = Some(Box::new([unmet; BLOCK]));
    }

    /// Abandons evaluations that were in progress at a clear, or while probes were off. The later
    /// conditions of such an evaluation are not attributed to another one, because it keeps the
    /// conditions it has met.
    #[cold]
    fn forget(current: &mut Unfinished, nested: Option<&mut Nested>, turn: u64) {
        let outer = nested.into_iter().flat_map(|nested| nested.outer.iter_mut());
        for evaluation in outer.chain([&mut *current]).filter(|evaluation| !evaluation.is_empty()) {
            evaluation.flaw = Some(Flaw::Cleared);
        }
        current.late = current.is_empty() && turn >> 32 != 0;
        current.turn = turn as u32;
    }

    /// Returns the innermost evaluation of `group`, if it is in the usual state.
    #[inline(always)]
    fn usual(&mut self, group: u32, turn: u64) -> Option<&mut Unfinished> {
        let block = self.current.get_mut(group as usize / BLOCK)?.as_mut()?;
        let current = &mut block[group as usize % BLOCK];
        (current.turn == turn as u32 && !current.is_nested).then_some(current)
    }

    /// Records a condition's value.
    #[inline(always)]
    pub(super) fn condition(&mut self, group: u32, condition: u32, value: bool, turn: u64) {
        let bit = 1_u64 << (condition % MAX_CONDITIONS);
        match self.usual(group, turn) {
            Some(current) if current.evaluated < bit && condition < MAX_CONDITIONS => {
                current.evaluated |= bit;
                current.values |= if value { bit } else { 0 };
            }
            _ => self.any_condition(group, condition, value, turn),
        }
    }

    #[inline(never)]
    fn any_condition(&mut self, group: u32, condition: u32, value: bool, turn: u64) {
        self.seen.add(group);
        let current = self.current(group, turn);
        if condition >= MAX_CONDITIONS {
            current.flaw.get_or_insert(Flaw::Limit);
            return;
        }
        let bit = 1_u64 << condition;
        if current.evaluated >= bit || current.is_nested && current.is_empty() {
            return self.unusual(group, condition, value, turn);
        }
        current.evaluated |= bit;
        current.values |= u64::from(value) << condition;
    }

    /// Handles a number not larger than all before it, or the first number after evaluations have
    /// nested.
    #[cold]
    fn unusual(&mut self, group: u32, condition: u32, value: bool, turn: u64) {
        let mut current = *self.current(group, turn);
        let bit = 1_u64 << condition;
        if current.is_empty() {
            let nested = self.nested.get(&group);
            if nested.is_some_and(|nested| nested.forgot && nested.first != condition) {
                current.flaw = Some(Flaw::Limit);
            }
        } else if current.evaluated & bit == 0 {
            current.out_of_order = true;
        } else {
            self.surround(group, condition, current);
            current = Unfinished { turn: current.turn, is_nested: true, ..Unfinished::default() };
        }
        current.evaluated |= bit;
        current.values |= u64::from(value) << condition;
        *self.current(group, turn) = current;
    }

    /// Puts an evaluation around later ones, which begin with this condition.
    fn surround(&mut self, group: u32, condition: u32, outer: Unfinished) {
        if self.outer == MAX_NESTED {
            for nested in self.nested.values_mut() {
                let forgotten = nested.outer.len().div_ceil(2);
                nested.forgot |= forgotten > 0;
                nested.outer.drain(..forgotten);
                self.outer -= forgotten;
            }
            self.nested.values_mut().for_each(|nested| nested.outer.shrink_to(MAX_NESTED / 8));
        }
        let nested = self.nested.entry(group).or_default();
        nested.first = condition;
        nested.outer.push_back(outer);
        self.outer += 1;
    }

    /// Ends the innermost evaluation if its vector is known.
    #[inline(always)]
    pub(super) fn finish_known(
        &mut self,
        group: u32,
        outcome: bool,
        turn: u64,
        is_known: impl FnOnce(Vector) -> bool,
    ) -> bool {
        let Some(current) = self.usual(group, turn) else { return false };
        let Ended::Vector(vector) = current.end(outcome) else { return false };
        let is_known = is_known(vector);
        if is_known {
            *current = Unfinished { turn: turn as u32, ..Unfinished::default() };
        }
        is_known
    }

    /// Ends the innermost evaluation.
    #[inline(always)]
    pub(super) fn finish(&mut self, group: u32, outcome: bool, turn: u64) -> Ended {
        match self.usual(group, turn) {
            Some(current) => {
                let done = *current;
                *current = Unfinished { turn: turn as u32, ..Unfinished::default() };
                done.end(outcome)
            }
            None => self.finish_any(group, outcome, turn),
        }
    }

    #[inline(never)]
    fn finish_any(&mut self, group: u32, outcome: bool, turn: u64) -> Ended {
        // The thread has never met a condition of the group, or of its neighbours.
        if !matches!(self.current.get(group as usize / BLOCK), Some(Some(_))) {
            return Ended::Nothing;
        }
        if self.current(group, turn).is_nested {
            return self.finish_nested(group, outcome, turn);
        }
        let ended = Unfinished { turn: turn as u32, ..Unfinished::default() };
        std::mem::replace(self.current(group, turn), ended).end(outcome)
    }

    #[cold]
    fn finish_nested(&mut self, group: u32, outcome: bool, turn: u64) -> Ended {
        let done = *self.current(group, turn);
        let outer = match self.nested.get_mut(&group) {
            Some(nested) if !done.is_empty() => nested.outer.pop_back(),
            _ => None,
        };
        self.outer -= usize::from(outer.is_some());
        let is_nested = self.nested.get(&group).is_some_and(Nested::goes_on);
        let next = outer.unwrap_or_default();
        *self.current(group, turn) = Unfinished { turn: turn as u32, is_nested, ..next };
        done.end(outcome)
    }

    /// Returns the groups that have evaluations in progress. Some may not belong to this process.
    pub(super) fn in_progress(&self) -> impl Iterator<Item = u32> {
        let blocks = (0..).zip(&self.current);
        let all = blocks.filter_map(|(number, block)| Some((number, block.as_ref()?)));
        all.flat_map(|(number, block)| {
            let groups = (0..).zip(block.iter()).filter(|(_, evaluation)| !evaluation.is_empty());
            groups.map(move |(place, _)| number * BLOCK as u32 + place)
        })
    }

    /// Continues the evaluations that `others` had in progress in group `from`, as group `to`;
    /// `turns` are the turns of the others and of this one.
    pub(super) fn adopt(&mut self, others: &mut Self, from: u32, to: u32, turns: [u64; 2]) {
        self.seen.add(to);
        let current = std::mem::take(others.current(from, turns[0]));
        *self.current(to, turns[1]) = Unfinished { turn: turns[1] as u32, ..current };
        if let Some(nested) = others.nested.remove(&from) {
            self.outer += nested.outer.len();
            self.nested.insert(to, nested);
        }
    }
}

#[cfg(test)]
mod tests;
