//! Durations as people write them: `90s`, `1m 30s`, `4m`, `250ms`, `2h`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A length of time with a unit, never negative.
///
/// Read and written as text; a bare number is refused, because nobody remembers which unit it had.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = r"^\s*(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$"))]
pub struct Span(Duration);

/// A text that is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a duration has a number and a unit, like 90s, 1m 30s, 250ms or 2h")]
pub struct NotASpan;

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(Duration::ZERO);

    /// Whole milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// Whole seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(Duration::from_secs(secs))
    }

    /// As the standard library counts it.
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let days = text
            .trim()
            .strip_suffix('d')
            .and_then(|n| n.trim().parse::<u32>().ok());
        if let Some(days) = days {
            return Ok(Self(Duration::from_secs(u64::from(days) * 86_400)));
        }
        let signed: SignedDuration = text.trim().parse().map_err(|_| NotASpan)?;
        Duration::try_from(signed).map(Self).map_err(|_| NotASpan)
    }
}

impl TryFrom<String> for Span {
    type Error = NotASpan;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        if millis == 0 {
            return f.pad("0s");
        }
        let parts = [
            (millis / 3_600_000, "h"),
            (millis / 60_000 % 60, "m"),
            (millis / 1000 % 60, "s"),
            (millis % 1000, "ms"),
        ];
        let text: Vec<String> = parts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, unit)| format!("{n}{unit}"))
            .collect();
        f.pad(&text.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (text, millis) in [
            ("0s", 0),
            ("90s", 90_000),
            ("1m 30s", 90_000),
            ("250ms", 250),
            ("2h", 7_200_000),
            ("1.5s", 1500),
            ("30d", 2_592_000_000),
        ] {
            assert_eq!(
                text.parse::<Span>().unwrap(),
                Span::from_millis(millis),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_what_has_no_unit_or_runs_backwards() {
        for text in ["", "90", "-5s", "soon", "5 parsecs"] {
            assert_eq!(text.parse::<Span>(), Err(NotASpan), "{text}");
        }
    }

    #[test]
    fn prints_what_it_reads() {
        for text in ["0s", "1m 30s", "250ms", "2h", "1s 500ms"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
    }
}
