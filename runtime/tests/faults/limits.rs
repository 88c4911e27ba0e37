//! Limits near zero: a process with almost no descriptors, threads or address space says so, and
//! ends by itself. Once the limit is lifted, everything works.

use crate::attempt::{Scenario, directory, in_child, show_panics};
use crate::files::{self, STRATEGIES};
use crate::scenarios as s;
use crate::told::nothing_may_fail;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A user whom limits on threads concern, which root is not.
const NOBODY: libc::uid_t = 65534;

const SCENARIOS: [Scenario; 9] = [
    s::FUTURES,
    s::DEEP_AWAITS,
    s::EXECUTOR,
    s::MANUAL,
    s::CHANNELS,
    s::THREADS,
    s::COPIES,
    s::CONTAINERS,
    s::AOP,
];

/// Sets the soft limit, and returns the one before.
fn limit(resource: libc::__rlimit_resource_t, to: libc::rlim_t) -> libc::rlim_t {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a place to write to that outlives the calls.
    unsafe {
        assert_eq!(libc::getrlimit(resource, &mut limit), 0);
        let before = std::mem::replace(&mut limit.rlim_cur, to);
        assert_eq!(libc::setrlimit(resource, &limit), 0);
        before
    }
}

/// Runs the scenario in a child below the limit, and then without it.
fn below(scenario: Scenario, what: &str, set: impl Fn() -> Box<dyn FnOnce()>) {
    show_panics();
    let status = in_child(|| {
        // The allocator keeps small blocks that were given back: the tests' own are not the question.
        drop(Vec::from_iter((0..10_000).map(|i| Box::new([i; 12]))));
        let lift = set();
        nothing_may_fail(false);
        (scenario.run)();
        lift();
        nothing_may_fail(true);
        (scenario.run)();
    });
    assert_eq!(status, 0, "{} with {what}: status {status:#x}", scenario.name);
}

#[test]
fn almost_no_descriptors() {
    files::prepare();
    for scenario in STRATEGIES.into_iter().chain(SCENARIOS) {
        for spare in 0..4 {
            below(scenario, &format!("{spare} descriptors"), || {
                let open = fs::read_dir("/proc/self/fd").unwrap().count() as u64 - 1;
                let before = limit(libc::RLIMIT_NOFILE, open + spare);
                Box::new(move || {
                    limit(libc::RLIMIT_NOFILE, before);
                })
            });
        }
    }
}

#[test]
fn almost_no_threads() {
    files::prepare();
    let grant = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    grant(directory(), 0o755);
    for file in fs::read_dir(directory()).unwrap() {
        grant(&file.unwrap().path(), 0o666);
    }
    for scenario in STRATEGIES.into_iter().chain(SCENARIOS) {
        for threads in 0..4 {
            below(scenario, &format!("{threads} threads"), || {
                // SAFETY: a child with one thread. A user other than root stays who they are.
                unsafe { libc::setuid(NOBODY) };
                let before = limit(libc::RLIMIT_NPROC, threads);
                Box::new(move || {
                    limit(libc::RLIMIT_NPROC, before);
                })
            });
        }
    }
}

#[test]
fn almost_no_address_space() {
    const KIB: u64 = 1 << 10;
    files::prepare();
    // A parallel touch is rayon's, which ends the process without memory.
    let files = STRATEGIES.into_iter().filter(|scenario| scenario.name != "files: parallel-touch");
    for scenario in files.chain(SCENARIOS) {
        for spare in [0, 64 * KIB, 512 * KIB, 2048 * KIB, 5 * 1024 * KIB, 20 * 1024 * KIB] {
            below(scenario, &format!("{spare} bytes"), || {
                let pages = fs::read_to_string("/proc/self/statm").unwrap();
                let pages: u64 = pages.split(' ').next().unwrap().parse().unwrap();
                let before = limit(libc::RLIMIT_AS, pages * 4096 + spare);
                Box::new(move || {
                    limit(libc::RLIMIT_AS, before);
                })
            });
        }
    }
}

/// A control group of the test's own, removed when dropped.
struct Group(PathBuf);

impl Group {
    fn new() -> std::io::Result<Self> {
        let path =
            Path::new("/sys/fs/cgroup").join(format!("simple-faults-{}", std::process::id()));
        fs::create_dir(&path)?;
        let group = Self(path);
        group.set("pids.max", "1")?;
        Ok(group)
    }

    fn set(&self, name: &str, value: &str) -> std::io::Result<()> {
        fs::OpenOptions::new().write(true).open(self.0.join(name))?;
        fs::write(self.0.join(name), value)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

#[test]
fn one_thread_in_a_control_group() {
    files::prepare();
    let group = match Group::new() {
        Ok(group) => group,
        Err(error) => return eprintln!("skipped: no control group can be made ({error})"),
    };
    for scenario in STRATEGIES.into_iter().chain(SCENARIOS) {
        below(scenario, "one thread in its control group", || {
            group.set("cgroup.procs", "0").unwrap();
            let max = group.0.join("pids.max");
            Box::new(move || fs::write(max, "max").unwrap())
        });
        group.set("pids.max", "1").unwrap();
    }
}
