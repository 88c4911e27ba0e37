//! Records in; statistics, a terminal summary, Markdown, exports and one HTML page out.
//!
//! Knows nothing of the runtime or of the workloads: what is compared, along which axes and
//! in which unit stands in the records (`records/RUN.md`).
//!
//! * [`stats`]: medians, intervals and judgements, with their sources.
//! * [`analysis`]: a run's records, grouped, ranked and judged.
//! * [`judge`]: decides whether a build is slower than another, judged from their records.
//! * [`text`]: figures and verdicts as text; terminal and Markdown.
//! * [`plot`]: plots as SVG.
//! * [`html`]: the page.
//! * [`export`]: files for other programs.
//! * [`input`]: which records are read.
//! * [`profiles`]: which profiles are shown beside them.

pub mod analysis;
pub mod export;
pub mod html;
pub mod input;
pub mod judge;
pub mod plot;
pub mod profiles;
pub mod stats;
pub mod text;
