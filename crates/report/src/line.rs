//! One line a scenario, for runs of many.

use std::time::Duration;

use persotwin_kernel::Moment;

use crate::style::{Tone, tame, wrapped};
use crate::{Outcome, Style, Verdict};

/// `ok      scenarios/journeys/happy-path.yaml       0:37.650`, and what is broken behind it.
pub fn one_line(outcome: &Outcome, style: &Style) -> String {
    let tone = match outcome.verdict {
        Verdict::Ok => Tone::Good,
        Verdict::Failed(_) | Verdict::Error(_) => Tone::Bad,
    };
    let took = (Moment::START + outcome.virtual_time).to_string();
    let verdict = format!("{:<6}", outcome.verdict.word());
    let path_width = style
        .columns()
        .saturating_sub(verdict.len() + took.len() + 4);
    let path = tame(&outcome.scenario);
    let mut line = format!(
        "{}  {path:<path_width$}  {}",
        style.paint(tone, &verdict),
        style.paint(Tone::Quiet, &took)
    );
    let why: Vec<String> = match &outcome.verdict {
        Verdict::Ok => Vec::new(),
        Verdict::Failed(broken) => broken
            .iter()
            .map(|broken| format!("{}: {}", broken.what, broken.how))
            .collect(),
        Verdict::Error(why) => vec![why.clone()],
    };
    for reason in why {
        let parts = wrapped(&tame(&reason), style.columns() - 10);
        for (index, part) in parts.iter().enumerate() {
            let indent = if index == 0 { 8 } else { 10 };
            line.extend(["\n", &" ".repeat(indent), part]);
        }
    }
    line
}

/// The last line of a run of many: `150 scenarios: 149 ok, 1 failed, in 1.2 s`.
pub fn summary(outcomes: &[Outcome], wall: Duration) -> String {
    let count = |word: &str| {
        outcomes
            .iter()
            .filter(|outcome| outcome.verdict.word() == word)
            .count()
    };
    let words: Vec<String> = ["ok", "failed", "error"]
        .iter()
        .map(|word| (word, count(word)))
        .filter(|(word, count)| **word == "ok" || *count > 0)
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    let noun = if outcomes.len() == 1 {
        "scenario"
    } else {
        "scenarios"
    };
    format!(
        "{} {noun}: {}, in {:.1} s",
        outcomes.len(),
        words.join(", "),
        wall.as_secs_f64()
    )
}

/// The command that repeats a run: the last line of a failure. `wire` is the value of `--wire`.
pub fn repeat(scenario: &str, seed: u64, wire: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let quoted = if !scenario.is_empty() && scenario.chars().all(plain) {
        scenario.to_owned()
    } else {
        format!("'{}'", scenario.replace('\'', r"'\''"))
    };
    format!("persotwin run {quoted} --seed {seed} --wire {wire}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::examples;

    #[test]
    fn one_line_fits_the_width() {
        let line = one_line(&examples::ok(), &Style::default());
        assert_eq!(
            line,
            "ok      scenarios/journeys/happy-path.yaml                              0:37.650"
        );
        assert_eq!(line.chars().count(), 80);
    }

    #[test]
    fn a_failure_says_what_is_broken() {
        let line = one_line(&examples::failed(), &Style::default());
        assert_eq!(
            line.lines().skip(1).collect::<Vec<_>>(),
            [
                "        no-ghost: KIOSK-PS-101/A/00001 is in a hand, and D1 has not released",
                "          op-1",
                "        customers.alice.card: expected taken, found captured",
            ]
        );
    }

    #[test]
    fn a_summary_counts_what_there_is() {
        let all = [examples::ok(), examples::failed(), examples::error()];
        let wall = Duration::from_millis(1234);
        assert_eq!(
            summary(&all, wall),
            "3 scenarios: 1 ok, 1 failed, 1 error, in 1.2 s"
        );
        assert_eq!(summary(&all[..1], wall), "1 scenario: 1 ok, in 1.2 s");
    }

    #[test]
    fn a_path_with_blanks_is_quoted() {
        assert_eq!(
            repeat("my scenarios/it's.yaml", 7, "loopback"),
            r"persotwin run 'my scenarios/it'\''s.yaml' --seed 7 --wire loopback"
        );
    }
}
