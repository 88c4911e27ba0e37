//! The file of a program: found as a shell finds it, and looked at before anything is started.

use anyhow::{Context, Result, bail, ensure};
use simple_profiles::symbols::{self, Architecture, Facts, Names, Width};
use std::env;
use std::ffi::{CString, OsStr};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Bytes at the beginning of a file that say what it is.
const HEAD_BYTES: u64 = 256;

/// Words that every program has in it that is linked with the runtime: in itself, or as the name of
/// the library.
const OF_RUNTIME: [&[u8]; 2] = [b"SIMPLE_RT_TIMELINE", b"libsimple_runtime"];

/// A program that can be started.
#[derive(Debug)]
pub(super) struct Executable {
    /// Absolute path of its file.
    pub(super) path: PathBuf,
    /// Remarks for a reader of its profile, in sentences.
    pub(super) notes: Vec<String>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A program.
    Binary,
    /// A script, or a file that can no longer be read.
    Script,
}

impl Executable {
    /// Finds a program by its path, or by its name on the PATH.
    ///
    /// # Errors
    /// If there is none, or it cannot be started here.
    pub(super) fn find(word: &OsStr) -> Result<Self> {
        let path = place(word)?;
        let shown = word.display();
        let about =
            fs::metadata(&path).with_context(|| format!("'{shown}' cannot be looked at"))?;
        ensure!(
            !about.is_dir(),
            "'{shown}' is a folder: name a program, as in `lab profile -- {shown}/program`"
        );
        ensure!(about.is_file(), "'{shown}' is no regular file, and cannot be started");
        ensure!(
            may_start(&path),
            "'{shown}' may not be started: `chmod +x {shown}`, if it is a program"
        );
        let path = std::path::absolute(&path)?;
        if let Some(rights) = rights(&path, about.permissions().mode()) {
            bail!(
                "'{shown}' has {rights}, by which it gains rights that it would lose under a profiler: \
                 profile a copy, which has them no more (`cp {shown} copy`), or one that runs, as \
                 root: `lab profile --pid PID`"
            );
        }
        let head = head(&path).with_context(|| format!("'{shown}' cannot be read"))?;
        match symbols::facts(&path) {
            Some(facts) => Self::binary(path, facts, word),
            None if head.starts_with(b"#!") => Self::script(path, &head, word),
            None => bail!(
                "'{shown}' is neither a program nor a script that begins with #!: name its \
                 interpreter, as in `lab profile -- sh {shown}`"
            ),
        }
    }

    /// The program of a process that runs.
    pub(super) fn running(path: PathBuf) -> Self {
        let facts = symbols::facts(&path);
        let notes = facts.and_then(nameless).into_iter().collect();
        Self { path, notes, kind: facts.map_or(Kind::Script, |_| Kind::Binary) }
    }

    fn binary(path: PathBuf, facts: Facts, word: &OsStr) -> Result<Self> {
        ensure!(
            runs_here(facts.machine),
            "'{}' is a program for another processor ({:?}): build it for this one",
            word.display(),
            facts.machine
        );
        let mut notes: Vec<String> = nameless(facts).into_iter().collect();
        if facts.width == Width::Bits32 {
            notes.push(
                "It is a 32-bit program: valgrind needs 32-bit libraries for it (Debian: apt-get \
                 install libc6-dbg:i386)."
                    .to_owned(),
            );
        }
        Ok(Self { path, notes, kind: Kind::Binary })
    }

    fn script(path: PathBuf, head: &[u8], word: &OsStr) -> Result<Self> {
        let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = String::from_utf8_lossy(&line[2..]);
        let interpreter = line.split_whitespace().next().unwrap_or_default();
        ensure!(
            !interpreter.is_empty() && may_start(Path::new(interpreter)),
            "'{}' is a script for '{interpreter}', which is not there or may not be started: \
             correct its first line",
            word.display()
        );
        let notes = vec![format!(
            "It is a script: functions are those of {interpreter} and of the programs that it \
             starts."
        )];
        Ok(Self { path, notes, kind: Kind::Script })
    }

    /// The reason, in sentences, why a profiler that has recorded the program cannot read its file, and so
    /// knows neither its functions nor where their callers are; `None` if it can.
    pub(super) fn unreadable(&self) -> Option<String> {
        let path = self.path.as_os_str().as_bytes();
        if path.iter().any(|byte| byte.is_ascii_control()) {
            return Some(
                "The path of the program has a line break or the like in it, by which profilers do \
                 not find it: its functions have no names. Profile a copy under another name."
                    .to_owned(),
            );
        }
        // The kernel adds this to the path of a process whose file is gone.
        let is_gone = path.ends_with(b" (deleted)") || !self.path.exists();
        is_gone.then(|| {
            "The file of the program was removed while it ran, so its functions have no names. \
             Profile a program whose file stays."
                .to_owned()
        })
    }

    /// Returns whether it is linked with our runtime, as far as its file says.
    pub(super) fn uses_runtime(&self) -> bool {
        let is_in = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).any(|part| part == word);
        let bytes = matches!(self.kind, Kind::Binary).then(|| fs::read(&self.path).ok());
        let bytes = bytes.flatten().unwrap_or_default();
        OF_RUNTIME.iter().any(|word| is_in(&bytes, word))
    }
}

/// The path of the program that a word names.
fn place(word: &OsStr) -> Result<PathBuf> {
    ensure!(!word.is_empty(), "an empty word is no program: name one behind `--`");
    let (here, shown) = (Path::new(word), word.display());
    if word.as_bytes().contains(&b'/') {
        ensure!(here.exists(), "there is no program '{shown}': check its path");
        return Ok(here.to_owned());
    }
    let all = env::var_os("PATH").unwrap_or_default();
    let mut found = env::split_paths(&all).map(|folder| folder.join(word));
    if let Some(path) = found.find(|path| path.is_file() && may_start(path)) {
        return Ok(path);
    }
    if word.as_bytes().contains(&b'=') {
        bail!(
            "'{shown}' is no program: set a variable before `lab`, or by `-- env {shown} PROGRAM`"
        );
    }
    match here.exists() {
        true => bail!("'{shown}' is not on the PATH: a file of this folder is called ./{shown}"),
        false => bail!(
            "there is no program '{shown}' on the PATH: check its name; functions of a shell need \
             one, as in `lab profile -- sh -c '{shown}'`"
        ),
    }
}

fn may_start(path: &Path) -> bool {
    let Ok(path) = CString::new(path.as_os_str().as_bytes()) else { return false };
    // SAFETY: it reads a path that ends with a zero.
    unsafe { libc::access(path.as_ptr(), libc::X_OK) == 0 }
}

/// The means by which a program gets more rights than its user has, if any. Of scripts the kernel ignores it.
fn rights(path: &Path, mode: u32) -> Option<&'static str> {
    symbols::facts(path)?;
    if mode & libc::S_ISUID != 0 {
        return Some("the setuid bit");
    }
    if mode & libc::S_ISGID != 0 {
        return Some("the setgid bit");
    }
    let path = CString::new(path.as_os_str().as_bytes()).ok()?;
    let name = c"security.capability".as_ptr();
    // SAFETY: both texts end with a zero, and nothing is written: only the size is asked for.
    let size = unsafe { libc::getxattr(path.as_ptr(), name, std::ptr::null_mut(), 0) };
    (size > 0).then_some("capabilities of its own")
}

fn head(path: &Path) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(head)
}

fn runs_here(machine: Architecture) -> bool {
    match machine {
        Architecture::X86_64 | Architecture::I386 => cfg!(target_arch = "x86_64"),
        Architecture::Aarch64 | Architecture::Arm => cfg!(target_arch = "aarch64"),
        // A program of unknown rights may run.
        _ => true,
    }
}

fn nameless(facts: Facts) -> Option<String> {
    (facts.names == Names::Stripped).then(|| {
        "The program was stripped: its functions may have no names. Build it with -g and without \
         `strip`."
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(word: &OsStr) -> String {
        format!("{:#}", Executable::find(word).unwrap_err())
    }

    #[test]
    fn what_cannot_be_started_is_refused_with_advice() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str, mode| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            path.into_os_string()
        };
        for (word, expected) in [
            (folder.path().as_os_str().to_owned(), "is a folder"),
            (file("plain", "#!/bin/sh\n", 0o644), "chmod +x"),
            (file("text", "echo a\n", 0o755), "begins with #!"),
            (file("empty", "", 0o755), "begins with #!"),
            (file("odd", "#!/no/such -x\n", 0o755), "'/no/such', which is not there"),
            ("/no/such".into(), "check its path"),
            ("no-such-program".into(), "on the PATH"),
            ("A=b".into(), "-- env A=b"),
            ("".into(), "empty word"),
            ("/dev/null".into(), "no regular file"),
        ] {
            let said = refused(&word);
            assert!(said.contains(expected), "{expected}: {said}");
        }
    }

    #[test]
    fn a_program_that_gains_rights_is_refused_and_its_copy_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        let shell = Executable::find(OsStr::new("sh")).unwrap().path;
        for (mode, expected) in [(0o4755, "setuid bit"), (0o2755, "setgid bit")] {
            fs::copy(&shell, &path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let said = refused(path.as_os_str());
            assert!(said.contains(expected) && said.contains("--pid"), "{said}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Executable::find(path.as_os_str()).unwrap();
    }

    #[test]
    fn a_file_that_profilers_do_not_find_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let shell = Executable::find(OsStr::new("sh")).unwrap();
        assert_eq!(shell.unreadable(), None);
        let copied = |name: &str| {
            let path = folder.path().join(name);
            fs::copy(&shell.path, &path).unwrap();
            Executable::find(path.as_os_str()).unwrap()
        };
        assert!(copied("a\nb").unreadable().unwrap().contains("line break"));
        let gone = copied("gone");
        assert_eq!(gone.unreadable(), None);
        fs::remove_file(&gone.path).unwrap();
        assert!(gone.unreadable().unwrap().contains("was removed while it ran"));
    }

    #[test]
    fn programs_and_scripts_are_found() {
        let shell = Executable::find(OsStr::new("sh")).unwrap();
        assert!(shell.path.is_absolute() && !shell.uses_runtime());
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("script");
        fs::write(&script, "#! /bin/sh -e\nSIMPLE_RT_TIMELINE=\n").unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let found = Executable::find(script.as_os_str()).unwrap();
        assert!(found.notes[0].contains("/bin/sh") && !found.uses_runtime(), "{:?}", found.notes);
        // This test is a program, and has the word in it.
        let this = Executable::find(env::current_exe().unwrap().as_os_str()).unwrap();
        assert!(this.uses_runtime());
    }
}
