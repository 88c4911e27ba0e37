//! Two programs compared by what the machine executes.
//!
//! A change of a comment moves the lines below it. Rust keeps the line of each place that may panic in the
//! program's data, so a program with a new comment differs from the one before, though it does the same
//! in the same time.

use object::read::elf::ElfFile64;
use object::{Object, ObjectSection, RelocationTarget, SectionFlags, SectionKind, elf};
use std::collections::BTreeMap;
use thiserror::Error;

/// The result of comparing two programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sameness {
    /// All that is loaded is the same.
    Same,
    /// They differ only in the numbers of lines that panics name, or in constants of the very same shape:
    /// the name of a Rust source, followed by two numbers.
    ExceptLines,
    /// They are different programs.
    Different,
}

/// A file that is no program.
#[derive(Debug, Error)]
#[error("not a 64-bit ELF program: {0}")]
pub struct NoProgram(#[from] object::read::Error);

/// Identifies a build, and says nothing about what it does.
const BUILD_ID: &[u8] = b".note.gnu.build-id";
/// Constants with addresses, such as the places that panics name.
const RELOCATED: &[u8] = b".data.rel.ro";

/// Longest name of a source file that is believed.
const LONGEST_PATH: u64 = 4096;

/// Compares two programs by what is loaded of them. Debug information and names of functions do not count.
///
/// # Errors
/// If one of them is not a 64-bit ELF program of this machine's byte order.
pub fn compare(one: &[u8], other: &[u8]) -> Result<Sameness, NoProgram> {
    let (one, other) = (Program::read(one)?, Program::read(other)?);
    if one.sections.len() != other.sections.len() {
        return Ok(Sameness::Different);
    }
    let mut sameness = Sameness::Same;
    for (mine, theirs) in one.sections.iter().zip(&other.sections) {
        if !mine.has_same_place(theirs) {
            return Ok(Sameness::Different);
        }
        if mine.data == theirs.data || mine.name == BUILD_ID {
            continue;
        }
        let differing = words_that_differ(mine, theirs);
        let only_lines = mine.name == RELOCATED
            && differing.into_iter().all(|at| one.names_line(at) && other.names_line(at));
        if !only_lines {
            return Ok(Sameness::Different);
        }
        sameness = Sameness::ExceptLines;
    }
    Ok(sameness)
}

/// Addresses of the words of eight bytes in which two sections of equal place differ.
fn words_that_differ(one: &Section<'_>, other: &Section<'_>) -> Vec<u64> {
    let words = one.data.chunks(8).zip(other.data.chunks(8)).zip((one.address..).step_by(8));
    words.filter(|((mine, theirs), _)| mine != theirs).map(|(_, at)| at).collect()
}

/// The loaded part of a program.
struct Program<'f> {
    sections: Vec<Section<'f>>,
    /// Addresses that the loader writes, by the place where it writes them.
    addresses: BTreeMap<u64, u64>,
}

struct Section<'f> {
    name: &'f [u8],
    address: u64,
    size: u64,
    /// Empty if all of it is zero.
    data: &'f [u8],
}

impl<'f> Program<'f> {
    fn read(file: &'f [u8]) -> Result<Self, NoProgram> {
        let file = ElfFile64::<object::Endianness>::parse(file)?;
        let mut sections = Vec::new();
        for section in file.sections() {
            let SectionFlags::Elf { sh_flags, .. } = section.flags() else { continue };
            if sh_flags.0 & elf::SHF_ALLOC.0 == 0 {
                continue;
            }
            let is_zero = matches!(
                section.kind(),
                SectionKind::UninitializedData | SectionKind::UninitializedTls
            );
            sections.push(Section {
                name: section.name_bytes()?,
                address: section.address(),
                size: section.size(),
                data: if is_zero { &[] } else { section.data()? },
            });
        }
        let relocations = file.dynamic_relocations().into_iter().flatten();
        let absolute = relocations.filter(|(_, to)| to.target() == RelocationTarget::Absolute);
        let addresses = absolute.map(|(at, to)| (at, to.addend() as u64)).collect();
        Ok(Self { sections, addresses })
    }

    /// Bytes at an address; `None` if they are not in the file.
    fn bytes(&self, at: u64, count: u64) -> Option<&'f [u8]> {
        self.sections.iter().find_map(|section| {
            let begin = usize::try_from(at.checked_sub(section.address)?).ok()?;
            section.data.get(begin..begin.checked_add(usize::try_from(count).ok()?)?)
        })
    }

    /// Returns whether the word at an address is line and column of a `std::panic::Location`: the
    /// address and the length of a source file's name lie before it.
    fn names_line(&self, at: u64) -> bool {
        let file = || {
            let length = self.bytes(at.checked_sub(8)?, 8)?;
            let length = u64::from_ne_bytes(length.try_into().ok()?);
            let text = *self.addresses.get(&at.checked_sub(16)?)?;
            (length <= LONGEST_PATH).then(|| self.bytes(text, length)).flatten()
        };
        !self.addresses.contains_key(&at) && file().is_some_and(|name| name.ends_with(b".rs"))
    }
}

impl Section<'_> {
    fn has_same_place(&self, other: &Self) -> bool {
        (self.name, self.address, self.size) == (other.name, other.address, other.size)
            && self.data.len() == other.data.len()
    }
}
