//! Decisions and conditions as a process knows them: each once, for all threads.

use super::interner::{Interned, Interner, fold};
use super::ledger::{Account, Ledger, Place, Tally};
use super::numbers::Numbers;
use super::shortcuts::Shortcuts;
use super::site::FileName;
use super::text::Text;
use crate::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::ptr;

/// Maximum number of decisions, and of conditions, of a process that have counts of their own.
pub(super) const MAX_SITES: u32 = 1 << 22;

/// A decision or a condition.
///
/// Sites are distinguished by their name's *identity*, see [`Name`]. So one place in the source can
/// be several sites, which a report adds up.
#[derive(Debug)]
#[repr(C)]
pub(super) struct KnownSite {
    numbers: Numbers,
    name: usize,
    /// See [`KnownSite::group`]. Contains [`SURE`] if a name with this identity is certain to be
    /// this text, without reading it.
    group: AtomicU32,
    number: u32,
    place: Place,
    /// The file's name, owned by the process; null in [`NOWHERE`] only.
    text: *const Text,
}

// SAFETY: the text, which is shared between threads anyway, is only read.
unsafe impl Send for KnownSite {}
// SAFETY: as above; everything else is atomic, or never changes.
unsafe impl Sync for KnownSite {}

/// A site that is never found: a name's NUL would have to follow the last address.
pub(super) static NOWHERE: KnownSite = KnownSite {
    numbers: Numbers::new(0, 0, 0, 0),
    name: usize::MAX,
    group: AtomicU32::new(0),
    number: 0,
    place: Place::FIRST,
    text: ptr::null(),
};

const SURE: u32 = 1 << 31;

/// Upper limit of group numbers. A site's `group` from here on says that its decision is not among
/// the first groups, and gives the number of those.
pub(super) const NO_GROUP: u32 = 1 << 30;

/// The identification of the name of a site's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// By an address where the text never changes; 0 for no name.
    Fixed(usize),
    /// By an address where a text was, which is compared each time.
    At(usize),
    /// By the address of the process's one copy of a text, independent of the name's address.
    Copy(usize),
}

impl Name {
    /// Returns an address that is unique among names: a copy is not at the address of any name.
    fn identity(self) -> usize {
        match self {
            Self::Fixed(address) | Self::At(address) | Self::Copy(address) => address,
        }
    }

    fn sure(self) -> u32 {
        if matches!(self, Self::At(_)) { 0 } else { SURE }
    }
}

impl Interned for KnownSite {
    fn hash(&self) -> u64 {
        self.numbers.hash(self.name)
    }

    fn number(&self) -> u32 {
        self.number
    }
}

impl KnownSite {
    #[inline(always)]
    pub(super) fn is(&self, numbers: Numbers, name: usize) -> bool {
        self.numbers == numbers && self.name == name
    }

    pub(super) fn numbers(&self) -> Numbers {
        self.numbers
    }

    /// Returns the name's identity, see [`Name`].
    pub(super) fn name(&self) -> usize {
        self.name
    }

    /// Returns the number of the file's name in the process.
    fn text(&self) -> u32 {
        // SAFETY: null, or a text of the process, which lives as long as its sites.
        unsafe { self.text.as_ref() }.map_or(0, Interned::number)
    }

    /// True if this is the name of a site that was found by its address.
    #[inline(always)]
    pub(super) fn is_name(&self, file: FileName<'_>) -> bool {
        // SAFETY: a probe has found the site, so it has a text, which lives as long as the site. A
        // site is found by an address only where `Text::lives_at` has checked that address.
        self.is_sure() || unsafe { (*self.text).is_still(file) }
    }

    /// Returns the key of the site in a report.
    pub(super) fn key(&self) -> SiteKey {
        SiteKey { numbers: self.numbers, text: self.text() }
    }

    /// Returns the key of the decision's evaluations.
    pub(super) fn group_key(&self) -> GroupKey {
        GroupKey { decision: self.numbers.decision(), text: self.text() }
    }

    /// True if a name with the site's identity need not be compared.
    #[inline(always)]
    pub(super) fn is_sure(&self) -> bool {
        self.group.load(Ordering::Relaxed) >= SURE
    }

    /// Returns the number of the decision's group; or, with [`NO_GROUP`], the number from which on
    /// it may have one.
    #[inline(always)]
    pub(super) fn group(&self) -> u32 {
        self.group.load(Ordering::Relaxed) % SURE
    }

    /// True if a name need not be compared, and no group below `seen` is the decision's.
    #[inline(always)]
    pub(super) fn is_plain(&self, seen: Seen) -> bool {
        self.group.load(Ordering::Relaxed) >= seen.0
    }

    /// Stores the group, or the number from which on there may be one.
    pub(super) fn set_group(&self, group: u32) {
        let sure = self.group.load(Ordering::Relaxed) & SURE;
        self.group.store(group | sure, Ordering::Relaxed);
    }
}

/// The groups of which a thread has met conditions: those below a number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen(u32);

/// No group.
impl Default for Seen {
    fn default() -> Self {
        Self(SURE | NO_GROUP)
    }
}

impl Seen {
    /// True if the stored group information says that the group is none of these.
    #[inline(always)]
    pub(super) fn is_before(self, group: u32) -> bool {
        group >= self.0 % SURE
    }

    #[inline(always)]
    pub(super) fn add(&mut self, group: u32) {
        self.0 = self.0.max((SURE | NO_GROUP) + group + 1);
    }
}

/// A place in the source; the text is identified by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SiteKey {
    pub(super) numbers: Numbers,
    pub(super) text: u32,
}

pub(super) type Sites = Interner<KnownSite, ()>;

impl Sites {
    /// Returns the site, and adds it if the process does not know it; `None` if no more are kept,
    /// and if another text has a site at the name's address.
    pub(super) fn site(
        &self,
        numbers: Numbers,
        name: Name,
        text: &Text,
        group: u32,
    ) -> Option<&KnownSite> {
        let (identity, group) = (name.identity(), AtomicU32::new(group | name.sure()));
        let make = |_: &mut (), number| {
            Some(KnownSite {
                numbers,
                name: identity,
                group,
                number,
                place: Place::of(number),
                text,
            })
        };
        let site = self.intern(numbers.hash(identity), |site| site.is(numbers, identity), make)?;
        (site.text() == text.number()).then_some(site)
    }
}

/// The identity of a group: the decision's number and file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct GroupKey {
    pub(super) decision: u32,
    pub(super) text: u32,
}

impl GroupKey {
    fn hash(self) -> u64 {
        fold(self.decision.into(), self.text.into())
    }
}

/// All sites of one decision, whose evaluations they end. Only decisions with a condition have a
/// group.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) key: GroupKey,
    number: u32,
}

impl Interned for Group {
    fn hash(&self) -> u64 {
        self.key.hash()
    }

    fn number(&self) -> u32 {
        self.number
    }
}

pub(super) type Groups = Interner<Group, ()>;

impl Groups {
    /// Adds the group and returns its number; `None` if no more are kept.
    pub(super) fn add_group(&self, key: GroupKey) -> Option<u32> {
        let make = |_: &mut (), number| Some(Group { key, number });
        self.intern(key.hash(), |known| known.key == key, make).map(Interned::number)
    }

    /// Returns the value to store in a site of this group: its number, or [`NO_GROUP`] and more.
    pub(super) fn known(&self, key: GroupKey) -> u32 {
        let seen = self.len();
        let known = self.find(key.hash(), |known| known.key == key);
        known.map_or(NO_GROUP + seen, Interned::number)
    }
}

/// One thread's access to its tallies of all sites of one kind.
#[derive(Debug)]
pub(super) struct Page {
    /// The process's index when this thread last met a new site.
    slots: *const AtomicPtr<KnownSite>,
    mask: usize,
    /// Has room for all sites of the index.
    account: Account,
    shortcuts: Shortcuts,
    sites: &'static Sites,
    ledger: &'static Ledger,
}

impl Page {
    pub(super) fn new(sites: &'static Sites, ledger: &'static Ledger) -> Self {
        static EMPTY: AtomicPtr<KnownSite> = AtomicPtr::new(ptr::null_mut());
        let (account, shortcuts) = (Account::of(ledger), Shortcuts::new());
        Self { slots: &raw const EMPTY, mask: 0, account, shortcuts, sites, ledger }
    }

    /// Finds a site that this thread has come to, and its tally. `None` is inconclusive.
    #[inline(always)]
    pub(super) fn shortcut(
        &self,
        numbers: Numbers,
        name: usize,
    ) -> Option<(&'static KnownSite, &'static Tally)> {
        self.shortcuts.find(numbers, name)
    }

    /// Finds a site that existed when this thread last met a new one. `None` is inconclusive.
    #[inline(always)]
    pub(super) fn find(&self, numbers: Numbers, name: usize) -> Option<&'static KnownSite> {
        // SAFETY: an index of the process, which stays; the mask is less than its length.
        let slot = |at: usize| unsafe { &*self.slots.add(at & self.mask) }.load(Ordering::Acquire);
        let mut at = numbers.hash(name) as usize;
        let mut place = slot(at);
        loop {
            // SAFETY: NULL or a site of the process, which stays.
            let site = unsafe { place.as_ref() }?;
            if site.is(numbers, name) {
                return Some(site);
            }
            at = at.wrapping_add(1);
            place = slot(at);
        }
    }

    /// Returns the tally of a site that `find` has found; creates it if this thread has none.
    #[inline(always)]
    pub(super) fn tally(&mut self, site: &'static KnownSite) -> &'static Tally {
        // SAFETY: the ledger lives as long as the process, and there is room for all sites of
        // the index.
        let tally = match unsafe { self.account.find(site.place) } {
            Some(tally) => tally,
            None => self.open(site),
        };
        self.shortcuts.learn(site, tally);
        tally
    }

    #[cold]
    fn open(&mut self, site: &KnownSite) -> &'static Tally {
        let tally = self.account.open(self.ledger, site.place);
        self.shortcuts.grow(self.account.bytes());
        tally
    }

    /// Finds or adds a site, by the first of these names that is free for this text; `None` if no
    /// more are kept. Afterwards `find` finds it.
    pub(super) fn meet(
        &mut self,
        numbers: Numbers,
        names: [Name; 2],
        text: &'static Text,
        group: u32,
    ) -> Option<&'static KnownSite> {
        let mut sites = names.iter().map(|name| self.sites.site(numbers, *name, text, group));
        let site = sites.find_map(|site| site);
        if let Some(index) = self.sites.index() {
            self.slots = index.slots().as_ptr().cast();
            self.mask = index.slots().len() - 1;
            self.account.expect(index.slots().len() / 2);
        }
        site
    }
}
