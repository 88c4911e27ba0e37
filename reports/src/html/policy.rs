//! The content security policy: the page runs only its own script and style, whatever a record
//! contains. A second line of defence behind escaping.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Pictures beside a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pictures {
    /// None.
    Absent,
    /// Some.
    Beside,
}

impl Pictures {
    /// Pictures if any file is beside the page.
    pub(super) fn of<T>(files: &[T]) -> Self {
        if files.is_empty() { Self::Absent } else { Self::Beside }
    }

    fn source(self) -> &'static str {
        match self {
            Self::Absent => "",
            Self::Beside => "img-src 'self' file:; ",
        }
    }
}

/// The policy for a page with this style and this script (CSP level 3, hash sources), and
/// perhaps with pictures beside it. A page that was opened from a folder has no origin that its
/// pictures could share, hence `file:`.
pub(super) fn policy(style: &str, script: &str, pictures: Pictures) -> String {
    let pictures = pictures.source();
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; {pictures}\
         base-uri 'none'; form-action 'none'",
        hash(style),
        hash(script)
    )
}

/// The policy for a page with this style and no script, and perhaps with pictures beside it.
pub(super) fn policy_without_script(style: &str, pictures: Pictures) -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; {}base-uri 'none'; form-action 'none'",
        hash(style),
        pictures.source()
    )
}

fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    /// The example of the specification: `alert('Hello, world.');`.
    #[test]
    fn hashes_as_the_specification_does() {
        let hash = super::hash("alert('Hello, world.');");
        assert_eq!(hash, "qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
    }
}
