//! A clear forgets what is in progress too, on every thread, and waits for no dump.

use simple_runtime::coverage::{self, Report, Site, clear, path_begin, path_block, path_finalize};
use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

fn from_nothing() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    clear();
    guard
}

fn site() -> Site<'static> {
    Site::new(c"clear.spl", 1, 1)
}

/// Begins on one thread, clears on another, and goes on with the first.
fn clear_between(before: impl FnOnce() + Send, after: impl FnOnce() + Send) -> Report {
    thread::scope(|scope| {
        let (begun, is_begun) = channel::<()>();
        let (cleared, is_cleared) = channel::<()>();
        let thread = scope.spawn(move || {
            before();
            begun.send(()).unwrap();
            is_cleared.recv().unwrap();
            after();
        });
        is_begun.recv().unwrap();
        clear();
        assert_eq!(coverage::report(), Report::default());
        cleared.send(()).unwrap();
        thread.join().unwrap();
    });
    coverage::report()
}

#[test]
fn an_evaluation_in_progress_gives_no_vector() {
    let _one = from_nothing();
    let report = clear_between(
        || coverage::condition(1, 0, true, site()),
        || {
            coverage::condition(1, 1, true, site());
            coverage::decision(1, true, site());
        },
    );
    assert_eq!(report.mcdc, []);
    assert_eq!((report.decisions.len(), report.conditions.len()), (1, 1));
    let report = clear_between(
        || coverage::condition(1, 0, true, site()),
        || coverage::decision(1, true, site()),
    );
    assert_eq!((report.mcdc, report.decisions.len()), (vec![], 1));
}

#[test]
fn an_evaluation_that_begins_later_does() {
    let _one = from_nothing();
    let report = clear_between(
        || (0..3).for_each(|_| coverage::condition(1, 0, true, site())),
        || {
            for value in [true, false] {
                coverage::condition(1, 0, value, site());
                coverage::decision(1, value, site());
            }
        },
    );
    assert_eq!(
        report.mcdc.iter().map(|row| (row.vectors, row.masking_covered)).collect::<Vec<_>>(),
        [(2, 1)]
    );
}

#[test]
fn a_path_in_progress_is_forgotten() {
    let _one = from_nothing();
    let blocks = |report: Report| -> Vec<_> {
        report.paths.into_iter().map(|row| (row.path_id, row.blocks, row.hit_count)).collect()
    };
    let report = clear_between(
        || path_block(1, 1),
        || {
            path_block(1, 2);
            path_finalize(1);
            path_finalize(1);
        },
    );
    assert_eq!(blocks(report), [(1, vec![2], 1)]);
    let report = clear_between(
        || (0..3).for_each(|_| path_begin(2)),
        || {
            path_block(2, 7);
            path_finalize(2);
            path_begin(2);
            path_finalize(2);
        },
    );
    assert_eq!(blocks(report), [(2, vec![], 1)]);
}

/// Each evaluation and each pass falls on one side of a clear that races with it.
#[test]
fn clears_that_race_lose_and_double_nothing() {
    let _one = from_nothing();
    const ROUNDS: u64 = 60_000;
    let count = |report: &Report| {
        let decisions: u64 = report.decisions.iter().map(|row| row.true_count).sum();
        let paths: u64 = report.paths.iter().map(|row| row.hit_count).sum();
        (decisions, paths + report.paths_beyond.iter().map(|row| row.hit_count).sum::<u64>())
    };
    let threads: Vec<_> = (0..3)
        .map(|t| {
            thread::spawn(move || {
                for i in 0..ROUNDS {
                    coverage::decision((i % 50) as u32, true, site());
                    path_begin(t);
                    path_finalize(t);
                }
            })
        })
        .collect();
    let (mut decisions, mut paths, mut clears) = (0, 0, 0);
    while !threads.iter().all(|thread| thread.is_finished()) {
        let part = count(&coverage::take_report());
        decisions += part.0;
        paths += part.1;
        clears += 1;
        // Dumps in between take nothing away.
        coverage::report();
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let rest = count(&coverage::report());
    assert_eq!(decisions + rest.0, 3 * ROUNDS);
    // A clear forgets one open trace a thread at most, and nothing is counted twice.
    assert!(((3 * ROUNDS).saturating_sub(3 * clears)..=3 * ROUNDS).contains(&(paths + rest.1)));
}

/// A dump never has what lies on both sides of a clear.
#[test]
fn dumps_beside_clears_are_of_one_side() {
    let _one = from_nothing();
    const COUNTS: u64 = 1000;
    thread::scope(|scope| {
        let (stop, stopped) = channel::<()>();
        scope.spawn(move || {
            for _ in 0..2000 {
                for i in 0..COUNTS {
                    coverage::decision((i % 100) as u32, true, site());
                }
                clear();
            }
            stop.send(()).unwrap();
        });
        while stopped.try_recv().is_err() {
            let counted: u64 = coverage::report().decisions.iter().map(|row| row.true_count).sum();
            assert!(counted <= COUNTS, "{counted}");
        }
    });
}

/// The rows of a table of a dump.
fn rows<'d>(dump: &'d str, table: &str) -> Vec<Vec<&'d str>> {
    let mut lines = dump.lines().skip_while(|line| !line.starts_with(&format!("{table} |")));
    lines.next();
    let rows = lines.take_while(|line| line.starts_with("    "));
    rows.map(|row| row.trim().split(", ").collect()).collect()
}

/// Number of evaluations of all decisions in a dump. Checks that the dump is of one moment: its
/// tables agree with each other and with the summary.
fn evaluated(dump: &str) -> u64 {
    assert!(dump.starts_with("# Coverage Report\nversion: 1.0\n"), "{dump}");
    let decisions = rows(dump, "decisions");
    assert!(dump.contains(&format!("total_decisions: {}\n", decisions.len())), "{dump}");
    let total = rows(dump, "conditions").len();
    assert!(dump.contains(&format!("total_conditions: {total}\n")), "{dump}");
    let place = |row: &[&str]| row[..4].join(", ");
    for row in rows(dump, "mcdc") {
        assert!(decisions.iter().any(|decision| place(decision) == place(&row)), "{dump}");
    }
    let count = |count: &str| count.parse::<u64>().expect("a count");
    decisions.iter().map(|row| count(row[4]) + count(row[5])).sum()
}

/// One thread counts, switches and clears, while another dumps.
#[test]
fn dumps_beside_clears_and_switches_are_whole_and_lose_nothing() {
    const ROUNDS: u64 = 3000;
    const IDS: u64 = 100;
    let _one = from_nothing();
    let evaluate = |id: u64| {
        coverage::condition(id as u32, 0, id.is_multiple_of(2), site());
        coverage::decision(id as u32, id.is_multiple_of(2), site());
    };
    thread::scope(|scope| {
        let (dump_made, dumped) = channel::<()>();
        let counts = scope.spawn(move || {
            let mut taken = 0;
            for round in 0..ROUNDS {
                (0..IDS).for_each(evaluate);
                coverage::set_enabled(false);
                (0..IDS).for_each(evaluate);
                coverage::set_enabled(true);
                if round % 3 == 2 {
                    taken += evaluated(&coverage::take_report().to_sdn());
                }
                if round % 500 == 0 {
                    // One that began in between, and ends.
                    while dumped.try_recv().is_ok() {}
                    dumped.recv().unwrap();
                }
            }
            taken + evaluated(&coverage::report().to_sdn())
        });
        while !counts.is_finished() {
            let counted = evaluated(&coverage::report().to_sdn());
            assert!(counted <= 3 * IDS, "{counted}");
            // The other thread may be through.
            let _ = dump_made.send(());
        }
        assert_eq!(counts.join().unwrap(), ROUNDS * IDS);
    });
}
