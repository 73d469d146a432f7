//! No secret in ledger, journal or answer.

use persotwin_contract::card::TrackData;
use persotwin_contract::order::Issuance;

use persotwin_link::product::PinRule;

use crate::doubles::{Wish, World, told_in};
use crate::order::Order;

const PAN: &str = "4111111111111111";

/// A world whose cards have the PIN that the order brings.
fn with_pins<F: Future<Output = ()>>(story: impl FnOnce(World) -> F) {
    let mut wish = Wish::default();
    for product in wish.tenant.products.values_mut() {
        product.pin = PinRule::InOrder;
    }
    told_in(wish, story);
}

fn order() -> Order {
    let mut order = Order::named("req-1");
    order.data.cvv1 = Some("739".parse().unwrap());
    order.data.cvv2 = Some("846".parse().unwrap());
    order.data.pin_block = Some("041226EEEEEEEEEE".parse().unwrap());
    order.clear.track_data = Some(TrackData {
        track2: Some("4111111111111111=29062010000739000000".parse().unwrap()),
        ..TrackData::default()
    });
    order
}

fn search(text: &str, place: &str) {
    for secret in [
        PAN,
        "4111 1111 1111 1111",
        "2906201",
        "0412AC",
        "NDExMTExMTEx",
        "34313131",
    ] {
        assert!(!text.contains(secret), "{secret} in the {place}");
    }
}

#[test]
fn neither_ledger_nor_journal_holds_card_data() {
    with_pins(|world: World| async move {
        world.order("card-1", order().body(&world)).await;
        world.sleep(100).await;
        let again = order().again(Issuance::Replacement);
        let token = world.token().await;
        assert_eq!(
            world
                .post(&token, "card-1", again.body(&world))
                .await
                .unwrap()
                .status(),
            403
        );
        let ledger: Vec<String> = world
            .d1
            .store()
            .entries()
            .into_iter()
            .map(|entry| String::from_utf8(entry).unwrap())
            .collect();
        assert!(ledger.len() > 5);
        search(&ledger.join("\n"), "ledger");
        search(&world.ground.journal().to_string(), "journal");
        assert!(!ledger.join("\n").contains("\"cvv"));
        assert!(!ledger.join("\n").contains("\"trackData\""));
    });
}

#[test]
fn track_data_in_the_clear_are_used_with_a_remark() {
    with_pins(|world: World| async move {
        let token = world.token().await;
        let reply = world
            .post(&token, "card-1", order().body(&world))
            .await
            .unwrap();
        assert!(
            reply
                .header("x-persotwin-remark")
                .unwrap()
                .contains("trackData")
        );
        world.sleep(60).await;
        let data = world.production_data();
        assert_eq!(data.track2, "4111111111111111=29062010000739000000");
        assert!(data.track1.starts_with("B4111111111111111^"));
        assert_eq!(data.layout.cvv2, "846");
        assert!(
            data.dgis.iter().any(|dgi| dgi.starts_with("8010")),
            "the PIN is in the chip"
        );
        assert!(data.dgis.iter().any(|dgi| dgi == "9010020303"));
    });
}

#[test]
fn refusals_do_not_repeat_what_was_sent() {
    with_pins(|world: World| async move {
        let token = world.token().await;
        let bad = Order::good().changed(&world, |body| body[PAN] = PAN.into());
        let bad = String::from_utf8(bad).unwrap().replace("CREATION", PAN);
        for (card, body) in [
            ("card-1", bad.clone()),
            (PAN, bad),
            ("card-1", PAN.to_owned()),
        ] {
            let reply = world.post(&token, card, body.into_bytes()).await.unwrap();
            assert_eq!(reply.status(), 400);
            search(std::str::from_utf8(reply.body()).unwrap(), "answer");
        }
    });
}
