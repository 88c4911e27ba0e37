//! One screen about this machine: its tools, its instruments, and its noise.

use crate::harness::perf;
use crate::run::{line_move_ns, usual_time};
use crate::target::Target;
use crate::tools::{Tool, provide};
use crate::{fingerprint, out};
use clap::Args;
use simple_records::{Effort, Ticks};
use simple_reports::text;
use std::process::ExitCode;
use std::time::Duration;
use std::{fs, thread};

/// Time over which the share that the host takes is measured.
const LOOK: Duration = Duration::from_millis(500);
/// Largest load per processor of a quiet machine.
const QUIET_LOAD: f64 = 0.25;
/// Largest percentage of ticks that a quiet host takes.
const QUIET_STEAL_PERCENT: f64 = 2.0;

/// Show what can be measured on this machine, what is missing, and how long a run takes.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Also install these if they are missing and no question would be asked.
    #[arg(long, value_enum, value_delimiter = ',')]
    install: Vec<Tool>,
    #[command(flatten)]
    target: Target,
}

impl Doctor {
    pub(crate) fn run(&self) -> ExitCode {
        provide(&self.install, &self.target);
        machine();
        out!("");
        self.tools();
        out!("");
        self.instruments();
        out!("");
        self.next_run();
        ExitCode::SUCCESS
    }

    fn tools(&self) {
        out!("tools");
        for tool in Tool::ALL {
            match tool.is_there(&self.target) {
                true => out!("  {:22} there", tool.name()),
                false => out!("  {:22} {}", tool.name(), tool.advice()),
            }
        }
    }

    fn instruments(&self) {
        let has = |tool: Tool| tool.is_there(&self.target);
        let samples = match (has(Tool::Perf) && perf::works(), has(Tool::Valgrind)) {
            (true, _) => "perf: all threads, with the kernel",
            (false, _) => "the process itself: the program's functions alone",
        };
        let counts = |can: bool| if can { "exact" } else { "not available" };
        out!("instruments");
        out!("  {:22} available", "wall, os, latency");
        out!("  {:22} {}", "instructions, heap", counts(has(Tool::Valgrind) && has(Tool::Runner)));
        out!("  {:22} time; instructions: {}", "gate", counts(has(Tool::Valgrind)));
        out!("  {:22} by {samples}", "profiles");
    }

    /// The work of `just bench`, and its duration.
    fn next_run(&self) {
        let quick = Effort::Quick.name();
        let workloads = simple_names::parse(simple_names::LIST);
        let number = workloads.iter().filter(|workload| workload.effort == quick).count();
        out!("just bench");
        out!("  measures {number} workloads until its questions are answered (effort {quick})");
        out!("  takes about {} after compiling", text::duration(usual_time(Effort::Quick)));
    }
}

fn machine() {
    let here = fingerprint::collect().told();
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let model = here.cpu_model.unwrap_or_else(|| "unknown".to_owned());
    let kind = match here.virtual_machine {
        Some(true) => "virtual: the host may take time and move virtual processors",
        Some(false) => "no virtual machine",
        None => "perhaps virtual",
    };
    out!("machine");
    out!("  {:22} {processors} of {model}", "processors");
    out!("  {:22} {kind}", "kind");
    let quiet = Quiet::now(processors as f64);
    out!("  {:22} {}", "cache line", cache_line(line_move_ns(), &quiet));
    out!("  {:22} {}", "quiet", quiet.shown());
}

/// The cost of moving a cache line, with the reason why it means little on a machine that is not
/// quiet.
fn cache_line(line_move_ns: Option<f64>, quiet: &Quiet) -> String {
    let Some(ns) = line_move_ns else {
        return "one processor: nothing runs at the same time".to_owned();
    };
    let aside = match quiet.0.is_empty() {
        true => "",
        false => ", which says little now: other programs use the processors",
    };
    format!("{ns:.0} ns from one processor to another{aside}")
}

/// Reasons why the machine is not quiet; none if it is.
struct Quiet(Vec<String>);

impl Quiet {
    /// Looks whether other programs or the host take processor time.
    fn now(processors: f64) -> Self {
        let load = fs::read_to_string("/proc/loadavg").ok();
        let load = load.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
        let before = Ticks::now();
        thread::sleep(LOOK);
        let ticks = before.zip(Ticks::now());
        let steal = ticks.and_then(|(before, now)| now.stolen_percent_since(before));
        let mut reasons = Vec::new();
        if let Some(load) = load.filter(|load| *load > QUIET_LOAD * processors) {
            reasons.push(format!("the load is {load:.1}"));
        }
        if let Some(steal) = steal.filter(|steal| *steal > QUIET_STEAL_PERCENT) {
            reasons.push(format!("the host takes {steal:.1}% of the processors' time"));
        }
        Self(reasons)
    }

    fn shown(&self) -> String {
        match self.0.is_empty() {
            true => "yes".to_owned(),
            false => format!("no: {}", self.0.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_of_a_cache_line_says_little_where_others_work() {
        let busy = Quiet(vec!["the load is 2.0".to_owned()]);
        assert_eq!(
            cache_line(Some(41.6), &Quiet(Vec::new())),
            "42 ns from one processor to another"
        );
        assert!(cache_line(Some(41.6), &busy).contains("says little now"));
        assert!(cache_line(None, &busy).contains("one processor"));
    }
}
