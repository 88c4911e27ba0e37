//! A process that forks while its threads count, come to new sites, end, dump and clear: the
//! child counts its own. Alone in its process.

#[path = "common/in_child.rs"]
mod in_child;

use in_child::in_child;
use simple_runtime::coverage::{self, Site, path_block, path_finalize};
use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

const FORKS: usize = 40;

fn site(line: u32) -> Site<'static> {
    Site::new(c"fork.spl", line, 1)
}

/// Everything at once that takes a lock or changes a table.
fn disturb(stop: &Arc<AtomicBool>) -> Vec<thread::JoinHandle<()>> {
    static NEXT: AtomicU32 = AtomicU32::new(1000);
    fn new_sites() {
        for _ in 0..50 {
            let id = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = CString::new(format!("fork_{}.spl", id % 500)).unwrap();
            coverage::condition(id, 0, true, Site::new(&*name, 1, 1));
            coverage::decision(id, true, Site::new(&*name, 1, 1));
            path_block(id % 300, id);
            path_finalize(id % 300);
        }
    }
    let jobs: [fn(); 4] = [
        || thread::spawn(new_sites).join().unwrap(),
        new_sites,
        || drop(coverage::report()),
        || drop(coverage::take_report()),
    ];
    jobs.map(|job| {
        let stop = stop.clone();
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                job();
            }
        })
    })
    .into()
}

/// The child: known and new sites, on this thread and on one of its own; all of it
/// counts, and nothing of the parent's does.
fn count_in_child(fork: usize) {
    coverage::decision(1, true, site(1));
    coverage::decision(2, false, site(2));
    thread::spawn(|| coverage::decision(1, false, site(1))).join().unwrap();
    coverage::condition(3, 0, true, site(3));
    coverage::decision(3, true, site(3));
    path_block(9, 1);
    path_finalize(9);
    let report = coverage::report();
    let decisions: Vec<_> =
        report.decisions.iter().map(|row| (row.id, row.true_count, row.false_count)).collect();
    assert_eq!(decisions, [(1, 1, 1), (2, 0, 1), (3, 1, 0)], "fork {fork}");
    let paths: Vec<_> = report.paths.iter().map(|row| (row.path_id, row.hit_count)).collect();
    assert_eq!(paths, [(9, 1)]);
    coverage::clear();
    assert_eq!(coverage::report(), coverage::Report::default());
}

/// `a && child()`, where the second condition forks: both processes evaluate it to the end, and
/// end the path that they are on.
fn fork_inside_of_an_evaluation() {
    coverage::clear();
    let finish = || {
        coverage::condition(7, 1, false, site(7));
        coverage::decision(7, false, site(7));
        let rows = coverage::report().mcdc;
        let vectors: Vec<_> =
            rows.iter().map(|row| (row.decision_id, row.conditions, row.vectors)).collect();
        assert_eq!(vectors, [(7, 0b11, 1)]);
        path_block(7, 2);
        path_finalize(7);
        let paths = coverage::report().paths;
        assert_eq!(paths.iter().map(|row| &row.blocks[..]).collect::<Vec<_>>(), [[1, 2]]);
    };
    path_block(7, 1);
    coverage::condition(7, 0, true, site(7));
    in_child(finish);
    finish();
}

#[test]
fn a_child_counts_its_own() {
    coverage::decision(1, true, site(1));
    coverage::decision(2, true, site(2));
    let stop = Arc::new(AtomicBool::new(false));
    let threads = disturb(&stop);
    for fork in 0..FORKS {
        in_child(|| {
            count_in_child(fork);
            // And a child of the child.
            coverage::decision(4, true, site(4));
            in_child(|| {
                coverage::decision(5, true, site(5));
                assert_eq!(coverage::report().decisions.len(), 1);
            });
            assert_eq!(coverage::report().decisions.len(), 1);
        });
    }
    stop.store(true, Ordering::Relaxed);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    fork_inside_of_an_evaluation();
}
