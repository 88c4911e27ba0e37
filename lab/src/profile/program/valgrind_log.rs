//! The logs that valgrind writes of the processes that it watches: a file each.
//!
//! A process that is forked and starts no other program has a file, too, and counts from there on:
//! but its counts begin with all that its parent had. It is known by its command line, which is
//! that of its parent.

use std::fs;
use std::path::Path;

/// The log of one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Log {
    pub(super) pid: u32,
    parent: Option<u32>,
    /// Its command line, as valgrind writes it.
    command: String,
    /// Complaints of valgrind, without its marks.
    pub(super) said: String,
}

impl Log {
    /// The logs in a folder, in the order of their processes.
    pub(super) fn read_all(folder: &Path) -> Vec<Self> {
        let names = fs::read_dir(folder).into_iter().flatten().flatten();
        let pids = names.filter_map(|entry| {
            entry.file_name().to_str()?.strip_prefix("log.")?.parse::<u32>().ok()
        });
        let read = |pid: u32| {
            let bytes = fs::read(folder.join(format!("log.{pid}"))).unwrap_or_default();
            Self::parse(pid, &String::from_utf8_lossy(&bytes))
        };
        let mut logs: Vec<Self> = pids.map(read).collect();
        logs.sort_by_key(|log| log.pid);
        logs
    }

    fn parse(pid: u32, text: &str) -> Self {
        let mark = format!("=={pid}==");
        let lines = || text.lines().map(|line| line.strip_prefix(&mark).unwrap_or(line).trim());
        let field = |name: &str| lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let is_complaint = |line: &&str| line.starts_with("valgrind:") || line.contains("rror");
        Self {
            pid,
            parent: field("Parent PID:").and_then(|number| number.parse().ok()),
            command: field("Command:").unwrap_or_default().to_owned(),
            said: lines().filter(is_complaint).collect::<Vec<_>>().join("\n"),
        }
    }

    /// Returns whether it was forked from one of these, and started no other program.
    pub(super) fn is_fork_of_any(&self, logs: &[Self]) -> bool {
        let is_parent = |other: &Self| Some(other.pid) == self.parent;
        logs.iter().any(|other| is_parent(other) && other.command == self.command)
    }

    /// The name of its program.
    pub(super) fn program(&self) -> String {
        let first = self.command.split_whitespace().next().unwrap_or_default();
        let name = first.rsplit('/').next().unwrap_or(first);
        if name.is_empty() { format!("process {}", self.pid) } else { name.to_owned() }
    }
}

/// A note on the processes whose counts are not their own alone.
pub(super) fn left_out(logs: &[Log]) -> Option<String> {
    let count = logs.iter().filter(|log| log.is_fork_of_any(logs)).count();
    (count > 0).then(|| {
        format!(
            "Left out: forked processes that started no other program ({count}). Valgrind would \
             count in them again what their parents had done before; the view of processor time \
             has them."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(pid: u32, parent: u32, command: &str) -> String {
        format!(
            "=={pid}== Callgrind, a call-graph generating cache profiler\n=={pid}== Command: \
             {command}\n=={pid}== Parent PID: {parent}\n=={pid}== \n=={pid}== Events    : Ir\n"
        )
    }

    #[test]
    fn forked_processes_are_left_out_and_started_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        for (pid, parent, command) in
            [(8, 1, "sh -c ./h\\ 1"), (12, 8, "/x/h 1"), (110, 12, "/x/h 1"), (111, 12, "/x/h 2")]
        {
            let path = folder.path().join(format!("log.{pid}"));
            fs::write(path, log(pid, parent, command)).unwrap();
        }
        fs::write(folder.path().join("out.8"), "").unwrap();
        let logs = Log::read_all(folder.path());
        let kept: Vec<_> = logs.iter().filter(|log| !log.is_fork_of_any(&logs)).collect();
        let kept: Vec<_> = kept.iter().map(|log| (log.pid, log.program())).collect();
        assert_eq!(kept, [(8, "sh".to_owned()), (12, "h".to_owned()), (111, "h".to_owned())]);
        assert!(left_out(&logs).unwrap().contains("(1)"));
        assert_eq!(left_out(&logs[..1]), None);
    }
}
