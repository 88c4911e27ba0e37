//! The pool that everybody writes first: a queue of boxed closures behind a mutex and a
//! condition variable, and a promise made of the same two for each result.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

type Task = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Queue {
    tasks: VecDeque<Task>,
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

impl NaivePool {
    /// A pool of so many threads.
    pub fn new(threads: u64) -> Self {
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
        Self { shared, threads }
    }

    /// Runs `task` some time.
    pub fn submit(&self, task: impl FnOnce() + Send + 'static) {
        self.shared.queue.lock().expect("tasks run unlocked").tasks.push_back(Box::new(task));
        self.shared.arrival.notify_one();
    }

    /// Runs `task` some time and promises its result.
    pub fn spawn<R: Send + 'static>(
        &self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> Promise<R> {
        let promise = Promise(Arc::new((Mutex::new(None), Condvar::new())));
        let result = promise.0.clone();
        self.submit(move || {
            *result.0.lock().expect("nobody panics here") = Some(task());
            result.1.notify_all();
        });
        promise
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
    fn next(&self) -> Option<Task> {
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
