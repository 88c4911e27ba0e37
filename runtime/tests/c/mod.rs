//! Builds C and C++ programs against the library that cargo has just built, and runs them.
#![allow(dead_code, reason = "not every test program uses everything")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The language that a source is compiled as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// C99
    C,
    /// C++17
    Cxx,
}

/// The way in which a program is linked with the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linkage {
    Shared,
    Static,
    /// Not at all: it loads the library itself.
    Loads,
}

const SHARED: &str = "libsimple_runtime.so";

/// The folder of this crate.
pub fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `name` among what cargo has built for this very test program.
///
/// Cargo builds every form of the library before an integration test, into the folder where
/// the test program lies itself, whatever the profile and target directory are. One folder up
/// there may be another copy, but only `cargo build` renews that.
pub fn built(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a test program knows where it lies");
    let folders = test.ancestors().skip(1).take(2);
    let found = folders.map(|folder| folder.join(name)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("cargo has built no {name} beside {}", test.display()))
}

/// The shared library.
pub fn shared_library() -> PathBuf {
    built(SHARED)
}

/// The archive, and what it needs of the system, as the header names them.
pub fn archive_and_libraries(header: &str) -> Vec<String> {
    let (_, line) = header.split_once("with the archive: ").expect("the header names it");
    let is_library = |word: &&str| word.starts_with("lib") || word.starts_with("-l");
    line.split_whitespace().take_while(is_library).map(str::to_owned).collect()
}

/// The compiler (of `CC` or `CXX` in the environment), as strict as we ask of our header.
pub fn compiler(language: Language) -> Command {
    let target = format!("{}-unknown-linux-gnu", env::consts::ARCH);
    let mut build = cc::Build::new();
    build.target(&target).host(&target).opt_level(1).no_default_flags(true).cargo_metadata(false);
    let mut command = build.cpp(language == Language::Cxx).get_compiler().to_command();
    command.args(match language {
        Language::C => ["-x", "c", "-std=c99"],
        Language::Cxx => ["-x", "c++", "-std=c++17"],
    });
    command.args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-O1", "-g", "-I"]);
    command.arg(package().join("include"));
    command
}

/// Builds the program `source` into `folder` and returns its path.
pub fn build(source: &Path, folder: &Path, language: Language, linkage: Linkage) -> PathBuf {
    let name = source.file_stem().expect("a source has a name");
    let program = folder.join(name);
    let mut command = compiler(language);
    command.arg(source).arg("-o").arg(&program).args(["-x", "none", "-pthread"]);
    match linkage {
        Linkage::Shared => {
            let library = shared_library();
            let folder = library.parent().expect("a library lies somewhere");
            // The file itself, because -lsimple_runtime would also find the archive.
            command.arg(&library).arg(format!("-Wl,-rpath,{}", folder.display()));
        }
        Linkage::Static => {
            let line = archive_line();
            command.arg(built(&line[0])).args(&line[1..]);
        }
        Linkage::Loads => {
            command.arg("-ldl");
        }
    }
    succeed(&mut command);
    program
}

/// The archive, and the libraries that it needs, as the header names them.
fn archive_line() -> Vec<String> {
    let header = package().join("include/simple_runtime.h");
    let header = std::fs::read_to_string(header).expect("there is a header");
    archive_and_libraries(&header)
}

/// Links all of the static library into the shared object `object`.
pub fn link_whole_archive(object: &Path) {
    let mut command = compiler(Language::C);
    command.args(["-shared", "-o"]).arg(object).args(["-x", "none", "-Wl,--whole-archive"]);
    let line = archive_line();
    command.arg(built(&line[0])).arg("-Wl,--no-whole-archive").args(&line[1..]);
    succeed(&mut command);
}

/// Runs a command that must succeed; what it said becomes the message if it does not.
#[track_caller]
pub fn succeed(command: &mut Command) -> Output {
    // Cargo puts folders in here that may hold an older library.
    command.env_remove("LD_LIBRARY_PATH");
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let words: Vec<_> = [command.get_program()].into_iter().chain(command.get_args()).collect();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{words:?}: {}\n{out}\n{err}", output.status);
    output
}

/// Runs a command that must succeed without a word on standard error, and returns what it
/// wrote to standard output.
#[track_caller]
pub fn output(command: &mut Command) -> String {
    let output = succeed(command.env_remove("SIMPLE_RT_LOG"));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "on standard error");
    String::from_utf8(output.stdout).expect("the programs write UTF-8")
}
