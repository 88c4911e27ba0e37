//! What is no regular file is not even opened: who waits at its other end would notice.

use simple_runtime::file::{FileError, FileKind, LoadError, Mapping, Prefault};
use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use tempfile::TempDir;

fn c_path(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
}

fn fifo(directory: &TempDir) -> std::path::PathBuf {
    let path = directory.path().join("fifo");
    // SAFETY: a NUL-terminated path that outlives the call.
    assert_eq!(unsafe { libc::mkfifo(c_path(&path).as_ptr(), 0o600) }, 0);
    path
}

/// Tells whether a file has been opened since it was last asked.
struct Watch(OwnedFd);

impl Watch {
    fn new(path: &Path) -> Self {
        // SAFETY: a new descriptor; a NUL-terminated path that outlives the call.
        unsafe {
            let fd = libc::inotify_init1(libc::IN_NONBLOCK | libc::IN_CLOEXEC);
            assert!(fd >= 0);
            let watch = Self(OwnedFd::from_raw_fd(fd));
            assert!(libc::inotify_add_watch(fd, c_path(path).as_ptr(), libc::IN_OPEN) >= 0);
            watch
        }
    }

    fn was_opened(&self) -> bool {
        let mut events = [0_u8; 4096];
        // SAFETY: a place to write to.
        let read =
            unsafe { libc::read(self.0.as_raw_fd(), events.as_mut_ptr().cast(), events.len()) };
        if read < 0 {
            assert_eq!(io::Error::last_os_error().kind(), io::ErrorKind::WouldBlock);
        }
        read > 0
    }
}

fn reason(path: &Path, mode: i32, strategy: Prefault) -> LoadError {
    match Mapping::load(path, mode, strategy) {
        Err(FileError::Load { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_fifo_is_not_opened() {
    let directory = TempDir::new().unwrap();
    let path = fifo(&directory);
    let link = directory.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let watch = Watch::new(&path);
    for strategy in Prefault::ALL {
        for mode in [libc::O_RDONLY, libc::O_RDWR, libc::O_NOFOLLOW] {
            assert_eq!(reason(&path, mode, strategy), LoadError::NotRegular(FileKind::Fifo));
        }
        assert_eq!(reason(&link, 0, strategy), LoadError::NotRegular(FileKind::Fifo));
        assert!(matches!(reason(&link, libc::O_NOFOLLOW, strategy), LoadError::System { .. }));
    }
    assert!(!watch.was_opened());
    // The watch does see what it is there to see.
    drop(std::fs::OpenOptions::new().read(true).write(true).open(&path).unwrap());
    assert!(watch.was_opened());
}

#[test]
fn a_device_is_not_opened() {
    let path = Path::new("/dev/null");
    let watch = Watch::new(path);
    for mode in [libc::O_RDONLY, libc::O_RDWR] {
        assert_eq!(reason(path, mode, Prefault::Auto), LoadError::NotRegular(FileKind::Device));
    }
    // Others on the machine may open this one, so a single try says little.
    let opened = || {
        reason(path, 0, Prefault::Auto);
        watch.was_opened()
    };
    assert!((0..20).any(|_| !opened()));
}

#[test]
fn a_regular_file_with_a_lease_is_waited_for() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("leased");
    std::fs::write(&path, "leased").unwrap();
    let holder = std::fs::File::open(&path).unwrap();
    // SAFETY: no memory is involved. The default action of SIGIO would end the process.
    let leased = unsafe {
        libc::signal(libc::SIGIO, libc::SIG_IGN);
        libc::fcntl(holder.as_raw_fd(), libc::F_SETLEASE, libc::F_RDLCK)
    };
    if leased != 0 {
        return; // Not on this file system.
    }
    // Whoever opens it for writing waits until the lease is given up.
    std::thread::scope(|scope| {
        let load = scope.spawn(|| Mapping::load(&path, libc::O_RDWR, Prefault::Auto));
        // Asked to give it up, as soon as the other has come; then the holder does.
        // SAFETY: no memory is involved.
        let lease = || unsafe { libc::fcntl(holder.as_raw_fd(), libc::F_GETLEASE) };
        while lease() == libc::F_RDLCK {
            std::thread::yield_now();
        }
        assert!(!load.is_finished());
        // SAFETY: no memory is involved.
        unsafe { libc::fcntl(holder.as_raw_fd(), libc::F_SETLEASE, libc::F_UNLCK) };
        assert_eq!(load.join().unwrap().unwrap().len(), 6);
    });
}
