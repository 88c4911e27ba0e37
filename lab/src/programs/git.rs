//! Git, read without the user's settings.

use super::{environment, plain};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Settings that a repository itself may not change.
const FIXED: [&str; 8] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.quotePath=false",
    "color.ui=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
];

/// The user's settings for line breaks, trust and ignored files: without them git would refuse the
/// checkout, take every file for changed, or take for sources what the user has everywhere.
const CARRIED: [&str; 4] = ["safe.directory", "core.autocrlf", "core.eol", "core.excludesFile"];

/// Git in `folder`, without the variables of a git that runs us as a hook, without settings of the user
/// and the system except `CARRIED`, without hooks, pagers and questions. It takes no optional locks.
pub fn git(folder: &Path) -> Command {
    let mut command = without_variables();
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_OPTIONAL_LOCKS", "0")
        // Messages are recognised by their English words.
        .env("LC_ALL", "C")
        .arg("--no-pager");
    for setting in FIXED {
        command.args(["-c", setting]);
    }
    for setting in carried() {
        command.arg("-c").arg(setting);
    }
    command.arg("-C").arg(folder);
    command
}

fn without_variables() -> Command {
    let mut command = plain("git");
    // Nobody sets those of its own tests by chance.
    let is_taken = |name: &str| name.starts_with("GIT_") && !name.starts_with("GIT_TEST_");
    environment::without(&mut command, is_taken);
    command
}

/// `name=value` of the user's settings that are carried over, read once.
fn carried() -> &'static [OsString] {
    static READ: OnceLock<Vec<OsString>> = OnceLock::new();
    READ.get_or_init(|| CARRIED.iter().flat_map(|name| values(name)).collect())
}

/// All values that the user and the system give a setting; none if git fails.
fn values(name: &str) -> Vec<OsString> {
    // The variables that lead to the user's settings stay; the folder belongs to no repository.
    let mut command = plain("git");
    command.args(["-C", "/", "config", "--null", "--get-all", name]);
    command.env_remove("GIT_DIR").stderr(Stdio::null());
    let Ok(output) = command.output() else { return Vec::new() };
    let values = output.stdout.split(|byte| *byte == 0).filter(|value| !value.is_empty());
    values
        .map(|value| {
            let mut setting = name.as_bytes().to_vec();
            setting.push(b'=');
            setting.extend_from_slice(value);
            OsString::from_vec(setting)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_a_repository_do_not_change_what_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let git = |arguments: &[&str]| {
            let output = git(folder.path()).args(arguments).output().unwrap();
            assert!(output.status.success(), "{arguments:?}: {output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        git(&["init", "--quiet"]);
        // A hook, a pager and colours would show in what is printed.
        git(&["config", "core.pager", "false"]);
        git(&["config", "color.ui", "always"]);
        git(&["config", "core.fsmonitor", "echo watched >&2; exit 1"]);
        std::fs::write(folder.path().join("new"), "").unwrap();
        assert_eq!(git(&["status", "--porcelain"]), "?? new\n");
    }

    #[test]
    fn a_checkout_that_git_does_not_trust_is_told_in_its_own_words() {
        let folder = tempfile::tempdir().unwrap();
        let init = git(folder.path()).args(["init", "--quiet"]).status().unwrap();
        assert!(init.success());
        let mut ask = git(folder.path());
        ask.args(["rev-parse", "--git-dir"]).env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
        let error = crate::programs::output(ask, std::time::Duration::from_secs(60)).unwrap_err();
        assert!(error.to_string().contains("dubious ownership"), "{error}");
        // The user's own setting is carried over like this.
        let mut trusted = without_variables();
        trusted.args(["-c", "safe.directory=*", "-C"]).arg(folder.path());
        trusted.args(["rev-parse", "--git-dir"]).env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
        assert!(trusted.output().unwrap().status.success());
    }

    #[test]
    fn the_variables_of_a_hook_do_not_reach_it() {
        let removed = |command: Command, name: &str| {
            command.get_envs().all(|(found, value)| found != name || value.is_none())
        };
        assert!(removed(git(Path::new(".")), "GIT_DIR"));
        assert!(removed(git(Path::new(".")), "GIT_INDEX_FILE"));
    }
}
