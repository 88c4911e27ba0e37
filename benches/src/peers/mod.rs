//! Code that the runtime is compared with: pools of threads by other authors, and those that
//! everybody writes first, behind one trait so that a workload is written once for all.

mod async_executor_pool;
mod crossbeam_pool;
mod naive_pool;
mod rayon_pool;
mod runtime;
mod tables;
mod tokio_pool;

pub use async_executor_pool::AsyncExecutorPool;
pub use crossbeam_pool::CrossbeamPool;
pub use naive_pool::{NaivePool, Promise};
pub use rayon_pool::RayonPool;
pub use runtime::Threaded;
pub(crate) use runtime::{Settings, body, in_a_poll, on_a_worker};
pub use tables::{Table, TableKind, WithTable};
pub use tokio_pool::TokioPool;

use anyhow::Result;

/// The code of a task; a type, so that every pool can call it without an indirection that the
/// others do not have.
pub trait Task: Send + Sync + 'static {
    /// The task's code.
    fn run(argument: u64) -> u64;
}

/// Threads that run tasks.
pub trait Pool: Sized + 'static {
    /// A result to come.
    type Reply;

    /// A pool of this many threads, ready to run.
    fn start(workers: u64) -> Result<Self>;

    /// Has a task run some time, its result thrown away.
    fn submit<T: Task>(&self, argument: u64);

    /// Has a task run some time, and promises its result.
    fn ask<T: Task>(&self, argument: u64) -> Self::Reply;

    /// The promised result, waited for on a thread outside of the pool.
    fn wait(&self, reply: Self::Reply) -> u64;
}

/// The pools, to be named by data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolKind {
    /// The runtime's own, Threaded mode.
    Threaded,
    /// A queue of boxed closures behind a mutex and a condition variable.
    Naive,
    /// Threads that receive boxed closures from a crossbeam channel.
    Crossbeam,
    /// rayon.
    Rayon,
    /// tokio's multi-threaded runtime.
    Tokio,
    /// async-executor, run by as many threads.
    AsyncExecutor,
}

/// Code that works with any pool.
pub trait WithPool {
    /// Its result.
    type Output;
    /// Runs with the pool type that [`PoolKind::dispatch`] chose.
    fn run<P: Pool>(self) -> Self::Output;
}

impl PoolKind {
    /// Every pool.
    pub const ALL: [Self; 6] = [
        Self::Threaded,
        Self::Naive,
        Self::Crossbeam,
        Self::Rayon,
        Self::Tokio,
        Self::AsyncExecutor,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Threaded => "threaded",
            Self::Naive => "naive pool",
            Self::Crossbeam => "crossbeam-channel",
            Self::Rayon => "rayon",
            Self::Tokio => "tokio",
            Self::AsyncExecutor => "async-executor",
        }
    }

    /// Whether somebody else wrote it.
    pub fn is_peer(self) -> bool {
        self != Self::Threaded
    }

    /// Why it is there.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Threaded => "the runtime: what compiled code gets by default",
            Self::Naive => {
                "the reference C runtime's way: mutex, condition variable, boxed closures"
            }
            Self::Crossbeam => "the fastest of the usual ways to feed threads from outside",
            Self::Rayon => "a well-kept work-stealing pool, made for splitting work",
            Self::Tokio => "the most used asynchronous runtime",
            Self::AsyncExecutor => "a small asynchronous executor with a shared queue",
        }
    }

    /// Runs `code` with this pool's type.
    pub fn dispatch<W: WithPool>(self, code: W) -> W::Output {
        match self {
            Self::Threaded => code.run::<Threaded>(),
            Self::Naive => code.run::<NaivePool>(),
            Self::Crossbeam => code.run::<CrossbeamPool>(),
            Self::Rayon => code.run::<RayonPool>(),
            Self::Tokio => code.run::<TokioPool>(),
            Self::AsyncExecutor => code.run::<AsyncExecutorPool>(),
        }
    }
}

/// The executor of the runtime is one per process: tests that set it take turns.
#[cfg(test)]
pub(crate) static ONE_EXECUTOR: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[cfg(test)]
mod tests {
    use super::*;
    struct Double;

    impl Task for Double {
        fn run(argument: u64) -> u64 {
            argument * 2
        }
    }

    struct AskMany;

    impl WithPool for AskMany {
        type Output = u64;
        fn run<P: Pool>(self) -> u64 {
            let pool = P::start(2).unwrap();
            let replies: Vec<_> = (0..100).map(|i| pool.ask::<Double>(i)).collect();
            replies.into_iter().map(|reply| pool.wait(reply)).sum()
        }
    }

    #[test]
    fn every_pool_keeps_its_promises() {
        let _alone = ONE_EXECUTOR.lock().unwrap();
        for kind in PoolKind::ALL {
            assert_eq!(kind.dispatch(AskMany), 9900, "{}", kind.name());
        }
    }
}
