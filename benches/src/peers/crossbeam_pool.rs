//! Threads that receive boxed closures from a crossbeam channel, with a one-place channel
//! for each result.

use super::{Pool, Task};
use anyhow::Result;
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use std::thread::JoinHandle;

type Closure = Box<dyn FnOnce() + Send>;

/// A pool fed by a channel. Dropping it runs what is queued and ends the threads.
#[derive(Debug)]
pub struct CrossbeamPool {
    /// `None` only while it is dropped.
    tasks: Option<Sender<Closure>>,
    threads: Vec<JoinHandle<()>>,
}

impl CrossbeamPool {
    fn send(&self, task: Closure) {
        if let Some(tasks) = &self.tasks {
            tasks.send(task).expect("the threads live as long as the pool");
        }
    }
}

impl Pool for CrossbeamPool {
    type Reply = Receiver<u64>;

    fn start(workers: u64) -> Result<Self> {
        let (send, receive) = unbounded::<Closure>();
        let threads = (0..workers)
            .map(|_| {
                let tasks = receive.clone();
                std::thread::spawn(move || tasks.iter().for_each(|task| task()))
            })
            .collect();
        Ok(Self { tasks: Some(send), threads })
    }

    fn submit<T: Task>(&self, argument: u64) {
        self.send(Box::new(move || {
            T::run(argument);
        }));
    }

    fn ask<T: Task>(&self, argument: u64) -> Receiver<u64> {
        let (send, receive) = bounded(1);
        self.send(Box::new(move || send.send(T::run(argument)).unwrap_or_default()));
        receive
    }

    fn wait(&self, reply: Receiver<u64>) -> u64 {
        reply.recv().unwrap_or(0)
    }
}

impl Drop for CrossbeamPool {
    fn drop(&mut self) {
        self.tasks = None;
        for thread in self.threads.drain(..) {
            thread.join().expect("tasks of benchmarks do not panic");
        }
    }
}
