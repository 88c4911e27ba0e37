//! Programs and processes that cannot be profiled: each is said in a sentence.

use crate::spinner::{has_perf, lab, said};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Asserts that this is refused with exit code 2 and a sentence that has these words, and leaves no
/// profile.
fn refused(arguments: &[&str], words: &[&str]) {
    let target = tempfile::tempdir().unwrap();
    let output = lab(target.path(), arguments).output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(output.stdout.is_empty() && !target.path().join("profiles").exists(), "{said}");
}

fn file(folder: &Path, name: &str, text: &str, mode: u32) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn what_is_no_program() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let at = folder.to_str().unwrap();
    let plain = file(folder, "plain", "#!/bin/sh\n", 0o644);
    let text = file(folder, "text", "echo a\n", 0o755);
    let odd = file(folder, "odd", "#!/no/such\n", 0o755);
    refused(&["--", "/no/such-program"], &["'/no/such-program'", "check its path"]);
    refused(&["--", "no-such-program"], &["on the PATH"]);
    refused(&["--", at], &["is a folder"]);
    refused(&["--", &plain], &["may not be started", "chmod +x"]);
    refused(&["--", &text], &["neither a program nor a script", "lab profile -- sh"]);
    refused(&["--", &odd], &["'/no/such'", "first line"]);
    refused(&["--", "A=b", "true"], &["-- env A=b"]);
}

#[test]
fn what_does_not_go_together() {
    refused(&[], &["lab profile -- PROGRAM", "--pid PID"]);
    refused(&["--for", "-5s", "--", "true"], &["--for", "-5s", "such as 10s"]);
    refused(&["--input=/no/such", "--", "cat"], &["--input /no/such", "cannot be read"]);
    refused(&["--input=/", "--", "cat"], &["--input /: it is a folder"]);
    refused(&["--for=0s", "--", "true"], &["--for", "no time"]);
    refused(&["--hz=0", "--", "true"], &["--hz"]);
    refused(&["--sampler=in-process", "--", "true"], &["--sampler perf or callgrind"]);
    refused(&["--for-ms=5", "--", "true"], &["--for-ms"]);
    refused(&["a/b", "--for=5s"], &["--for"]);
    refused(&["a/b", "--", "true"], &["cannot be used with"]);
    refused(&["--pid=1", "--", "true"], &["cannot be used with"]);
    refused(&["--views=speed", "--", "true"], &["cpu", "waiting"]);
    refused(&["/bin/sh"], &["is a file, not a workload", "lab profile -- /bin/sh"]);
}

#[test]
fn processes_that_cannot_be_looked_at() {
    refused(&["--pid=4194305"], &["no process 4194305"]);
    let mut ended = Command::new("true").spawn().unwrap();
    let pid = ended.id();
    // It stays as a zombie until it is waited for.
    let state = || fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    while !state().contains(") Z ") {
        std::thread::yield_now();
    }
    refused(&["--pid", &pid.to_string()], &["has ended"]);
    ended.wait().unwrap();
    // The kernel's own threads are not seen from everywhere.
    if fs::read_to_string("/proc/2/comm").is_ok_and(|name| name.trim() == "kthreadd") {
        refused(&["--pid=2"], &["thread of the kernel"]);
    }
    let mut sleeper = Command::new("sleep").arg("1000").stdin(Stdio::null()).spawn().unwrap();
    let named = ["--pid", &sleeper.id().to_string(), "--views", "memory,cpu"];
    refused(&named, &["view of memory", "runs already"]);
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
}

#[test]
fn a_program_that_is_too_short_is_told_what_to_do() {
    if !has_perf() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let output = lab(target.path(), &["--views", "cpu", "--", "true"]).output().unwrap();
    let said = said(&output);
    // A sample hits it by chance only.
    match output.status.code() {
        Some(0) => assert!(said.contains("Only ") && said.contains("--hz"), "{said}"),
        Some(1) => assert!(said.contains("no sample was taken") && said.contains("--hz"), "{said}"),
        other => panic!("{other:?}: {said}"),
    }
}

#[test]
fn a_program_without_the_runtime_has_no_timeline() {
    let target = tempfile::tempdir().unwrap();
    let output = lab(target.path(), &["--views", "timeline", "--", "true"]).output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("no view of timeline") && said.contains("libsimple_runtime"), "{said}");
}
