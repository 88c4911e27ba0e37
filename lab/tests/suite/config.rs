//! Faults of a `lab.toml`, each with the words that a user reads.

use crate::common::Checkout;
use simple_lab::suite;
use std::time::Duration;

/// The error for a file with this text, without the folder in front of its name.
fn fault(text: &str) -> String {
    let checkout = Checkout::with(&[("lab.toml", text)]);
    let error = suite::read(&checkout.path().join("lab.toml")).unwrap_err();
    let folder = format!("{}/", checkout.path().display());
    format!("{error:#}").replace(&folder, "")
}

#[test]
fn dump() {
    for text in TEXTS {
        println!("{:?} =>\n    {}", text, fault(text));
    }
}

const TEXTS: &[&str] = &[
    "",
    "build = \"make\"",
    "build = [",
    "build = 3",
    "build = \" \"",
    "\nbuilt = \"make\"",
    "xyz = 1",
    "timeout = 60",
    "timeout = \"soon\"",
    "timeout = \"0s\"",
    "[command]\nname = \"a\"\nrun = \"b\"",
    "command = 3",
    "command = [3]",
    "[[command]]\nrun = \"b\"",
    "\n\n[[command]]\nname = \"a\"",
    "[[command]]\nname = \"\"\nrun = \"b\"",
    "[[command]]\nname = \"a\"\nrun = \"b\"\n[[command]]\nname = \"a\"\nrun = \"c\"",
    "[[command]]\nname = \"a\"\nrun = \"b 'c\"",
    "[[command]]\nname = \"a\"\nrun = \"b > c\"",
    "[[command]]\nname = \"a\"\nrun = \"b $HOME\"",
    "[[command]]\nname = \"a\"\nrun = \"K=v b\"",
    "[[command]]\nname = \"a\"\nrun = \"b\"\ninputs = \"x\"",
    "[[command]]\nname = \"a\"\nrun = \"b\"\ninput = \"/etc/passwd\"",
    "[[command]]\nname = \"a\"\nrun = \"b\"\ninput = \"data/../../x\"",
    "[[command]]\nname = \"a\"\nrun = \"b\"\nenvironment = \"K=v\"",
    "[[command]]\nname = \"a\"\nrun = \"b\"\nenvironment = { K = 3 }",
    "[[command]]\nname = \"a\"\nrun = \"b\"\nenvironment = { \"K=\" = \"v\" }",
    "[[command]]\nname = \"a\\u0000\"\nrun = \"b\"",
    "[[benchmarks]]\nbench = \"x\"",
    "[[benchmarks]]\nadaptor = \"criterion\"\nbench = \"x\"",
    "[[benchmarks]]\nadapter = \"criterium\"\nbench = \"x\"",
    "[[benchmarks]]\nadapter = \"hyperfine\"\nbench = \"x\"",
    "[[benchmarks]]\nadapter = \"criterion\"",
    "[[benchmarks]]\nadapter = \"criterion\"\nbench = \"x\"\nprogram = \"y\"",
    "[[benchmarks]]\nadapter = \"criterion\"\nprogram = \"../y\"",
    "[[benchmarks]]\nadapter = \"criterion\"\nprogram = \"y\"\npackage = \"p\"",
    "[[benchmarks]]\nadapter = \"criterion\"\nprogram = \"y\"\nfeatures = [\"p\"]",
    "[[benchmarks]]\nadapter = \"criterion\"\nbench = \"y\"\nfeatures = \"p\"",
    "[[benchmarks]]\nadapter = \"criterion\"\nprogram = \"y\"\narguments = [\"p\", 3]",
    "[[benchmarks]]\nadapter = \"criterion\"\nprogram = \"y\"\nfilter = \"(\"",
    "[[benchmarks]]\nadapter = \"criterion\"\nprogram = \"y\"\nname = \"a/b\"",
    "[[benchmarks]]\nadapter = \"criterion\"\nprogram = \"command\"",
    "[[benchmarks]]\nadapter = \"criterion\"\nbench = \"y\"\n[[benchmarks]]\nadapter = \"criterion\"\nprogram = \"x/y\"",
    "[[benchmarks]]\nadapter = \"criterion\"\nprogram = \".\"",
];

#[test]
fn a_file_that_says_everything_is_read() {
    let text = r#"
build = "make"
timeout = "2m"
command = [{ name = "a/b", run = "x | y" }]
"#;
    assert!(fault(text).contains("no shell reads '|'"));
    let text = r#"
build = "make"
timeout = "2m"
[[command]]
name = "a/b"
run = "awk '$1 > 2' '|'"
input = "./data/in"
[[benchmarks]]
adapter = "criterion"
program = "bench/x"
arguments = ["", "a"]
"#;
    let checkout = Checkout::with(&[("lab.toml", text)]);
    let suite = checkout.suite();
    assert_eq!((suite.build.as_deref(), suite.timeout), (Some("make"), Duration::from_secs(120)));
    let prefixes: Vec<&str> = suite.parts.iter().map(|part| part.prefix.as_str()).collect();
    assert_eq!(prefixes, ["command", "x"]);
    assert_eq!(checkout.list().unwrap(), ["a/b"]);
}
