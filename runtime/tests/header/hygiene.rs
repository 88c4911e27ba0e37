//! Programs of every standard include the header without a warning, whatever names they use.

use crate::HEADER;
use crate::c::{self, Language};
use std::fs;
use std::process::Command;
use std::sync::LazyLock;

/// Everything that a careful program may have switched on.
const WARNINGS: [&str; 10] = [
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wpedantic",
    "-pedantic-errors",
    "-Wconversion",
    "-Wsign-conversion",
    "-Wshadow",
    "-Wundef",
    "-Wcast-qual",
];
const WARNINGS_C: [&str; 3] = ["-Wstrict-prototypes", "-Wmissing-prototypes", "-Wc++-compat"];
const WARNINGS_CXX: [&str; 2] = ["-Wold-style-cast", "-Wzero-as-null-pointer-constant"];

/// From the first to the last one that compilers of these days know.
const STANDARDS_C: [&str; 7] = ["c89", "gnu89", "c99", "c11", "gnu11", "c17", "c2x"];
const STANDARDS_CXX: [&str; 7] = ["c++98", "gnu++98", "c++11", "c++14", "c++17", "c++20", "c++2b"];
/// Those from C++11 on.
const MODERN_CXX: &[&str] = STANDARDS_CXX.split_at(2).1;

/// The header twice, so it must guard itself; alone, so it must include what it needs.
const USES: &str = "
#include <simple_runtime.h>
#include <simple_runtime.h>
static RtValue body(RtValue ctx) { return rt_value_retain(ctx); }
static RtValue both(RtValue data, RtValue channel) { (void)channel; return rt_value_retain(data); }
static const uint64_t word = RT_FN(body);
static const RtBody pointer = body;
uint64_t use(void);
uint64_t use(void) {
    RtValue future = rt_future_new(RT_FN(body), rt_value_bool(true));
    uint64_t thread = rt_thread_spawn_isolated2(RT_FN(both), future, rt_value_nil());
    rt_thread_free(thread);
    return word + RT_FN(0) + RT_FN(NULL) + RT_FN(&body) + RT_FN(pointer);
}
";

/// The compiler of the other tests, and Clang where it is installed.
fn compilers(language: Language) -> Vec<Command> {
    let clang = if language == Language::C { "clang" } else { "clang++" };
    let is_installed = Command::new(clang).arg("--version").output().is_ok();
    let default = c::compiler(language).get_program().to_owned();
    [default].into_iter().chain(is_installed.then(|| clang.into())).map(Command::new).collect()
}

/// Compiles `source` with all compilers under each standard, and all warnings.
#[track_caller]
fn compiles(language: Language, standards: &[&str], source: &str) {
    LazyLock::force(&HEADER);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("source");
    fs::write(&file, source).unwrap();
    for mut compiler in compilers(language) {
        match language {
            Language::C => compiler.args(WARNINGS_C).args(["-x", "c"]),
            Language::Cxx => compiler.args(WARNINGS_CXX).args(["-x", "c++"]),
        };
        compiler.args(WARNINGS).arg("-I").arg(c::package().join("include"));
        compiler.arg("-fsyntax-only").arg(&file);
        for standard in standards {
            c::succeed(compiler.arg(format!("-std={standard}")));
        }
    }
}

#[test]
fn every_standard_of_c_takes_it_without_a_warning() {
    compiles(Language::C, &STANDARDS_C, USES);
}

#[test]
fn every_standard_of_cxx_takes_it_without_a_warning() {
    compiles(Language::Cxx, &STANDARDS_CXX, USES);
}

#[test]
fn it_may_stand_within_extern_c_and_within_a_namespace() {
    let within = |open: &str, close: &str| {
        format!("#include <stddef.h>\n#include <stdint.h>\n{open} {{\n{USES}\n}} {close}\n")
    };
    compiles(Language::Cxx, &STANDARDS_CXX, &within("extern \"C\"", ""));
    compiles(Language::Cxx, &STANDARDS_CXX, &within("namespace simple", "// namespace"));
}

#[test]
fn a_function_may_have_commas_in_its_name() {
    const LAMBDA: &str = "
#include <simple_runtime.h>
template <class A, class B> Value body(Value ctx) { return ctx + sizeof(A) + sizeof(B); }
uint64_t words();
uint64_t words() {
    auto lambda = RT_FN(+[](Value v) -> Value { Value a = v, b = a; return rt_value_retain(b); });
    return lambda + RT_FN(body<int, char>) + RT_FN(nullptr);
}
";
    compiles(Language::Cxx, MODERN_CXX, LAMBDA);
}

#[test]
fn a_value_of_somebody_else_may_come_into_view_before_the_header() {
    const TAKEN: &str = "
namespace json { struct Value { int number; }; }
using namespace json;
#include <simple_runtime.h>
RtValue twice(RtValue n);
RtValue twice(RtValue n) { return rt_value_int(2 * rt_value_as_int(n)); }
";
    compiles(Language::Cxx, &STANDARDS_CXX, TAKEN);
}

#[test]
fn a_program_may_have_a_value_of_its_own() {
    const IN_C: &str = "
#define SIMPLE_RT_NO_VALUE
#include <simple_runtime.h>
typedef struct { int number; } Value;
RtValue boxed(Value value);
RtValue boxed(Value value) { return rt_value_int(value.number); }
";
    const IN_CXX: &str = "
#define SIMPLE_RT_NO_VALUE
#include <simple_runtime.h>
namespace json { struct Value { int number; }; }
using namespace json;
RtValue boxed(Value value);
RtValue boxed(Value value) { return rt_value_int(value.number); }
";
    compiles(Language::C, &STANDARDS_C, IN_C);
    compiles(Language::Cxx, &STANDARDS_CXX, IN_C);
    compiles(Language::Cxx, &STANDARDS_CXX, IN_CXX);
}

#[test]
fn without_being_told_otherwise_it_has_the_short_name() {
    const SHORT: &str = "
#include <simple_runtime.h>
Value same(RtValue value);
Value same(RtValue value) { return value; }
";
    compiles(Language::C, &STANDARDS_C, SHORT);
    compiles(Language::Cxx, &STANDARDS_CXX, SHORT);
}

/// Those of X11, Qt, Windows, the BSDs, <sys/sysmacros.h> and <complex.h>.
#[test]
fn names_that_are_macros_of_well_known_headers_do_not_matter() {
    const MACROS: &str = "
        None=0L True=1 False=0 Bool=int Status=int Success=0 Always=2 Complex=0
        signals=public slots= emit= foreach=for
        near= far= small=char interface=struct IN= OUT= CONST=const VOID=void ERROR=0
        index=strchr rindex=strrchr major=(1) minor=(2) makedev=(3) I=(4) unix=1 linux=1
        min(a,b)=((a)<(b)?(a):(b)) max(a,b)=((a)>(b)?(a):(b)) check(x)=((void)(x))
    ";
    let macros = MACROS.split_whitespace().map(|macro_| macro_.replacen('=', " ", 1));
    let defined: String =
        macros.map(|macro_| format!("#undef {0}\n#define {macro_}\n", name_of(&macro_))).collect();
    compiles(Language::C, &STANDARDS_C, &format!("{defined}{USES}"));
    compiles(Language::Cxx, &STANDARDS_CXX, &format!("{defined}{USES}"));
}

fn name_of(definition: &str) -> &str {
    definition.split([' ', '(']).next().expect("a definition begins with a name")
}
