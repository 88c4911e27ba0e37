//! All that a program was linked from, by which it is linked again with its functions in another order.

use crate::{files, programs};
use anyhow::{Context, Result};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// A link takes less than a second; a linker that hangs must not hang a comparison.
const PATIENCE: Duration = Duration::from_secs(120);
/// The folder beside a program.
const FOLDER: &str = "link";
/// The option that puts functions into an order of its own for each number, as lld has it.
const SHUFFLE: &str = "--shuffle-sections=.text.*=";
/// Debug lines are most of a program, and nothing of them is loaded.
const SMALL: &str = "--strip-debug";

/// A link that can be repeated.
#[derive(Debug, Clone)]
pub struct Kept {
    linker: PathBuf,
    /// The PATH of the linker.
    path: OsString,
    /// With places of kept files.
    arguments: Vec<OsString>,
}

impl Kept {
    /// The link of a program, kept beside it.
    ///
    /// # Errors
    /// If none was kept.
    pub fn of(program: &Path) -> Result<Self> {
        Self::read(&program.with_file_name(FOLDER))
    }

    fn read(folder: &Path) -> Result<Self> {
        let read = |name: &str| fs::read(folder.join(name)).map(OsString::from_vec);
        let linker = read("linker").context("its link was not kept")?;
        let path = read("path").context("its link was not kept")?;
        let arguments =
            fs::read(folder.join("arguments")).context("its link was not kept whole")?;
        let arguments = arguments.strip_suffix(b"\0").unwrap_or(&arguments);
        let arguments = arguments.split(|byte| *byte == 0).enumerate();
        let arguments = arguments.map(|(number, bytes)| {
            let (argument, file) = (OsStr::from_bytes(bytes), folder.join(number.to_string()));
            if file.is_file() { in_place_of(argument, &file) } else { argument.to_owned() }
        });
        Ok(Self { linker: linker.into(), path, arguments: arguments.collect() })
    }

    /// The program that was linked.
    fn output(&self) -> Option<&Path> {
        let at = self.arguments.iter().position(|argument| argument == "-o")?;
        self.arguments.get(at + 1).map(Path::new)
    }

    /// Links the program again, with its functions in the order of `seed`, to `path`.
    ///
    /// # Errors
    /// If the linker fails, as one that cannot choose an order does.
    pub fn link(&self, seed: u32, path: &Path) -> Result<()> {
        let output = self.output().context("the link has no output")?.as_os_str();
        let half = path.with_extension("unfinished");
        let mut command = programs::linker(&self.linker);
        command.env("PATH", &self.path).stdout(Stdio::null());
        for argument in &self.arguments {
            command.arg(if argument == output { half.as_os_str() } else { argument });
        }
        // A driver passes on what is marked, a linker that is called itself takes it as it is.
        let is_driver = self.arguments.iter().any(|one| one.as_bytes().starts_with(b"-Wl,"));
        let mark = if is_driver { "-Wl," } else { "" };
        // The linker takes 0 for a random order.
        command.arg(format!("{mark}{SHUFFLE}{}", seed.max(1))).arg(format!("{mark}{SMALL}"));
        programs::run(command, PATIENCE)?;
        fs::rename(&half, path).with_context(|| format!("there is no {}", half.display()))
    }
}

/// An argument that names a file which is kept in another place.
fn in_place_of(argument: &OsStr, file: &Path) -> OsString {
    let bytes = argument.as_bytes();
    let option = match bytes.starts_with(b"-") {
        true => bytes.iter().position(|byte| *byte == b'=').map_or(0, |at| at + 1),
        false => 0,
    };
    let mut place = bytes[..option].to_vec();
    place.extend(file.as_os_str().as_bytes());
    OsString::from_vec(place)
}

/// Puts the link that made the program `built`, if it is one of those in `kept`, beside `program`.
///
/// # Errors
/// If files cannot be read or written.
pub(super) fn put_beside(program: &Path, kept: &Path, built: &Path) -> Result<()> {
    let folders = fs::read_dir(kept).into_iter().flatten().flatten().map(|entry| entry.path());
    let made_it = |folder: &PathBuf| {
        let link = Kept::read(folder).ok();
        link.is_some_and(|link| link.output().is_some_and(|output| is_same(output, built)))
    };
    let Some(folder) = folders.into_iter().find(made_it) else { return Ok(()) };
    let place = program.with_file_name(FOLDER);
    fs::create_dir_all(&place).with_context(|| format!("cannot create {}", place.display()))?;
    let entries =
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()));
    for entry in entries? {
        let from = entry?.path();
        let to = place.join(from.file_name().context("a file has a name")?);
        // They stay where they are, too: cargo may report the same program again without linking it.
        fs::hard_link(&from, &to).or_else(|_| files::copy(&from, &to))?;
    }
    Ok(())
}

/// Cargo links the program that it reports to the one that it made, or copies it.
fn is_same(one: &Path, other: &Path) -> bool {
    let same_bytes = || Some(fs::read(one).ok()? == fs::read(other).ok()?);
    files::is_same(one, other) || same_bytes().unwrap_or(false)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::linker::Linker;
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::process::Command;

    /// The kept link of a tiny program, which this linker made in `folder`.
    pub(crate) fn linked(folder: &Path, linker: &str) -> Kept {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tiny/worker.rs");
        let kept = folder.join("kept");
        let mut rustc = programs::rustc();
        let linker = Linker { variable: "LINKER".to_owned(), program: linker.into() };
        linker.keep(&mut rustc, folder, &kept).unwrap();
        let script = rustc.get_envs().find(|(name, _)| *name == "LINKER").unwrap().1.unwrap();
        let script = Path::new(script).display().to_string();
        rustc.args(["--edition=2024", "-Copt-level=1", "--check-cfg=cfg(slowed)"]);
        rustc.args(["--crate-name=simple_bench", "-Cextra-filename=-1"]);
        rustc.arg(format!("-Clinker={script}")).arg("--out-dir").arg(folder).arg(source);
        assert!(rustc.status().unwrap().success());
        put_beside(&folder.join("simple-bench"), &kept, &folder.join("simple_bench-1")).unwrap();
        Kept::of(&folder.join("simple-bench")).unwrap()
    }

    /// Returns whether Rust links by lld of its own here, which can choose an order.
    pub(crate) fn shuffles() -> bool {
        cfg!(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))
    }

    /// Addresses of the program's functions, by name.
    fn functions(program: &Path) -> BTreeMap<String, String> {
        let printed = Command::new("nm").arg(program).output().unwrap().stdout;
        let printed = String::from_utf8(printed).unwrap();
        let words = printed.lines().map(|line| line.splitn(3, ' ').collect::<Vec<_>>());
        let functions = words.filter(|words| words.len() == 3 && "tT".contains(words[1]));
        functions.map(|words| (words[2].to_owned(), words[0].to_owned())).collect()
    }

    #[test]
    fn programs_that_are_linked_again_have_the_same_functions_in_other_places() {
        let folder = tempfile::tempdir().unwrap();
        let link = linked(folder.path(), "cc");
        // All that the linker read is gone, as after another build.
        fs::remove_file(folder.path().join("simple_bench-1")).unwrap();
        let path = |seed: u32| folder.path().join(format!("layout-{seed}"));
        if link.link(0, &path(0)).is_err() {
            assert!(!shuffles(), "the linker of Rust for this target can choose an order");
            return;
        }
        let (mut names, mut places) = (BTreeSet::new(), BTreeSet::new());
        for seed in [1, 2, 3] {
            link.link(seed, &path(seed)).unwrap();
            let functions = functions(&path(seed));
            assert!(functions.contains_key("tiny_hot_path"), "{functions:?}");
            places.insert(functions["tiny_hot_path"].clone());
            names.insert(functions.into_keys().collect::<Vec<_>>());
            let mut program = Command::new(path(seed));
            let ended = program.arg("serve").stdin(Stdio::null()).status().unwrap();
            assert!(ended.success(), "{ended}");
        }
        assert_eq!(names.len(), 1, "the functions are the same");
        assert!(places.len() > 1, "their places are not: {places:?}");
    }

    #[test]
    fn a_file_keeps_its_option() {
        let file = Path::new("/kept/7");
        assert_eq!(in_place_of(OsStr::new("/tmp/a.o"), file), "/kept/7");
        let option = OsStr::new("-Wl,--version-script=/tmp/list");
        assert_eq!(in_place_of(option, file), "-Wl,--version-script=/kept/7");
    }

    #[test]
    fn a_link_that_was_not_kept_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let why = Kept::of(&folder.path().join("simple-bench")).unwrap_err();
        assert!(format!("{why:#}").contains("its link was not kept"), "{why:#}");
    }
}
