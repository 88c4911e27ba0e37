//! The view of processor time of a whole program.

use super::counted;
use super::process::{End, Ran};
use super::recorded::Recorded;
use super::session::{Session, how_ended};
use super::subject::Origin;
use super::unrecorded::{NoSpace, end_of};
use crate::console::interrupt::interrupted;
use crate::harness::perf::Event;
use crate::profile::cpu::{FOR_TIME, Sampler, notes, perf_at};
use crate::profile::stacks::CollectedStacks;
use crate::programs::last_lines;
use anyhow::{Context, Result, bail};
use simple_profiles::normalize::StackCounts;
use simple_profiles::perf::{on_cpu, script};
use simple_profiles::sample::{Cut, OnCpu, Windows};
use simple_profiles::symbols::Symbols;
use simple_records::{Unit, View, harmless};

/// Bytes of the stack that are copied with each sample.
const STACK_BYTES: u32 = 8192;

/// Most bytes of a recording: some minutes of one processor.
const MOST_BYTES: u64 = 2 << 30;

/// Samples the program by perf, or by the next best that works.
pub(super) fn view(session: &mut Session<'_>) -> Result<CollectedStacks> {
    match (session.sampler, &session.subject.origin) {
        (Some(Sampler::Callgrind), _) => by_callgrind(session),
        (Some(_), _) | (None, Origin::Running(_)) => by_perf(session),
        (None, Origin::Started(_)) => match by_perf(session) {
            // Another try would not be longer, nor have more space.
            Err(error) if error.is::<NoSample>() || error.is::<NoSpace>() => Err(error),
            Err(error) if interrupted().is_some() => Err(error),
            Err(error) => {
                let reason = format!("perf does not work: {error:#}.");
                session.progress.note(&reason);
                let mut stacks = by_callgrind(session).context(reason.clone())?;
                stacks.notes.push(reason);
                Ok(stacks)
            }
            done => done,
        },
    }
}

/// Refuses a sampler that cannot see this program.
///
/// # Errors
/// If it was named.
pub(super) fn check(sampler: Option<Sampler>, origin: &Origin) -> Result<()> {
    match (sampler, origin) {
        (Some(Sampler::InProcess), _) => bail!(
            "only workloads of a harness sample themselves: --sampler perf or callgrind, or leave \
             it out"
        ),
        (Some(Sampler::Callgrind), Origin::Running(_)) => {
            bail!("callgrind must start a program itself: `lab profile -- PROGRAM`")
        }
        _ => Ok(()),
    }
}

/// A program or process of which no sample was taken; the sentence says why, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NoSample(String);

impl NoSample {
    fn of(session: &Session<'_>, ran: &Ran) -> Self {
        let hz = session.hz;
        let none = format!("no sample was taken, at {hz} a second");
        let hardly = "used hardly any processor time";
        Self(match (&session.subject.origin, ran.end) {
            (Origin::Running(_), _) => format!(
                "{none}: the process {hardly}. Look longer with --for, or when it has something to \
                 do; --views waiting shows what it waits for"
            ),
            (Origin::Started(_), End::Itself(status)) if !status.success() => {
                let printed = harmless(&last_lines(&end_of(&session.output(View::Cpu))));
                let printed = match printed.is_empty() {
                    true => "it printed nothing".to_owned(),
                    false => format!("its last lines: {printed}"),
                };
                format!(
                    "the program {}, {} ms after perf was started; {printed}. Besides, {none}: it {hardly}",
                    how_ended(status),
                    ran.lasted.as_millis()
                )
            }
            (Origin::Started(_), _) => format!(
                "{none}: the program {hardly}. Give it more to do, or name a higher --hz; --views \
                 instructions counts all that it does"
            ),
        })
    }
}

fn by_perf(session: &mut Session<'_>) -> Result<CollectedStacks> {
    let hz = session.hz;
    let (frequency, call_graph) = (hz.to_string(), format!("dwarf,{STACK_BYTES}"));
    // Without counters perf takes the processor's clock instead.
    let options = ["-F", &frequency, "-e", "cycles", "--call-graph", &call_graph];
    let asked = (View::Cpu, Event::Time);
    let recorded = Recorded::make(session, asked, &options, MOST_BYTES)?;
    let script = recorded.script(&["--show-lost-events"], "comm,tid,time,event,ip,sym,dso")?;
    let (windows, cut) = (Windows::always(), Cut::program());
    let on_cpu = on_cpu(script::read(script), &windows, Symbols::new(), &cut)?;
    if on_cpu.inside == 0 {
        return Err(NoSample::of(session, &recorded.ran).into());
    }
    let mut notes = session.notes(&recorded.ran);
    let nameless = session.subject.executable.unreadable();
    let broken = nameless.as_ref().map(|_| "end early");
    notes.extend(self::notes(&on_cpu, &more(&session.subject.origin), broken));
    notes.extend(nameless);
    if let (Origin::Running(_), End::Itself(_)) = (&session.subject.origin, recorded.ran.end) {
        notes.push("The process ended before the time was up.".to_owned());
    }
    Ok(collected(on_cpu, hz, notes, recorded.ran.recorded_ns()))
}

fn more(origin: &Origin) -> String {
    match origin {
        Origin::Started(_) => "Give the program more to do, or name a higher --hz.",
        Origin::Running(_) => "Look longer with --for, or name a higher --hz.",
    }
    .to_owned()
}

fn collected(
    on_cpu: OnCpu,
    hz: u32,
    notes: Vec<String>,
    measured_ns: Option<u64>,
) -> CollectedStacks {
    CollectedStacks {
        view: View::Cpu,
        sampler: perf_at(&on_cpu, hz),
        unit: Unit::Samples,
        counts: StackCounts { stacks: on_cpu.stacks, iterations: 1, period_ns: None },
        table: None,
        measured_ns,
        notes,
    }
}

fn by_callgrind(session: &mut Session<'_>) -> Result<CollectedStacks> {
    let mut stacks = counted::instructions(session, View::Cpu)?;
    stacks.notes.insert(0, FOR_TIME.to_owned());
    Ok(stacks)
}
