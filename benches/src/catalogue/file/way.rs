//! The ways in which a file's bytes come into memory.

use crate::catalogue::Family;
use anyhow::Result;
use simple_runtime::file::{self, Prefault};
use std::cell::RefCell;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// A strategy of the runtime, or a peer's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Through a handle of the runtime.
    Runtime(Prefault),
    /// `std::fs::read`.
    Read,
    /// `read(2)` into a buffer that is used again: it hides the price of fresh pages.
    ReusedBuffer,
}

/// A question about strategies, without a default.
pub(super) fn question_without_default(id: &str, title: &str) -> Family {
    Family::question(id, title).series("strategy").item("file")
}

/// A question about strategies, with the default of callers who choose none.
pub(super) fn question(id: &str, title: &str) -> Family {
    question_without_default(id, title).default_at("strategy", Way::Runtime(Prefault::Auto).name())
}

impl Way {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        Prefault::ALL.into_iter().map(Self::Runtime).chain([Self::Read, Self::ReusedBuffer])
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Runtime(strategy) => strategy.name(),
            Self::Read => "std::fs::read",
            Self::ReusedBuffer => "reused buffer",
        }
    }

    /// Why it is there.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Runtime(Prefault::Progressive) => {
                "the reference C runtime's way: advice in steps of 4 MiB"
            }
            Self::Runtime(Prefault::Auto) => "the runtime's own choice: should be no slower",
            Self::Runtime(_) => "a strategy that a caller may choose",
            Self::Read => "what a program does without the runtime",
            Self::ReusedBuffer => "the floor: no page is fresh after the first file",
        }
    }

    /// The owner of the warm file that it reads, in a comparison. Readers of pages that are all in
    /// the page cache leave them as they are, so the alternatives of a comparison share a file:
    /// files of their own would fill the disk and the memory. All but one: for who asks for huge
    /// pages, the kernel may put a file's pages together.
    pub(super) fn owner(self, comparison: &str) -> String {
        match self {
            Self::Runtime(Prefault::Huge) => format!("{comparison}-{}", self.name()),
            _ => comparison.to_owned(),
        }
    }

    pub(super) fn is_peer(self) -> bool {
        !matches!(self, Self::Runtime(_))
    }

    /// Brings the bytes of the file into memory and has `look` look at them there.
    pub(super) fn load<R>(self, path: &Path, look: impl FnOnce(&[u8]) -> R) -> Result<R> {
        match self {
            Self::Runtime(strategy) => {
                let handle = file::create(path, 0, strategy)?;
                let loaded = file::wait(handle)?;
                // SAFETY: the bytes stay where they are until the file is closed below, and
                // nobody changes the files of the benchmarks.
                let bytes = unsafe { bytes(loaded) };
                let answer = look(bytes);
                file::close(handle)?;
                Ok(answer)
            }
            Self::Read => Ok(look(&fs::read(path)?)),
            Self::ReusedBuffer => BUFFER.with_borrow_mut(|buffer| {
                buffer.clear();
                File::open(path)?.read_to_end(buffer)?;
                Ok(look(buffer))
            }),
        }
    }
}

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The bytes of a loaded file.
///
/// # Safety
///
/// The file is open as long as the bytes are used.
pub(super) unsafe fn bytes<'a>(loaded: file::Loaded) -> &'a [u8] {
    // SAFETY: the runtime promises the bytes at this address until the file is closed.
    unsafe { std::slice::from_raw_parts(loaded.address as *const u8, loaded.len_bytes) }
}

/// Looks at every byte, as fast as memory gives them.
pub(super) fn sum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    words.chain(rest.iter().map(|byte| u64::from(*byte))).fold(0, u64::wrapping_add)
}

/// Looks at one page in a hundred, in an order that nothing can guess.
pub(super) fn look_at_few(bytes: &[u8]) -> u64 {
    const PAGE_BYTES: u64 = 4096;
    let pages = (bytes.len() as u64).div_ceil(PAGE_BYTES).max(1);
    let mut random = fastrand::Rng::with_seed(pages);
    (0..pages.div_ceil(100))
        .map(|_| {
            bytes.get((random.u64(..pages) * PAGE_BYTES) as usize).map_or(0, |b| u64::from(*b))
        })
        .sum()
}
