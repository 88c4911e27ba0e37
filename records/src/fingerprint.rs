//! The fingerprint: what must be known about a machine and a build to read its figures.

use serde::{Deserialize, Serialize};

/// The share by which the memory of one machine may differ from one start to another.
const SAME_MEMORY: f64 = 0.03;

/// The machine, toolchain and sources of a run. Unknown values are absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Fingerprint {
    /// As the processor names itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_model: Option<String>,
    /// Extensions of the instruction set that libraries choose code by, in alphabetical order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_features: Option<Vec<String>>,
    /// Threads that can run at once, after quotas and affinity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_parallelism: Option<u64>,
    /// Main memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// The hypervisor's mark in the processor flags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_machine: Option<bool>,
    /// The frequency governor of the first processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_governor: Option<String>,
    /// Operating system and version of its kernel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// The instruction set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// The C library.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub libc: Option<String>,
    /// The compiler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rustc: Option<String>,
    /// The version of valgrind, under which instructions are counted. Figures in time do not
    /// depend on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valgrind: Option<String>,
    /// The commit that was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// True if the sources differed from that commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<bool>,
}

/// A field that keeps two runs from being compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its name.
    pub field: &'static str,
    /// Its value in the one.
    pub left: String,
    /// Its value in the other.
    pub right: String,
}

impl Fingerprint {
    /// The fields that keep figures of the two from being compared; sources may differ. What
    /// is unknown is like nothing, not even like what is unknown of the other. Memory may differ
    /// by a little: kernels keep some for themselves, and not always as much.
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let number = |value: Option<u64>| value.map(|n| n.to_string());
        let texts = |get: fn(&Self) -> Option<String>| [get(self), get(other)];
        let numbers = |get: fn(&Self) -> Option<u64>| [number(get(self)), number(get(other))];
        let fields = [
            ("cpu_model", texts(|one| one.cpu_model.clone())),
            ("available_parallelism", numbers(|one| one.available_parallelism)),
            ("memory_bytes", numbers(|one| one.memory_bytes)),
            ("kernel", texts(|one| one.kernel.clone())),
            ("arch", texts(|one| one.arch.clone())),
            ("libc", texts(|one| one.libc.clone())),
            ("rustc", texts(|one| one.rustc.clone())),
        ];
        let is_alike = |field: &str, values: &[Option<String>; 2]| match (field, values) {
            ("memory_bytes", _) => is_as_large(self.memory_bytes, other.memory_bytes),
            (_, [Some(left), Some(right)]) => left == right,
            _ => false,
        };
        let shown = |value: Option<String>| value.unwrap_or_else(|| "unknown".to_owned());
        fields
            .into_iter()
            .filter(|(field, values)| !is_alike(field, values))
            .map(|(field, values)| {
                let [left, right] = values.map(shown);
                Difference { field, left, right }
            })
            .collect()
    }

    /// Names and values for people, without what is unknown.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let gib = |bytes: u64| format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30));
        let yes = |flag: bool| if flag { "yes" } else { "no" }.to_owned();
        let rows = [
            ("Processor", self.cpu_model.clone()),
            ("Processor extensions", self.cpu_features.as_ref().map(|names| names.join(" "))),
            ("Threads at once", self.available_parallelism.map(|n| n.to_string())),
            ("Memory", self.memory_bytes.map(gib)),
            ("Virtual machine", self.virtual_machine.map(yes)),
            ("Frequency governor", self.frequency_governor.clone()),
            ("Kernel", self.kernel.clone()),
            ("Architecture", self.arch.clone()),
            ("C library", self.libc.clone()),
            ("Compiler", self.rustc.clone()),
            ("Valgrind", self.valgrind.clone()),
            ("Commit", self.commit.clone()),
            ("Changed since the commit", self.modified.map(yes)),
        ];
        rows.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// Returns true if two machines have about as much memory.
fn is_as_large(left: Option<u64>, right: Option<u64>) -> bool {
    let Some((left, right)) = left.zip(right) else { return false };
    left.abs_diff(right) as f64 <= SAME_MEMORY * left.max(right) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine() -> Fingerprint {
        let text = |text: &str| Some(text.to_owned());
        Fingerprint {
            cpu_model: text("Example CPU"),
            available_parallelism: Some(2),
            memory_bytes: Some(16_000_000_000),
            kernel: text("Linux 6.1"),
            arch: text("x86_64"),
            libc: text("glibc 2.36"),
            rustc: text("rustc 1.95.0"),
            ..Fingerprint::default()
        }
    }

    fn differing(left: &Fingerprint, right: &Fingerprint) -> Vec<&'static str> {
        left.differences(right).iter().map(|difference| difference.field).collect()
    }

    #[test]
    fn the_same_machine_can_be_compared_and_another_cannot() {
        let here = machine();
        let commit = Some("another".to_owned());
        assert_eq!(here.differences(&Fingerprint { commit, ..machine() }), []);
        let there = Fingerprint { cpu_model: Some("another".to_owned()), ..machine() };
        assert_eq!(differing(&here, &there), ["cpu_model"]);
        let valgrind = Some("another".to_owned());
        assert_eq!(here.differences(&Fingerprint { valgrind, ..machine() }), []);
    }

    #[test]
    fn what_is_unknown_is_like_nothing() {
        let unnamed = Fingerprint { cpu_model: None, ..machine() };
        assert_eq!(differing(&unnamed, &machine()), ["cpu_model"]);
        assert_eq!(differing(&unnamed, &unnamed.clone()), ["cpu_model"]);
        let unsized_ = Fingerprint { memory_bytes: None, ..machine() };
        assert_eq!(differing(&unsized_, &unsized_.clone()), ["memory_bytes"]);
    }

    #[test]
    fn a_kernel_may_keep_a_little_memory_for_itself() {
        let with = |memory_bytes| Fingerprint { memory_bytes: Some(memory_bytes), ..machine() };
        assert_eq!(differing(&machine(), &with(16_000_000_000 - 4096)), [] as [&str; 0]);
        assert_eq!(differing(&machine(), &with(15_800_000_000)), [] as [&str; 0]);
        assert_eq!(differing(&machine(), &with(8_000_000_000)), ["memory_bytes"]);
    }

    #[test]
    fn what_is_unknown_is_absent() {
        let json = serde_json::to_string(&Fingerprint::default()).unwrap();
        assert_eq!(json, "{}");
        assert!(Fingerprint::default().rows().is_empty());
    }
}
