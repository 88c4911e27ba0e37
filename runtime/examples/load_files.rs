//! Loads the files that are named as arguments, all of them in the background, and counts
//! their lines.
//!
//! `cargo run -p simple-runtime --example load_files -- FILE...`

use simple_runtime::file::{self, FileError, Prefault};
use simple_runtime::registry::Handle;
use std::env;
use std::path::{Path, PathBuf};

/// Begins to load a file. Does not block: the program could do other things now.
fn start(path: &Path) -> Result<Handle, FileError> {
    let file = file::create(path, 0, Prefault::Auto)?;
    file::start_loading(file)?;
    Ok(file)
}

/// Waits until the load has ended, and answers the number of bytes and lines.
fn count(file: Handle) -> Result<(usize, usize), FileError> {
    let loaded = file::wait(file)?;
    // SAFETY: so many bytes are there until the file is closed, which is after this call;
    // nobody changes the files of an example.
    let bytes =
        unsafe { std::slice::from_raw_parts(loaded.address as *const u8, loaded.len_bytes) };
    Ok((bytes.len(), bytes.iter().filter(|&&byte| byte == b'\n').count()))
}

fn main() -> Result<(), FileError> {
    let paths: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let files: Vec<_> = paths.iter().map(|path| start(path)).collect();
    for (path, file) in paths.iter().zip(files) {
        match file {
            Ok(file) => {
                match count(file) {
                    Ok((size, lines)) => {
                        println!("{}: {size} bytes, {lines} lines", path.display());
                    }
                    Err(error) => println!("failed: {error}"),
                }
                // From here on the address of the bytes is invalid.
                file::close(file)?;
            }
            Err(error) => println!("refused: {error}"),
        }
    }
    Ok(())
}
