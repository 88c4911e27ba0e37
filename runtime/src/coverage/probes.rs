//! One thread's probes: its private tables over its shared record.

use super::decisions::Decisions;
use super::ledger::Tally;
use super::numbers::Numbers;
use super::record::{PathKey, Record, SiteKey};
use super::site::FileName;
use super::site_table::{Found, SiteTable};
use super::text::{Text, Texts};
use super::traces::Traces;
use crate::sync::Arc;

/// What a thread needs to count; used by no other thread.
#[derive(Debug)]
pub(super) struct Probes {
    decision_sites: SiteTable,
    condition_sites: SiteTable,
    decisions: Decisions,
    traces: Traces,
    texts: Texts,
    record: Arc<Record>,
}

/// The frequent functions end in a jump to a rare one, or return: no stack is needed, and no
/// register saved. That takes rare ones that do not unwind, which is what `extern "C"` says.
impl Probes {
    pub(super) fn new(record: Arc<Record>) -> Self {
        Self {
            decision_sites: SiteTable::new(),
            condition_sites: SiteTable::new(),
            decisions: Decisions::default(),
            traces: Traces::default(),
            texts: Texts::default(),
            record,
        }
    }

    pub(super) fn record(&self) -> &Arc<Record> {
        &self.record
    }

    #[inline(always)]
    pub(super) fn decision(&mut self, numbers: Numbers, file: FileName<'_>, outcome: bool) {
        match self.decision_sites.find(numbers, file) {
            Some(found) => self.count_decision(found, outcome),
            None => self.decision_by_text(numbers, file, outcome),
        }
    }

    #[inline(never)]
    extern "C" fn decision_by_text(&mut self, numbers: Numbers, file: FileName<'_>, outcome: bool) {
        let found = match self.decision_sites.find_by_text(numbers, file) {
            Some(found) => found,
            None => self.enrol_decision(numbers, file),
        };
        self.count_decision(found, outcome);
    }

    #[inline(always)]
    fn count_decision(&mut self, found: Found, outcome: bool) {
        if found.evaluation == Found::NO_EVALUATION {
            self.add(found.tally, outcome);
        } else {
            // As to where the code stands only.
            std::hint::cold_path();
            self.count_evaluated(found.tally, found.index, found.evaluation, outcome);
        }
    }

    #[inline(always)]
    pub(super) fn condition(&mut self, numbers: Numbers, file: FileName<'_>, value: bool) {
        match self.condition_sites.find(numbers, file) {
            Some(found) => self.count_condition(found, numbers.condition(), value),
            None => self.condition_by_text(numbers, file, value),
        }
    }

    #[inline(never)]
    extern "C" fn condition_by_text(&mut self, numbers: Numbers, file: FileName<'_>, value: bool) {
        let found = match self.condition_sites.find_by_text(numbers, file) {
            Some(found) => found,
            None => self.enrol_condition(numbers, file),
        };
        self.count_condition(found, numbers.condition(), value);
    }

    #[inline(always)]
    fn count_condition(&mut self, found: Found, condition: u32, value: bool) {
        self.add(found.tally, value);
        self.decisions.evaluation(found.evaluation).condition(condition, value);
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
    extern "C" fn count_evaluated(
        &mut self,
        tally: *const Tally,
        decision: u32,
        evaluation: u32,
        outcome: bool,
    ) {
        self.add(tally, outcome);
        let evaluation = self.decisions.evaluation(evaluation);
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
        let text = self.texts.of(file).clone();
        let (index, tally) = self.record.enrol_decision(key(numbers, &text));
        let evaluation = self.decisions.add_site(numbers, &text, index);
        let found = Found { tally, index, evaluation: evaluation.unwrap_or(Found::NO_EVALUATION) };
        self.decision_sites.insert(numbers, file, text, found);
        found
    }

    #[cold]
    #[inline(never)]
    fn enrol_condition(&mut self, numbers: Numbers, file: FileName<'_>) -> Found {
        let text = self.texts.of(file).clone();
        let (index, tally) = self.record.enrol_condition(key(numbers, &text));
        let (evaluation, sites) = self.decisions.with_condition(numbers.decision(), &text);
        for (numbers, site) in sites {
            self.decision_sites.set_evaluation(numbers, site, evaluation);
        }
        let found = Found { tally, index, evaluation };
        self.condition_sites.insert(numbers, file, text, found);
        found
    }
}

fn key(numbers: Numbers, file: &Text) -> SiteKey {
    SiteKey {
        decision: numbers.decision(),
        condition: numbers.condition(),
        file: file.text().clone(),
        line: numbers.line(),
        column: numbers.column(),
    }
}
