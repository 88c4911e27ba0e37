//! Threads of a process that were blocked for as long as it was looked at: the scheduler reports nothing
//! of them, so they are in no table.

use super::running::Running;
use std::collections::BTreeMap;
use std::fs;

/// The threads of a process at one time: by number, how often each was switched away from, and whether
/// it waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Threads(BTreeMap<u32, (u64, Is)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Is {
    Running,
    Waiting,
}

impl Threads {
    /// The threads as they are now; none of a process that has ended.
    pub(super) fn of(running: &Running) -> Self {
        let tasks = fs::read_dir(format!("/proc/{}/task", running.pid)).into_iter().flatten();
        let thread = |entry: fs::DirEntry| {
            let status = fs::read_to_string(entry.path().join("status")).ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, state(&status)?))
        };
        Self(tasks.flatten().filter_map(thread).collect())
    }

    /// A note on the threads that have waited since `before`; `None` if all did something, or began
    /// since.
    pub(super) fn note_since(&self, before: &Self) -> Option<String> {
        let has_waited = |(thread, state): &(&u32, &(u64, Is))| {
            state.1 == Is::Waiting && before.0.get(*thread) == Some(*state)
        };
        let (count, all) = (self.0.iter().filter(has_waited).count(), self.0.len());
        let were = match (count, all) {
            (0, _) => return None,
            (1, 1) => "Its only thread was".to_owned(),
            (1, _) => format!("1 of its {all} threads was"),
            _ if count == all => format!("All {all} threads were"),
            _ => format!("{count} of its {all} threads were"),
        };
        Some(format!(
            "{were} blocked throughout: such a wait has no beginning and no end here, so it is not counted."
        ))
    }
}

/// The state of a thread, from the text of its `status`.
fn state(status: &str) -> Option<(u64, Is)> {
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name));
    let count = |name: &str| field(name)?.trim().parse::<u64>().ok();
    let switches = count("voluntary_ctxt_switches:")? + count("nonvoluntary_ctxt_switches:")?;
    let is_waiting = !field("State:")?.trim().starts_with(['R', 'Z', 'X']);
    Some((switches, if is_waiting { Is::Waiting } else { Is::Running }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threads(all: &[(u32, u64, char)]) -> Threads {
        let status = |(_, count, state): &(u32, u64, char)| {
            format!(
                "Name:\ta\nState:\t{state} (s)\nvoluntary_ctxt_switches:\t{count}\nnonvoluntary_ctxt_switches:\t1\n"
            )
        };
        Threads(all.iter().map(|one| (one.0, state(&status(one)).unwrap())).collect())
    }

    #[test]
    fn threads_that_did_nothing_but_wait_are_counted() {
        let before = threads(&[(1, 5, 'S'), (2, 5, 'D'), (3, 5, 'S'), (4, 5, 'R')]);
        let after = threads(&[(1, 5, 'S'), (2, 5, 'D'), (3, 6, 'S'), (4, 5, 'R'), (5, 1, 'S')]);
        let note = after.note_since(&before).unwrap();
        assert!(note.starts_with("2 of its 5 threads were blocked throughout"), "{note}");
        assert_eq!(after.note_since(&Threads::default()), None);
        let only = threads(&[(1, 5, 'S')]);
        assert!(only.note_since(&before).unwrap().starts_with("Its only thread was"));
    }
}
