use super::*;
use crate::files::lock;
use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use tempfile::TempDir;

/// A repository with a product in one of its folders, or as a whole.
struct Checkout {
    folder: TempDir,
    /// The product's folder in it.
    product: &'static str,
}

impl Checkout {
    fn new(product: &'static str) -> Self {
        let this = Self { folder: tempfile::tempdir().unwrap(), product };
        this.git(&["init", "--quiet"]);
        fs::create_dir_all(this.path("runtime")).unwrap();
        this.write("Cargo.toml", "[workspace]\nmembers = ['runtime', 'harness']\n");
        this.write("runtime/a", "old");
        this.write("runtime/gone", "old");
        fs::create_dir_all(this.path("harness")).unwrap();
        this.write("harness/a", "old");
        this.write(".gitignore", "target\n");
        this.commit();
        this
    }

    fn commit(&self) {
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", "one more"]);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(self.product).join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Git as its user would use it.
    fn git(&self, arguments: &[&str]) -> String {
        user_git(self.folder.path(), arguments)
    }

    fn ours(&self) -> Git {
        let target = self.path("target");
        Git::of(&self.path(""), &target, &lock(&target.join("gate")).unwrap()).unwrap()
    }

    /// Every file of the repository's own, with what is in it.
    fn repository(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.folder.path().join(".git")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path.clone());
                }
                found.insert(path.clone(), fs::read(path).unwrap_or_default());
            }
        }
        found
    }
}

fn user_git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = programs::git(folder);
    command.args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments);
    say(command, arguments).unwrap()
}

/// The files of a tree.
fn names(git: &Git, tree: &str) -> Vec<String> {
    let printed = git.ask(&["ls-tree", "-r", "--name-only", tree]).unwrap();
    printed.lines().map(str::to_owned).collect()
}

#[test]
fn a_state_has_changes_and_new_files_and_leaves_the_repository_alone() {
    let checkout = Checkout::new("");
    let git = checkout.ours();
    let before = checkout.repository();
    let (clean, differs) = git.checkout().unwrap();
    assert!(!differs);
    checkout.write("harness/a", "new");
    checkout.write("runtime/b", "new");
    fs::remove_file(checkout.path("runtime/gone")).unwrap();
    let (tree, differs) = git.checkout().unwrap();
    assert!(differs && tree != clean);
    let all = ["Cargo.toml", ".gitignore", "harness/a", "runtime/a", "runtime/b"];
    let mut found = names(&git, &tree);
    found.sort_by_key(|name| all.iter().position(|known| known == name));
    assert_eq!(found, all);
    git.materialize(&tree, &checkout.path("target/source")).unwrap();
    assert_eq!(checkout.repository(), before);
}

#[test]
fn only_what_is_built_is_looked_at() {
    let checkout = Checkout::new("");
    let git = checkout.ours();
    let (clean, _) = git.checkout().unwrap();
    // Git itself would refuse the first, and read all of the second.
    for nested in ["notes/nested", "runtime/nested"] {
        let nested = checkout.path(nested);
        fs::create_dir_all(&nested).unwrap();
        user_git(&nested, &["init", "--quiet"]);
    }
    checkout.write("notes/large", "text of any length");
    symlink("/nowhere", checkout.path("notes/link")).unwrap();
    assert_eq!(git.checkout().unwrap(), (clean, false));
}

#[test]
fn a_folder_that_became_a_link_and_a_file_that_became_a_folder_are_sources() {
    let checkout = Checkout::new("");
    let git = checkout.ours();
    fs::create_dir(checkout.path("runtime/in")).unwrap();
    checkout.write("runtime/in/x", "");
    checkout.commit();
    fs::rename(checkout.path("runtime/in"), checkout.path("runtime/real")).unwrap();
    symlink("real", checkout.path("runtime/in")).unwrap();
    fs::remove_file(checkout.path("runtime/a")).unwrap();
    fs::create_dir(checkout.path("runtime/a")).unwrap();
    checkout.write("runtime/a/b", "");
    let (tree, _) = git.checkout().unwrap();
    let found = names(&git, &tree);
    for name in ["runtime/in", "runtime/real/x", "runtime/a/b"] {
        assert!(found.iter().any(|known| known == name), "{found:?}");
    }
}

#[test]
fn the_base_is_the_old_runtime_under_the_new_harness() {
    // As a whole repository, and in a folder whose name git would take for a pattern.
    for product in ["", "of a larger:one*"] {
        let checkout = Checkout::new(product);
        let git = checkout.ours();
        let first = git.tree(&git.commit("HEAD").unwrap()).unwrap();
        checkout.write("harness/a", "new");
        checkout.write("runtime/a", "new");
        fs::remove_file(checkout.path("runtime/gone")).unwrap();
        let (head, _) = git.checkout().unwrap();
        let base = git.with_runtime_of(&head, &first).unwrap();
        let work = checkout.path("target/source");
        let read = |name: &str| fs::read_to_string(work.join(name)).ok();
        git.materialize(&base, &work).unwrap();
        assert_eq!(read("runtime/a").as_deref(), Some("old"));
        assert_eq!(read("runtime/gone").as_deref(), Some("old"));
        assert_eq!(read("harness/a").as_deref(), Some("new"));
        git.materialize(&head, &work).unwrap();
        assert_eq!((read("runtime/a").as_deref(), read("runtime/gone")), (Some("new"), None));
    }
}

#[test]
fn leftovers_of_a_killed_git_do_no_harm() {
    let checkout = Checkout::new("");
    let git = checkout.ours();
    let work = checkout.path("target/source");
    let leave_locks = || {
        for name in ["index.lock", "source.index.lock"] {
            checkout.write(&format!("target/gate/{name}"), "");
        }
    };
    leave_locks();
    let (tree, _) = git.checkout().unwrap();
    git.materialize(&tree, &work).unwrap();
    leave_locks();
    // The leftover of an older version: a working tree of a repository that is gone.
    fs::write(work.join(".git"), "gitdir: /nowhere").unwrap();
    fs::remove_file(work.join("runtime/a")).unwrap();
    git.materialize(&tree, &work).unwrap();
    assert!(work.join("runtime/a").is_file() && !work.join(".git").exists());
    fs::write(checkout.path("target/gate/source.index"), "half").unwrap();
    git.materialize(&tree, &work).unwrap();
}

#[test]
fn an_unknown_revision_is_refused_with_advice_that_works() {
    let checkout = Checkout::new("");
    let error = format!("{:#}", checkout.ours().commit("no-such").unwrap_err());
    assert!(error.starts_with("there is no revision no-such here"), "{error}");
    assert!(!error.contains("single revision"), "{error}");
    assert!(error.contains("git branch --all") && !error.contains("shallow"), "{error}");
    checkout.write("runtime/a", "newer");
    checkout.commit();
    checkout.git(&["branch", "other", "HEAD~1"]);
    // A shallow clone of it has neither the older commit nor the branch.
    let clone = Checkout { folder: tempfile::tempdir().unwrap(), product: "" };
    let from = format!("file://{}", checkout.folder.path().display());
    clone.git(&["clone", "--quiet", "--depth", "1", &from, "."]);
    let git = clone.ours();
    let error = format!("{:#}", git.commit("HEAD~1").unwrap_err());
    let command = error.split('`').find(|part| part.contains("--unshallow")).unwrap();
    let words: Vec<String> =
        command.split_whitespace().skip(1).map(|word| word.replace('\'', "")).collect();
    clone.git(&words.iter().map(String::as_str).collect::<Vec<_>>());
    git.commit("HEAD~1").unwrap();
    let error = format!("{:#}", git.commit("other").unwrap_err());
    assert!(error.contains("origin/other"), "{error}");
    git.commit("origin/other").unwrap();
}

#[test]
fn git_itself_says_why_a_folder_is_no_checkout() {
    let folder = tempfile::tempdir().unwrap();
    let held = lock(folder.path()).unwrap();
    let error = Git::of(folder.path(), folder.path(), &held).unwrap_err();
    assert!(format!("{error:#}").contains("not a git repository"), "{error:#}");
}

#[test]
fn the_whole_repository_with_new_files_is_a_state_and_no_filter_is_run() {
    let checkout = Checkout::new("");
    checkout.git(&["config", "filter.loud.clean", "touch cleaned; cat"]);
    checkout.git(&["config", "filter.loud.smudge", "touch smudged; cat"]);
    checkout.git(&["config", "filter.loud.required", "true"]);
    checkout.write(".gitattributes", "filtered filter=loud\n");
    checkout.write("filtered", "text");
    checkout.write("new", "text");
    fs::remove_file(checkout.path("harness/a")).unwrap();
    let git = checkout.ours();
    let before = checkout.repository();
    let tree = git.everything("whole.index").unwrap();
    let found = names(&git, &tree);
    let all = [
        ".gitattributes",
        ".gitignore",
        "Cargo.toml",
        "filtered",
        "new",
        "runtime/a",
        "runtime/gone",
    ];
    assert_eq!(found, all);
    let work = checkout.path("target/gate/sides/a");
    git.materialize_by("a.index", &tree, &work).unwrap();
    let filtered = git.filtered("a.index", &work).unwrap();
    assert_eq!(filtered, [("filtered".into(), "loud".to_owned())]);
    assert_eq!(fs::read_to_string(work.join("filtered")).unwrap(), "text");
    for folder in [&work, checkout.folder.path()] {
        assert!(!folder.join("cleaned").exists() && !folder.join("smudged").exists());
    }
    assert_eq!(checkout.repository(), before);
}

#[test]
fn a_sparse_checkout_has_not_removed_what_it_lacks() {
    let checkout = Checkout::new("");
    checkout.git(&["sparse-checkout", "set", "--no-cone", "/runtime/"]);
    assert!(!checkout.path("harness/a").exists());
    let git = checkout.ours();
    let committed = git.tree(&git.commit("HEAD").unwrap()).unwrap();
    assert_eq!(git.everything("whole.index").unwrap(), committed);
}
