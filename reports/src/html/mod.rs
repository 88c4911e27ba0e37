//! The page: one file that needs no network, no other file, and no script to be read.
//!
//! * `page`: the template's data as a whole; `overview`, `section`, `details`: its parts.
//! * `ids`: anchors.
//! * `policy`: what the page allows itself to run.
//!
//! Texts go through the template engine's escaping; the only markup that is not written in a
//! template are plots, which escape for themselves and hold no text but names.

mod details;
mod extras;
mod ids;
mod overview;
mod page;
mod policy;
mod section;

pub use page::{PageError, page};
