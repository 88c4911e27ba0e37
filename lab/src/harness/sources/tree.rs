//! The shape of the generated tree: which files, in which folders, of which size.
//!
//! It is that of real sources: of the 16,026 Rust files, 228 MB, below `src` of 427 packages as
//! cargo unpacks them. All tables below are what was measured there.

use super::quantile::{Quantiles, at, draw};
use std::collections::HashSet;
use std::path::PathBuf;

/// Files of the tree. With these sizes they have about 4 MB together: an iteration over all of
/// them stays short.
const FILES: usize = 300;
/// Seed of the tree.
const SEED: u64 = 1;

/// Sizes of files in bytes. The largest one in a thousand, up to 1.5 MB, are left out.
const SIZES: [(f64, f64); 11] = [
    (0.0, 18.0),
    (0.05, 138.0),
    (0.1, 332.0),
    (0.25, 1093.0),
    (0.5, 3831.0),
    (0.75, 10_944.0),
    (0.9, 32_904.0),
    (0.95, 63_677.0),
    (0.99, 181_330.0),
    (0.999, 353_259.0),
    (1.0, 353_259.0),
];
/// Files of a folder that has any.
const FILES_OF_FOLDER: [(f64, f64); 9] = [
    (0.0, 1.0),
    (0.35, 1.0),
    (0.5, 2.0),
    (0.7, 4.0),
    (0.8, 6.0),
    (0.9, 11.0),
    (0.95, 17.0),
    (0.99, 37.0),
    (1.0, 48.0),
];
/// Letters of a file's name, without `.rs`.
const STEMS: [(f64, f64); 8] = [
    (0.0, 1.0),
    (0.05, 3.0),
    (0.25, 4.0),
    (0.5, 7.0),
    (0.75, 12.0),
    (0.9, 21.0),
    (0.99, 36.0),
    (1.0, 47.0),
];
/// Letters of a folder's name.
const FOLDERS: [(f64, f64); 7] =
    [(0.0, 2.0), (0.25, 4.0), (0.5, 6.0), (0.75, 8.0), (0.9, 11.0), (0.99, 20.0), (1.0, 34.0)];
/// Letters of a package's name, with its version.
const PACKAGES: [(f64, f64); 6] =
    [(0.0, 8.0), (0.05, 10.0), (0.25, 13.0), (0.5, 15.0), (0.75, 19.0), (1.0, 25.0)];
/// Files with no more folders above them than this, counted from the package's folder on.
const DEPTHS: [(f64, usize); 7] =
    [(0.317, 2), (0.794, 3), (0.903, 4), (0.955, 5), (0.981, 6), (0.992, 7), (1.0, 8)];

/// A file of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// Its path in the tree.
    pub(super) path: PathBuf,
    pub(super) len_bytes: usize,
}

/// All files of the tree: the same each time.
pub(super) fn tree() -> Vec<Source> {
    let mut random = fastrand::Rng::with_seed(SEED);
    let share = |index| (index as f64 + 0.5) / FILES as f64;
    let mut sizes: Vec<_> = (0..FILES).map(|index| at(&SIZES, share(index))).collect();
    random.shuffle(&mut sizes);
    let mut names = Names { random, used: HashSet::new() };
    let mut folders: Vec<PathBuf> = Vec::new();
    let mut sources = Vec::new();
    while sources.len() < FILES {
        let folder = names.folder(&folders);
        let count = draw(&FILES_OF_FOLDER, &mut names.random);
        for len_bytes in sizes.split_off(sizes.len().saturating_sub(count)) {
            let path = names.unused(&folder, &STEMS, ".rs");
            sources.push(Source { path, len_bytes });
        }
        folders.push(folder);
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

/// Names that are not yet used.
struct Names {
    random: fastrand::Rng,
    used: HashSet<PathBuf>,
}

impl Names {
    /// A new folder for files: in a folder that is there, or the first one of a package.
    fn folder(&mut self, folders: &[PathBuf]) -> PathBuf {
        let share = self.random.f64();
        let depth = DEPTHS.iter().find(|(below, _)| share < *below).map_or(2, |(_, depth)| *depth);
        let above: Vec<_> = folders.iter().filter(|it| it.iter().count() + 1 == depth).collect();
        match self.random.choice(above) {
            Some(above) => self.unused(above, &FOLDERS, ""),
            None => self.unused(&PathBuf::new(), &PACKAGES, "").join("src"),
        }
    }

    fn unused(&mut self, folder: &std::path::Path, lengths: &Quantiles, ending: &str) -> PathBuf {
        loop {
            let length = draw(lengths, &mut self.random);
            let name: String = (0..length).map(|_| self.random.lowercase()).collect();
            let path = folder.join(name + ending);
            if self.used.insert(path.clone()) {
                return path;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values at these shares lie within a factor of the measured ones.
    fn is_like(mut values: Vec<usize>, measured: &[(f64, usize)]) {
        values.sort_unstable();
        for (share, expected) in measured {
            let is = values[(share * values.len() as f64) as usize] as f64;
            let factor = is / *expected as f64;
            assert!((0.6..1.7).contains(&factor), "{share}: {is}, not {expected}");
        }
    }

    #[test]
    fn its_shape_is_that_of_real_sources() {
        let sources = tree();
        let sizes: Vec<_> = sources.iter().map(|source| source.len_bytes).collect();
        let total: usize = sizes.iter().sum();
        assert!((3_500_000..4_700_000).contains(&total), "{total}");
        is_like(sizes, &[(0.25, 1093), (0.5, 3831), (0.9, 32_904), (0.99, 181_330)]);
        let stem = |source: &Source| source.path.file_stem().unwrap().len();
        is_like(sources.iter().map(stem).collect(), &[(0.25, 4), (0.5, 7), (0.9, 21)]);
        let above = |source: &Source| source.path.iter().count() - 1;
        is_like(sources.iter().map(above).collect(), &[(0.1, 2), (0.5, 3), (0.9, 4)]);
        let folders: HashSet<_> = sources.iter().map(|source| source.path.parent()).collect();
        assert!((40..90).contains(&folders.len()), "{}", folders.len());
    }

    #[test]
    fn no_two_files_have_the_same_path() {
        let sources = tree();
        assert_eq!(sources.len(), FILES);
        assert!(sources.windows(2).all(|pair| pair[0].path < pair[1].path));
    }
}
