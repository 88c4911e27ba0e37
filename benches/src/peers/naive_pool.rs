//! The pool that everybody writes first: a queue of boxed closures behind a mutex and a
//! condition variable, and a promise made of the same two for each result.

use super::{Pool, Task};
use anyhow::Result;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

type Closure = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Queue {
    tasks: VecDeque<Closure>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    arrival: Condvar,
}

/// A pool of threads. Dropping it runs what is queued and ends the threads.
pub struct NaivePool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for NaivePool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NaivePool({} threads)", self.threads.len())
    }
}

impl Pool for NaivePool {
    type Reply = Promise<u64>;

    fn start(threads: u64) -> Result<Self> {
        let shared = Arc::<Shared>::default();
        let threads = (0..threads)
            .map(|_| {
                let shared = shared.clone();
                std::thread::spawn(move || {
                    while let Some(task) = shared.next() {
                        task();
                    }
                })
            })
            .collect();
        Ok(Self { shared, threads })
    }

    fn submit<T: Task>(&self, argument: u64) {
        self.push(Box::new(move || {
            T::run(argument);
        }));
    }

    fn ask<T: Task>(&self, argument: u64) -> Promise<u64> {
        let promise = Promise(Arc::new((Mutex::new(None), Condvar::new())));
        let result = promise.0.clone();
        self.push(Box::new(move || {
            *result.0.lock().expect("nobody panics here") = Some(T::run(argument));
            result.1.notify_all();
        }));
        promise
    }

    fn wait(&self, reply: Promise<u64>) -> u64 {
        reply.wait()
    }
}

impl NaivePool {
    fn push(&self, task: Closure) {
        self.shared.queue.lock().expect("tasks run unlocked").tasks.push_back(task);
        self.shared.arrival.notify_one();
    }
}

impl Drop for NaivePool {
    fn drop(&mut self) {
        self.shared.queue.lock().expect("tasks run unlocked").closed = true;
        self.shared.arrival.notify_all();
        for thread in self.threads.drain(..) {
            thread.join().expect("tasks of benchmarks do not panic");
        }
    }
}

impl Shared {
    fn next(&self) -> Option<Closure> {
        let mut queue = self.queue.lock().expect("tasks run unlocked");
        loop {
            if let Some(task) = queue.tasks.pop_front() {
                return Some(task);
            }
            if queue.closed {
                return None;
            }
            queue = self.arrival.wait(queue).expect("tasks run unlocked");
        }
    }
}

/// A result to come.
#[derive(Debug)]
pub struct Promise<R>(Arc<(Mutex<Option<R>>, Condvar)>);

impl<R> Promise<R> {
    /// The result, waited for.
    pub fn wait(self) -> R {
        let mut result = self.0.0.lock().expect("nobody panics here");
        loop {
            if let Some(result) = result.take() {
                return result;
            }
            result = self.0.1.wait(result).expect("nobody panics here");
        }
    }
}
