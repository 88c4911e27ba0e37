//! The fingerprint: what must be known about a machine and a build to read its figures.

use serde::{Deserialize, Serialize};
use std::fs;
use std::process::Command;

/// The machine, toolchain and sources of a run. What could not be found out is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Whether the sources differed from that commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<bool>,
}

/// A field that keeps two runs from being compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which field.
    pub field: &'static str,
    /// What the one has.
    pub left: String,
    /// What the other has.
    pub right: String,
}

impl Fingerprint {
    /// Finds out what it can about this machine and the sources in the current folder.
    pub fn collect() -> Self {
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        Self {
            cpu_model: field(&cpu, "model name"),
            cpu_features: cpu_features(&cpu),
            available_parallelism: std::thread::available_parallelism()
                .ok()
                .map(|n| n.get() as u64),
            memory_bytes: memory_bytes(),
            virtual_machine: field(&cpu, "flags")
                .map(|flags| flags.split_whitespace().any(|flag| flag == "hypervisor")),
            frequency_governor: fs::read_to_string(
                "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
            )
            .ok()
            .map(|text| text.trim().to_owned()),
            kernel: output("uname", &["-sr"]),
            arch: Some(std::env::consts::ARCH.to_owned()),
            libc: output("getconf", &["GNU_LIBC_VERSION"]),
            rustc: output("rustc", &["--version"]),
            valgrind: output("valgrind", &["--version"])
                .map(|version| version.trim_start_matches("valgrind-").to_owned()),
            commit: output("git", &["rev-parse", "HEAD"]),
            modified: Command::new("git")
                .args(["status", "--porcelain"])
                .output()
                .ok()
                .filter(|output| output.status.success())
                .map(|output| !output.stdout.is_empty()),
        }
    }

    /// The fields that keep figures of the two from being compared; sources may differ.
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "unknown".to_owned());
        let number = |value: Option<u64>| value.map(|n| n.to_string());
        let fields = [
            ("cpu_model", self.cpu_model.clone(), other.cpu_model.clone()),
            (
                "available_parallelism",
                number(self.available_parallelism),
                number(other.available_parallelism),
            ),
            ("memory_bytes", number(self.memory_bytes), number(other.memory_bytes)),
            ("kernel", self.kernel.clone(), other.kernel.clone()),
            ("arch", self.arch.clone(), other.arch.clone()),
            ("libc", self.libc.clone(), other.libc.clone()),
            ("rustc", self.rustc.clone(), other.rustc.clone()),
        ];
        fields
            .into_iter()
            .filter(|(_, left, right)| left != right)
            .map(|(field, left, right)| Difference {
                field,
                left: shown(&left),
                right: shown(&right),
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

/// A field of /proc/cpuinfo, of the first processor.
fn field(text: &str, name: &str) -> Option<String> {
    let (_, value) =
        text.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| key.trim() == name)?;
    Some(value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Of the many flags, those by which the C library and the standard library choose routines.
fn cpu_features(cpuinfo: &str) -> Option<Vec<String>> {
    const CHOSEN_BY: [&str; 17] = [
        "adx", "avx", "avx2", "avx512bw", "avx512f", "avx512vl", "bmi1", "bmi2", "erms", "fma",
        "fsrm", "lse", "popcnt", "rtm", "sse4_1", "sse4_2", "sve",
    ];
    // x86 calls them flags, ARM features, where LSE is "atomics".
    let flags = field(cpuinfo, "flags").or_else(|| field(cpuinfo, "Features"))?;
    let flags = flags.replace("atomics", "lse");
    let mut features: Vec<_> =
        flags.split_whitespace().filter(|flag| CHOSEN_BY.contains(flag)).collect();
    features.sort_unstable();
    Some(features.into_iter().map(str::to_owned).collect())
}

fn memory_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let kib: u64 = field(&text, "MemTotal")?.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

/// What a program prints, if it is there, succeeds and says anything.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_machine_can_be_compared_and_another_cannot() {
        let here = Fingerprint::collect();
        assert!(here.arch.is_some());
        let mut there = here.clone();
        there.commit = Some("another".to_owned());
        assert_eq!(here.differences(&there), []);
        there.cpu_model = Some("another".to_owned());
        there.kernel = None;
        let fields: Vec<_> = here.differences(&there).iter().map(|d| d.field).collect();
        assert!(fields.contains(&"cpu_model"));
        assert_eq!(fields.contains(&"kernel"), here.kernel.is_some());
    }

    #[test]
    fn another_valgrind_keeps_nothing_from_being_compared() {
        let here = Fingerprint::collect();
        let mut there = here.clone();
        there.valgrind = Some("another".to_owned());
        assert_eq!(here.differences(&there), []);
    }

    #[test]
    fn of_the_flags_those_that_choose_code_are_kept() {
        let x86 = "model name : A\nflags\t\t: fpu sse4_2 avx2 hypervisor avx\nflags : avx512f\n";
        assert_eq!(cpu_features(x86).unwrap(), ["avx", "avx2", "sse4_2"]);
        assert_eq!(cpu_features("Features : fp asimd atomics\n").unwrap(), ["lse"]);
        assert_eq!(cpu_features("nothing"), None);
    }

    #[test]
    fn what_is_unknown_is_absent() {
        let json = serde_json::to_string(&Fingerprint::default()).unwrap();
        assert_eq!(json, "{}");
        assert!(Fingerprint::default().rows().is_empty());
    }
}
