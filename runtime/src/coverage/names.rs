//! The names of files that a thread has seen, by their addresses.
//!
//! A cache with two places for each address, the newer first. A result has been compared, so
//! another text at the same address is not found; it is then searched by its text.

use super::site::FileName;
use super::text::Text;

/// Number of entries at first, and at most. The cache grows when names evict each other.
const FIRST: usize = 64;
const MOST: usize = 8192;

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// 0 if the entry is empty: no name is at that address.
    address: usize,
    text: *const Text,
}

const NONE: Entry = Entry { address: 0, text: std::ptr::null() };

/// A cache of names; see the module. The texts live as long as the process.
#[derive(Debug)]
pub(super) struct Names {
    /// A power of two in number; each pair of neighbours belongs together.
    entries: Box<[Entry]>,
    pushed_out: usize,
}

impl Names {
    pub(super) fn new() -> Self {
        Self { entries: [NONE; FIRST].into(), pushed_out: 0 }
    }

    fn home(&self, address: usize) -> usize {
        let product = (address as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (product >> 32) as usize & (self.entries.len() - 2)
    }

    /// Returns the address of the text of this name, if it was found here before and is still the
    /// same.
    #[inline(always)]
    pub(super) fn find(&self, name: FileName<'_>) -> Option<usize> {
        let address = name.as_ptr() as usize;
        let home = self.home(address);
        let entry = match &self.entries[home..home + 2] {
            _ if address == 0 => return None,
            [first, _] if first.address == address => first,
            [_, second] if second.address == address => second,
            _ => return None,
        };
        // SAFETY: the text of an entry with an address, which lives forever.
        let text = unsafe { &*entry.text };
        let is_same = if text.may_be_asked(name.as_ptr()) {
            // SAFETY: checked just now.
            unsafe { text.is_still(name) }
        } else {
            text.is(name)
        };
        is_same.then_some(entry.text as usize)
    }

    /// Records the text of this name.
    pub(super) fn learn(&mut self, name: FileName<'_>, text: &'static Text) {
        let address = name.as_ptr() as usize;
        let home = self.home(address);
        if self.entries[home].address != address {
            let pushed_out = self.entries[home + 1].address;
            self.entries[home + 1] = self.entries[home];
            if pushed_out != 0 && pushed_out != address {
                self.pushed_out += 1;
            }
        }
        self.entries[home] = Entry { address, text };
        if self.pushed_out > self.entries.len() && self.entries.len() < MOST {
            self.grow();
        }
    }

    fn grow(&mut self) {
        let more = vec![NONE; self.entries.len() * 2].into_boxed_slice();
        self.pushed_out = 0;
        for entry in std::mem::replace(&mut self.entries, more) {
            if entry.address != 0 {
                let home = self.home(entry.address);
                self.entries[home + 1] = self.entries[home];
                self.entries[home] = entry;
            }
        }
    }
}
