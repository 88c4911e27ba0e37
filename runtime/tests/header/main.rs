//! The C header is what the sources say, compiles everywhere, and documents every function.
//!
//! `just header` generates it.

#[path = "../c/mod.rs"]
mod c;
mod comments;
mod generate;
mod hygiene;

use c::{Language, Linkage, package};
use std::process::Command;
use std::sync::LazyLock;
use std::{env, fs};

/// The generated header, written first if that was asked for: the other tests compile it.
static HEADER: LazyLock<String> = LazyLock::new(|| {
    let header = generate::header();
    if env::var_os("UPDATE_HEADER").is_some() {
        fs::create_dir_all(package().join("include")).unwrap();
        fs::write(package().join(PATH), &header).unwrap();
    }
    header
});
const PATH: &str = "include/simple_runtime.h";

#[test]
fn header_is_what_the_sources_say() {
    let header = HEADER.as_str();
    let committed = fs::read_to_string(package().join(PATH)).unwrap_or_default();
    let differs = header.lines().zip(committed.lines()).position(|(new, old)| new != old);
    let line = differs.unwrap_or(header.lines().count().min(committed.lines().count())) + 1;
    assert!(
        header == committed,
        "runtime/{PATH} is not what the sources say, from line {line} on: run `just header` \
         (UPDATE_HEADER=1 cargo test -p simple-runtime --test header) and commit it",
    );
}

#[test]
fn every_function_says_what_its_user_must_know() {
    let functions = comments::functions(&HEADER);
    let faults: Vec<_> = functions.iter().map(|f| (f.name(), f.faults())).collect();
    let faulty: Vec<_> = faults.iter().filter(|(_, faults)| !faults.is_empty()).collect();
    assert!(faulty.is_empty(), "comments in src/ffi lack: {faulty:#?}");
}

#[test]
fn header_declares_every_symbol_of_the_contract() {
    let symbols = fs::read_to_string(package().join("tests/symbols.txt")).unwrap();
    let functions = comments::functions(&HEADER);
    let mut declared: Vec<_> = functions.iter().map(comments::Function::name).collect();
    declared.sort_unstable();
    assert_eq!(declared, symbols.lines().collect::<Vec<_>>());
}

#[test]
fn header_speaks_no_rust() {
    for rust in ["::", "[`", "# Safety", "Option_", "&mut", "`Plan`", "`poll`", "`Body`"] {
        assert!(!HEADER.contains(rust), "the header contains {rust}");
    }
}

/// The comment at the top.
fn introduction() -> &'static str {
    HEADER.split_once("*/").expect("the header begins with a comment").0
}

/// The example in the comment at the top works as it is.
#[test]
fn example_in_the_header_prints_42() {
    let (_, example) = introduction().split_once("An example:").expect("it has an example");
    let lines = example.lines().map(|line| line.trim_start_matches(" *"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("example.c");
    fs::write(&source, format!("#include <simple_runtime.h>\n#include <stdio.h>\n{code}")).unwrap();
    let program = c::build(&source, folder.path(), Language::C, Linkage::Shared);
    assert_eq!(c::output(&mut Command::new(program)), "42\n");
}

/// The line that names what to link with, word for word.
#[test]
fn programs_link_with_the_libraries_that_the_header_names_and_no_other() {
    let libraries = c::archive_and_libraries(introduction());
    assert_eq!(libraries[0], "libsimple_runtime.a");
    let folder = tempfile::tempdir().unwrap();
    for how in [&[][..], &["-static"], &["-static-pie"]] {
        let program = folder.path().join("program");
        let mut command = c::compiler(Language::C);
        command.arg(package().join("tests/c/futures.c")).args(["-x", "none"]).args(how);
        command.arg(c::built(&libraries[0])).args(&libraries[1..]).arg("-o").arg(&program);
        c::succeed(&mut command);
        assert_eq!(c::output(Command::new(program).arg(folder.path())), "", "{how:?}");
    }
}
