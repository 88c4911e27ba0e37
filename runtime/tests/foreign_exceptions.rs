//! Whatever leaves a callback, and is no panic of this runtime's own Rust, ends the process with
//! a message: it does not cross the runtime, and nothing goes on half done.

mod c;

use c::{Language, Linkage};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

/// Three ways to run a body: awaited, on a worker, on a thread of its own.
const RUN: &str = r"
#include <simple_runtime.h>
#include <stdlib.h>
#define RUN(how)                                                                             \
    Value future = rt_future_new(RT_FN(body), rt_value_int(1));                              \
    if (how[0] == 's') rt_future_start(future);                                              \
    if (how[0] == 't') rt_thread_join(rt_thread_spawn_isolated(RT_FN(body), rt_value_int(1))); \
    rt_future_await_timeout(future, how[0] == 's' ? 100000 : 0);                             \
    rt_future_await(future);                                                                 \
    exit(0)
";

/// Builds the program, and has it run a body in every way.
#[track_caller]
fn ends_with_a_message(language: Language, code: &str, message: &str) {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("program.c");
    fs::write(&source, format!("{RUN}{code}")).unwrap();
    let program = c::build(&source, folder.path(), language, Linkage::Shared);
    for how in ["awaited", "started", "thread"] {
        assert_dies(Command::new(&program).arg(how), message);
    }
}

#[track_caller]
fn assert_dies(command: &mut Command, message: &str) {
    let output = command.env_remove("LD_LIBRARY_PATH").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{command:?}: {said}");
    assert!(said.contains(message), "{command:?}: {said}");
}

#[test]
fn an_exception_of_cxx() {
    const CODE: &str = r"
static Value body(Value) { throw 42; }
int main(int, char **arguments) { RUN(arguments[1]); }
";
    ends_with_a_message(Language::Cxx, CODE, "foreign exception");
}

#[test]
fn the_end_of_the_thread() {
    const CODE: &str = r"
#include <pthread.h>
static Value body(Value ctx) { (void)ctx; pthread_exit(NULL); }
int main(int count, char **arguments) { (void)count; RUN(arguments[1]); }
";
    ends_with_a_message(Language::C, CODE, "exception not rethrown");
}

#[test]
fn the_cancellation_of_the_thread() {
    const CODE: &str = r"
#include <pthread.h>
static Value body(Value ctx) {
    pthread_cancel(pthread_self());
    pthread_testcancel();
    return rt_value_retain(ctx);
}
int main(int count, char **arguments) { (void)count; RUN(arguments[1]); }
";
    ends_with_a_message(Language::C, CODE, "exception not rethrown");
}

/// A program in Rust that links the C library, and so has a standard library of its own.
#[test]
fn a_panic_of_another_rust_program() {
    const CODE: &str = r#"
unsafe extern "C" {
    fn rt_future_new(body: u64, ctx: u64) -> u64;
    fn rt_future_await(future: u64) -> u64;
}
extern "C-unwind" fn body(_ctx: u64) -> u64 {
    panic!("a panic of another program")
}
fn main() {
    unsafe { rt_future_await(rt_future_new(body as *const () as u64, 3)) };
}
"#;
    let folder = tempfile::tempdir().unwrap();
    let (source, program) = (folder.path().join("program.rs"), folder.path().join("program"));
    fs::write(&source, CODE).unwrap();
    let library = c::shared_library();
    let library_folder = library.parent().map(Path::display).unwrap();
    let mut rustc = Command::new(option_env!("RUSTC").unwrap_or("rustc"));
    rustc.args(["--edition=2024", "-o"]).arg(&program).arg(&source);
    rustc.arg(format!("-Clink-arg={}", library.display()));
    rustc.arg(format!("-Clink-arg=-Wl,-rpath,{library_folder}"));
    c::succeed(&mut rustc);
    assert_dies(&mut Command::new(&program), "foreign exception");
}
