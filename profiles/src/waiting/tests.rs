use super::{Kind, Sum, Waiting, waiting};
use crate::Folded;
use crate::perf::script;
use crate::sample::{Cut, Windows};
use crate::symbols::AsGiven;
use proptest::prelude::*;

fn read(text: &str, windows: &Windows) -> Waiting {
    waiting(script::read(text.as_bytes()), windows, AsGiven, &Cut::default()).unwrap()
}

fn always(text: &str) -> Waiting {
    read(text, &Windows::always())
}

fn folded(text: &str) -> Folded {
    Folded::parse(text).unwrap()
}

/// Frames, given outermost first; the kernel's begin with `k:`.
fn frames(stack: &str) -> String {
    let frame = |name: &str| match name.strip_prefix("k:") {
        Some(name) => format!("\tffffffff81000000 {name} ([kernel.kallsyms])\n"),
        None => format!("\t10 {name} (/x)\n"),
    };
    stack.split_whitespace().rev().map(frame).collect::<String>() + "\n"
}

/// A thread goes out; times are in nanoseconds.
fn out(thread: &str, tid: i32, ns: u64, state: &str, stack: &str) -> String {
    format!(
        "{thread} {tid} [000] 0.{ns:09}: sched:sched_switch: prev_comm={thread} prev_pid={tid} \
         prev_prio=120 prev_state={state} ==> next_comm=x next_pid=9 next_prio=120\n{}\
         {thread} {tid} [000] 0.{:09}: PERF_RECORD_SWITCH OUT{}\n",
        frames(stack),
        ns + 1,
        if state.starts_with('R') { " preempt" } else { "        " },
    )
}

fn back(thread: &str, tid: i32, ns: u64) -> String {
    format!("{thread} {tid} [001] 0.{ns:09}: PERF_RECORD_SWITCH IN         \n")
}

fn wake(thread: &str, tid: i32, ns: u64, woken: i32, stack: &str) -> String {
    format!(
        "{thread} {tid} [001] 0.{ns:09}: sched:sched_waking: comm=x pid={woken} prio=120 \
         target_cpu=001\n{}",
        frames(stack)
    )
}

#[test]
fn a_wait_has_its_waker() {
    let text = out("a", 1, 100, "S", "_start main lock wait k:futex_wait k:schedule")
        + &wake("b", 2, 150, 1, "clone3 start_thread unlock wake k:futex_wake")
        + &back("a", 1, 160);
    let found = always(&text);
    assert_eq!(found.stacks, folded("a;lock;wait;[futex];[woken by b];unlock;wake 60"));
    assert!(found.preempted.is_empty());
    let sum = Sum { ns: 60, count: 1, longest_ns: 60, runnable_ns: 10 };
    assert_eq!(found.by_kind, [(Kind::Futex, sum)].into());
    assert_eq!(found.by_thread, [("a".to_owned(), [(Kind::Futex, sum)].into())].into());
}

#[test]
fn the_last_waker_counts_and_interrupts_are_outside() {
    let wait = || out("a", 1, 100, "S", "_start main f k:ep_poll");
    let b = || wake("b", 2, 110, 1, "clone3 f");
    let timer = || wake("b", 2, 120, 1, "clone3 f k:asm_sysvec_apic_timer_interrupt k:wake");
    let stack = |text: String| always(&(wait() + &text + &back("a", 1, 130))).stacks.to_string();
    assert_eq!(stack(b() + &timer()), "a;f;[poll, pipe or socket];[woken from outside] 30\n");
    assert_eq!(stack(timer() + &b()), "a;f;[poll, pipe or socket];[woken by b];f 30\n");
    assert_eq!(stack(String::new()), "a;f;[poll, pipe or socket];[woken from outside] 30\n");
}

#[test]
fn preempted_threads_do_not_wait() {
    let text = out("a", 1, 100, "R", "_start main f k:schedule")
        + &back("a", 1, 130)
        + &out("a", 1, 200, "R+", "_start main f k:futex_wake k:schedule")
        + &back("a", 1, 210);
    let found = always(&text);
    assert!(found.stacks.is_empty());
    assert_eq!(found.preempted, folded("a;f;[preempted] 40"));
    assert_eq!(
        found.by_kind[&Kind::Preempted],
        Sum { ns: 40, count: 2, longest_ns: 30, runnable_ns: 40 }
    );
}

#[test]
fn only_the_part_inside_of_windows_counts() {
    let text = out("a", 1, 100, "S", "_start main f") + &back("a", 1, 200);
    let windows = Windows::from_iter([(0, 110), (150, 160), (190, 500)]);
    let found = read(&text, &windows);
    assert_eq!(
        found.by_kind[&Kind::Other],
        Sum { ns: 30, count: 1, longest_ns: 30, runnable_ns: 0 }
    );
    assert_eq!(read(&text, &Windows::from_iter([(200, 300)])), Waiting::default());
}

#[test]
fn a_thread_that_does_not_come_back_waits_until_the_end() {
    let text = out("a", 1, 100, "D", "_start main f k:io_schedule")
        + &out("b", 2, 150, "X", "clone3 f k:do_exit")
        + &back("c", 3, 180);
    let stack = "a;f;[disk or file];[not woken]";
    assert_eq!(
        always(&text).stacks,
        folded(&format!("{stack} 80")),
        "a thread that ended does not wait"
    );
    let windows = Windows::from_iter([(0, 120)]);
    assert_eq!(read(&text, &windows).stacks, folded(&format!("{stack} 20")));
}

#[test]
fn lost_events_are_not_guessed() {
    let text = "a 1 [000] 0.000000100: PERF_RECORD_SWITCH OUT        \n".to_owned()
        + &back("a", 1, 110)
        + &out("a", 1, 120, "S", "_start main f")
        + &out("a", 1, 140, "S", "_start main g")
        + &back("a", 1, 150)
        + "a 1 [000] 0.1: PERF_RECORD_LOST lost 2\n";
    let found = always(&text);
    let expected = "a;[other];[woken from outside] 10\na;g;[other];[woken from outside] 10\n";
    assert_eq!(found.stacks.to_string(), expected);
    assert_eq!((found.unknown_end, found.lost), (1, 2));
}

#[test]
fn wakers_are_named_as_in_stacks_and_bounded() {
    let deep: String = (0..30).map(|level| format!("f{level} ")).collect();
    let text = out("w", 1, 100, "S", "clone3 a k:futex_wait")
        + &out("w", 2, 100, "S", "clone3 b k:futex_wait")
        + &wake("w", 2, 110, 1, &format!("clone3 {deep}"))
        + &back("w", 1, 120);
    let found = always(&text).stacks.to_string();
    let stack = found.lines().next().unwrap();
    assert!(stack.starts_with("w;a;[futex];[woken by w #2];[...];f6;f7;"), "{stack}");
    assert!(stack.ends_with(";f28;f29 20"), "{stack}");
}

#[test]
fn a_recording_becomes_waits() {
    let found = always(include_str!("../../tests/data/waits.txt"));
    let threads: Vec<_> = found.by_thread.keys().map(String::as_str).collect();
    assert_eq!(threads, ["answers (odd) [", "daemon", "deep", "reader", "sleeper", "waits"]);
    let sleep = found.by_thread["sleeper"][&Kind::Sleep];
    assert_eq!(sleep.ns, 878_105_177 - 858_027_914);
    let read = found.by_thread["reader"][&Kind::Poll];
    assert_eq!(read.ns, 873_863_433 - 858_061_434);
    let text = found.stacks.to_string();
    let has = |part: &str| assert!(text.contains(part), "{part} is not in\n{text}");
    has("answers (odd) [;waits::answer;");
    has(";[sleep];[woken from outside]");
    has(";[poll, pipe or socket];[woken by waits];waits::main;");
    has(";[futex];[woken by answers (odd) [];waits::answer;");
    assert!(found.truncated > 0, "the stack of recursion is too large");
    assert!(found.preempted.to_string().contains("deep;[truncated];waits::recurse;"));
}

fn any_text() -> impl Strategy<Value = String> {
    let event = (0..4u8, 1..4i32, 1..4i32, 0..3usize);
    let text = |(what, tid, other, state): &(u8, i32, i32, usize), ns| match what {
        0 | 1 => out("t", *tid, ns, ["S", "R", "X"][*state], "_start main f k:futex_wait"),
        2 => back("t", *tid, ns),
        _ => wake("t", *other, ns, *tid, "_start main g"),
    };
    prop::collection::vec(event, 0..40).prop_map(move |events| {
        events.iter().zip(0..).map(|(event, at)| text(event, at * 10)).collect()
    })
}

proptest! {
    #[test]
    fn sums_are_kept(
            text in any_text(),
            windows in prop::collection::vec((0..400u64, 0..400u64), 0..4),
        ) {
        let windows: Windows = windows.into_iter().collect();
        let found = read(&text, &windows);
        let by_kind: u64 = found.by_kind.values().map(|sum| sum.ns).sum();
        prop_assert_eq!(found.stacks.total() + found.preempted.total(), by_kind);
        prop_assert!(found.by_kind.values().all(|sum| sum.runnable_ns <= sum.ns));
        let by_thread = found.by_thread.values().flat_map(|kinds| kinds.values());
        prop_assert_eq!(by_thread.map(|sum| sum.ns).sum::<u64>(), by_kind);
        let outside: Windows = complement(&windows).into_iter().collect();
        prop_assert_eq!(total(&found) + total(&read(&text, &outside)), total(&always(&text)));
    }
}

fn total(found: &Waiting) -> u64 {
    found.by_kind.values().map(|sum| sum.ns).sum()
}

/// All times of these tests that are not in the windows.
fn complement(windows: &Windows) -> Vec<(u64, u64)> {
    let ends = [0].into_iter().chain(windows.iter().map(|(_, end)| end));
    let begins = windows.iter().map(|(begin, _)| begin).chain([1_000_000]);
    ends.zip(begins).collect()
}
