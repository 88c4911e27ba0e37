//! The page: one file that is readable without network and script. Pictures of profiles are
//! separate files.
//!
//! * `page`: the template's data as a whole; `overview`, `standings`, `cards`, `section`, `within`,
//!   `details`: its parts.
//! * `changes`, `trends`: the run against an earlier one, and over many.
//! * `context`: baseline, history, profiles and gate beside the run.
//! * `gate`, `gate_curve`: a page of its own for the comparison of two builds.
//! * `without_run`: a page of all other records if there is no run.
//! * `bench_trust`: reliability of verdicts on alternatives, on both pages.
//! * `ids`: anchors.
//! * `profile`: profiles of workloads.
//! * `policy`: the content security policy.
//!
//! The template engine escapes all texts. Only plots make markup outside of templates; they
//! escape the names that they show.

mod bench_trust;
mod cards;
mod changes;
mod context;
mod details;
mod extras;
mod filters;
mod gate;
mod gate_curve;
mod ids;
mod overview;
mod page;
mod policy;
mod profile;
mod section;
mod standings;
mod trends;
mod within;
mod without_run;

pub use context::{Context, Copied};
pub use gate::gate_page;
pub use page::{PageError, Pages, page, page_with, pages};
pub use without_run::page_without_run;
