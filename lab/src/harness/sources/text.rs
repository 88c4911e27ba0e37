//! Text that looks like a program's, to whoever counts its words.

use super::quantile::draw;

/// Letters of a word, as measured of the sources that [`tree`](super::tree) is shaped after.
const WORDS: [(f64, f64); 9] = [
    (0.0, 1.0),
    (0.1, 1.0),
    (0.25, 2.0),
    (0.5, 4.0),
    (0.75, 8.0),
    (0.9, 16.0),
    (0.95, 24.0),
    (0.99, 39.0),
    (1.0, 60.0),
];
/// Words of a line that is not empty.
const WORDS_OF_LINE: [(f64, f64); 7] =
    [(0.0, 1.0), (0.25, 1.0), (0.5, 3.0), (0.75, 6.0), (0.9, 8.0), (0.95, 12.0), (1.0, 16.0)];
/// Steps of indentation, each as often as the others.
const INDENTATIONS: [&str; 8] =
    ["", "", "", "    ", "    ", "        ", "        ", "            "];
/// One line in this many is empty.
const EMPTY: u32 = 15;
const LETTERS: &[u8] = b"etaoinsrlducmpfghbvwykxeeetttaaooiinnssrr__::.,;(){}&<>=\"#";

/// Text of this length; the same for the same seed.
pub(super) fn text(len_bytes: usize, seed: u64) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut text = Vec::with_capacity(len_bytes + 1024);
    while text.len() < len_bytes {
        line(&mut text, &mut random);
    }
    text.truncate(len_bytes);
    if let Some(last) = text.last_mut() {
        *last = b'\n';
    }
    text
}

fn line(text: &mut Vec<u8>, random: &mut fastrand::Rng) {
    if random.u32(..EMPTY) > 0 {
        let indentation = INDENTATIONS[random.usize(..INDENTATIONS.len())];
        text.extend_from_slice(indentation.as_bytes());
        for word in 0..draw(&WORDS_OF_LINE, random) {
            if word > 0 {
                text.push(b' ');
            }
            let letters = draw(&WORDS, random);
            text.extend((0..letters).map(|_| LETTERS[random.usize(..LETTERS.len())]));
        }
    }
    text.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_lines_are_as_long_as_in_real_sources() {
        let text = text(1 << 20, 7);
        assert_eq!(text.len(), 1 << 20);
        let words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
        let lines = text.iter().filter(|byte| **byte == b'\n').count();
        // Measured: 9.8 and 32.
        assert!((8..12).contains(&(text.len() / words)), "{words} words");
        assert!((26..40).contains(&(text.len() / lines)), "{lines} lines");
    }
}
