//! A search for many needles at once, quick to make and quick to use: both are done for every explored world.
//!
//! Every needle is long, so a text need not be looked at byte by byte. Each needle is known by the four bytes at each of its first
//! `stride` places; a text is asked at every `stride`-th place whether any needle has the four bytes that stand there. Wherever a needle
//! stands, one of those places falls on one of its own. A bitmap says no for nearly every place, without looking further.
//!
//! ```text
//! text    . . . . n e e d l e . .        stride 3: the needle is known by "need", "eedl", "edle"
//! asked   ^     ^     ^     ^            and is found by "eedl"
//! ```

/// How many bytes a needle is known by.
const WINDOW: usize = 4;
/// More places than this make the sieve larger, and the search hardly faster.
const LONGEST_STRIDE: usize = 5;
/// The bitmap has two to the power of so many bits: few enough to stay in the nearest cache.
const BITS: u32 = 16;

/// Finds every place of every needle, letters in either case.
#[derive(Clone)]
pub(super) struct Sieve {
    needles: Vec<Vec<u8>>,
    stride: usize,
    windows: Vec<Window>,
    bitmap: Vec<u64>,
}

/// Four bytes of a needle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Window {
    key: u32,
    needle: usize,
    /// Where in the needle they stand.
    offset: usize,
}

/// A needle in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    /// Which, by its place in the list of needles.
    pub(super) needle: usize,
    /// Where it begins.
    pub(super) start: usize,
    /// Where it is over.
    pub(super) end: usize,
}

impl Sieve {
    /// A sieve for needles of four bytes or more; shorter ones are not found.
    pub(super) fn of(needles: Vec<Vec<u8>>) -> Self {
        let long = || needles.iter().filter(|needle| needle.len() >= WINDOW);
        let shortest = long().map(Vec::len).min().unwrap_or(WINDOW);
        let stride = (shortest - WINDOW + 1).min(LONGEST_STRIDE);
        let mut windows = Vec::with_capacity(needles.len() * stride);
        let mut bitmap = vec![0; 1 << (BITS - u64::BITS.ilog2())];
        for (index, needle) in needles.iter().enumerate() {
            for (offset, window) in needle.array_windows().take(stride).enumerate() {
                let key = key(*window);
                let (word, bit) = place(key);
                bitmap[word] |= bit;
                windows.push(Window {
                    key,
                    needle: index,
                    offset,
                });
            }
        }
        windows.sort_unstable();
        Self {
            needles,
            stride,
            windows,
            bitmap,
        }
    }

    /// Every needle at every place where it stands, in no order.
    pub(super) fn hits(&self, text: &[u8]) -> impl Iterator<Item = Hit> {
        let windows = text.array_windows::<WINDOW>().enumerate();
        windows
            .step_by(self.stride)
            .map(|(at, window)| (at, key(*window)))
            .filter(|(_, key)| {
                let (word, bit) = place(*key);
                self.bitmap[word] & bit != 0
            })
            .flat_map(move |(at, key)| self.hits_at(text, at, key))
    }

    fn hits_at(&self, text: &[u8], at: usize, key: u32) -> impl Iterator<Item = Hit> {
        let first = self.windows.partition_point(|window| window.key < key);
        let known = self.windows[first..].iter();
        let known = known.take_while(move |window| window.key == key);
        known.filter_map(move |window| {
            let needle = &self.needles[window.needle];
            let start = at.checked_sub(window.offset)?;
            let end = start + needle.len();
            let is = text.get(start..end)?.eq_ignore_ascii_case(needle);
            is.then_some(Hit {
                needle: window.needle,
                start,
                end,
            })
        })
    }
}

/// Four bytes as one number, the same for letters in either case (and for a few other bytes, which does no harm).
const fn key(window: [u8; WINDOW]) -> u32 {
    u32::from_be_bytes(window) | 0x2020_2020
}

/// The bit of a key in the bitmap: the highest bits of a product are well mixed.
fn place(key: u32) -> (usize, u64) {
    let mixed = key.wrapping_mul(0x9E37_79B1) >> (u32::BITS - BITS);
    let word = mixed >> u64::BITS.ilog2();
    (word as usize, 1 << (mixed % u64::BITS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a sieve shall find, looked for at every place.
    fn plainly(needles: &[Vec<u8>], text: &[u8]) -> Vec<(usize, usize)> {
        let at = |start: usize| {
            let stands = move |needle: &Vec<u8>| {
                let there = text.get(start..start + needle.len());
                needle.len() >= WINDOW && there.is_some_and(|is| is.eq_ignore_ascii_case(needle))
            };
            let all = needles.iter().enumerate();
            all.filter_map(move |(index, needle)| stands(needle).then_some((index, start)))
        };
        (0..text.len()).flat_map(at).collect()
    }

    proptest! {
        #[test]
        fn nothing_is_missed_and_nothing_made_up(
            needles in proptest::collection::vec("[abAB@`0]{3,9}", 0..6),
            text in "[abAB@`0]{0,60}",
        ) {
            let needles: Vec<Vec<u8>> = needles.into_iter().map(String::into_bytes).collect();
            let sieve = Sieve::of(needles.clone());
            let mut found: Vec<_> = sieve.hits(text.as_bytes()).map(|hit| (hit.needle, hit.start)).collect();
            found.sort_unstable_by_key(|(needle, start)| (*start, *needle));
            prop_assert_eq!(found, plainly(&needles, text.as_bytes()));
        }

        #[test]
        fn a_long_needle_is_found_wherever_it_stands(before in 0_usize..40, after in 0_usize..40) {
            let sieve = Sieve::of(vec![b"a needle of some length".to_vec(), b"stray".to_vec()]);
            let text = [&vec![b'a'; before][..], b"A Needle of SOME length", &vec![b'h'; after]].concat();
            let found: Vec<_> = sieve.hits(&text).collect();
            prop_assert_eq!(found, vec![Hit { needle: 0, start: before, end: before + 23 }]);
        }
    }
}
