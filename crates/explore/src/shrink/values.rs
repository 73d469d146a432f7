//! Rounder and smaller times and counts.

use persotwin_link::Span;

use super::Search;
use super::keys::{holder, paths, roots};
use crate::value::Value;

/// Times that read well, from short to long.
const ROUND: [&str; 8] = ["0s", "1s", "10s", "30s", "1m", "5m", "30m", "1h"];

/// Tries simpler values for each scalar.
pub(super) fn shrink(search: &mut Search<'_>) {
    for root in roots(&search.best) {
        let all = root.of(&mut search.best).map(|map| paths(map));
        for path in all.unwrap_or_default() {
            let Some(key) = path.last() else { continue };
            let text = root
                .of(&mut search.best)
                .and_then(|map| holder(map, &path)?.text(key).map(str::to_owned));
            for simpler in text.map(|text| simpler(&text)).unwrap_or_default() {
                let mut candidate = search.best.clone();
                if let Some(map) = root.of(&mut candidate).and_then(|map| holder(map, &path)) {
                    map.set(key, Value::Scalar(simpler));
                }
                if search.tries(candidate) {
                    break;
                }
            }
        }
    }
}

/// Simpler values of the same kind, the simplest first.
fn simpler(text: &str) -> Vec<String> {
    if let Ok(count) = text.parse::<u32>() {
        let mut all = vec![0, 1, 2, count / 2, count.saturating_sub(1)];
        all.retain(|other| *other < count);
        all.dedup();
        return all.iter().map(ToString::to_string).collect();
    }
    if let Some(share) = text.strip_suffix('%').and_then(|n| n.parse::<u32>().ok()) {
        let all = [100, 50].into_iter().filter(|other| *other != share);
        return all.map(|share| format!("{share}%")).collect();
    }
    let Ok(span) = text.parse::<Span>() else {
        return Vec::new();
    };
    let whole = span.get().as_secs();
    let mut all: Vec<String> = ROUND
        .iter()
        .filter(|round| round.parse::<Span>().is_ok_and(|round| round < span))
        .map(|round| (*round).to_owned())
        .collect();
    all.push(Span::from_secs(whole).to_string());
    all.push(Span::from_secs(whole / 10 * 10).to_string());
    all.retain(|other| other != text && other.len() <= text.len());
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simpler_is_shorter_and_of_the_same_kind() {
        assert_eq!(simpler("4"), ["0", "1", "2", "3"]);
        assert_eq!(simpler("30%"), ["100%", "50%"]);
        assert_eq!(simpler("12s"), ["0s", "1s", "10s"]);
        assert_eq!(simpler("1m 7s"), ["0s", "1s", "10s", "30s", "1m"]);
        assert!(simpler("0s").is_empty() && simpler("picked").is_empty());
    }
}
