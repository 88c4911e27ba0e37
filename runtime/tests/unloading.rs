//! A program that closes the library while its threads still have ends to come: the library
//! stays. And the name by which programs look for it.

mod c;

use c::{Language, Linkage, package};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds `tests/c/unloading/NAME.c`.
fn program(name: &str, folder: &Path) -> PathBuf {
    let source = package().join("tests/c/unloading").join(name).with_extension("c");
    c::build(&source, folder, Language::C, Linkage::Loads)
}

/// Waits with the library on one thread, closes it, and has that thread end.
fn survives_its_closing(library: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let host = program("host", folder.path());
    assert_eq!(c::output(Command::new(host).arg(library)), "closed\nended\n");
}

#[test]
fn the_shared_library_survives_its_closing() {
    survives_its_closing(&c::shared_library());
}

/// A plug-in that somebody links with the static library.
#[test]
fn an_object_with_the_static_library_in_it_survives_its_closing() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("plugin.so");
    c::link_whole_archive(&plugin);
    survives_its_closing(&plugin);
}

/// Entries of a kind in the dynamic section, as readelf writes them.
fn dynamic_entries(object: &Path, kind: &str) -> Vec<String> {
    let text = c::output(Command::new("readelf").arg("-dW").arg(object).env("LC_ALL", "C"));
    text.lines().filter(|line| line.contains(kind)).map(str::to_owned).collect()
}

#[test]
fn its_name_has_the_major_version_and_lies_beside_it() {
    let library = c::shared_library();
    let names = dynamic_entries(&library, "(SONAME)");
    assert!(names[0].contains("[libsimple_runtime.so.1]"), "{names:?}");
    let by_name = library.with_file_name("libsimple_runtime.so.1");
    assert_eq!(fs::canonicalize(by_name).unwrap(), fs::canonicalize(&library).unwrap());
}

/// The usual way to link: by `-l`, with the folder as run path.
#[test]
fn programs_find_it_by_that_name() {
    let folder = tempfile::tempdir().unwrap();
    let library = c::shared_library();
    let libraries = library.parent().unwrap();
    let program = folder.path().join("values");
    let mut command = c::compiler(Language::C);
    command.arg(package().join("tests/c/values.c")).arg("-o").arg(&program);
    command.arg("-L").arg(libraries).arg("-lsimple_runtime").arg("-lpthread");
    command.arg(format!("-Wl,-rpath,{}", libraries.display()));
    c::succeed(&mut command);
    let needed = dynamic_entries(&program, "(NEEDED)");
    assert!(needed.iter().any(|name| name.contains("[libsimple_runtime.so.1]")), "{needed:?}");
    assert_eq!(c::output(&mut Command::new(&program)), "");
}
