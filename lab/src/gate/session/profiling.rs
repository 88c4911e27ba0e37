//! Where the instructions of what got slower went: both builds under callgrind once more, whose
//! stacks are kept this time.

use super::Session;
use crate::files;
use crate::gate::block::Arena;
use crate::harness::valgrind::Scope;
use anyhow::{Context, Result};
use simple_profiles::callgrind::Profile;
use simple_profiles::flame::{Compare, Options, render_difference};
use simple_profiles::growth;
use simple_records::{FunctionCost, GateRecord, Profiled, Side};
use simple_reports::gate::{GateFile, Row, judge_gate};
use std::path::Path;

/// Workloads that are profiled at most, the worst first: more do not tell more.
const MOST_PROFILED: usize = 8;
/// Characters of a workload's name that are those of its files.
const MOST_NAME: usize = 100;
/// Functions that are kept of each.
const MOST_FUNCTIONS: usize = 20;

impl Session {
    /// Profiles what got slower, waived or not.
    pub(super) fn profile_slower(&mut self) -> Result<()> {
        let report = judge_gate(&self.gate, &GateFile::default(), &[], "");
        let slower = report.rows.iter().filter(|row| {
            (row.more_instructions() || row.takes_longer()) && row.profiled.is_none()
        });
        let slower: Vec<&Row> = slower.take(MOST_PROFILED).collect();
        let folder = self.writer.path().with_extension("");
        self.progress.expect(slower.len());
        for row in slower {
            self.progress.show("profiling what got slower", &row.workload);
            let is_counted = row.instructions.is_some();
            let scope = if is_counted { Scope::Iteration } else { Scope::Process(1) };
            let name = self.unused_name(&row.workload);
            match profiled(&self.arena, &row.workload, scope, &folder.join(name)) {
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

    /// How the names of a workload's files begin. Two workloads may differ in nothing but what
    /// has no place in such a name.
    fn unused_name(&self, workload: &str) -> String {
        let plain = plain_name(workload);
        let is_used = |name: &String| {
            let files = self.gate.profiled.iter().flat_map(|profiled| &profiled.files);
            files.into_iter().any(|file| *file == format!("{name}.svg"))
        };
        let numbered = (2..).map(|number| format!("{plain}-{number}"));
        let mut names = std::iter::once(plain.clone()).chain(numbered);
        names.find(|name| !is_used(name)).unwrap_or(plain)
    }
}

/// A workload's name as that of a file.
fn plain_name(workload: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    workload.chars().map(plain).take(MOST_NAME).collect()
}

/// Profiles a workload; the paths of its files begin with `beginning`.
fn profiled(arena: &Arena, workload: &str, scope: Scope, beginning: &Path) -> Result<Profiled> {
    let of = |side| arena.subject(workload, side).instructions(scope);
    let (base, head) = (of(Side::Base)?, of(Side::Head)?);
    let scope = match scope {
        Scope::Iteration => "an iteration",
        Scope::Process(_) => "the whole process",
    };
    let grown = growth::between(&base.costs.self_costs(), &head.costs.self_costs());
    let functions = grown.changes.into_iter().take(MOST_FUNCTIONS);
    let functions = functions.map(|change| FunctionCost {
        function: change.function,
        base: change.before,
        head: change.after,
    });
    Ok(Profiled {
        workload: workload.to_owned(),
        scope: scope.to_owned(),
        totals: [base.costs.instructions, head.costs.instructions],
        functions: functions.collect(),
        files: write_files(workload, scope, &base, &head, beginning)?,
    })
}

/// The folded stacks of both builds, and the picture of their difference.
fn write_files(
    workload: &str,
    scope: &str,
    base: &Profile,
    head: &Profile,
    beginning: &Path,
) -> Result<Vec<String>> {
    let options = Options {
        title: workload.to_owned(),
        subtitle: Some(format!("instructions of {scope} by callgrind: red grew, blue shrank")),
        unit: "instructions".to_owned(),
    };
    let picture = render_difference(&base.stacks, &head.stacks, Compare::Counts, &options)?;
    let name = beginning.file_name().context("files have names")?.to_string_lossy();
    let written = [
        (format!("{name}.base.folded"), base.stacks.to_string()),
        (format!("{name}.head.folded"), head.stacks.to_string()),
        (format!("{name}.svg"), picture),
    ];
    for (name, text) in &written {
        files::write(&beginning.with_file_name(name), text)?;
    }
    Ok(written.into_iter().map(|(name, _)| name).collect())
}
