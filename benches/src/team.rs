//! Threads that run the same code at the same time, again and again.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread::JoinHandle;

/// A team of threads that wait at a barrier between iterations, the calling thread among
/// them. Meeting costs tens of microseconds, so an iteration should last milliseconds.
pub(crate) struct Team {
    shared: Arc<Shared>,
    own: Box<dyn FnMut() -> u64>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    begin: Barrier,
    end: Barrier,
    disbanded: AtomicBool,
    sum: AtomicU64,
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
            disbanded: AtomicBool::new(false),
            sum: AtomicU64::new(0),
        });
        let own = Box::new(member(0));
        let threads = (1..size)
            .map(|i| {
                let (shared, mut code) = (shared.clone(), member(i));
                std::thread::spawn(move || {
                    loop {
                        shared.begin.wait();
                        if shared.disbanded.load(Ordering::Relaxed) {
                            return;
                        }
                        let answer = code();
                        shared.sum.fetch_add(answer, Ordering::Relaxed);
                        shared.end.wait();
                    }
                })
            })
            .collect();
        Self { shared, own, threads }
    }

    /// Has all members run their code once, and answers the sum of what they answer.
    pub(crate) fn run(&mut self) -> u64 {
        self.shared.begin.wait();
        let own = (self.own)();
        self.shared.end.wait();
        // The barrier orders the members' additions before this.
        self.shared.sum.swap(0, Ordering::Relaxed) + own
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.disbanded.store(true, Ordering::Relaxed);
        self.shared.begin.wait();
        for thread in self.threads.drain(..) {
            thread.join().expect("members do not panic");
        }
    }
}
