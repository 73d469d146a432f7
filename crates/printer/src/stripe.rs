//! The magnetic stripe of a card: three tracks of bits, written and read as a head does.
//!
//! A stripe is of low or high coercivity, and a head writes for one of them. For the other one it is too weak, or so strong that
//! neighbours smear; both lose bits here (ours), so that parity fails wherever the stripe is read.

use std::fmt;

use persotwin_emv::stripe::{StripeBits, StripeError, StripeText, TrackNumber};
use persotwin_link::device::Tracks;
use persotwin_link::stock::Coercivity;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::progress::Progress;

/// A stripe. `Debug` shows how many bits each track has.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Stripe {
    coercivity: Coercivity,
    bits: [StripeBits; 3],
}

/// The tracks in the order of [`Stripe`].
const NUMBERS: [TrackNumber; 3] = [TrackNumber::One, TrackNumber::Two, TrackNumber::Three];

impl Stripe {
    /// A stripe on which nothing is written.
    pub fn bare(coercivity: Coercivity) -> Self {
        Self {
            coercivity,
            ..Self::default()
        }
    }

    /// What it is made of.
    pub fn coercivity(&self) -> Coercivity {
        self.coercivity
    }

    /// Writes the tracks over what was there, with a head that is set for such stripes; a track that
    /// is not given keeps what it has.
    ///
    /// # Errors
    /// A [`StripeError`] for a text that does not fit its track; nothing is written then.
    pub(crate) fn write(&mut self, tracks: &Tracks, head: Coercivity) -> Result<(), StripeError> {
        let texts = [
            Some(&tracks.track1),
            Some(&tracks.track2),
            tracks.track3.as_ref(),
        ];
        let mut bits = self.bits.clone();
        for ((number, text), bits) in NUMBERS.into_iter().zip(texts).zip(&mut bits) {
            if let Some(text) = text {
                *bits = encode(number, text)?;
            }
        }
        self.bits = bits;
        if head != self.coercivity {
            self.weaken();
        }
        Ok(())
    }

    /// Loses every third flux change, as a stripe does that was written too weakly. The start
    /// sentinel of each track has three, so its parity fails first.
    pub(crate) fn weaken(&mut self) {
        for track in &mut self.bits {
            let mut ones = 0;
            let weak = track.as_slice().iter().map(|bit| {
                ones += u32::from(*bit);
                *bit && ones % 3 != 0
            });
            *track = StripeBits::new(weak.collect());
        }
    }

    /// Keeps the first part of each track and loses the rest: a head that stopped on its way.
    pub(crate) fn cut(&mut self, written: Progress) {
        for bits in &mut self.bits {
            let mut kept = bits.as_slice().to_vec();
            kept.truncate(written.share_of(kept.len()));
            *bits = StripeBits::new(kept);
        }
    }

    /// Reads the tracks, without sentinels and check characters. Track 3 may be blank.
    ///
    /// # Errors
    /// The first [`StripeError`].
    pub fn read(&self) -> Result<Tracks, StripeError> {
        let track3 = match self.track(TrackNumber::Three).as_slice() {
            [] => None,
            _ => Some(self.text(TrackNumber::Three)?.body().to_owned()),
        };
        Ok(Tracks {
            track1: self.text(TrackNumber::One)?.body().to_owned(),
            track2: self.text(TrackNumber::Two)?.body().to_owned(),
            track3,
        })
    }

    /// Whether nothing was ever written.
    pub fn is_blank(&self) -> bool {
        self.bits.iter().all(|bits| bits.as_slice().is_empty())
    }

    /// The bits of a track.
    pub fn track(&self, number: TrackNumber) -> &StripeBits {
        let [one, two, three] = &self.bits;
        match number {
            TrackNumber::One => one,
            TrackNumber::Two => two,
            TrackNumber::Three => three,
        }
    }

    fn text(&self, number: TrackNumber) -> Result<StripeText, StripeError> {
        self.track(number).read(number)
    }
}

fn encode(number: TrackNumber, text: &str) -> Result<StripeBits, StripeError> {
    let (start, end) = (number.start_sentinel(), TrackNumber::END_SENTINEL);
    let text = Zeroizing::new(format!("{start}{text}{end}"));
    Ok(StripeText::parse(number, &text)?.to_bits())
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [one, two, three] = self.bits.each_ref().map(|bits| bits.as_slice().len());
        write!(
            f,
            "Stripe({:?}, {one}, {two} and {three} bits)",
            self.coercivity
        )
    }
}

/// A stripe in a file: what each track says, and its bits, which alone are read again.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StripeFile {
    #[serde(default)]
    coercivity: Coercivity,
    track1: Option<TrackFile>,
    track2: Option<TrackFile>,
    track3: Option<TrackFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TrackFile {
    /// With sentinels, without the check character; absent when it cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// `0` and `1` in the order of writing.
    bits: String,
}

impl TrackFile {
    fn of(stripe: &Stripe, number: TrackNumber) -> Option<Self> {
        let bits = stripe.track(number).as_slice();
        let text = stripe
            .text(number)
            .ok()
            .map(|text| text.as_str().to_owned());
        let bits: String = bits
            .iter()
            .map(|bit| if *bit { '1' } else { '0' })
            .collect();
        (!bits.is_empty()).then_some(Self { text, bits })
    }

    fn bits(&self) -> Option<StripeBits> {
        let bit = |c| match c {
            '0' => Some(false),
            '1' => Some(true),
            _ => None,
        };
        self.bits
            .chars()
            .map(bit)
            .collect::<Option<_>>()
            .map(StripeBits::new)
    }
}

impl Drop for TrackFile {
    fn drop(&mut self) {
        self.text.zeroize();
        self.bits.zeroize();
    }
}

impl Serialize for Stripe {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let [track1, track2, track3] = NUMBERS.map(|number| TrackFile::of(self, number));
        StripeFile {
            coercivity: self.coercivity,
            track1,
            track2,
            track3,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Stripe {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let file = StripeFile::deserialize(deserializer)?;
        let mut stripe = Self::bare(file.coercivity);
        for (track, bits) in [file.track1, file.track2, file.track3]
            .iter()
            .zip(&mut stripe.bits)
        {
            if let Some(track) = track {
                let wrong = || serde::de::Error::custom("bits of a track are 0 and 1");
                *bits = track.bits().ok_or_else(wrong)?;
            }
        }
        Ok(stripe)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::tracks;

    #[test]
    fn what_is_written_is_read() {
        let mut stripe = Stripe::default();
        assert!(stripe.is_blank());
        assert_eq!(stripe.read(), Err(StripeError::NoStart));
        stripe.write(&tracks(), Coercivity::Hico).unwrap();
        assert_eq!(stripe.read(), Ok(tracks()));
        assert!(!stripe.is_blank());
    }

    #[test]
    fn a_text_that_does_not_fit_writes_nothing() {
        let mut stripe = Stripe::default();
        let mut long = tracks();
        long.track2 = "1".repeat(38);
        assert!(matches!(
            stripe.write(&long, Coercivity::Hico),
            Err(StripeError::TooLong { .. })
        ));
        assert!(stripe.is_blank());
    }

    #[test]
    fn a_head_of_the_wrong_strength_leaves_an_unreadable_stripe() {
        let (low, high) = (Coercivity::Loco, Coercivity::Hico);
        for (stripe, head) in [(low, low), (low, high), (high, low), (high, high)] {
            let mut written = Stripe::bare(stripe);
            written.write(&tracks(), head).unwrap();
            assert_eq!(written.read().is_ok(), stripe == head);
            for number in [TrackNumber::One, TrackNumber::Two] {
                let read = written.track(number).read(number);
                assert_eq!(read.is_ok(), stripe == head, "{number:?}");
            }
            let json = serde_json::to_value(&written).unwrap();
            assert_eq!(serde_json::from_value::<Stripe>(json).unwrap(), written);
        }
    }

    #[test]
    fn a_head_that_stopped_leaves_an_unreadable_stripe() {
        let mut stripe = Stripe::default();
        stripe.write(&tracks(), Coercivity::Hico).unwrap();
        stripe.cut(Progress::try_from(700).unwrap());
        assert!(stripe.read().is_err());
        assert!(!stripe.is_blank());
    }

    #[test]
    fn a_stripe_goes_to_a_file_and_back() {
        let mut stripe = Stripe::default();
        stripe.write(&tracks(), Coercivity::Hico).unwrap();
        let json = serde_json::to_value(&stripe).unwrap();
        assert_eq!(json["track2"]["text"], format!(";{}?", tracks().track2));
        assert_eq!(
            serde_json::from_value::<Stripe>(json.clone()).unwrap(),
            stripe
        );
        let mut wrong = json;
        wrong["track2"]["bits"] = "012".into();
        assert!(serde_json::from_value::<Stripe>(wrong).is_err());
        assert!(!format!("{stripe:?}").contains("4111"));
    }
}
