//! Markdown for a receiver with a limit.

/// Returns the first lines of a text that fit into `most_bytes`, with a sentence that says how
/// much is missing; the text itself if all of it fits.
pub fn shortened(text: String, most_bytes: usize) -> String {
    if text.len() <= most_bytes {
        return text;
    }
    let all = text.lines().count();
    let word = |left_out: usize| {
        format!(
            "\n> **Cut here**: {left_out} of {all} lines have no room. The report of `just report` \
             has all of it.\n"
        )
    };
    let mut room = most_bytes.saturating_sub(word(all).len());
    let fits = |line: &&str| {
        let rest = room.checked_sub(line.len());
        room = rest.unwrap_or(0);
        rest.is_some()
    };
    let lines: Vec<&str> = text.split_inclusive('\n').take_while(fits).collect();
    lines.concat() + &word(all - lines.len())
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn what_has_no_room_is_said() {
        let text: String = (0..100).map(|row| format!("| {row} | a |\n")).collect();
        assert_eq!(shortened(text.clone(), text.len()), text);
        let cut = shortened(text.clone(), 400);
        assert!(cut.len() <= 400 && cut.len() > 300, "{}", cut.len());
        assert!(text.starts_with(cut.split_once("\n\n>").unwrap().0));
        let rows = cut.matches("| a |").count();
        assert!(
            cut.ends_with(&format!(
                "{} of 100 lines have no room. The report of `just report` has all of it.\n",
                100 - rows
            )),
            "{cut}"
        );
        // A single line without an end.
        assert!(shortened("a".repeat(5000), 300).contains("1 of 1 lines"));
    }
}
