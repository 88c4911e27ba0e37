//! Counting: all workloads of a comparison in one go, and a record for each tool.
//!
//! Counts do not depend on what else the machine does, so no noise is recorded with them.

use super::Session;
use crate::console::interrupt::interrupted;
use crate::harness::subject;
use crate::run::iai::Iai;
use crate::run::iai_format::{Counted, parse_summary};
use crate::run::plan::{Group, Step};
use anyhow::{Result, anyhow, ensure};
use simple_records::harness::Measured;
use simple_records::harness::valgrind::identifier;
use simple_records::{Counter, Counts, Instrument, Record};
use std::collections::VecDeque;

/// Number of workloads after which a line is printed where there is no terminal.
const SHOWN_EVERY: usize = 20;

/// A step with the result of its rehearsal.
struct Rehearsed<'s, 'g> {
    step: &'s Step<'g>,
    measured: Measured,
}

impl<'a> Session<'a> {
    /// Counts the workloads of a group.
    pub(super) fn count(&mut self, group: &Group<'_>) -> Result<()> {
        let heading = &format!("{}: {}", group.instrument.name(), group.comparison);
        let iai = match self.ready_to_count(heading) {
            Ok(iai) => iai,
            Err(_) if interrupted().is_some() => return Ok(()),
            Err(error) => {
                self.progress.note(&format!("instructions are not counted: {error:#}"));
                return self.skip_all(group.steps.iter(), &error);
            }
        };
        let mut left = self.rehearse(group, heading)?;
        let mut runs_in_vain = 0;
        while !left.is_empty() && interrupted().is_none() {
            let before = left.len();
            let ended = self.count_some(&iai, heading, &mut left);
            if interrupted().is_some() {
                break;
            }
            let Some(failed) = left.pop_front() else { break };
            // The target ends at the first workload that fails.
            let log = self.conduct.ground.log.path.display().to_string();
            let why = ended.err().unwrap_or_else(|| anyhow!("it failed, see {log}"));
            self.skip(failed.step.workload, Instrument::Instructions, &why)?;
            self.progress.step();
            runs_in_vain = if left.len() + 1 == before { runs_in_vain + 1 } else { 0 };
            if runs_in_vain == 2 {
                let why = anyhow!("nothing can be counted, see {log}");
                return self.skip_all(left.iter().map(|rehearsed| rehearsed.step), &why);
            }
        }
        Ok(())
    }

    fn ready_to_count(&mut self, heading: &str) -> Result<Iai<'a>> {
        let iai = Iai::find(self.conduct.target)?;
        // Headings are all that is seen where there is no terminal.
        self.progress.show(&format!("{heading}: building"), "building the bench target");
        iai.build(&self.conduct)?;
        Ok(iai)
    }

    /// Runs each workload once as it is, which shows how much it processes and whether it can be
    /// counted.
    fn rehearse<'s, 'g>(
        &mut self,
        group: &'s Group<'g>,
        heading: &str,
    ) -> Result<VecDeque<Rehearsed<'s, 'g>>> {
        let mut ready = VecDeque::new();
        for step in &group.steps {
            self.progress.show(&format!("{heading}: rehearsing"), &step.workload.workload);
            match self.conduct.measure(&step.workload.workload, step.instrument) {
                Ok(measured) => ready.push_back(Rehearsed { step, measured }),
                Err(_) if interrupted().is_some() => break,
                Err(error) => {
                    self.skip(step.workload, step.instrument, &error)?;
                    self.progress.step();
                }
            }
        }
        Ok(ready)
    }

    /// Counts what is `left`, from the front, until it is done or one fails.
    fn count_some(
        &mut self,
        iai: &Iai<'_>,
        heading: &str,
        left: &mut VecDeque<Rehearsed<'_, '_>>,
    ) -> Result<()> {
        let names: Vec<_> = left.iter().map(|one| one.step.workload.workload.as_str()).collect();
        self.progress.show(&with_rest(heading, names.len()), names[0]);
        let Self { conduct, record: run, progress, measured, .. } = self;
        iai.count(&names, conduct, |summary| {
            let counted = parse_summary(summary)?;
            let one = left.front().ok_or_else(|| anyhow!("there are too many summaries"))?;
            let name = &one.step.workload.workload;
            ensure!(counted.id == identifier(name), "{} came instead", counted.id);
            for record in records(one, &counted) {
                run.write(record)?;
            }
            measured.insert(name.clone());
            progress.step();
            left.pop_front();
            if let Some(next) = left.front() {
                progress.show(&with_rest(heading, left.len()), &next.step.workload.workload);
            }
            Ok(())
        })
    }

    fn skip_all<'s, 'g: 's>(
        &mut self,
        steps: impl Iterator<Item = &'s Step<'g>>,
        why: &anyhow::Error,
    ) -> Result<()> {
        for step in steps {
            self.skip_silently(step.workload, step.instrument, why)?;
            self.progress.step();
        }
        Ok(())
    }
}

/// The heading with how many workloads are left, about: it changes now and then.
fn with_rest(heading: &str, left: usize) -> String {
    let at_most = left.next_multiple_of(SHOWN_EVERY);
    format!("{heading}: at most {at_most} workloads left")
}

/// The counts of both tools. That of the heap comes first: a run that is resumed looks for
/// the other.
fn records(one: &Rehearsed<'_, '_>, counted: &Counted) -> [Record; 2] {
    let subject = subject(one.step.workload);
    let work = one.measured.work;
    let record = |instrument: Counter, counts: &[(&str, u64)]| {
        Record::Counts(Counts {
            subject: subject.clone(),
            work,
            instrument,
            round: one.step.round,
            counts: counts.iter().map(|&(name, n)| (name.to_owned(), n as f64)).collect(),
        })
    };
    [
        record(
            Counter::Heap,
            &[("heap_bytes", counted.heap_bytes), ("heap_blocks", counted.heap_blocks)],
        ),
        record(Counter::Instructions, &[("instructions", counted.instructions)]),
    ]
}
