//! A request that cannot be served is refused with a reason, and the process goes on.

use crate::harness::{COPIES, Harness, RIGHT, measure, repeat, why};
use simple_records::Instrument;
use simple_records::harness::{Amount, Reply, Request};

#[test]
fn an_instrument_that_does_not_suit_is_refused_and_nothing_is_used_up() {
    let mut harness = Harness::with(COPIES);
    let why = harness.why(&measure(Instrument::Latency));
    assert!(why.contains(COPIES) && why.contains("latency"), "{why}");
    assert!(matches!(harness.ask(&measure(Instrument::Wall)), Reply::Measured(_)));
}

#[cfg(not(feature = "sampler"))]
#[test]
fn a_program_without_a_sampler_says_how_to_build_one() {
    let mut harness = Harness::with(COPIES);
    let wanted =
        simple_records::harness::Repeat { sample_hz: Some(99), ..repeat(Amount::Iterations(1)) };
    let why = harness.why(&Request::Repeat(wanted));
    assert!(why.contains("--features sampler"), "{why}");
}

#[test]
fn a_workload_that_fails_says_why_and_the_process_goes_on() {
    let mut harness = Harness::start();
    for (workload, reason) in [
        ("no such workload", "no workload is called 'no such workload'"),
        ("self-test/kinds/cannot be prepared", "something is missing"),
        ("self-test/kinds/wrong answer", "8 where 7 is right"),
        ("self-test/kinds/never ready", "condition"),
        ("self-test/kinds/panics", "it panicked: it panicked"),
        ("file/sources/auto/kept", "sources.list is missing: `just bench` makes it"),
    ] {
        let why = why(harness.prepare(workload));
        assert!(why.contains(reason), "{workload}: {why}");
        // A workload that failed is not prepared.
        let why = harness.why(&Request::Count);
        assert!(why.contains("no workload is prepared"), "{workload}: {why}");
    }
    assert!(matches!(harness.prepare(RIGHT), Reply::Prepared(_)));
    assert_eq!(harness.ask(&Request::Check), Reply::Right);
    assert_eq!(harness.end().0, Some(1));
}

#[test]
fn requests_out_of_order_are_refused() {
    let mut harness = Harness::start();
    let early = [
        Request::Check,
        measure(Instrument::Wall),
        Request::WarmUp { at_least_ns: 1 },
        Request::Time { iterations: 1, samples: 1 },
        Request::Count,
        Request::Repeat(repeat(Amount::Iterations(1))),
    ];
    for request in &early {
        let why = harness.why(request);
        assert!(why.contains("no workload is prepared"), "{request:?}: {why}");
    }
    harness.prepare(RIGHT);
    harness.ask(&Request::Check);
    for request in &early {
        let why = harness.why(request);
        assert!(why.contains("no workload is prepared"), "{request:?}: {why}");
    }
}

#[test]
fn an_illegible_request_is_quoted_and_the_process_goes_on() {
    let mut harness = Harness::start();
    for line in ["nonsense", "", "{\"request\":\"sing\"}", "{\"request\":\"prepare\"}", "[1]"] {
        let why = why(harness.say(line.as_bytes()));
        assert!(why.starts_with(&format!("illegible request: {line}")), "{line}: {why}");
    }
    assert!(why(harness.say(b"\xFF\xFE")).starts_with("illegible request"));
    assert!(matches!(harness.ask(&Request::Catalogue), Reply::Catalogue(_)));
}
