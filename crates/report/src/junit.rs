//! JUnit XML, as CI systems read it.

use quick_junit::{
    NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite,
};

use crate::{Broken, Outcome, Verdict};

/// The XML could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the JUnit report could not be written as XML")]
pub struct JunitError(#[from] SerializeError);

/// One suite, one test case a scenario: its time is wall time; virtual time and seed are properties. Several broken laws or expectations
/// are one failure, whose text lists them all.
pub fn junit(outcomes: &[Outcome]) -> Result<String, JunitError> {
    let mut suite = TestSuite::new("persotwin");
    suite.add_test_cases(outcomes.iter().map(case));
    suite.set_time(outcomes.iter().map(|outcome| outcome.wall).sum());
    let mut report = Report::new("persotwin");
    report.add_test_suite(suite);
    Ok(report.to_string()?)
}

fn case(outcome: &Outcome) -> TestCase {
    let mut case = TestCase::new(outcome.scenario.as_str(), status(&outcome.verdict));
    case.set_classname(outcome.name.as_str());
    case.set_time(outcome.wall);
    case.add_property(Property::new("seed", outcome.seed.to_string()));
    let virtual_ms = outcome.virtual_time.as_millis().to_string();
    case.add_property(Property::new("virtual_ms", virtual_ms));
    case
}

fn status(verdict: &Verdict) -> TestCaseStatus {
    match verdict {
        Verdict::Ok => TestCaseStatus::success(),
        Verdict::Failed(broken) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let names: Vec<&str> = broken.iter().map(|one| one.what.as_str()).collect();
            status.set_type("broken");
            status.set_message(names.join(", "));
            let lines: Vec<String> = broken.iter().map(line).collect();
            status.set_description(lines.join("\n"));
            status
        }
        Verdict::Error(why) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("error");
            status.set_message(why.as_str());
            status
        }
    }
}

fn line(broken: &Broken) -> String {
    let place = broken.spot.as_ref().map(|spot| format!("{spot}: "));
    format!(
        "{}{}: {}",
        place.unwrap_or_default(),
        broken.what,
        broken.how
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::examples;

    #[test]
    fn a_report_counts_failures_and_errors() {
        let all = [examples::ok(), examples::failed(), examples::error()];
        let xml = junit(&all).unwrap();
        assert!(
            xml.contains(r#"tests="3" skipped="0" failures="1" errors="1""#),
            "{xml}"
        );
        assert!(
            xml.contains(
                "scenarios/5-produce/ghost.yaml:12:7: customers.alice.card: expected taken"
            ),
            "{xml}"
        );
        assert!(
            xml.contains(r#"<property name="virtual_ms" value="37650"/>"#),
            "{xml}"
        );
    }

    #[test]
    fn what_xml_cannot_hold_does_no_harm() {
        let mut outcome = examples::error();
        outcome.verdict = Verdict::Error("a \u{1b}[31mred\u{0} <tag> & \"quote\"".to_owned());
        let xml = junit(&[outcome]).unwrap();
        assert!(!xml.contains('\u{1b}') && !xml.contains('\u{0}'));
        assert!(xml.contains("&lt;tag&gt; &amp;"), "{xml}");
    }
}
