//! Probes, through the C functions that compiled code calls.

use crate::catalogue::Family;
use crate::team::Team;
use crate::{Effort, Prepared};
use anyhow::{Context, ensure};
use simple_records::Scale;
use simple_runtime::coverage;
use simple_runtime::ffi::coverage::{
    rt_coverage_condition_probe, rt_coverage_decision_probe, rt_coverage_path_finalize,
    rt_coverage_path_probe,
};
use std::collections::HashMap;
use std::ffi::CStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

const THREADS: [u64; 4] = [1, 2, 4, 8];
const SITES: [u64; 3] = [1, 1000, 100_000];
const FILE: &CStr = c"bench.spl";
/// Blocks of a path.
const BLOCKS: u32 = 3;

/// A way to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counter {
    Decision,
    Condition,
    Path,
    SwitchedOff,
    SharedAtomics,
    LockedMap,
}

impl Counter {
    const ALL: [Self; 6] = [
        Self::Decision,
        Self::Condition,
        Self::Path,
        Self::SwitchedOff,
        Self::SharedAtomics,
        Self::LockedMap,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Condition => "decision with a condition",
            Self::Path => "path block",
            Self::SwitchedOff => "switched off",
            Self::SharedAtomics => "shared atomics",
            Self::LockedMap => "locked map",
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Self::Decision => "compiled code runs one at every decision",
            Self::Condition => "what MC/DC adds to a decision of one condition; both are counted",
            Self::Path => "one block of a path of three, its end included",
            Self::SwitchedOff => "what instrumented code costs when nobody asks for coverage",
            Self::SharedAtomics => "two shared counters: a probe without a table",
            Self::LockedMap => "the reference runtime's way: one map behind one mutex",
        }
    }

    fn is_peer(self) -> bool {
        matches!(self, Self::SharedAtomics | Self::LockedMap)
    }
}

/// Probes of all threads together in one iteration: a multiple of all numbers of threads, and
/// enough that each of eight threads goes over all sites.
fn probes(sites: u64) -> u64 {
    if sites > 1000 { 800_000 } else { 200_000 }
}

/// Site number `i`, as compiled code would have it.
#[inline]
fn decide(i: u64, sites: u64, outcome: bool) {
    let site = (i % sites) as u32;
    // SAFETY: the name is a literal.
    unsafe { rt_coverage_decision_probe(site, outcome.into(), FILE.as_ptr(), site + 1, 1) };
}

/// One probe after the other; outcomes change from one round over the sites to the next.
fn each(probes: u64, sites: u64, mut probe: impl FnMut(u64, bool)) -> u64 {
    for i in 0..probes {
        probe(i, std::hint::black_box((i / sites).is_multiple_of(2)));
    }
    probes
}

fn team<F: FnMut(u64, bool) + Send + 'static>(
    threads: u64,
    sites: u64,
    probe: impl Fn() -> F + 'static,
) -> Prepared {
    let probes = probes(sites);
    let team = Team::new(threads, |_| {
        let mut probe = probe();
        move || each(probes / threads, sites, &mut probe)
    });
    Prepared::team(probes, probes, team)
}

/// All that the runs must have counted in decisions.
fn audited(prepared: Prepared, probes_a_run: u64) -> Prepared {
    prepared.audit(move |runs| {
        let report = coverage::report();
        let rows = report.decisions.iter();
        let counted: u64 = rows.map(|row| row.true_count + row.false_count).sum();
        let right = runs * probes_a_run;
        ensure!(counted == right, "counted {counted} where {right} is right");
        Ok(())
    })
}

fn prepared(counter: Counter, threads: u64, sites: u64) -> Prepared {
    coverage::clear();
    coverage::set_enabled(counter != Counter::SwitchedOff);
    match counter {
        Counter::Decision => {
            let probe = move || move |i, outcome| decide(i, sites, outcome);
            audited(team(threads, sites, probe), probes(sites))
        }
        Counter::SwitchedOff => {
            let probe = move || move |i, outcome| decide(i, sites, outcome);
            audited(team(threads, sites, probe), 0)
        }
        Counter::Condition => {
            audited(team(threads, sites, move || conditions(sites)), probes(sites) / 2)
        }
        Counter::Path => paths(threads, sites),
        Counter::SharedAtomics => shared_atomics(threads, sites),
        Counter::LockedMap => locked_map(threads, sites),
    }
}

/// Every other probe is a condition's, the next one its decision's.
fn conditions(sites: u64) -> impl FnMut(u64, bool) {
    move |i, outcome| {
        let site = (i / 2 % sites) as u32;
        if i % 2 == 0 {
            // SAFETY: the name is a literal.
            unsafe {
                rt_coverage_condition_probe(site, 0, outcome.into(), FILE.as_ptr(), site + 1, 1)
            };
        } else {
            decide(i / 2, sites, outcome);
        }
    }
}

fn paths(threads: u64, sites: u64) -> Prepared {
    let probe = move || {
        let mut block = 0;
        move |i: u64, _| {
            let path = (i / u64::from(BLOCKS) % sites) as u32;
            rt_coverage_path_probe(path, block);
            block += 1;
            if block == BLOCKS {
                rt_coverage_path_finalize(path);
                block = 0;
            }
        }
    };
    team(threads, sites, probe).audit(|_| {
        let report = coverage::report();
        let path = report.paths.first().context("no path was counted")?;
        ensure!(path.hit_count > 0, "a path was not counted");
        Ok(())
    })
}

fn shared_atomics(threads: u64, sites: u64) -> Prepared {
    let new = || [AtomicU64::new(0), AtomicU64::new(0)];
    let counts: Arc<[_]> = (0..sites).map(|_| new()).collect();
    team(threads, sites, move || {
        let counts = counts.clone();
        move |i: u64, outcome| {
            counts[(i % sites) as usize][usize::from(outcome)].fetch_add(1, Ordering::Relaxed);
        }
    })
}

fn locked_map(threads: u64, sites: u64) -> Prepared {
    type Counts = HashMap<(u32, &'static CStr, u32, u32), [u64; 2]>;
    let counts = Arc::new(Mutex::new(Counts::new()));
    team(threads, sites, move || {
        let counts = counts.clone();
        move |i: u64, outcome| {
            let site = (i % sites) as u32;
            let mut counts = counts.lock().expect("nobody panics here");
            let count = counts.entry((site, FILE, site + 1, 1)).or_default();
            count[usize::from(outcome)] += 1;
        }
    })
}

fn effort(threads: u64, sites: u64) -> Effort {
    match (threads, sites) {
        (1 | 2 | 8, 1000) => Effort::Quick,
        (_, 1 | 1000) | (2, _) => Effort::Standard,
        _ => Effort::Full,
    }
}

pub(super) fn family() -> Family {
    let title = "What does a coverage probe cost, and do threads slow each other down?";
    let mut family = Family::question("coverage/probe", title)
        .explain(
            "Hundreds of thousands of probes an iteration, shared out among threads that all go over the same \
             sites. The figure is elapsed time by all threads' probes: with more processors it \
             falls if threads do not disturb each other. File names are literals of the program.",
        )
        .series("counter")
        .along("threads", Scale::Log)
        .facet("sites")
        .item("probe");
    for sites in SITES {
        for threads in THREADS {
            for counter in Counter::ALL {
                let prepare = move |_: &_| Ok(prepared(counter, threads, sites));
                family
                    .add((counter.name(), threads, sites), counter.reason(), prepare)
                    .peer_if(counter.is_peer())
                    .effort(effort(threads, sites));
            }
        }
    }
    family
}
