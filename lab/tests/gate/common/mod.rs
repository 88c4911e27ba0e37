//! Two builds of a tiny program, and the gate on them.

#![allow(dead_code, reason = "each test file uses a part")]

use assert_cmd::Command;
use simple_records::{Gate, LogFile, newest_run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::OnceLock;

/// Both builds; made once for all tests of a file.
pub struct Tiny {
    pub steady: PathBuf,
    pub slowed: PathBuf,
}

pub fn tiny() -> &'static Tiny {
    static TINY: OnceLock<Tiny> = OnceLock::new();
    TINY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tiny/worker.rs");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(env!("CARGO_CRATE_NAME"));
        fs::create_dir_all(&folder).unwrap();
        let build = |name: &str, flags: &[&str]| {
            let out = folder.join(name);
            let status = Process::new("rustc")
                .args(["--edition=2024", "-Copt-level=2", "--check-cfg=cfg(slowed)"])
                .args(flags)
                .arg("-o")
                .arg(&out)
                .arg(&source)
                .status();
            assert!(status.unwrap().success());
            out
        };
        Tiny { steady: build("steady", &[]), slowed: build("slowed", &["--cfg=slowed"]) }
    })
}

/// `gate` of two programs, with everything it makes in `target`.
pub fn compare(target: &Path, base: &Path, head: &Path, filters: &[&str]) -> Command {
    let mut command = gate(target, base, head);
    command.arg("before").args(filters);
    command
}

/// `gate --resume` of the newest comparison, without any other option.
pub fn resume(target: &Path, base: &Path, head: &Path) -> Command {
    let mut command = gate(target, base, head);
    command.arg("--resume");
    command
}

fn gate(target: &Path, base: &Path, head: &Path) -> Command {
    let mut command = Command::cargo_bin("lab").unwrap();
    command.arg("gate").arg("--target").arg(target);
    command.arg("--base-program").arg(base).arg("--head-program").arg(head);
    command.current_dir(target);
    command
}

pub fn code(command: &mut Command) -> i32 {
    command.output().unwrap().status.code().unwrap()
}

pub fn record(target: &Path) -> Gate {
    Gate::read(&newest_run(&target.join("gate")).unwrap()).unwrap()
}

pub fn has_valgrind() -> bool {
    Process::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok()
}

/// Starts the same without waiting for its end, and returns once it has measured some blocks.
pub fn started(command: &Command, target: &Path) -> std::process::Child {
    let mut process = Process::new(command.get_program());
    process.args(command.get_args()).current_dir(target);
    for (name, value) in command.get_envs() {
        process.env(name, value.unwrap_or_default());
    }
    let mut child = process.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let blocks = || newest_run(&target.join("gate")).ok().and_then(|path| Gate::read(&path).ok());
    // Without a limit of time.
    while blocks().is_none_or(|gate| gate.blocks.len() < 3) {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    child
}
