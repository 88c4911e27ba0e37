//! An executable file.

use super::{Facts, Functions, Names, Width, source::Modules};
use crate::names::{is_mangled, readable, without_arguments};
use addr2line::{Frame, Loader, gimli::Reader};
use object::read::{Object as _, ObjectSegment as _, ObjectSymbol as _, ReadCache};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Returns whether a file has a symbol of this name; `false` if it is not executable.
pub(super) fn has_symbol(path: &Path, name: &str) -> bool {
    let Ok(file) = fs::File::open(path) else { return false };
    let cache = ReadCache::new(file);
    let Ok(object) = object::File::parse(&cache) else { return false };
    object.symbols().any(|symbol| symbol.name() == Ok(name))
}

/// Facts about an executable file; `None` if it is none.
pub(super) fn facts(path: &Path) -> Option<Facts> {
    let cache = ReadCache::new(fs::File::open(path).ok()?);
    let object = object::File::parse(&cache).ok()?;
    Some(Facts {
        width: if object.is_64() { Width::Bits64 } else { Width::Bits32 },
        machine: object.architecture(),
        names: match object.symbols().any(|symbol| symbol.kind() == object::SymbolKind::Text) {
            true => Names::Kept,
            false => Names::Stripped,
        },
    })
}

pub(super) struct Binary {
    loader: Loader,
    segments: Vec<Segment>,
    modules: Modules,
}

/// A part of the file, and its place in memory before relocation.
struct Segment {
    offset: u64,
    length: u64,
    address: u64,
}

impl Binary {
    /// Opens a file; `None` if it is not executable.
    pub(super) fn open(path: &Path) -> Option<Self> {
        // Perf also prints names in brackets, and paths of files that are gone.
        if !fs::metadata(path).ok()?.is_file() {
            return None;
        }
        let segments = segments(path)?;
        let loader = Loader::new(path).ok()?;
        Some(Self { loader, segments, modules: Modules::default() })
    }

    /// The functions at a place in the file, innermost first; `None` if there is no debug
    /// information for it. The nearest symbol may be wrong then: a library may have only those of
    /// its public functions.
    pub(super) fn functions(&mut self, offset: u64) -> Option<Functions> {
        let address = self.address(offset)?;
        let mut functions = self.by_debug_information(address);
        // Symbols have the whole path in any case.
        let called = functions.last_mut()?;
        if let Some(symbol) = self.loader.find_symbol(address) {
            *called = readable(symbol).into();
        }
        Some(functions.into())
    }

    fn address(&self, offset: u64) -> Option<u64> {
        let holds = |segment: &&Segment| {
            offset.checked_sub(segment.offset).is_some_and(|inside| inside < segment.length)
        };
        let segment = self.segments.iter().find(holds)?;
        Some(offset - segment.offset + segment.address)
    }

    fn by_debug_information(&mut self, address: u64) -> Vec<Arc<str>> {
        let mut functions = Vec::new();
        let Ok(mut frames) = self.loader.find_frames(address) else { return functions };
        while let Ok(Some(frame)) = frames.next() {
            functions.push(name(&frame, &mut self.modules).into());
        }
        functions
    }
}

fn name<R: Reader>(frame: &Frame<'_, R>, modules: &mut Modules) -> String {
    let name = frame.function.as_ref().and_then(|function| function.raw_name().ok());
    let Some(name) = name else { return crate::folded::UNKNOWN.to_owned() };
    if is_mangled(&name) {
        return readable(&name);
    }
    let file = frame.location.as_ref().and_then(|location| location.file);
    let name = without_arguments(&name);
    match file.and_then(|file| modules.module(file)) {
        Some(module) => format!("{module}::{name}"),
        None => name,
    }
}

fn segments(path: &Path) -> Option<Vec<Segment>> {
    let cache = ReadCache::new(fs::File::open(path).ok()?);
    let file = object::File::parse(&cache).ok()?;
    let segment = |segment: object::Segment<'_, '_, _>| {
        let (offset, length) = segment.file_range();
        Segment { offset, length, address: segment.address() }
    };
    Some(file.segments().map(segment).collect())
}
