//! What git knows: revisions, and the state of this checkout as a tree.
//!
//! States are made in an index of our own, so that neither the checkout nor its index changes.

use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository, and where generated things go.
#[derive(Debug)]
pub struct Git {
    root: PathBuf,
    index: PathBuf,
    /// Leaves out generated things, as git writes it, if they lie in the checkout.
    generated: Option<String>,
}

/// The folder of the runtime, which is what is compared.
const RUNTIME: &str = "runtime";

impl Git {
    /// The repository of the current folder; `target` is where generated things go.
    pub fn here(target: &Path) -> Result<Self> {
        let output = git(Path::new(".")).args(["rev-parse", "--show-toplevel"]).output();
        let output = output.context("cannot run git: is it installed?")?;
        ensure!(
            output.status.success(),
            "this is not a git checkout: revisions cannot be compared"
        );
        let root = PathBuf::from(String::from_utf8(output.stdout)?.trim());
        let target = std::path::absolute(target)?;
        let below = target.strip_prefix(&root).ok().and_then(Path::to_str);
        // What is ignored anyway must not be named: git would refuse.
        let is_ignored = |below: &&str| {
            let status = git(&root).args(["check-ignore", "--quiet", below]).status();
            status.is_ok_and(|status| status.success())
        };
        let generated = below.filter(|below| !is_ignored(below));
        let generated = generated.map(|below| format!(":(exclude){below}"));
        Ok(Self { root, index: target.join("gate/index"), generated })
    }

    fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut command = git(&self.root);
        command.args(arguments).env("GIT_INDEX_FILE", &self.index);
        output_of(command, arguments)
    }

    /// The commit that `revision` names.
    pub fn commit(&self, revision: &str) -> Result<String> {
        self.run(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")])
            .ok()
            .with_context(|| {
                format!(
                    "there is no revision {revision} here: name a branch, tag or commit; in a \
                     shallow clone fetch it first (git fetch origin {revision})"
                )
            })
    }

    /// The object that stands at `path` in `tree`.
    pub fn object(&self, tree: &str, path: &str) -> Result<String> {
        self.run(&["rev-parse", "--verify", "--quiet", &format!("{tree}:{path}")])
            .ok()
            .with_context(|| format!("{tree} has no {path}"))
    }

    /// This checkout as it is, with changes that are not committed and new files, but without
    /// ignored ones; and whether it differs from its commit.
    pub fn checkout(&self) -> Result<(String, bool)> {
        self.run(&["read-tree", "HEAD"])?;
        // What is built may lie in a folder that is not ignored.
        match &self.generated {
            Some(generated) => self.run(&["add", "--all", "--", ".", generated])?,
            None => self.run(&["add", "--all", "."])?,
        };
        let tree = self.run(&["write-tree"])?;
        let differs = tree != self.run(&["rev-parse", "HEAD^{tree}"])?;
        Ok((tree, differs))
    }

    /// `tree` with the runtime of `commit` in it.
    pub fn with_runtime_of(&self, tree: &str, commit: &str) -> Result<String> {
        self.object(commit, RUNTIME).with_context(|| {
            format!("{commit} has no folder `{RUNTIME}`: there is nothing to compare with")
        })?;
        self.run(&["read-tree", tree])?;
        self.run(&["rm", "-r", "--quiet", "--cached", RUNTIME])?;
        let prefix = format!("--prefix={RUNTIME}/");
        self.run(&["read-tree", &prefix, &format!("{commit}:{RUNTIME}")])?;
        self.run(&["write-tree"])
    }

    /// Makes `folder` a working tree that holds exactly `tree`. Only files that differ are
    /// written, so that a build after it does no more than it must.
    pub fn materialize(&self, tree: &str, folder: &Path) -> Result<()> {
        let arguments = ["read-tree", "--reset", "-u", tree];
        let write = || {
            let mut command = git(folder);
            command.args(arguments);
            output_of(command, &arguments)
        };
        if folder.join(".git").exists() && write().is_ok() {
            return Ok(());
        }
        // It is not there, or of another repository, or a git that was killed left it locked.
        if folder.exists() {
            fs::remove_dir_all(folder)
                .with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        let shown = folder.to_str().context("the path of the target folder is not UTF-8")?;
        self.run(&["worktree", "add", "--force", "--detach", "--no-checkout", shown, "HEAD"])?;
        write()?;
        Ok(())
    }

    /// A name for `text`, the same for the same text.
    pub fn hash(&self, text: &str) -> Result<String> {
        use std::io::Write;
        use std::process::Stdio;
        let mut child = Command::new("git")
            .args(["hash-object", "--stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        // Dropped at the end of the statement, which ends git's input.
        child.stdin.take().context("the input is piped")?.write_all(text.as_bytes())?;
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "git hash-object failed");
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }
}

/// Git in `folder`, without what git itself sets when it runs a hook: that would lead to another
/// repository, or to the index of the user.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    for variable in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
    ] {
        command.env_remove(variable);
    }
    command.arg("-C").arg(folder);
    command
}

fn output_of(mut command: Command, arguments: &[&str]) -> Result<String> {
    let output = command.output().context("cannot run git: is it installed?")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("git {} failed: {}", arguments.join(" "), said.trim());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(folder: &Path) -> Git {
        let git = |arguments: &[&str]| {
            let mut command = git(folder);
            command.args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments);
            output_of(command, arguments).unwrap()
        };
        git(&["init", "--quiet"]);
        fs::create_dir_all(folder.join("runtime")).unwrap();
        fs::write(folder.join("runtime/a"), "old").unwrap();
        fs::write(folder.join("runtime/gone"), "old").unwrap();
        fs::write(folder.join("harness"), "old").unwrap();
        fs::write(folder.join(".gitignore"), "target\n").unwrap();
        git(&["add", "."]);
        git(&["commit", "--quiet", "--message", "first"]);
        fs::create_dir_all(folder.join("target")).unwrap();
        let generated = Some(":(exclude)out".to_owned());
        Git { root: folder.to_owned(), index: folder.join("target/index"), generated }
    }

    #[test]
    fn a_state_has_changes_and_new_files_and_leaves_the_checkout_alone() {
        let folder = tempfile::tempdir().unwrap();
        let git = repository(folder.path());
        let (clean, differs) = git.checkout().unwrap();
        assert!(!differs);
        fs::write(folder.path().join("harness"), "new").unwrap();
        fs::write(folder.path().join("runtime/b"), "new").unwrap();
        fs::create_dir_all(folder.path().join("out")).unwrap();
        fs::write(folder.path().join("out/built"), "large").unwrap();
        let status = |git: &Git| {
            let arguments = ["status", "--porcelain"];
            let mut command = super::git(&git.root);
            command.args(arguments);
            output_of(command, &arguments).unwrap()
        };
        let before = status(&git);
        let (tree, differs) = git.checkout().unwrap();
        assert!(differs && tree != clean);
        assert!(git.object(&tree, "runtime/b").is_ok());
        assert!(git.object(&tree, "out/built").is_err(), "what is built is no source");
        assert_eq!(status(&git), before);
    }

    #[test]
    fn the_base_is_the_old_runtime_under_the_new_harness() {
        let folder = tempfile::tempdir().unwrap();
        let git = repository(folder.path());
        let first = git.commit("HEAD").unwrap();
        fs::write(folder.path().join("harness"), "new").unwrap();
        fs::write(folder.path().join("runtime/a"), "new").unwrap();
        fs::remove_file(folder.path().join("runtime/gone")).unwrap();
        let (head, _) = git.checkout().unwrap();
        let base = git.with_runtime_of(&head, &first).unwrap();
        let work = folder.path().join("target/source");
        let read = |name: &str| fs::read_to_string(work.join(name)).ok();
        git.materialize(&base, &work).unwrap();
        assert_eq!(read("runtime/a").as_deref(), Some("old"));
        assert_eq!(read("runtime/gone").as_deref(), Some("old"));
        assert_eq!(read("harness").as_deref(), Some("new"));
        git.materialize(&head, &work).unwrap();
        assert_eq!((read("runtime/a").as_deref(), read("runtime/gone")), (Some("new"), None));
    }

    #[test]
    fn a_working_tree_that_was_left_unusable_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let git = repository(folder.path());
        let (tree, _) = git.checkout().unwrap();
        let work = folder.path().join("target/source");
        git.materialize(&tree, &work).unwrap();
        fs::write(work.join(".git"), "gitdir: /nowhere").unwrap();
        git.materialize(&tree, &work).unwrap();
        assert!(work.join("runtime/a").is_file());
    }

    #[test]
    fn a_revision_that_is_not_there_is_said_with_advice() {
        let folder = tempfile::tempdir().unwrap();
        let error = repository(folder.path()).commit("no-such").unwrap_err();
        assert!(error.to_string().contains("fetch"), "{error}");
    }
}
