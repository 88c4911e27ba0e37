//! The shell parts of `action.yml`, without GitHub: in a repository made for a test, with a program in
//! place of `lab` that writes down how it was called.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn product() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// A job of a workflow.
struct Job {
    folder: tempfile::TempDir,
}

impl Job {
    /// A repository with two commits on `main`, and a pull request of one commit that is merged into it.
    fn new() -> Self {
        let this = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir_all(this.repository().join("sub folder")).unwrap();
        this.git(&["init", "-q", "-b", "main"]);
        fs::write(this.repository().join("sub folder/lab.toml"), "").unwrap();
        this.commit("first");
        this.commit("second");
        this.git(&["update-ref", "refs/remotes/origin/main", "main"]);
        this.git(&["checkout", "-q", "-b", "change", "main^"]);
        this.commit("change");
        this.git(&["checkout", "-q", "--detach", "main"]);
        this.git(&["merge", "-q", "--no-ff", "-m", "merge", "change"]);
        this
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("a repository")
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.current_dir(self.repository()).args(["-c", "user.name=a", "-c", "user.email=a@b.org"]);
        assert!(git.args(arguments).status().unwrap().success(), "{arguments:?}");
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// Runs the script that compares, with a program that ends with `code`.
    fn gate(&self, code: i32, inputs: &[(&str, &str)]) -> Run {
        let at = |name: &str| self.folder.path().join(name);
        let called = at("called");
        let results = at("temp dir/performance-gate/gate");
        let program = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$@\" >'{}'\nmkdir -p '{results}/bin' '{results}/run'\n\
             mkdir -p '{results}/sides'\ntouch '{results}/sides/a.log' '{results}/run/a.folded'\n\
             touch '{results}/run.jsonl' '{results}/bin/program'\n\
             [ {code} != 2 ] || printf 'building\nerror: 100%% of it\nfails\n' >&2\nexit {code}\n",
            called.display(),
            results = results.display()
        );
        fs::create_dir_all(self.repository()).unwrap();
        fs::write(at("lab"), program).unwrap();
        fs::set_permissions(at("lab"), fs::Permissions::from_mode(0o755)).unwrap();
        let mut script = Command::new(product().join("action/gate.sh"));
        for input in ["BASE", "FILTERS", "MIN_EFFECT", "ALLOW"] {
            script.env(format!("LAB_{input}"), "");
        }
        script
            .current_dir(self.folder.path())
            .env("LAB_PROGRAM", at("lab"))
            .env("LAB_FOLDER", "sub folder")
            .env("LAB_FAIL_IF_INCONCLUSIVE", "false")
            .env("GITHUB_WORKSPACE", self.repository())
            .env("GITHUB_BASE_REF", "main")
            .env("GITHUB_OUTPUT", at("output"))
            .env("GITHUB_STEP_SUMMARY", at("summary"))
            .env("RUNNER_TEMP", at("temp dir"))
            .envs(inputs.iter().copied());
        let output = script.output().unwrap();
        Run { output, outputs: text(&at("output")), called: text(&called) }
    }
}

/// The outcome of a script.
struct Run {
    output: Output,
    outputs: String,
    called: String,
}

impl Run {
    fn code(&self) -> Option<i32> {
        self.output.status.code()
    }

    fn printed(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// Words after `--`: the base and the filters.
    fn compared(&self) -> Vec<&str> {
        self.called.lines().skip_while(|word| *word != "--").skip(1).collect()
    }
}

#[test]
fn the_base_is_the_first_parent_of_a_merge_or_the_branch_that_is_merged_into() {
    let job = Job::new();
    assert_eq!(job.gate(0, &[]).compared(), ["HEAD^1"]);
    job.git(&["checkout", "-q", "change"]);
    assert_eq!(job.gate(0, &[]).compared(), ["origin/main"]);
    assert_eq!(job.gate(0, &[("LAB_BASE", "main")]).compared(), ["main"]);
}

#[test]
fn a_base_that_cannot_be_had_is_an_error_with_what_to_do() {
    let job = Job::new();
    job.git(&["checkout", "-q", "change"]);
    for (inputs, said) in [
        ([("GITHUB_BASE_REF", "gone"), ("LAB_BASE", "")], "'fetch-depth: 0'"),
        ([("GITHUB_BASE_REF", ""), ("LAB_BASE", "")], "an input 'base'"),
        ([("GITHUB_BASE_REF", ""), ("LAB_BASE", "--help")], "'--help' is not in this checkout"),
        ([("LAB_FOLDER", "gone"), ("LAB_BASE", "main")], "no folder 'gone'"),
    ] {
        let run = job.gate(0, &inputs);
        assert_eq!(run.code(), Some(2), "{inputs:?}");
        let printed = run.printed();
        assert!(printed.starts_with("::error title=") && printed.contains(said), "{printed}");
        assert!(run.outputs.contains("verdict=failed\n"), "{}", run.outputs);
        assert_eq!(run.called, "", "{inputs:?}");
    }
}

#[test]
fn exit_codes_become_outputs_and_a_noisy_machine_is_not_to_blame_on_the_change() {
    let strict = [("LAB_FAIL_IF_INCONCLUSIVE", "true")];
    for (code, inputs, expected, verdict) in [
        (0, &[][..], 0, "pass"),
        (1, &[], 1, "regression"),
        (2, &[], 2, "failed"),
        (3, &[], 0, "inconclusive"),
        (3, &strict, 3, "inconclusive"),
        (143, &[], 143, "failed"),
    ] {
        let run = Job::new().gate(code, inputs);
        assert_eq!(run.code(), Some(expected), "{code}");
        let outputs = &run.outputs;
        assert!(outputs.contains(&format!("verdict={verdict}\nexit-code={code}\n")), "{outputs}");
    }
}

#[test]
fn the_reason_why_it_cannot_be_run_is_seen_beside_the_change() {
    let job = Job::new();
    let printed = job.gate(2, &[]).printed();
    let error = "::error title=The gate cannot be run::error: 100%25 of it%0Afails\n";
    assert!(printed.contains(error), "{printed}");
    let summary = text(&job.folder.path().join("summary"));
    assert!(summary.contains("error: 100% of it\nfails\n"), "{summary}");
}

#[test]
fn inputs_become_options() {
    let job = Job::new();
    let inputs = [
        ("LAB_FILTERS", "sort parse*"),
        ("LAB_MIN_EFFECT", "10"),
        ("LAB_ALLOW", "cmd/a b\n\nsort/*\n"),
    ];
    let run = job.gate(0, &inputs);
    assert_eq!(run.compared(), ["HEAD^1", "sort", "parse*"]);
    let called: Vec<&str> = run.called.lines().collect();
    let summary = job.folder.path().join("summary").display().to_string();
    for pair in [
        ["--markdown", &summary],
        ["--min-effect", "10"],
        ["--allow", "cmd/a b"],
        ["--allow", "sort/*"],
    ] {
        assert!(called.windows(2).any(|words| words == pair), "{pair:?} in {called:?}");
    }
    assert!(called.contains(&"--annotations"), "{called:?}");
    assert_eq!(called.iter().filter(|word| **word == "--allow").count(), 2, "{called:?}");
}

#[test]
fn page_and_record_are_kept_without_the_programs() {
    let job = Job::new();
    let run = job.gate(1, &[]);
    let kept = run.outputs.lines().find_map(|line| line.strip_prefix("results=")).unwrap();
    let kept = Path::new(kept);
    for file in ["run.jsonl", "run/a.folded", "a.log"] {
        assert!(kept.join(file).is_file(), "{file}");
    }
    assert!(!kept.join("bin").exists());
}

/// The names of a text that begin with `prefix`, followed by capitals.
fn names(text: &str, prefix: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_uppercase() || c == '_';
    let begin = text.match_indices(prefix);
    begin.map(|(at, _)| text[at..].chars().take_while(|c| is_part(*c)).collect()).collect()
}

#[test]
fn the_action_names_scripts_that_are_there_and_sets_what_they_read() {
    let action = text(&product().join("action.yml"));
    let mut read = BTreeSet::new();
    for script in ["version.sh", "install.sh", "gate.sh"] {
        assert!(action.contains(&format!("$GITHUB_ACTION_PATH/action/{script}")), "{script}");
        let path = product().join("action").join(script);
        assert_ne!(fs::metadata(&path).unwrap().permissions().mode() & 0o111, 0, "{script}");
        read.extend(names(&text(&path), "LAB_"));
    }
    assert_eq!(names(&action, "LAB_"), read);
}

#[test]
fn the_version_is_that_of_the_sources() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("output");
    let mut script = Command::new(product().join("action/version.sh"));
    script.env("GITHUB_OUTPUT", &output).env("RUNNER_TEMP", folder.path());
    assert!(script.status().unwrap().success());
    let said = text(&output);
    let version = said.lines().find_map(|line| line.strip_prefix("version=")).unwrap();
    assert!(version.len() == 16 && version.bytes().all(|c| c.is_ascii_hexdigit()), "{said}");
    assert!(said.contains(&format!("/simple-lab-{version}/lab\n")), "{said}");
}

/// The head of the example does three times the work of its base.
#[test]
fn the_example_is_a_repository_of_two_commits() {
    let folder = tempfile::tempdir().unwrap();
    let mut script = Command::new(product().join("action/example.sh"));
    assert!(script.arg(folder.path().join("example")).status().unwrap().success());
    let mut git = Command::new("git");
    git.current_dir(folder.path().join("example")).args(["log", "--format=%s"]);
    let subjects = String::from_utf8(git.output().unwrap().stdout).unwrap();
    assert_eq!(subjects, "Count three times as far\nCount\n");
    assert!(folder.path().join("example/lab.toml").is_file());
}
