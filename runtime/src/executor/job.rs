//! A job: the two words that represent a future, or a function to call, in a queue.

/// Stored inline in the queues. The job owns one reference to the object that `data` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Job {
    /// The address of a function, or 0 when `data` is the address of a future object.
    pub(super) code: u64,
    /// The function's context (the bits of a value) or the future's address.
    pub(super) data: u64,
}

impl Job {
    /// Returns the job of running the future at `address`.
    #[inline]
    pub(crate) fn future(address: usize) -> Self {
        Self { code: 0, data: address as u64 }
    }

    /// Returns the address that [`future`](Self::future) was given.
    pub(crate) fn address(self) -> usize {
        self.data as usize
    }
}

/// A job or none, in two words: a function returns it in registers, but an `Option` in memory.
#[derive(Clone, Copy)]
pub(super) struct MaybeJob(u64, u64);

impl MaybeJob {
    #[inline(always)]
    pub(super) fn new(job: Option<Job>) -> Self {
        // No job is two zeros: there is no future at address 0.
        job.map_or(Self(0, 0), |job| Self(job.code, job.data))
    }

    #[inline(always)]
    pub(super) fn get(self) -> Option<Job> {
        let Self(code, data) = self;
        (code | data != 0).then_some(Job { code, data })
    }
}
