//! Tests of traces that nest, are forgotten, and cleared.

use super::{MAX_BLOCKS, MAX_HELD, MAX_OPEN, MAX_PATHS, Traces};

fn finish(traces: &mut Traces, path: u32) -> Option<Vec<u32>> {
    let mut blocks = None;
    traces.finish(path, 0, |passed, _| blocks = Some(passed.to_vec()));
    blocks
}

/// Checks that the totals equal those of the paths.
fn check(traces: &Traces) {
    let paths = traces.paths.iter();
    assert_eq!(traces.open, paths.clone().map(|path| path.begins.len()).sum::<usize>());
    assert_eq!(traces.held, paths.map(|path| path.blocks.len()).sum::<usize>());
}

fn lost(traces: &mut Traces) -> u64 {
    traces.lost().iter().map(|(_, times)| times).sum()
}

#[test]
fn outer_traces_are_forgotten_and_leave_no_partial_path() {
    let mut traces = Traces::default();
    let last = MAX_OPEN as u32;
    for depth in 0..=last {
        traces.begin(1, 0);
        traces.block(1, depth, 0);
    }
    assert_eq!(traces.lost(), [(1, u64::from(last / 2))]);
    for depth in (last - MAX_OPEN as u32 / 2..=last).rev() {
        assert_eq!(finish(&mut traces, 1), Some(vec![depth]));
    }
    assert_eq!(finish(&mut traces, 1), None);
    traces.block(1, 99, 0);
    assert_eq!(finish(&mut traces, 1), None);
    check(&traces);
}

#[test]
fn a_trace_keeps_its_beginning() {
    let mut traces = Traces::default();
    for block in 0..MAX_BLOCKS as u32 + 5 {
        traces.block(7, block, 0);
    }
    assert_eq!(finish(&mut traces, 7), Some((0..MAX_BLOCKS as u32).collect()));
    check(&traces);
}

/// Outer traces without blocks free nothing; the inner ones have as many blocks as fit.
#[test]
fn many_blocks_push_out_outer_traces() {
    let mut traces = Traces::default();
    for _ in 0..1000 {
        traces.begin(1, 0);
    }
    let whole = MAX_HELD / MAX_BLOCKS;
    for trace in 0..=whole as u32 {
        traces.begin(1, 0);
        for _ in 0..MAX_BLOCKS {
            traces.block(1, trace, 0);
        }
    }
    for trace in (whole as u32 / 2 + 1..=whole as u32).rev() {
        assert_eq!(finish(&mut traces, 1), Some(vec![trace; MAX_BLOCKS]));
    }
    check(&traces);
}

/// Long traces of many numbers, none of which ends, are bounded.
#[test]
fn traces_of_many_numbers_are_bounded_together() {
    let mut traces = Traces::default();
    for path in 0..2 * (MAX_HELD / MAX_BLOCKS) as u32 {
        for block in 0..MAX_BLOCKS as u32 {
            traces.block(path, block, 0);
        }
    }
    check(&traces);
    assert!(traces.held <= MAX_HELD);
    let last = 2 * (MAX_HELD / MAX_BLOCKS) as u32 - 1;
    assert_eq!(finish(&mut traces, last).unwrap().len(), MAX_BLOCKS);
    assert!(lost(&mut traces) > 0);
}

#[test]
fn numbers_are_bounded_and_none_is_lost_silently() {
    let mut traces = Traces::default();
    let numbers = 3 * MAX_PATHS as u32;
    for path in 0..numbers {
        traces.block(path, 1, 0);
    }
    check(&traces);
    assert!(traces.paths.len() <= MAX_PATHS);
    assert_eq!(lost(&mut traces) + traces.open as u64, u64::from(numbers));
    for path in 0..numbers {
        traces.block(path, 1, 0);
        assert!(finish(&mut traces, path).is_some());
    }
    assert!(traces.paths.len() <= MAX_PATHS);
}

#[test]
fn a_clear_forgets_what_is_open() {
    let mut traces = Traces::default();
    traces.block(1, 1, 0);
    traces.begin(2, 0);
    traces.begin(2, 0);
    traces.block(1, 2, 2);
    let mut blocks = Vec::new();
    traces.finish(1, 2, |passed, _| blocks = passed.to_vec());
    assert_eq!(blocks, [2]);
    traces.block(2, 3, 2);
    traces.finish(2, 2, |_, _| panic!("a path that was begun explicitly stays so"));
    check(&traces);
}

/// The order in which numbers were met first does not matter.
#[test]
fn of_too_many_numbers_the_outer_traces_are_forgotten() {
    let mut traces = Traces::default();
    let numbers = MAX_PATHS as u32;
    for path in (0..numbers).rev() {
        traces.block(path, 1, 0);
        assert_eq!(finish(&mut traces, path), Some(vec![1]));
    }
    for path in 0..=numbers {
        traces.block(path, 2, 0);
    }
    check(&traces);
    let mut outer = traces.lost();
    outer.sort_unstable();
    assert_eq!(outer, (0..numbers / 2).map(|path| (path, 1)).collect::<Vec<_>>());
    for path in numbers / 2..=numbers {
        assert_eq!(finish(&mut traces, path), Some(vec![2]));
    }
    check(&traces);
}
