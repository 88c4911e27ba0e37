//! A process that runs already: looked at, and never touched.

use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

/// The bit of a process's flags in `/proc/PID/stat` that marks threads of the kernel.
const OF_KERNEL: u64 = 0x0020_0000;

/// A process of somebody.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) pid: u32,
    /// Path of its program.
    pub(super) program: PathBuf,
    /// Its command line, a word each.
    pub(super) command: Vec<String>,
    /// When it began, as the kernel counts: another process of its number began later.
    began: Option<u64>,
}

impl Running {
    /// Looks at a process.
    ///
    /// # Errors
    /// If there is none of this number, or it cannot be profiled.
    pub(super) fn find(pid: u32) -> Result<Self> {
        let file = |name: &str| format!("/proc/{pid}/{name}");
        let stat = match fs::read_to_string(file("stat")) {
            Ok(stat) => stat,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                bail!("there is no process {pid}: `pgrep -n NAME` says the number of the newest")
            }
            Err(error) => {
                return Err(error).with_context(|| format!("process {pid} cannot be looked at"));
            }
        };
        let status = fs::read_to_string(file("status")).unwrap_or_default();
        can_be_profiled(pid, &stat, &status, User::current())?;
        let program = fs::read_link(file("exe")).with_context(|| {
            format!(
                "the program of process {pid} may not be looked at: run lab as root, or as the \
                 user whose process it is"
            )
        })?;
        let command = fs::read(file("cmdline")).unwrap_or_default();
        let words = command.split(|byte| *byte == 0).filter(|word| !word.is_empty());
        let words = words.map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        Ok(Self { pid, program, command: words, began: began(&stat) })
    }

    /// Returns whether it has ended since it was found.
    pub(super) fn has_ended(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid));
        stat.map_or(true, |stat| is_over(&stat) || began(&stat) != self.began)
    }
}

/// A user, by the number that counts for permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct User(u32);

impl User {
    const ROOT: Self = Self(0);

    fn current() -> Self {
        // SAFETY: it only returns a number.
        Self(unsafe { libc::geteuid() })
    }
}

fn can_be_profiled(pid: u32, stat: &str, status: &str, user: User) -> Result<()> {
    ensure!(
        !is_over(stat),
        "process {pid} has ended, and only waits for its parent to notice: there is nothing to profile"
    );
    let flags = word_of(stat, 6).and_then(|flags| flags.parse::<u64>().ok()).unwrap_or(0);
    ensure!(
        flags & OF_KERNEL == 0,
        "{pid} is a thread of the kernel, not a program: `perf top` shows where the kernel spends \
         its time"
    );
    if let Some(leader) = field(status, "Tgid").filter(|leader| *leader != pid.to_string()) {
        bail!(
            "{pid} is a thread of process {leader}: `--pid {leader}` profiles all of its threads"
        );
    }
    // The second number counts for permissions.
    let owner = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    let owner = owner.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).map(User);
    ensure!(
        user == User::ROOT || owner.is_none_or(|owner| owner == user),
        "process {pid} is another user's: run lab as root, or as that user"
    );
    Ok(())
}

/// A word of `/proc/PID/stat` behind the name, which may contain anything: 0 is the state, 6 the flags,
/// 19 the time of the start.
fn word_of(stat: &str, index: usize) -> Option<&str> {
    stat.rsplit_once(") ")?.1.split_whitespace().nth(index)
}

fn is_over(stat: &str) -> bool {
    matches!(word_of(stat, 0), Some("Z" | "X"))
}

fn began(stat: &str) -> Option<u64> {
    word_of(stat, 19)?.parse().ok()
}

/// The first word behind a name in the form of `/proc/PID/status`.
fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line?.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: User = User(1000);

    fn refused(stat: &str, status: &str) -> String {
        can_be_profiled(7, stat, status, ME).unwrap_err().to_string()
    }

    #[test]
    fn what_cannot_be_profiled_is_named() {
        let status = "Name:\ta\nTgid:\t7\nUid:\t1000\t1000\t1000\t1000\n";
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 1";
        can_be_profiled(7, stat, status, ME).unwrap();
        assert!(refused("7 (a) Z 1 7 7 0 -1 4194304 1", status).contains("has ended"));
        let of_kernel = refused("7 (kworker) I 2 0 0 0 -1 69238880 1", status);
        assert!(of_kernel.contains("thread of the kernel"), "{of_kernel}");
        let thread = refused(stat, &status.replace("Tgid:\t7", "Tgid:\t5"));
        assert!(thread.contains("--pid 5"), "{thread}");
        let others = status.replace("Uid:\t1000\t1000", "Uid:\t1000\t0");
        assert!(refused(stat, &others).contains("another user's"));
        can_be_profiled(7, stat, &others, User::ROOT).unwrap();
    }

    #[test]
    fn the_end_of_a_process_is_noticed() {
        let mut child = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
        let running = Running::find(child.id()).unwrap();
        assert!(running.began.is_some() && !running.has_ended());
        let another = Running { began: running.began.map(|began| began + 1), ..running };
        assert!(another.has_ended(), "its number was given to another");
        let running = Running::find(child.id()).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(running.has_ended());
    }

    #[test]
    fn this_process_is_found_with_its_command_line() {
        let found = Running::find(std::process::id()).unwrap();
        assert_eq!(found.program, std::env::current_exe().unwrap());
        assert!(!found.command.is_empty());
        // Numbers end at 4194304.
        let none = Running::find(u32::MAX).unwrap_err().to_string();
        assert!(none.contains("no process 4294967295"), "{none}");
    }
}
