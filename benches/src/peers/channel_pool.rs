//! A pool whose queue is one crossbeam channel, from which all threads receive.

use crossbeam_channel::{Sender, unbounded};
use std::thread::JoinHandle;

type Task = Box<dyn FnOnce() + Send>;

/// A pool of threads. Dropping it runs what is queued and ends the threads.
#[derive(Debug)]
pub struct ChannelPool {
    /// `None` when the pool is being dropped.
    tasks: Option<Sender<Task>>,
    threads: Vec<JoinHandle<()>>,
}

impl ChannelPool {
    /// A pool of so many threads.
    pub fn new(threads: u64) -> Self {
        let (tasks, queue) = unbounded::<Task>();
        let threads = (0..threads)
            .map(|_| {
                let queue = queue.clone();
                std::thread::spawn(move || queue.iter().for_each(|task| task()))
            })
            .collect();
        Self { tasks: Some(tasks), threads }
    }

    /// Runs `task` some time.
    pub fn submit(&self, task: impl FnOnce() + Send + 'static) {
        let tasks = self.tasks.as_ref().expect("the pool is not being dropped");
        tasks.send(Box::new(task)).expect("the threads receive until then");
    }
}

impl Drop for ChannelPool {
    fn drop(&mut self) {
        self.tasks = None;
        for thread in self.threads.drain(..) {
            thread.join().expect("tasks of benchmarks do not panic");
        }
    }
}
