//! The program `tests/c/environment.c`, run with variables and with orders as its arguments.
#![allow(dead_code, reason = "not every test program uses everything")]

use crate::c::{self, Language, Linkage, package};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// The program, built, and a folder for its files.
pub struct Program {
    folder: TempDir,
    path: PathBuf,
}

impl Program {
    pub fn new() -> Self {
        Self::linked(Linkage::Shared)
    }

    pub fn linked(linkage: Linkage) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = package().join("tests/c/environment.c");
        let path = c::build(&source, folder.path(), Language::C, linkage);
        Self { folder, path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder's path.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program with orders, separated by spaces, and with none of the runtime's variables. It
    /// runs in its folder.
    pub fn command(&self, orders: &str) -> Command {
        let mut command = Command::new(&self.path);
        command.args(orders.split_whitespace()).current_dir(self.folder.path());
        for name in ["WORKERS", "LOADERS", "PREFAULT", "STATS", "TIMELINE", "LOG"] {
            command.env_remove(format!("SIMPLE_RT_{name}"));
        }
        command
    }

    /// Runs it with variables (without `SIMPLE_RT_`). It must succeed without a word on standard
    /// error. Returns its output.
    #[track_caller]
    pub fn run(&self, orders: &str, variables: &[(&str, &str)]) -> String {
        c::output(set(&mut self.command(orders), variables))
    }

    /// Runs it, and returns its counters.
    #[track_caller]
    pub fn counters(&self, orders: &str, variables: &[(&str, &str)]) -> Value {
        let file = self.file("stats.json");
        self.run(orders, &[&[("STATS", file.to_str().unwrap())], variables].concat());
        self.read("stats.json")
    }

    /// Runs it with messages on, and returns them.
    #[track_caller]
    pub fn messages(&self, orders: &str, variables: &[(&str, &str)]) -> String {
        let output = c::succeed(set(self.command(orders).env("SIMPLE_RT_LOG", "1"), variables));
        String::from_utf8(output.stderr).unwrap()
    }

    /// Runs it to its end, which need not be a success.
    pub fn run_to_any_end(&self, orders: &str, variables: &[(&str, &str)]) -> Output {
        set(&mut self.command(orders), variables).output().unwrap()
    }

    /// Reads the counters in a file of the folder.
    #[track_caller]
    pub fn read(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.file(name)).unwrap()).unwrap()
    }
}

fn set<'a>(command: &'a mut Command, variables: &[(&str, &str)]) -> &'a mut Command {
    command.envs(variables.iter().map(|(name, value)| (format!("SIMPLE_RT_{name}"), value)))
}
