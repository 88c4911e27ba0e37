//! Which sites of one thread belong to one decision, and its evaluations.
//!
//! A decision is known by its number and its file: each file numbers its decisions by itself,
//! and a decision may have its probes on several lines (a loop's at its head and at its end).

use super::evaluation::Evaluation;
use super::numbers::Numbers;
use super::text::Text;
use rustc_hash::FxHashMap;
use std::rc::Rc;

#[derive(Debug, Default)]
pub(super) struct Decisions {
    /// Keyed by number and the thread's one copy of the file's name.
    known: FxHashMap<(u32, *const Text), Known>,
    /// Of the decisions that have conditions.
    evaluations: Vec<Evaluation>,
}

/// A decision as it is known before and after its first condition.
#[derive(Debug)]
enum Known {
    /// Its sites: numbers and index in the thread's record.
    Sites(Vec<(Numbers, u32)>),
    /// The index of its evaluations.
    Evaluated(u32),
}

impl Decisions {
    /// Takes note of a new site of the decision; the index of its evaluations, if it has
    /// conditions.
    pub(super) fn add_site(
        &mut self,
        numbers: Numbers,
        file: &Rc<Text>,
        index: u32,
    ) -> Option<u32> {
        let known = self.known.entry((numbers.decision(), Rc::as_ptr(file)));
        match known.or_insert_with(|| Known::Sites(Vec::new())) {
            Known::Sites(sites) => {
                sites.push((numbers, index));
                None
            }
            Known::Evaluated(evaluation) => Some(*evaluation),
        }
    }

    /// The index of the evaluations of a decision that has a condition; and, if that is its
    /// first, the sites that have to be told.
    pub(super) fn with_condition(
        &mut self,
        decision: u32,
        file: &Rc<Text>,
    ) -> (u32, Vec<(Numbers, u32)>) {
        let known = self.known.entry((decision, Rc::as_ptr(file)));
        let known = known.or_insert_with(|| Known::Sites(Vec::new()));
        match known {
            Known::Evaluated(evaluation) => (*evaluation, Vec::new()),
            Known::Sites(sites) => {
                let sites = std::mem::take(sites);
                let evaluation = self.evaluations.len() as u32;
                self.evaluations.push(Evaluation::default());
                *known = Known::Evaluated(evaluation);
                (evaluation, sites)
            }
        }
    }

    #[inline(always)]
    pub(super) fn evaluation(&mut self, index: u32) -> &mut Evaluation {
        &mut self.evaluations[index as usize]
    }
}
