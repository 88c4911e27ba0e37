//! What `on-cpu.txt` and `waits.txt` were recorded of.

use std::hint::black_box;
use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle, sleep};
use std::time::Duration;

#[inline(never)]
fn spin(rounds: u64) {
    for round in 0..rounds * 1_000_000 {
        black_box(round);
    }
}

#[inline(never)]
fn recurse(depth: u32) {
    match depth {
        0 => spin(20),
        _ => recurse(depth - 1),
    }
    black_box(depth);
}

#[inline(never)]
fn answer(questions: &Receiver<u32>, answers: &Sender<u32>) {
    for question in questions {
        spin(5);
        answers.send(question).unwrap();
    }
}

#[inline(never)]
fn ask(questions: &Sender<u32>, answers: &Receiver<u32>) {
    for question in 0..3 {
        questions.send(question).unwrap();
        answers.recv().unwrap();
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    Builder::new().name(name.to_owned()).spawn(run).unwrap()
}

fn main() {
    let (questions, asked) = channel();
    let (answers, answered) = channel();
    let (mut reader, mut writer) = std::io::pipe().unwrap();
    let threads = [
        spawn("answers (odd) [", move || answer(&asked, &answers)),
        spawn("sleeper", || sleep(Duration::from_millis(20))),
        spawn("reader", move || reader.read_exact(&mut [0]).unwrap()),
        spawn("deep", || recurse(2000)),
        spawn("daemon", || sleep(Duration::from_secs(1000))),
    ];
    ask(&questions, &answered);
    spin(20);
    writer.write_all(&[0]).unwrap();
    drop(questions);
    threads.into_iter().take(4).for_each(|thread| thread.join().unwrap());
}
