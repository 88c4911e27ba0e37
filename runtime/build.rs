//! How the shared library is linked, and the name that programs look for when they run.
//!
//! Programs record the library's SONAME, which has the major version of the ABI, so a file of
//! that name must lie beside `libsimple_runtime.so`. Cargo cannot name its product so; a link of
//! that name is made here, in the folders that cargo puts the product into.

use std::path::Path;
use std::{env, fs, io};

/// With the major version of the ABI (`simple_runtime_abi_version`).
const SONAME: &str = "libsimple_runtime.so.1";
const PRODUCT: &str = "libsimple_runtime.so";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,{SONAME}");
    // Threads may have destructors of ours to run when they end, long after the last call.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    let out = env::var("OUT_DIR").expect("cargo says where to write");
    // TARGET/PROFILE/build/simple-runtime-HASH/out
    if let Some(profile) = Path::new(&out).ancestors().nth(3) {
        for folder in [profile.to_owned(), profile.join("deps")] {
            if let Err(error) = link(&folder.join(SONAME)) {
                println!(
                    "cargo:warning=cannot link {} to {PRODUCT} ({error}): programs that use the \
                     shared library will not find it there",
                    folder.join(SONAME).display()
                );
            }
        }
    }
}

/// Makes the link, unless it is there.
fn link(path: &Path) -> io::Result<()> {
    if fs::read_link(path).is_ok_and(|target| target == Path::new(PRODUCT)) {
        return Ok(());
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    #[cfg(unix)]
    return std::os::unix::fs::symlink(PRODUCT, path);
    #[cfg(not(unix))]
    Err(io::ErrorKind::Unsupported.into())
}
