//! The view of waiting of a whole program.

use super::blocked::Threads;
use super::process::{Ran, Stop, Watch};
use super::recorded::Recorded;
use super::session::Session;
use super::subject::Origin;
use crate::console::interrupt::interrupted;
use crate::harness::perf::Event;
use crate::profile::stacks::CollectedStacks;
use crate::profile::waiting::{SCRIPT_FIELDS, SCRIPT_OPTIONS, Watched, collected, record_options};
use crate::programs;
use anyhow::Result;
use simple_profiles::perf::script;
use simple_profiles::sample::{Cut, Windows};
use simple_profiles::symbols::Symbols;
use simple_profiles::waiting::waiting;
use simple_records::{View, Wait, Waits};

/// Most bytes of a recording: there may be a hundred thousand switches a second.
const MOST_BYTES: u64 = 512 << 20;

/// Records the waits of a program's threads; by counters alone where the scheduler's events may not
/// be seen.
pub(super) fn view(session: &mut Session<'_>) -> Result<(Option<CollectedStacks>, Waits)> {
    match by_events(session) {
        Err(error)
            if interrupted().is_none() && matches!(session.subject.origin, Origin::Started(_)) =>
        {
            let reason = format!("Waits are counted only, not seen: {error:#}.");
            session.progress.note(&reason);
            Ok((None, by_counters(session, reason)?))
        }
        done => done,
    }
}

fn by_events(session: &mut Session<'_>) -> Result<(Option<CollectedStacks>, Waits)> {
    let options = record_options();
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let asked = (View::Waiting, Event::Tracepoint);
    let threads = |session: &Session<'_>| match &session.subject.origin {
        Origin::Running(running) => Threads::of(running),
        Origin::Started(_) => Threads::default(),
    };
    let before = threads(session);
    let recorded = Recorded::make(session, asked, &options, MOST_BYTES)?;
    let blocked = threads(session).note_since(&before);
    let script = recorded.script(SCRIPT_OPTIONS, SCRIPT_FIELDS)?;
    let (windows, cut) = (Windows::always(), Cut::program());
    let waiting = waiting(script::read(script), &windows, Symbols::new(), &cut)?;
    let mut notes = session.notes(&recorded.ran);
    notes.extend(blocked);
    let measured_ns = recorded.ran.recorded_ns();
    Ok(collected(waiting, Watched { notes, iterations: 1, measured_ns }))
}

/// Counts of waits that the kernel keeps of every process, of one more process.
fn by_counters(session: &mut Session<'_>, reason: String) -> Result<Waits> {
    let Origin::Started(words) = &session.subject.origin else { anyhow::bail!("{reason}") };
    let mut command = programs::of_user(&words[0]);
    command.args(&words[1..]);
    let output = session.output(View::Waiting);
    let (limit, stop) = (session.limit, Stop::Group);
    let watch = Watch { limit, stop, growing: None, output: &output };
    let ran = session.run(View::Waiting, command, watch)?;
    let mut notes = session.notes(&ran);
    notes.push(reason);
    let sampler = "counters of the kernel".to_owned();
    Ok(Waits { sampler, kinds: kinds(&ran), notes })
}

fn kinds(ran: &Ran) -> Vec<Wait> {
    let counts = [
        ("any (voluntary context switches)", ran.usage.switches_voluntary),
        ("preempted (involuntary context switches)", ran.usage.switches_involuntary),
        ("page fault from disk", ran.usage.page_faults_major),
    ];
    let wait = |(kind, count): (&str, u64)| Wait {
        kind: kind.to_owned(),
        count,
        total_ns: None,
        longest_ns: None,
    };
    counts.into_iter().map(wait).filter(|wait| wait.count > 0).collect()
}
