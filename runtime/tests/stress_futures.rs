//! Random graphs of futures, created, started, awaited and cancelled by several threads at
//! once, against a sequential model of what they must compute.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::future::FutureState;
use simple_runtime::{Value, executor, future};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;
use tasks::{Random, alone, error_of, wait, watched_value};

const ROUNDS: u64 = 120;
const THREADS: usize = 3;

/// A node's way to wait for the nodes it depends on.
#[derive(Clone, Copy)]
enum Awaits {
    OneByOne,
    StartedFirst,
    All,
}

/// A node, whichever thread runs it: its value is its number and the values of what it
/// depends on, where what was rejected counts as nothing.
struct Node {
    dependencies: Vec<usize>,
    awaits: Awaits,
    panics: bool,
}

fn random_graph(random: &mut Random) -> Vec<Node> {
    let len = 1 + random.below(120);
    let node = |i: usize| {
        let count = if i == 0 { 0 } else { random.below(4) };
        // Near ones make long chains, far ones make wide graphs.
        let reach = if random.below(2) == 0 { i.min(3) } else { i };
        Node {
            dependencies: (0..count).map(|_| i - 1 - random.below(reach)).collect(),
            awaits: [Awaits::OneByOne, Awaits::StartedFirst, Awaits::All][random.below(3)],
            panics: random.below(20) == 0,
        }
    };
    (0..len).map(node).collect()
}

/// The sum of a body with these dependencies.
fn sum_of(dependencies: &[Value], awaits: Awaits) -> i64 {
    if let Awaits::StartedFirst = awaits {
        dependencies.iter().for_each(|value| {
            value.as_future().unwrap().start();
        });
    }
    match awaits {
        Awaits::All => future::all(dependencies).iter().filter_map(Value::as_int).sum(),
        _ => dependencies.iter().filter_map(wait).sum(),
    }
}

/// The futures of a graph, and how often each body has run.
fn futures_of(graph: &[Node]) -> (Vec<Value>, Arc<Vec<AtomicUsize>>) {
    let runs: Arc<Vec<_>> = Arc::new(graph.iter().map(|_| AtomicUsize::new(0)).collect());
    let mut futures: Vec<Value> = Vec::new();
    for (i, node) in graph.iter().enumerate() {
        let dependencies: Vec<_> = node.dependencies.iter().map(|&d| futures[d].clone()).collect();
        let (awaits, panics, runs) = (node.awaits, node.panics, runs.clone());
        futures.push(Value::future_of(move || {
            runs[i].fetch_add(1, Ordering::Relaxed);
            let sum = sum_of(&dependencies, awaits);
            assert!(!panics, "on purpose");
            Value::int(sum + i as i64)
        }));
    }
    (futures, runs)
}

/// One thread's random doings with the futures; returns how many it cancelled of each.
fn play(futures: &[Value], mut random: Random, cancels: bool) -> Vec<usize> {
    let mut cancelled = vec![0; futures.len()];
    for _ in 0..futures.len() {
        let i = random.below(futures.len());
        let some = &futures[random.below(i + 1)..=i];
        let future = futures[i].as_future().unwrap();
        match random.below(8) {
            0 | 1 => drop(future.start()),
            2 => drop(future.wait()),
            3 => drop(future.wait_timeout(Duration::from_millis(random.below(2) as u64))),
            4 => assert_eq!(future::all(some).len(), some.len()),
            5 => drop(future::race(some)),
            6 if cancels => cancelled[i] += usize::from(future.cancel()),
            _ => assert!(future.result().is_none() || future.is_ready()),
        }
    }
    cancelled
}

/// Checks the finished futures against a model that runs them one after the other.
fn check(graph: &[Node], futures: &[Value], runs: &[AtomicUsize], cancelled: &[usize]) {
    let mut model: Vec<Option<i64>> = Vec::new();
    for (i, node) in graph.iter().enumerate() {
        let sum: i64 = node.dependencies.iter().filter_map(|&d| model[d]).sum();
        let future = futures[i].as_future().unwrap();
        assert!(cancelled[i] <= 1, "cancelled by more than one");
        assert_eq!(runs[i].load(Ordering::Relaxed), 1 - cancelled[i], "runs of {i}");
        let expected = (cancelled[i] == 0 && !node.panics).then_some(sum + i as i64);
        assert_eq!(wait(&futures[i]), expected, "result of {i}");
        if expected.is_none() {
            let error = if cancelled[i] > 0 { "cancelled" } else { "on purpose" };
            assert_eq!(
                (future.state(), error_of(&futures[i]).as_str()),
                (FutureState::Rejected, error)
            );
        }
        model.push(expected);
    }
}

fn play_and_check(seed: u64, cancels: bool) {
    let mut random = Random::new(seed);
    let graph = random_graph(&mut random);
    executor::set_workers(1 + random.below(4) as i64).unwrap();
    let before = executor::stats();
    let (futures, runs) = futures_of(&graph);
    let together = Barrier::new(THREADS);
    let by_thread: Vec<Vec<usize>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (futures, together) = (&futures, &together);
                let random = Random::new(seed * THREADS as u64 + thread as u64 + 1000);
                scope.spawn(move || {
                    together.wait();
                    play(futures, random, cancels)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let cancelled: Vec<_> =
        (0..graph.len()).map(|i| by_thread.iter().map(|row| row[i]).sum()).collect();
    for future in &futures {
        future.as_future().unwrap().start();
    }
    executor::shutdown().unwrap();
    check(&graph, &futures, &runs, &cancelled);
    let after = executor::stats();
    assert_eq!(after.submitted - before.submitted, after.completed - before.completed);
}

/// The seed of a failure is in the output: run it alone to repeat the graph and the doings,
/// if not their order.
#[test]
fn random_graphs_compute_what_the_model_does() {
    let _alone = alone();
    for seed in 0..ROUNDS {
        println!("seed {seed}");
        play_and_check(seed, false);
    }
}

#[test]
fn random_graphs_with_cancellations_compute_what_the_model_does() {
    let _alone = alone();
    for seed in ROUNDS..2 * ROUNDS {
        println!("seed {seed}");
        play_and_check(seed, true);
    }
}

/// In Manual mode with several pollers, the results are the same.
#[test]
fn random_graphs_that_are_polled_compute_what_the_model_does() {
    let _alone = alone();
    for seed in 2 * ROUNDS..3 * ROUNDS {
        println!("seed {seed}");
        let graph = random_graph(&mut Random::new(seed));
        executor::set_mode(executor::Mode::Manual).unwrap();
        let (futures, runs) = futures_of(&graph);
        for future in &futures {
            assert!(future.as_future().unwrap().start());
        }
        std::thread::scope(|scope| {
            (0..THREADS).for_each(|_| drop(scope.spawn(executor::poll_all)));
        });
        assert_eq!(executor::pending_count(), 0);
        executor::shutdown().unwrap();
        check(&graph, &futures, &runs, &vec![0; graph.len()]);
    }
}

/// Short lives: the last user frees a future as soon as it is finished, and addresses are used again at
/// once.
#[test]
fn futures_that_nobody_keeps_are_freed_once_and_in_time() {
    for workers in 1..=4 {
        let _alone = alone();
        executor::set_workers(workers).unwrap();
        let watches: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..THREADS).map(|seed| scope.spawn(move || short_lives(seed as u64))).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        executor::shutdown().unwrap();
        assert!(watches.iter().all(|watch| !watch.is_kept()));
    }
}

fn short_lives(seed: u64) -> Vec<tasks::Watch> {
    let mut random = Random::new(seed);
    let mut one_life = || {
        let (context, watch) = watched_value();
        let value = Value::future(Some(tasks::identity), context);
        let future = value.as_future().unwrap();
        let started = random.below(2) == 0 && future.start();
        match random.below(4) {
            0 => assert!(future.wait().is_some()),
            1 if started => assert!(future.wait_timeout(Duration::MAX)),
            2 => drop(future.cancel()),
            _ => {}
        }
        watch
    };
    (0..1500).map(|_| one_life()).collect()
}
