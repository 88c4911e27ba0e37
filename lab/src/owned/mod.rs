//! Children and temporary folders, with an owner each.
//!
//! Whoever starts a process or makes a folder owns it: dropped, the process is ended with all
//! that it started, and the folder is removed. A signal that ends this program skips that, so
//! both are also written down here, and [`end_all`] does it for all of them at once. A program
//! that is killed outright cannot do even that: the kernel then ends its children, and the next
//! run removes its folders.

mod child;
mod folder;

pub use child::{Child, Ended, spawn};
pub(crate) use folder::is_alive;
pub use folder::{Scratch, remove_leftovers, scratch, scratch_in};

/// Ends all children and removes all temporary folders, from any thread, right before this
/// program exits: whoever wants to start a child or make a folder from now on waits for that.
pub fn end_all() {
    std::mem::forget(child::end_all());
    std::mem::forget(folder::remove_all());
}

/// Ends all children; their owners see them end.
pub fn end_children() {
    drop(child::end_all());
}
