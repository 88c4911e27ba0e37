//! Text in pictures, which are XML.

/// Replaces a character that XML does not allow, not even escaped.
const REPLACEMENT: char = '\u{FFFD}';

/// Escapes text for use between tags and in attributes.
pub(crate) fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    well_formed(&text.replace('"', "&quot;"))
}

/// Replaces characters that XML 1.0 does not allow (its production 2): names of functions and
/// threads may contain anything.
pub(crate) fn well_formed(document: &str) -> String {
    document.chars().map(|c| if is_allowed(c) { c } else { REPLACEMENT }).collect()
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_does_not_allow_are_replaced() {
        assert_eq!(
            well_formed("a\tb\n\u{1}\u{1b}[31m\u{7}\u{c}\0"),
            "a\tb\n\u{FFFD}\u{FFFD}[31m\u{FFFD}\u{FFFD}\u{FFFD}"
        );
        assert_eq!(
            well_formed("\u{FFFE}\u{FFFF}\u{FFFD}\u{10000}é"),
            "\u{FFFD}\u{FFFD}\u{FFFD}\u{10000}é"
        );
        assert_eq!(escaped("<a \"b\" & 'c'\u{1b}>"), "&lt;a &quot;b&quot; &amp; 'c'\u{FFFD}&gt;");
    }
}
