use super::on_cpu;
use super::script::{self, EventSample, Record};
use crate::Folded;
use crate::sample::{Cut, Frame, OnCpu, Place, Sample, Windows};
use crate::symbols::AsGiven;
use proptest::prelude::*;

fn read(text: &str, windows: &Windows, cut: &Cut) -> OnCpu {
    on_cpu(script::read(text.as_bytes()), windows, AsGiven, cut).unwrap()
}

/// A stack in perf's form, from names given outermost first.
fn sample(thread: &str, tid: i32, time: u64, stack: &str) -> String {
    let mut text = format!("{thread} {tid} {time}.0: cpu-clock: \n");
    for name in stack.split(' ').rev() {
        let ip = if name.starts_with("sys_") { "ffffffff81000000" } else { "10" };
        text += &format!("\t{ip} {name} (/x)\n");
    }
    text + "\n"
}

#[test]
fn a_recording_becomes_stacks_by_thread() {
    let text = include_str!("../../tests/data/on-cpu.txt");
    let found = read(text, &Windows::always(), &Cut::default());
    assert_eq!((found.inside, found.outside, found.truncated, found.lost), (12, 0, 4, 0));
    assert_eq!(found.events["cpu-clock"], 12);
    let inclusive = found.stacks.inclusive_counts();
    let of = |name| inclusive.get(name).copied().unwrap_or(0);
    assert_eq!((of("waits"), of("deep"), of("answers (odd) [")), (4, 4, 4));
    assert_eq!((of("waits::main"), of("main"), of("clone3")), (3, 0, 0));
    let deep = ["deep", "[truncated]", "waits::recurse", "waits::spin"];
    assert_eq!(found.stacks.count(&deep), 3, "{}", found.stacks);
}

#[test]
fn windows_leave_out_what_was_not_measured() {
    let text = include_str!("../../tests/data/on-cpu.txt");
    let windows = Windows::from_iter([(1_188_604_653_583, 1_188_606_149_600)]);
    let found = read(text, &windows, &Cut::default());
    assert_eq!((found.inside, found.outside), (3, 9));
    assert_eq!(found.stacks.total(), 3);
}

#[test]
fn callers_of_the_marker_are_cut_off() {
    let text = sample("a", 1, 1, "_start main x::main mark f g sys_read")
        + &sample("a", 1, 2, "lost a::mark f")
        + &sample("b", 2, 3, "clone3 start_thread f")
        + &sample("b", 2, 4, "lost f");
    let found = read(&text, &Windows::always(), &Cut::at("mark"));
    let expected = "a;a::mark;f 1\na;mark;f;g;sys_read_[k] 1\nb;[truncated];lost;f 1\nb;f 1\n";
    assert_eq!(found.stacks.to_string(), expected);
    assert_eq!(found.truncated, 1);
}

#[test]
fn direct_recursion_is_one_frame() {
    let text = sample("a", 1, 1, "_start f f f g f f");
    let found = read(&text, &Windows::always(), &Cut::default());
    assert_eq!(found.stacks, Folded::parse("a;f;g;f 1").unwrap());
}

#[test]
fn samples_outside_of_the_program_are_not_cut_off() {
    let text = sample("a", 1, 1, "sys_exit sys_free") + "a 1 2.0: cpu-clock:\n\n";
    let found = read(&text, &Windows::always(), &Cut::default());
    let expected = "a;[truncated] 1\na;sys_exit_[k];sys_free_[k] 1\n";
    assert_eq!(found.stacks.to_string(), expected);
}

#[test]
fn the_last_addresses_of_a_failed_unwinder_are_no_functions() {
    let kernel = "\tffffffff81000000 sys_read (/x)\n";
    let nowhere = "\tffffffffffffffff [unknown] ([unknown])\n";
    let text = format!(
        "a 1 1.0: e:\n{kernel}\t1 f (/x)\n{nowhere}\n\
         a 1 2.0: e:\n\t1 f (/x)\n\t3 [unknown] ([unknown])\n{nowhere}\n\
         a 1 3.0: e:\n{kernel}\t3 [unknown] ([unknown])\n\n"
    );
    let found = read(&text, &Windows::always(), &Cut::default());
    let expected =
        "a;[truncated];f 1\na;[truncated];f;sys_read_[k] 1\na;[truncated];sys_read_[k] 1";
    assert_eq!(found.stacks, Folded::parse(expected).unwrap());
    assert_eq!(found.truncated, 3);
}

#[test]
fn losses_are_added() {
    let text = "a 1 1.0: PERF_RECORD_LOST lost 3\na 1 1.0: PERF_RECORD_LOST_SAMPLES lost 4\n";
    assert_eq!(read(text, &Windows::default(), &Cut::default()).lost, 7);
}

fn any_sample() -> impl Strategy<Value = Record> {
    let frames = prop::collection::vec((0..3usize, 0..4usize), 0..5);
    ("[ab]", 0..20i32, 0..100u64, frames).prop_map(|(thread, tid, time_ns, frames)| {
        let frame = |(place, name): (usize, usize)| Frame {
            function: [None, Some("_start"), Some("f"), Some("mark")][name].map(Into::into),
            place: [Place::Kernel, Place::Unknown, Place::Program][place].clone(),
        };
        let frames = frames.into_iter().map(frame).collect();
        let (thread, time_ns) = (thread.into(), Some(time_ns));
        let sample = Sample { thread, tid, time_ns, event: "e".into(), frames };
        Record::Sample(EventSample { sample, payload: String::new() })
    })
}

proptest! {
    #[test]
    fn every_sample_is_inside_or_outside(
        records in prop::collection::vec(any_sample(), 0..60),
        windows in prop::collection::vec((0..100u64, 0..100u64), 0..4),
    ) {
        let windows: Windows = windows.into_iter().collect();
        let total = records.len() as u64;
        let cut = Cut::at("mark");
        let found = on_cpu(records.into_iter().map(Ok), &windows, AsGiven, &cut).unwrap();
        prop_assert_eq!(found.inside + found.outside, total);
        prop_assert_eq!(found.stacks.total(), found.inside);
        prop_assert_eq!(found.events.values().sum::<u64>(), found.inside);
        prop_assert!(found.truncated <= found.inside);
    }
}
