//! The counters and settings of a process, as one JSON object.
//!
//! Names are stable within a `version`; new ones may be added. Counts are plain numbers, sizes end
//! in `_bytes`.

use crate::environment::choices::{Choice, Origin, choices};
use crate::executor::{self, Mode};
use crate::file::{self, Prefault};
use crate::json::Quoted;
use std::fmt::{Display, Write};

/// The moment at which the counters were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// The library was loaded: the process had not ended, or not in order.
    Load,
    /// The executor was shut down.
    Shutdown,
    /// The process exited.
    Exit,
}

impl Moment {
    const fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Shutdown => "shutdown",
            Self::Exit => "exit",
        }
    }
}

/// Returns the report as text, with a line feed at its end.
pub(super) fn text(moment: Moment) -> String {
    let mut text = String::from("{\n");
    let mut add = |name: &str, value: &dyn Display| {
        // A string takes everything.
        let _ = writeln!(text, "  \"{name}\": {value},");
    };
    add("format", &Quoted("simple-runtime-stats"));
    add("version", &1);
    add("runtime_version", &Quoted(env!("CARGO_PKG_VERSION")));
    add("process", &std::process::id());
    add("written_at", &Quoted(moment.name()));
    add("executor", &executor_counters());
    add("files", &file_counters());
    let _ = writeln!(text, "  \"settings\": {}\n}}", settings());
    text
}

/// An object of names and values.
fn object<V: Display>(members: impl IntoIterator<Item = (&'static str, V)>) -> String {
    let members = members.into_iter().map(|(name, value)| format!("\"{name}\": {value}"));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

fn executor_counters() -> String {
    let (starts, counted) = (executor::starts(), executor::stats());
    object([
        ("starts", starts.count),
        ("workers_started", starts.settings().started as u64),
        ("submitted", counted.submitted),
        ("completed", counted.completed),
        ("inline_run", counted.inline_run),
        ("stolen", counted.stolen),
        ("parks", counted.parks),
        ("wakes", counted.wakes),
        ("panics", counted.panics),
    ])
}

fn file_counters() -> String {
    let counted = file::stats();
    let loads = executor::loads();
    let strategies = Prefault::ALL.into_iter().filter(|&strategy| strategy != Prefault::Auto);
    let loaded = strategies.map(|strategy| {
        let loads = loads[strategy as usize];
        (strategy.name(), object([("files", loads.files), ("loaded_bytes", loads.loaded_bytes)]))
    });
    object([
        ("loads_by_waiters", counted.loads_by_waiters.to_string()),
        ("loads_by_loaders", counted.loads_by_loaders.to_string()),
        ("loader_starts", counted.loader_starts.to_string()),
        ("loader_wakes", counted.loader_wakes.to_string()),
        ("loaded", object(loaded)),
    ])
}

fn settings() -> String {
    let start = executor::starts().settings();
    let (mode, mode_from) = match start.mode {
        Mode::Threaded => ("threaded", Origin::Default),
        Mode::Manual => ("manual", Origin::Program),
    };
    let choices = choices();
    let prefault = choices.prefault.value().unwrap_or(Prefault::Auto).name();
    object([
        ("mode", object([("value", Quoted(mode)), ("from", Quoted(mode_from.name()))])),
        ("workers", setting(&start.workers, start.workers_from, &choices.workers)),
        ("loaders", setting(&file::most_loaders(), origin(&choices.loaders), &choices.loaders)),
        ("prefault_auto", setting(&Quoted(prefault), origin(&choices.prefault), &choices.prefault)),
    ])
}

/// Returns the party that determined a setting for which the program has no call.
fn origin<T: Copy>(choice: &Choice<T>) -> Origin {
    if choice.value().is_some() { Origin::Environment } else { Origin::Default }
}

/// A setting that a variable can determine: its value, the party that determined it, and the
/// variable with the reason why it has no effect, if it has none.
fn setting<T: Copy>(value: &dyn Display, from: Origin, choice: &Choice<T>) -> String {
    let text = choice.text().map_or("null".to_owned(), |text| Quoted(text).to_string());
    let ignored = match (choice.refusal(), from) {
        (Some(reason), _) => Quoted(&reason.to_string()).to_string(),
        (None, Origin::Program) if choice.text().is_some() => {
            Quoted("the program has set it itself").to_string()
        }
        (None, _) => "null".to_owned(),
    };
    object([
        ("value", value.to_string()),
        ("from", Quoted(from.name()).to_string()),
        ("variable", Quoted(choice.name()).to_string()),
        ("text", text),
        ("ignored", ignored),
    ])
}
