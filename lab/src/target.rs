//! The folder for everything that is generated.

use crate::files;
use std::path::PathBuf;

/// The folder cargo builds in, unless its configuration files name another.
pub fn default_target() -> PathBuf {
    let named = |name| std::env::var_os(name).filter(|folder| !folder.is_empty());
    let named = named("CARGO_TARGET_DIR").or_else(|| named("CARGO_BUILD_TARGET_DIR"));
    named.map_or_else(|| files::workspace().join("target"), PathBuf::from)
}
