//! Two revisions of a tiny product, built on machines with unusual settings.

use assert_cmd::Command;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use tempfile::TempDir;

/// A repository with a product in one of its folders, of which there is one commit.
struct Product {
    _folder: TempDir,
    repository: PathBuf,
    root: PathBuf,
    target: PathBuf,
}

impl Product {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // No path here is one word for a shell.
        let repository = folder.path().join("of 100%: \"me\"");
        let root = repository.join("my product");
        let this =
            Self { root, target: folder.path().join("my target"), repository, _folder: folder };
        this.write("Cargo.toml", "[workspace]\nresolver = '3'\nmembers = ['benches', 'runtime']\n");
        this.package("runtime", "simple-runtime", "");
        this.package(
            "benches",
            "simple-benches",
            "[[bin]]\nname = 'simple-bench'\npath = 'main.rs'\n",
        );
        this.write("runtime/src/lib.rs", "//! Nothing.\n");
        this.write("benches/src/lib.rs", "//! Nothing.\n");
        let worker = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tiny/worker.rs");
        fs::copy(worker, this.root.join("benches/main.rs")).unwrap();
        this.run("cargo", &["generate-lockfile", "--offline"]);
        this.run("git", &["init", "--quiet", ".."]);
        this.run("git", &["add", "."]);
        let who = ["-c", "user.name=a", "-c", "user.email=a@b"];
        this.run("git", &[&who[..], &["commit", "--quiet", "--message", "first"]].concat());
        this
    }

    fn package(&self, folder: &str, name: &str, more: &str) {
        let head = format!("[package]\nname = '{name}'\nversion = '0.1.0'\nedition = '2024'\n");
        self.write(&format!("{folder}/Cargo.toml"), &(head + more));
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let status = Process::new(program).args(arguments).current_dir(&self.root).status();
        assert!(status.unwrap().success(), "{program} {arguments:?}");
    }

    /// Builds both; returns what the gate says of that. No workload is measured.
    fn build(&self, variables: &[(&str, &str)]) -> String {
        let mut gate = Command::cargo_bin("lab").unwrap();
        gate.args(["gate", "HEAD", "no-such-workload", "--target"]).arg(&self.target);
        let output = gate.current_dir(&self.root).envs(variables.iter().copied()).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// The programs that were built.
    fn programs(&self) -> BTreeSet<PathBuf> {
        let folders = fs::read_dir(self.target.join("gate/bin")).unwrap();
        folders.map(|folder| folder.unwrap().path().join("simple-bench")).collect()
    }
}

/// The target that programs of this machine are built for.
fn host() -> String {
    let printed = Process::new("rustc").arg("-vV").output().unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    printed.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

#[test]
fn both_are_built_once_whatever_the_target_folder() {
    let product = Product::new();
    let said = product.build(&[]);
    assert!(said.contains("building this checkout"), "{said}");
    assert!(said.contains("no workload that is judged matches"), "{said}");
    // Both are the same, and there, with all that is needed to link it again.
    assert_eq!(product.programs().len(), 1);
    let link = product.programs().first().unwrap().with_file_name("link");
    assert!(
        link.join("arguments").is_file() || !cfg!(all(target_os = "linux", target_env = "gnu"))
    );
    let said = product.build(&[]);
    assert!(!said.contains("building"), "{said}");
    // An uncommitted file is built, too.
    product.write("runtime/src/new.rs", "");
    let said = product.build(&[]);
    assert!(said.contains("building this checkout"), "{said}");
    assert_eq!(product.programs().len(), 2);
    let host = host();
    for variable in ["CARGO_BUILD_TARGET", "CARGO_BUILD_TARGET_DIR"] {
        let value = if variable.ends_with("DIR") { "elsewhere" } else { &host };
        let said = product.build(&[(variable, value)]);
        assert!(said.contains("no workload that is judged matches"), "{said}");
    }
    assert!(!product.root.join("elsewhere").exists());
    let repository = fs::read_dir(product.repository.join(".git")).unwrap();
    let names: Vec<_> = repository.map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| name != "worktrees"), "{names:?}");
}

#[test]
fn settings_of_the_checkout_decide_and_flags_arrive() {
    let product = Product::new();
    product.build(&[]);
    let before = product.programs();
    product.write(".cargo/config.toml", "[build]\nrustflags = ['--cfg', 'slowed']\n");
    let said = product.build(&[]);
    assert!(said.contains("building this checkout"), "{said}");
    let built: Vec<PathBuf> = product.programs().difference(&before).cloned().collect();
    assert_eq!(built.len(), 1);
    // The slowed build has one workload less.
    let listed = |program: &Path| {
        let mut serve = Command::new(program);
        let output = serve.arg("serve").write_stdin("{\"request\":\"catalogue\"}\n").output();
        String::from_utf8(output.unwrap().stdout).unwrap().matches("\"workload\"").count()
    };
    assert_eq!(listed(&built[0]) + 1, listed(before.first().unwrap()));
    // Only a linker that is missing shows that the setting is used.
    let linker = format!("CARGO_TARGET_{}_LINKER", host().to_uppercase().replace('-', "_"));
    let said = product.build(&[(&linker, "/nowhere/ld")]);
    assert!(said.contains("building this checkout"), "{said}");
}
