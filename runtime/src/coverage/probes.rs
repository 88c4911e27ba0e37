//! One thread's probes: its knowledge of the process's sites, and its counters.

use super::chapter::Opened;
use super::evaluation::{Ended, Evaluations};
use super::fixed_text::fixed_texts;
use super::interner::Interned;
use super::ledger::Tally;
use super::local;
use super::names::Names;
use super::numbers::Numbers;
use super::outcome::Outcome;
use super::pool::Node;
use super::process::Process;
use super::registry::{Refused, Sheet};
use super::site::FileName;
use super::sites::{GroupKey, KnownSite, NO_GROUP, Name, Page};
use super::text::Text;
use super::traces::Traces;
use std::ptr;

/// The data that a thread needs to count; no other thread uses it at the same time.
#[derive(Debug)]
pub(super) struct Probes {
    decisions: Page,
    conditions: Page,
    names: Names,
    evaluations: Evaluations,
    traces: Traces,
    /// The chapter of the turn.
    opened: Option<(u64, Opened)>,
    process: &'static Process,
    sheet: &'static Node<Sheet>,
}

/// The frequent functions end in a jump to a rare one, or return, so they need no stack and save no
/// register. This requires rare functions that do not unwind, which `extern "C"` declares.
impl Probes {
    /// Creates the probes of a thread that begins to count.
    pub(super) fn begin(process: &'static Process) -> Box<Self> {
        let sheet = process.registry.sheet();
        match sheet.value.unpark() {
            // SAFETY: from `end`, which gave up the box; and unparked once.
            Some(probes) => unsafe { Box::from_raw(probes.cast().as_ptr()) },
            None => Box::new(Self {
                decisions: Page::new(&process.decisions, &sheet.value.decisions),
                conditions: Page::new(&process.conditions, &sheet.value.conditions),
                names: Names::new(),
                evaluations: Evaluations::default(),
                traces: Traces::default(),
                opened: None,
                process,
                sheet,
            }),
        }
    }

    /// Ends a thread's counting. Anything in progress is forgotten; the counts stay in place.
    pub(super) fn end(mut self: Box<Self>) {
        self.evaluations = Evaluations::default();
        self.traces = Traces::default();
        self.opened = None;
        let (process, sheet) = (self.process, self.sheet);
        sheet.value.park(ptr::NonNull::from(Box::leak(self)).cast());
        process.registry.give_back(sheet);
    }

    /// Continues what the thread had in progress when it forked.
    pub(super) fn adopt(&mut self, parents: &mut Self) {
        let moments = [parents.process, self.process].map(moment);
        let groups: Vec<u32> = parents.evaluations.in_progress().collect();
        for from in groups {
            let GroupKey { decision, text } = parents.process.groups.get(from).key;
            let name = FileName::from(parents.process.texts.get(text).text());
            let group = self.process.texts.copy(name).and_then(|text| {
                self.process.groups.add_group(GroupKey { decision, text: text.number() })
            });
            if let Some(to) = group {
                self.evaluations.adopt(&mut parents.evaluations, from, to, moments);
            }
        }
        self.traces = std::mem::take(&mut parents.traces);
        self.traces.turn_over(parents.process.registry.turn(), self.process.registry.turn());
    }

    /// Returns the names by which a site of this file may be known, and the process's copy of its
    /// name; `None` if no more names are kept.
    fn learn(&mut self, file: FileName<'_>) -> Option<([Name; 2], &'static Text)> {
        let text = self.process.texts.copy(file)?;
        let address = file.as_ptr() as usize;
        if address == 0 || fixed_texts().contains(&address) {
            return Some(([Name::Fixed(address); 2], text));
        }
        self.names.learn(file, text);
        let copy = Name::Copy(ptr::from_ref(text) as usize);
        let first = if text.lives_at(file.as_ptr()) { Name::At(address) } else { copy };
        Some(([first, copy], text))
    }

    #[inline(always)]
    pub(super) fn decision(&mut self, numbers: Numbers, file: FileName<'_>, outcome: bool) {
        match self.decisions.shortcut(numbers, file.as_ptr() as usize) {
            Some((site, tally)) if site.is_plain(self.evaluations.seen()) => tally.add(outcome),
            Some((site, tally)) => self.found_decision(site, tally, file, outcome),
            None => self.far_decision(numbers, file, outcome),
        }
    }

    /// Counts a decision that is not plain.
    #[inline(never)]
    extern "C" fn found_decision(
        &mut self,
        site: &'static KnownSite,
        tally: &'static Tally,
        file: FileName<'_>,
        outcome: bool,
    ) {
        if !site.is_name(file) {
            return self.decision_by_text(site.numbers(), file, outcome);
        }
        tally.add(outcome);
        if !self.evaluations.seen().is_before(site.group()) {
            self.end_evaluation(site, outcome);
        }
    }

    /// Counts a decision to which there is no shortcut.
    #[inline(never)]
    extern "C" fn far_decision(&mut self, numbers: Numbers, file: FileName<'_>, outcome: bool) {
        match self.decisions.find(numbers, file.as_ptr() as usize) {
            Some(site) if site.is_plain(self.evaluations.seen()) => {
                self.decisions.tally(site).add(outcome)
            }
            Some(site) if site.is_name(file) => self.count_decision(site, outcome),
            _ => self.decision_by_text(numbers, file, outcome),
        }
    }

    #[inline(never)]
    extern "C" fn decision_by_text(&mut self, numbers: Numbers, file: FileName<'_>, outcome: bool) {
        match self.names.find(file).and_then(|name| self.decisions.find(numbers, name)) {
            Some(site) => self.count_decision(site, outcome),
            None => self.new_decision(numbers, file, outcome),
        }
    }

    #[inline(never)]
    extern "C" fn count_decision(&mut self, site: &'static KnownSite, outcome: bool) {
        self.decisions.tally(site).add(outcome);
        if !self.evaluations.seen().is_before(site.group()) {
            self.end_evaluation(site, outcome);
        }
    }

    #[inline(always)]
    pub(super) fn condition(&mut self, numbers: Numbers, file: FileName<'_>, value: bool) {
        match self.conditions.shortcut(numbers, file.as_ptr() as usize) {
            Some((site, tally)) if site.is_sure() => {
                tally.add(value);
                self.evaluate(site, numbers.condition(), value);
            }
            Some((site, tally)) => self.found_condition(site, tally, file, value),
            None => self.far_condition(numbers, file, value),
        }
    }

    /// Counts a condition whose name must be compared.
    #[inline(never)]
    extern "C" fn found_condition(
        &mut self,
        site: &'static KnownSite,
        tally: &'static Tally,
        file: FileName<'_>,
        value: bool,
    ) {
        if !site.is_name(file) {
            return self.condition_by_text(site.numbers(), file, value);
        }
        tally.add(value);
        self.evaluate(site, site.numbers().condition(), value);
    }

    /// Counts a condition to which there is no shortcut.
    #[inline(never)]
    extern "C" fn far_condition(&mut self, numbers: Numbers, file: FileName<'_>, value: bool) {
        match self.conditions.find(numbers, file.as_ptr() as usize) {
            Some(site) if site.is_name(file) => self.count_condition(site, value),
            _ => self.condition_by_text(numbers, file, value),
        }
    }

    #[inline(never)]
    extern "C" fn condition_by_text(&mut self, numbers: Numbers, file: FileName<'_>, value: bool) {
        match self.names.find(file).and_then(|name| self.conditions.find(numbers, name)) {
            Some(site) => self.count_condition(site, value),
            None => self.new_condition(numbers, file, value),
        }
    }

    #[inline(always)]
    fn count_condition(&mut self, site: &'static KnownSite, value: bool) {
        self.conditions.tally(site).add(value);
        self.evaluate(site, site.numbers().condition(), value);
    }

    #[inline(always)]
    fn evaluate(&mut self, site: &KnownSite, condition: u32, value: bool) {
        let group = site.group();
        self.evaluations.condition(group, condition, value, moment(self.process));
    }

    /// Ends the decision's evaluation.
    #[inline(never)]
    extern "C" fn end_evaluation(&mut self, site: &'static KnownSite, outcome: bool) {
        let Self { evaluations, opened, process, .. } = self;
        let (group, turn) = (site.group(), process.registry.turn());
        let is_known = |vector| match opened {
            Some((of, opened)) if *of == turn => opened.chapter().is_met(site.number(), vector),
            _ => false,
        };
        let moment = moment(process);
        if group >= NO_GROUP || !evaluations.finish_known(group, outcome, moment, is_known) {
            self.end_any_evaluation(site, outcome);
        }
    }

    /// Does the same where the vector is new, or there may be none.
    #[inline(never)]
    extern "C" fn end_any_evaluation(&mut self, site: &'static KnownSite, outcome: bool) {
        let mut group = site.group();
        if group >= NO_GROUP {
            group = self.process.groups.known(site.group_key());
            site.set_group(group);
            if group >= NO_GROUP {
                return;
            }
        }
        let turn = self.process.registry.turn();
        let outcome = match self.evaluations.finish(group, outcome, moment(self.process)) {
            Ended::Vector(vector) => Outcome::Vector(vector),
            Ended::Late(vector) => Outcome::Late(vector),
            Ended::Lost => Outcome::Lost,
            Ended::Nothing => return,
        };
        if self.opened(turn).chapter().evaluate(site.number(), outcome).is_none() {
            self.process.registry.refuse(Refused::Vector);
        }
    }

    #[cold]
    #[inline(never)]
    extern "C" fn new_decision(&mut self, numbers: Numbers, file: FileName<'_>, outcome: bool) {
        let site = self.learn(file).and_then(|(names, text)| {
            let group = GroupKey { decision: numbers.decision(), text: text.number() };
            self.decisions.meet(numbers, names, text, self.process.groups.known(group))
        });
        match site {
            Some(site) => self.count_decision(site, outcome),
            None => self.process.registry.refuse(Refused::Decision),
        }
    }

    #[cold]
    #[inline(never)]
    fn new_condition(&mut self, numbers: Numbers, file: FileName<'_>, value: bool) {
        let site = self.learn(file).and_then(|(names, text)| {
            let group = GroupKey { decision: numbers.decision(), text: text.number() };
            let group = self.process.groups.add_group(group)?;
            self.conditions.meet(numbers, names, text, group)
        });
        match site {
            Some(site) => self.count_condition(site, value),
            None => self.process.registry.refuse(Refused::Condition),
        }
    }

    /// Returns the chapter to write to for this turn.
    fn opened(&mut self, turn: u64) -> &mut Opened {
        open(&mut self.opened, self.process, turn)
    }

    pub(super) fn path_begin(&mut self, path: u32) {
        self.traces.begin(path, self.process.registry.turn());
        self.count_lost();
    }

    pub(super) fn path_block(&mut self, path: u32, block: u32) {
        self.traces.block(path, block, self.process.registry.turn());
        self.count_lost();
    }

    pub(super) fn path_finalize(&mut self, path: u32) {
        let Self { traces, opened, process, .. } = self;
        let turn = process.registry.turn();
        traces.finish(path, turn, |blocks, passed| {
            // SAFETY: passed in this turn, so its chapter is the open one.
            if passed.is_some_and(|passed| unsafe { passed.again(blocks) }) {
                return;
            }
            *passed = open(opened, process, turn).pass(path, blocks);
            if passed.is_none() {
                process.registry.refuse(Refused::Path);
            }
        });
    }

    /// Counts the traces that were forgotten for lack of room.
    #[inline(always)]
    fn count_lost(&mut self) {
        if self.traces.has_lost() {
            self.count_all_lost();
        }
    }

    #[cold]
    fn count_all_lost(&mut self) {
        for (path, times) in self.traces.lost() {
            let opened = self.opened(self.process.registry.turn());
            if opened.pass_beyond(path, times).is_none() {
                (0..times).for_each(|_| self.process.registry.refuse(Refused::Path));
            }
        }
    }
}

/// Returns the current turn, which changes with each clear, and whenever probes are switched on.
#[inline(always)]
fn moment(process: &Process) -> u64 {
    process.registry.turn().wrapping_add(local::switched_on())
}

/// Returns the chapter to write to for this turn.
fn open<'o>(opened: &'o mut Option<(u64, Opened)>, process: &Process, turn: u64) -> &'o mut Opened {
    if opened.as_ref().is_none_or(|(of, _)| *of != turn) {
        let chapter = process.registry.chapter();
        let known = opened.take().map(|(_, opened)| opened);
        let known = known.filter(|opened| opened.is(&chapter));
        *opened = Some((turn, known.unwrap_or_else(|| Opened::new(chapter))));
    }
    &mut opened.as_mut().expect("opened just now").1
}
