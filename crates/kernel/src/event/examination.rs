//! What somebody finds who looks at a finished card as a terminal, a stripe reader and a person do. All ours.

use std::fmt;

use persotwin_link::device::Tracks;
use persotwin_link::jobs::Layout;
use serde::Serialize;

use crate::chance::{Chance, Fingerprint};

/// All that can be read of a card, medium by medium: equal for equal cards of one run, and telling nothing about them. A medium that
/// cannot be read has none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Content {
    /// Every answer of the chip to a terminal that reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chip: Option<Fingerprint>,
    /// The three tracks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stripe: Option<Fingerprint>,
    /// What is written on front and back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub print: Option<Fingerprint>,
}

impl Content {
    /// Of a chip's answers as one text, of tracks, and of what is printed; the artwork counts for nothing.
    pub fn of(
        chance: &Chance,
        chip: Option<&str>,
        tracks: Option<&Tracks>,
        layout: Option<&Layout>,
    ) -> Self {
        let print = |secret: &[&str]| chance.fingerprint(secret);
        Self {
            chip: chip.map(|text| print(&["chip", text])),
            stripe: tracks.map(|tracks| {
                let track3 = tracks.track3.as_deref().unwrap_or_default();
                print(&["stripe", &tracks.track1, &tracks.track2, track3])
            }),
            print: layout.map(|layout| {
                let second = layout.second_name.as_deref().unwrap_or_default();
                let Layout {
                    pan,
                    expiry,
                    name,
                    cvv2,
                    ..
                } = layout;
                let mut parts = vec!["print", pan, expiry, name, second, cvv2];
                parts.extend(layout.custom_lines.iter().map(String::as_str));
                print(&parts)
            }),
        }
    }

    /// The first medium that was to be as it is here, and reads otherwise.
    pub fn differs_from(&self, wanted: &Self) -> Option<Medium> {
        let media = [
            (Medium::Chip, &self.chip, &wanted.chip),
            (Medium::Stripe, &self.stripe, &wanted.stripe),
            (Medium::Print, &self.print, &wanted.print),
        ];
        let mut differing = media
            .into_iter()
            .filter(|(_, is, wanted)| wanted.is_some() && is != wanted);
        differing.next().map(|(medium, ..)| medium)
    }
}

/// Where a card carries data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Medium {
    /// The chip.
    Chip,
    /// The magnetic stripe.
    Stripe,
    /// Both faces.
    Print,
}

impl fmt::Display for Medium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Chip => "chip",
            Self::Stripe => "stripe",
            Self::Print => "print",
        })
    }
}

/// Something wrong with a finished card. No card data are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Defect {
    /// No application on the chip is personalised.
    NotPersonalised,
    /// A terminal cannot read the chip: a command is refused, a data object is missing or malformed.
    ChipUnreadable,
    /// What a terminal reads contradicts itself: number or expiry in tags 57, 5A and 5F24.
    ChipContradictsItself,
    /// The file locator does not name the records that are there, or promises signatures that the profile does not.
    FileLocator,
    /// The list of verification methods cannot be read, or promises a PIN check that the chip cannot do.
    CvmList,
    /// The application is of no product of the issuer.
    Product,
    /// The issuer has no keys at the index that the chip names.
    KeyIndex,
    /// The chip's keys, or their check values, are not those that follow from the issuer's for this number.
    Keys,
    /// The chip gives no cryptogram.
    NoCryptogram,
    /// The issuer's keys do not verify the chip's cryptogram.
    Cryptogram,
    /// The issuer approved, and the chip did not.
    IssuerNotBelieved,
    /// The card does not prove itself offline in the way of its product: a certificate or a signature does not verify.
    DataAuthentication,
    /// The verification value in tag 57 is not the chip's.
    ChipVerificationValue,
    /// Track 1 or track 2 cannot be read.
    StripeUnreadable,
    /// Number, expiry, service code or name on the stripe are not those of the chip.
    StripeDiffers,
    /// Number or expiry on the front, or the value on the back, cannot be read.
    PrintUnreadable,
    /// Number or expiry on the front are not those of the chip.
    PrintDiffers,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotPersonalised => "its chip is not personalised",
            Self::ChipUnreadable => "no terminal can read its chip",
            Self::ChipContradictsItself => "what a terminal reads contradicts itself",
            Self::FileLocator => "its file locator is wrong",
            Self::CvmList => "its list of verification methods is wrong",
            Self::Product => "its application is of no product",
            Self::KeyIndex => "it names a key index that the issuer does not have",
            Self::Keys => "its keys are not those of its number",
            Self::NoCryptogram => "its chip gives no cryptogram",
            Self::Cryptogram => "the issuer's keys do not verify its cryptogram",
            Self::IssuerNotBelieved => "its chip does not approve what the issuer approved",
            Self::DataAuthentication => "it does not prove to a terminal that its issuer made it",
            Self::ChipVerificationValue => "the verification value in tag 57 is not the chip's",
            Self::StripeUnreadable => "its stripe cannot be read",
            Self::StripeDiffers => "its stripe is not of its chip",
            Self::PrintUnreadable => "what is printed on it cannot be read",
            Self::PrintDiffers => "what is printed on it is not of its chip",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracks() -> Tracks {
        Tracks {
            track1: "B4111111111111111^A/B^2906".into(),
            track2: "4111111111111111=2906".into(),
            track3: None,
        }
    }

    fn layout() -> Layout {
        Layout {
            artwork: "dawn".into(),
            pan: "4111 1111 1111 1111".into(),
            expiry: "06/29".into(),
            name: "ALICE MARTIN".into(),
            second_name: None,
            custom_lines: vec!["ONE".into()],
            cvv2: "123".into(),
        }
    }

    fn of(tracks: &Tracks, layout: &Layout) -> Content {
        let chance = Chance::new(1);
        Content::of(&chance, Some("6F|77"), Some(tracks), Some(layout))
    }

    #[test]
    fn what_differs_is_named() {
        let good = of(&tracks(), &layout());
        assert_eq!(of(&tracks(), &layout()).differs_from(&good), None);
        let mut other = tracks();
        other.track3 = Some("0".into());
        assert_eq!(
            of(&other, &layout()).differs_from(&good),
            Some(Medium::Stripe)
        );
        let mut changed = vec![layout(); 5];
        changed[0].name.push('E');
        changed[1].custom_lines.clear();
        changed[2].cvv2 = "124".into();
        changed[3].second_name = Some("ONE".into());
        changed[4].expiry = "06/28".into();
        for layout in changed {
            let found = of(&tracks(), &layout).differs_from(&good);
            assert_eq!(found, Some(Medium::Print));
        }
        let mut drawn = layout();
        drawn.artwork = "dusk".into();
        assert_eq!(of(&tracks(), &drawn).differs_from(&good), None);
    }

    #[test]
    fn what_cannot_be_read_differs_and_what_nobody_wanted_does_not() {
        let good = of(&tracks(), &layout());
        let nothing = Content::default();
        assert_eq!(nothing.differs_from(&good), Some(Medium::Chip));
        assert_eq!(good.differs_from(&nothing), None);
        let json = serde_json::to_string(&good).unwrap();
        assert!(!json.contains("4111") && !json.contains("ALICE"), "{json}");
    }
}
