//! Agreement of runs in words.

use super::number::duration;
use super::phrase::{no_difference, ratio};
use crate::analysis::{Agreement, Answer, Answered, PairAnswers};
use std::fmt::Write;
use std::time::Duration;

/// The number of questions that each run settles, and each pair of alternatives about which two runs
/// contradict each other, with the verdict of every run on it.
pub fn agreement(agreement: &Agreement) -> String {
    let mut out = String::new();
    let written = write(&mut out, agreement);
    debug_assert!(written.is_ok(), "a string takes any text");
    out
}

fn write(out: &mut String, agreement: &Agreement) -> std::fmt::Result {
    for Answered { run, questions, answered, elapsed_s } in &agreement.runs {
        let time = elapsed_s.map_or("broke off".to_owned(), |s| duration(Duration::from_secs(s)));
        writeln!(out, "{run}: {answered} of {questions} questions answered, {time}")?;
    }
    let (compared, contradictions) =
        (agreement.comparable().count(), agreement.contradictions().count());
    let number = match contradictions {
        _ if compared == 0 => {
            "the runs have nothing in common to be held against each other".to_owned()
        }
        0 => "no two runs contradict each other".to_owned(),
        some => format!("runs contradict each other about {some}"),
    };
    writeln!(out, "Pairs of alternatives that two runs or more answer: {compared}; {number}.")?;
    for PairAnswers { one, other, answers } in agreement.contradictions() {
        writeln!(out, "\n{one} or {other}:")?;
        for (Answered { run, .. }, answer) in agreement.runs.iter().zip(answers) {
            writeln!(out, "  {run}: {}", in_words(*answer, one, other))?;
        }
    }
    Ok(())
}

fn in_words(answer: Answer, one: &str, other: &str) -> String {
    match answer {
        Answer::Apart(times) if times.median > 1.0 => format!("{one} is {} faster", ratio(&times)),
        Answer::Apart(times) => format!("{other} is {} faster", ratio(&times.inverse())),
        Answer::Same { at_most } => no_difference(at_most),
        Answer::Depends => "it depends on the state of the machine".to_owned(),
        Answer::Open => "open".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Interval, Ratio};

    #[test]
    fn contradictions_are_listed_with_what_each_run_says() {
        let run = |run: &str, answered| Answered {
            run: run.to_owned(),
            questions: 3,
            answered,
            elapsed_s: (answered > 1).then_some(360),
        };
        let apart = |low, median, high| {
            let interval = Some(Interval { low, high, coverage: 0.99 });
            Answer::Apart(Ratio { median, interval, rounds: 10 })
        };
        let pair = |one: &str, answers: &[Answer]| PairAnswers {
            one: one.to_owned(),
            other: "b".to_owned(),
            answers: answers.to_vec(),
        };
        let text = agreement(&Agreement {
            runs: vec![run("first", 3), run("second", 2), run("third", 1)],
            pairs: vec![
                pair("a", &[apart(1.1, 1.2, 1.3), apart(0.8, 0.9, 0.95), Answer::Open]),
                pair(
                    "c",
                    &[Answer::Same { at_most: 0.03 }, Answer::Same { at_most: 0.04 }, Answer::Open],
                ),
                pair("d", &[apart(1.1, 1.2, 1.3), Answer::Open, Answer::Depends]),
            ],
        });
        assert_eq!(
            text,
            "first: 3 of 3 questions answered, 6 min\n\
             second: 2 of 3 questions answered, 6 min\n\
             third: 1 of 3 questions answered, broke off\n\
             Pairs of alternatives that two runs or more answer: 2; runs contradict each other about 1.\n\
             \n\
             a or b:\n  \
             first: a is 1.20x [1.10, 1.30] faster\n  \
             second: b is 1.11x [1.05, 1.25] faster\n  \
             third: open\n"
        );
    }
}
