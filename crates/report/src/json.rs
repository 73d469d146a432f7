//! One JSON object a scenario, for scripts: the lines of `run --format json`.

use std::time::Duration;

use serde::Serialize;

use crate::Outcome;

#[derive(Serialize)]
struct Line<'a> {
    version: u32,
    scenario: &'a str,
    verdict: &'a str,
    seed: u64,
    virtual_ms: u64,
    wall_ms: u64,
    broken: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    how: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

/// `{"version":1,"scenario":…,"verdict":"ok"|"failed"|"error","seed":…,"virtual_ms":…,"wall_ms":…,"broken":[…]}`, without a line end;
/// a failure says under `how`, in the order of `broken`, what was expected and what was found; an error has its sentence under `error`.
pub fn json_line(outcome: &Outcome) -> String {
    let broken = outcome.verdict.broken();
    let line = Line {
        version: 1,
        scenario: &outcome.scenario,
        verdict: outcome.verdict.word(),
        seed: outcome.seed,
        virtual_ms: millis(outcome.virtual_time),
        wall_ms: millis(outcome.wall),
        broken: broken.iter().map(|one| one.what.as_str()).collect(),
        how: broken.iter().map(|one| one.how.as_str()).collect(),
        error: match &outcome.verdict {
            crate::Verdict::Error(why) => Some(why),
            _ => None,
        },
    };
    serde_json::to_string(&line).unwrap_or_default()
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::examples;

    #[test]
    fn a_line_has_what_scripts_rely_on() {
        assert_eq!(
            json_line(&examples::ok()),
            r#"{"version":1,"scenario":"scenarios/journeys/happy-path.yaml","verdict":"ok","seed":1,"virtual_ms":37650,"wall_ms":12,"broken":[]}"#
        );
        let failed: serde_json::Value =
            serde_json::from_str(&json_line(&examples::failed())).unwrap();
        assert_eq!(failed["verdict"], "failed");
        assert_eq!(
            failed["broken"],
            serde_json::json!(["no-ghost", "customers.alice.card"])
        );
        assert_eq!(failed["how"][1], "expected taken, found captured");
        let error: serde_json::Value =
            serde_json::from_str(&json_line(&examples::error())).unwrap();
        assert_eq!(error["error"], "nothing ended within 1h of virtual time");
    }
}
