//! Where the instructions of what got slower went: both builds under callgrind once more, whose
//! stacks are kept this time.

use super::Session;
use crate::difference::Difference;
use crate::gate::block::Arena;
use crate::gate::sides::Counting;
use crate::harness::valgrind::Scope;
use anyhow::Result;
use simple_profiles::growth;
use simple_records::{FunctionCost, GateRecord, Profiled, Side, profile_folder};
use simple_reports::judge::{Judging, Row};
use std::path::Path;

/// Workloads that are profiled at most, the worst first: more do not tell more.
const MOST_PROFILED: usize = 8;
/// Functions that are kept of each.
const MOST_FUNCTIONS: usize = 20;

impl Session {
    /// Profiles what got slower, waived or not.
    pub(super) fn profile_slower(&mut self) -> Result<()> {
        let report = Judging::default().judge(&self.gate);
        let slower = report.rows.iter().filter(|row| {
            let is_slower = row.more_instructions() || row.takes_longer();
            is_slower && row.profiled.is_none() && self.can_profile(row)
        });
        let slower: Vec<&Row> = slower.take(MOST_PROFILED).collect();
        let folder = self.writer.path().with_extension("");
        self.progress.expect(slower.len());
        for row in slower {
            self.progress.show("profiling what got slower", &row.workload);
            let is_counted = row.instructions.is_some();
            let scope = match self.arena.sides.counting() {
                Counting::Iterations if is_counted => Scope::Iteration,
                Counting::Iterations | Counting::Processes => Scope::Process(1),
            };
            let name = self.unused_name(&row.workload);
            match profiled(&self.arena, &row.workload, scope, (&folder, &name)) {
                Ok(profiled) => self.write(GateRecord::Profiled(profiled))?,
                // Only the picture is missing, not the verdict.
                Err(error) => {
                    self.progress.note(&format!("not profiled: {}: {error:#}", row.workload));
                }
            }
            self.progress.step();
        }
        Ok(())
    }

    /// Processes of others that were not counted cannot be profiled either.
    fn can_profile(&self, row: &Row) -> bool {
        self.arena.sides.counting() == Counting::Iterations || row.instructions.is_some()
    }

    /// Beginning of the names of a workload's files. Two workloads may differ in nothing but what
    /// has no place in such a name.
    fn unused_name(&self, workload: &str) -> String {
        let plain = profile_folder(workload);
        let is_used = |name: &String| {
            let files = self.gate.profiled.iter().flat_map(|profiled| &profiled.files);
            files.into_iter().any(|file| *file == format!("{name}.svg"))
        };
        let numbered = (2..).map(|number| format!("{plain}-{number}"));
        let mut names = std::iter::once(plain.clone()).chain(numbered);
        names.find(|name| !is_used(name)).unwrap_or(plain)
    }
}

/// Profiles a workload; the names of its files in `folder` begin with `name`.
fn profiled(
    arena: &Arena,
    workload: &str,
    scope: Scope,
    (folder, name): (&Path, &str),
) -> Result<Profiled> {
    let of = |side| arena.sides.instructions(workload, side, scope);
    let (base, head) = (of(Side::Base)?, of(Side::Head)?);
    let scope = arena.sides.counted_part(workload, scope);
    let grown = growth::between(&base.costs.self_costs(), &head.costs.self_costs());
    let functions = grown.changes.into_iter().take(MOST_FUNCTIONS);
    let functions = functions.map(|change| FunctionCost {
        function: change.function,
        base: change.before,
        head: change.after,
    });
    let difference = Difference {
        base: &base.stacks,
        head: &head.stacks,
        workload,
        subtitle: format!("instructions of {scope} by callgrind: red grew, blue shrank"),
        unit: "instructions",
    };
    Ok(Profiled {
        workload: workload.to_owned(),
        scope: scope.to_owned(),
        totals: [base.costs.instructions, head.costs.instructions],
        functions: functions.collect(),
        files: difference.write(folder, name)?.to_vec(),
    })
}
