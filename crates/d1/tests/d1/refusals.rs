//! Every refusal, over HTTP, as a stranger would meet it; and after all of them a good order works.

use http::{HeaderName, Method};
use persotwin_contract::jose::jwe;
use persotwin_contract::path;
use persotwin_contract::rules::{CardDataChecks, UnauthorizedBody, UnknownCard};
use persotwin_contract::token::access::issue_access_token;
use persotwin_contract::token::assertion::sign_assertion;
use persotwin_contract::token::request::write_token_request;
use persotwin_kernel::event::News;
use persotwin_link::Face;
use persotwin_link::tenant::{Tenant, test_key};
use persotwin_wire::{Call, Reply};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde_json::{Value, json};

use crate::doubles::{OTHER_STATION, Wish, World, told, told_in};
use crate::order::Order;

/// Status, `errorCode` and `error` of a refusal.
fn refusal(reply: &Reply) -> (u16, String, String) {
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let body: Value = reply.json().unwrap();
    let text = |name: &str| body[name].as_str().unwrap_or("-").to_owned();
    (reply.status(), text("errorCode"), text("error"))
}

fn is(reply: &Reply, status: u16, code: &str, error: &str) {
    assert_eq!(refusal(reply), (status, code.into(), error.into()));
}

const FORMAT: &str = "FIELD_INVALID_FORMAT";
const VALUE: &str = "FIELD_INVALID_VALUE";

fn remove(body: &mut Value, path: &str) {
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let parent = if parent.is_empty() {
        body
    } else {
        &mut body[parent]
    };
    parent.as_object_mut().unwrap().remove(name).unwrap();
}

fn set(body: &mut Value, path: &str, value: &Value) {
    match path.split_once('.') {
        Some((parent, name)) => body[parent][name] = value.clone(),
        None => body[path] = value.clone(),
    }
}

#[test]
fn missing_and_broken_clear_members_are_named() {
    told(|world| async move {
        let token = world.token().await;
        let good = Order::good();
        for field in [
            "distributionChannel",
            "persoStation",
            "services",
            "services.issuance",
            "encryptedData",
            "paymentApplication",
            "paymentApplication.config",
            "paymentApplication.odaKeyIndex",
            "paymentApplication.derivationKeyIndex",
            "cardProductId",
        ] {
            let body = good.changed(&world, |body| remove(body, field));
            is(
                &world.post(&token, "card-1", body).await.unwrap(),
                400,
                FORMAT,
                field,
            );
        }
        for (field, value, code) in [
            ("distributionChannel", json!("KIOSK"), VALUE),
            ("persoStation", json!("no spaces"), FORMAT),
            ("persoStation", json!("KIOSK-PS-999"), VALUE),
            ("services.issuance", json!("GIFT"), VALUE),
            ("services.pinMailer", json!("no"), FORMAT),
            ("paymentApplication.config", json!("VISA-GOLD"), VALUE),
            (
                "paymentApplication.config",
                json!("MASTERCARD-DEBIT"),
                VALUE,
            ),
            ("paymentApplication.odaKeyIndex", json!("02"), VALUE),
            ("paymentApplication.derivationKeyIndex", json!(77), VALUE),
            ("paymentApplication.cvKeyIndex", json!("02"), VALUE),
            ("paymentApplication.pvKeyIndex", json!("02"), VALUE),
            ("cardProductId", json!("VISA-GOLD"), VALUE),
            ("issuerRequestId", json!("a b"), FORMAT),
        ] {
            let body = good.changed(&world, |body| set(body, field, &value));
            is(
                &world.post(&token, "card-1", body).await.unwrap(),
                400,
                code,
                field,
            );
        }
        // Two at once: the first one is named.
        let body = good.changed(&world, |body| {
            remove(body, "cardProductId");
            remove(body, "services.issuance");
        });
        is(
            &world.post(&token, "card-1", body).await.unwrap(),
            400,
            FORMAT,
            "services.issuance",
        );
        world.order("card-1", good.body(&world)).await;
    });
}

#[test]
fn missing_and_broken_card_data_are_named() {
    told(|world| async move {
        let token = world.token().await;
        let good = Order::good();
        for (member, value, code) in [
            ("pan", Value::Null, FORMAT),
            ("pan", json!("411111"), FORMAT),
            ("pan", json!("4111111111111112"), VALUE),
            ("pan", json!("5413330089020011"), VALUE),
            ("exp", json!("0629"), FORMAT),
            ("exp", json!("2605"), VALUE),
            ("name", json!("O'BRIEN"), FORMAT),
            ("name", json!("A".repeat(27)), FORMAT),
            ("cvv2", json!("12"), FORMAT),
            ("pinBlock", json!("0000000000000000"), VALUE),
        ] {
            let body = good.changed_inside(&world, |data| data[member] = value.clone());
            let field = format!("encryptedData.{member}");
            is(
                &world.post(&token, "card-1", body).await.unwrap(),
                400,
                code,
                &field,
            );
        }
        // A clear member comes before a decrypted one, and that before a station that nobody knows.
        let mut order = Order::good();
        order.clear.channel =
            persotwin_contract::order::Channel::Instant("NOWHERE".parse().unwrap());
        let body = order.changed_inside(&world, |data| data["exp"] = "0629".into());
        is(
            &world.post(&token, "card-1", body).await.unwrap(),
            400,
            FORMAT,
            "encryptedData.exp",
        );
    });
}

#[test]
fn a_card_number_has_no_place_in_an_id() {
    told(|world| async move {
        let token = world.token().await;
        let good = Order::good();
        let id = format!("x-{}", good.data.pan.reveal());
        for field in ["issuerRequestId", "consumerId"] {
            let body = good.changed(&world, |body| body[field] = id.as_str().into());
            let reply = world.post(&token, "card-1", body).await.unwrap();
            is(&reply, 400, VALUE, field);
        }
        let body = good.body(&world);
        let reply = world.post(&token, &id, body).await.unwrap();
        is(&reply, 400, VALUE, "cardId");
    });
}

#[test]
fn encrypted_data_that_cannot_be_opened_or_read() {
    told(|world| async move {
        let token = world.token().await;
        let good = Order::good();
        let whole: Value = serde_json::from_slice(&good.body(&world)).unwrap();
        let jwe = whole["encryptedData"].as_str().unwrap().to_owned();
        let plaintext = good.data.to_plaintext();
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let stranger = jwe::encrypt(&plaintext, test_key("nobody-1").public(), &mut rng).unwrap();
        let header = "eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiayJ9";
        let other_algorithm = jwe.replacen(jwe.split('.').next().unwrap(), header, 1);
        for wrong in [&jwe[..jwe.len() - 9], "no-jwe", &stranger, &other_algorithm] {
            let body = good.changed(&world, |body| body["encryptedData"] = wrong.into());
            is(
                &world.post(&token, "card-1", body).await.unwrap(),
                400,
                "CRYPTO_ERROR",
                "-",
            );
        }
        for plaintext in ["{", "[]", "4111111111111111"] {
            let body = good.body_around(&world, plaintext.as_bytes());
            is(
                &world.post(&token, "card-1", body).await.unwrap(),
                400,
                "PARSING_ERROR",
                "encryptedData",
            );
        }
        let long = good.changed(&world, |body| {
            body["encryptedData"] = "x".repeat(8193).into();
        });
        is(
            &world.post(&token, "card-1", long).await.unwrap(),
            400,
            FORMAT,
            "encryptedData",
        );
        // A key that is being retired still opens.
        let retired = test_key("d1-jwe-1");
        let old = jwe::encrypt(&plaintext, retired.public(), &mut rng).unwrap();
        let body = good.changed(&world, |body| body["encryptedData"] = old.into());
        assert_eq!(
            world.post(&token, "card-1", body).await.unwrap().status(),
            202
        );
    });
}

#[test]
fn tokens() {
    told(|world| async move {
        let body = Order::good().body(&world);
        let issuer = world.issuer_id();
        let order = path::production(&issuer, &"card-1".parse().unwrap());
        let call = Call::post(Face::Orders, &order).body("application/json", body.clone());
        is(
            &world.client.wire.call(call.clone()).await.unwrap(),
            401,
            "-",
            "-",
        );
        let now = world.client.calendar.now();
        let forged = issue_access_token(&test_key("d1-token-9"), &issuer, now);
        let unauthorized = "AUTHORIZER_UNAUTHORIZED";
        for token in ["rubbish", forged.access_token.reveal()] {
            is(
                &world.post(token, "card-1", body.clone()).await.unwrap(),
                401,
                unauthorized,
                "Unauthorized",
            );
        }
        let token = world.token().await;
        let other = call_to(
            "/banking/v1/issuers/OTHERBANK1/physicalCards/card-1/operations:production",
            &body,
        );
        let reply = world.client.wire.call(other.bearer(&token)).await.unwrap();
        is(
            &reply,
            403,
            "-",
            "the access token belongs to another issuer",
        );
        world.sleep(901).await;
        is(
            &world.post(&token, "card-1", body.clone()).await.unwrap(),
            401,
            unauthorized,
            "Unauthorized",
        );
        world.order("card-1", body).await;
        let refused = |news: &&News| matches!(news, News::OrderRefused { .. });
        assert_eq!(world.news().iter().filter(refused).count(), 5);
    });
}

fn call_to(path: &str, body: &[u8]) -> Call {
    Call::post(Face::Orders, path).body("application/json", body.to_vec())
}

#[test]
fn a_401_may_carry_its_message_only() {
    let mut tenant = Tenant::built_in();
    tenant.d1_rules.unauthorized_body = UnauthorizedBody::MessageOnly;
    told_in(
        Wish {
            tenant,
            ..Wish::default()
        },
        |world: World| async move {
            let reply = world
                .post("rubbish", "card-1", Order::good().body(&world))
                .await
                .unwrap();
            is(&reply, 401, "-", "Unauthorized");
        },
    );
}

#[test]
fn assertions() {
    told(|world| async move {
        let now = world.client.calendar.now();
        let minutes = jiff::SignedDuration::from_mins;
        let key = test_key("twinbank01-assertion-1");
        let issuer = world.issuer_id();
        let other = "OTHERBANK1".parse().unwrap();
        for assertion in [
            sign_assertion(&test_key("nobody-1"), &issuer, now, minutes(15), None),
            sign_assertion(&key, &other, now, minutes(15), None),
            sign_assertion(&key, &issuer, now, minutes(60), None),
            sign_assertion(&key, &issuer, now - minutes(60), minutes(15), None),
            "rubbish".to_owned(),
        ] {
            let call = Call::post(Face::Token, path::TOKEN).body(
                "application/x-www-form-urlencoded",
                write_token_request(&assertion),
            );
            let reply = world.client.wire.call(call).await.unwrap();
            is(&reply, 400, "-", "invalid_grant");
        }
    });
}

#[test]
fn paths_methods_and_bodies() {
    told(|world| async move {
        let token = world.token().await;
        let good = Order::good().body(&world);
        let call = async |method: Method, path: &str, media: &'static str, body: Vec<u8>| {
            let call = Call::new(method, Face::Orders, path)
                .body(media, body)
                .bearer(&token);
            world.client.wire.call(call).await.unwrap()
        };
        let order = "/banking/v1/issuers/TWINBANK01/physicalCards/card-1/operations:production";
        let (json, text) = ("application/json", "text/plain");
        is(
            &call(Method::GET, order, json, vec![]).await,
            405,
            "-",
            "method not allowed",
        );
        is(
            &call(Method::PUT, order, json, good.clone()).await,
            405,
            "-",
            "method not allowed",
        );
        let nowhere = "/banking/v1/issuers/TWINBANK01/physicalCards/card-1/operations:print";
        is(
            &call(Method::POST, nowhere, json, good.clone()).await,
            404,
            "-",
            "no such path",
        );
        is(
            &call(Method::POST, order, text, good.clone()).await,
            415,
            "-",
            "the body must be application/json",
        );
        for size in [256 * 1024 + 1, 4 << 20] {
            let large = vec![b' '; size];
            is(
                &call(Method::POST, order, json, large).await,
                413,
                "-",
                "the body is too large",
            );
        }
        let mut padded = vec![b' '; 256 * 1024 - good.len()];
        padded.extend_from_slice(&good);
        for body in ["", "{", "[]", "null", "\u{feff}{}"] {
            is(
                &call(Method::POST, order, json, body.into()).await,
                400,
                "-",
                "-",
            );
        }
        let short = "/banking/v1/issuers/BANK/physicalCards/card-1/operations:production";
        is(
            &call(Method::POST, short, json, good.clone()).await,
            400,
            FORMAT,
            "issuerId",
        );
        let long = format!(
            "/banking/v1/issuers/TWINBANK01/physicalCards/{}/operations:production",
            "c".repeat(49)
        );
        is(
            &call(Method::POST, &long, json, good.clone()).await,
            400,
            FORMAT,
            "cardId",
        );
        let raw = "/banking/v1/issuers/TWINBANK01/physicalCards/%FF/operations:production";
        is(
            &call(Method::POST, raw, json, good.clone()).await,
            400,
            "-",
            "-",
        );
        let correlation = Call::post(Face::Orders, order)
            .body("application/json", good)
            .bearer(&token)
            .header(HeaderName::from_static("x-correlation-id"), "not valid");
        is(
            &world.client.wire.call(correlation).await.unwrap(),
            400,
            FORMAT,
            "x-correlation-id",
        );
        let status = "/banking/v1/issuers/TWINBANK01/physicalCards/card-1/productionStatus";
        is(
            &call(Method::GET, status, json, vec![]).await,
            404,
            "-",
            "no order for card card-1",
        );
        // The largest body that is read is read.
        assert_eq!(call(Method::POST, order, json, padded).await.status(), 202);
    });
}

#[test]
fn other_channels_are_understood_and_not_served() {
    told(|world| async move {
        let token = world.token().await;
        for channel in ["THALES", "CENTRAL"] {
            let body = Order::good().changed(&world, |body| {
                body["distributionChannel"] = channel.into();
                body["shipment"] = json!({"line1": "1 Main Street"});
            });
            let told = format!("distributionChannel {channel} is not part of this twin");
            is(
                &world.post(&token, "card-1", body).await.unwrap(),
                403,
                "-",
                &told,
            );
        }
    });
}

#[test]
fn orders_above_the_limit_wait() {
    let mut tenant = Tenant::built_in();
    tenant.d1_rules.rate_limit = std::num::NonZeroU32::new(1);
    told_in(
        Wish {
            tenant,
            ..Wish::default()
        },
        |world: World| async move {
            let token = world.token().await;
            let first = world
                .post(&token, "card-1", Order::good().body(&world))
                .await
                .unwrap();
            let second = world
                .post(&token, "card-2", Order::good().body(&world))
                .await
                .unwrap();
            assert_eq!((first.status(), second.status()), (202, 429));
            assert_eq!(second.header("retry-after"), Some("1"));
            world.sleep(1).await;
            world.order("card-2", Order::good().body(&world)).await;
        },
    );
}

#[test]
fn cards_may_have_to_be_known() {
    let mut tenant = Tenant::built_in();
    tenant.d1_rules.unknown_card = UnknownCard::NotFound;
    tenant.d1_rules.card_data_checks = CardDataChecks::AtOrder;
    told_in(
        Wish {
            tenant,
            ..Wish::default()
        },
        |world: World| async move {
            let token = world.token().await;
            let reply = world
                .post(&token, "card-1", Order::good().body(&world))
                .await
                .unwrap();
            is(&reply, 404, "-", "no card card-1");
        },
    );
}

#[test]
fn the_door_for_agents_knows_its_stations() {
    told(|world| async move {
        let call = async |path: &str, body: Value| {
            let call = Call::post(Face::Stations, path).json(&body);
            world.client.wire.call(call).await.unwrap().status()
        };
        let key = serde_json::to_value(test_key("station-9").public()).unwrap();
        let enrolment = json!({"key": key, "software": "x"});
        assert_eq!(
            call("/stations/v1/NOWHERE/enrolment", enrolment.clone()).await,
            403
        );
        assert_eq!(
            call("/stations/v1/NOWHERE/heartbeats", json!({"jobs": 0})).await,
            403
        );
        world.sleep(1).await;
        assert_eq!(
            call("/stations/v1/KIOSK-PS-101/heartbeats", json!({"jobs": 0})).await,
            204
        );
        assert_eq!(
            call("/stations/v1/KIOSK-PS-101/heartbeats", json!({})).await,
            400
        );
        let report = json!({"sequence": 1, "status": "STARTED"});
        let path = "/stations/v1/KIOSK-PS-101/jobs/nobody/reports";
        assert_eq!(call(path, report.clone()).await, 410);
        let operation = world.order("card-1", Order::good().body(&world)).await;
        let path = format!("/stations/v1/KIOSK-PS-101/jobs/{operation}/reports");
        assert_eq!(call(&path, report.clone()).await, 425, "not offered yet");
        world.sleep(10).await;
        // Another station has no say in it.
        let path = format!("/stations/v1/{OTHER_STATION}/jobs/{operation}/reports");
        assert_eq!(call(&path, report.clone()).await, 403, "not enrolled");
        let enrol = format!("/stations/v1/{OTHER_STATION}/enrolment");
        let ledger = world.d1.store().entries().len();
        for _ in 0..3 {
            assert_eq!(call(&enrol, enrolment.clone()).await, 200);
        }
        assert_eq!(
            world.d1.store().entries().len(),
            ledger + 1,
            "written down once"
        );
        assert_eq!(call(&path, report).await, 410);
    });
}
