//! Parses the fields of the scheduler's tracepoints.
//!
//! Depending on its version and plugins, perf prints fields (`prev_state=S ==> next_comm=a`) or
//! its own summary (`a:12 [120] S ==> b:13 [120]`). Names of threads may contain anything.

/// The state in which a thread was taken from the processor, such as `S` or `R+`.
pub(super) fn prev_state(payload: &str) -> Option<&str> {
    // Both threads' names may contain an arrow, and text that looks like a state.
    let fields = payload.match_indices(STATE).find_map(|(at, _)| {
        let (state, next) = payload[at + STATE.len()..].split_once(' ')?;
        (next.starts_with("==> next_comm=") && is_state(state)).then_some(state)
    });
    let summary = || {
        payload.match_indices(" ==> ").find_map(|(at, _)| {
            let (thread, state) = payload[..at].rsplit_once(' ')?;
            (thread.ends_with(']') && is_state(state)).then_some(state)
        })
    };
    fields.or_else(summary)
}

/// Name of the state in fields.
const STATE: &str = "prev_state=";

fn is_state(state: &str) -> bool {
    state.starts_with(|c: char| c.is_ascii_alphabetic()) && state.len() <= 8
}

/// The thread that is woken.
pub(super) fn woken_tid(payload: &str) -> Option<i32> {
    let fields = || {
        let (_, tid) = payload.rsplit_once(" pid=")?;
        tid.split_whitespace().next()?.parse().ok()
    };
    let summary = || {
        let (thread, _) = payload.rsplit_once(" [")?;
        thread.rsplit_once(':')?.1.parse().ok()
    };
    fields().or_else(summary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_in_both_forms() {
        let fields = "prev_comm=my (odd) [x] prev_pid=5 prev_prio=120 prev_state=S ==> \
                      next_comm=a ==> b next_pid=7 next_prio=120";
        assert_eq!(prev_state(fields), Some("S"));
        let odd = "prev_comm=prev_state=R a prev_pid=5 prev_prio=120 prev_state=S ==> next_comm=a";
        assert_eq!(prev_state(odd), Some("S"));
        assert_eq!(prev_state("x ==> y:26 [120] D ==> swapper/3:0 [120]"), Some("D"));
        assert_eq!(prev_state("prev_state=R+ ==> next_comm=a"), Some("R+"));
        assert_eq!(prev_state("my thread:26 [120] D ==> swapper/3:0 [120]"), Some("D"));
        assert_eq!(prev_state("prev_state=12"), None);
        assert_eq!(prev_state(""), None);
    }

    #[test]
    fn woken_threads_are_read_in_both_forms() {
        let fields = "comm=a pid=3 b pid=77 prio=120 target_cpu=001";
        assert_eq!(woken_tid(fields), Some(77));
        assert_eq!(woken_tid("a:b:16457 [120] CPU:001"), Some(16457));
        assert_eq!(woken_tid("nothing"), None);
    }
}
