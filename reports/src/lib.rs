//! Records in; statistics, a terminal summary, Markdown, exports and one HTML page out.
//!
//! Knows nothing of the runtime or of the workloads: the records say what is compared, along
//! which axes and in which unit (`records/RUN.md`). Starts no process and writes no file.
//!
//! * [`stats`]: medians, intervals and judgements, with their sources.
//! * [`analysis`]: comparisons, ranks and judges a run's workloads.
//! * [`judge`]: decides whether a build is slower than another, judged from their records.
//! * [`text`]: figures and verdicts as text; terminal and Markdown.
//! * [`plot`]: plots as SVG.
//! * [`html`]: the page.
//! * [`export`]: files for other programs.
//! * [`input`]: reads records.
//! * [`profiles`]: reads profiles.

pub mod analysis;
pub mod export;
pub mod html;
pub mod input;
pub mod judge;
pub mod plot;
pub mod profiles;
pub mod stats;
pub mod text;
