//! Names of functions in programs that are built here.

mod support;

use object::{Object, ObjectSegment, ObjectSymbol};
use simple_profiles::sample::{Frame, Place};
use simple_profiles::symbols::{AsGiven, Symbolizer, Symbols};
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use support::build;

const SOURCE: &str = r"
use std::hint::black_box;

mod work {
    pub struct Worker(pub u64);

    impl Worker {
        #[inline(always)]
        pub fn step(&self) -> u64 {
            (0..self.0).map(|at| crate::black_box(at)).fold(0, u64::wrapping_add)
        }
    }

    #[inline(never)]
    pub fn run(rounds: u64) -> u64 {
        Worker(rounds).step()
    }
}

fn main() {
    black_box(work::run(black_box(9)));
}
";

/// Place of a function in memory and in the file.
struct Location {
    addresses: Range<u64>,
    offset: u64,
}

fn place(path: &Path, name: &str) -> Location {
    let data = fs::read(path).unwrap();
    let file = object::File::parse(&*data).unwrap();
    let symbol = file.symbols().find(|symbol| symbol.name().unwrap().contains(name)).unwrap();
    let addresses = symbol.address()..symbol.address() + symbol.size();
    let holds = |segment: &object::Segment<'_, '_>| {
        (segment.address()..segment.address() + segment.size()).contains(&addresses.start)
    };
    let segment = file.segments().find(holds).unwrap();
    let offset = addresses.start - segment.address() + segment.file_range().0;
    Location { addresses, offset }
}

fn frame(path: &Path, offset: u64, function: Option<&str>) -> Frame {
    let path = path.to_str().unwrap().into();
    Frame { function: function.map(Into::into), place: Place::File { path, offset } }
}

/// The functions at each address of `tiny::work::run`, each stack once, outermost first.
fn stacks(debug: &str) -> Vec<String> {
    let program = build(SOURCE, debug);
    let place = place(&program.path, "4work3run");
    let mut symbols = Symbols::new();
    let mut stacks = Vec::new();
    for inside in 0..place.addresses.end - place.addresses.start {
        let frame = frame(&program.path, place.offset + inside, None);
        let mut functions: Vec<Arc<str>> = symbols.functions(&frame).to_vec();
        functions.reverse();
        stacks.push(functions.join(";"));
    }
    stacks.sort();
    stacks.dedup();
    stacks
}

fn assert_has(stacks: &[String], expected: &str) {
    assert!(stacks.iter().any(|stack| stack.contains(expected)), "{expected}: {stacks:#?}");
    assert!(stacks.iter().all(|stack| stack.starts_with("tiny::work::run")), "{stacks:#?}");
    let is_hash = |name: &str| name.len() == 17 && name.starts_with('h');
    let has_hash = |stack: &String| stack.split([':', ';']).any(is_hash);
    assert!(!stacks.iter().any(has_hash), "{stacks:#?}");
}

#[test]
fn inlined_functions_have_their_whole_path_with_limited_debug_information() {
    let stacks = stacks("limited");
    assert_has(&stacks, "tiny::work::run;tiny::work::Worker::step;");
    assert_has(&stacks, ";tiny::work::Worker::step::{{closure}};core::hint::black_box");
}

#[test]
fn inlined_functions_have_the_module_of_their_file_with_line_tables_only() {
    let stacks = stacks("line-tables-only");
    assert_has(&stacks, "tiny::work::run;tiny::step;core::iter::");
    assert_has(&stacks, ";tiny::{{closure}};core::hint::black_box");
}

#[test]
fn without_debug_information_the_printed_name_is_taken() {
    let program = build(SOURCE, "none");
    let offset = place(&program.path, "4work3run").offset;
    let printed = Some("tiny::work::run::h0123456789abcdef");
    let names = Symbols::new().functions(&frame(&program.path, offset, printed));
    assert_eq!(names.iter().map(AsRef::as_ref).collect::<Vec<&str>>(), ["tiny::work::run"]);
}

#[test]
fn files_that_are_no_programs_have_the_printed_name() {
    let directory = tempfile::tempdir().unwrap();
    let text = directory.path().join("text");
    fs::write(&text, "this is no program").unwrap();
    for path in [&*text, directory.path(), Path::new("[vdso]"), Path::new("/gone (deleted)")] {
        let frame = frame(path, 1, Some("f@@GLIBC_2.34"));
        assert_eq!(&*Symbols::new().functions(&frame)[0], "f");
        assert_eq!(Symbols::new().functions(&frame), AsGiven.functions(&frame));
    }
    let unknown = Frame { function: None, place: Place::Unknown };
    assert_eq!(&*Symbols::new().functions(&unknown)[0], "[unknown]");
}

#[test]
fn programs_are_elsewhere_in_memory_than_in_their_file() {
    let place = place(&build(SOURCE, "none").path, "4work3run");
    assert_ne!(place.addresses.start, place.offset, "else the other tests would test nothing");
}

#[test]
fn an_offset_outside_of_the_program_has_the_printed_name() {
    let program = build(SOURCE, "limited");
    let outside = frame(&program.path, 0x55f6_b34b_2000, Some("printed"));
    assert_eq!(&*Symbols::new().functions(&outside)[0], "printed");
}

#[test]
fn a_closure_can_give_names() {
    let mut closure = |frame: &Frame| vec![format!("{:?}", frame.place)];
    let unknown = Frame { function: None, place: Place::Unknown };
    assert_eq!(&*closure.functions(&unknown)[0], "Unknown");
}
