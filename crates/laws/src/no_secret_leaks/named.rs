//! Secrets that are too short to be told from other numbers: they count where they are named.

use std::ops::RangeInclusive;

use super::Kind;
use super::sieve::Hit;

/// How far before a value its name may end.
const NEAR: usize = 40;

/// Whether secrets of this kind have a few digits only.
pub(super) fn is_short(kind: Kind) -> bool {
    matches!(kind, Kind::Cvv | Kind::Pin)
}

/// Finds numbers that stand behind their names.
#[derive(Clone)]
pub(super) struct Named {
    /// By number, each with its kind and which needle it is.
    numbers: Vec<(Vec<u8>, Kind, usize)>,
    /// The lengths that they have, from the shortest to the longest.
    lengths: RangeInclusive<usize>,
}

impl Named {
    /// The secrets are needles from `first` on.
    pub(super) fn of(first: usize, secrets: impl Iterator<Item = (Kind, String)>) -> Self {
        let number = |(index, (kind, secret)): (usize, (Kind, String))| {
            (secret.into_bytes(), kind, first + index)
        };
        let mut numbers: Vec<_> = secrets.enumerate().map(number).collect();
        numbers.sort_unstable();
        let lengths = || numbers.iter().map(|(number, ..)| number.len());
        let lengths = lengths().min().unwrap_or(1)..=lengths().max().unwrap_or(0);
        Self { numbers, lengths }
    }

    /// Each secret at each place where it is the whole number behind its name.
    pub(super) fn hits(&self, text: &[u8]) -> impl Iterator<Item = Hit> {
        Numbers {
            text,
            at: 0,
            shortest: *self.lengths.start(),
        }
        .filter(|(start, end)| self.lengths.contains(&(end - start)))
        .flat_map(move |(start, end)| self.hits_at(text, start, end))
    }

    fn hits_at(&self, text: &[u8], start: usize, end: usize) -> impl Iterator<Item = Hit> {
        let number = &text[start..end];
        let first = self
            .numbers
            .partition_point(|(known, ..)| known.as_slice() < number);
        let same = self.numbers[first..].iter();
        let same = same.take_while(move |(known, ..)| known == number);
        same.filter(move |(_, kind, _)| names(*kind).contains(&name(&text[..start]).as_str()))
            .map(move |(.., needle)| Hit {
                needle: *needle,
                start,
                end,
            })
    }
}

/// Whole numbers of some length in a text: none that is part of a longer one.
struct Numbers<'a> {
    text: &'a [u8],
    at: usize,
    /// Shorter ones may be passed over.
    shortest: usize,
}

impl Iterator for Numbers<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<Self::Item> {
        // A number has a digit at one of so many places in a row.
        while !self.text.get(self.at)?.is_ascii_digit() {
            self.at += self.shortest;
        }
        let (before, after) = self.text.split_at(self.at);
        let is_other = |byte: &u8| !byte.is_ascii_digit();
        let start = before.iter().rposition(is_other).map_or(0, |last| last + 1);
        let digits = after.iter().position(is_other).unwrap_or(after.len());
        let end = self.at + digits;
        // No number begins where one ends.
        self.at = end + self.shortest;
        Some((start, end))
    }
}

/// The names of a kind of secret.
fn names(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Cvv => &["cvv", "cvv1", "cvv2", "icvv", "cvc", "cvc1", "cvc2", "csc"],
        Kind::Pin => &["pin"],
        Kind::Pan | Kind::Track | Kind::Key | Kind::Token => &[],
    }
}

/// The last word before a value, in lower case: `"cvv2": "` gives `cvv2`. The whole word: three letters alone stand in every long
/// ciphertext.
fn name(before: &[u8]) -> String {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let near = &before[before.len().saturating_sub(NEAR)..];
    let ends = near.iter().rposition(word).map_or(0, |last| last + 1);
    let begins = near[..ends].iter().rposition(|byte| !word(byte));
    let name = &near[begins.map_or(0, |gap| gap + 1)..ends];
    String::from_utf8_lossy(name).to_ascii_lowercase()
}
