//! Warnings about the machine, in sentences.

use super::LeftOut;
use simple_records::Fingerprint;

/// The only governor that does not change clocks by itself.
const STEADY: &str = "performance";

/// Advice about a governor that changes clocks; `None` if it does not, or is unknown.
pub(super) fn governor(machine: &Fingerprint) -> Option<String> {
    let governor = machine.frequency_governor.as_deref().filter(|name| *name != STEADY)?;
    Some(format!(
        "the frequency governor is {governor}, which changes clocks during measurements: set it \
         to {STEADY} (`sudo cpupower frequency-set --governor {STEADY}`) and measure again"
    ))
}

/// One sentence for all rounds that are left out; `None` if none is.
pub fn left_out(rounds: &[LeftOut]) -> Option<String> {
    let mut comparisons: Vec<(&str, Vec<String>)> = Vec::new();
    for round in rounds {
        let number = (u64::from(round.round) + 1).to_string();
        match comparisons.iter_mut().find(|(id, _)| *id == round.comparison) {
            Some((_, numbers)) => numbers.push(number),
            None => comparisons.push((&round.comparison, vec![number])),
        }
    }
    let named = comparisons.iter().map(|(id, numbers)| {
        let rounds = if numbers.len() == 1 { "round" } else { "rounds" };
        format!("{id} ({rounds} {})", numbers.join(", "))
    });
    let named = named.collect::<Vec<_>>().join(", ");
    (!named.is_empty()).then(|| {
        format!(
            "rounds are left out because the machine was in another regime (its host moved the \
             processors, or other programs ran); where fewer than five are left, nothing is \
             decided: {named}"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::WhyLeftOut;

    #[test]
    fn a_governor_that_changes_clocks_is_named_with_what_to_do() {
        let with = |name: &str| Fingerprint {
            frequency_governor: Some(name.to_owned()),
            ..Fingerprint::default()
        };
        assert!(governor(&with("powersave")).unwrap().contains("is powersave"));
        assert_eq!(governor(&with("performance")), None);
        assert_eq!(governor(&Fingerprint::default()), None);
    }

    #[test]
    fn rounds_that_are_left_out_are_named_by_comparison() {
        let round = |comparison: &str, round| LeftOut {
            comparison: comparison.to_owned(),
            round,
            line_move_ns: [60.0, 280.0],
            why: WhyLeftOut::Changed,
        };
        let said = left_out(&[round("a", 0), round("a", 2), round("b", 4)]).unwrap();
        assert!(said.ends_with(": a (rounds 1, 3), b (round 5)"), "{said}");
        assert_eq!(left_out(&[]), None);
    }
}
