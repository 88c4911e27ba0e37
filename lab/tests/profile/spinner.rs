//! A program in C that computes for a known processor time, and the profiler of it.

use crate::c::compiled;
use assert_cmd::Command;
use simple_records::{LogFile, PROFILE_FILE, Profile, StackProfile, View};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;
use tempfile::TempDir;

/// The first argument says what is done; see the tests. Time is that of the processor, so nothing
/// depends on what else the machine does.
const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned long sum;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}
__attribute__((noinline)) static void hot(unsigned long steps) {
    for (unsigned long i = 0; i < steps; i++) sum += i;
}
__attribute__((noinline)) static void cool(unsigned long steps) {
    for (unsigned long i = 0; i < steps; i++) sum -= i;
}
static void for_seconds(double wanted, void (*work)(unsigned long)) {
    double end = seconds() + wanted;
    while (seconds() < end) work(1000000);
}
static void *named(void *name) {
    pthread_setname_np(pthread_self(), name);
    for_seconds(0.2, hot);
    return 0;
}
__attribute__((noinline)) static void *keep(void) { return malloc(1000); }

int main(int count, char **words) {
    const char *mode = count > 1 ? words[1] : "";
    if (!strcmp(mode, "read")) {
        char line[100] = "";
        if (!fgets(line, sizeof line, stdin)) strcpy(line, "nothing");
        fprintf(stderr, "heard\n");
        printf("read %s\n", line);
        for_seconds(0.3, hot);
        for_seconds(0.03, cool);
        return 3;
    }
    if (!strcmp(mode, "threads")) {
        pthread_t threads[2];
        char *names[2] = {"first", "second"};
        for (int i = 0; i < 2; i++) pthread_create(&threads[i], 0, named, names[i]);
        for (int i = 0; i < 2; i++) pthread_join(threads[i], 0);
        return 0;
    }
    if (!strcmp(mode, "exact")) {
        hot(200000);
        cool(1000);
        for (int i = 0; i < 10; i++) free(keep());
        return 0;
    }
    if (!strcmp(mode, "start")) {
        char *line;
        if (asprintf(&line, "%s exact; exit 0", words[0]) < 0) return 1;
        return system(line);
    }
    if (!strcmp(mode, "timeline")) {
        FILE *file = fopen(getenv("SIMPLE_RT_TIMELINE"), "w");
        if (!file) return 1;
        fputs("{\"traceEvents\":[{\"name\":\"thread_name\",\"ph\":\"M\",\"tid\":8,"
            "\"args\":{\"name\":\"worker\"}},{\"name\":\"run\",\"ph\":\"X\",\"tid\":8,"
            "\"ts\":2000,\"dur\":500,\"args\":{\"jobs\":3}}]}", file);
        return fclose(file);
    }
    if (!strcmp(mode, "ever")) {
        for_seconds(0.3, hot);
        puts("ready");
        fflush(stdout);
        for (;;) hot(1000000);
    }
    if (!strcmp(mode, "crash")) {
        puts("about to crash");
        fflush(stdout);
        raise(SIGSEGV);
    }
    if (!strcmp(mode, "deaf")) {
        signal(SIGINT, SIG_IGN);
        signal(SIGTERM, SIG_IGN);
        for (;;) hot(1000000);
    }
    if (!strcmp(mode, "wait")) {
        puts("ready");
        fflush(stdout);
        for (;;) pause();
    }
    if (!strcmp(mode, "fork")) {
        if (!fork()) {
            hot(200000);
            _exit(0);
        }
        wait(0);
        return 0;
    }
    if (!strcmp(mode, "daemon")) {
        int begun[2];
        if (pipe(begun)) return 1;
        if (!fork()) {
            setsid();
            for (int file = 0; file < 3; file++) close(file);
            if (write(begun[1], "x", 1) != 1) return 1;
            for (;;) pause();
        }
        char byte;
        return read(begun[0], &byte, 1) != 1;
    }
    return 0;
}
"#;

/// The program.
pub fn spinner() -> &'static Path {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, program) = BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let program = compiled(SOURCE, folder.path(), None);
        (folder, program)
    });
    program
}

/// `lab profile` with these arguments, and all that it makes in `target`.
pub fn lab(target: &Path, arguments: &[&str]) -> Command {
    let mut lab = Command::cargo_bin("lab").unwrap();
    lab.arg("profile").arg("--target").arg(target).args(arguments);
    lab
}

/// Profiles the program with these options.
pub fn profiled(target: &Path, options: &[&str], words: &[&str]) -> Command {
    let mut lab = lab(target, options);
    lab.arg("--").arg(spinner()).args(words);
    lab
}

/// The folder of the only profile.
pub fn place(target: &Path) -> PathBuf {
    let all = fs::read_dir(target.join("profiles")).unwrap();
    let all: Vec<_> = all.map(|entry| entry.unwrap().path()).collect();
    let mut made: Vec<_> =
        all.into_iter().filter(|path| path.join(PROFILE_FILE).exists()).collect();
    assert_eq!(made.len(), 1, "{made:?}");
    made.remove(0)
}

/// The only profile.
pub fn only(target: &Path) -> Profile {
    Profile::read(&place(target).join(PROFILE_FILE)).unwrap()
}

pub fn view(profile: &Profile, view: View) -> &StackProfile {
    crate::common::stacks(profile, view)
}

/// All that was printed. Outside of our checkout nobody has our recipes.
pub fn said(output: &Output) -> String {
    let said = [&output.stdout[..], &output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(!said.contains("`just "), "{said}");
    said
}

pub fn has_valgrind() -> bool {
    let has = std::process::Command::new("valgrind").arg("--version").output().is_ok();
    if !has {
        eprintln!("skipped: there is no valgrind");
    }
    has
}

pub fn has_perf() -> bool {
    let has = crate::perf::has_perf();
    if !has {
        eprintln!("skipped: perf is missing, or may not be used");
    }
    has
}
