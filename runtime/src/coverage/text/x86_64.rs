//! Comparison of texts in pieces of up to sixteen bytes.

use super::{FileName, Text};
use std::arch::asm;
use std::hint::cold_path;

/// The minimum size of a page.
const PAGE_BYTES: usize = 4096;
const ALL_EQUAL: u32 = 0xffff;

#[derive(Debug, Default)]
#[repr(C, align(16))]
struct Piece([u8; 16]);

impl Piece {
    /// Joins the two parts, which fit.
    fn new(first: &[u8], last: &[u8]) -> Self {
        let mut piece = Self::default();
        piece.0[..first.len()].copy_from_slice(first);
        piece.0[first.len()..][..last.len()].copy_from_slice(last);
        piece
    }
}

/// A text of 4 to 64 bytes in the form in which it is compared: the first and the last 16, 8 or 4
/// bytes, which may overlap; if they leave a gap, also the 16 after the first and the 16 before the
/// last.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Pieces {
    /// First, last, second, last but one; or the two smaller ones in one.
    pieces: [Piece; 4],
    /// The offset of the last piece.
    last_at: usize,
    // In the order in which they are checked: texts of usual lengths are decided early.
    are_sixteen: bool,
    have_gap: bool,
    are_eight: bool,
}

impl Pieces {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let size = match bytes.len() {
            ..4 => 0,
            4..8 => 4,
            8..16 => 8,
            16.. => 16,
        };
        let (last_at, have_gap) = (bytes.len() - size, bytes.len() > 32);
        let (first, last) = (&bytes[..size], &bytes[last_at..]);
        let inner = |at: usize| if have_gap { &bytes[at..at + 16] } else { &[] };
        let pieces = if size == 16 {
            [first, last, inner(16), inner(last_at.wrapping_sub(16))]
                .map(|bytes| Piece::new(bytes, &[]))
        } else {
            [Piece::new(first, last), Piece::default(), Piece::default(), Piece::default()]
        };
        let are_sixteen = size == 16 && !have_gap;
        Self { pieces, last_at, are_sixteen, have_gap, are_eight: size == 8 }
    }
}

pub(super) fn may_be_asked(address: usize, size_bytes: usize) -> bool {
    (4..=64).contains(&size_bytes) && address % PAGE_BYTES + size_bytes <= PAGE_BYTES
}

/// Compares pieces at `name` with those at `known`, all with the same instructions; the result has
/// a bit for each byte that is equal.
macro_rules! equal {
    ($text:ident, $name:ident, $($instruction:literal),+) => {{
        let equal: u32;
        asm!(
            $($instruction,)+
            "pmovmskb {equal:e}, {a}",
            a = out(xmm_reg) _,
            b = out(xmm_reg) _,
            name = in(reg) $name,
            last_at = in(reg) $text.last_at,
            known = in(reg) $text.pieces.as_ptr(),
            equal = lateout(reg) equal,
            options(pure, readonly, nostack, preserves_flags),
        );
        equal == ALL_EQUAL
    }};
}

/// # Safety
///
/// `may_be_asked` is true for the name's address.
#[inline(always)]
pub(super) unsafe fn is_still(text: &Text, name: FileName<'_>) -> bool {
    let (text, name) = (&text.pieces, name.as_ptr());
    // SAFETY: all reads are of bytes of the name before `size_bytes`, and at this address they are
    // in one page, in which the name begins. The pieces are aligned, and SSE2 is part of x86-64.
    unsafe {
        if !text.are_sixteen {
            // Only for the position of the code.
            cold_path();
        }
        if text.are_sixteen {
            equal!(
                text,
                name,
                "movdqu {a}, xmmword ptr [{name}]",
                "movdqu {b}, xmmword ptr [{name} + {last_at}]",
                "pcmpeqb {a}, xmmword ptr [{known}]",
                "pcmpeqb {b}, xmmword ptr [{known} + 16]",
                "pand {a}, {b}"
            )
        } else if text.have_gap {
            equal!(
                text,
                name,
                "movdqu {a}, xmmword ptr [{name}]",
                "movdqu {b}, xmmword ptr [{name} + {last_at}]",
                "pcmpeqb {a}, xmmword ptr [{known}]",
                "pcmpeqb {b}, xmmword ptr [{known} + 16]",
                "pand {a}, {b}",
                "movdqu {b}, xmmword ptr [{name} + 16]",
                "pcmpeqb {b}, xmmword ptr [{known} + 32]",
                "pand {a}, {b}",
                "movdqu {b}, xmmword ptr [{name} + {last_at} - 16]",
                "pcmpeqb {b}, xmmword ptr [{known} + 48]",
                "pand {a}, {b}"
            )
        } else if text.are_eight {
            equal!(
                text,
                name,
                "movq {a}, qword ptr [{name}]",
                "movq {b}, qword ptr [{name} + {last_at}]",
                "punpcklqdq {a}, {b}",
                "pcmpeqb {a}, xmmword ptr [{known}]"
            )
        } else {
            equal!(
                text,
                name,
                "movd {a}, dword ptr [{name}]",
                "movd {b}, dword ptr [{name} + {last_at}]",
                "punpckldq {a}, {b}",
                "pcmpeqb {a}, xmmword ptr [{known}]"
            )
        }
    }
}
