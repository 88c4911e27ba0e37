//! Slowdowns of a known size, which calibrate the power of a regression gate.
//!
//! Would a gate notice that a lookup takes 5 ns more? To find out, give it such a lookup. With the
//! feature `injected-slowdown` the places named by [`Site`] can be made slower:
//!
//! ```sh
//! SIMPLE_RT_SLOWDOWN=registry-get=fence:2/16,file-load=2000 target/release/simple-bench …
//! ```
//!
//! makes each thread take 2 fences at every 16th of its visits to a lookup, and 2000 steps at each load.
//! `SITE=STEPS` takes steps of the form `spin`; `SITE=FORM:STEPS` names another form (`forms`):
//!
//! | form | a step | ns | instructions |
//! |---|---|--:|--:|
//! | `spin` | a 64-bit multiplication that depends on the previous one: three cycles | 0.7 | 1 1/8 |
//! | `fence` | a full memory fence: what was stored before is visible to all | 25 | 1 1/4 |
//! | `miss` | a load that depends on the previous one, at random in a buffer larger than the last cache | 300 | 10 |
//! | `lock` | a lock that all threads share is taken and released | 10 | 13 |
//! | `line` | an atomic addition to a line that all threads write | 2.5 | 1 1/4 |
//!
//! Times are rough, those of one thread in a virtual machine; where two threads come to a `lock` or a `line`
//! at once, they are several times as long. For each nanosecond `spin` executes 1.6 instructions, and `fence`, `miss` and `line`
//! at most a third of that. A `lock` costs time rather than instructions only where threads meet. The test
//! of this module counts instructions.
//!
//! `/EVERY` has only every such visit of a thread take steps, so doses can be finer than a step. A place
//! that is named costs a call, two fences and the counting of visits, about 30 instructions and 11 to
//! 15 ns, because the processor cannot look ahead there. To measure the cost of N steps, compare
//! `=FORM:N` with `=FORM:0`. A place that is not named, one with the old `=0`, or an unset variable means
//! nothing to do: one load and one comparison. Compare only builds that both have the feature.
//!
//! Without the fences around them a short chain would cost nothing, because nothing waits for its result: 32
//! steps next to a lookup of 12 ns were not measurable. There are such fences for x86-64 only; elsewhere
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
mod forms;
#[cfg(all(feature = "injected-slowdown", not(loom)))]
mod injected;

#[cfg(all(test, feature = "injected-slowdown", not(loom)))]
mod tests;
