//! The page: one file that needs no network and no script to be read, and no other file but
//! the pictures of profiles, if there are any.
//!
//! * `page`: the template's data as a whole; `overview`, `section`, `details`: its parts.
//! * `changes`, `trends`: the run against an earlier one, and over many.
//! * `context`: what is known beside the run.
//! * `gate`, `gate_curve`: a page of its own for the comparison of two builds.
//! * `ids`: anchors.
//! * `profile`: where a workload's time and memory go.
//! * `policy`: what the page allows itself to run.
//!
//! Texts go through the template engine's escaping; the only markup that is not written in a
//! template are plots, which escape for themselves and hold no text but names.

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
mod trends;

pub use context::{Context, Copied};
pub use gate::gate_page;
pub use page::{PageError, Pages, page, page_with, pages};
