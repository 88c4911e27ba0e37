//! Judging a comparison.

use super::day::Day;
use super::power::Rules;
use super::verdict::{GateReport, Resume, Row, conclude, rows};
use super::waiver::{GateFile, Waiver};
use simple_records::Gate;

/// Excuses for regressions; by default none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Judging<'a> {
    /// The gate's file, and the day on which its waivers must be valid.
    pub file: Option<(&'a GateFile, &'a Day)>,
    /// Waivers for this judgement only. They come before those of the file.
    pub allowed: &'a [Waiver],
}

impl Judging<'_> {
    /// Judges a comparison.
    pub fn judge(&self, gate: &Gate) -> GateReport {
        let mut rows = rows(gate);
        for row in &mut rows {
            row.waiver = self.waiver(&row.workload).cloned();
        }
        let (verdict, reasons) = conclude(gate, &rows);
        rows.sort_by(|a, b| Row::order(a).total_cmp(&Row::order(b)));
        let mut notes = [gate.start.notes.clone(), gate.warnings.clone()].concat();
        notes.extend(self.expired().map(|waiver| {
            format!("the waiver for {} has expired: remove it from the file", waiver.workload)
        }));
        GateReport {
            run: gate.start.run.clone(),
            setting: gate.start.effort.to_string(),
            suite: gate.start.suite.clone(),
            same_program: gate.start.same_program,
            layouts: gate.start.layouts,
            base: gate.start.base.clone(),
            head: gate.start.head.clone(),
            verdict,
            reasons,
            rows,
            only_in: gate.only_in.clone(),
            retired: gate.retired.clone(),
            notes,
            min_effect: gate.start.limits.min_effect,
            blocks: gate.blocks.len(),
            elapsed_s: gate
                .end
                .map(|end| end.finished_unix_s.saturating_sub(gate.start.started_unix_s)),
            resume: Resume::of(gate),
            rules: Rules::new(gate),
        }
    }

    fn waiver(&self, workload: &str) -> Option<&Waiver> {
        let allowed = self.allowed.iter().find(|waiver| waiver.is_for(workload));
        allowed.or_else(|| self.file.and_then(|(file, day)| file.waiver(workload, day)))
    }

    fn expired(&self) -> impl Iterator<Item = &Waiver> {
        self.file.into_iter().flat_map(|(file, day)| file.expired(day))
    }
}
