//! Colours by role. Plotters draws in marker colours that stand for roles; they are replaced
//! by classes, which the page's style sheet gives the colours of the theme.
//!
//! Alternatives get the colours of Okabe and Ito (Color Universal Design, 2008), which people
//! with any common colour vision tell apart, without yellow, which white paper swallows.
//! Colour is never alone: marker and dashes differ as well.

use plotters::style::RGBColor;

/// Number of colours for alternatives.
pub(super) const COLOURS: usize = 7;

/// Role of a painted thing, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    /// The nth alternative.
    Series(usize),
    /// The same, as a dashed line: a peer.
    Dashed(usize),
    /// Text, and what marks winners.
    Ink,
    /// Text that steps back.
    Muted,
    /// Lines behind.
    Grid,
    /// The ground, to cover what is beneath.
    Ground,
}

const SERIES: u8 = 0xF1;
const DASHED: u8 = 0xF2;
const ROLE: u8 = 0xF3;

impl Paint {
    /// The marker colour.
    pub(super) fn colour(self) -> RGBColor {
        match self {
            Self::Series(n) => RGBColor(SERIES, 0x0A, (n % COLOURS) as u8),
            Self::Dashed(n) => RGBColor(DASHED, 0x0A, (n % COLOURS) as u8),
            Self::Ink => RGBColor(ROLE, 0x0A, 0),
            Self::Muted => RGBColor(ROLE, 0x0A, 1),
            Self::Grid => RGBColor(ROLE, 0x0A, 2),
            Self::Ground => RGBColor(ROLE, 0x0A, 3),
        }
    }
}

/// Replaces marker colours in attributes by classes: `stroke="#F10A02"` by `class="k2"`.
/// Only attributes hold `="#`: in texts, plotters writes a quotation mark as an entity.
pub(super) fn with_classes(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some(at) = rest.find("=\"#F") {
        let (before, after) = rest.split_at(at);
        let colour = after.get(3..9).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        let (head, attribute) = match before.rfind(' ') {
            Some(space) => before.split_at(space + 1),
            None => (before, ""),
        };
        match colour.and_then(|colour| class(attribute, colour)) {
            Some(class) => out.push_str(&format!("{head}class=\"{class}\"")),
            None => out.push_str(&format!("{before}{}", &after[..10])),
        }
        rest = &after[10..];
    }
    out.push_str(rest);
    out.replace(" opacity=\"1\"", "").replace(" font-family=\"sans-serif\"", "")
}

fn class(attribute: &str, colour: u32) -> Option<String> {
    let kind = match attribute {
        "fill" => 'f',
        "stroke" => 'k',
        _ => return None,
    };
    let [_, kind_of_paint, mark, n] = colour.to_be_bytes();
    match (kind_of_paint, mark) {
        (SERIES, 0x0A) => Some(format!("{kind}{n}")),
        (DASHED, 0x0A) => Some(format!("{kind}{n} d")),
        (ROLE, 0x0A) => Some(format!("{kind}{}", ["i", "m", "g", "b"].get(usize::from(n))?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::with_classes;

    #[test]
    fn marker_colours_become_classes_and_nothing_else_changes() {
        assert_eq!(
            with_classes(r##"<a opacity="1" fill="none" stroke="#F10A02"/><b fill="#F30A00">x"##),
            r#"<a fill="none" class="k2"/><b class="fi">x"#
        );
        assert_eq!(with_classes(r##"<a stroke="#F20A00"/>"##), r#"<a class="k0 d"/>"#);
        assert_eq!(with_classes(r##"<a stroke="#FFFFFF"/>é"##), r##"<a stroke="#FFFFFF"/>é"##);
    }
}
