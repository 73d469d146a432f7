//! The token operation: both documented bodies, and every assertion that does not hold.

use persotwin_tests::stranger::{Answer, Key, Order, Request, World, ask, b64};
use serde_json::{Value, json};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const FORM: &str = "application/x-www-form-urlencoded";

fn post(world: &World, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
    let (address, path) = world.at("/d1/token");
    ask(
        address,
        &Request::new("POST", &path).body(content_type, body),
    )
}

fn asked_with(world: &World, assertion: &str) -> Answer {
    let answer = post(
        world,
        FORM,
        format!("grant_type={GRANT}&assertion={assertion}"),
    );
    let again = post(
        world,
        "application/json",
        json!({ "grant_type": GRANT, "assertion": assertion }).to_string(),
    );
    assert_eq!(answer.status, again.status, "both bodies are read alike");
    answer
}

fn refused(answer: &Answer, code: &str, why: &str) {
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (400, &json!(code)),
        "{why}: {answer:?}"
    );
    assert_eq!(
        answer.headers.get("cache-control").map(String::as_str),
        Some("no-store"),
        "{why}"
    );
}

#[test]
fn both_documented_bodies_bring_a_token_that_opens() {
    let world = World::ordinary();
    let key = world.key();
    let assertion = key.sign(&key.header(), &world.claims());
    let json = json!({ "grant_type": GRANT, "assertion": assertion }).to_string();
    let form = format!(
        "assertion={assertion}&grant_type={}",
        GRANT.replace(':', "%3A")
    );
    for (content_type, body) in [
        ("application/json", json.clone()),
        ("application/json; charset=utf-8", json.clone()),
        ("Application/JSON;charset=UTF-8", json),
        (FORM, form.clone()),
        ("application/x-www-form-urlencoded; charset=utf-8", form),
    ] {
        let answer = post(&world, content_type, body);
        assert_eq!(answer.status, 200, "{content_type}: {answer:?}");
        let token = answer.json();
        assert_eq!(
            (&token["token_type"], &token["expires_in"]),
            (&json!("Bearer"), &json!(900))
        );
        assert!(token["scope"].is_string());
        assert_eq!(answer.headers["cache-control"], "no-store");
        let token = token["access_token"].as_str().unwrap();
        assert_eq!(world.status("card-1", token).status, 404, "it opens");
    }
    world.still_works();
}

#[test]
fn an_assertion_that_does_not_hold_brings_invalid_grant() {
    let world = World::ordinary();
    let (key, header, claims) = (world.key(), world.key().header(), world.claims());
    let with = |from: &Value, member: &str, value: Value| {
        let mut changed = from.clone();
        match value {
            Value::Null => drop(changed.as_object_mut().unwrap().remove(member)),
            value => changed[member] = value,
        }
        changed
    };
    let claiming = |member: &str, value: Value| key.sign(&header, &with(&claims, member, value));
    let headed = |member: &str, value: Value| key.sign(&with(&header, member, value), &claims);
    let good = key.sign(&header, &claims);
    let (input, signature) = good.rsplit_once('.').unwrap();
    let other = with(
        &with(&claims, "iss", json!("OTHERBANK1")),
        "sub",
        json!("OTHERBANK1"),
    );
    let now = world.now();
    for (why, assertion) in [
        ("expired", claiming("exp", json!(now - 120))),
        ("expired long ago", claiming("exp", json!(0))),
        (
            "a life of 18 minutes",
            claiming("exp", json!(now + 18 * 60)),
        ),
        (
            "a life of a year",
            claiming("exp", json!(now + 365 * 86400)),
        ),
        ("no exp", claiming("exp", Value::Null)),
        ("exp as text", claiming("exp", json!("soon"))),
        ("exp before all time", claiming("exp", json!(-1))),
        ("exp after all time", claiming("exp", json!(1e300))),
        ("not yet", claiming("nbf", json!(now + 240))),
        ("no iss", claiming("iss", Value::Null)),
        ("no sub", claiming("sub", Value::Null)),
        ("sub of another", claiming("sub", json!("OTHERBANK1"))),
        ("iss of another", claiming("iss", json!("OTHERBANK1"))),
        ("iss too long", claiming("iss", json!("TWINBANK012"))),
        ("iss of another type", claiming("iss", json!(7))),
        ("an unknown issuer", key.sign(&header, &other)),
        ("no claims", key.sign(&header, &json!([]))),
        ("alg none", headed("alg", json!("none"))),
        ("alg RS256", headed("alg", json!("RS256"))),
        ("alg HS256", headed("alg", json!("HS256"))),
        ("alg ES384", headed("alg", json!("ES384"))),
        ("no alg", headed("alg", Value::Null)),
        ("no kid", headed("kid", Value::Null)),
        ("empty kid", headed("kid", json!(""))),
        (
            "unknown kid",
            headed("kid", json!("twinbank01-assertion-9")),
        ),
        ("kid of D1's own key", headed("kid", json!("d1-token-1"))),
        ("crit", headed("crit", json!(["b64"]))),
        (
            "another key under the kid",
            Key::fresh(&key.kid).sign(&header, &claims),
        ),
        ("unsigned", format!("{input}.")),
        ("a signature of zeros", format!("{input}.{}", b64([0; 64]))),
        (
            "a signature too short",
            format!("{input}.{}", &signature[..80]),
        ),
        (
            "other claims",
            format!(
                "{}.{}.{signature}",
                b64(header.to_string()),
                b64(other.to_string())
            ),
        ),
        ("no JWT", "abc".to_owned()),
        ("dots", "...".to_owned()),
    ] {
        let answer = asked_with(&world, &assertion);
        refused(&answer, "invalid_grant", why);
        assert!(!answer.text().contains(&assertion));
    }
    world.still_works();
}

#[test]
fn an_assertion_at_its_limits_holds() {
    let world = World::ordinary();
    let key = world.key();
    for claims in [
        json!({ "iss": world.issuer(), "sub": world.issuer(), "exp": world.now() + 900 }),
        json!({ "iss": world.issuer(), "sub": world.issuer(), "exp": world.now() + 30, "aud": "https://api.d1.thalescloud.io" }),
        json!({ "iss": world.issuer(), "sub": world.issuer(), "exp": world.now() + 300, "iat": world.now(), "jti": "1", "x": [] }),
    ] {
        assert_eq!(
            asked_with(&world, &key.sign(&key.header(), &claims)).status,
            200,
            "{claims}"
        );
    }
    world.still_works();
}

#[test]
fn a_request_that_is_none_is_told_so() {
    let world = World::ordinary();
    let key = world.key();
    let good = key.sign(&key.header(), &world.claims());
    let form = |body: String| post(&world, FORM, body);
    let json = |body: Value| post(&world, "application/json", body.to_string());
    for other in [
        "client_credentials",
        "password",
        "refresh_token",
        "URN:IETF:PARAMS:OAUTH:GRANT-TYPE:JWT-BEARER",
    ] {
        refused(
            &form(format!("grant_type={other}&assertion={good}")),
            "unsupported_grant_type",
            other,
        );
        refused(
            &json(json!({ "grant_type": other, "assertion": good })),
            "unsupported_grant_type",
            other,
        );
    }
    for (why, answer) in [
        ("nothing", form(String::new())),
        ("no grant", form(format!("assertion={good}"))),
        ("empty grant", form(format!("grant_type=&assertion={good}"))),
        ("no assertion", form(format!("grant_type={GRANT}"))),
        (
            "empty assertion",
            form(format!("grant_type={GRANT}&assertion=")),
        ),
        (
            "the assertion twice",
            form(format!(
                "grant_type={GRANT}&assertion={good}&assertion={good}"
            )),
        ),
        ("bad escapes", form("grant_type=%FF%FE".to_owned())),
        ("JSON without a grant", json(json!({ "assertion": good }))),
        (
            "an assertion that is no text",
            json(json!({ "grant_type": GRANT, "assertion": 7 })),
        ),
        ("a list", json(json!([GRANT, good]))),
        ("no JSON", post(&world, "application/json", "{")),
        (
            "a form that says it is JSON",
            post(
                &world,
                "application/json",
                format!("grant_type={GRANT}&assertion={good}"),
            ),
        ),
    ] {
        refused(&answer, "invalid_request", why);
    }
    for content_type in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "",
    ] {
        let answer = post(
            &world,
            content_type,
            format!("grant_type={GRANT}&assertion={good}"),
        );
        assert_eq!(answer.status, 415, "{content_type}");
        assert!(answer.json()["error"].is_string());
    }
    let answer = post(&world, FORM, vec![b'a'; 256 * 1024 + 1]);
    assert_eq!(answer.told(), "413 - the body is too large");
    // The credentials of an order are no use here, and the other way round.
    let order = world.place(&Order::good("1"), &good);
    assert_eq!(order.told(), "401 AUTHORIZER_UNAUTHORIZED Unauthorized");
    world.still_works();
}
