//! The same request, the same operation.

use std::collections::BTreeSet;

use persotwin_contract::order::{Accepted, Issuance};
use persotwin_contract::rules::ChangedRequest;
use persotwin_kernel::event::News;
use persotwin_link::tenant::Tenant;

use crate::doubles::{Wish, World, told, told_in};
use crate::order::Order;

/// Orders with one token, and gives status and operation.
async fn place(world: &World, token: &str, card: &str, body: Vec<u8>) -> (u16, Option<String>) {
    let reply = world.post(token, card, body).await.unwrap();
    let accepted = reply.json::<Accepted>().ok();
    let operation = accepted.and_then(|accepted| accepted.operation_id);
    (reply.status(), operation.map(|id| id.to_string()))
}

#[test]
fn the_same_request_by_32_connections_and_after_a_restart_is_one_operation() {
    told(|mut world| async move {
        let token = world.token().await;
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let bodies: Vec<_> = (0..32)
            .map(|seed| Order::named("req-1").freshly_encrypted(seed).body(&world))
            .collect();
        let distinct: BTreeSet<_> = bodies.iter().collect();
        assert_eq!(distinct.len(), 32);
        for body in bodies {
            let path = persotwin_contract::path::production(
                &world.issuer_id(),
                &"card-1".parse().unwrap(),
            );
            let call = persotwin_wire::Call::post(persotwin_link::Face::Orders, &path)
                .body("application/json", body)
                .bearer(&token);
            let (wire, tell) = (world.client.wire.clone(), tell.clone());
            world.client.life.spawn(async move {
                let reply = wire.call(call).await.unwrap();
                let accepted: Accepted = reply.json().unwrap();
                tell.send((reply.status(), accepted.operation_id.unwrap()))
                    .unwrap();
            });
        }
        drop(tell);
        let mut operations = BTreeSet::new();
        for _ in 0..32 {
            let (status, operation) = told.recv().await.unwrap();
            assert_eq!(status, 202);
            operations.insert(operation);
        }
        assert_eq!(operations.len(), 1);
        world.d1.crash().await;
        world.d1.start().await;
        world.sleep(1).await;
        let after = world
            .order(
                "card-1",
                Order::named("req-1").freshly_encrypted(99).body(&world),
            )
            .await;
        assert!(operations.contains(&after));
        world.sleep(200).await;
        let done = world
            .order(
                "card-1",
                Order::named("req-1").freshly_encrypted(100).body(&world),
            )
            .await;
        assert!(operations.contains(&done), "done, too");
        let accepted = |news: &&News| matches!(news, News::OrderAccepted { .. });
        assert_eq!(world.news().iter().filter(accepted).count(), 1);
        assert_eq!(world.agent.lock().unwrap().jobs.len(), 1);
    });
}

#[test]
fn other_content_under_a_known_id_is_refused() {
    for (rule, expected) in [
        (ChangedRequest::Forbidden, 403),
        (ChangedRequest::Conflict, 409),
    ] {
        let mut tenant = Tenant::built_in();
        tenant.d1_rules.changed_request = rule;
        told_in(
            Wish {
                tenant,
                ..Wish::default()
            },
            |world: World| async move {
                let token = world.token().await;
                let first =
                    place(&world, &token, "card-1", Order::named("req-1").body(&world)).await;
                assert_eq!(first.0, 202);
                let mut other_data = Order::named("req-1");
                other_data.data.exp = "2907".parse().unwrap();
                let other_clear = Order::named("req-1").again(Issuance::Renewal);
                for (card, order) in [
                    ("card-1", other_data),
                    ("card-1", other_clear),
                    ("card-2", Order::named("req-1")),
                ] {
                    assert_eq!(
                        place(&world, &token, card, order.body(&world)).await.0,
                        expected
                    );
                }
                assert_eq!(
                    place(&world, &token, "card-1", Order::named("req-1").body(&world)).await,
                    first
                );
            },
        );
    }
}

#[test]
fn without_an_id_the_card_protects() {
    told(|world| async move {
        let token = world.token().await;
        let order = |issuance| Order::good().again(issuance).body(&world);
        let at = async |issuance| place(&world, &token, "card-1", order(issuance)).await.0;
        assert_eq!(at(Issuance::Creation).await, 202);
        assert_eq!(at(Issuance::Creation).await, 403, "in production");
        assert_eq!(at(Issuance::Replacement).await, 403, "in production");
        world.sleep(120).await;
        assert_eq!(at(Issuance::Creation).await, 403, "it exists");
        assert_eq!(at(Issuance::Renewal).await, 202);
    });
}

#[test]
fn the_same_request_stays_the_same_when_the_month_ends() {
    let wish = Wish {
        starts: "2026-06-30T23:59:00Z",
        ..Wish::default()
    };
    told_in(wish, |world| async move {
        let mut order = Order::named("req-1");
        order.data.exp = "2606".parse().unwrap();
        let first = world.order("card-1", order.body(&world)).await;
        world.sleep(100).await;
        assert_eq!(
            world
                .order("card-1", order.freshly_encrypted(2).body(&world))
                .await,
            first
        );
        let mut late = Order::named("req-2");
        late.data.exp = "2606".parse().unwrap();
        let token = world.token().await;
        assert_eq!(
            place(&world, &token, "card-2", late.body(&world)).await.0,
            400
        );
    });
}

#[test]
fn operation_ids_are_uuids_of_their_own_order() {
    let ids = || {
        told(|world| async move {
            let first = world.order("card-1", Order::good().body(&world)).await;
            let second = world.order("card-2", Order::good().body(&world)).await;
            (first, second)
        })
    };
    let (first, second) = ids();
    assert_ne!(first, second);
    assert_eq!(ids(), (first.clone(), second));
    let shape: Vec<usize> = first.as_str().split('-').map(str::len).collect();
    assert_eq!(shape, [8, 4, 4, 4, 12]);
}

#[test]
fn a_second_card_with_the_keys_of_a_first_one_is_made_with_a_remark() {
    told(|mut world| async move {
        let token = world.token().await;
        let remark = async |world: &World, card: &str, order: Order| {
            let reply = world.post(&token, card, order.body(world)).await.unwrap();
            assert_eq!(reply.status(), 202);
            reply.header("x-persotwin-remark").map(str::to_owned)
        };
        assert_eq!(remark(&world, "card-1", Order::named("req-1")).await, None);
        assert_eq!(
            remark(&world, "card-1", Order::named("req-1")).await,
            None,
            "the same request"
        );
        world.sleep(100).await;
        world.d1.crash().await;
        world.d1.start().await;
        world.sleep(1).await;
        let replacement = || Order::named("req-2").again(Issuance::Replacement);
        let said = remark(&world, "card-2", replacement()).await.unwrap();
        assert!(said.contains("raise panSequenceNumber"), "{said}");
        let mut raised = Order::named("req-3").again(Issuance::Replacement);
        raised.data.pan_sequence_number = Some("01".parse().unwrap());
        assert_eq!(remark(&world, "card-3", raised).await, None);
    });
}
