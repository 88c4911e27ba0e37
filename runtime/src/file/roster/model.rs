//! Loom models of loaders that share a roster: no file that is wanted stays beside a sleeping loader.

use super::{Call, Roster, Then};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Arc, Mutex, thread};
use loom::thread::{JoinHandle, Thread, ThreadId};

const ITEMS: usize = 3;
const MOST_THREADS: usize = 2;

#[derive(Debug)]
struct Sleeper(Thread, ThreadId);

impl Sleeper {
    fn current() -> Self {
        let thread = thread::current();
        let id = thread.id();
        Self(thread, id)
    }
}

impl PartialEq for Sleeper {
    fn eq(&self, other: &Self) -> bool {
        self.1 == other.1
    }
}

struct Pool {
    roster: Mutex<Roster<usize, Sleeper>>,
    loaded: AtomicUsize,
    threads: Mutex<Vec<JoinHandle<()>>>,
    threads_to_be_had: AtomicUsize,
    /// If true, a loader's time is over as soon as it sleeps; otherwise when everything is
    /// loaded.
    impatient: bool,
}

fn add(pool: &Arc<Pool>, item: usize) {
    let call = pool.roster.lock().add(item, MOST_THREADS, |_| true);
    send_for(pool, call);
}

fn send_for(pool: &Arc<Pool>, call: Call<Sleeper>) {
    match call {
        Call::Nobody | Call::NoMemory => {}
        Call::Wake(sleeper) => sleeper.0.unpark(),
        Call::Start => {
            if pool.threads_to_be_had.fetch_sub(1, Ordering::Relaxed) == 0 {
                pool.threads_to_be_had.store(0, Ordering::Relaxed);
                let call = pool.roster.lock().give_up();
                return send_for(pool, call);
            }
            let own = pool.clone();
            let thread = thread::spawn(move || run(&own));
            pool.threads.lock().push(thread);
        }
    }
}

fn run(pool: &Arc<Pool>) {
    pool.roster.lock().arrive();
    loop {
        let taken = pool.roster.lock().take(MOST_THREADS);
        if let Some((_, call)) = taken {
            send_for(pool, call);
            pool.loaded();
        } else if pool.sleep() == Then::Leave {
            return;
        }
    }
}

impl Pool {
    fn loaded(&self) {
        if self.loaded.fetch_add(1, Ordering::Relaxed) + 1 == ITEMS {
            // Under the lock; otherwise a loader might check before and sleep after.
            for sleeper in &self.roster.lock().sleepers {
                sleeper.0.unpark();
            }
        }
    }

    fn sleep(&self) -> Then {
        let own = Sleeper::current();
        let mut roster = self.roster.lock();
        if !roster.queue.is_empty() {
            return Then::Look;
        }
        roster.fall_asleep(Sleeper::current());
        loop {
            let is_over = self.loaded.load(Ordering::Relaxed) == ITEMS;
            drop(roster);
            if !self.impatient && !is_over {
                thread::park();
            }
            roster = self.roster.lock();
            let is_over = self.loaded.load(Ordering::Relaxed) == ITEMS;
            match roster.wake_up(&own, self.impatient || is_over) {
                Then::Sleep => {}
                then => return then,
            }
        }
    }
}

fn all_is_loaded(impatient: bool, threads_to_be_had: usize) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(move || {
        let pool = Arc::new(Pool {
            roster: Mutex::new(Roster::new()),
            loaded: AtomicUsize::new(0),
            threads: Mutex::new(Vec::new()),
            threads_to_be_had: AtomicUsize::new(threads_to_be_had),
            impatient,
        });
        let other = {
            let pool = pool.clone();
            thread::spawn(move || add(&pool, 0))
        };
        (1..ITEMS).for_each(|item| add(&pool, item));
        other.join().unwrap();
        // A loader that stayed asleep although there is a file would never end.
        loop {
            let Some(thread) = pool.threads.lock().pop() else { break };
            thread.join().unwrap();
        }
        assert_eq!(pool.loaded.load(Ordering::Relaxed), ITEMS);
        let roster = pool.roster.lock();
        assert_eq!((roster.threads, roster.sleepers.len()), (0, 0));
        assert!(!roster.one_is_coming && roster.queue.is_empty());
    });
}

#[test]
fn no_file_is_left_beside_a_sleeping_loader() {
    all_is_loaded(false, usize::MAX);
}

#[test]
fn a_loader_that_leaves_leaves_no_file() {
    all_is_loaded(true, usize::MAX);
}

#[test]
fn one_loader_sees_to_what_another_cannot() {
    all_is_loaded(false, 1);
}
