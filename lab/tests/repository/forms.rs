//! Forms of repositories: folders of larger ones, submodules, linked working trees, and whatever else
//! git has.

use crate::common::{
    PROGRAM, Repository, SUITE, counted, expect, gate, git, has_valgrind, record, rounds,
};
use std::fs;

#[test]
fn a_folder_of_a_larger_repository_with_any_name() {
    if !has_valgrind() {
        return;
    }
    let repository = Repository::new("a b%20c 'd", "tools/in ner");
    let inner = repository.root.join("tools/in ner");
    repository.write("tools/in ner/rounds.h", &rounds(200_000));
    // From a folder below it, too.
    fs::create_dir(inner.join("deeper")).unwrap();
    expect(1, &mut counted(gate(&inner.join("deeper"), "HEAD")));
    let record = record(&inner);
    assert_eq!(record.start.suite.unwrap().file, "tools/in ner/lab.toml");
    assert_eq!(repository.git(&["status", "--porcelain"]).lines().count(), 1);
}

#[test]
fn a_new_file_that_the_build_needs_is_part_of_the_checkout() {
    if !has_valgrind() {
        return;
    }
    let repository = Repository::new("r", "");
    repository.write("mix.c", &PROGRAM.replace("rounds.h", "new.h"));
    repository.write("new.h", &rounds(100_000));
    fs::remove_file(repository.root.join("rounds.h")).unwrap();
    expect(0, &mut counted(repository.gate("HEAD")));
    let b = repository.root.join(".lab/gate/sides/b");
    assert!(b.join("new.h").exists() && !b.join("rounds.h").exists());
    assert!(repository.root.join(".lab/gate/sides/a/rounds.h").exists());
}

#[test]
fn submodules_are_filled_in_as_each_side_has_them() {
    if !has_valgrind() {
        return;
    }
    let library = Repository::empty("library");
    library.write("rounds.h", &rounds(100_000));
    library.commit();
    let repository = Repository::empty("r");
    let url = library.root.to_str().unwrap();
    repository.git(&["submodule", "--quiet", "add", url, "sub module"]);
    repository.write("mix.c", &PROGRAM.replace("rounds.h", "sub module/rounds.h"));
    repository.write("lab.toml", SUITE);
    repository.write(".gitignore", "mix\n");
    repository.commit();
    expect(0, &mut counted(repository.gate("HEAD")));
    // A change in the submodule that is not committed.
    repository.write("sub module/rounds.h", &rounds(200_000));
    expect(1, &mut counted(repository.gate("HEAD")));
    assert!(record(&repository.root).start.head.modified);
    // A commit that nobody has any more.
    let sub = repository.root.join("sub module");
    git(&sub, &["commit", "--quiet", "--all", "--message", "slower"]);
    repository.commit();
    expect(1, &mut counted(repository.gate("HEAD~1")));
    git(&sub, &["reset", "--quiet", "--hard", "HEAD~1"]);
    git(&sub, &["reflog", "expire", "--expire=now", "--all"]);
    git(&sub, &["gc", "--quiet", "--prune=now"]);
    let said = expect(2, &mut repository.gate("HEAD"));
    assert!(said.contains("submodule sub module at commit") && said.contains("fetch"), "{said}");
    // A submodule is a repository, too.
    fs::write(sub.join("lab.toml"), SUITE).unwrap();
    fs::write(sub.join("mix.c"), PROGRAM).unwrap();
    git(&sub, &["add", "."]);
    git(&sub, &["commit", "--quiet", "--message", "a suite"]);
    expect(0, &mut counted(gate(&sub, "HEAD")));
}

#[test]
fn a_linked_working_tree_is_a_checkout_of_its_own() {
    if !has_valgrind() {
        return;
    }
    let repository = Repository::new("r", "");
    repository.write("rounds.h", &rounds(200_000));
    repository.commit();
    repository.git(&["worktree", "add", "--quiet", "../linked", "HEAD~1"]);
    let linked = repository.root.join("../linked");
    expect(0, &mut counted(gate(&linked, "HEAD")));
    let commit = repository.git(&["rev-parse", "HEAD"]);
    fs::write(linked.join("rounds.h"), rounds(300_000)).unwrap();
    expect(1, &mut counted(gate(&linked, commit.trim())));
}

#[test]
fn variables_of_the_user_do_not_lead_out_of_a_checkout() {
    if !has_valgrind() {
        return;
    }
    let repository = Repository::new("r", "");
    let build =
        "test -z \\\"$CARGO_TARGET_DIR$GIT_DIR\\\" && ! git rev-parse HEAD && cc -o mix mix.c";
    repository.write("lab.toml", &SUITE.replace("cc -O1 -o mix mix.c", build));
    let mut gate = counted(repository.gate("HEAD"));
    gate.env("CARGO_TARGET_DIR", repository.root.join("shared")).env("GIT_DIR", "/nowhere");
    expect(0, &mut gate);
    // Only what is ignored appeared.
    assert_eq!(repository.git(&["status", "--porcelain"]), " M lab.toml\n");
}

#[test]
fn files_of_git_lfs_come_from_the_store_of_the_repository() {
    if !has_valgrind() {
        return;
    }
    let repository = Repository::new("r", "");
    let name = "0123456789abcdef".repeat(4);
    let pointer =
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{name}\nsize 1\n");
    repository.write("rounds.h", &pointer);
    repository.write(".gitattributes", "rounds.h filter=lfs diff=lfs merge=lfs -text\n");
    repository.commit();
    // The checkout has the contents.
    repository.write("rounds.h", &rounds(100_000));
    let said = expect(2, &mut counted(repository.gate("HEAD")));
    assert!(said.contains("rounds.h") && said.contains("lfs fetch origin HEAD"), "{said}");
    repository.write(&format!(".git/lfs/objects/01/23/{name}"), &rounds(50_000));
    expect(1, &mut counted(repository.gate("HEAD")));
}

/// A repository with a submodule called `name` in `folder`, whose build is `true`.
fn with_submodule(library: &Repository, name: &str, folder: &str) -> Repository {
    let repository = Repository::empty("r");
    let url = library.root.to_str().unwrap();
    repository.git(&["submodule", "--quiet", "add", "--name", name, url, folder]);
    repository.write("lab.toml", &suite("true"));
    repository.commit();
    repository
}

fn suite(build: &str) -> String {
    format!("build = {build:?}\n\n[[command]]\nname = \"p\"\nrun = \"true\"\n")
}

#[test]
fn a_link_that_a_build_made_is_not_followed_out_of_a_side() {
    let library = Repository::empty("library");
    library.write("a", "inner");
    library.commit();
    let repository = with_submodule(&library, "lib", "third/in");
    repository.write("third/b", "outer");
    let elsewhere = tempfile::tempdir().unwrap();
    let precious = elsewhere.path().join("in/a");
    fs::create_dir(elsewhere.path().join("in")).unwrap();
    fs::write(&precious, "precious").unwrap();
    fs::write(elsewhere.path().join("b"), "precious").unwrap();
    let build = format!("rm -rf third; ln -s {} third", elsewhere.path().display());
    repository.write("lab.toml", &suite(&build));
    repository.commit();
    let side = repository.root.join(".lab/gate/sides/b/third");
    let intact = || {
        assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
        assert_eq!(fs::read_to_string(elsewhere.path().join("b")).unwrap(), "precious");
    };
    expect(0, &mut repository.gate("HEAD"));
    assert!(side.is_symlink());
    expect(0, &mut repository.gate("HEAD"));
    intact();
    // The files are where they belong.
    repository.write("lab.toml", &suite("true"));
    repository.commit();
    expect(0, &mut repository.gate("HEAD"));
    assert!(!side.is_symlink());
    assert_eq!(fs::read_to_string(side.join("in/a")).unwrap(), "inner");
    assert_eq!(fs::read_to_string(side.join("b")).unwrap(), "outer");
    // The folder of a submodule that is gone is not removed behind a link.
    repository.write("lab.toml", &suite(&build));
    repository.commit();
    expect(0, &mut repository.gate("HEAD"));
    repository.git(&["rm", "--quiet", "-r", "-f", "third"]);
    repository.write("lab.toml", &suite("true"));
    repository.commit();
    expect(0, &mut repository.gate("HEAD"));
    intact();
}

#[test]
fn a_submodule_that_was_moved_is_found_by_its_name() {
    if !has_valgrind() {
        return;
    }
    let library = Repository::empty("library");
    library.write("a", "inner");
    library.commit();
    let repository = with_submodule(&library, "foo", "in");
    repository.git(&["mv", "in", "two"]);
    repository.commit();
    repository.git(&["mv", "two", "three"]);
    repository.commit();
    let said = expect(0, &mut counted(repository.gate("HEAD~1")));
    assert!(!said.contains("not filled in"), "{said}");
    let sides = repository.root.join(".lab/gate/sides");
    assert!(sides.join("a/two/a").is_file() && sides.join("b/three/a").is_file());
}

#[test]
fn a_submodule_that_is_filled_in_on_one_side_only_is_no_comparison() {
    if !has_valgrind() {
        return;
    }
    let library = Repository::empty("library");
    library.write("a", "inner");
    library.commit();
    let repository = with_submodule(&library, "old", "in");
    repository.git(&["rm", "--quiet", "-f", "in"]);
    fs::remove_dir_all(repository.root.join(".git/modules/old")).unwrap();
    let url = library.root.to_str().unwrap();
    repository.git(&["submodule", "--quiet", "add", "--name", "new", url, "in"]);
    // The commit of the other one is in no repository of its name, nor in that of the folder.
    repository.commit();
    repository.git(&["submodule", "--quiet", "deinit", "--force", "in"]);
    let said = expect(2, &mut repository.gate("HEAD~1"));
    assert!(said.contains("not filled in for HEAD~1, but for this checkout"), "{said}");
    assert!(said.contains("git submodule update --init"), "{said}");
    fs::remove_dir_all(repository.root.join(".git/modules/new")).unwrap();
    let said = expect(0, &mut counted(repository.gate("HEAD~1")));
    assert!(said.contains("so it is empty in both builds"), "{said}");
}

#[test]
fn a_suite_behind_a_link_is_compared_by_its_text() {
    let repository = Repository::empty("r");
    repository.write("suites/one.toml", &suite("true"));
    std::os::unix::fs::symlink("suites/one.toml", repository.root.join("lab.toml")).unwrap();
    repository.commit();
    let said = expect(0, &mut repository.gate("HEAD"));
    assert!(!said.contains("differs"), "{said}");
    repository.write("suites/one.toml", &suite("test -d /"));
    let said = repository.gate("HEAD").output().unwrap();
    let said = crate::common::said(&said);
    assert!(said.contains("lab.toml of HEAD differs"), "{said}");
}
