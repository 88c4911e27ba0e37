//! Functions by the addresses that perf prints, with those that were inlined.
//!
//! Perf prints the offset of an instruction in its file ([`perf`](crate::perf) says how to make it
//! do so). The program headers give the address in memory, and the debug information the functions
//! that were inlined there.
//!
//! # Names
//!
//! As in valgrind: demangled, and without rustc's hash. The name of the function that was called
//! comes from the table of symbols. Names of inlined functions come from the debug information:
//!
//! * with `debug = "limited"` in Cargo's profile they have the whole path, the same as if they were
//!   called;
//! * with `debug = "line-tables-only"` compilers write the last name alone, `run`. There the path
//!   of the file gives the module: `simple_runtime::executor::worker::run`, without the type that
//!   the function belongs to.
//!
//! Without debug information, the name that perf prints is all there is.

mod elf;
mod source;

use crate::folded::UNKNOWN;
use crate::names::readable;
use crate::sample::{Frame, Place};
use elf::Binary;
pub use object::Architecture;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// Names of functions, innermost first: the last one was called, the others were inlined.
pub type Functions = Arc<[Arc<str>]>;

/// A source of the functions at a frame.
///
/// A closure is one: `|frame: &Frame| vec!["f".to_owned()]`.
pub trait Symbolizer {
    /// The functions at a frame of the program (not of the kernel), innermost first, and at
    /// least one.
    fn functions(&mut self, frame: &Frame) -> Functions;
}

impl<F: FnMut(&Frame) -> Vec<String>> Symbolizer for F {
    fn functions(&mut self, frame: &Frame) -> Functions {
        self(frame).into_iter().map(Arc::from).collect()
    }
}

/// Returns whether an executable file has a symbol of this name, without mangling. A file that was
/// stripped has none.
pub fn has_symbol(path: &Path, name: &str) -> bool {
    elf::has_symbol(path, name)
}

/// Facts about an executable file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The size of its addresses.
    pub width: Width,
    /// The processor that it is for.
    pub machine: Architecture,
    /// Names of functions in it.
    pub names: Names,
}

/// The size of a program's addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// 32 bits.
    Bits32,
    /// 64 bits.
    Bits64,
}

/// Names of functions in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Its table of symbols has functions.
    Kept,
    /// It was stripped.
    Stripped,
}

/// Facts about an executable file; `None` if it is none, such as a script.
pub fn facts(path: &Path) -> Option<Facts> {
    elf::facts(path)
}

/// The names that the sampler gave, without functions that were inlined: for samplers that look
/// them up, and for files that are gone.
#[derive(Debug, Clone, Copy, Default)]
pub struct AsGiven;

impl Symbolizer for AsGiven {
    fn functions(&mut self, frame: &Frame) -> Functions {
        given(frame)
    }
}

/// Reads names from the files that were executed, which must still be there, and be the same.
///
/// Each file is read once, at the first frame in it, and each address is looked up once.
#[derive(Default)]
pub struct Symbols {
    files: HashMap<Arc<str>, File>,
}

#[derive(Default)]
struct File {
    /// `None` if it cannot be read.
    binary: Option<Binary>,
    known: HashMap<u64, Functions>,
}

impl Symbols {
    /// Symbols of no file yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Symbolizer for Symbols {
    fn functions(&mut self, frame: &Frame) -> Functions {
        let Place::File { path, offset } = &frame.place else { return given(frame) };
        if !self.files.contains_key(path) {
            let file = File { binary: Binary::open(Path::new(&**path)), ..File::default() };
            self.files.insert(Arc::clone(path), file);
        }
        let Some(File { binary: Some(binary), known }) = self.files.get_mut(path) else {
            return given(frame);
        };
        let functions = known
            .entry(*offset)
            .or_insert_with(|| binary.functions(*offset).unwrap_or_else(|| given(frame)));
        Arc::clone(functions)
    }
}

/// The name that the sampler gave.
fn given(frame: &Frame) -> Functions {
    let name = frame.function.as_deref().map_or(UNKNOWN.into(), readable);
    Arc::new([Arc::from(name)])
}
