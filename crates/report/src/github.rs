//! Annotations for GitHub's runners: the lines of `run --format github`.
//!
//! The syntax of workflow commands is GitHub's: `::error file=…,line=…,col=…,title=…::message`, with `%`, line ends and, in properties,
//! `:` and `,` percent-encoded.

use crate::{Broken, Outcome, Verdict};

/// One `::error` line for each thing that is wrong; nothing for a scenario that is ok. Each ends with a line end.
pub fn github(outcome: &Outcome) -> String {
    match &outcome.verdict {
        Verdict::Ok => String::new(),
        Verdict::Failed(broken) => broken.iter().map(|one| broken_line(outcome, one)).collect(),
        Verdict::Error(why) => line(
            &at(&outcome.scenario, None),
            "the scenario could not be run",
            why,
        ),
    }
}

fn broken_line(outcome: &Outcome, broken: &Broken) -> String {
    let place = match &broken.spot {
        Some(spot) => at(&spot.file, Some((spot.line, spot.column))),
        None => at(&outcome.scenario, None),
    };
    let message = format!("{} (seed {})", broken.how, outcome.seed);
    line(
        &place,
        &format!("{}: {}", outcome.name, broken.what),
        &message,
    )
}

fn at(file: &str, spot: Option<(usize, usize)>) -> String {
    let file = property(file);
    match spot {
        Some((line, column)) => format!("file={file},line={line},col={column}"),
        None => format!("file={file}"),
    }
}

fn line(place: &str, title: &str, message: &str) -> String {
    format!(
        "::error {place},title={}::{}\n",
        property(title),
        data(message)
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::examples;

    #[test]
    fn each_broken_thing_is_an_annotation_at_its_line() {
        let text = github(&examples::failed());
        assert_eq!(
            text.lines().collect::<Vec<_>>(),
            [
                "::error file=scenarios/5-produce/ghost.yaml,title=A ghost%2C 100 %25 sure%3A no-ghost::KIOSK-PS-101/A/00001 is in a hand, and D1 has not released op-1 (seed 1)",
                "::error file=scenarios/5-produce/ghost.yaml,line=12,col=7,title=A ghost%2C 100 %25 sure%3A customers.alice.card::expected taken, found captured (seed 1)",
            ]
        );
        assert_eq!(github(&examples::ok()), "");
        assert!(github(&examples::error()).starts_with("::error file=scenarios/endless.yaml,"));
    }

    #[test]
    fn a_line_end_stays_inside_its_line() {
        let mut outcome = examples::error();
        outcome.verdict = Verdict::Error("first\r\nsecond".to_owned());
        assert!(github(&outcome).ends_with("::first%0D%0Asecond\n"));
    }
}
