//! Forks while other threads are in the middle of every call: no child hangs or finds anything
//! half done.

#[path = "common/forked.rs"]
mod forked;
#[path = "common/tasks.rs"]
mod tasks;

use forked::in_child;
use simple_runtime::executor::Mode;
use simple_runtime::{Value, executor, future};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tasks::{Random, Runs, alone, identity, int, wait};

const THREADS: u64 = 4;
const FORKS: u64 = 250;

fn number(n: i64) -> Value {
    Value::future(Some(identity), Value::int(n))
}

/// Futures that all threads know.
type Shared = Arc<Mutex<Vec<Value>>>;

/// One random call.
fn play(random: &mut Random, shared: &Shared) {
    let known: Vec<_> = {
        let mut shared = shared.lock().unwrap();
        let place = random.below(shared.len());
        if random.below(2) == 0 {
            shared[place] = number(place as i64);
        }
        shared[place..].iter().take(3).cloned().collect()
    };
    let future = known[0].as_future().unwrap();
    match random.below(12) {
        0 => assert!(executor::submit(identity, Value::int(1)) > 0),
        1 | 2 => _ = future.start(),
        3 | 4 => drop(future.wait()),
        5 => _ = future.cancel(),
        6 => _ = future.wait_timeout(Duration::from_millis(random.below(2) as u64)),
        7 => drop(future::all(&known)),
        8 => drop(future::race(&known)),
        9 => _ = executor::poll(),
        10 => _ = executor::stats(),
        // Settings are refused while it runs.
        _ => {
            executor::shutdown().unwrap();
            let mode = if random.below(3) == 0 { Mode::Manual } else { Mode::Threaded };
            let _ = executor::set_mode(mode);
            let _ = executor::set_workers(1 + random.below(3) as i64);
        }
    }
}

/// The child: everything is reset, and every future ends, or never will.
fn check(shared: &[Value]) {
    assert_eq!(executor::mode(), Mode::Threaded);
    let runs = Runs::default();
    (0..40).for_each(|_| runs.submit());
    for (n, value) in shared.iter().enumerate() {
        let future = value.as_future().unwrap();
        match n % 3 {
            0 => _ = future.start(),
            1 => drop(future.wait()),
            _ => _ = future.wait_timeout(Duration::MAX),
        }
    }
    future::all(shared);
    if let Some(result) = int(shared[0].as_future().unwrap().wait()) {
        assert_eq!(result, 0);
    }
    assert_eq!(future::race(&[number(1), number(1)]).as_int(), Some(1));
    executor::shutdown().unwrap();
    assert_eq!(runs.count(), 40);
    let stats = executor::stats();
    assert_eq!(stats.submitted, stats.completed);
}

#[test]
fn forks_in_the_middle_of_everything() {
    let _alone = alone();
    let shared: Shared = Arc::new(Mutex::new((0..8).map(number).collect()));
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for seed in 0..THREADS {
            let (shared, over) = (shared.clone(), &over);
            scope.spawn(move || {
                let mut random = Random::new(seed + 1);
                while !over.load(Ordering::Relaxed) {
                    play(&mut random, &shared);
                }
            });
        }
        for round in 0..FORKS {
            // Held: the child has no other thread to wait for.
            let known = shared.lock().unwrap().clone();
            in_child(|| {
                check(&known);
                if round % 10 == 0 {
                    executor::start().unwrap();
                    in_child(|| check(&(0..8).map(number).collect::<Vec<_>>()));
                }
            });
        }
        over.store(true, Ordering::Relaxed);
    });
}

/// Tasks that fork, on as many threads as there are, while others run tasks.
#[test]
fn forks_on_workers_in_the_middle_of_everything() {
    let _alone = alone();
    executor::set_workers(3).unwrap();
    for _ in 0..20 {
        let forking: Vec<_> = (0..6)
            .map(|_| {
                Value::future_of(|| {
                    in_child(|| check(&(0..8).map(number).collect::<Vec<_>>()));
                    Value::int(1)
                })
            })
            .collect();
        let others: Vec<_> = (0..300).map(number).collect();
        for future in others.iter().chain(&forking) {
            assert!(future.as_future().unwrap().start());
        }
        assert!(forking.iter().all(|future| wait(future) == Some(1)));
        for (n, future) in (0..).zip(&others) {
            assert_eq!(wait(future), Some(n));
        }
    }
}
