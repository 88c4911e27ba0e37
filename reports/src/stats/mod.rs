//! Statistics of repeated measurements, without knowledge of records.
//!
//! # Units of inference
//!
//! A workload is measured in several *rounds*, each a process of its own; a round yields
//! several *samples*. Samples of one process share its memory layout, its neighbours on the
//! machine and the state of the processor, so they are not independent of each other, and
//! more of them do not make a figure more certain. **The unit of inference is the round**
//! (KJ13, GBE07):
//!
//! * a round's figure is the median of its samples ([`median`]);
//! * a workload's figure is the median of its rounds' figures;
//! * its uncertainty is an interval of order statistics of the rounds ([`median_interval`]);
//! * two alternatives are compared by the ratios of their times *in the same round*
//!   ([`paired_ratio`]), so that a slow-down of a whole round cancels out;
//! * a workload of two runs is compared by all ratios of a round of the one and a round of the
//!   other ([`unpaired_ratio`]), because rounds of two runs share nothing;
//! * two builds are compared by the differences of blocks in which both took turns
//!   ([`signed_rank`]); a build is compared with two copies of another by its ranks among the
//!   three ([`aligned_rank`]); of many workloads, those that survive [`discoveries`] are slower;
//! * the probability that a procedure is right has a [`proportion_interval`];
//! * a workload of many runs is searched for steps ([`segments`]);
//! * dispersion between rounds is the median absolute deviation over the median
//!   ([`relative_mad`]).
//!
//! All of these are medians, because timings are skewed to the right and have outliers.
//! Rounds are assumed to be independent and identically distributed, in any distribution.
//!
//! # Coverage
//!
//! The median of a distribution lies between the k-th smallest and the k-th largest of n
//! independent values of it with probability 1 − 2·P(B ≤ k−1), where B is binomial with n and ½
//! (Con99 §3.2, DN03 §7.1, LeB10 thm. 2.1). The same interval inverts the sign test. The
//! narrowest one that covers at least 95% is used; with fewer than six rounds none does, and
//! the interval from the smallest to the largest is used with its coverage:
//!
//! | rounds | interval | coverage |
//! |---|---|---|
//! | 2 | smallest to largest | 50% |
//! | 3 | smallest to largest | 75% |
//! | 4 | smallest to largest | 87.5% |
//! | 5 | smallest to largest | 93.75% |
//! | 6 | smallest to largest | 96.9% |
//! | 9 | second to eighth | 96.1% |
//! | 15 | fourth to twelfth | 96.5% |
//!
//! The coverage is that of a single interval. Of twenty intervals of 95%, one is expected to miss;
//! reports say so.
//!
//! # Sources
//!
//! * Con99: W. J. Conover, Practical Nonparametric Statistics, 3rd ed., Wiley 1999.
//! * DN03: H. A. David, H. N. Nagaraja, Order Statistics, 3rd ed., Wiley 2003.
//! * GBE07: A. Georges, D. Buytaert, L. Eeckhout, Statistically Rigorous Java Performance
//!   Evaluation, OOPSLA 2007.
//! * HWC14: M. Hollander, D. A. Wolfe, E. Chicken, Nonparametric Statistical Methods, 3rd ed.,
//!   Wiley 2014.
//! * KJ13: T. Kalibera, R. Jones, Rigorous Benchmarking in Reasonable Time, ISMM 2013.
//! * LeB10: J.-Y. Le Boudec, Performance Evaluation of Computer and Communication Systems,
//!   EPFL Press 2010.
//! * FW86: P. J. Fleming, J. J. Wallace, How Not to Lie with Statistics, CACM 29(3), 1986:
//!   ratios are averaged by their logarithms.

mod aligned_rank;
mod discovery;
mod interval;
mod judgement;
mod looks;
mod order;
mod proportion;
mod ratio;
mod signed_rank;
mod steps;
mod unpaired;

pub use aligned_rank::{AlignedRank, aligned_rank};
pub(crate) use aligned_rank::{least_rejected, standardized};
pub use discovery::discoveries;
pub use interval::{Interval, TARGET_COVERAGE, median_interval};
pub use judgement::{
    Judgement, LEAST_DECIDING_COVERAGE, NEGLIGIBLE_DIFFERENCE, judge, judge_beyond,
};
pub use looks::{FIRST_LOOK, Look, last_look, looks, next_look};
pub use order::{median, quantile, relative_mad};
pub use proportion::proportion_interval;
pub use ratio::{Ratio, Rounds, paired_ratio};
pub use signed_rank::{SignedRank, signed_rank};
pub(crate) use signed_rank::{estimate, inward, pseudomedian, pseudomedian_interval};
pub use steps::{Segment, segments};
pub use unpaired::unpaired_ratio;
