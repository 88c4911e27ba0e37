//! A repository with a program in C, and the gate in it.

use assert_cmd::Command;
use simple_records::{Gate, LogFile, newest_run};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Output, Stdio};
use tempfile::TempDir;

/// A program that makes this many rounds of arithmetic, which no compiler can shorten.
pub const PROGRAM: &str = "#include <stdio.h>
#include \"rounds.h\"
int main(void) {
    unsigned x = 1;
    for (int i = 0; i < ROUNDS; i++) x = x * 1664525u + 1013904223u + (x >> 7);
    printf(\"%u\\n\", x);
    return 0;
}
";

/// A suite of one command.
pub const SUITE: &str = "build = \"cc -O1 -o mix mix.c\"

[[command]]
name = \"mix\"
run = \"./mix\"
";

/// A repository.
pub struct Repository {
    _folder: TempDir,
    pub root: PathBuf,
}

impl Repository {
    /// A repository in a folder of this name, with one commit: the program, and its suite in the folder
    /// `inner`.
    pub fn new(name: &str, inner: &str) -> Self {
        let this = Self::empty(name);
        let inner = if inner.is_empty() { String::new() } else { format!("{inner}/") };
        this.write(&format!("{inner}lab.toml"), SUITE);
        this.write(&format!("{inner}mix.c"), PROGRAM);
        this.write(&format!("{inner}rounds.h"), &rounds(100_000));
        this.write(".gitignore", "mix\n");
        this.commit();
        this
    }

    /// A repository without a commit.
    pub fn empty(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap().join(name);
        fs::create_dir_all(&root).unwrap();
        let this = Self { _folder: folder, root };
        this.git(&["init", "--quiet"]);
        this
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn commit(&self) {
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", "one more"]);
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        git(&self.root, arguments)
    }

    /// `lab gate` in the repository's root.
    pub fn gate(&self, revision: &str) -> Command {
        gate(&self.root, revision)
    }
}

/// The header with a number of rounds.
pub fn rounds(number: u32) -> String {
    format!("#define ROUNDS {number}\n")
}

/// Git as a user without settings would use it.
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Process::new("git");
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command.args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always"]);
    let output = command.args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// `lab gate` in `folder`.
pub fn gate(folder: &Path, revision: &str) -> Command {
    let mut command = Command::cargo_bin("lab").unwrap();
    command.args(["gate", revision]).current_dir(folder);
    command
}

/// The same by counts, which depend on no speed.
pub fn counted(mut gate: Command) -> Command {
    gate.arg("--instruments=instructions");
    gate
}

pub fn has_valgrind() -> bool {
    Process::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok()
}

/// Everything that a program printed.
pub fn said(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{out}{err}")
}

/// Runs a gate, whose exit code must be this one; returns what it printed.
#[track_caller]
pub fn expect(code: i32, gate: &mut Command) -> String {
    let output = gate.output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

/// The newest record below a folder with a `lab.toml`.
pub fn record(folder: &Path) -> Gate {
    Gate::read(&newest_run(&folder.join(".lab/gate")).unwrap()).unwrap()
}

/// Every file below a folder, with what is in it.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => drop(found.insert(path.clone(), fs::read(path).unwrap())),
            }
        }
    }
    found
}
