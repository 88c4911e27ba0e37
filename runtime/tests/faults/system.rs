//! Calls of the system's that fail.

use crate::attempt::{Scenario, each};
use crate::files::{self, STRATEGIES};
use crate::scenarios as s;
use crate::timelines::TIMELINE;
use simple_runtime::faults::{Call, Fault, Times, inject};

/// The errors of a kind of call, and whether they may last: an interruption that lasts is none.
fn errors(call: Call) -> &'static [(i32, &'static [Times])] {
    const BOTH: &[Times] = &[Times::Once, Times::FromThenOn];
    const ONCE: &[Times] = &[Times::Once];
    match call {
        Call::Map | Call::Protect => &[(libc::ENOMEM, BOTH)],
        // A kernel that does not know the advice, and a page that is missing.
        Call::Advise => &[(libc::EINVAL, BOTH), (libc::EFAULT, BOTH)],
        Call::Open => &[(libc::EMFILE, BOTH), (libc::EINTR, ONCE)],
        Call::Read => &[(libc::EIO, BOTH), (libc::EINTR, ONCE)],
        Call::Look | Call::LockFile => &[(libc::EACCES, BOTH)],
        Call::Inspect | Call::Rename => &[(libc::EIO, BOTH)],
        Call::Residency => &[(libc::ENOSYS, BOTH)],
        Call::Pipe => &[(libc::EMFILE, BOTH)],
        Call::Write => &[(libc::ENOSPC, BOTH), (libc::EINTR, ONCE)],
        Call::SetLength => &[(libc::ENOSPC, BOTH)],
        Call::Thread | Call::Key => &[(libc::EAGAIN, BOTH)],
        Call::OwnStack => &[(libc::ENOMEM, BOTH)],
        Call::Sleep => &[(libc::EINTR, ONCE)],
        Call::Clock => &[(libc::EINVAL, BOTH)],
    }
}

/// Fails each call of each kind, and says how many were.
fn every_call(scenario: Scenario) {
    let mut told = format!("{}: failed", scenario.name);
    for call in Call::ALL {
        let mut failed = 0;
        for &(errno, all_times) in errors(call) {
            for &times in all_times {
                failed += each(scenario, &format!("{call:?} ({errno}, {times:?})"), &|nth| {
                    let injection = inject(Fault { call, nth, errno, times });
                    Box::new(move || injection.failed())
                });
            }
        }
        if failed > 0 {
            told += &format!(" {call:?} {failed}");
        }
    }
    eprintln!("{told}");
}

macro_rules! every_call {
    ($($test:ident $scenario:expr;)*) => {
        $(#[test]
        fn $test() {
            files::prepare();
            every_call($scenario);
        })*
    };
}
every_call! {
    futures s::FUTURES;
    deep_awaits s::DEEP_AWAITS;
    executor s::EXECUTOR;
    manual_mode s::MANUAL;
    channels s::CHANNELS;
    threads s::THREADS;
    deep_copies s::COPIES;
    containers s::CONTAINERS;
    coverage s::COVERAGE;
    advices s::AOP;
    timeline TIMELINE;
    files_none STRATEGIES[0];
    files_progressive STRATEGIES[1];
    files_populate STRATEGIES[2];
    files_populate_read STRATEGIES[3];
    files_touch STRATEGIES[4];
    files_parallel_touch STRATEGIES[5];
    files_copy STRATEGIES[6];
    files_huge STRATEGIES[7];
    files_auto STRATEGIES[8];
}

/// On a kernel that does not know how to populate, pages are read through a pipe.
#[test]
fn a_kernel_that_cannot_populate() {
    files::prepare();
    let without_populate =
        Fault { call: Call::Advise, nth: 1, errno: libc::EINVAL, times: Times::FromThenOn };
    for scenario in [STRATEGIES[3], STRATEGIES[5]] {
        for call in [Call::Pipe, Call::Write, Call::Read] {
            let failed = each(scenario, &format!("{call:?} without populate"), &|nth| {
                let old_kernel = inject(without_populate);
                let fault = Fault { call, nth, errno: libc::EIO, times: Times::Once };
                let injection = inject(fault);
                Box::new(move || {
                    drop(old_kernel);
                    injection.failed()
                })
            });
            assert!(failed > 0, "{call:?}");
        }
    }
}
