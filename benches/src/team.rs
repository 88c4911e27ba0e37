//! Threads that run the same code at the same time, again and again.

use crate::watch::Watch;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A team of threads, the calling thread among them. They meet at a barrier, run their code
/// a number of times each, and meet again; the time counts from the first that began to the
/// last that ended, so the barrier is not part of it.
pub(crate) struct Team {
    shared: Arc<Shared>,
    own: Box<dyn FnMut() -> u64>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    begin: Barrier,
    end: Barrier,
    /// Iterations of each member; 0 disbands the team.
    iterations: AtomicU64,
    results: Mutex<Vec<Part>>,
}

/// The part of one member.
struct Part {
    answer: u64,
    began: Instant,
    ended: Instant,
}

impl Part {
    fn of(code: &mut dyn FnMut() -> u64, iterations: u64) -> Self {
        let began = Instant::now();
        let answer = (0..iterations).fold(0, |sum: u64, _| sum.wrapping_add(code()));
        Self { answer, began, ended: Instant::now() }
    }
}

impl Team {
    /// A team of `size`; `member(i)` makes the code of each.
    pub(crate) fn new<F: FnMut() -> u64 + Send + 'static>(
        size: u64,
        mut member: impl FnMut(u64) -> F,
    ) -> Self {
        let shared = Arc::new(Shared {
            begin: Barrier::new(size as usize),
            end: Barrier::new(size as usize),
            iterations: AtomicU64::new(0),
            // As many as will ever be there: a profiler must not see them grow.
            results: Mutex::new(Vec::with_capacity(size as usize)),
        });
        let own = Box::new(member(0));
        let threads = (1..size)
            .map(|i| {
                let (shared, mut code) = (shared.clone(), member(i));
                std::thread::spawn(move || {
                    loop {
                        shared.begin.wait();
                        // The barrier orders this after the store in `run`.
                        let iterations = shared.iterations.load(Ordering::Relaxed);
                        if iterations == 0 {
                            return;
                        }
                        let part = Part::of(&mut code, iterations);
                        shared.results.lock().expect("members do not panic").push(part);
                        shared.end.wait();
                    }
                })
            })
            .collect();
        Self { shared, own, threads }
    }

    /// Has all members run their code this many times. Returns the sum of their results and the
    /// duration.
    pub(crate) fn run(&mut self, iterations: u64, watch: &mut impl Watch) -> (u64, Duration) {
        if iterations == 0 {
            return (0, Duration::ZERO);
        }
        self.shared.iterations.store(iterations, Ordering::Relaxed);
        self.shared.begin.wait();
        let own = watch.measured(|| {
            let own = Part::of(&mut self.own, iterations);
            self.shared.end.wait();
            own
        });
        let mut parts = self.shared.results.lock().expect("no panics");
        parts.push(own);
        let answer = parts.iter().fold(0, |sum: u64, part| sum.wrapping_add(part.answer));
        let began = parts.iter().map(|part| part.began).min();
        let ended = parts.iter().map(|part| part.ended).max();
        parts.clear();
        (answer, began.zip(ended).map_or(Duration::ZERO, |(began, ended)| ended - began))
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.iterations.store(0, Ordering::Relaxed);
        self.shared.begin.wait();
        for thread in self.threads.drain(..) {
            thread.join().expect("members do not panic");
        }
    }
}
