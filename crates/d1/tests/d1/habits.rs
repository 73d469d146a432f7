//! What real client stacks send is understood.

use http::{HeaderName, Method};
use persotwin_contract::path;
use persotwin_contract::token::request::GRANT_TYPE;
use persotwin_kernel::Guard;
use persotwin_link::Face;
use persotwin_wire::{Call, Medium, Reply};

use crate::doubles::{Wish, World, told, told_in};
use crate::order::Order;

async fn call(world: &World, call: Call) -> Reply {
    world.client.wire.call(call).await.unwrap()
}

#[test]
fn a_token_is_asked_for_by_form_or_json_with_any_charset() {
    told(|world| async move {
        let assertion = world.assertion();
        let form = format!("grant_type={GRANT_TYPE}&assertion={assertion}");
        let json = format!(r#"{{"grant_type":"{GRANT_TYPE}","assertion":"{assertion}"}}"#);
        for (media, body) in [
            ("application/x-www-form-urlencoded", &form),
            ("application/x-www-form-urlencoded; charset=UTF-8", &form),
            ("application/json;charset=utf-8", &json),
        ] {
            let asked = Call::post(Face::Token, path::TOKEN).body(media, body.clone());
            let reply = call(&world, asked).await;
            assert_eq!(reply.status(), 200, "{media}");
            let token: serde_json::Value = reply.json().unwrap();
            assert_eq!(token["expires_in"], 900);
            assert_eq!(token["token_type"], "Bearer");
            assert_eq!(reply.header("cache-control"), Some("no-store"));
        }
        let asked = Call::post(Face::Token, path::TOKEN).body("text/plain", form);
        assert_eq!(call(&world, asked).await.status(), 415);
    });
}

#[test]
fn paths_come_in_lower_case_and_with_an_encoded_colon() {
    told(|world| async move {
        let token = world.token().await;
        let cards = ["physicalCards", "physicalcards"];
        for (number, cards) in cards.iter().enumerate() {
            for colon in [":", "%3A", "%3a"] {
                let path = format!(
                    "/banking/v1/issuers/TWINBANK01/{cards}/card-{number}/operations{colon}production"
                );
                let body = Order::named(&format!("req-{number}")).body(&world);
                let order = Call::post(Face::Orders, &path)
                    .body("application/json; charset=utf-8", body)
                    .bearer(&token);
                assert_eq!(call(&world, order).await.status(), 202, "{path}");
            }
            for status in ["productionStatus", "productionstatus"] {
                let path = format!("/banking/v1/issuers/TWINBANK01/{cards}/card-{number}/{status}");
                let poll = Call::get(Face::Orders, &path).bearer(&token);
                assert_eq!(call(&world, poll).await.status(), 200, "{path}");
            }
        }
    });
}

#[test]
fn headers_that_say_nothing_to_d1_are_let_be() {
    told(|world| async move {
        let token = world.token().await;
        let path = "/banking/v1/issuers/TWINBANK01/physicalCards/card-1/operations:production";
        let order = Call::new(Method::POST, Face::Orders, path)
            .body("application/json", Order::good().body(&world))
            .bearer(&token)
            .header(HeaderName::from_static("upgrade"), "h2c")
            .header(HeaderName::from_static("expect"), "100-continue")
            .header(HeaderName::from_static("x-correlation-id"), "abc-1");
        assert_eq!(call(&world, order).await.status(), 202);
    });
}

#[test]
fn sockets_carry_it_all_too() {
    let wish = Wish {
        medium: Medium::Loopback(Guard::default()),
        ..Wish::default()
    };
    told_in(wish, |mut world| async move {
        let token = world.token().await;
        // A sender of far too much hears why.
        let large = vec![b' '; 4 << 20];
        let reply = world.post(&token, "card-1", large).await.unwrap();
        assert_eq!(reply.status(), 413);
        world
            .order("card-1", Order::named("req-1").body(&world))
            .await;
        world.sleep(20).await;
        world.d1.crash().await;
        world.d1.start().await;
        world.sleep(120).await;
        assert_eq!(world.heard("card-1").last().unwrap(), "CARD_PROD_DONE");
    });
}
