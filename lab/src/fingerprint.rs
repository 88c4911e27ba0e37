//! Facts about a machine and a build that its figures depend on.

use crate::programs;
use anyhow::Result;
use simple_records::Fingerprint;
use std::collections::BTreeSet;
use std::ffi::CStr;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// More time than any program needs to print its version.
const PATIENCE: Duration = Duration::from_secs(60);

/// The facts.
#[derive(Debug, Clone, Default)]
pub struct Collected {
    /// The machine, toolchain and sources.
    pub fingerprint: Fingerprint,
    /// Missing facts with the reason, in sentences for the terminal.
    pub warnings: Vec<String>,
}

impl Collected {
    /// The fingerprint; warnings are printed.
    pub fn told(self) -> Fingerprint {
        self.warnings.iter().for_each(|warning| crate::say!("warning: {warning}"));
        self.fingerprint
    }
}

/// Collects what is known of somebody's program: the machine, and the commit of the current folder, if it
/// is in a repository. Its compiler is not known.
pub fn collect_of_foreign() -> Fingerprint {
    let Fingerprint { commit, modified, .. } = collect().fingerprint;
    Fingerprint { commit, modified, ..machine() }
}

/// Collects facts about this machine, and about the sources of the workspace around the current folder.
pub fn collect() -> Collected {
    let folder = crate::files::workspace();
    let mut warnings = Vec::new();
    let mut known = |found: Result<String>, missing: &str| match found {
        Ok(text) => Some(text),
        Err(error) => {
            warnings.push(format!("{missing}: {error:#}"));
            None
        }
    };
    let commit = known(git(&folder, &["rev-parse", "HEAD"]), "the record names no commit");
    let changes = commit.as_ref().and_then(|_| {
        known(changes(&folder), "the record does not say whether sources differ from the commit")
    });
    let mut rustc = programs::rustc();
    rustc.arg("--version").current_dir(&folder);
    let rustc = known(programs::output(rustc, PATIENCE), "the record names no compiler");
    let fingerprint =
        Fingerprint { commit, modified: changes.map(|text| !text.is_empty()), rustc, ..machine() };
    Collected { fingerprint, warnings }
}

/// The names of files in a folder that differ from their commit, one after the other; empty if there
/// are none. Settings of `git status` do not matter, nor how a file is called.
fn changes(folder: &Path) -> Result<String> {
    let list = |arguments: &[&str]| {
        let mut command = programs::git(folder);
        command.args(arguments).args(["-z", "--", "."]);
        programs::output_bytes(command, PATIENCE)
    };
    let mut names = list(&["diff-index", "--cached", "--name-only", "HEAD"])?;
    names.extend(list(&["ls-files", "--modified", "--deleted", "--others", "--exclude-standard"])?);
    Ok(String::from_utf8_lossy(&names).into_owned())
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = programs::git(folder);
    command.args(arguments);
    programs::output(command, PATIENCE)
}

/// The machine and what is installed on it.
fn machine() -> Fingerprint {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let governor = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";
    let parallelism = std::thread::available_parallelism();
    Fingerprint {
        cpu_model: cpu_model(&cpu),
        cpu_features: cpu_features(&cpu),
        available_parallelism: parallelism.ok().map(|n| n.get() as u64),
        memory_bytes: memory_bytes(),
        virtual_machine: field(&cpu, "flags")
            .map(|flags| flags.split_whitespace().any(|flag| flag == "hypervisor")),
        frequency_governor: fs::read_to_string(governor).ok().map(|text| text.trim().to_owned()),
        kernel: kernel(),
        arch: Some(std::env::consts::ARCH.to_owned()),
        libc: libc_version(),
        valgrind: valgrind(),
        ..Fingerprint::default()
    }
}

/// A field of /proc/cpuinfo, of the first processor.
fn field(text: &str, name: &str) -> Option<String> {
    fields(text, name).next().map(str::to_owned)
}

/// A field of /proc/cpuinfo, of every processor that has it.
fn fields<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .filter(move |(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim())
        .filter(|value| !value.is_empty())
}

/// The processor's own name. ARM processors have only numbers there, and a machine may have several
/// kinds.
fn cpu_model(cpuinfo: &str) -> Option<String> {
    let named = ["model name", "cpu model", "uarch", "cpu"];
    named.iter().find_map(|name| field(cpuinfo, name)).or_else(|| {
        let kinds: BTreeSet<String> = cpuinfo.split("\n\n").filter_map(arm_model).collect();
        let kinds: Vec<String> = kinds.into_iter().collect();
        (!kinds.is_empty()).then(|| kinds.join(", "))
    })
}

/// `ARM implementer 0x41 part 0xd0c variant 0x3 revision 1`, of one processor.
fn arm_model(processor: &str) -> Option<String> {
    let number = |name: &str| field(processor, &format!("CPU {name}"));
    let numbers = ["implementer", "part", "variant", "revision"];
    number("implementer").and(number("part"))?;
    let known = numbers.iter().filter_map(|name| Some(format!(" {name} {}", number(name)?)));
    Some(format!("ARM{}", known.collect::<String>()))
}

/// The flags by which the C library and the standard library choose routines.
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

/// `Linux 6.1.0`.
fn kernel() -> Option<String> {
    // SAFETY: all zeros are a value of this type, which consists of characters.
    let mut about: libc::utsname = unsafe { std::mem::zeroed() };
    // SAFETY: `about` is there to be written to.
    if unsafe { libc::uname(&mut about) } != 0 {
        return None;
    }
    // SAFETY: the kernel ends its texts with a zero.
    let text = |text: &[libc::c_char]| unsafe { CStr::from_ptr(text.as_ptr()) }.to_string_lossy();
    Some(format!("{} {}", text(&about.sysname), text(&about.release)))
}

/// The C library of this program, and so of those that it starts.
#[cfg(target_env = "gnu")]
fn libc_version() -> Option<String> {
    // SAFETY: it returns a constant text.
    let version = unsafe { CStr::from_ptr(libc::gnu_get_libc_version()) };
    Some(format!("glibc {}", version.to_str().ok()?))
}

/// Other libraries cannot report their version.
#[cfg(not(target_env = "gnu"))]
fn libc_version() -> Option<String> {
    Some(if cfg!(target_env = "musl") { "musl" } else { "unnamed" }.to_owned())
}

fn valgrind() -> Option<String> {
    let mut command = programs::valgrind();
    command.arg("--version");
    let version = programs::output(command, PATIENCE).ok()?;
    Some(version.trim_start_matches("valgrind-").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_and_like_itself() {
        let Collected { fingerprint, warnings } = collect();
        assert_eq!(fingerprint.differences(&collect().fingerprint), []);
        assert!(fingerprint.commit.is_some() || !warnings.is_empty());
        assert!(fingerprint.kernel.unwrap().starts_with("Linux "));
    }

    #[test]
    fn of_the_flags_those_that_choose_code_are_kept() {
        let x86 = "model name : A\nflags\t\t: fpu sse4_2 avx2 hypervisor avx\nflags : avx512f\n";
        assert_eq!(cpu_features(x86).unwrap(), ["avx", "avx2", "sse4_2"]);
        assert_eq!(cpu_features("Features : fp asimd atomics\n").unwrap(), ["lse"]);
        assert_eq!(cpu_features("nothing"), None);
    }

    #[test]
    fn processors_without_a_name_are_known_by_their_numbers() {
        let one = |part: &str| {
            format!(
                "processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: \
                 0x3\nCPU part\t: {part}\nCPU revision\t: 1\n\n"
            )
        };
        let model = cpu_model(&one("0xd0c")).unwrap();
        assert_eq!(model, "ARM implementer 0x41 part 0xd0c variant 0x3 revision 1");
        assert_ne!(cpu_model(&one("0xd40")).unwrap(), model);
        // Two kinds, in any order.
        let both = cpu_model(&(one("0xd05") + &one("0xd0a"))).unwrap();
        assert_eq!(cpu_model(&(one("0xd0a") + &one("0xd05"))).unwrap(), both);
        assert_eq!(cpu_model("model name : A\n").unwrap(), "A");
        assert_eq!(cpu_model("processor : 0\n"), None);
    }
}
