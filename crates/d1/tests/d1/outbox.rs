//! Notifications: at least once, in order, and given up where that is the rule.

use std::collections::VecDeque;
use std::time::Duration;

use persotwin_contract::rules::{ErrorCodes, RequestIdPlace};
use persotwin_d1::DeadLetter;
use persotwin_faults::{Behaviour, Protections};
use persotwin_kernel::Moment;
use persotwin_link::Span;
use persotwin_link::tenant::{ClientCredentials, Tenant};

use crate::doubles::{Wish, World, told, told_in};
use crate::order::Order;

type Answers = VecDeque<(u16, Option<&'static str>)>;

/// An order whose notifications are answered like this, then with 204.
fn answered(
    answers: impl Into<Answers>,
    wish: Wish,
) -> (Vec<String>, Vec<Moment>, Vec<DeadLetter>) {
    let answers = answers.into();
    told_in(wish, |world| async move {
        world.issuer.lock().unwrap().answers = answers;
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(24 * 3600).await;
        assert_eq!(world.status("card-1").await.0, "CARD_PROD_DONE");
        let dead = world.config.desk.dead_letters().await;
        let issuer = world.issuer.lock().unwrap();
        let at = issuer.heard.iter().map(|(at, ..)| *at).collect();
        drop(issuer);
        (world.heard("card-1"), at, dead)
    })
}

const REQUESTED: &str = "CARD_PROD_REQUESTED";
const READY: &str = "CARD_PROD_READY";
const EXCEPTION: &str = "CARD_PROD_EXCEPTION";
const DONE: &str = "CARD_PROD_DONE";

#[test]
fn what_fails_is_repeated_and_the_order_is_kept() {
    for status in [500, 503, 408, 429, 401] {
        let (heard, at, dead) = answered([(status, None), (status, None)], Wish::default());
        assert_eq!(
            heard,
            [REQUESTED, REQUESTED, REQUESTED, READY, DONE],
            "{status}"
        );
        let pauses = [at[1].since(at[0]), at[2].since(at[1])];
        assert!(pauses[0] >= Duration::from_millis(500) && pauses[1] >= Duration::from_secs(1));
        assert!(dead.is_empty());
    }
}

#[test]
fn a_400_and_its_kind_are_never_repeated() {
    for status in [400, 403, 404, 409, 415, 422, 301] {
        let (heard, _, dead) = answered([(status, None)], Wish::default());
        assert_eq!(heard, [REQUESTED, READY, DONE], "{status}");
        let [letter] = &dead[..] else {
            panic!("one dead letter")
        };
        assert_eq!(
            (letter.status.as_str(), letter.answer),
            (REQUESTED, Some(status))
        );
    }
}

#[test]
fn every_2xx_counts_as_taken() {
    let (heard, _, dead) = answered([(200, None), (202, None), (299, None)], Wish::default());
    assert_eq!((heard.len(), dead.len()), (3, 0));
}

#[test]
fn attempts_run_out() {
    let mut tenant = Tenant::built_in();
    tenant.d1_timing.notification_attempts = 3;
    let wish = Wish {
        tenant,
        ..Wish::default()
    };
    let (heard, _, dead) = answered([(500, None), (500, None), (500, None)], wish);
    assert_eq!(heard, [REQUESTED, REQUESTED, REQUESTED, READY, DONE]);
    assert_eq!((dead.len(), dead[0].answer), (1, None));
}

#[test]
fn whoever_decides_anew_tells_each_decision() {
    let mut tenant = Tenant::built_in();
    tenant.d1_timing.production_limit = Span::from_secs(20);
    let naive = Protections::without([Behaviour::DecidesTwice]);
    let heard = |protections, tenant| {
        let wish = Wish {
            tenant,
            protections,
            ..Wish::default()
        };
        told_in(wish, |world| async move {
            world.order("card-1", Order::good().body(&world)).await;
            world.sleep(3600).await;
            world.heard("card-1")
        })
    };
    let careful = heard(Protections::default(), tenant.clone());
    assert_eq!(careful, [REQUESTED, READY, EXCEPTION]);
    let twice = heard(naive, tenant);
    assert_eq!(&twice[..4], [REQUESTED, READY, EXCEPTION, DONE]);
}

#[test]
fn retry_after_is_respected_in_both_forms() {
    let (_, at, _) = answered([(503, Some("90"))], Wish::default());
    assert!((90..93).contains(&at[1].since(at[0]).as_secs()));
    let date = Some("Wed, 17 Jun 2026 10:10:00 GMT");
    let (_, at, _) = answered([(429, date)], Wish::default());
    assert!(
        (599..602).contains(&at[1].since_start().as_secs()),
        "{at:?}"
    );
    let (_, at, _) = answered([(429, Some("soon"))], Wish::default());
    assert!(at[1].since(at[0]).as_secs() < 3);
}

#[test]
fn a_notification_has_the_documented_form() {
    told(|world| async move {
        let operation = world
            .order("card-1", Order::named("req-1").body(&world))
            .await;
        world.sleep(60).await;
        let issuer = world.issuer.lock().unwrap();
        let bodies: Vec<_> = issuer
            .heard
            .iter()
            .map(|(_, told, headers)| {
                assert_eq!(headers["content-type"], "application/json");
                assert_eq!(headers["x-correlation-id"], operation.as_str());
                assert!(!headers.contains_key("authorization"));
                serde_json::to_value(&told.operations[0]).unwrap()
            })
            .collect();
        for body in &bodies {
            assert_eq!(body["operationId"], operation.as_str());
            assert_eq!(body["operation"], "PRODUCE");
            assert_eq!(body["cardId"], "card-1");
            assert_eq!(body["startTime"], bodies[0]["startTime"]);
            assert_eq!(body["issuerRequestId"], "req-1");
            assert_eq!(body["details"]["issuerRequestId"], "req-1");
        }
        let status: Vec<_> = bodies
            .iter()
            .map(|body| body["status"].as_str().unwrap())
            .collect();
        assert_eq!(status, ["PENDING", "PENDING", "SUCCESSFUL"]);
        assert!(
            bodies[0]["startTime"]
                .as_str()
                .unwrap()
                .starts_with("2026-06-17T10:00:0")
        );
        assert!(bodies[1].get("endTime").is_none());
        assert!(bodies[2]["endTime"].as_str().unwrap().ends_with('Z'));
    });
}

#[test]
fn switches_change_its_form() {
    let mut tenant = Tenant::built_in();
    tenant.d1_rules.issuer_request_id = RequestIdPlace::Details;
    tenant.d1_rules.error_codes = ErrorCodes::Absent;
    told_in(
        Wish {
            tenant,
            ..Wish::default()
        },
        |world: World| async move {
            let mut order = Order::named("req-1");
            order.data.pan =
                persotwin_contract::secret::Pan::complete("411111000000000000").unwrap();
            world.order("card-1", order.body(&world)).await;
            world.sleep(10).await;
            let issuer = world.issuer.lock().unwrap();
            let last = &issuer.heard.last().unwrap().1.operations[0];
            assert!(last.issuer_request_id.is_none() && last.error_code.is_none());
            let details = last.details.as_ref().unwrap();
            assert!(details.reason.is_some() && details.issuer_request_id.is_some());
        },
    );
}

#[test]
fn a_tenant_may_want_a_token_with_them() {
    let mut tenant = Tenant::built_in();
    tenant.outbound_oauth = Some(ClientCredentials {
        client: "d1".into(),
        secret: "open-sesame".into(),
        scope: Some("notify".into()),
    });
    told_in(
        Wish {
            tenant,
            ..Wish::default()
        },
        |world: World| async move {
            world.issuer.lock().unwrap().answers = [(204, None), (401, None)].into();
            world.order("card-1", Order::good().body(&world)).await;
            world.sleep(600).await;
            // The token's 300 seconds are over.
            world.order("card-2", Order::good().body(&world)).await;
            world.sleep(2).await;
            let issuer = world.issuer.lock().unwrap();
            let shown: Vec<_> = issuer
                .heard
                .iter()
                .map(|(_, _, headers)| headers["authorization"].to_str().unwrap())
                .collect();
            assert_eq!(
                shown,
                [
                    "Bearer token-1",
                    "Bearer token-1",
                    "Bearer token-2",
                    "Bearer token-2",
                    "Bearer token-3",
                    "Bearer token-3",
                ]
            );
            assert_eq!(
                issuer.tokens[0],
                "Basic ZDE6b3Blbi1zZXNhbWU= grant_type=client%5Fcredentials&scope=notify"
            );
        },
    );
}
