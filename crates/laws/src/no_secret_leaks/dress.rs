//! The dresses in which a secret may show itself.

use std::collections::BTreeMap;
use std::fmt;

use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding};

use super::Kind;

/// How a secret was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dress {
    /// As it is.
    Plain,
    /// In groups of four, by blanks or hyphens.
    Grouped,
    /// Two digits a byte.
    Bcd,
    /// The bytes of a key, or a track with `D` for `=`.
    Raw,
    /// Hexadecimal.
    Hex,
    /// Base64, plain or for URLs, at any of the three alignments.
    Base64,
    /// Percent-encoded.
    Percent,
}

impl fmt::Display for Dress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Plain => "plain text",
            Self::Grouped => "grouped digits",
            Self::Bcd => "BCD",
            Self::Raw => "bytes",
            Self::Hex => "hexadecimal",
            Self::Base64 => "base64",
            Self::Percent => "percent-encoded text",
        })
    }
}

/// Shorter needles would be found by chance.
const SHORTEST: usize = 6;

/// Every dress of a secret that this kind may wear, as the bytes to look for. Letters match in either case.
pub(super) fn wardrobe(kind: Kind, secret: &str) -> Vec<(Dress, Vec<u8>)> {
    let dresses = match kind {
        // They are found by their names.
        Kind::Cvv | Kind::Pin => Vec::new(),
        Kind::Pan => pan(secret),
        Kind::Track => track(secret),
        Kind::Key => key(secret),
        Kind::Token => token(secret),
    };
    // Digits are the same in some dresses: the plainest one gives its name.
    let mut needles = BTreeMap::<Vec<u8>, Dress>::new();
    for (dress, needle) in dresses {
        if needle.len() >= SHORTEST {
            let plainest = needles.entry(needle).or_insert(dress);
            *plainest = dress.min(*plainest);
        }
    }
    let turned = needles.into_iter().map(|(needle, dress)| (dress, needle));
    turned.collect()
}

fn pan(digits: &str) -> Vec<(Dress, Vec<u8>)> {
    let mut all = text(digits);
    let groups: Vec<_> = digits.as_bytes().chunks(4).collect();
    for separator in ["-", " ", "+", "%20"] {
        all.push((Dress::Grouped, groups.join(separator.as_bytes())));
    }
    // Each digit may open a byte or close one; a padded end leaves the rest.
    for from in 0..2 {
        let Some(rest) = digits.get(from..) else {
            continue;
        };
        let Some(packed) = hex::decode(&rest[..rest.len() / 2 * 2]).ok() else {
            continue;
        };
        all.extend(base64(&packed));
        all.push((Dress::Bcd, packed));
    }
    all
}

fn track(track: &str) -> Vec<(Dress, Vec<u8>)> {
    let mut all = text(track);
    all.push((Dress::Plain, track.replace('/', "\\/").into()));
    let packed = track.replace('=', "D");
    if packed != track {
        let even = &packed[..packed.len() / 2 * 2];
        if let Ok(bytes) = hex::decode(even) {
            all.push((Dress::Raw, bytes));
        }
        all.push((Dress::Raw, packed.into()));
    }
    all
}

fn key(digits: &str) -> Vec<(Dress, Vec<u8>)> {
    let mut all = text(&digits.to_ascii_uppercase());
    all.extend(text(&digits.to_ascii_lowercase()));
    if let Ok(bytes) = hex::decode(digits) {
        all.extend(base64(&bytes));
        all.push((Dress::Raw, bytes));
    }
    all
}

/// Of a JWT the header is no secret, and the claims or the signature alone would be too much.
fn token(token: &str) -> Vec<(Dress, Vec<u8>)> {
    const TELLING: usize = 16;
    let parts = token
        .split('.')
        .skip(1)
        .filter(|part| part.len() >= TELLING);
    let mut all = text(token);
    all.extend(parts.map(|part| (Dress::Plain, part.into())));
    all
}

/// A text as it is, its bytes in hexadecimal and base64, and percent-encoded: all of it, or what must be.
fn text(text: &str) -> Vec<(Dress, Vec<u8>)> {
    let bytes = text.as_bytes();
    let free = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut all = base64(bytes);
    all.push((Dress::Plain, bytes.to_vec()));
    all.push((Dress::Hex, hex::encode(bytes).into()));
    all.push((Dress::Percent, percent(bytes, |_| false)));
    all.push((Dress::Percent, percent(bytes, free)));
    all
}

fn percent(bytes: &[u8], is_free: impl Fn(u8) -> bool) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |four_bits: u8| DIGITS[usize::from(four_bits)];
    let mut encoded = Vec::with_capacity(3 * bytes.len());
    for byte in bytes {
        if is_free(*byte) {
            encoded.push(*byte);
        } else {
            encoded.extend([b'%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
}

/// The characters of base64 that depend on these bytes alone, for each place that they may have among threes, in both alphabets.
fn base64(bytes: &[u8]) -> Vec<(Dress, Vec<u8>)> {
    let mut all = Vec::new();
    for before in 0..3 {
        let shifted = [&[0; 2][..before], bytes].concat();
        let first = (before * 8).div_ceil(6);
        let last = shifted.len() * 8 / 6;
        for encoded in [
            Base64Unpadded::encode_string(&shifted),
            Base64UrlUnpadded::encode_string(&shifted),
        ] {
            all.push((Dress::Base64, encoded.as_bytes()[first..last].to_vec()));
        }
    }
    all
}
