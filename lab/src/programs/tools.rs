//! External programs, each with the environment that its results need.

use super::{environment, plain};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::process::Command;

/// A program of ours that is measured, or that measures. No variable reaches it that would change the
/// runtime, the allocator, the loader or a tool that watches it.
pub fn measured(program: &Path) -> Command {
    let mut command = plain(program);
    environment::only_needed(&mut command);
    command
}

/// A program of the user, with the user's environment. Nothing of it is known.
pub fn of_user(program: impl AsRef<OsStr>) -> Command {
    plain(program)
}

/// A measured program that stays on these processors, named as taskset(1) has them. The program
/// and its arguments are to follow.
pub fn taskset(processors: &str) -> Command {
    let mut command = plain("taskset");
    environment::only_needed(&mut command);
    command.args(["--cpu-list", processors]);
    command
}

/// Valgrind: without the options of `VALGRIND_OPTS`, `~/.valgrindrc` and `./.valgrindrc`. The
/// program under it is measured. Paths in its options are written by [`path_option`].
pub fn valgrind() -> Command {
    let mut command = plain("valgrind");
    environment::only_needed(&mut command);
    command.arg("--command-line-only=yes");
    command
}

/// An option of valgrind with a path, such as `--callgrind-out-file`: valgrind replaces `%p` and
/// the like in it, so a `%` of the path is doubled.
pub fn path_option(option: &str, path: &Path) -> OsString {
    let mut bytes = option.as_bytes().to_vec();
    bytes.push(b'=');
    for byte in path.as_os_str().as_bytes() {
        bytes.push(*byte);
        if *byte == b'%' {
            bytes.push(*byte);
        }
    }
    OsString::from_vec(bytes)
}

/// perf(1): without `~/.perfconfig` and the system's, which may turn stacks around, and without a
/// pager. The program under it is measured.
pub fn perf() -> Command {
    let mut command = plain("perf");
    environment::only_needed(&mut command);
    // Messages are recognised by their English words.
    command.env("PERF_CONFIG", "/dev/null").env("PERF_PAGER", "cat").env("LC_ALL", "C");
    command
}

/// perf(1) that starts or looks at a program of the user, which has the user's environment, and one
/// variable more. It reads no configuration.
pub fn perf_of_user() -> Command {
    let mut command = plain("perf");
    command.env("PERF_CONFIG", "/dev/null");
    command
}

/// Valgrind around a program of the user, which has the user's environment, but for the options of
/// valgrind.
pub fn valgrind_of_user() -> Command {
    let mut command = plain("valgrind");
    command.env_remove("VALGRIND_OPTS").arg("--command-line-only=yes");
    command
}

/// Cargo: the one that runs us, or the one on the PATH. Its configuration reaches it, because
/// a build without the user's linker or proxy may not work at all; the caller decides
/// about flags and target folders.
pub fn cargo() -> Command {
    let mut command = plain(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    environment::without_outer_cargo(&mut command);
    command
}

/// The compiler that cargo uses here.
pub fn rustc() -> Command {
    let given = std::env::var_os("RUSTC").filter(|program| !program.is_empty());
    let mut command = plain(given.unwrap_or_else(|| "rustc".into()));
    environment::without_outer_cargo(&mut command);
    command
}

/// A linker, with the user's environment, as cargo runs it.
pub fn linker(program: &Path) -> Command {
    let mut command = plain(program);
    environment::without_outer_cargo(&mut command);
    command
}

/// apt-get(8) that installs a package and asks nothing.
pub fn apt_get(package: &str) -> Command {
    let mut command = plain("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").env("NEEDRESTART_MODE", "a");
    command.args(["install", "-y", "-qq", package]).stdout(std::process::Stdio::null());
    command
}

/// A script for the shell.
pub fn sh(script: impl AsRef<OsStr>) -> Command {
    let mut command = plain("sh");
    environment::without(&mut command, |name| matches!(name, "ENV" | "BASH_ENV"));
    command.arg("-c").arg(script);
    command
}

/// A script for the shell that builds a checkout of its own, with the user's environment except for
/// variables that lead out of it.
pub fn build(script: &str) -> Command {
    let mut command = sh(script);
    environment::for_one_checkout(&mut command);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(command: &Command) -> Vec<(String, Option<String>)> {
        let text = |text: &OsStr| text.to_string_lossy().into_owned();
        command.get_envs().map(|(name, value)| (text(name), value.map(text))).collect()
    }

    #[test]
    fn a_percent_sign_in_a_path_is_no_placeholder() {
        let option = path_option("--log-file", Path::new("/100%/%p"));
        assert_eq!(option, "--log-file=/100%%/%%p");
    }

    #[test]
    fn a_measured_program_gets_no_more_than_it_needs() {
        for command in [measured(Path::new("a")), valgrind(), perf(), taskset("0")] {
            let all = variables(&command);
            assert!(all.iter().any(|(name, _)| name == "PATH"));
            // Every test has it, and no measured process may.
            assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
            assert!(all.iter().all(|(name, _)| name != "CARGO_MANIFEST_DIR"), "{all:?}");
        }
    }

    #[test]
    fn another_cargo_is_not_told_of_this_package() {
        let all = variables(&cargo());
        assert!(all.contains(&("CARGO_MANIFEST_DIR".to_owned(), None)), "{all:?}");
    }
}
