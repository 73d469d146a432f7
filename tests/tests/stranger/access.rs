//! Who may: tokens, paths and methods at D1's documented operations.

use persotwin_scenario::Plan;
use persotwin_tests::stranger::{Answer, Key, Order, Request, Wish, World, ask, b64, unb64};
use serde_json::{Value, json};

/// A POST of a good order and a GET of its status, each under this `Authorization`.
fn both(world: &World, authorization: Option<&str>) -> [Answer; 2] {
    let order = Order::good("1");
    let path = format!(
        "/banking/v1/issuers/{}/physicalCards/{}",
        world.issuer(),
        order.card_id
    );
    let post = Request::new("POST", &format!("{path}/operations:production"))
        .body("application/json", world.body(&order).to_string());
    let get = Request::new("GET", &format!("{path}/productionStatus"));
    [post, get].map(|request| {
        let request = authorization.into_iter().fold(request, |request, value| {
            request.header("Authorization", value)
        });
        ask(world.d1(), &request)
    })
}

#[test]
fn without_a_bearer_token_nobody_is_let_in() {
    let world = World::ordinary();
    let token = world.token();
    for authorization in [
        None,
        Some("Basic QWxhZGRpbjpvcGVu"),
        Some("Bearer"),
        Some("Bearer "),
        Some(&*token),
    ] {
        for answer in both(&world, authorization) {
            assert_eq!(answer.told(), "401 - -", "{authorization:?}");
        }
    }
    world.still_works();
}

/// Tokens that look like D1's own and are not.
fn forged(world: &World) -> Vec<(&'static str, String)> {
    let token = world.token();
    let parts: Vec<&str> = token.split('.').collect();
    let [head, body, signature] = parts[..] else {
        panic!("three parts")
    };
    let header: Value = serde_json::from_slice(&unb64(head)).unwrap();
    let claims: Value = serde_json::from_slice(&unb64(body)).unwrap();
    let with = |from: &Value, member: &str, value: Value| {
        let mut changed = from.clone();
        changed[member] = value;
        changed
    };
    let forger = Key::fresh("forger");
    let none = b64(with(&header, "alg", json!("none")).to_string());
    let longer = b64(with(&claims, "exp", json!(4_000_000_000_i64)).to_string());
    let other = b64(with(&claims, "sub", json!("OTHERBANK1")).to_string());
    let mut cut = token.clone();
    cut.truncate(token.len() - 2);
    vec![
        ("no JWT", "opensesame".to_owned()),
        ("only dots", "..".to_owned()),
        (
            "signed by another key under D1's kid",
            forger.sign(&header, &claims),
        ),
        (
            "signed by another key under its own kid",
            forger.sign(&with(&header, "kid", json!("forger")), &claims),
        ),
        (
            "signed by the issuer's own key",
            world.key().sign(&world.key().header(), &claims),
        ),
        (
            "the assertion itself",
            world.key().sign(&world.key().header(), &world.claims()),
        ),
        ("unsigned", format!("{none}.{body}.")),
        (
            "alg none with a signature",
            format!("{none}.{body}.{signature}"),
        ),
        ("a longer life", format!("{head}.{longer}.{signature}")),
        ("another subject", format!("{head}.{other}.{signature}")),
        ("cut", cut),
        (
            "the header of another token",
            format!("{}.{body}.{signature}", b64(r#"{"alg":"ES256"}"#)),
        ),
    ]
}

#[test]
fn a_forged_token_is_not_valid() {
    let world = World::ordinary();
    for (why, token) in forged(&world) {
        for answer in both(&world, Some(&format!("Bearer {token}"))) {
            assert_eq!(
                answer.told(),
                "401 AUTHORIZER_UNAUTHORIZED Unauthorized",
                "{why}"
            );
            assert!(!answer.text().contains(&token));
        }
    }
    world.still_works();
}

#[test]
fn a_token_lives_for_a_quarter_of_an_hour() {
    let world = World::ordinary();
    let token_of = |now| {
        World::up(&Wish {
            now,
            ..Wish::default()
        })
        .token()
    };
    for too_old in ["2026-06-17T09:40:00Z", "2026-06-17T09:45:00Z"] {
        for answer in both(&world, Some(&format!("Bearer {}", token_of(too_old)))) {
            assert_eq!(
                answer.told(),
                "401 AUTHORIZER_UNAUTHORIZED Unauthorized",
                "{too_old}"
            );
        }
    }
    let [order, status] = both(
        &world,
        Some(&format!("Bearer {}", token_of("2026-06-17T09:47:00Z"))),
    );
    assert_eq!((order.status, status.status), (202, 200));
    world.still_works();
}

#[test]
fn a_token_opens_the_path_of_its_own_issuer_only() {
    let other_bank: fn(&mut Plan) = |plan| {
        plan.customers.clear();
        plan.tenant.issuer = "OTHERBANK1".parse().unwrap();
    };
    let theirs = World::up(&Wish {
        change: other_bank,
        ..Wish::default()
    })
    .token();
    let world = World::ordinary();
    for answer in both(&world, Some(&format!("Bearer {theirs}"))) {
        assert_eq!(
            answer.told(),
            "403 - the access token belongs to another issuer"
        );
    }
    let path = "/banking/v1/issuers/OTHERBANK1/physicalCards/card-1/productionStatus";
    let ours = ask(
        world.d1(),
        &Request::new("GET", path).bearer(&world.token()),
    );
    assert_eq!(ours.status, 403);
    world.still_works();
}

#[test]
fn the_ids_of_the_path_and_the_correlation_id_have_their_form() {
    let world = World::ordinary();
    let token = world.token();
    let order = world.body(&Order::good("1")).to_string();
    let told = |issuer: &str, card: &str, correlation: Option<&str>| {
        let path = format!("/banking/v1/issuers/{issuer}/physicalCards/{card}");
        let post = Request::new("POST", &format!("{path}/operations:production"))
            .body("application/json", order.clone());
        let get = Request::new("GET", &format!("{path}/productionStatus"));
        let [post, get] = [post, get].map(|request| {
            let request = correlation.into_iter().fold(request, |request, id| {
                request.header("x-correlation-id", id)
            });
            ask(world.d1(), &request.bearer(&token)).told()
        });
        assert_eq!(post, get);
        post
    };
    let issuer = world.issuer();
    for bad in [
        "TWINBANK0",
        "TWINBANK012",
        "TWIN.BANK1",
        "TWINBANK%201",
        "%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9",
    ] {
        assert_eq!(
            told(bad, "card-1", None),
            "400 FIELD_INVALID_FORMAT issuerId",
            "{bad}"
        );
    }
    let long = "c".repeat(49);
    for bad in [
        &*long,
        "",
        "a.b",
        "a%20b",
        "a%2Fb",
        "a%00b",
        "%C3%A9",
        "4111%201111",
    ] {
        assert_eq!(
            told(issuer, bad, None),
            "400 FIELD_INVALID_FORMAT cardId",
            "{bad}"
        );
    }
    assert_eq!(told(issuer, "%FF%FE", None), "400 - -", "no text at all");
    for bad in ["a b", "a.b", "", &"x".repeat(65)] {
        assert_eq!(
            told(issuer, "card-1", Some(bad)),
            "400 FIELD_INVALID_FORMAT x-correlation-id",
            "{bad:?}"
        );
    }
    assert_eq!(
        told("TWINBANK0", "a.b", Some("a b")),
        "400 FIELD_INVALID_FORMAT issuerId",
        "the first one"
    );
    assert_eq!(
        told(issuer, "a.b", Some("a b")),
        "400 FIELD_INVALID_FORMAT cardId",
        "then this"
    );
    world.still_works();
}

#[test]
fn what_is_not_there_is_404_and_what_is_not_done_there_405() {
    let world = World::ordinary();
    let token = world.token();
    let cards = format!("/banking/v1/issuers/{}/physicalCards", world.issuer());
    let ask =
        |method: &str, target: &str| ask(world.d1(), &Request::new(method, target).bearer(&token));
    for nowhere in [
        "/".to_owned(),
        "/banking/v1".to_owned(),
        format!("{cards}/card-1/operations:destroy"),
        format!("{cards}/card-1/operations:production/"),
        cards.replace("v1", "v3") + "/card-1/operations:production",
        format!("{cards}/card-1/operations%253Aproduction"),
        format!("{cards}/../card-1/productionStatus"),
    ] {
        assert_eq!(
            ask("POST", &nowhere).told(),
            "404 - no such path",
            "{nowhere}"
        );
    }
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"] {
        let answer = ask(method, &format!("{cards}/card-1/operations:production"));
        assert_eq!(answer.told(), "405 - method not allowed", "{method}");
        assert_eq!(
            answer.headers.get("allow").map(String::as_str),
            Some("POST"),
            "{method}"
        );
    }
    for method in ["POST", "PUT", "DELETE"] {
        let answer = ask(method, &format!("{cards}/card-1/productionStatus"));
        assert_eq!(answer.told(), "405 - method not allowed", "{method}");
    }
    assert_eq!(
        ask("GET", "/authz/v1/oauth2/token").told(),
        "405 - method not allowed"
    );
    assert_eq!(
        world.status("card-never-ordered", &token).told(),
        "404 - no order for card card-never-ordered"
    );
    world.still_works();
}
