use super::*;
use crate::names::PrintName;
use crate::order::Issuance;
use crate::order::tests::kiosk_order;
use crate::rules::NameRule;

fn card() -> CardData {
    let name = PrintName::new("ALICE MARTIN", NameRule::Embossing).unwrap();
    CardData::new(
        "4111111111111111".parse().unwrap(),
        "2912".parse().unwrap(),
        name,
    )
}

fn digest(order: &ClearOrder, data: Option<&CardData>) -> RequestDigest {
    let issuer = "TWINBANK01".parse().unwrap();
    RequestDigest::of(&[7; 32], &issuer, &"card-1".parse().unwrap(), order, data)
}

#[test]
fn a_fresh_jwe_is_the_same_request() {
    let mut again = kiosk_order();
    again.encrypted_data = "e..f.g.h".parse().unwrap();
    assert_eq!(
        digest(&kiosk_order(), Some(&card())),
        digest(&again, Some(&card()))
    );
    assert_ne!(
        digest(&kiosk_order(), None),
        digest(&again, None),
        "unread data may differ"
    );
}

#[test]
fn any_other_difference_is_another_request() {
    let first = digest(&kiosk_order(), Some(&card()));
    let mut order = kiosk_order();
    order.services.issuance = Issuance::Renewal;
    assert_ne!(digest(&order, Some(&card())), first);
    let mut data = card();
    data.exp = "3001".parse().unwrap();
    assert_ne!(digest(&kiosk_order(), Some(&data)), first);
    let issuer = "TWINBANK01".parse().unwrap();
    let of = |key: u8, card_id: &str| {
        let card_id = card_id.parse().unwrap();
        RequestDigest::of(&[key; 32], &issuer, &card_id, &kiosk_order(), Some(&card()))
    };
    assert_eq!(of(7, "card-1"), first);
    assert_ne!(of(7, "card-2"), first);
    assert_ne!(
        of(8, "card-1"),
        first,
        "without the key nobody can guess the data"
    );
    assert_eq!(RequestDigest::from_bytes(first.to_bytes()), first);
}
