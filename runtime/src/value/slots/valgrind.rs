//! Tells valgrind of objects, so that it reports those that are lost, and uses of dead ones.
//!
//! Memcheck knows of `malloc`, and of other allocators what they tell it, by instructions that
//! do nothing elsewhere (valgrind.h, memcheck.h). Slots go through here one at a time where
//! memcheck runs, and never where it does not.

use super::Class;
use std::ptr::NonNull;

const MALLOCLIKE_BLOCK: u64 = 0x1301;
const FREELIKE_BLOCK: u64 = 0x1302;
/// Memcheck's own: `'M' << 24 | 'C' << 16 | 2`.
const MAKE_MEM_DEFINED: u64 = 0x4d43_0002;
/// What may be read of a dead slot: its state, and the links of lists.
const READABLE_BYTES: u64 = 32;

/// Whether the process runs under memcheck: no other tool answers its requests. Tools that count
/// see the way that slots go without valgrind.
pub(super) fn is_running() -> bool {
    let nothing = 0;
    request([MAKE_MEM_DEFINED, nothing, 0, 0, 0, 0]) != 0
}

/// A slot has become an object.
pub(super) fn made(slot: NonNull<u8>, class: Class) {
    let address = slot.addr().get() as u64;
    request([MALLOCLIKE_BLOCK, address, class.bytes() as u64, 0, 0, 0]);
    request([MAKE_MEM_DEFINED, address, 8, 0, 0, 0]);
}

/// An object is dead.
pub(super) fn freed(slot: NonNull<u8>) {
    let address = slot.addr().get() as u64;
    request([FREELIKE_BLOCK, address, 0, 0, 0, 0]);
    request([MAKE_MEM_DEFINED, address, READABLE_BYTES, 0, 0, 0]);
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
fn request(arguments: [u64; 6]) -> u64 {
    let result: u64;
    // SAFETY: rotations that add up to none, and an exchange of a register with itself. Under
    // valgrind it reads the arguments, and writes nothing but `rdx`.
    unsafe {
        std::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            inout("rdx") 0_u64 => result,
            in("rax") &raw const arguments,
            inout("rdi") 0_u64 => _,
            options(nostack),
        );
    }
    result
}

#[cfg(not(all(target_arch = "x86_64", not(miri))))]
fn request(_arguments: [u64; 6]) -> u64 {
    0
}
