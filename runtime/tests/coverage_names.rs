//! The name of a probe's file: what makes it the same name, wherever it lies and whatever the
//! caller does with its memory. Through the C call.

use simple_runtime::coverage::{self, DecisionRow};
use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

unsafe extern "C" {
    fn rt_coverage_decision_probe(
        id: u32,
        outcome: bool,
        file: *const c_char,
        line: u32,
        column: u32,
    );
}

/// The tests of this file share the process's coverage data: one at a time, each from nothing.
fn from_nothing() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    coverage::clear();
    guard
}

fn decide(id: u32, outcome: bool, file: *const c_char, line: u32) {
    // SAFETY: every caller in this file passes NULL or a NUL-terminated text that it owns.
    unsafe { rt_coverage_decision_probe(id, outcome, file, line, 1) }
}

const FILE: *const c_char = c"exact.spl".as_ptr();

fn row(id: u32, file: &str, line: u32, true_count: u64, false_count: u64) -> DecisionRow {
    DecisionRow { id, file: file.into(), line, column: 1, true_count, false_count }
}

/// Names of every length that is compared in its own way, each many times at one address, then
/// with any one of its bytes changed, shortened, and as it was.
#[test]
fn another_text_at_the_same_address_is_another_file() {
    let _one = from_nothing();
    for len in [1, 3, 4, 7, 8, 14, 15, 16, 30, 31, 32, 33, 50, 62, 63, 64, 65, 200] {
        coverage::clear();
        let mut buffer = vec![b'a'; len];
        buffer.push(0);
        let probe =
            |buffer: &[u8]| decide(1, true, std::hint::black_box(buffer).as_ptr().cast(), 1);
        (0..3).for_each(|_| probe(&buffer));
        for at in 0..len {
            for other in [b'b', 0] {
                buffer[at] = other;
                probe(&buffer);
            }
            buffer[at] = b'a';
            probe(&buffer);
        }
        // The original, each change of one byte, and each length from 0 on, but its own.
        let rows = coverage::report().decisions;
        assert_eq!(rows.len(), 1 + 2 * len, "{len}");
        let original = rows.iter().find(|row| row.file == "a".repeat(len)).unwrap();
        assert_eq!(original.true_count, 3 + len as u64, "{len}");
        assert!(rows.iter().all(|row| row.true_count == 1 || row.file == original.file));
    }
}

/// A name that is first seen on the heap, then as a literal, in turns and elsewhere again.
#[test]
fn one_name_at_many_addresses() {
    let _one = from_nothing();
    let copies: Vec<_> = (0..10).map(|_| CString::new("exact.spl").unwrap()).collect();
    for round in 0..100 {
        decide(1, true, copies[round % copies.len()].as_ptr(), 1);
        decide(1, false, FILE, 1);
        decide(2, false, copies[0].as_ptr(), 1);
        decide(2, true, c"other.spl".as_ptr(), 1);
    }
    let expected = [
        row(1, "exact.spl", 1, 100, 100),
        row(2, "exact.spl", 1, 0, 100),
        row(2, "other.spl", 1, 100, 0),
    ];
    assert_eq!(coverage::report().decisions, expected);
}

#[test]
fn the_same_text_at_another_address_is_the_same_file() {
    let _one = from_nothing();
    decide(1, true, FILE, 1);
    for _ in 0..100 {
        let copy = CString::new("exact.spl").unwrap();
        decide(1, false, copy.as_ptr(), 1);
        drop(copy);
    }
    decide(1, true, FILE, 1);
    assert_eq!(coverage::report().decisions, [row(1, "exact.spl", 1, 2, 100)]);
}

#[test]
fn no_file_and_the_empty_name_are_the_same() {
    let _one = from_nothing();
    let empty = CString::default();
    for file in [ptr::null(), c"".as_ptr(), empty.as_ptr(), ptr::null()] {
        decide(0, true, file, 0);
    }
    assert_eq!(coverage::report().decisions, [row(0, "", 0, 4, 0)]);
}

/// Files that share numbers, line and column: as literals never do, but names on the heap.
#[test]
fn many_files_with_the_same_numbers() {
    const FILES: u64 = 5000;
    const ROUNDS: u64 = 3;
    let _one = from_nothing();
    let names: Vec<_> =
        (0..FILES).map(|i| CString::new(format!("src/module_{i:05}.spl")).unwrap()).collect();
    for round in 0..ROUNDS {
        names.iter().for_each(|name| decide(0, round % 2 == 0, name.as_ptr(), 0));
    }
    // And all of them at one address.
    let mut buffer = [0; 64];
    for name in &names {
        let bytes = name.as_bytes_with_nul();
        buffer[..bytes.len()].copy_from_slice(bytes);
        decide(0, true, std::hint::black_box(&buffer).as_ptr().cast(), 0);
    }
    let rows = coverage::report().decisions;
    assert_eq!(rows.len(), names.len());
    for (row, name) in rows.iter().zip(&names) {
        assert_eq!(row.file.as_bytes(), name.as_bytes());
        assert_eq!((row.true_count, row.false_count), (3, 1));
    }
}
