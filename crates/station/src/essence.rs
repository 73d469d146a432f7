//! What can really be read on a card, as fingerprints: chip, stripe and front each for itself.
//!
//! They are taken from the finished plastic, never from what the agent sent. A medium that cannot be read has no essence.

use persotwin_chip::Application;
use persotwin_emv::stripe::TrackNumber;
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::find_path;
use persotwin_emv::{bcd, track::Track2};
use persotwin_kernel::event::Essence;
use persotwin_kernel::{Chance, Fingerprint};
use persotwin_printer::face::Field;
use persotwin_printer::{Face, Side, Stripe};

/// What a terminal would read from the records of a personalised application: tags 5A and 5F24.
pub(crate) fn of_chip(chance: &Chance, application: &Application) -> Option<Essence> {
    let records = application.records();
    let find = |tag| {
        records
            .values()
            .find_map(|record| find_path(record, &[Tag::RECORD, tag]).ok()?)
    };
    let pan = bcd::unpack_compressed(find(Tag::PAN)?)?;
    let expiry = bcd::unpack_numeric(find(Tag::EXPIRATION_DATE)?.get(..2)?)?;
    Some(Essence {
        number: number(chance, &pan, &expiry),
        name: None,
    })
}

/// What a reader head would read from track 2.
pub(crate) fn of_stripe(chance: &Chance, stripe: &Stripe) -> Option<Essence> {
    let bits = stripe.track(TrackNumber::Two);
    let text = bits.read(TrackNumber::Two).ok()?;
    let track = Track2::parse(&text).ok()?;
    Some(Essence {
        number: number(chance, track.pan().as_str(), &track.expiry().yymm()),
        name: None,
    })
}

/// What somebody would read on the front; none unless number and expiry are legible.
pub(crate) fn of_front(chance: &Chance, face: &Face) -> Option<Essence> {
    let legible = |field| face.legible(Side::Front, field);
    let pan: String = legible(Field::Pan)?
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let (month, year) = legible(Field::Expiry)?.split_once('/')?;
    Some(Essence {
        number: number(chance, &pan, &format!("{year}{month}")),
        name: legible(Field::Name).map(|name| chance.fingerprint(&[name])),
    })
}

/// Of something that carries data which nobody can read: it is like no order's.
pub(crate) fn unreadable(chance: &Chance) -> Essence {
    Essence {
        number: chance.fingerprint(&[]),
        name: None,
    }
}

fn number(chance: &Chance, pan: &str, yymm: &str) -> Fingerprint {
    chance.fingerprint(&[pan, yymm])
}

#[cfg(test)]
mod tests {
    use super::*;
    use persotwin_chip::{Chip, ChipSerial, Profile};
    use persotwin_link::jobs::Layout;
    use persotwin_link::stock::Panel;
    use persotwin_printer::{Laid, Progress};

    fn chance() -> Chance {
        Chance::new(1)
    }

    fn expected() -> Fingerprint {
        chance().fingerprint(&["4111111111111111", "2906"])
    }

    fn layout() -> Layout {
        Layout {
            artwork: "dawn".into(),
            pan: "4111 1111 1111 1111".into(),
            expiry: "06/29".into(),
            name: "ALICE MARTIN".into(),
            second_name: None,
            custom_lines: vec![],
            cvv2: "123".into(),
        }
    }

    #[test]
    fn the_front_is_read_as_people_read_it() {
        let whole = Face::new(layout(), Laid::whole(&Panel::ALL));
        let essence = of_front(&chance(), &whole).unwrap();
        assert_eq!(essence.number, expected());
        assert_eq!(essence.name, Some(chance().fingerprint(&["ALICE MARTIN"])));
        let half = Laid::so_far(&Panel::ALL, Progress::try_from(700).unwrap());
        let half = Face::new(layout(), half);
        assert_eq!(of_front(&chance(), &half), None);
    }

    #[test]
    fn the_chip_is_read_from_its_records() {
        let groupings = [
            "0101 18 7016 5A08 4111111111111111 5F2403 290630 5F2003 412F42",
            "9102 0B A509 500456495341 870101",
            "9104 0A 82021800 9404 08010100",
            "8000 30 11223344006677881122334455007788 8B4F854F0831FBF2635A212E4DDDB92A \
             11220044556677881122330055667788",
            "9000 09 97DCB0CE4E2CB37DF3",
        ];
        let data = hex::decode(groupings.concat().replace(' ', "")).unwrap();
        let mut chip = Chip::blank(ChipSerial([0; 8]), &Profile::generic());
        chip.power_on();
        chip.transmit(&hex::decode("00A4040007A0000000031010").unwrap());
        let lc = u8::try_from(data.len()).unwrap();
        let answer = chip.transmit(&[&[0x80, 0xE2, 0x80, 0x00, lc][..], &data].concat());
        assert_eq!(answer, [0x90, 0x00]);
        let essence = of_chip(&chance(), chip.personalised().unwrap()).unwrap();
        assert_eq!((essence.number, essence.name), (expected(), None));
    }

    #[test]
    fn a_blank_stripe_says_nothing() {
        assert_eq!(of_stripe(&chance(), &Stripe::default()), None);
    }
}
