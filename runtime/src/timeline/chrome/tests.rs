use super::*;
use serde_json::{Value, json};

fn event(at_ns: u64, duration_ns: u64, kind: Kind) -> Event {
    Event { at_ns, duration_ns, kind }
}

fn thread(name: &str, tid: u64, worker: Option<u32>, events: Vec<Event>) -> ThreadTimeline {
    ThreadTimeline { name: name.to_owned(), tid, worker, events, dropped: 0 }
}

fn entries(threads: Vec<ThreadTimeline>) -> Vec<Value> {
    let timeline = Timeline { threads, dropped_threads: 0, began_ns: 0, ended_ns: u64::MAX };
    let mut json = Vec::new();
    timeline.write_chrome_trace(&mut json).unwrap();
    let trace: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(trace["displayTimeUnit"], "ns");
    trace["traceEvents"].as_array().unwrap().clone()
}

/// Returns the entries of one phase, without the fields that all have.
fn of_phase(entries: &[Value], phase: &str) -> Vec<Value> {
    let mut found: Vec<_> = entries.iter().filter(|entry| entry["ph"] == phase).cloned().collect();
    for entry in &mut found {
        let entry = entry.as_object_mut().unwrap();
        assert_eq!(entry.remove("pid"), Some(json!(std::process::id())));
        entry.remove("ph");
    }
    found
}

#[test]
fn without_threads_it_is_an_object_with_an_empty_list() {
    assert_eq!(entries(Vec::new()), Vec::<Value>::new());
}

#[test]
fn threads_that_were_dropped_are_counted_beside_the_list() {
    let timeline = Timeline { threads: vec![], dropped_threads: 7, began_ns: 0, ended_ns: 1 };
    let mut json = Vec::new();
    timeline.write_chrome_trace(&mut json).unwrap();
    let trace: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(trace["otherData"], json!({ "dropped_threads": 7 }));
}

#[test]
fn names_of_threads_are_quoted() {
    for name in ["", "main", "a \"quoted\" \\ name", "line\nbreak\u{1}\t", "föhn ☂ 😀", "\u{7f}</"]
    {
        let entries = entries(vec![thread(name, 7, None, Vec::new())]);
        let names = of_phase(&entries, "M");
        assert_eq!(names[0], json!({"name": "thread_name", "tid": 7, "args": {"name": name}}));
    }
}

#[test]
fn slices_have_their_times_in_microseconds() {
    let events = vec![
        event(5_001, 1_999, Kind::Run { jobs: 3, inline_run: 4 }),
        event(7_000, 12_345_678, Kind::Park),
        event(1 << 50, 0, Kind::Blocked),
    ];
    let slices = of_phase(&entries(vec![thread("w", 1, Some(0), events)]), "X");
    let args = json!({"jobs": 3, "inline_run": 4});
    assert_eq!(
        slices[0],
        json!({"name": "run", "cat": "executor", "tid": 1, "ts": 5.001, "dur": 1.999, "args": args})
    );
    assert_eq!((&slices[1]["name"], &slices[1]["dur"]), (&json!("park"), &json!(12345.678)));
    assert_eq!(slices[2]["ts"], json!(1_125_899_906_842.624));
}

#[test]
fn steals_and_wake_ups_are_instants_of_their_threads() {
    let events = vec![
        event(1, 0, Kind::Steal { victim: 2, jobs: 9 }),
        event(2, 0, Kind::Wake { worker: 3 }),
    ];
    let entries = entries(vec![thread("w", 1, Some(0), events)]);
    let instants = of_phase(&entries, "i");
    let args = json!({"victim": 2, "jobs": 9});
    let steal = json!({
        "name": "steal", "cat": "executor", "s": "t", "tid": 1, "ts": 0.001, "args": args
    });
    assert_eq!(instants[0], steal);
    assert_eq!(instants[1]["args"], json!({"worker": 3}));
    assert!(of_phase(&entries, "s").is_empty(), "nobody is known to have been woken");
}

#[test]
fn arrows_lead_from_a_wake_up_to_the_end_of_the_sleep_that_it_ended() {
    let wakes = vec![
        event(90, 0, Kind::Wake { worker: 0 }),
        event(150, 0, Kind::Wake { worker: 0 }),
        event(300, 0, Kind::Wake { worker: 0 }),
        event(450, 0, Kind::Wake { worker: 0 }),
    ];
    // Two threads were worker 0, one after the other.
    let first = vec![event(100, 100, Kind::Park)];
    let second = vec![event(400, 100, Kind::Park)];
    let entries = entries(vec![
        thread("first", 1, Some(0), first),
        thread("second", 2, Some(0), second),
        thread("other", 3, None, wakes),
    ]);
    let arrows = |phase: &str| {
        let ends = of_phase(&entries, phase);
        ends.iter().map(|end| json!([end["id"], end["tid"], end["ts"]])).collect::<Vec<_>>()
    };
    assert_eq!(arrows("s"), [json!([1, 3, 0.15]), json!([2, 3, 0.45])]);
    assert_eq!(arrows("f"), [json!([1, 1, 0.199]), json!([2, 2, 0.499])]);
}

#[test]
fn what_was_dropped_is_told() {
    let mut thread = thread("w", 1, Some(0), vec![event(7_000, 0, Kind::Park)]);
    thread.dropped = 12;
    let instants = of_phase(&entries(vec![thread]), "i");
    assert_eq!((&instants[0]["args"], &instants[0]["ts"]), (&json!({"events": 12}), &json!(7.0)));
}

#[test]
fn an_error_of_the_writer_is_answered() {
    let timeline = Timeline { threads: vec![], dropped_threads: 0, began_ns: 0, ended_ns: 0 };
    let mut too_short = [0_u8; 5];
    assert!(timeline.write_chrome_trace(&mut too_short[..]).is_err());
}
