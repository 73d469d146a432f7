//! The issuer's own token door, where the tenant has one.

use http::header;
use persotwin_contract::path;
use persotwin_contract::token::outbound::{ClientCredentials, write_client_request};
use persotwin_link::{Face, tenant};
use persotwin_wire::{Call, Reply};
use serde_json::{Value, json};

use crate::world::{Making, NOTIFICATIONS, SECOND, World};

fn guarded() -> Making {
    let mut making = Making::default();
    making.tenant.outbound_oauth = Some(tenant::ClientCredentials {
        client: "d1".to_owned(),
        secret: "open-sesame".to_owned(),
        scope: Some("cards".to_owned()),
    });
    making
}

async fn ask(world: &World, secret: &str, body: String) -> Reply {
    let credentials = ClientCredentials::new("d1".to_owned(), secret.to_owned()).unwrap();
    let call = Call::post(Face::IssuerToken, path::OUTBOUND_TOKEN)
        .body("application/x-www-form-urlencoded", body)
        .header(header::AUTHORIZATION, &credentials.to_header());
    world.d1_host.wire.call(call).await.unwrap()
}

async fn notify(world: &World, token: Option<&str>) -> u16 {
    let call = Call::post(Face::Notifications, NOTIFICATIONS).json(&json!({"operations": []}));
    let call = match token {
        Some(token) => call.bearer(token),
        None => call,
    };
    world.d1_host.wire.call(call).await.unwrap().status()
}

#[test]
fn notifications_must_show_a_token_that_lives() {
    guarded().tell(|mut world| async move {
        assert_eq!(notify(&world, None).await, 401);
        assert_eq!(notify(&world, Some("9999999999.0000")).await, 401);
        let answer = ask(&world, "open-sesame", write_client_request(Some("cards"))).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let answer: Value = answer.json().unwrap();
        assert_eq!(answer["token_type"], "Bearer");
        assert_eq!(answer["expires_in"], "900");
        assert_eq!(answer["scope"], "cards");
        let token = answer["access_token"].as_str().unwrap();
        assert_eq!(notify(&world, Some(token)).await, 204);
        world.issuer.start().await;
        assert_eq!(notify(&world, Some(token)).await, 204);
        world.wait(SECOND * 901).await;
        assert_eq!(notify(&world, Some(token)).await, 401);
    });
}

#[test]
fn a_wrong_token_request_is_400() {
    guarded().tell(|world| async move {
        let good = write_client_request(None);
        let answer = ask(&world, "guess", good.clone()).await;
        assert_eq!(answer.status(), 400);
        assert_eq!(answer.json::<Value>().unwrap()["error"], "invalid_client");
        for (body, error) in [
            (String::new(), "invalid_request"),
            ("grant_type=password".to_owned(), "unsupported_grant_type"),
        ] {
            let answer = ask(&world, "open-sesame", body).await;
            assert_eq!(answer.status(), 400);
            assert_eq!(answer.json::<Value>().unwrap()["error"], error);
        }
        let json = Call::post(Face::IssuerToken, path::OUTBOUND_TOKEN).json(&json!({}));
        assert_eq!(world.d1_host.wire.call(json).await.unwrap().status(), 415);
    });
}

#[test]
fn without_it_there_is_no_such_door() {
    Making::default().tell(|world| async move {
        let answer = ask(&world, "open-sesame", write_client_request(None)).await;
        assert_eq!(answer.status(), 404);
        assert_eq!(notify(&world, None).await, 204);
    });
}
