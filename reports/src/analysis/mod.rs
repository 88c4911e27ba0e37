//! Analysis of a run's records: workloads grouped by the axes that the records name, with
//! rankings, verdicts, noise and a census.

mod advice;
mod against;
mod agreement;
mod census;
mod cold;
mod compare;
mod comparison;
mod cost;
mod duel;
mod extras;
mod history;
mod noise;
mod pair;
pub mod plan;
mod question;
mod rates;
mod regime;
mod report;
mod rules;
mod strata;
mod timed;
mod verdict;
mod x_choice;

pub use advice::left_out as left_out_in_words;
pub use against::Slowdown;
pub use agreement::{Agreement, Answer, Answered, PairAnswers};
pub use census::{Census, Missing};
pub use compare::{Change, CountChange, LatencyChange, RunComparison, Verdict};
pub use comparison::{ComparisonReport, Facet, Series};
pub use cost::Cost;
pub use duel::Duel;
pub use extras::{Counted, Latencies, Observed};
pub use history::{History, MOST_RUNS, PastRun, Point, Step, Trend};
pub use noise::{Noise, NoiseLevel, RoundShift};
pub use pair::{Condition, Pair, Within};
pub use question::{Evidence, Question, Subject};
pub use rates::{Alternative, LEAST_ACHIEVED, Place, Tail};
pub use regime::{LeftOut, WhyLeftOut, left_out};
pub use report::Report;
pub use rules::Rules;
pub use strata::{Regime, Regimes, State};
pub use timed::{Round, Timed};
pub use verdict::{Advice, Choice, DefaultStanding, OnDefault, Position, Versus};
pub use x_choice::XChoice;
