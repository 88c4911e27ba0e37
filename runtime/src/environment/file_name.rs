//! The name of a file that a process writes because a variable requests it.
//!
//! It is relative to the folder in which the process loaded the library, because a program may
//! change its folder later. `%p` is the process's number, `%%` a percent sign.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Returns the path with its numbers filled in, relative to `folder`. An error if it is relative
/// and there is no such folder.
pub(crate) fn fixed(file: &OsStr, folder: Option<&Path>) -> io::Result<PathBuf> {
    let path = PathBuf::from(with_numbers(file, std::process::id()));
    match folder {
        _ if path.is_absolute() => Ok(path),
        Some(folder) => Ok(folder.join(path)),
        None => Err(io::Error::other("the current folder is not there")),
    }
}

/// Replaces `%p` in a name by `process`, and `%%` by a percent sign.
fn with_numbers(name: &OsStr, process: u32) -> OsString {
    let mut filled = Vec::new();
    let mut rest = name.as_bytes().iter();
    while let Some(letter) = rest.next() {
        match (letter, rest.as_slice().first()) {
            (b'%', Some(b'p')) => filled.extend(process.to_string().bytes()),
            (b'%', Some(b'%')) => filled.push(b'%'),
            _ => {
                filled.push(*letter);
                continue;
            }
        }
        rest.next();
    }
    OsString::from_vec(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_filled_in() {
        let filled = |name: &str| with_numbers(OsStr::new(name), 42).into_string().unwrap();
        let names = ["trace.json", "%p", "a/%p/b.%p", "%%p", "%", "%q", "100%%", "%%%p", ""];
        let expected = ["trace.json", "42", "a/42/b.42", "%p", "%", "%q", "100%", "%42", ""];
        assert_eq!(names.map(filled), expected);
    }

    #[test]
    fn names_need_not_be_text() {
        let name = OsStr::from_bytes(b"\xff%p\xfe");
        assert_eq!(with_numbers(name, 1).as_bytes(), b"\xff1\xfe");
    }

    #[test]
    fn names_count_from_the_folder_unless_they_are_absolute() {
        let fixed = |name: &str| fixed(OsStr::new(name), Some(Path::new("/folder"))).unwrap();
        assert_eq!(fixed("trace"), Path::new("/folder/trace"));
        assert_eq!(fixed("/trace"), Path::new("/trace"));
        assert!(super::fixed(OsStr::new("trace"), None).is_err());
    }
}
