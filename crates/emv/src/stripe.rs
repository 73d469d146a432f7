//! The magnetic stripe: text to bits and back (ISO/IEC 7811, documented).
//!
//! A character is its data bits, lowest first, and a bit that makes the number of ones odd. Behind
//! the end sentinel stands a check character (LRC), whose data bits are the exclusive or of those
//! of all characters before it, sentinels included, and whose parity bit is its own.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Which track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrackNumber {
    /// 210 bits an inch, letters and digits, 79 characters.
    One,
    /// 75 bits an inch, digits, 40 characters.
    Two,
    /// 210 bits an inch, digits, 107 characters.
    Three,
}

impl TrackNumber {
    /// The most characters, with sentinels and check character.
    pub fn capacity(self) -> usize {
        match self {
            Self::One => 79,
            Self::Two => 40,
            Self::Three => 107,
        }
    }

    /// Data bits of a character; one parity bit is added.
    pub fn data_bits(self) -> u8 {
        match self {
            Self::One => 6,
            Self::Two | Self::Three => 4,
        }
    }

    /// The first character of the track.
    pub fn start_sentinel(self) -> char {
        match self {
            Self::One => '%',
            Self::Two | Self::Three => ';',
        }
    }

    /// The last character before the check character.
    pub const END_SENTINEL: char = '?';

    /// The character whose data bits are all zero; the others follow it in ASCII.
    fn base(self) -> u8 {
        match self {
            Self::One => b' ',
            Self::Two | Self::Three => b'0',
        }
    }

    fn to_symbol(self, c: char) -> Option<u8> {
        let symbol = u8::try_from(c).ok()?.checked_sub(self.base())?;
        (symbol >> self.data_bits() == 0).then_some(symbol)
    }

    fn to_char(self, symbol: u8) -> char {
        char::from(self.base() + symbol)
    }
}

impl fmt::Display for TrackNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One => "track 1",
            Self::Two => "track 2",
            Self::Three => "track 3",
        })
    }
}

/// What one track says, from start to end sentinel, without the check character.
///
/// `Debug` shows track and length only; the text is wiped on drop.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct StripeText {
    #[zeroize(skip)]
    track: TrackNumber,
    text: String,
}

/// Why a text cannot stand on a track, or bits cannot be read from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StripeError {
    /// The text does not begin with the start sentinel, or the bits are all zero.
    #[error("no start sentinel")]
    NoStart,
    /// The text does not end with the end sentinel, or the bits end before it.
    #[error("no end sentinel")]
    NoEnd,
    /// A character that the track does not have, or a sentinel within the text.
    #[error("character {position} cannot stand on this track")]
    Character {
        /// Position from 0, the start sentinel.
        position: usize,
    },
    /// More characters than the track holds.
    #[error("{found} characters with sentinels and check character on a track for {max}")]
    TooLong {
        /// How many there are.
        found: usize,
        /// How many the track holds.
        max: usize,
    },
    /// A character with an even number of ones.
    #[error("parity error in character {position}")]
    Parity {
        /// Position from 0, the start sentinel.
        position: usize,
    },
    /// The check character is missing or not that of the characters.
    #[error("wrong check character")]
    Check,
}

impl StripeText {
    /// Checks a text with its sentinels, as in `;4111111111111111=29062010?`.
    ///
    /// # Errors
    /// [`StripeError::NoStart`], [`StripeError::NoEnd`], [`StripeError::Character`],
    /// [`StripeError::TooLong`].
    pub fn parse(track: TrackNumber, text: &str) -> Result<Self, StripeError> {
        let body = text
            .strip_prefix(track.start_sentinel())
            .ok_or(StripeError::NoStart)?;
        let body = body
            .strip_suffix(TrackNumber::END_SENTINEL)
            .ok_or(StripeError::NoEnd)?;
        let wrong = |c| {
            track.to_symbol(c).is_none()
                || c == track.start_sentinel()
                || c == TrackNumber::END_SENTINEL
        };
        if let Some(index) = body.chars().position(wrong) {
            return Err(StripeError::Character {
                position: index + 1,
            });
        }
        let (found, max) = (text.len() + 1, track.capacity());
        if found > max {
            return Err(StripeError::TooLong { found, max });
        }
        Ok(Self {
            track,
            text: text.to_owned(),
        })
    }

    /// Puts the sentinels around a body, then as [`StripeText::parse`].
    pub(crate) fn around(track: TrackNumber, body: &str) -> Result<Self, StripeError> {
        let start = track.start_sentinel();
        let text = zeroize::Zeroizing::new(format!("{start}{body}{}", TrackNumber::END_SENTINEL));
        Self::parse(track, &text)
    }

    /// Which track.
    pub fn track(&self) -> TrackNumber {
        self.track
    }

    /// The text with its sentinels. It is secret: never log it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text between the sentinels. It is secret: never log it.
    pub fn body(&self) -> &str {
        &self.text[1..self.text.len() - 1]
    }

    /// The check character behind the text.
    pub fn check_character(&self) -> char {
        self.track
            .to_char(self.symbols().fold(0, |lrc, symbol| lrc ^ symbol))
    }

    /// The bits as the head writes them, the check character behind the end sentinel.
    pub fn to_bits(&self) -> StripeBits {
        let lrc = self.symbols().fold(0, |lrc, symbol| lrc ^ symbol);
        let data_bits = self.track.data_bits();
        let bits = self.symbols().chain([lrc]).flat_map(|symbol| {
            let parity = symbol.count_ones().is_multiple_of(2);
            (0..data_bits)
                .map(move |bit| symbol >> bit & 1 == 1)
                .chain([parity])
        });
        StripeBits(bits.collect())
    }

    fn symbols(&self) -> impl Iterator<Item = u8> + '_ {
        self.text.chars().filter_map(|c| self.track.to_symbol(c))
    }
}

impl fmt::Debug for StripeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "StripeText({}, {} characters)",
            self.track,
            self.text.len()
        )
    }
}

/// The bits of one track in the order of writing. `Debug` shows their number only; they are wiped
/// on drop.
#[derive(Clone, PartialEq, Eq, Default, Zeroize, ZeroizeOnDrop)]
pub struct StripeBits(Vec<bool>);

impl StripeBits {
    /// These bits, whatever they say. A blank stripe has none, or only zeros.
    pub fn new(bits: Vec<bool>) -> Self {
        Self(bits)
    }

    /// The bits. They are secret: never log them.
    pub fn as_slice(&self) -> &[bool] {
        &self.0
    }

    /// The bits for spoiling: what a worn head or a scratch does.
    pub fn as_mut_slice(&mut self) -> &mut [bool] {
        &mut self.0
    }

    /// Reads the bits as a reader does: clocking zeros are skipped, the characters checked one by
    /// one, then the check character.
    ///
    /// # Errors
    /// Every [`StripeError`].
    pub fn read(&self, track: TrackNumber) -> Result<StripeText, StripeError> {
        // Both start sentinels begin with a one.
        let first = self
            .0
            .iter()
            .position(|bit| *bit)
            .ok_or(StripeError::NoStart)?;
        let width = usize::from(track.data_bits()) + 1;
        let mut text = zeroize::Zeroizing::new(String::with_capacity(track.capacity()));
        let mut lrc = 0;
        for (position, bits) in self.0[first..].chunks_exact(width).enumerate() {
            let symbol = symbol_of(bits).ok_or(StripeError::Parity { position })?;
            if text.len() > 1 && text.ends_with(TrackNumber::END_SENTINEL) {
                let good = symbol == lrc;
                return if good {
                    StripeText::parse(track, &text)
                } else {
                    Err(StripeError::Check)
                };
            }
            lrc ^= symbol;
            text.push(track.to_char(symbol));
            if !text.starts_with(track.start_sentinel()) {
                return Err(StripeError::NoStart);
            }
        }
        let ended = text.len() > 1 && text.ends_with(TrackNumber::END_SENTINEL);
        Err(if ended {
            StripeError::Check
        } else {
            StripeError::NoEnd
        })
    }
}

impl fmt::Debug for StripeBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StripeBits({} bits)", self.0.len())
    }
}

/// The data bits of a character, lowest first, the parity bit last; `None` if the number of ones
/// is even.
fn symbol_of(bits: &[bool]) -> Option<u8> {
    let (_, data) = bits.split_last()?;
    let ones = bits.iter().filter(|bit| **bit).count();
    let symbol = data
        .iter()
        .rev()
        .fold(0, |symbol, bit| (symbol << 1) | u8::from(*bit));
    (ones % 2 == 1).then_some(symbol)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(track: TrackNumber, text: &str) -> StripeText {
        StripeText::parse(track, text).unwrap()
    }

    /// Samples computed by hand from the rule.
    #[test]
    fn check_characters() {
        let two = text(TrackNumber::Two, ";4000001234562000=30122010000000000?");
        assert_eq!(two.check_character(), ';');
        let one = text(
            TrackNumber::One,
            "%B4000001234562000^DOE/JANE^30122010000000000?",
        );
        assert_eq!(one.check_character(), '+');
    }

    #[test]
    fn the_bits_of_the_sentinels() {
        let bits = |track, s: &str| -> String {
            let bits = text(track, s).to_bits();
            bits.as_slice()
                .iter()
                .map(|bit| if *bit { '1' } else { '0' })
                .collect()
        };
        // Start sentinel, end sentinel, check character, each with its parity bit.
        assert_eq!(
            bits(TrackNumber::Two, ";?"),
            "11010".to_owned() + "11111" + "00100"
        );
        assert_eq!(
            bits(TrackNumber::One, "%?"),
            "1010001".to_owned() + "1111100" + "0101100"
        );
    }

    #[test]
    fn each_fault_has_its_name() {
        let wrong = |s: &str| StripeText::parse(TrackNumber::Two, s).unwrap_err();
        assert_eq!(wrong("4111?"), StripeError::NoStart);
        assert_eq!(wrong(";4111"), StripeError::NoEnd);
        assert_eq!(wrong(";"), StripeError::NoEnd);
        assert_eq!(wrong(";41A1?"), StripeError::Character { position: 3 });
        assert_eq!(wrong(";41;1?"), StripeError::Character { position: 3 });
        let long = format!(";{}?", "1".repeat(38));
        assert_eq!(wrong(&long), StripeError::TooLong { found: 41, max: 40 });
        assert!(StripeText::parse(TrackNumber::Two, &long.replacen('1', "", 1)).is_ok());
    }

    #[test]
    fn spoiled_bits_are_noticed() {
        let good = text(TrackNumber::Two, ";4111111111111111=29062010?").to_bits();
        let mut flipped = good.clone();
        flipped.as_mut_slice()[12] ^= true;
        assert_eq!(
            flipped.read(TrackNumber::Two),
            Err(StripeError::Parity { position: 2 })
        );
        flipped.as_mut_slice()[11] ^= true;
        assert_eq!(flipped.read(TrackNumber::Two), Err(StripeError::Check));
        let cut = StripeBits::new(good.as_slice()[..60].to_vec());
        assert_eq!(cut.read(TrackNumber::Two), Err(StripeError::NoEnd));
        let no_check = StripeBits::new(good.as_slice()[..good.as_slice().len() - 5].to_vec());
        assert_eq!(no_check.read(TrackNumber::Two), Err(StripeError::Check));
        assert_eq!(
            StripeBits::default().read(TrackNumber::One),
            Err(StripeError::NoStart)
        );
        assert_eq!(
            StripeBits::new(vec![false; 90]).read(TrackNumber::Two),
            Err(StripeError::NoStart)
        );
    }

    #[test]
    fn nothing_prints() {
        let text = text(TrackNumber::Two, ";4111111111111111=29062010?");
        let shown = format!("{text:?} {:?}", text.to_bits());
        assert_eq!(
            shown,
            "StripeText(track 2, 27 characters) StripeBits(140 bits)"
        );
    }

    fn any_text() -> impl Strategy<Value = StripeText> {
        prop_oneof![
            "%[ !-$&-;=>@-_<]{0,76}\\?".prop_map(|s| text(TrackNumber::One, &s)),
            ";[0-:<=>]{0,37}\\?".prop_map(|s| text(TrackNumber::Two, &s)),
            ";[0-:<=>]{0,104}\\?".prop_map(|s| text(TrackNumber::Three, &s)),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in any_text(), lead in 0usize..40, trail in 0usize..40) {
            let mut bits = vec![false; lead];
            bits.extend(text.to_bits().as_slice());
            bits.extend(vec![false; trail]);
            prop_assert_eq!(StripeBits::new(bits).read(text.track()), Ok(text));
        }

        #[test]
        fn any_single_flipped_bit_is_noticed(text in any_text(), at in any::<prop::sample::Index>()) {
            let mut bits = text.to_bits();
            let at = at.index(bits.as_slice().len());
            bits.as_mut_slice()[at] ^= true;
            prop_assert!(bits.read(text.track()).is_err());
        }

        #[test]
        fn any_bits_are_read_without_a_panic(bits in proptest::collection::vec(any::<bool>(), 0..800)) {
            let bits = StripeBits::new(bits);
            for track in [TrackNumber::One, TrackNumber::Two, TrackNumber::Three] {
                let _ = bits.read(track);
            }
        }
    }
}
