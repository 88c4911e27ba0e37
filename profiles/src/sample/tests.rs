use super::*;
use crate::symbols::AsGiven;

fn sample(thread: &str, tid: i32, functions: &[&str]) -> Sample {
    let frame =
        |function: &&str| Frame { function: Some((*function).into()), place: Place::Program };
    Sample {
        thread: thread.into(),
        tid,
        time_ns: None,
        event: "test".into(),
        frames: functions.iter().map(frame).collect(),
    }
}

#[test]
fn samples_of_any_sampler_become_stacks() {
    let (windows, cut) = (Windows::default(), Cut::at("mark"));
    let mut collector = Collector::new(&windows, AsGiven, &cut);
    collector.add(&sample("a", 1, &["g", "f", "mark", "main"]), 3);
    collector.add(&sample("a", 1, &["g", "g", "f", "mark", "main"]), 1);
    collector.add(&sample("w", 2, &["f", "start_thread", "clone3"]), 2);
    collector.add(&sample("w", 3, &["f", "lost"]), 4);
    let collected = collector.finish();
    let stacks = "a;mark;f;g 4\nw;f 2\nw #2;[truncated];lost;f 4\n";
    assert_eq!(collected.stacks.to_string(), stacks);
    assert_eq!((collected.inside, collected.outside, collected.truncated), (10, 0, 4));
}

#[test]
fn a_time_outside_of_the_windows_is_not_measured() {
    let (windows, cut) = (Windows::from_iter([(10, 20)]), Cut::default());
    let mut collector = Collector::new(&windows, AsGiven, &cut);
    for time_ns in [None, Some(9), Some(10), Some(20)] {
        collector.add(&Sample { time_ns, ..sample("a", 1, &["f", "main"]) }, 1);
    }
    let collected = collector.finish();
    assert_eq!((collected.inside, collected.outside), (2, 2));
}
