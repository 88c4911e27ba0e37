//! Watching the measured part of a workload: whoever profiles must tell it from set-up.

/// Runs the measured part, and may do something before and after.
pub trait Watch {
    /// Runs `part`, which is measured.
    fn measured<R>(&mut self, part: impl FnOnce() -> R) -> R;
}

/// Nobody watches.
impl Watch for () {
    #[inline(always)]
    fn measured<R>(&mut self, part: impl FnOnce() -> R) -> R {
        part()
    }
}
