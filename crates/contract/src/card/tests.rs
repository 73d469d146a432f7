use super::*;
use crate::rules::NameRule;

fn card() -> CardData {
    let name = PrintName::new("ALICE MARTIN", NameRule::Embossing).unwrap();
    CardData::new(
        "4111111111111111".parse().unwrap(),
        "2912".parse().unwrap(),
        name,
    )
}

#[test]
fn a_card_does_not_show_its_secrets() {
    let mut card = card();
    card.cvv2 = Some("987".parse().unwrap());
    card.pin_block = Some("041277EEEEEEEEEE".parse().unwrap());
    card.track_data = Some(TrackData {
        track2: Some(";4111111111111111=2912?".parse().unwrap()),
        ..TrackData::default()
    });
    let shown = format!("{card:?}");
    for secret in ["4111111111111111", "987", "1277", "=2912"] {
        assert!(!shown.contains(secret), "{secret}");
    }
    assert!(shown.contains("411111******1111"));
}

#[test]
fn the_plaintext_has_the_documented_members() {
    let plaintext = card().to_plaintext();
    let json = std::str::from_utf8(&plaintext).unwrap();
    assert_eq!(
        json,
        r#"{"pan":"4111111111111111","exp":"2912","name":"ALICE MARTIN"}"#
    );
}

#[test]
fn the_sequence_number_is_two_digits_and_00_when_absent() {
    assert_eq!(card().sequence_number().to_string(), "00");
    assert_eq!("07".parse::<PanSequenceNumber>().unwrap().number(), 7);
    for bad in ["7", "007", "+7", "", "0a"] {
        assert!(bad.parse::<PanSequenceNumber>().is_err(), "{bad}");
    }
}

#[test]
fn the_encoded_name_comes_from_the_issuer_or_track_1_or_the_printed_name() {
    let tracks = TrackData {
        track1: Some("%B4111111111111111^DOE/JANE^2912201?".parse().unwrap()),
        ..TrackData::default()
    };
    let mut card = card();
    assert_eq!(card.encoded_name(None).as_str(), "MARTIN/ALICE");
    assert_eq!(card.encoded_name(Some(&tracks)).as_str(), "DOE/JANE");
    card.encoded_name = Some("MARTIN/A".parse().unwrap());
    assert_eq!(card.encoded_name(Some(&tracks)).as_str(), "MARTIN/A");
}
