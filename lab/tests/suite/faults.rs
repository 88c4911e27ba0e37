//! Faulty files, with the words that a user reads.

/// Files, each with its error.
pub const FAULTS: &[(&str, &str)] = &[
    (
        "",
        r#"lab.toml:1: nothing is measured: add a [[command]] with its name and run, or [[benchmarks]] with their adapter"#,
    ),
    (
        r#"build = "make""#,
        r#"lab.toml:1: nothing is measured: add a [[command]] with its name and run, or [[benchmarks]] with their adapter"#,
    ),
    (r#"build = ["#, r#"lab.toml:1: it is no TOML: unclosed array, expected `]`"#),
    (
        r#"build = 3"#,
        r#"lab.toml:1: build is a number, no text: write build = "cargo build --release""#,
    ),
    (r#"build = " ""#, r#"lab.toml:1: build is empty: write build = "cargo build --release""#),
    (
        r#"
built = "make""#,
        r#"lab.toml:2: 'built' is no key of lab.toml: did you mean 'build'?"#,
    ),
    (
        r#"xyz = 1"#,
        r#"lab.toml:1: 'xyz' is no key of lab.toml: choose among build, timeout, command, benchmarks"#,
    ),
    (r#"timeout = 60"#, r#"lab.toml:1: timeout is a number, no text: write timeout = "60s""#),
    (
        r#"timeout = "soon""#,
        r#"lab.toml:1: timeout 'soon' is no duration: expected number at 0: name a time such as 10s, 500ms or 2m; write timeout = "60s""#,
    ),
    (
        r#"timeout = "0s""#,
        r#"lab.toml:1: timeout '0s' is no duration: nothing can be measured in no time: name more, as in 10s; write timeout = "60s""#,
    ),
    (
        r#"[command]
name = "a"
run = "b""#,
        r#"lab.toml:1: 'command' is no array of tables: begin each of its tables with a line [[command]]"#,
    ),
    (
        r#"command = 3"#,
        r#"lab.toml:1: 'command' is no array of tables: begin each of its tables with a line [[command]]"#,
    ),
    (
        r#"command = [3]"#,
        r#"lab.toml:1: 'command' is no array of tables: begin each of its tables with a line [[command]]"#,
    ),
    (
        r#"[[command]]
run = "b""#,
        r#"lab.toml:1: this [[command]] has no 'name', by which reports call it: add name = "sort""#,
    ),
    (
        r#"

[[command]]
name = "a""#,
        r#"lab.toml:3: this [[command]] has no 'run', the command line that is measured: add run = "./target/release/tool --in data/x""#,
    ),
    (
        r#"[[command]]
name = ""
run = "b""#,
        r#"lab.toml:2: name is empty: write name = "sort""#,
    ),
    (
        r#"[[command]]
name = "a"
run = "b"
[[command]]
name = "a"
run = "c""#,
        r#"lab.toml:5: two commands have the name 'a': give each its own"#,
    ),
    (
        r#"[[command]]
name = "a"
run = "b 'c""#,
        r#"lab.toml:3: run: 'b 'c' cannot be split into words: close its quotes: missing closing quote"#,
    ),
    (
        r#"[[command]]
name = "a"
run = "b > c""#,
        r#"lab.toml:3: run: no shell reads '>': have one read it by run = "sh -c '...'""#,
    ),
    (
        r#"[[command]]
name = "a"
run = "b $HOME""#,
        r#"lab.toml:3: run: no shell reads '$HOME': have one read it by run = "sh -c '...'""#,
    ),
    (
        r#"[[command]]
name = "a"
run = "K=v b""#,
        r#"lab.toml:3: run: 'K=v' is no program: give it variables by environment = { KEY = "value" }"#,
    ),
    (
        r#"[[command]]
name = "a"
run = "b"
inputs = "x""#,
        r#"lab.toml:4: 'inputs' is no key of [[command]]: did you mean 'input'?"#,
    ),
    (
        r#"[[command]]
name = "a"
run = "b"
input = "/etc/passwd""#,
        r#"lab.toml:4: input '/etc/passwd' leaves the folder of lab.toml: each revision has a folder of its own, so name a file below it, as in input = "data/in.txt""#,
    ),
    (
        r#"[[command]]
name = "a"
run = "b"
input = "data/../../x""#,
        r#"lab.toml:4: input 'data/../../x' leaves the folder of lab.toml: each revision has a folder of its own, so name a file below it, as in input = "data/in.txt""#,
    ),
    (
        r#"[[command]]
name = "a"
run = "../x --y""#,
        r#"lab.toml:3: run: '../x' leaves the folder of lab.toml: each revision has a folder of its own, so name a file below it, as in run = "./target/release/tool --in data/x""#,
    ),
    (
        r#"[[command]]
name = "a"
run = "b data/../../x""#,
        r#"lab.toml:3: run: 'data/../../x' leaves the folder of lab.toml: each revision has a folder of its own, so name a file below it, as in run = "./target/release/tool --in data/x""#,
    ),
    (
        r#"[[benchmarks]]
adapter = "criterion"
program = "y"
arguments = ["../x"]"#,
        r#"lab.toml:4: an element of arguments, '../x' leaves the folder of lab.toml: each revision has a folder of its own, so name a file below it, as in arguments = ["--size", "10"]"#,
    ),
    (
        r#"[[command]]
name = "a"
run = "b"
environment = "K=v""#,
        r#"lab.toml:4: environment is a text, no table: write environment = { KEY = "value" }"#,
    ),
    (
        r#"[[command]]
name = "a"
run = "b"
environment = { K = 3 }"#,
        r#"lab.toml:4: environment.K is a number, no text: write environment = { KEY = "value" }"#,
    ),
    (
        r#"[[command]]
name = "a"
run = "b"
environment = { "K=" = "v" }"#,
        r#"lab.toml:4: environment.K= is no name of a variable: write environment = { KEY = "value" }"#,
    ),
    (
        r#"[[command]]
name = "a\u0000"
run = "b""#,
        r#"lab.toml:2: name contains a zero byte: write name = "sort""#,
    ),
    (
        r#"[[benchmarks]]
bench = "x""#,
        r#"lab.toml:1: this [[benchmarks]] has no 'adapter', the kind of its benchmarks: add adapter = "criterion""#,
    ),
    (
        r#"[[benchmarks]]
adaptor = "criterion"
bench = "x""#,
        r#"lab.toml:2: 'adaptor' is no key of [[benchmarks]]: did you mean 'adapter'?"#,
    ),
    (
        r#"[[benchmarks]]
adapter = "criterium"
bench = "x""#,
        r#"lab.toml:2: there is no adapter 'criterium': did you mean 'criterion'?"#,
    ),
    (
        r#"[[benchmarks]]
adapter = "hyperfine"
bench = "x""#,
        r#"lab.toml:2: there is no adapter 'hyperfine': choose among criterion, google-benchmark, harness"#,
    ),
    (
        r#"[[benchmarks]]
adapter = "criterion""#,
        r#"lab.toml:1: these [[benchmarks]] have neither bench nor program: add bench = "my_bench", the name of a bench target of cargo"#,
    ),
    (
        r#"[[benchmarks]]
adapter = "criterion"
bench = "x"
program = "y""#,
        r#"lab.toml:4: bench and program are both there: keep bench for a bench target of cargo, or program for a file that is there after the build"#,
    ),
    (
        r#"[[benchmarks]]
adapter = "criterion"
program = "../y""#,
        r#"lab.toml:3: program '../y' leaves the folder of lab.toml: each revision has a folder of its own, so name a file below it, as in program = "build/bench_x""#,
    ),
    (
        r#"[[benchmarks]]
adapter = "criterion"
program = "y"
package = "p""#,
        r#"lab.toml:4: package belongs to bench, not to program: remove it"#,
    ),
    (
        r#"[[benchmarks]]
adapter = "criterion"
program = "y"
features = ["p"]"#,
        r#"lab.toml:4: features belongs to bench, not to program: remove it"#,
    ),
    (
        r#"[[benchmarks]]
adapter = "criterion"
bench = "y"
features = "p""#,
        r#"lab.toml:4: features is a text, no array: write features = ["fast"]"#,
    ),
    (
        r#"[[benchmarks]]
adapter = "criterion"
program = "y"
arguments = ["p", 3]"#,
        r#"lab.toml:4: an element of arguments is a number, no text: write arguments = ["--size", "10"]"#,
    ),
    (
        r#"[[benchmarks]]
adapter = "criterion"
program = "y"
filter = "(""#,
        r#"lab.toml:4: filter '(' is no regular expression: write filter = "^parse""#,
    ),
    (
        r#"[[benchmarks]]
adapter = "criterion"
program = "y"
name = "a/b""#,
        r#"lab.toml:4: the name 'a/b' has a slash or is empty: names of benchmarks follow it, so write name = "parser""#,
    ),
    (
        r#"[[benchmarks]]
adapter = "criterion"
program = "command""#,
        r#"lab.toml:1: the name 'command' of these [[benchmarks]] is taken: give them another by name = "...""#,
    ),
    (
        r#"[[benchmarks]]
adapter = "criterion"
bench = "y"
[[benchmarks]]
adapter = "criterion"
program = "x/y""#,
        r#"lab.toml:4: the name 'y' of these [[benchmarks]] is taken: give them another by name = "...""#,
    ),
    (
        r#"[[benchmarks]]
adapter = "criterion"
program = ".""#,
        r#"lab.toml:1: the name '' has a slash or is empty: names of benchmarks follow it, so write name = "parser""#,
    ),
    (
        r#"[[benchmarks]]
adapter = "harness"
bench = "x""#,
        r#"lab.toml:3: bench is a bench target of cargo, which adapter 'harness' does not run: write program = "build/bench_x""#,
    ),
    (
        r#"[[benchmarks]]
adapter = "google-benchmark""#,
        r#"lab.toml:1: these [[benchmarks]] have no program: add program = "build/bench_x", a file below the folder of lab.toml"#,
    ),
];
