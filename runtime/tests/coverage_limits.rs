//! Beyond a limit, counts are kept together, not lost.

use simple_runtime::coverage::{
    self, MAX_PATHS, MAX_VECTORS, McdcBeyondRow, PathBeyondRow, Report, Site, path_begin,
    path_block, path_finalize, report,
};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

fn from_nothing() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    coverage::clear();
    guard
}

/// A path of twenty blocks, another one for each number.
fn pass(path: u32, number: usize) {
    for bit in 0..20 {
        path_block(path, 2 * bit + (number >> bit & 1) as u32);
    }
    path_finalize(path);
}

fn hits(report: &Report) -> u64 {
    report.paths.iter().map(|row| row.hit_count).sum()
}

#[test]
fn paths_beyond_the_limit_are_counted_by_their_number() {
    let _one = from_nothing();
    const TIMES: usize = 3;
    const PATHS: usize = MAX_PATHS + 1000;
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..TIMES {
                    (0..PATHS).for_each(|number| pass(1, number));
                    (0..100).for_each(|number| pass(2, number));
                }
            });
        }
    });
    let report = report();
    let [one, two] =
        [1, 2].map(|path| report.paths.iter().filter(|row| row.path_id == path).count());
    assert_eq!([one, two], [MAX_PATHS, 100]);
    let [beyond] = &report.paths_beyond[..] else { panic!("{:?}", report.paths_beyond) };
    assert_eq!(beyond.path_id, 1);
    // Those that are kept are counted each time.
    assert!(report.paths.iter().all(|row| row.hit_count == 4 * TIMES as u64));
    assert_eq!(hits(&report) + beyond.hit_count, (4 * TIMES * (PATHS + 100)) as u64);
    let sdn = report.to_sdn();
    let table = format!("\npaths_beyond |path_id, hit_count|\n    1, {}\n", beyond.hit_count);
    assert!(sdn.find(&table).unwrap() > sdn.find("\nsummary:\n").unwrap());
}

/// The next ones after a clear have the room that those before it had.
#[test]
fn a_clear_makes_room_for_other_paths() {
    let _one = from_nothing();
    for round in 0..3 {
        (0..MAX_PATHS + 1).for_each(|number| pass(1, number << round));
        let full = report();
        assert_eq!(full.paths.len(), MAX_PATHS);
        assert_eq!(full.paths_beyond, [PathBeyondRow { path_id: 1, hit_count: 1 }]);
        coverage::clear();
        pass(1, 1 << 19);
        let other = report();
        assert_eq!((other.paths.len(), other.paths_beyond), (1, vec![]));
        coverage::clear();
    }
}

/// Long paths take up the room of a number before there are many of them.
#[test]
fn long_paths_are_limited_by_their_blocks() {
    let _one = from_nothing();
    const PATHS: u32 = 100;
    for last in 0..PATHS {
        (0..40_000).for_each(|_| path_block(3, 1));
        path_block(3, 100 + last);
        path_finalize(3);
    }
    let report = report();
    let blocks: usize = report.paths.iter().map(|row| row.blocks.len()).sum();
    assert!(blocks <= 1 << 20, "{blocks} blocks");
    assert_eq!(hits(&report) + report.paths_beyond[0].hit_count, u64::from(PATHS));
}

/// Recursion that an exception ends before its paths do.
#[test]
fn forgotten_traces_are_counted() {
    let _one = from_nothing();
    const BEGUN: u64 = 5 << 20;
    thread::spawn(|| (0..BEGUN).for_each(|_| path_begin(4))).join().unwrap();
    let [row] = &report().paths_beyond[..] else { panic!("nothing was forgotten") };
    assert_eq!(row.path_id, 4);
    assert!((BEGUN / 2..BEGUN).contains(&row.hit_count), "{row:?}");
}

/// Conditions 0 to 12 in all combinations, as one without short-circuits has them.
#[test]
fn vectors_beyond_the_limit_are_counted() {
    let _one = from_nothing();
    let site = Site::new(c"limits.spl", 1, 1);
    const ALL: usize = 1 << 13;
    for round in 1..=2 {
        for values in 0..ALL {
            (0..13).for_each(|c| coverage::condition(1, c, values >> c & 1 == 1, site));
            coverage::decision(1, values.is_power_of_two(), site);
        }
        let report = report();
        assert_eq!(report.mcdc[0].vectors, MAX_VECTORS);
        let beyond = McdcBeyondRow {
            decision_id: 1,
            file: "limits.spl".into(),
            line: 1,
            column: 1,
            hit_count: (round * (ALL - MAX_VECTORS)) as u64,
        };
        assert_eq!(report.mcdc_beyond, [beyond]);
    }
    let sdn = report().to_sdn();
    assert!(sdn.contains("\nmcdc_beyond |decision_id, file, line, column, hit_count|\n    1, limits.spl, 1, 1, 8192\n"));
    coverage::clear();
    assert_eq!(report(), Report::default());
}

#[test]
fn evaluations_with_too_many_conditions_are_counted() {
    let _one = from_nothing();
    let site = Site::new(c"limits.spl", 2, 1);
    for _ in 0..3 {
        coverage::condition(2, 64, true, site);
        coverage::decision(2, true, site);
    }
    let report = report();
    assert_eq!(report.mcdc, []);
    assert_eq!(report.mcdc_beyond.iter().map(|row| row.hit_count).collect::<Vec<_>>(), [3]);
}
