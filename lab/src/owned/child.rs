//! A process that ends with its owner.
//!
//! Protocol: a child leads a process group, whose number is in [`GROUPS`] from its start until
//! after its end. A child that has ended is left unreaped until the number is taken out, under
//! the lock, so a signal is never sent to a group of somebody else.

use super::guard;
use super::usage::{self, Usage};
use std::collections::BTreeSet;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The groups of all children.
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Time that children get to end in good order before they are killed.
const GRACE: Duration = Duration::from_secs(2);
/// Time between checks where the kernel cannot notify.
const TICK: Duration = Duration::from_millis(10);

/// A process and its group. Dropped, both are killed.
#[derive(Debug)]
pub struct Child {
    child: std::process::Child,
    ended: Option<(ExitStatus, Usage)>,
}

/// The end of waiting for a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It ended by itself, or by a foreign signal.
    Itself(ExitStatus),
    /// It took too long and was killed.
    Killed,
}

/// The receiver of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// The process that was started.
    Leader,
    /// It and all that it started.
    Group,
}

/// Starts a process in a group of its own. It is killed when the thread that starts it ends: it
/// must not be handed to a thread that lives longer.
///
/// # Errors
/// If it cannot be started.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    let parent = i32::try_from(std::process::id()).map_err(io::Error::other)?;
    command.process_group(0);
    // SAFETY: between fork and exec only system calls are made that may be made there.
    unsafe {
        command.pre_exec(move || end_with_parent(parent));
    }
    // Under the lock, no child can exist without being listed.
    let mut groups = groups();
    let child = command.spawn()?;
    groups.insert(number(&child));
    guard::add(number(&child));
    Ok(Child { child, ended: None })
}

/// Has the kernel kill this process when its parent ends, even if it has ended already.
fn end_with_parent(parent: i32) -> io::Result<()> {
    // SAFETY: it tells the kernel which signal this process gets when its parent ends.
    if unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it reads a number of the kernel.
    if unsafe { libc::getppid() } != parent {
        return Err(io::ErrorKind::Interrupted.into());
    }
    Ok(())
}

pub(super) fn groups() -> MutexGuard<'static, BTreeSet<i32>> {
    // The set is consistent even if a thread panicked while holding it.
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn number(child: &std::process::Child) -> i32 {
    i32::try_from(child.id()).expect("process numbers of Linux fit")
}

impl Child {
    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its standard input, if it is piped and was not taken.
    pub fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Its standard output, if it is piped and was not taken.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Its standard error, if it is piped and was not taken.
    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// Waits for its end. Its input is closed first.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        drop(self.child.stdin.take());
        if self.ended.is_none() {
            has_ended(number(&self.child), 0)?;
        }
        self.reap()
    }

    /// Waits up to `patience` for its end, then kills it and all that it started. Processes that it left
    /// behind are killed even if it ended by itself.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn wait_for(&mut self, patience: Duration) -> io::Result<Ended> {
        drop(self.child.stdin.take());
        if self.ended.is_none() && !ends_within(number(&self.child), patience)? {
            self.kill()?;
            return Ok(Ended::Killed);
        }
        Ok(Ended::Itself(self.reap()?))
    }

    /// Waits up to `patience`, and returns whether it has ended by then. It is not reaped.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn ends_within(&self, patience: Duration) -> io::Result<bool> {
        if self.ended.is_some() { Ok(true) } else { ends_within(number(&self.child), patience) }
    }

    /// The resources that it used; `None` until its end was waited for.
    pub fn usage(&self) -> Option<Usage> {
        self.ended.map(|(_, usage)| usage)
    }

    /// Its exit status, if it has ended.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.ended.is_none() && !has_ended(number(&self.child), libc::WNOHANG)? {
            return Ok(None);
        }
        self.reap().map(Some)
    }

    /// Sends a signal to it, or to it and all that it started. One that has ended gets none.
    pub fn signal(&self, signal: i32, to: Receiver) {
        if self.ended.is_some() {
            return;
        }
        match to {
            Receiver::Group => self::signal(number(&self.child), signal),
            // SAFETY: it sends a signal; the child has not been reaped, so the number is its own.
            Receiver::Leader => drop(unsafe { libc::kill(number(&self.child), signal) }),
        }
    }

    /// Kills it and all that it started.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn kill(&mut self) -> io::Result<()> {
        if self.ended.is_none() {
            signal(number(&self.child), libc::SIGKILL);
            self.reap()?;
        }
        Ok(())
    }

    /// Takes its number out of the list, then lets the kernel forget it.
    fn reap(&mut self) -> io::Result<ExitStatus> {
        if let Some((status, _)) = self.ended {
            return Ok(status);
        }
        has_ended(number(&self.child), 0)?;
        let mut groups = groups();
        // Processes that it left behind have no owner any more.
        signal(number(&self.child), libc::SIGKILL);
        groups.remove(&number(&self.child));
        guard::release(number(&self.child));
        let (status, usage) = usage::reap(number(&self.child))?;
        self.ended = Some((status, usage));
        Ok(status)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // A group that cannot be killed is gone.
        let _ = self.kill();
    }
}

/// Sends a signal to a group whose leader has not been reaped.
fn signal(group: i32, signal: i32) {
    // SAFETY: it sends a signal; the number is still the group's own.
    unsafe { libc::killpg(group, signal) };
}

/// Returns whether a child has ended, without reaping it; with the option `WNOHANG` it does not
/// wait.
fn has_ended(child: i32, option: i32) -> io::Result<bool> {
    loop {
        // SAFETY: all zeros are a value of this type, which consists of numbers.
        let mut about: libc::siginfo_t = unsafe { std::mem::zeroed() };
        let options = libc::WEXITED | libc::WNOWAIT | option;
        // SAFETY: `about` is there to be written to.
        let done = unsafe { libc::waitid(libc::P_PID, child as u32, &mut about, options) };
        let error = io::Error::last_os_error();
        match done {
            // SAFETY: the kernel has filled it in, or left it zero: then nothing has ended.
            0 => return Ok(unsafe { about.si_pid() } != 0),
            _ if error.kind() == io::ErrorKind::Interrupted => {}
            _ => return Err(error),
        }
    }
}

/// Returns whether a child ends in time. The kernel wakes us, so nothing runs beside what is measured.
pub(super) fn ends_within(child: i32, patience: Duration) -> io::Result<bool> {
    let deadline = Instant::now() + patience;
    // SAFETY: it makes a descriptor for a child that has not been reaped.
    let opened = unsafe { libc::syscall(libc::SYS_pidfd_open, child, 0) };
    let descriptor = i32::try_from(opened).ok().filter(|descriptor| *descriptor >= 0);
    let ended = loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if has_ended(child, libc::WNOHANG)? {
            break true;
        }
        if left.is_zero() {
            break false;
        }
        let Some(fd) = descriptor else {
            // Kernels before 5.3 have no such descriptors.
            thread::sleep(left.min(TICK));
            continue;
        };
        let mut poll = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
        let milliseconds = i32::try_from(left.as_millis() + 1).unwrap_or(i32::MAX);
        // SAFETY: it is one descriptor, and `poll` is there to be written to. Its result does
        // not matter: the child is checked again.
        unsafe { libc::poll(&mut poll, 1, milliseconds) };
    };
    if let Some(fd) = descriptor {
        // SAFETY: it was opened above and is used by nobody else.
        unsafe { libc::close(fd) };
    }
    Ok(ended)
}

/// Asks all children to end, and kills those that do not within a moment. Returns when all have
/// ended; they are not reaped, which is left to their owners. Nobody starts or reaps a child while
/// the guard is held.
pub(super) fn end_all() -> MutexGuard<'static, BTreeSet<i32>> {
    let groups = groups();
    groups.iter().for_each(|group| signal(*group, libc::SIGTERM));
    let deadline = Instant::now() + GRACE;
    for group in groups.iter() {
        let left = deadline.saturating_duration_since(Instant::now());
        // A child that cannot be waited for is killed.
        let _ = ends_within(*group, left);
        signal(*group, libc::SIGKILL);
        let _ = has_ended(*group, 0);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Read};
    use std::process::Stdio;

    /// A shell that starts another process, says so, and waits; with the output of both.
    fn family() -> (Child, BufReader<ChildStdout>) {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 1000 & echo ready; wait"]).stdout(Stdio::piped());
        let mut child = spawn(&mut command).unwrap();
        let mut output = BufReader::new(child.take_stdout().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        (child, output)
    }

    /// The output ends when no process is left that could write to it.
    fn all_are_gone(mut output: BufReader<ChildStdout>) {
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
    }

    #[test]
    fn a_dropped_child_ends_with_all_that_it_started() {
        let (child, output) = family();
        drop(child);
        all_are_gone(output);
    }

    #[test]
    fn a_child_that_ends_takes_along_what_it_left_behind() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 1000 & exit 3"]).stdout(Stdio::piped());
        let mut child = spawn(&mut command).unwrap();
        let output = BufReader::new(child.take_stdout().unwrap());
        assert_eq!(child.wait().unwrap().code(), Some(3));
        assert_eq!(child.try_wait().unwrap().unwrap().code(), Some(3), "asked twice");
        all_are_gone(output);
    }

    #[test]
    fn patience_ends() {
        let (mut child, output) = family();
        assert_eq!(child.try_wait().unwrap(), None);
        assert_eq!(child.wait_for(Duration::from_millis(20)).unwrap(), Ended::Killed);
        all_are_gone(output);
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error() {
        let error = spawn(&mut Command::new("/no/such-program")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
