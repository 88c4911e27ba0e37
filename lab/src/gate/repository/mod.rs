//! Anybody's repository as the matter of a comparison: a `lab.toml` in it lists its benchmarks.
//!
//! The sources of both sides are written into two folders whose paths are equally long, because the
//! length of a path can move code and stacks. They stay between runs, so that a build does no more
//! than it must. Nothing is written into the repository: see [`crate::harness::git`].
//!
//! | file | idea |
//! |---|---|
//! | `found` | the `lab.toml` that the current folder belongs to, and where generated things go |
//! | `sources` | the trees of a side: of the repository and of its submodules |
//! | `folder` | those trees in a folder |
//! | `large` | files that git keeps elsewhere, or changed by a filter |
//! | `build` | the user's command for a build |
//! | `changed` | files that changed since a comparison began |
//! | `pair` | both sides, ready to be measured |

mod build;
mod changed;
mod folder;
mod found;
mod large;
mod pair;
mod sources;

pub(super) use changed::check_unchanged;
pub(crate) use found::target_here;
pub(super) use found::{Found, find, missing};
pub(super) use pair::{Sides, prepare};
