//! Children and temporary folders, with an owner each.
//!
//! The owner of a process or folder ends it by dropping it: the process with all that it started, the
//! folder with its contents. A signal that ends this program skips the drops, so all of them are listed
//! here, and [`end_all`] ends them at once. If this program is killed outright, the kernel ends its
//! children, a guard what they started, and the next run removes its folders.

mod child;
mod folder;
mod guard;
mod orphans;
mod processor;
mod usage;

pub use child::{Child, Ended, Receiver, spawn};
pub(crate) use folder::is_alive;
pub use folder::{Scratch, remove_leftovers, scratch, scratch_in};
pub use orphans::{Leftovers, adopt_orphans, end_orphans, left_behind, orphans};
pub use processor::{keep_on, processors};
pub use usage::Usage;

/// Ends all children and removes all temporary folders, from any thread, right before this
/// program exits. Starting a child or making a folder blocks from then on.
pub fn end_all() {
    std::mem::forget(child::end_all());
    std::mem::forget(folder::remove_all());
}

/// Ends all children; their owners see them end.
pub fn end_children() {
    drop(child::end_all());
}
