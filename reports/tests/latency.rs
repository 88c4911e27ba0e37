//! Latencies and counts in sentences, tables and pictures.

mod common;

use simple_records::{
    Axes, AxisValue, Comparison, Counter, Counts, Display, Instrument, Latency, Loop, Record,
    RunEnd, Subject, Work,
};
use simple_reports::analysis::Report;
use simple_reports::{plot, text};

fn comparison(display: Display) -> Comparison {
    Comparison {
        id: "latency/submit".to_owned(),
        x_axis: "workers".to_owned(),
        series_axis: "executor".to_owned(),
        facet_axis: None,
        defaults: Axes::default().with("executor", "threaded"),
        item: "task".to_owned(),
        display,
        ..common::locks()
    }
}

fn subject(executor: &str, axis: &str, value: impl Into<AxisValue>, peer: bool) -> Subject {
    let axes = Axes::default().with("executor", executor).with(axis, value);
    let values: String = axes.iter().map(|(_, value)| format!("/{value}")).collect();
    Subject {
        workload: format!("latency/submit{values}"),
        comparison: "latency/submit".to_owned(),
        reason: "because".to_owned(),
        axes,
        peer,
    }
}

/// One round: rate offered, share of it achieved, p99 in ns; p50 is a tenth of that.
type Step = (f64, f64, u64);

/// An executor, whether it is a peer, and its rounds.
type Timed<'a> = (&'a str, bool, &'a [&'a [Step]]);

fn records(planned: u32, all: &[Timed]) -> Vec<Record> {
    let mut start = common::start(5);
    start.rounds.insert(Instrument::Latency, planned);
    let mut records =
        vec![Record::Run(start.into()), Record::Comparison(comparison(Display::LatencyNs))];
    for (name, peer, rounds) in all {
        for (round, steps) in (0..).zip(*rounds) {
            for &(rate, share, p99) in *steps {
                records.push(Record::Latency(Latency {
                    subject: subject(name, "workers", AxisValue::Count(1), *peer),
                    work: Work { items: 1, bytes: None, threads: None },
                    instrument: Loop::Open,
                    round,
                    offered_per_s: Some(rate),
                    achieved_per_s: rate * share,
                    duration_s: 1.0,
                    histogram_ns: String::new(),
                    percentiles_ns: [("p50".to_owned(), p99 / 10), ("p99".to_owned(), p99)].into(),
                }));
            }
        }
    }
    records.push(Record::End(RunEnd::default()));
    records
}

fn report(all: &[Timed]) -> Report {
    common::report(&records(1, all))
}

fn said(report: &Report) -> Vec<String> {
    text::choices(&report.comparisons[0]).iter().map(ToString::to_string).collect()
}

/// Keeps up with 4k, 2k, and 1k of 1k, 2k, 4k. At 2k the first two are 200 and 600 ns.
const THREADED: &[Step] = &[(1e3, 1.0, 100), (2e3, 1.0, 200), (4e3, 0.96, 400)];
const RAYON: &[Step] = &[(1e3, 1.0, 90), (2e3, 1.0, 600), (4e3, 0.94, 9000)];
const TOKIO: &[Step] = &[(1e3, 1.0, 900), (2e3, 1.0, 900), (4e3, 0.5, 9000)];

#[test]
fn one_round_has_no_interval() {
    let report = report(&[
        ("threaded", false, &[THREADED]),
        ("rayon", true, &[RAYON]),
        ("tokio", true, &[TOKIO]),
    ]);
    let expected = [
        "At 2.00 k tasks/s with workers 1: p99 of threaded was 3.0x lower than that of the best \
         peer, rayon; one round: no interval.",
        "With workers 1: threaded keeps up with at least 4.00 k tasks/s; rayon 2.00 k/s, tokio \
         2.00 k/s.",
    ];
    assert_eq!(said(&report), expected);
}

#[test]
fn the_default_is_compared_even_if_another_own_one_is_better() {
    let own: [Timed; 3] =
        [("manual", false, &[RAYON]), ("threaded", false, &[TOKIO]), ("peer", true, &[THREADED])];
    let said = said(&report(&own));
    assert!(said[0].contains("p99 of threaded was 4.5x higher than that of the best peer, peer"));
}

#[test]
fn rounds_make_an_interval_and_five_of_them_a_verdict() {
    let slow: Vec<Step> = RAYON.iter().map(|(rate, share, p99)| (*rate, *share, p99 * 2)).collect();
    let of = |rounds: usize| {
        let (own, peer) = (vec![THREADED; rounds], [vec![RAYON; rounds - 1], vec![&slow]].concat());
        report(&[("threaded", false, &own), ("rayon", true, &peer)])
    };
    let start = "At 2.00 k tasks/s with workers 1: p99 of threaded ";
    let end = "3.0x [3.0, 6.0] lower than that of the best peer, rayon";
    assert_eq!(said(&of(3))[0], format!("{start}was {end}, but 3 rounds cannot decide."));
    assert_eq!(said(&of(5))[0], format!("{start}is {end}."));
    let text = text::terminal(&of(5));
    assert!(text.contains("(median of 5 rounds [least, most])"), "{text}");
    assert!(text.contains("600 ns [600, 1200]"), "{text}");
}

#[test]
fn a_lower_tail_of_a_peer_is_said_among_the_places_where_peers_are_ahead() {
    let behind = |own: &[Step], peer: &[Step]| {
        let report = report(&[("threaded", false, &[own; 5]), ("rayon", true, &[peer; 5])]);
        text::digest(&report).behind
    };
    let found = behind(RAYON, THREADED);
    assert_eq!(found.len(), 1);
    let sentence = found[0].1.to_string();
    assert!(sentence.contains("p99 of threaded is 3.0x [3.0, 3.0] higher"), "{sentence}");
    assert_eq!(behind(THREADED, RAYON), []);
}

/// Two of three rounds gave up below 4k: the third alone does not sustain it.
#[test]
fn a_rate_that_most_rounds_never_came_to_is_not_sustained() {
    let rounds: [&[Step]; 3] = [&THREADED[..2], &THREADED[..2], THREADED];
    let report = report(&[("threaded", false, &rounds)]);
    let place = &report.comparisons[0].rate_places()[0];
    assert_eq!(place.alternatives[0].sustained_per_s(), Some(2e3));
    assert_eq!(said(&report), ["With workers 1: threaded keeps up with 2.00 k tasks/s."]);
}

#[test]
fn nobody_keeps_up() {
    let broken: &[Step] = &[(1e3, 0.1, 100)];
    let report = report(&[("threaded", false, &[broken]), ("rayon", true, &[RAYON])]);
    let expected = "With workers 1: threaded keeps up with none of the rates; rayon 2.00 k/s.";
    assert_eq!(said(&report), [expected]);
}

/// The lowest rate, the highest that all sustain, and what threaded alone sustains.
#[test]
fn the_table_has_the_rates_that_tell_most() {
    let steps = [&[(5e2, 1.0, 100)], THREADED].concat();
    let slow = [&[(5e2, 1.0, 100)], RAYON].concat();
    let report = report(&[("threaded", false, &[&steps]), ("rayon", true, &[&slow])]);
    let text = text::terminal(&report);
    let table = "  latency per task by rate, workers 1 (one round)
    executor            offered  achieved      p50      p99  p99.9  max
    threaded (default)    500/s     500/s  10.0 ns   100 ns
    rayon (peer)          500/s     500/s  10.0 ns   100 ns
    threaded (default)  2.00 k/s  2.00 k/s";
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(squeezed(&text).contains(&squeezed(table)), "{text}");
    assert!(text.contains("4.00 k/s") && !text.contains("1.00 k/s"), "{text}");
}

#[test]
fn missing_rounds_of_latencies_are_listed() {
    let all: [Timed; 2] =
        [("threaded", false, &[THREADED, THREADED]), ("rayon", true, &[RAYON, RAYON, RAYON])];
    let census = common::report(&records(3, &all)).census;
    let missing = &census.missing[..];
    assert_eq!(missing.len(), 1, "{missing:?}");
    assert_eq!(missing[0].workload, "latency/submit/threaded/1");
    assert_eq!((missing[0].rounds, missing[0].planned), (2, 3));
    assert!(missing[0].why.starts_with("latencies: "), "{}", missing[0].why);
}

/// Three calls: 4, 2000 and 40 instructions; the most expensive uses 64 bytes of heap.
fn calls() -> Report {
    let call = |name: &str, instrument: Counter, counts: &[(&str, f64)]| {
        let subject = subject("family", "workers", name, false);
        let work = Work { items: 10, bytes: None, threads: None };
        let named = counts.iter().map(|(name, value)| ((*name).to_owned(), value * 10.0));
        let counts = named.collect();
        Record::Counts(Counts { subject, work, instrument, round: 0, counts })
    };
    let instructions = |name, value| call(name, Counter::Instructions, &[("instructions", value)]);
    let heap = |name, bytes, blocks| {
        call(name, Counter::Heap, &[("heap_bytes", bytes), ("heap_blocks", blocks)])
    };
    common::report(&[
        Record::Run(common::start(5).into()),
        Record::Comparison(comparison(Display::Instructions)),
        instructions("nothing", 4.0),
        instructions("copy", 2000.0),
        heap("copy", 64.0, 2.0),
        heap("nothing", 0.0, 0.0),
        instructions("get", 40.0),
    ])
}

#[test]
fn counts_are_listed_in_order_of_cost() {
    let report = calls();
    let expected = [
        "4.00 to 2,000 instructions per task, from family: nothing to family: copy.",
        "1 of 2 tasks use no heap; family: copy uses most, 64.0 bytes.",
    ];
    assert_eq!(said(&report), expected);
    let table = "  counted per task, most expensive first
    workers          instructions  heap bytes  heap blocks
    family: copy            2,000        64.0         2.00
    family: get              40.0
    family: nothing          4.00           0            0
";
    let text = text::terminal(&report);
    assert!(text.contains(table), "{text}");
}

#[test]
fn instructions_are_drawn_from_counts() {
    let report = calls();
    let plot = plot::counts(&report.comparisons[0]).unwrap().unwrap();
    for svg in [&plot.wide, &plot.narrow] {
        assert!(svg.contains("instructions per task") && svg.contains("copy"), "{svg}");
    }
    let latencies = self::report(&[("threaded", false, &[THREADED]), ("rayon", true, &[RAYON])]);
    assert!(plot::counts(&latencies.comparisons[0]).unwrap().is_none());
    for report in [report, latencies] {
        let page = simple_reports::html::page(&report).unwrap();
        assert_eq!(page.matches("<li class=\"card\">").count(), 1);
    }
}

/// A comparison about instructions that was also timed is drawn by its instructions.
#[test]
fn times_do_not_stand_in_for_instructions() {
    let comparison = comparison(Display::Instructions);
    let subject = subject("threaded", "workers", AxisValue::Count(1), false);
    let mut samples = common::samples(&comparison, subject.axes.clone(), 0, 77.0);
    let work = Work { items: 1, bytes: None, threads: None };
    (samples.subject, samples.work) = (subject.clone(), work);
    let counts = [("instructions".to_owned(), 1234.0)].into();
    let counts = Counts { subject, work, instrument: Counter::Instructions, round: 0, counts };
    let mut records = vec![
        Record::Run(common::start(1).into()),
        Record::Comparison(comparison),
        Record::Samples(samples),
    ];
    let drawn = |records: &[Record]| {
        let report = common::report(records);
        plot::facet(&report.comparisons[0], &report.comparisons[0].facets[0]).unwrap().wide
    };
    assert!(drawn(&records).contains("time per task"), "nothing was counted");
    records.push(Record::Counts(counts));
    let svg = drawn(&records);
    assert!(svg.contains("instructions per task") && svg.contains("1.23 k"), "{svg}");
}
