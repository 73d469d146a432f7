//! The known name that somebody may have meant.

/// The nearest of the known names, if one is near enough that a slip of the hand explains it.
pub(crate) fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let fold = |text: &str| text.to_lowercase().replace('_', "-");
    let written = fold(written);
    known
        .map(|name| (strsim::damerau_levenshtein(&written, &fold(name)), name))
        .filter(|(distance, name)| {
            *distance <= 1.max(name.chars().count().min(written.chars().count()) / 3)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_understood_and_another_word_is_not() {
        let known = ["arrives", "station", "takes", "taps"];
        for (written, name) in [
            ("arrivs", Some("arrives")),
            ("ARRIVES", Some("arrives")),
            ("sattion", Some("station")),
            ("tap", Some("taps")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, known.into_iter()), name, "{written}");
        }
    }
}
