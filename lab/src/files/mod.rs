//! Keeping files: as a whole or not at all, on any disk, with the user's permissions for new files.

mod lock;
mod moving;
mod place;
mod record;
mod writing;

pub use lock::{Lock, lock};
pub use moving::{copy, is_same, replace};
pub use place::{call, is_checkout, workspace, workspace_of};
pub use record::{begin_record, can_resume, newest, unix_s};
pub use writing::{append, check_writable, write};
