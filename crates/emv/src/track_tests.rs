//! Tracks built, read and overfilled.

use proptest::prelude::*;

use super::*;

fn track_1(pan: &str, discretionary: &str) -> Result<Track1, TrackError> {
    Track1::new(
        Pan::parse(pan).unwrap(),
        EncodedName::parse("DOE/JANE").unwrap(),
        Expiry::parse("3012").unwrap(),
        ServiceCode::parse("201").unwrap(),
        discretionary,
    )
}

fn track_2(pan: &str, discretionary: &str) -> Result<Track2, TrackError> {
    Track2::new(
        Pan::parse(pan).unwrap(),
        Expiry::parse("3012").unwrap(),
        ServiceCode::parse("201").unwrap(),
        Digits::parse(discretionary).unwrap(),
    )
}

#[test]
fn the_samples_of_the_stripe() {
    let one = track_1("4000001234562000", "0000000000")
        .unwrap()
        .to_text()
        .unwrap();
    assert_eq!(
        one.as_str(),
        "%B4000001234562000^DOE/JANE^30122010000000000?"
    );
    let two = track_2("4000001234562000", "0000000000")
        .unwrap()
        .to_text()
        .unwrap();
    assert_eq!(two.as_str(), ";4000001234562000=30122010000000000?");
}

/// What the capacity leaves: 13 digits with 16 digits of card number, 10 with 19.
#[test]
fn track_2_overflows_by_one_digit() {
    for (len, room) in [(16, 13), (19, 10), (13, 16)] {
        let pan = "4".repeat(len);
        assert!(track_2(&pan, &"0".repeat(room)).is_ok());
        let over = TrackError::Overflow {
            track: TrackNumber::Two,
            found: 41,
            max: 40,
        };
        assert_eq!(track_2(&pan, &"0".repeat(room + 1)), Err(over));
    }
}

#[test]
fn track_1_overflows_by_one_character() {
    let room = 79 - 3 - "B^DOE/JANE^3012201".len() - 16;
    assert!(track_1(&"4".repeat(16), &"0".repeat(room)).is_ok());
    let over = TrackError::Overflow {
        track: TrackNumber::One,
        found: 80,
        max: 79,
    };
    assert_eq!(track_1(&"4".repeat(16), &"0".repeat(room + 1)), Err(over));
}

#[test]
fn the_equivalent_data_is_filled_to_whole_bytes() {
    let even = track_2("4000001234562000", "0000000000").unwrap();
    assert_eq!(
        hex::encode_upper(even.to_equivalent()),
        "4000001234562000D30122010000000000"
    );
    let odd = track_2("4000001234562000", "00000000000").unwrap();
    assert_eq!(
        hex::encode_upper(odd.to_equivalent()),
        "4000001234562000D301220100000000000F"
    );
    let full = track_2(&"4".repeat(19), "0000000000").unwrap();
    assert_eq!(full.to_equivalent().len(), 19);
}

#[test]
fn wrong_equivalent_data() {
    let read = |text: &str| Track2::from_equivalent(&hex::decode(text).unwrap()).unwrap_err();
    assert_eq!(read(""), TrackError::Equivalent);
    assert_eq!(read("4000001234562000D3012201A0FF"), TrackError::Equivalent);
    assert_eq!(read("4000001234562000F30122010F00"), TrackError::Equivalent);
    assert_eq!(read("40000012345620003012201000"), TrackError::Separator);
    assert_eq!(read("4000001234562000D13302010F"), TrackError::Expiry);
    assert_eq!(read("4000001234562000D30122"), TrackError::ServiceCode);
    assert_eq!(
        read("4000001234562000D3012201D000"),
        TrackError::Discretionary
    );
    assert_eq!(read(&"40".repeat(20)), TrackError::Equivalent);
}

#[test]
fn wrong_texts() {
    let one = |text: &str| StripeText::parse(TrackNumber::One, text).unwrap();
    let two = |text: &str| StripeText::parse(TrackNumber::Two, text).unwrap();
    let read_1 = |text: &str| Track1::parse(&one(text)).unwrap_err();
    let read_2 = |text: &str| Track2::parse(&two(text)).unwrap_err();
    assert_eq!(
        read_1("%A4000001234562000^DOE/JANE^3012201?"),
        TrackError::FormatCode
    );
    assert_eq!(
        read_1("%B4000001234562000^DOE/JANE?"),
        TrackError::Separator
    );
    assert_eq!(read_1("%B40^DOE/JANE^3012201?"), TrackError::Pan);
    assert_eq!(read_1("%B4000001234562000^D^3012201?"), TrackError::Name);
    assert_eq!(read_2(";4000001234562000=12302?"), TrackError::Expiry);
    assert_eq!(read_2(";4000001234562000?"), TrackError::Separator);
    assert_eq!(Track1::parse(&two(";1=?")), Err(TrackError::OtherTrack));
    assert_eq!(Track2::parse(&one("%B^?")), Err(TrackError::OtherTrack));
}

#[test]
fn tracks_print_masked() {
    let shown = format!(
        "{:?} {:?}",
        track_1("4000001234562000", "12"),
        track_2("4000001234562000", "34")
    );
    assert!(!shown.contains("4000001234562000") && !shown.contains("DOE"));
    assert!(shown.contains("400000******2000"));
}

proptest! {
    #[test]
    fn what_is_built_is_read(pan in "[0-9]{10,19}", one in "[A-Z0-9 ]{0,25}", two in "[0-9]{0,10}") {
        let track = track_1(&pan, &one).unwrap();
        prop_assert_eq!(Track1::parse(&track.to_text().unwrap()), Ok(track));
        let track = track_2(&pan, &two).unwrap();
        prop_assert_eq!(&Track2::parse(&track.to_text().unwrap()), &Ok(track.clone()));
        prop_assert_eq!(Track2::from_equivalent(&track.to_equivalent()), Ok(track));
    }

    #[test]
    fn any_equivalent_data_is_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..25)) {
        if let Ok(track) = Track2::from_equivalent(&bytes) {
            prop_assert_eq!(track.to_equivalent(), bytes);
        }
    }
}
