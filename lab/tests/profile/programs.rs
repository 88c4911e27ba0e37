//! Whole programs of anybody, and processes that run.

use crate::spinner::{has_perf, has_valgrind, lab, only, place, profiled, said, spinner, view};
use simple_profiles::Folded;
use simple_records::{Ending, StackProfile, View};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn folded(target: &Path, stacks: &StackProfile) -> Folded {
    Folded::parse(&fs::read_to_string(place(target).join(&stacks.folded)).unwrap()).unwrap()
}

#[test]
fn the_hot_function_leads_and_input_output_and_exit_code_are_the_programs_own() {
    if !has_perf() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let input = target.join("input");
    fs::write(&input, "a line\n").unwrap();
    let options = ["--views", "cpu", "--input", input.to_str().unwrap()];
    let output = profiled(target, &options, &["read"]).output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("ended with exit code 3") && !said.contains("heard"), "{said}");
    let profile = only(target);
    let cpu = view(&profile, View::Cpu);
    assert_eq!(cpu.functions[0].function, "hot", "{cpu:?}");
    assert!(said.contains("%  hot"), "{said}");
    // Its main is a part of it, and what starts that is not.
    let stacks = folded(target, cpu).to_string();
    assert!(stacks.contains(";main;for_seconds;hot") && !stacks.contains(";_start"), "{stacks}");
    let picture = fs::read_to_string(place(target).join(&cpu.picture)).unwrap();
    assert!(picture.contains("</svg>") && picture.contains("hot"));
    let [end] = &profile.processes[..] else { panic!("{:?}", profile.processes) };
    assert_eq!((end.ending.known(), end.code), (Some(Ending::Exited), Some(3)));
    let printed = place(target).join(end.output.as_ref().unwrap());
    assert!(said.contains(printed.to_str().unwrap()), "{said}");
    let printed = fs::read_to_string(printed).unwrap();
    assert!(printed.contains("read a line") && printed.contains("heard"), "{printed}");
    let program = profile.start.program.as_ref().unwrap();
    assert_eq!(program.command, [spinner().to_str().unwrap(), "read"]);
    assert!(profile.start.workload.starts_with("program-"), "{}", profile.start.workload);
}

#[test]
fn each_thread_is_seen_by_its_name() {
    if !has_perf() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let output = profiled(target, &["--views", "cpu,waits"], &["threads"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let profile = only(target);
    let cpu = folded(target, view(&profile, View::Cpu)).to_string();
    for thread in ["first;", "second;"] {
        assert!(cpu.lines().any(|line| line.starts_with(thread) && line.contains("hot")), "{cpu}");
    }
    // The first thread waits for both; counters say so where events may not be seen.
    let waits = profile.waits.as_ref().unwrap();
    assert!(!waits.kinds.is_empty(), "{waits:?}");
}

#[test]
fn a_pipe_reaches_the_process_of_every_view() {
    if !has_perf() || !has_valgrind() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let mut lab = profiled(target.path(), &["--views", "cpu,memory"], &["read"]);
    let output = lab.write_stdin("from a pipe\n").output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let profile = only(target.path());
    assert_eq!(profile.processes.len(), 2);
    for end in &profile.processes {
        let printed = place(target.path()).join(end.output.as_ref().unwrap());
        let printed = fs::read_to_string(printed).unwrap();
        assert!(printed.contains("read from a pipe"), "{printed}");
    }
}

#[test]
fn instructions_and_memory_are_exact() {
    if !has_valgrind() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let views = ["--views", "instructions,memory"];
    let output = profiled(target, &views, &["exact"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let profile = only(target);
    let instructions = view(&profile, View::Instructions);
    assert_eq!(instructions.functions[0].function, "hot", "{instructions:?}");
    assert!(instructions.functions[0].own > 200_000, "{instructions:?}");
    let sites = profile.allocations.as_ref().unwrap();
    let kept = sites.sites.iter().find(|site| site.stack.last().unwrap() == "keep").unwrap();
    assert_eq!((kept.blocks, kept.bytes), (10, 10_000), "{sites:?}");
    assert_eq!(kept.stack, ["main", "keep"]);
    assert!(sites.peak_bytes >= 1000 && sites.iterations == 1);
    // The other view stays when one is made again.
    let again = profiled(target, &["--views", "memory"], &["exact"]).output().unwrap();
    assert!(said(&again).contains("kept from earlier"), "{}", said(&again));
    assert_eq!(only(target).processes.len(), 2);
}

#[test]
fn programs_that_it_starts_are_counted_by_their_names() {
    if !has_valgrind() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let output = profiled(target, &["--views", "instructions"], &["start"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let profile = only(target);
    let instructions = view(&profile, View::Instructions);
    let stacks = folded(target, instructions).to_string();
    let hot = stacks.lines().filter(|line| line.starts_with("program;main;hot "));
    assert_eq!(hot.count(), 1, "{stacks}");
    assert!(stacks.lines().any(|line| line.starts_with("sh;")), "{stacks}");
}

#[test]
fn what_never_ends_is_stopped_and_its_profile_kept() {
    if !has_perf() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let options = ["--views", "cpu", "--for", "2s"];
    let output = profiled(target, &options, &["ever"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let profile = only(target);
    assert_eq!(profile.processes[0].ending.known(), Some(Ending::Stopped));
    let cpu = view(&profile, View::Cpu);
    assert_eq!(cpu.functions[0].function, "hot", "{cpu:?}");
    assert!(cpu.notes.iter().any(|note| note.contains("stopped after")), "{:?}", cpu.notes);
}

/// A process that has computed for a while, and goes on.
struct Spinning(Child);

impl Spinning {
    fn start() -> Self {
        let mut command = Command::new(spinner());
        let mut child = command.arg("ever").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self(child)
    }
}

impl Drop for Spinning {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_process_is_looked_at_and_goes_on() {
    if !has_perf() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let mut spinning = Spinning::start();
    let pid = spinning.0.id();
    let options = ["--pid", &pid.to_string(), "--for", "2s", "--views", "cpu"];
    let output = lab(target, &options).output().unwrap();
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(spinning.0.try_wait().unwrap().is_none(), "it goes on");
    let profile = only(target);
    let program = profile.start.program.as_ref().unwrap();
    assert_eq!((program.pid, program.command[1].as_str()), (Some(pid), "ever"));
    assert_eq!(view(&profile, View::Cpu).functions[0].function, "hot");
    assert_eq!(profile.processes[0].ending.known(), Some(Ending::GoesOn));
    assert!(said.contains("goes on"), "{said}");
    // Views that begin with a program are refused.
    let memory = ["--pid", &pid.to_string(), "--views", "memory"];
    let refused = lab(target, &memory).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("lab profile -- PROGRAM"));
}

#[test]
fn an_interrupt_keeps_what_there_is() {
    if !has_perf() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let mark = target.join("mark");
    // The shell says when the program has computed for a while.
    let script = format!("{} ever >{}", spinner().display(), mark.display());
    let status = Command::new("mkfifo").arg(&mark).status().unwrap();
    assert!(status.success());
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("lab"));
    command.args(["profile", "--views", "cpu,memory", "--target"]).arg(target);
    command.args(["--", "sh", "-c", &script]).stdin(Stdio::null());
    let lab = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = [0; 6];
    fs::File::open(&mark).unwrap().read_exact(&mut line).unwrap();
    let pid = i32::try_from(lab.id()).unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = lab.wait_with_output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("kept"), "{said}");
    let profile = only(target);
    let cpu = view(&profile, View::Cpu);
    assert_eq!(cpu.functions[0].function, "hot", "{cpu:?}");
    assert!(profile.allocations.is_none());
}

/// The runtime's own timeline is tested with the runtime.
#[test]
fn a_timeline_is_that_which_the_program_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a folder, and more");
    let output = profiled(&target, &["--views", "timeline"], &["timeline"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let profile = only(&target);
    let timeline = profile.timeline.as_ref().unwrap();
    let [worker] = &timeline.threads[..] else { panic!("{timeline:?}") };
    assert_eq!((worker.name.as_str(), worker.jobs, worker.run_ns), ("worker", 3, 500_000));
    assert_eq!(timeline.measured_ns, 500_000);
    let picture = place(&target).join(timeline.picture.as_ref().unwrap());
    assert!(fs::read_to_string(picture).unwrap().contains("runs jobs"));
}
