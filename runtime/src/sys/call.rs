//! The system calls that may refuse.

/// The kinds of calls that can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// mmap(2), of memory or of a file.
    Map,
    /// mprotect(2).
    Protect,
    /// madvise(2).
    Advise,
    /// open(2).
    Open,
    /// stat(2), lstat(2) and what else looks at a path.
    Look,
    /// fstat(2).
    Inspect,
    /// read(2).
    Read,
    /// cachestat(2).
    Residency,
    /// pipe2(2).
    Pipe,
    /// write(2) and writev(2).
    Write,
    /// ftruncate(2).
    SetLength,
    /// rename(2).
    Rename,
    /// fcntl(2) with a lock.
    LockFile,
    /// pthread_create(3) and what it needs.
    Thread,
    /// pthread_key_create(3) and pthread_setspecific(3).
    Key,
    /// pthread_getattr_np(3).
    OwnStack,
    /// A sleep by futex(2), which may end early.
    Sleep,
    /// clock_gettime(2).
    Clock,
}

#[cfg(feature = "injected-faults")]
impl Call {
    /// All kinds.
    pub const ALL: [Self; 18] = [
        Self::Map,
        Self::Protect,
        Self::Advise,
        Self::Open,
        Self::Look,
        Self::Inspect,
        Self::Read,
        Self::Residency,
        Self::Pipe,
        Self::Write,
        Self::SetLength,
        Self::Rename,
        Self::LockFile,
        Self::Thread,
        Self::Key,
        Self::OwnStack,
        Self::Sleep,
        Self::Clock,
    ];
}
