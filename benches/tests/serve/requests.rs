//! Each request gets its reply.

use crate::harness::{COPIES, COUNTED, Harness, RIGHT, SERVES, SETTINGS, measure, repeat};
use simple_records::harness::{Amount, Gating, MEASURED, Outcome, Repeat, Reply, Request};
use simple_records::{Effort, Instrument};

#[test]
fn the_catalogue_has_every_family_with_its_workloads() {
    let mut harness = Harness::start();
    let Reply::Catalogue(catalogue) = harness.ask(&Request::Catalogue) else {
        panic!("no catalogue")
    };
    let families = &catalogue.families;
    assert!(families.iter().all(|family| !family.workloads.is_empty()));
    for family in families {
        assert!(family.workloads.iter().all(|one| one.comparison == family.comparison.id));
    }
    let workloads: Vec<_> = families.iter().flat_map(|family| &family.workloads).collect();
    let found = |name: &str| workloads.iter().find(|one| one.workload == name).unwrap();
    let copies = found(COPIES);
    assert_eq!((copies.effort, copies.peer), (Effort::Standard, false));
    assert_eq!(copies.instruments, [Instrument::Wall]);
    assert_eq!(copies.axes.get("items").unwrap().number(), Some(10));
    assert_eq!(found(SERVES).instruments, [Instrument::Latency]);
    assert_eq!(found("executor/empty-tasks/manual/1").gating, Gating::Always);
    assert_eq!(found("file/load/auto/64KiB/cold").gating, Gating::Never);
    assert!(found("executor/empty-tasks/tokio/2").peer);
    assert_eq!(harness.end(), (Some(0), String::new()));
}

#[test]
fn turns_are_served_in_the_order_of_their_requests() {
    let mut harness = Harness::with(COPIES);
    let Reply::WarmedUp { iteration_ns } = harness.ask(&Request::WarmUp { at_least_ns: 100_000 })
    else {
        panic!("not warmed up")
    };
    assert!(iteration_ns > 0.0);
    for samples in [2, 5] {
        let Reply::Timed { totals_ns, .. } = harness.ask(&Request::Time { iterations: 9, samples })
        else {
            panic!("not timed")
        };
        assert_eq!(totals_ns.len(), samples as usize);
        assert!(totals_ns.iter().all(|total| *total > 0.0));
    }
    let nothing = harness.why(&Request::Time { iterations: 0, samples: 1 });
    assert!(nothing.contains("nothing to time"), "{nothing}");
    // The process goes on; its exit code tells of the failure.
    assert!(matches!(harness.ask(&Request::WarmUp { at_least_ns: 1 }), Reply::WarmedUp { .. }));
    let (code, said) = harness.end();
    assert_eq!(code, Some(1));
    assert!(said.contains("nothing to time"), "{said}");
}

#[test]
fn every_instrument_measures_a_suitable_workload() {
    let measured = |workload, instrument| {
        let mut harness = Harness::with(workload);
        let reply = harness.ask(&measure(instrument));
        let Reply::Measured(measured) = reply else { panic!("{workload}: {reply:?}") };
        // Generated files stay; what criterion wrote does not.
        let left = std::fs::read_dir(harness.data.path()).unwrap();
        let mut names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert!(names.all(|name| name.starts_with("random-")), "{workload}");
        measured
    };
    let wall = measured(COPIES, Instrument::Wall);
    assert_eq!((wall.work.items, wall.work.bytes), (10, None));
    let Outcome::Samples { samples, discarded, residency, layout } = wall.outcome else {
        panic!("no samples")
    };
    assert_eq!((samples.len(), discarded, residency), (SETTINGS.samples, 0, None));
    assert_eq!(layout, None);
    assert!(samples.iter().all(|sample| sample.iterations > 0 && sample.total_ns > 0.0));
    let Outcome::Counts(counts) = measured("file/ready/auto/4KiB/warm", Instrument::Os).outcome
    else {
        panic!("no counts")
    };
    assert!(counts["page_faults_minor"] >= 0.0, "{counts:?}");
    let Outcome::Latencies(runs) = measured(SERVES, Instrument::Latency).outcome else {
        panic!("no latencies")
    };
    assert!(runs.iter().any(|run| run.offered_per_s.is_none()), "no closed loop");
    assert!(runs.iter().any(|run| run.offered_per_s.is_some()), "no rate");
    let rehearsed = measured(COUNTED, Instrument::Instructions);
    assert_eq!(rehearsed.outcome, Outcome::Counts(Default::default()));
}

#[test]
fn what_is_prepared_can_be_timed_again() {
    let mut harness = Harness::with(COPIES);
    for _ in 0..2 {
        let reply = harness.ask(&measure(Instrument::Wall));
        assert!(matches!(reply, Reply::Measured(_)), "{reply:?}");
    }
    assert_eq!(harness.ask(&Request::Check), Reply::Right);
    let why = harness.why(&measure(Instrument::Wall));
    assert!(why.contains("no workload is prepared"), "{why}");
}

#[test]
fn counting_runs_outside_of_valgrind_too() {
    let mut harness = Harness::with(COUNTED);
    assert_eq!(harness.ask(&Request::Count), Reply::Counted);
    let mut staged = Harness::with("executor/round-trip-idle/threaded/1");
    let why = staged.why(&Request::Count);
    assert!(why.contains("stage"), "{why}");
}

#[test]
fn repeating_reports_windows_and_leaves_the_files_asked_for() {
    let mut harness = Harness::with(COPIES);
    let Reply::Repeated(exact) = harness.ask(&Request::Repeat(repeat(Amount::Iterations(7))))
    else {
        panic!("not repeated")
    };
    assert_eq!((exact.iterations, exact.windows.len()), (7, 1));
    let timeline = harness.data.path().join("timeline.json");
    let wanted = Repeat { timeline: Some(timeline.clone()), ..repeat(Amount::ForMs(5)) };
    let Reply::Repeated(long) = harness.ask(&Request::Repeat(wanted)) else {
        panic!("not repeated")
    };
    assert!(long.measured_ns >= 5_000_000 && long.counters.contains_key("processor_time_ns"));
    assert!(std::fs::read_to_string(timeline).unwrap().starts_with("{\"traceEvents\":["));
}

/// Profilers and valgrind look for these symbols.
#[test]
fn functions_that_profilers_need_are_there() {
    let program = std::fs::read(env!("CARGO_BIN_EXE_simple-bench")).unwrap();
    for symbol in [MEASURED, simple_records::harness::COUNTED] {
        let found = program.windows(symbol.len()).any(|bytes| bytes == symbol.as_bytes());
        assert!(found, "{symbol}");
    }
}

#[test]
fn a_check_compares_results_and_effects() {
    let mut harness = Harness::with(RIGHT);
    assert_eq!(harness.ask(&Request::Check), Reply::Right);
    // All of the iterations count, also that of the preparation.
    assert!(matches!(harness.prepare("coverage/probe/decision/2/1000"), Reply::Prepared(_)));
    assert_eq!(harness.ask(&Request::Check), Reply::Right);
    assert!(matches!(harness.prepare("self-test/kinds/wrong effect"), Reply::Prepared(_)));
    assert_eq!(harness.why(&Request::Check), "the effect is wrong");
}
