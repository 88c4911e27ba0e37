//! Tests of claims, in a separate folder for each test.

use super::*;
use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

fn claimed(file: &Path) -> Claim {
    Claim::new(file, Links::Followed)
        .unwrap_or_else(|refusal| panic!("{}: {refusal}", file.display()))
}

fn write(claim: &mut Claim, text: &str) {
    claim.write(|file| file.write_all(text.as_bytes())).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names.into_iter().map(|name| name.into_string().unwrap()).collect()
}

#[test]
fn a_file_is_there_when_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace");
    fs::write(&file, "a former one, which is longer").unwrap();
    let mut claim = claimed(&file);
    claim
        .write(|part| {
            part.write_all(b"a new")?;
            assert_eq!(fs::read(&file).unwrap(), b"a former one, which is longer");
            part.write_all(b" one")
        })
        .unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"a new one");
    assert_eq!(names(folder.path()), ["trace"]);
}

#[test]
fn a_descriptor_that_the_program_has_taken_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (file, other) = (folder.path().join("trace"), folder.path().join("other"));
    fs::write(&other, "precious").unwrap();
    let mut claim = claimed(&file);
    let theirs = OpenOptions::new().write(true).open(&other).unwrap();
    let (descriptor, _) = claim.descriptor();
    // SAFETY: no memory is involved. From here on the number refers to the other file.
    assert_eq!(unsafe { libc::dup2(theirs.as_raw_fd(), descriptor) }, descriptor);
    assert!(claim.write(|file| file.write_all(b"trace")).is_err());
    drop(claim);
    assert_eq!(fs::read(&other).unwrap(), b"precious");
    assert!(identity(descriptor).is_some(), "it is open");
    // SAFETY: as above.
    unsafe { libc::close(descriptor) };
}

/// Locks of open file descriptions exclude everybody, including the same process.
#[test]
fn a_file_is_taken_from_the_claim_to_the_end_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace");
    assert!(!is_taken(&file));
    let mut claim = claimed(&file);
    let assert_taken = || {
        assert!(is_taken(&file));
        assert!(matches!(Claim::new(&file, Links::Followed), Err(Refusal::Taken)));
    };
    assert_taken();
    write(&mut claim, "ours");
    assert_taken();
    // Reading and closing it releases nothing.
    assert_eq!(fs::read(&file).unwrap(), b"ours");
    assert_taken();
    drop(claim);
    assert!(!is_taken(&file));
    write(&mut claimed(&file), "theirs");
    assert_eq!(fs::read(&file).unwrap(), b"theirs");
    assert_eq!(names(folder.path()), ["trace"]);
}

#[test]
fn a_claim_that_is_given_up_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace");
    let mut claim = claimed(&file);
    let error = claim.write(|_| Err(io::Error::other("a full disk"))).unwrap_err();
    assert_eq!(error.to_string(), "a full disk");
    drop(claim);
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn what_a_killed_process_left_is_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace");
    fs::write(folder.path().join("trace.part"), "half a tra").unwrap();
    write(&mut claimed(&file), "ours");
    assert_eq!(fs::read(&file).unwrap(), b"ours");
    assert_eq!(names(folder.path()), ["trace"]);
}

#[test]
fn a_link_stays_and_leads_to_the_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("trace"), folder.path().join("link"));
    fs::write(&file, "").unwrap();
    std::os::unix::fs::symlink("trace", &link).unwrap();
    write(&mut claimed(&link), "ours");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read(&file).unwrap(), b"ours");
}

#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let name = std::ffi::CString::new(pipe.to_str().unwrap()).unwrap();
    // SAFETY: a path.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    for file in [&*pipe, Path::new("/dev/null"), Path::new("/dev/tty"), folder.path()] {
        assert!(
            matches!(Claim::new(file, Links::Followed), Err(Refusal::NotRegular)),
            "{}",
            file.display()
        );
        assert!(!is_taken(file));
    }
    // It is refused also at the place where the content is collected.
    fs::rename(&pipe, folder.path().join("trace.part")).unwrap();
    let claim = |name: &str| Claim::new(&folder.path().join(name), Links::Followed);
    assert!(claim("trace").is_err());
    assert!(claim("no such folder/trace").is_err());
}

#[test]
fn the_new_file_has_the_mode_of_the_former() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace");
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
    for wanted in [0o640, 0o600, 0o666] {
        fs::write(&file, "a former one").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(wanted)).unwrap();
        let mut claim = claimed(&file);
        let part = claim.part.clone();
        claim
            .write(|content| {
                assert_eq!(mode(&part), wanted, "from the first byte on");
                content.write_all(b"ours")
            })
            .unwrap();
        assert_eq!((mode(&file), fs::read(&file).unwrap()), (wanted, b"ours".to_vec()));
    }
}

#[test]
fn a_link_to_no_file_stays_and_leads_to_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("inner")).unwrap();
    let link = |name: &str, to: &str| {
        let link = folder.path().join(name);
        std::os::unix::fs::symlink(to, &link).unwrap();
        link
    };
    let (first, second) = (link("first", "second"), link("second", "inner/trace"));
    write(&mut claimed(&first), "ours");
    assert_eq!(fs::read(folder.path().join("inner/trace")).unwrap(), b"ours");
    assert!(fs::symlink_metadata(&first).unwrap().is_symlink());
    assert!(fs::symlink_metadata(&second).unwrap().is_symlink());
    // A link is left alone too where nothing can be created.
    for refused in [link("lost", "no such folder/trace"), link("round", "round")] {
        assert!(matches!(Claim::new(&refused, Links::Followed), Err(Refusal::Io(_))));
        assert!(fs::symlink_metadata(&refused).unwrap().is_symlink());
    }
}

#[test]
fn a_link_can_be_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    std::os::unix::fs::symlink(&file, &link).unwrap();
    assert!(matches!(Claim::new(&link, Links::Refused), Err(Refusal::Link)));
    assert_eq!(names(folder.path()), ["link"]);
    let mut claim = Claim::new(&file, Links::Refused).unwrap();
    write(&mut claim, "written");
    assert_eq!(fs::read(&link).unwrap(), b"written");
}

#[test]
fn a_written_file_is_written_again_and_stays_claimed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    let mut claim = claimed(&file);
    write(&mut claim, "a first text, which is longer");
    for text in ["a second", "and a third"] {
        claim.rewrite(text.as_bytes()).unwrap();
        assert_eq!(fs::read(&file).unwrap(), text.as_bytes());
        assert!(matches!(Claim::new(&file, Links::Followed), Err(Refusal::Taken)));
    }
    assert_eq!(names(folder.path()), ["file"]);
}

#[test]
fn a_file_that_took_the_place_of_the_written_one_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    let mut claim = claimed(&file);
    write(&mut claim, "ours");
    fs::remove_file(&file).unwrap();
    claim.rewrite(b"ours again").unwrap_err();
    fs::write(&file, "theirs").unwrap();
    claim.rewrite(b"ours again").unwrap_err();
    assert_eq!(fs::read(&file).unwrap(), b"theirs");
}
