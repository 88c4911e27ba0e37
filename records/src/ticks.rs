//! What the host of a virtual machine takes from it.

use std::fs;

/// Ticks of all processors since the machine started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticks {
    all: u64,
    stolen: u64,
}

impl Ticks {
    /// Those until now; `None` where the system does not say.
    pub fn now() -> Option<Self> {
        parse(&fs::read_to_string("/proc/stat").ok()?)
    }

    /// Of a hundred ticks since `before`, those that the host gave to other guests; `None` if no
    /// tick has passed.
    pub fn stolen_percent_since(self, before: Self) -> Option<f64> {
        let all = self.all.saturating_sub(before.all);
        let stolen = self.stolen.saturating_sub(before.stolen);
        (all > 0).then(|| stolen as f64 * 100.0 / all as f64)
    }
}

/// From the first line of /proc/stat: user nice system idle iowait irq softirq steal ...; guest
/// time, which follows, is part of user time already.
fn parse(text: &str) -> Option<Ticks> {
    let fields: Vec<u64> = text
        .lines()
        .next()?
        .strip_prefix("cpu ")?
        .split_whitespace()
        .map_while(|field| field.parse().ok())
        .collect();
    Some(Ticks { all: fields.iter().take(8).sum(), stolen: *fields.get(7)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steal_is_the_eighth_field() {
        let text = "cpu  10 1 5 100 2 3 4 25 7 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        assert_eq!(parse(text), Some(Ticks { all: 150, stolen: 25 }));
        assert_eq!(parse("intr 5"), None);
        assert_eq!(parse("cpu  1 2 3"), None);
    }

    #[test]
    fn what_was_stolen_is_a_share_of_what_has_passed() {
        let before = Ticks { all: 100, stolen: 10 };
        let now = Ticks { all: 300, stolen: 15 };
        assert_eq!(now.stolen_percent_since(before), Some(2.5));
        assert_eq!(before.stolen_percent_since(before), None);
    }
}
