//! Names of events, and the meaning of their modifiers.

/// All letters that perf knows as modifiers.
const MODIFIERS: &str = "ukhIGHpPSDWeb";

/// Returns whether an event is counted in programs alone, without the kernel:
/// `cycles:u`, `cpu_core/cycles/u`, `cpu_atom/cycles:Pu/`.
pub fn is_of_user_only(event: &str) -> bool {
    let modifiers = modifiers(event);
    modifiers.contains('u') && !modifiers.contains('k')
}

/// The letters behind the last colon or slash. A tracepoint has a name there.
fn modifiers(event: &str) -> &str {
    let event = event.strip_suffix('/').unwrap_or(event);
    let (_, last) = event.rsplit_once([':', '/']).unwrap_or((event, ""));
    if last.chars().all(|c| MODIFIERS.contains(c)) { last } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_are_found_in_every_form() {
        for event in [
            "cycles:u",
            "cycles:uP",
            "cpu_core/cycles/u",
            "cpu_atom/cycles:Pu/",
            "cpu_atom/cycles/Pu",
        ] {
            assert!(is_of_user_only(event), "{event}");
        }
        for event in [
            "cycles",
            "cpu-clock",
            "cycles:P",
            "cycles:uk",
            "cpu_core/cycles/",
            "cpu/event=0x3c,umask=0/",
            "sched:sched_switch",
            "syscalls:sys_enter_futex",
            "u",
            "",
        ] {
            assert!(!is_of_user_only(event), "{event}");
        }
    }
}
