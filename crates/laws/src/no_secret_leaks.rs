//! No secret where people or other machines may read it: a search over finished texts, in every dress that a secret may wear.
//!
//! No PAN, CVV, PIN, key, track, token or assertion in a journal, log, URL, header, error text, HAR file, ledger or report, except
//! inside a JWE; no CVV2 anywhere once production is final. The card itself carries its data as a real card does: card files are not
//! searched.
//!
//! This law is not told by the journal alone, so it is not a [`Law`](crate::Law): whoever knows the run's secrets collects them as
//! [`Canaries`], and hands over each finished text. All dresses of all long canaries are found in one pass.
//!
//! It does not say that a text is harmless: a secret that is encrypted, hashed, or encoded twice is not found, nor is a part of one.
//! CVVs and PINs are too short to be told from other numbers: they count where they are the value of a member, form field or
//! assignment that names them (`"cvv2":"123"`, `pin=1234`).

mod dress;
mod named;
mod sieve;

use std::collections::BTreeSet;
use std::fmt;

use crate::Breach;
pub use dress::Dress;
use named::Named;
use sieve::{Hit, Sieve};

/// The law's name.
pub const NAME: &str = "no-secret-leaks";

/// The law in one sentence.
pub const SENTENCE: &str = "No PAN, CVV, PIN, key, track, token or assertion is in a journal, log, URL, header, error text, HAR, ledger or report, except inside a JWE.";

/// What kind of secret a canary is; it decides in which dresses it is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A card number: digits, spaced, BCD, hexadecimal, base64, percent-encoded.
    Pan,
    /// CVV1, iCVV or CVV2: in a member that names it.
    Cvv,
    /// A PIN: in a member that names it.
    Pin,
    /// Track data: text, with `D` for `=`, hexadecimal, base64, percent-encoded.
    Track,
    /// A key, given in hexadecimal: as bytes and as text.
    Key,
    /// An access token, assertion or password: the text and, of a JWT, its claims and its signature.
    Token,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pan => "PAN",
            Self::Cvv => "CVV",
            Self::Pin => "PIN",
            Self::Track => "track",
            Self::Key => "key",
            Self::Token => "token",
        })
    }
}

/// The secrets of a run.
#[derive(Clone, Default)]
pub struct Canaries(Vec<Canary>);

#[derive(Clone)]
struct Canary {
    kind: Kind,
    owner: String,
    secret: String,
}

impl fmt::Debug for Canaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Canaries({})", self.0.len())
    }
}

impl Canaries {
    /// One more secret; `owner` says whose it is (`alice`, `KIOSK-PS-101`), without telling it. An empty one is left out.
    pub fn add(&mut self, kind: Kind, owner: impl fmt::Display, secret: &str) {
        if !secret.is_empty() {
            self.0.push(Canary {
                kind,
                owner: owner.to_string(),
                secret: secret.to_owned(),
            });
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes ready for any number of searches.
    pub fn searcher(&self) -> Searcher {
        Searcher::of(&self.0)
    }
}

/// Finds every canary in every dress.
#[derive(Clone)]
pub struct Searcher {
    /// The long ones, in all their dresses.
    sieve: Sieve,
    /// The short ones.
    named: Named,
    /// What each needle is, first those of the sieve.
    patterns: Vec<(Kind, String, Dress)>,
}

impl fmt::Debug for Searcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Searcher({} patterns)", self.patterns.len())
    }
}

/// A secret that was found, and where; never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// Its kind.
    pub kind: Kind,
    /// Whose.
    pub owner: String,
    /// How it was dressed.
    pub dress: Dress,
    /// In which text.
    pub source: String,
    /// On which line of it, from 1; for binary data, where line ends are chance, see `offset`.
    pub line: usize,
    /// At which byte, from 0.
    pub offset: usize,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind, owner, dress, ..
        } = self;
        write!(
            f,
            "the {kind} of {owner} is in {} at line {}, byte {}, as {dress}",
            self.source, self.line, self.offset
        )
    }
}

impl From<Leak> for Breach {
    fn from(leak: Leak) -> Self {
        Self::at_rest(NAME, leak.to_string())
    }
}

impl Searcher {
    fn of(canaries: &[Canary]) -> Self {
        let mut needles = Vec::new();
        let mut patterns = Vec::new();
        for canary in canaries {
            for (dress, needle) in dress::wardrobe(canary.kind, &canary.secret) {
                needles.push(needle);
                patterns.push((canary.kind, canary.owner.clone(), dress));
            }
        }
        let sieve = Sieve::of(needles);
        let short = || canaries.iter().filter(|it| named::is_short(it.kind));
        let numbers = short().map(|canary| (canary.kind, canary.secret.clone()));
        let named = Named::of(patterns.len(), numbers);
        patterns.extend(short().map(|canary| (canary.kind, canary.owner.clone(), Dress::Plain)));
        Self {
            sieve,
            named,
            patterns,
        }
    }

    /// Every canary in a text, each once per dress, at its first place.
    pub fn search(&self, source: &str, text: impl AsRef<[u8]>) -> Vec<Leak> {
        let mut search = self.begin(source);
        search.read(text.as_ref());
        search.leaks
    }

    /// Begins to search a text that comes in pieces.
    pub fn begin(&self, source: &str) -> Search<'_> {
        Search {
            searcher: self,
            source: source.to_owned(),
            offset: 0,
            line: 1,
            found: BTreeSet::new(),
            leaks: Vec::new(),
        }
    }
}

/// A search in a text that comes in pieces. A secret that stands in two of them is not found: they end where lines end.
#[derive(Debug)]
pub struct Search<'a> {
    searcher: &'a Searcher,
    source: String,
    /// Where the next piece begins.
    offset: usize,
    line: usize,
    found: BTreeSet<usize>,
    leaks: Vec<Leak>,
}

impl Search<'_> {
    /// Searches the next piece.
    pub fn read(&mut self, text: &[u8]) {
        let Searcher {
            sieve,
            named,
            patterns,
        } = self.searcher;
        let mut hits: Vec<Hit> = sieve.hits(text).collect();
        hits.extend(named.hits(text));
        hits.sort_unstable_by_key(|hit| (hit.end, hit.start, hit.needle));
        let is_end = |byte: &u8| usize::from(*byte == b'\n');
        let ends = |text: &[u8]| text.iter().map(is_end).sum::<usize>();
        for hit in hits {
            if self.found.insert(hit.needle) {
                let (kind, owner, dress) = &patterns[hit.needle];
                self.leaks.push(Leak {
                    kind: *kind,
                    owner: owner.clone(),
                    dress: *dress,
                    source: self.source.clone(),
                    line: self.line + ends(&text[..hit.start]),
                    offset: self.offset + hit.start,
                });
            }
        }
        self.offset += text.len();
        self.line += ends(text);
    }

    /// Every canary that was found, each once per dress, at its first place.
    pub fn leaks(self) -> Vec<Leak> {
        self.leaks
    }
}

#[cfg(test)]
mod tests;
