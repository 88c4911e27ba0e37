use super::*;
use proptest::prelude::*;

fn records(text: &str) -> Vec<Record> {
    read(text.as_bytes()).map(Result::unwrap).collect()
}

fn events(text: &str) -> Vec<EventSample> {
    let sample = |record| match record {
        Record::Sample(event) => Some(event),
        _ => None,
    };
    records(text).into_iter().filter_map(sample).collect()
}

fn samples(text: &str) -> Vec<Sample> {
    events(text).into_iter().map(|event| event.sample).collect()
}

fn in_file(path: &str, offset: u64) -> Place {
    Place::File { path: path.into(), offset }
}

fn error(text: &str) -> String {
    read(text.as_bytes()).find_map(Result::err).unwrap().to_string()
}

#[test]
fn a_sample_has_its_frames_innermost_first() {
    let events = events(
        "my (odd) [x]  12     1.000000002: sched:sched_waking: comm=b pid=13 prio=120\n\
         \tffffffff813aa9c4 try_to_wake_up ([kernel.kallsyms])\n\
         \t           16f67 tiny::main+0x12 (/tmp/w (x)/tiny)\n\
         \t              1f [unknown] (/tmp/gone (deleted))\n\n",
    );
    let [EventSample { sample, payload }] = events.as_slice() else { panic!("{events:?}") };
    let time_ns = Some(1_000_000_002);
    assert_eq!((&*sample.thread, sample.tid, sample.time_ns), ("my (odd) [x]", 12, time_ns));
    assert_eq!(&*sample.event, "sched:sched_waking");
    assert_eq!(payload, "comm=b pid=13 prio=120");
    let frame = |at: usize| {
        let frame = &sample.frames[at];
        (frame.function.as_deref(), frame.place.clone())
    };
    assert_eq!(frame(0), (Some("try_to_wake_up"), Place::Kernel));
    assert_eq!(frame(1), (Some("tiny::main"), in_file("/tmp/w (x)/tiny", 0x16f67)));
    assert_eq!(frame(2), (None, in_file("/tmp/gone (deleted)", 0x1f)));
}

#[test]
fn an_offset_counts_more_than_an_address() {
    let samples = samples("a 1 1.0: e:\n\t55f6b34b2f67 f+0x1f (/x+0x2a)\n\t1b g (/x)\n\t3 h\n\n");
    let places: Vec<_> = samples[0].frames.iter().map(|frame| frame.place.clone()).collect();
    assert_eq!(places, [in_file("/x", 0x2a), in_file("/x", 0x1b), Place::Unknown]);
}

#[test]
fn stacks_may_be_empty_or_in_the_same_line() {
    let events = events(
        "a 1 1.0: cycles: \n\n\
         a 1 2.0: cycles:  55f6b34b2d24 f (/x)\n\
         a 1 3.0: cycles:\n\
         \t 1 g (/x)\n",
    );
    let stacks: Vec<usize> = events.iter().map(|event| event.sample.frames.len()).collect();
    assert_eq!(stacks, [0, 1, 1]);
    assert_eq!(events[1].sample.frames[0].function.as_deref(), Some("f"));
    assert_eq!(events[1].payload, "");
}

#[test]
fn switches_losses_and_other_records_are_distinguished() {
    let text = "# a comment\n\
                a 1 [000] 1.0: PERF_RECORD_SWITCH IN         \n\
                a 1 [000] 2.0: PERF_RECORD_SWITCH OUT preempt\n\
                a 1 3.0: PERF_RECORD_LOST lost 7\n\
                a 1 4.0: PERF_RECORD_COMM: b:1/1\n\n";
    let switch = |time_ns, direction| {
        Record::Switch(Switch { thread: "a".into(), tid: 1, time_ns, direction })
    };
    let expected = [
        switch(1_000_000_000, Direction::In),
        switch(2_000_000_000, Direction::Out { preempt: true }),
        Record::Lost(7),
    ];
    assert_eq!(records(text), expected);
}

#[test]
fn a_switch_between_two_samples_without_an_empty_line_keeps_both() {
    let text = "a 1 1.0: e:\n\t1 f (/x)\na 1 2.0: PERF_RECORD_SWITCH IN\na 1 3.0: e:\n\t1 f (/x)\n";
    let times: Vec<_> = samples(text).iter().map(|sample| sample.time_ns).collect();
    assert_eq!(times, [Some(1_000_000_000), Some(3_000_000_000)]);
}

#[test]
fn a_line_that_fits_nothing_is_named() {
    let said = error("a 1 1.0: e:\n\nnothing at all, far and wide\n\nneither here\n");
    assert!(said.starts_with("line 3 is nothing that perf script"), "{said}");
    assert!(error("\t1 f (/x)\n").contains("a frame without a sample"));
    assert!(error("a 1 1.0: PERF_RECORD_SWITCH\n").contains("neither in nor out"));
    let mut records = read("something else altogether\n".as_bytes());
    assert_eq!(records.next().unwrap().unwrap(), Record::Unread);
    assert!(records.next().unwrap().is_err());
    assert!(records.next().is_none(), "there is nothing after an error");
}

/// Threads, and the samples' frames, of a text in which nothing is left out.
fn threads(text: &str) -> Vec<(String, i32, usize)> {
    let thread = |record: Record| match record {
        Record::Sample(EventSample { sample, .. }) => {
            (sample.thread.to_string(), sample.tid, sample.frames.len())
        }
        other => panic!("{other:?}"),
    };
    records(text).into_iter().map(thread).collect()
}

#[test]
fn names_of_threads_may_look_like_anything() {
    let sample = |name: &str| format!("{name} 7001  10.0001: cpu-clock: \n\t 1162 f (/b)\n\n");
    for name in ["#1 pool", "[ET_NET 0]", "(sd-pam) w", "w 1 2.0: a", "a: b", "", "x [001]", "1 2"]
    {
        let found = threads(&(sample("usual") + &sample(name)));
        assert_eq!(found[1], (name.to_owned(), 7001, 1), "{name}");
    }
    // A name may also look like a sample of an event, which is not in the recording.
    let found = threads(&(sample("usual") + &sample("w 1 2.0: e: a")));
    assert_eq!(found[1], ("w 1 2.0: e: a".to_owned(), 7001, 1));
}

#[test]
fn names_of_threads_may_have_line_breaks() {
    let text = "two\nlines 7004  10.0: cpu-clock: \n\t 1162 f (/b)\n\n\
                a\nb\nc 7005  11.0: cpu-clock: \n\t 1162 f (/b)\n\n";
    assert_eq!(threads(text), [("two lines".into(), 7004, 1), ("a b c".into(), 7005, 1)]);
    // In the fields of an event, too.
    let text = "w 7006 [003]  10.0: sched:sched_switch: prev_comm=w prev_pid=7006 prev_prio=120 \
                prev_state=S ==> next_comm=odd\nname next_pid=9 next_prio=120\n\t 1162 f (/b)\n\n";
    let events = events(text);
    assert!(events[0].payload.ends_with("next_comm=odd name next_pid=9 next_prio=120"));
    assert_eq!(events[0].sample.frames.len(), 1);
}

#[test]
fn unreadable_parts_are_left_out_and_counted() {
    let usual = "a 1 1.0: e:\n\t1 f (/x)\n\n";
    let broken = "a line that is no name of a thread\n\t1 g (/x)\n\t2 h (/x)\n\n";
    let found = records(&format!("{usual}{broken}{usual}"));
    assert!(
        matches!(&found[..], [Record::Sample(_), Record::Unread, Record::Sample(_)]),
        "{found:?}"
    );
    let frames = |record: &Record| match record {
        Record::Sample(event) => event.sample.frames.len(),
        _ => 0,
    };
    assert_eq!((frames(&found[0]), frames(&found[2])), (1, 1));
}

#[test]
fn names_that_are_no_text_are_read() {
    let line = b"a\xff 1 1.0: e: \n\t1 f (/x)\n";
    let record = read(&line[..]).next().unwrap().unwrap();
    assert!(matches!(record, Record::Sample(event) if &*event.sample.thread == "a\u{fffd}"));
}

#[test]
fn recordings_are_read() {
    let on_cpu = samples(include_str!("../../tests/data/on-cpu.txt"));
    assert_eq!(on_cpu.len(), 12);
    assert!(on_cpu.iter().all(|sample| &*sample.event == "cpu-clock" && !sample.frames.is_empty()));
    let waits = records(include_str!("../../tests/data/waits.txt"));
    let is_switch = |record: &&Record| matches!(record, Record::Switch(_));
    assert_eq!(waits.iter().filter(is_switch).count(), 47);
    assert_eq!(waits.len() - 47, 34);
}

/// A recording in the form of newer versions of perf: with addresses and offsets.
fn as_newer(text: &str) -> String {
    let line = |line: &str| match line.trim_start().split_once(' ') {
        Some((ip, rest)) if line.starts_with('\t') && ip.len() < 16 => {
            let (symbol, dso) = rest.split_once(" (").unwrap();
            let dso = dso.strip_suffix(')').unwrap();
            format!("\t    7f00000{ip:0>5} {symbol}+0x1f ({dso}+0x{ip})\n")
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn newer_versions_of_perf_say_the_same() {
    let text = include_str!("../../tests/data/on-cpu.txt");
    let (older, newer) = (samples(text), samples(&as_newer(text)));
    assert_eq!(older.len(), newer.len());
    let frames = |samples: &[Sample]| {
        samples.iter().flat_map(|sample| sample.frames.clone()).collect::<Vec<_>>()
    };
    assert_eq!(frames(&older), frames(&newer));
    assert_ne!(as_newer(text), text);
}

proptest! {
    #[test]
    fn any_name_of_a_thread_is_read(name in "[ -~]{0,15}", tid in -1..100_000i32) {
        let text = format!("{name:>16} {tid:5} [001]   12.000000345: a:b: c=d\n\n");
        let samples = samples(&text);
        prop_assert_eq!(&*samples[0].thread, name.trim());
        prop_assert_eq!((samples[0].tid, samples[0].time_ns), (tid, Some(12_000_000_345)));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "([a-f0-9 :.\\[\\]()/\t\n]{0,60}\n){0,6}") {
        let _ = read(text.as_bytes()).count();
    }
}
