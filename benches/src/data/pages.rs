//! The pages of a file in the page cache: how many are there, and in which folios.
//!
//! A map of a file is entered into page tables by page faults. A fault on a folio of the size of a
//! huge page enters all of it, if map and file lie right, as they do for whole files; any other
//! fault enters no more than the pages around it, 64 KiB unless the kernel was told otherwise. So
//! the number of faults tells a file in huge folios from one in small ones, without privileges and
//! without a clock. It is also what makes the two so different for programs.

use anyhow::{Context, Result, ensure};
use memmap2::Mmap;
use simple_records::{Folios, Layout};
use std::fs::File;
use std::hint::black_box;
use std::{fs, io, mem};

pub(crate) const PAGE_BYTES: usize = 4096;
const MIB: f64 = (1 << 20) as f64;
/// Most faults for each MiB of a file in huge folios: half a fault, and a few of the thread's own,
/// which [`LEAST_HUGE_PAGES`] keep small.
const MOST_OF_LARGE: f64 = 1.0;
/// Huge pages in the smallest file whose layout can be told.
const LEAST_HUGE_PAGES: u64 = 4;
/// Least faults for each MiB of a file in small folios: 16, and fewer if some are larger.
const LEAST_OF_SMALL: f64 = 12.0;

/// Pages of a file, and those of them that are in the page cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Resident {
    /// Those that are there.
    pub(crate) resident_pages: u64,
    /// All of them.
    pub(crate) pages: u64,
}

fn map(file: &File) -> Result<Mmap> {
    // SAFETY: nobody makes the files of the benchmarks shorter: they are written under another
    // name and renamed.
    unsafe { Mmap::map(file) }.context("cannot map the file to look at its pages")
}

/// The number of pages in the page cache, by mincore(2).
pub(crate) fn resident(file: &File) -> Result<Resident> {
    let map = map(file)?;
    let mut pages = vec![0_u8; map.len().div_ceil(PAGE_BYTES)];
    // SAFETY: the range is the map's, and the vector has a byte for each of its pages.
    let result =
        unsafe { libc::mincore(map.as_ptr().cast_mut().cast(), map.len(), pages.as_mut_ptr()) };
    ensure!(result == 0, "mincore: {}", io::Error::last_os_error());
    // Only the lowest bit has a meaning.
    let resident = pages.iter().filter(|page| **page & 1 == 1).count();
    Ok(Resident { resident_pages: resident as u64, pages: pages.len() as u64 })
}

/// The layout of a file that is in the page cache. Pages that are not there are read, which changes
/// it.
pub(crate) fn layout(file: &File) -> Result<Layout> {
    let map = map(file)?;
    let before = faults()?;
    for page in map.chunks(PAGE_BYTES) {
        black_box(page[0]);
    }
    let faults_per_mib = (faults()? - before) as f64 / (map.len() as f64 / MIB);
    let tells = huge_page_bytes().is_some_and(|bytes| map.len() as u64 >= LEAST_HUGE_PAGES * bytes);
    let folios = match faults_per_mib {
        _ if !tells => Folios::Unknown,
        faults if faults <= MOST_OF_LARGE => Folios::Large,
        faults if faults >= LEAST_OF_SMALL => Folios::Small,
        _ => Folios::Mixed,
    };
    Ok(Layout { folios, faults_per_mib })
}

/// Size of a huge page; `None` where the kernel has none.
fn huge_page_bytes() -> Option<u64> {
    let text = fs::read_to_string("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size").ok()?;
    text.trim().parse().ok()
}

/// Minor page faults of this thread so far.
fn faults() -> Result<u64> {
    // SAFETY: all zeros are a value of this structure of numbers.
    let mut usage: libc::rusage = unsafe { mem::zeroed() };
    // SAFETY: the pointer is to a structure that is written as a whole.
    let result = unsafe { libc::getrusage(libc::RUSAGE_THREAD, &raw mut usage) };
    ensure!(result == 0, "getrusage: {}", io::Error::last_os_error());
    Ok(usage.ru_minflt as u64)
}
