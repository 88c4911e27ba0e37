//! The harnesses of all languages speak the language of `simple_records::harness`.

use simple_records::Instrument;
use simple_records::harness::{
    Amount, Catalogue, Measured, Outcome, Repeat, Reply, Request, Settings,
};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const SETTINGS: Settings = Settings { warm_up_ms: 1, measurement_ms: 1, samples: 5, latency_ms: 1 };

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn example(name: &str) -> PathBuf {
    folder().parent().unwrap().join("examples/harness").join(name)
}

struct Talk {
    child: Child,
    requests: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
}

impl Talk {
    fn with(program: &Path) -> Self {
        let mut command = Command::new(program);
        command.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let requests = child.stdin.take();
        let replies = BufReader::new(child.stdout.take().unwrap());
        let mut this = Self { child, requests, replies };
        assert_eq!(this.reply(), Reply::Ready);
        this
    }

    fn reply(&mut self) -> Reply {
        let mut line = String::new();
        self.replies.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    fn say(&mut self, line: &str) -> Reply {
        writeln!(self.requests.as_ref().unwrap(), "{line}").unwrap();
        self.reply()
    }

    fn ask(&mut self, request: &Request) -> Reply {
        self.say(&serde_json::to_string(request).unwrap())
    }

    fn prepare(&mut self, workload: &str) -> Reply {
        let (workload, data) = (workload.to_owned(), PathBuf::from("."));
        self.ask(&Request::Prepare { workload, data })
    }

    /// The reason of a request that must fail.
    fn fails(&mut self, line: &str) -> String {
        match self.say(line) {
            Reply::Failed { why } => why,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn end(mut self) -> Option<i32> {
        drop(self.requests.take());
        self.child.wait().unwrap().code()
    }
}

/// All requests, in the order in which a conductor makes them.
fn conforms(program: &Path, counts: bool) {
    let mut talk = Talk::with(program);
    let Reply::Catalogue(Catalogue { families }) = talk.ask(&Request::Catalogue) else {
        panic!("no catalogue")
    };
    let names: Vec<_> =
        families.iter().flat_map(|family| &family.workloads).map(|one| &one.workload).collect();
    assert_eq!((families.len(), names.len()), (1, 2));
    for name in names {
        let Reply::Prepared(work) = talk.prepare(name) else { panic!("{name} is not prepared") };
        assert!(work.items >= 4096 && work.threads == Some(1), "{work:?}");
        assert_eq!(talk.ask(&Request::Check), Reply::Right);
        measures(&mut talk);
        if counts {
            assert_eq!(talk.ask(&Request::Count), Reply::Counted);
        }
    }
    assert_eq!(talk.end(), Some(0));
}

fn measures(talk: &mut Talk) {
    let wall = Request::Measure { instrument: Instrument::Wall, settings: SETTINGS };
    let Reply::Measured(Measured { outcome: Outcome::Samples { samples, .. }, .. }) =
        talk.ask(&wall)
    else {
        panic!("no samples")
    };
    assert!(!samples.is_empty());
    assert!(samples.iter().all(|sample| sample.iterations > 0 && sample.total_ns > 0.0));
    let Reply::WarmedUp { iteration_ns } = talk.ask(&Request::WarmUp { at_least_ns: 1000 }) else {
        panic!("not warmed up")
    };
    assert!(iteration_ns > 0.0);
    let Reply::Timed { totals_ns, .. } = talk.ask(&Request::Time { iterations: 3, samples: 4 })
    else {
        panic!("not timed")
    };
    assert_eq!(totals_ns.len(), 4);
    for amount in [Amount::Iterations(3), Amount::ForMs(1)] {
        let repeat = Repeat { amount, sample_hz: None, timeline: None };
        let Reply::Repeated(repeated) = talk.ask(&Request::Repeat(repeat)) else {
            panic!("not repeated")
        };
        let [[from, to]] = repeated.windows[..] else { panic!("{repeated:?}") };
        assert!(from < to && repeated.measured_ns > 0 && repeated.iterations > 0);
    }
}

/// Requests that cannot be served get a reason, and the process goes on.
fn refuses(program: &Path) {
    let mut talk = Talk::with(program);
    assert!(talk.fails(r#"{"request":"check"}"#).contains("no workload is prepared"));
    let nonesuch = r#"{"request":"prepare","workload":"no \"such\"","data":"."}"#;
    assert!(talk.fails(nonesuch).contains("no \"such\""));
    talk.fails(r#"{"request":"dance"}"#);
    talk.fails("this is no request");
    let Reply::Catalogue(catalogue) = talk.ask(&Request::Catalogue) else { panic!("it has ended") };
    let name = catalogue.families[0].workloads[0].workload.clone();
    talk.prepare(&name);
    let os = Request::Measure { instrument: Instrument::Os, settings: SETTINGS };
    assert!(matches!(talk.ask(&os), Reply::Failed { why } if why.contains("wall")));
    assert_eq!(talk.end(), Some(1));
}

fn compiled(compiler: &str, arguments: &[&str], source: &Path, folder: &Path) -> PathBuf {
    let program = folder.join("program");
    let status = Command::new(compiler)
        .args(["-O1", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function"])
        .args(arguments)
        .arg("-I")
        .arg(self::folder())
        .arg("-o")
        .arg(&program)
        .arg(source)
        .status()
        .unwrap();
    assert!(status.success(), "{}", source.display());
    program
}

#[test]
fn c() {
    let folder = tempfile::tempdir().unwrap();
    let program = compiled("cc", &["-std=c99", "-pedantic"], &example("sum.c"), folder.path());
    conforms(&program, true);
    refuses(&program);
}

#[test]
fn cpp() {
    let folder = tempfile::tempdir().unwrap();
    let program = compiled("c++", &["-std=c++17"], &example("sum.cpp"), folder.path());
    conforms(&program, true);
    refuses(&program);
}

#[test]
fn python() {
    let program = example("sum.py");
    // An interpreter cannot be counted by the functions of its program.
    conforms(&program, false);
    refuses(&program);
}

#[test]
fn rust() {
    // Examples of the package are built with its tests, in the folder above theirs.
    let tests = std::env::current_exe().unwrap();
    let program = tests.parent().unwrap().parent().unwrap().join("examples/sum");
    conforms(&program, true);
    refuses(&program);
}

/// A wrong result is refused wherever it appears, with both values.
#[test]
fn wrong_results_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("wrong.c");
    let text = r#"
        #include "lab_harness.h"
        static uint64_t calls;
        static uint64_t run(void *state) { (void)state; return calls++ < 3 ? 1 : 2; }
        int main(int argc, char **argv) {
            lab_question("a", "?", "way", "n", "item");
            lab_workload("b", 1, run, NULL, 1);
            return lab_main(argc, argv);
        }"#;
    std::fs::write(&source, text).unwrap();
    let mut talk = Talk::with(&compiled("cc", &["-std=c99"], &source, folder.path()));
    assert!(matches!(talk.prepare("a/b/1"), Reply::Prepared(_)), "the first call is right");
    assert_eq!(talk.ask(&Request::Check), Reply::Right);
    let wall = Request::Measure { instrument: Instrument::Wall, settings: SETTINGS };
    let Reply::Failed { why } = talk.ask(&wall) else { panic!("it is wrong") };
    assert_eq!(why, "the result is 2, but 1 is right");
}

/// Workloads of one name could not be told apart, in any language.
#[test]
fn two_workloads_of_one_name_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (c, python) = (folder.path().join("twice.c"), folder.path().join("twice.py"));
    let text = r#"
        #include "lab_harness.h"
        static uint64_t run(void *state) { (void)state; return 1; }
        int main(int argc, char **argv) {
            lab_question("a", "?", "way", "n", "item");
            lab_workload("b", 1, run, NULL, 1);
            lab_workload("b", 1, run, NULL, 1);
            return lab_main(argc, argv);
        }"#;
    std::fs::write(&c, text).unwrap();
    let text = r#"
from lab_harness import Harness
harness = Harness()
question = harness.question("a", "?", "way", "n", "item")
question.workload("b", 1, lambda: 1, 1)
question.workload("b", 1, lambda: 1, 1)
harness.main()
"#;
    std::fs::write(&python, text).unwrap();
    let mut of_c = Command::new(compiled("cc", &["-std=c99"], &c, folder.path()));
    let mut of_python = Command::new("python3");
    of_python.arg(&python).env("PYTHONPATH", self::folder()).env("PYTHONDONTWRITEBYTECODE", "1");
    for command in [&mut of_c, &mut of_python] {
        let output = command.arg("serve").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("the same name"), "{said}");
        assert!(output.stdout.is_empty());
    }
    let question = |id: &str| {
        lab_harness::Question::new(id, "?", "way", "n", "item").workload("b", 1, 1, || 1)
    };
    let harness = lab_harness::Harness::new().question(question("a")).question(question("c"));
    let again = std::panic::AssertUnwindSafe(|| harness.question(question("a")));
    assert!(std::panic::catch_unwind(again).is_err());
}

/// The conversation that README.md shows is one in this language.
#[test]
fn the_documented_conversation_is_legible() {
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let (mut requests, mut replies) = (0, 0);
    for line in readme.lines() {
        if let Some(request) = line.strip_prefix("> ") {
            serde_json::from_str::<Request>(request)
                .unwrap_or_else(|error| panic!("{error}: {request}"));
            requests += 1;
        } else if let Some(reply) = line.strip_prefix("< ") {
            serde_json::from_str::<Reply>(reply).unwrap_or_else(|error| panic!("{error}: {reply}"));
            replies += 1;
        }
    }
    assert_eq!(replies, requests + 1, "the first reply is to no request");
    assert!(requests >= 5);
}
