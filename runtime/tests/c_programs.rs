//! The C interface from C: each program in `tests/c` exercises a family of functions, and
//! ends with an error at the first thing that is not as the header says. Under valgrind it
//! must neither touch memory that is not its own nor lose any.

mod c;

use c::{Language, Linkage, package};
use std::collections::BTreeSet;
use std::fs;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A program of `tests/c`, built.
struct Program {
    folder: TempDir,
    path: PathBuf,
}

impl Program {
    fn new(name: &str) -> Self {
        Self::built_as(name, Language::C, Linkage::Shared)
    }

    fn built_as(name: &str, language: Language, linkage: Linkage) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = package().join("tests/c").join(name).with_extension("c");
        let path = c::build(&source, folder.path(), language, linkage);
        Self { folder, path }
    }

    /// A folder where the program may make files.
    fn work_folder(&self) -> PathBuf {
        let folder = self.folder.path().join("work");
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// Runs it at full size. It must not say anything.
    fn run(&self) {
        assert_eq!(c::output(Command::new(&self.path).arg(self.work_folder())), "");
    }

    /// Runs it at small size under valgrind.
    fn check_memory(&self) {
        if let Some(mut valgrind) = valgrind(&self.path) {
            c::succeed(valgrind.arg(self.work_folder()).arg("small"));
        }
    }
}

/// `program` under memcheck, or nothing where there is no valgrind.
fn valgrind(program: &Path) -> Option<Command> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        // Not by a macro: the test harness would swallow it.
        let skipped = format!("valgrind is missing: memory of {} unchecked\n", program.display());
        stderr().write_all(skipped.as_bytes()).unwrap();
        return None;
    }
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--quiet", "--error-exitcode=99", "--leak-check=full", "--num-callers=30"]);
    // What the process keeps to its end (tables, pools, threads' blocks) is reachable: no leak.
    valgrind.args(["--show-leak-kinds=definite,indirect"]);
    valgrind.args(["--errors-for-leak-kinds=definite,indirect"]);
    // Valgrind runs one thread at a time; unfairly, one that spins may keep out the others.
    valgrind.arg("--fair-sched=try").arg(program);
    Some(valgrind)
}

macro_rules! families {
    ($($name:ident)*) => {
        const FAMILIES: &[&str] = &[$(stringify!($name)),*];
        $(
        mod $name {
            use super::Program;

            #[test]
            fn does_as_the_header_says() {
                Program::new(stringify!($name)).run();
            }

            #[test]
            fn keeps_to_its_memory() {
                Program::new(stringify!($name)).check_memory();
            }
        }
        )*
    };
}

families! {
    values futures executor files threads channels coverage aop errors handlers stacks coroutines
    thread_ends
}

#[test]
fn every_program_is_run() {
    let files = fs::read_dir(package().join("tests/c")).unwrap().map(|file| file.unwrap().path());
    let programs = files.filter(|file| file.extension().is_some_and(|kind| kind == "c"));
    let names: BTreeSet<_> =
        programs.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let run = FAMILIES
        .iter()
        .chain(&["shown", "forked_threads", "environment"])
        .map(|name| (*name).to_owned());
    assert_eq!(names, run.collect());
}

#[test]
fn every_function_is_called() {
    let folder = package().join("tests/c");
    let sources = FAMILIES.iter().map(|name| folder.join(name).with_extension("c"));
    let header = folder.join("check.h");
    let texts = sources.chain([header]).map(|source| fs::read_to_string(source).unwrap());
    let all: String = texts.collect();
    let is_called = |name: &&str| all.contains(&format!("{name}("));
    let missing: Vec<_> = include_str!("symbols.txt").lines().filter(|n| !is_called(n)).collect();
    assert!(missing.is_empty(), "no program calls {missing:?}");
}

#[test]
fn static_library_works_alone() {
    for name in ["values", "futures"] {
        Program::built_as(name, Language::C, Linkage::Static).run();
    }
}

#[test]
fn header_works_from_cxx() {
    for name in ["values", "futures", "aop"] {
        Program::built_as(name, Language::Cxx, Linkage::Shared).run();
    }
}

/// Not under valgrind: what a parent's threads hold is lost to a child, and a leak for it.
#[test]
fn children_have_threads_and_files_of_their_own() {
    Program::new("forked_threads").run();
}

#[test]
fn messages_are_printed_when_asked_for() {
    let program = Program::new("errors");
    let mut command = Command::new(&program.path);
    let output = c::succeed(command.env("SIMPLE_RT_LOG", "1"));
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(printed.contains("simple-runtime: rt_string_len: needs a value of type string"));
    assert!(output.stdout.is_empty());
}

/// Runs `shown` on a file of `size` bytes that differ from page to page.
fn shown(command: &mut Command, program: &Program, size: usize, depth: &str, probes: &str) {
    let file = program.work_folder().join("data");
    let bytes: Vec<u8> = (0..size).map(|i| (i / 4096 + i % 251) as u8).collect();
    fs::write(&file, bytes).unwrap();
    let output = c::succeed(command.arg(file).args([depth, probes]));
    let expected =
        format!("{depth} nested awaits\n{size} bytes, 9 strategies\n8 x {probes} probes\n");
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

#[test]
fn shows_a_million_nested_awaits_64_mib_and_800_000_probes() {
    let program = Program::new("shown");
    shown(&mut Command::new(&program.path), &program, 64 << 20, "1000000", "100000");
}

/// Not deeper than one piece of stack: valgrind takes a change of stacks for a huge frame.
#[test]
fn shows_it_without_memory_errors() {
    let program = Program::new("shown");
    if let Some(mut valgrind) = valgrind(&program.path) {
        shown(&mut valgrind, &program, 1 << 20, "50", "1000");
    }
}
