//! PINs: with the order, or told to D1 when it fetches them.

use persotwin_contract::path;
use persotwin_contract::pin::PinAnswer;
use persotwin_emv::pan::Pan;
use persotwin_emv::pin::{Pin, PinBlock};
use persotwin_link::Face;
use persotwin_link::product::PinRule;
use persotwin_link::tenant::{BUILT_IN_ISSUER, ClientCredentials};
use persotwin_wire::{Call, Reply};

use crate::d1::{jwe_key, opened};
use crate::world::{Making, SECOND, World, request};

fn making(rule: PinRule) -> Making {
    let mut making = Making::default();
    for product in making.tenant.products.values_mut() {
        product.pin = rule;
    }
    let pin = Some(Pin::parse("0815").unwrap());
    making.cards.get_mut("alice").unwrap().pin = pin;
    making
}

async fn ask(world: &World, issuer: &str, card: &str) -> Reply {
    let path = path::card_pin(&issuer.parse().unwrap(), &card.parse().unwrap());
    let call = Call::get(Face::Pins, &path);
    world.d1_host.wire.call(call).await.unwrap()
}

fn read(block: &str, pan: &str) -> String {
    let block = PinBlock::new(hex::decode(block).unwrap().try_into().unwrap());
    let pin = block.read_format_0(&Pan::parse(pan).unwrap()).unwrap();
    pin.as_str().to_owned()
}

#[test]
fn a_pin_goes_with_the_order_where_the_product_says_so() {
    making(PinRule::InOrder).tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.tap(&request("r-2", "bob")).await;
        world.wait(SECOND).await;
        let mut pins = Vec::new();
        for came in &world.d1.notes().came {
            let data = opened(&came.body);
            let block = data.pin_block.as_ref().unwrap();
            pins.push(read(block.reveal(), data.pan.reveal()));
        }
        assert!(pins.contains(&"0815".to_owned()));
        assert!(pins.iter().all(|pin| pin.len() == 4), "the other is drawn");
        let card = world.card();
        assert_eq!(ask(&world, BUILT_IN_ISSUER, &card).await.status(), 404);
    });
}

#[test]
fn d1_and_nobody_else_can_read_what_it_fetches_and_it_is_the_same_each_time() {
    making(PinRule::Fetched).tell(|mut world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        let (card, order) = (world.card(), world.d1.notes().came[0].body.clone());
        let data = opened(&order);
        assert_eq!(data.pin_block, None);
        let key = jwe_key();
        for _ in 0..2 {
            let reply = ask(&world, BUILT_IN_ISSUER, &card).await;
            let answer: PinAnswer = reply.json().unwrap();
            let block = answer.open(|_| Some(&key)).unwrap();
            assert_eq!(read(block.reveal(), data.pan.reveal()), "0815");
            world.issuer.crash().await;
            world.issuer.start().await;
        }
        assert_eq!(ask(&world, "OTHERBANK1", &card).await.status(), 404);
        assert_eq!(ask(&world, BUILT_IN_ISSUER, "no-card").await.status(), 404);
    });
}

#[test]
fn a_card_without_a_pin_has_none_to_tell() {
    making(PinRule::None).tell(|world| async move {
        world.tap(&request("r-1", "bob")).await;
        world.wait(SECOND).await;
        let order = world.d1.notes().came[0].body.clone();
        assert_eq!(opened(&order).pin_block, None);
        let card = world.card();
        assert_eq!(ask(&world, BUILT_IN_ISSUER, &card).await.status(), 404);
    });
}

#[test]
fn with_outbound_oauth_nobody_gets_a_pin_without_a_token() {
    let mut making = making(PinRule::Fetched);
    making.tenant.outbound_oauth = Some(ClientCredentials {
        client: "d1".to_owned(),
        secret: "open-sesame".to_owned(),
        scope: None,
    });
    making.tell(|world| async move {
        world.tap(&request("r-1", "alice")).await;
        world.wait(SECOND).await;
        let card = world.card();
        assert_eq!(ask(&world, BUILT_IN_ISSUER, &card).await.status(), 401);
    });
}
