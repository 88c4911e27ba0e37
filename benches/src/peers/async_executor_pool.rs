//! async-executor, run by a number of threads.

use super::{Pool, Task};
use anyhow::Result;
use async_executor::Executor;
use std::sync::Arc;
use std::thread::JoinHandle;

/// An executor and the threads that run it.
#[derive(Debug)]
pub struct AsyncExecutorPool {
    executor: Arc<Executor<'static>>,
    stop: Vec<stopping::Stop>,
    threads: Vec<JoinHandle<()>>,
}

/// A future that ends when it is told to.
mod stopping {
    use std::future::poll_fn;
    use std::sync::{Arc, Mutex};
    use std::task::{Poll, Waker};

    #[derive(Debug, Default)]
    struct State {
        stopped: bool,
        waker: Option<Waker>,
    }

    #[derive(Debug, Clone, Default)]
    pub(super) struct Stop(Arc<Mutex<State>>);

    impl Stop {
        pub(super) fn stop(&self) {
            let mut state = self.0.lock().expect("nobody panics here");
            state.stopped = true;
            if let Some(waker) = state.waker.take() {
                waker.wake();
            }
        }

        pub(super) async fn stopped(self) {
            poll_fn(|context| {
                let mut state = self.0.lock().expect("nobody panics here");
                if state.stopped {
                    return Poll::Ready(());
                }
                state.waker = Some(context.waker().clone());
                Poll::Pending
            })
            .await;
        }
    }
}

impl Pool for AsyncExecutorPool {
    type Reply = async_executor::Task<u64>;

    fn start(workers: u64) -> Result<Self> {
        let executor = Arc::new(Executor::new());
        let stop: Vec<_> = (0..workers).map(|_| stopping::Stop::default()).collect();
        let threads = stop
            .iter()
            .map(|stop| {
                let (executor, stop) = (executor.clone(), stop.clone());
                std::thread::spawn(move || {
                    futures_lite::future::block_on(executor.run(stop.stopped()));
                })
            })
            .collect();
        Ok(Self { executor, stop, threads })
    }

    fn submit<T: Task>(&self, argument: u64) {
        self.executor.spawn(async move { T::run(argument) }).detach();
    }

    fn ask<T: Task>(&self, argument: u64) -> async_executor::Task<u64> {
        self.executor.spawn(async move { T::run(argument) })
    }

    fn wait(&self, reply: async_executor::Task<u64>) -> u64 {
        futures_lite::future::block_on(reply)
    }
}

impl Drop for AsyncExecutorPool {
    fn drop(&mut self) {
        self.stop.iter().for_each(stopping::Stop::stop);
        for thread in self.threads.drain(..) {
            thread.join().expect("tasks of benchmarks do not panic");
        }
    }
}
