//! Every strategy gives the bytes of the file, and every failure its reason.

use simple_runtime::file::{FileError, FileKind, LoadError, Mapping, Prefault, Step};
use std::ffi::CString;
use std::fs::{self, OpenOptions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const SIZES_BYTES: [usize; 14] = [
    0,
    1,
    15,
    4095,
    4096,
    4097,
    65_536,
    65_537,
    262_144,
    (1 << 20) + 7,
    2 << 20,
    (8 << 20) + 4097,
    16 << 20,
    64 << 20,
];

fn content(len: usize) -> Vec<u8> {
    let mut state = len as u64 | 1;
    let step = |state: &mut u64| {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 56) as u8
    };
    (0..len).map(|_| step(&mut state)).collect()
}

fn file(directory: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = directory.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn bytes(mapping: &Mapping) -> &[u8] {
    // SAFETY: the tests change no file while they look at its mapping.
    unsafe { mapping.bytes() }
}

/// The reason why loading fails, with every strategy; and that the message names the path.
fn reason(path: &Path, mode: i32) -> LoadError {
    let reasons: Vec<_> = Prefault::ALL
        .iter()
        .map(|&strategy| {
            let error = Mapping::load(path, mode, strategy).unwrap_err();
            assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
            match error {
                FileError::Load { path: named, reason } if named == path => reason,
                other => panic!("{other:?}"),
            }
        })
        .collect();
    assert!(reasons.iter().all(|reason| *reason == reasons[0]), "{reasons:?}");
    reasons[0]
}

#[test]
fn every_strategy_gives_the_same_bytes() {
    let directory = TempDir::new().unwrap();
    for len in SIZES_BYTES {
        let expected = content(len);
        let path = file(&directory, "data", &expected);
        for strategy in Prefault::ALL {
            for mode in [libc::O_RDONLY, libc::O_RDWR] {
                let mapping = Mapping::load(&path, mode, strategy).unwrap();
                assert!(!mapping.as_ptr().is_null());
                assert_eq!(mapping.is_empty(), len == 0);
                assert!(bytes(&mapping) == expected, "{} {mode} {len}", strategy.name());
            }
        }
    }
}

#[test]
fn numbers_and_names_of_strategies() {
    for (number, strategy) in (0..).zip(Prefault::ALL) {
        assert_eq!(strategy as i32, number);
        assert_eq!(Prefault::try_from(number), Ok(strategy));
    }
    for number in [-1, 9, i32::MIN, i32::MAX] {
        assert_eq!(Prefault::try_from(number), Err(FileError::UnknownPrefault(number)));
    }
    let mut names = Prefault::ALL.map(Prefault::name).to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Prefault::ALL.len());
}

#[test]
fn auto_is_always_another_strategy() {
    for size_bytes in SIZES_BYTES {
        let plan = Prefault::Auto.plan(size_bytes as u64);
        for chosen in [plan.cached, plan.uncached] {
            assert_ne!(chosen, Prefault::Auto);
            let fixed = chosen.plan(size_bytes as u64);
            assert_eq!((fixed.cached, fixed.uncached), (chosen, chosen));
        }
        // To read or to map is decided before anything is known of the cache.
        assert_eq!(plan.cached == Prefault::Copy, plan.uncached == Prefault::Copy);
    }
}

/// Out of the page cache, where the file system of the temporary directory has a disk.
#[test]
fn a_cold_file_is_loaded_too() {
    use std::os::fd::AsRawFd;
    let directory = TempDir::new().unwrap();
    for len in [100, 65_537, (1 << 20) + 7, (8 << 20) + 4097] {
        let expected = content(len);
        let path = file(&directory, "data", &expected);
        for strategy in Prefault::ALL {
            let written = fs::File::open(&path).unwrap();
            written.sync_all().unwrap();
            // SAFETY: no memory is involved.
            unsafe {
                libc::posix_fadvise(written.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED);
            }
            let mapping = Mapping::load(&path, 0, strategy).unwrap();
            assert!(bytes(&mapping) == expected, "{} {len}", strategy.name());
        }
    }
}

#[test]
fn a_missing_file_says_so() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("missing");
    assert_eq!(reason(&path, 0), LoadError::System { step: Step::Open, errno: libc::ENOENT });
    let text = Mapping::load(&path, 0, Prefault::Copy).unwrap_err().to_string();
    assert!(text.contains("No such file"), "{text}");
}

#[test]
fn what_is_no_regular_file_says_what_it_is() {
    let directory = TempDir::new().unwrap();
    let fifo = directory.path().join("fifo");
    let c_fifo = CString::new(fifo.as_os_str().as_bytes()).unwrap();
    // SAFETY: a NUL-terminated path that outlives the call.
    assert_eq!(unsafe { libc::mkfifo(c_fifo.as_ptr(), 0o600) }, 0);
    let socket = directory.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();

    assert_eq!(reason(directory.path(), 0), LoadError::NotRegular(FileKind::Directory));
    // Nobody writes to the FIFO: a blocking open would never return.
    assert_eq!(reason(&fifo, 0), LoadError::NotRegular(FileKind::Fifo));
    assert_eq!(reason(&fifo, libc::O_RDWR), LoadError::NotRegular(FileKind::Fifo));
    assert_eq!(reason(&socket, 0), LoadError::NotRegular(FileKind::Socket));
    assert_eq!(reason(Path::new("/dev/null"), 0), LoadError::NotRegular(FileKind::Device));
    assert_eq!(
        reason(directory.path(), libc::O_RDWR),
        LoadError::System { step: Step::Open, errno: libc::EISDIR }
    );
}

/// Runs as an ordinary user, because the superuser may read everything. Only this thread changes.
#[test]
fn a_forbidden_file_says_so() {
    let directory = TempDir::new().unwrap();
    let path = file(&directory, "secret", b"secret");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let load = || {
        // SAFETY: changes the calling thread's identity for file access, and nothing else.
        unsafe { libc::setfsuid(65_534) };
        reason(&path, 0)
    };
    let reason = std::thread::scope(|scope| scope.spawn(load).join().unwrap());
    assert_eq!(reason, LoadError::System { step: Step::Open, errno: libc::EACCES });
}

#[test]
fn write_only_says_so_whether_or_not_the_file_exists() {
    let directory = TempDir::new().unwrap();
    let path = file(&directory, "data", b"data");
    for path in [path, directory.path().join("missing")] {
        assert_eq!(reason(&path, libc::O_WRONLY), LoadError::NotReadable);
        assert_eq!(reason(&path, libc::O_WRONLY | libc::O_RDWR), LoadError::NotReadable);
    }
}

#[test]
fn flags_that_change_a_file_are_refused() {
    let directory = TempDir::new().unwrap();
    let path = file(&directory, "data", b"data");
    for flag in [libc::O_CREAT, libc::O_TRUNC, libc::O_APPEND, libc::O_TMPFILE] {
        for access in [libc::O_RDONLY, libc::O_WRONLY, libc::O_RDWR] {
            let mode = flag | access;
            let error = Mapping::load(&path, mode, Prefault::None).unwrap_err();
            assert_eq!(error, FileError::RefusedFlags(mode));
        }
    }
    assert_eq!(fs::read(&path).unwrap(), b"data");
}

#[test]
fn o_nofollow_and_o_directory_are_honoured() {
    let directory = TempDir::new().unwrap();
    let path = file(&directory, "data", b"data");
    let link = directory.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert_eq!(bytes(&Mapping::load(&link, 0, Prefault::Auto).unwrap()), b"data");
    let refused = |errno| LoadError::System { step: Step::Open, errno };
    assert_eq!(reason(&link, libc::O_NOFOLLOW), refused(libc::ELOOP));
    assert_eq!(reason(&path, libc::O_DIRECTORY), refused(libc::ENOTDIR));
}

#[test]
fn a_path_with_a_nul_byte_is_refused() {
    let path = Path::new("a\0b");
    let error = Mapping::load(path, 0, Prefault::Auto).unwrap_err();
    assert_eq!(error, FileError::NulInPath(path.to_owned()));
}

#[test]
fn a_path_need_not_be_text() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join(std::ffi::OsStr::from_bytes(b"\xff\xfe"));
    fs::write(&path, b"data").unwrap();
    assert_eq!(bytes(&Mapping::load(&path, 0, Prefault::Auto).unwrap()), b"data");
}

/// Their content depends on nothing that happens meanwhile.
#[test]
fn kernel_files_are_read_whatever_size_they_claim() {
    for path in
        ["/proc/version", "/proc/filesystems", "/sys/kernel/mm/transparent_hugepage/enabled"]
    {
        let Ok(expected) = fs::read(path) else { continue };
        for strategy in Prefault::ALL {
            let mapping = Mapping::load(Path::new(path), 0, strategy).unwrap();
            assert!(bytes(&mapping) == expected, "{path} {}", strategy.name());
        }
    }
}

/// The map of our own memory fills more than one read, and says nothing of its size.
#[test]
fn a_kernel_file_of_many_reads_is_read_to_its_end() {
    let held: Vec<_> = (0..2000)
        .map(|_| Mapping::load(Path::new("/proc/self/exe"), 0, Prefault::None).unwrap())
        .collect();
    let maps = Mapping::load(Path::new("/proc/self/maps"), 0, Prefault::Auto).unwrap();
    let lines: Vec<_> = bytes(&maps).split(|&byte| byte == b'\n').collect();
    assert!(lines.len() > held.len() / 2, "{}", lines.len());
    assert!(lines.iter().any(|line| line.ends_with(b"[vsyscall]") || line.ends_with(b"[stack]")));
    assert_eq!(lines.last(), Some(&&b""[..]));
}

#[test]
fn loading_never_changes_the_file() {
    let directory = TempDir::new().unwrap();
    for len in [0, 10, 4096, 100_000, 3 << 20] {
        let expected = content(len);
        let path = file(&directory, "data", &expected);
        for strategy in Prefault::ALL {
            let mapping = Mapping::load(&path, libc::O_RDWR, strategy).unwrap();
            if len > 0 {
                // SAFETY: loaded with O_RDWR, so the bytes are writable; nobody else looks.
                unsafe {
                    let first = mapping.as_ptr().cast_mut();
                    first.write(!expected[0]);
                    first.add(len - 1).write(!expected[len - 1]);
                }
                assert_eq!(bytes(&mapping)[0], !expected[0]);
            }
            drop(mapping);
            assert!(fs::read(&path).unwrap() == expected, "{} {len}", strategy.name());
        }
    }
}

#[test]
fn a_copy_survives_truncation() {
    let directory = TempDir::new().unwrap();
    let expected = content(1 << 20);
    let path = file(&directory, "data", &expected);
    let mapping = Mapping::load(&path, 0, Prefault::Copy).unwrap();
    OpenOptions::new().write(true).open(&path).unwrap().set_len(0).unwrap();
    assert!(bytes(&mapping) == expected);
}

#[test]
fn a_deleted_file_stays_loaded() {
    let directory = TempDir::new().unwrap();
    let expected = content(300_000);
    for strategy in Prefault::ALL {
        let path = file(&directory, "data", &expected);
        let mapping = Mapping::load(&path, 0, strategy).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(bytes(&mapping) == expected, "{}", strategy.name());
    }
}
