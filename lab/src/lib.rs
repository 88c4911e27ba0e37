//! What all programs of the laboratory share.
//!
//! The laboratory runs on machines that others have set up. So there is one place each for what
//! meets the machine: programs of others are started by [`programs`], processes and temporary
//! folders of ours have an owner in [`owned`], the terminal is spoken to by [`console`], files
//! are kept by [`files`], and the machine itself is described by [`fingerprint`].

pub mod console;
pub mod files;
pub mod fingerprint;
pub mod owned;
pub mod programs;
