//! One thread's probes: its private tables over its shared record.

use super::evaluation::Evaluation;
use super::ledger::Tally;
use super::record::{PathKey, Record, SiteKey};
use super::site::FileName;
use super::site_table::{Found, Numbers, SiteTable};
use super::traces::Traces;
use crate::sync::Arc;
use rustc_hash::{FxHashMap, FxHashSet};
use std::ffi::CStr;
use std::sync::Arc as StdArc;

/// What a thread needs to count; used by no other thread.
#[derive(Debug)]
pub(super) struct Probes {
    decisions: SiteTable,
    conditions: SiteTable,
    evaluations: Vec<Evaluation>,
    /// The index in `evaluations` of each decision that has conditions.
    evaluation_of: FxHashMap<u32, u32>,
    traces: Traces,
    texts: FxHashSet<StdArc<CStr>>,
    record: Arc<Record>,
}

impl Probes {
    pub(super) fn new(record: Arc<Record>) -> Self {
        Self {
            decisions: SiteTable::new(),
            conditions: SiteTable::new(),
            evaluations: Vec::new(),
            evaluation_of: FxHashMap::default(),
            traces: Traces::default(),
            texts: FxHashSet::default(),
            record,
        }
    }

    pub(super) fn record(&self) -> &Arc<Record> {
        &self.record
    }

    /// The usual case makes no call and needs no stack.
    #[inline(always)]
    pub(super) fn decision(&mut self, numbers: Numbers, file: FileName<'_>, outcome: bool) {
        match self.decisions.find_by_address(numbers, file) {
            Some(found) => self.count_decision(found, outcome),
            None => self.decision_by_text(numbers, file, outcome),
        }
    }

    #[inline(never)]
    fn decision_by_text(&mut self, numbers: Numbers, file: FileName<'_>, outcome: bool) {
        let found = match self.decisions.find_by_text(numbers, file) {
            Some(found) => found,
            None => self.enrol_decision(numbers, file),
        };
        self.count_decision(found, outcome);
    }

    #[inline(always)]
    fn count_decision(&mut self, found: Found, outcome: bool) {
        self.add(found.tally, outcome);
        if found.evaluation != Found::NO_EVALUATION {
            self.finish_evaluation(found.index, found.evaluation, outcome);
        }
    }

    #[inline(always)]
    pub(super) fn condition(&mut self, numbers: Numbers, file: FileName<'_>, value: bool) {
        match self.conditions.find_by_address(numbers, file) {
            Some(found) => self.count_condition(found, numbers.condition(), value),
            None => self.condition_by_text(numbers, file, value),
        }
    }

    #[inline(never)]
    fn condition_by_text(&mut self, numbers: Numbers, file: FileName<'_>, value: bool) {
        let found = match self.conditions.find_by_text(numbers, file) {
            Some(found) => found,
            None => self.enrol_condition(numbers, file),
        };
        self.count_condition(found, numbers.condition(), value);
    }

    #[inline(always)]
    fn count_condition(&mut self, found: Found, condition: u32, value: bool) {
        self.add(found.tally, value);
        self.evaluations[found.evaluation as usize].condition(condition, value);
    }

    pub(super) fn path_begin(&mut self, path: u32) {
        self.traces.begin(path);
    }

    pub(super) fn path_block(&mut self, path: u32, block: u32) {
        self.traces.block(path, block);
    }

    pub(super) fn path_finalize(&mut self, path: u32) {
        let record = &self.record;
        let tally = self.traces.finish(path, |blocks| record.enrol_path(PathKey { path, blocks }));
        if let Some(tally) = tally {
            self.add(tally, true);
        }
    }

    #[inline(always)]
    fn add(&self, tally: *const Tally, outcome: bool) {
        // SAFETY: every tally in this thread's tables was enrolled in `self.record`, whose
        // ledgers keep their tallies in place for as long as they live, and `self` holds a
        // reference to the record. Tallies are atomics, so shared access is sound.
        unsafe { &*tally }.add(outcome);
    }

    #[inline(never)]
    fn finish_evaluation(&mut self, decision: u32, evaluation: u32, outcome: bool) {
        let evaluation = &mut self.evaluations[evaluation as usize];
        if let Some(vector) = evaluation.finish(outcome)
            && evaluation.is_new(decision, vector, self.record.clears())
        {
            let clears = self.record.add_vector(decision, vector);
            evaluation.set_recorded(decision, vector, clears);
        }
    }

    #[cold]
    #[inline(never)]
    fn enrol_decision(&mut self, numbers: Numbers, file: FileName<'_>) -> Found {
        let key = self.key(numbers, file);
        let text = key.file.clone();
        let (index, tally) = self.record.enrol_decision(key);
        let evaluation = self.evaluation_of.get(&numbers.decision()).copied();
        let found = Found { tally, index, evaluation: evaluation.unwrap_or(Found::NO_EVALUATION) };
        self.decisions.insert(numbers, file, text, found);
        found
    }

    #[cold]
    #[inline(never)]
    fn enrol_condition(&mut self, numbers: Numbers, file: FileName<'_>) -> Found {
        let key = self.key(numbers, file);
        let text = key.file.clone();
        let (index, tally) = self.record.enrol_condition(key);
        let evaluation = self.evaluation_index(numbers.decision());
        let found = Found { tally, index, evaluation };
        self.conditions.insert(numbers, file, text, found);
        found
    }

    fn evaluation_index(&mut self, decision: u32) -> u32 {
        if let Some(index) = self.evaluation_of.get(&decision) {
            return *index;
        }
        let index = self.evaluations.len() as u32;
        self.evaluations.push(Evaluation::default());
        self.evaluation_of.insert(decision, index);
        self.decisions.set_evaluation(decision, index);
        index
    }

    fn key(&mut self, numbers: Numbers, file: FileName<'_>) -> SiteKey {
        SiteKey {
            decision: numbers.decision(),
            condition: numbers.condition(),
            file: self.text(file),
            line: numbers.line(),
            column: numbers.column(),
        }
    }

    /// The thread's one copy of this text.
    fn text(&mut self, file: FileName<'_>) -> StdArc<CStr> {
        let text = file.to_c_str();
        if let Some(known) = self.texts.get(text) {
            return known.clone();
        }
        let copy: StdArc<CStr> = text.into();
        self.texts.insert(copy.clone());
        copy
    }
}
