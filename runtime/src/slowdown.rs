//! Slowdowns of a known size, which calibrate the power of a regression gate.
//!
//! Would a gate notice that a lookup takes 5 ns more? To find out, give it such a lookup. With the
//! feature `injected-slowdown` the places named by [`Site`] can be made slower:
//!
//! ```sh
//! SIMPLE_RT_SLOWDOWN=registry-get=12,file-load=2000 target/release/simple-bench …
//! ```
//!
//! makes a thread take this number of *steps* each time it comes to such a place. A step is one
//! 64-bit multiplication that depends on the previous one: three cycles on today's processors, 0.7
//! ns at 4.2 GHz, and one instruction (with its share of the loop 1 1/8). The first step adds a
//! call and two fences: about 25 instructions, and 11 to 15 ns, because the processor cannot look
//! ahead there. To measure the cost of N steps, compare `=N+1` with `=1`. A place that is not
//! named, or an unset variable, means 0 steps: one load and one comparison. Compare only builds
//! that both have the feature.
//!
//! Without the fences a short chain would cost nothing, because nothing waits for its result: 32
//! steps next to a lookup of 12 ns were not measurable. There are fences for x86-64 only; elsewhere
//! instruction counts are exact, and times are not.
//!
//! The variable is read once, by the first thread that comes to any place. An invalid variable ends
//! the process: otherwise the results of a wrong injection would be believed.
//!
//! Without the feature, and in the models of loom, [`at`] is empty.

/// A place that can be made slower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    /// `future-run`: a future's body is about to run, on any thread.
    FutureRun,
    /// `future-new`: a future is created, lazy or finished.
    FutureNew,
    /// `registry-get`: a handle is looked up in a slab, for its value or only for its state.
    RegistryGet,
    /// `registry-insert`: an entry is added to a slab.
    RegistryInsert,
    /// `coverage-probe`: a probe of a decision or condition runs while probes count.
    CoverageProbe,
    /// `file-load`: a file is about to be opened and loaded, on any thread.
    FileLoad,
    /// `deep-copy`: a heap object has been copied, within the copy of a value.
    DeepCopy,
    /// `aop-call`: a target is about to be called through its advices.
    AopCall,
    /// `channel-send`: a value is about to be sent; before the channel's lock is taken.
    ChannelSend,
}

#[cfg(all(feature = "injected-slowdown", not(loom)))]
pub(crate) use injected::at;

/// Does nothing: this build is not for calibration.
#[cfg(not(all(feature = "injected-slowdown", not(loom))))]
#[inline(always)]
pub(crate) fn at(_site: Site) {}

#[cfg(all(feature = "injected-slowdown", not(loom)))]
mod injected {
    use super::Site;
    use crate::sync::atomic::{AtomicU32, Ordering};
    use std::ffi::OsStr;
    use std::hint::black_box;
    use std::io::Write;

    pub(super) const VARIABLE: &str = "SIMPLE_RT_SLOWDOWN";

    /// Names of the sites in the variable, in the order of [`Site`].
    pub(super) const NAMES: [&str; 9] = [
        "future-run",
        "future-new",
        "registry-get",
        "registry-insert",
        "coverage-probe",
        "file-load",
        "deep-copy",
        "aop-call",
        "channel-send",
    ];

    /// The value of a step count while the variable has not been read.
    const UNREAD: u32 = u32::MAX;

    /// Steps by site. Each is written once, and all writers write the same value, so no ordering is
    /// needed.
    pub(super) static STEPS: [AtomicU32; NAMES.len()] =
        [const { AtomicU32::new(UNREAD) }; NAMES.len()];

    /// Takes the steps that the environment requests for `site`.
    #[inline(always)]
    pub(crate) fn at(site: Site) {
        let mut steps = STEPS[site as usize].load(Ordering::Relaxed);
        if steps == 0 {
            return;
        }
        if steps == UNREAD {
            steps = read(site);
        }
        injected_slowdown(steps);
        #[cfg(test)]
        super::tests::taken(site, steps);
    }

    /// Takes this number of steps. The function's name is what profiles show.
    ///
    /// Squares, because a compiler turns eight multiplications by the same number into one.
    #[inline(never)]
    pub(super) fn injected_slowdown(steps: u32) -> u64 {
        fence();
        let mut x = black_box(START);
        for _ in 0..steps / 8 {
            x = squared(x, 8);
        }
        // No loop for the rest: it would take three instructions per step.
        for some in [4, 2, 1] {
            if steps & some != 0 {
                x = squared(x, some);
            }
        }
        let x = black_box(x);
        fence();
        x
    }

    /// Waits until all previous instructions have ended before any later one begins.
    #[inline(always)]
    fn fence() {
        // SAFETY: it needs SSE2, which every x86-64 processor has.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            std::arch::x86_64::_mm_lfence();
        }
    }

    /// Repeated squaring from here has the longest period.
    pub(super) const START: u64 = 3;

    #[inline(always)]
    fn squared(x: u64, times: u32) -> u64 {
        (0..times).fold(x, |x, _| x.wrapping_mul(x))
    }

    /// Reads the variable, and returns its value for `site`.
    #[cold]
    #[inline(never)]
    fn read(site: Site) -> u32 {
        let all = std::env::var_os(VARIABLE).map_or(Ok([0; NAMES.len()]), |text| parse(&text));
        let all = all.unwrap_or_else(|reason| {
            // The process ends whether the message can be written or not.
            let _ = writeln!(std::io::stderr(), "simple-runtime: {VARIABLE}: {reason}");
            std::process::exit(2)
        });
        for (place, steps) in STEPS.iter().zip(all) {
            let _ = place.compare_exchange(UNREAD, steps, Ordering::Relaxed, Ordering::Relaxed);
        }
        STEPS[site as usize].load(Ordering::Relaxed)
    }

    /// Parses the variable. The error is the reason why it is invalid. An empty text is the same as
    /// an unset variable.
    pub(super) fn parse(text: &OsStr) -> Result<[u32; NAMES.len()], String> {
        let mut all = [None; NAMES.len()];
        let text = text.to_str().ok_or_else(|| format!("{text:?} is not UTF-8"))?;
        for entry in text.split(',').filter(|_| !text.is_empty()) {
            let (name, steps) =
                entry.split_once('=').ok_or_else(|| format!("{entry:?} is not SITE=STEPS"))?;
            let place = NAMES.iter().position(|&known| known == name);
            let place = place.ok_or_else(|| {
                format!("there is no site {name:?}; there are {}", NAMES.join(", "))
            })?;
            let steps = steps.parse().ok().filter(|&steps| steps != UNREAD);
            let steps = steps.ok_or_else(|| {
                format!("{entry:?} does not say a number of steps from 0 to {}", UNREAD - 1)
            })?;
            if all[place].replace(steps).is_some() {
                return Err(format!("{name} is there twice"));
            }
        }
        Ok(all.map(Option::unwrap_or_default))
    }
}

#[cfg(all(test, feature = "injected-slowdown", not(loom)))]
mod tests;
