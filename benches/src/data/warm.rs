//! Files that are in the page cache in a state that is known.

use super::pages::{self, Resident};
use super::{Data, random_bytes};
use anyhow::{Context, Result, ensure};
use simple_records::{Folios, Layout};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Attempts at writing a file so that its pages lie as they should.
const ATTEMPTS: u32 = 3;

/// Way in which the pages of a warm file are to lie in the page cache. It follows from the way in
/// which the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    /// In folios as large as they get, as of a file that was written with one call and has been in
    /// the page cache ever since. Not every kernel, file system and memory has them.
    Large,
    /// In folios of a few pages, as of a file that was written through the usual buffer, or copied,
    /// or read from disk.
    Small,
}

impl Pages {
    fn folios(self) -> Folios {
        match self {
            Self::Large => Folios::Large,
            Self::Small => Folios::Small,
        }
    }

    /// Size of a write(2).
    fn piece_bytes(self) -> usize {
        match self {
            Self::Large => usize::MAX,
            // The buffer of `std::io::copy`, `BufWriter` and of C's streams is no larger.
            Self::Small => 8 << 10,
        }
    }

    fn name(self) -> &'static str {
        self.folios().name()
    }
}

/// A file that is in the page cache.
#[derive(Debug, Clone)]
pub struct Warm {
    /// Its path.
    pub path: PathBuf,
    /// Its layout there.
    pub layout: Layout,
}

impl Data {
    /// The warm file of `owner`: pseudo-random bytes whose pages lie as `wanted`, as far as this
    /// machine has large folios. It is looked at, and written again unless it is as it should be.
    /// The state of a small file cannot be seen: it is as it was written.
    ///
    /// The pages lie as they do because of whoever wrote or read the file first. So whoever throws
    /// its file out of the page cache, or changes its folios, must be the only one who has it.
    ///
    /// # Errors
    /// If it cannot be written, does not stay in the page cache, or is in large folios that
    /// are not wanted.
    pub fn warm(&self, owner: &str, len_bytes: u64, wanted: Pages) -> Result<Warm> {
        let path = self.of_owner(owner, len_bytes, wanted.name());
        let mut found = look(&path, len_bytes).ok();
        for _ in 0..ATTEMPTS {
            let is_right = |folios| folios == wanted.folios() || folios == Folios::Unknown;
            if found.is_some_and(|state| state.is_whole() && is_right(state.layout.folios)) {
                break;
            }
            self.write(&path, &random_bytes(len_bytes), wanted.piece_bytes())?;
            found = Some(look(&path, len_bytes)?);
        }
        let state = found.with_context(|| format!("{} was never written", path.display()))?;
        ensure!(
            state.is_whole(),
            "{} of {} pages of {} are in the page cache right after it was written: there is too \
             little memory for it",
            state.resident.resident_pages,
            state.resident.pages,
            path.display()
        );
        ensure!(
            (wanted, state.layout.folios) != (Pages::Small, Folios::Large),
            "{} lies in large folios although it was written in pieces: this file system has no \
             small ones",
            path.display()
        );
        Ok(Warm { path, layout: state.layout })
    }

    /// The cold file of `owner`: pseudo-random bytes, which may be in the page cache or not.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn cold(&self, owner: &str, len_bytes: u64) -> Result<PathBuf> {
        self.written_once(self.of_owner(owner, len_bytes, simple_records::COLD), len_bytes)
    }

    fn of_owner(&self, owner: &str, len_bytes: u64, state: &str) -> PathBuf {
        self.folder.join(format!("random-{len_bytes}-{state}-{}", owner.replace('/', "-")))
    }
}

/// State of a file before it was looked at.
#[derive(Debug, Clone, Copy)]
struct State {
    resident: Resident,
    layout: Layout,
}

impl State {
    fn is_whole(self) -> bool {
        self.resident.resident_pages == self.resident.pages
    }
}

/// Looks at the file at `path`, which brings those of its pages into the page cache that are not
/// there.
fn look(path: &Path, len_bytes: u64) -> Result<State> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("cannot open {shown}"))?;
    let is = file.metadata().with_context(|| format!("cannot read {shown}"))?.len();
    ensure!(is == len_bytes, "{shown} has {is} bytes, not {len_bytes}");
    // In this order.
    let resident = pages::resident(&file)?;
    Ok(State { resident, layout: pages::layout(&file)? })
}
