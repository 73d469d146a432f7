//! D1 crashes, at any instant; its ledger does not.

use std::time::Duration;

use persotwin_emv::oda::Method;
use persotwin_kernel::event::News;
use persotwin_link::jobs::{Decision, JobStatus};

use crate::doubles::{Wish, World, produced, told, told_in};
use crate::order::Order;

/// An order during which D1 crashes at these milliseconds after 202, each time for a second.
async fn crashed(mut world: World, crashes: &[u64]) -> World {
    world
        .order("card-1", Order::named("req-1").body(&world))
        .await;
    let start = world.client.clock.now();
    for after in crashes {
        world
            .client
            .clock
            .sleep_until(start + Duration::from_millis(*after))
            .await;
        world.d1.crash().await;
        world.sleep(1).await;
        world.d1.start().await;
    }
    world.sleep(400).await;
    world
}

/// What must hold however often D1 crashed.
fn check(world: &World, when: &dyn std::fmt::Debug) {
    let mut heard = world.heard("card-1");
    heard.dedup();
    // A crash between a notification and its entry repeats it; it never changes the order or the outcome.
    assert_eq!(
        heard,
        ["CARD_PROD_REQUESTED", "CARD_PROD_READY", "CARD_PROD_DONE"],
        "{when:?}"
    );
    let agent = world.agent.lock().unwrap();
    let jobs: Vec<_> = agent.jobs.values().flatten().collect();
    assert!(
        jobs.iter().all(|job| *job == jobs[0]),
        "{when:?}: one job, the same bytes"
    );
    drop(agent);
    let news = world.news();
    let count = |wanted: &dyn Fn(&News) -> bool| news.iter().filter(|news| wanted(news)).count();
    assert_eq!(count(&|news| matches!(news, News::OrderAccepted { .. })), 1);
    assert_eq!(
        count(&|news| matches!(news, News::Decided { .. })),
        1,
        "{when:?}"
    );
    assert_eq!(
        count(&|news| matches!(news, News::Prepared { .. })),
        1,
        "{when:?}"
    );
    let taken = News::ReportHeard {
        report: JobStatus::Taken,
    };
    assert_eq!(count(&|news| *news == taken), 1, "{when:?}");
    assert!(world.answers().contains(&(produced(), Decision::Release)));
}

#[test]
fn at_any_instant() {
    for after in (0..700).step_by(7).chain((30_000..35_000).step_by(61)) {
        told(|world| async move {
            let world = crashed(world, &[after]).await;
            check(&world, &after);
        });
    }
}

#[test]
fn the_key_of_a_card_that_signs_is_drawn_once() {
    for after in [310, 450, 30_500] {
        let mut wish = Wish::default();
        for product in wish.tenant.products.values_mut() {
            product.oda = Some(Method::Cda);
        }
        told_in(wish, |world| async move {
            let world = crashed(world, &[after]).await;
            check(&world, &after);
            let keys = |dgi: &&String| dgi.starts_with("82");
            assert_eq!(world.production_data().dgis.iter().filter(keys).count(), 5);
        });
    }
}

#[test]
fn again_and_again() {
    for seed in 1..20 {
        let wish = Wish {
            seed,
            ..Wish::default()
        };
        told_in(wish, |world| async move {
            let crashes: Vec<u64> = (0..40).map(|n| n * 1013 + seed).collect();
            let world = crashed(world, &crashes).await;
            check(&world, &seed);
        });
    }
}

#[test]
fn one_seed_gives_one_journal() {
    let journal = || {
        told(|world| async move {
            let world = crashed(world, &[150, 420, 31_500, 32_700]).await;
            world.ground.journal().to_string()
        })
    };
    let first = journal();
    assert!(first.lines().count() > 40);
    assert_eq!(first, journal());
}

#[test]
fn what_nobody_took_is_sent_after_the_restart() {
    told(|mut world| async move {
        world.issuer.lock().unwrap().answers = [(500, None), (500, None), (500, None)].into();
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(1).await;
        world.d1.crash().await;
        world.sleep(100).await;
        world.d1.start().await;
        world.sleep(200).await;
        assert_eq!(world.heard("card-1").last().unwrap(), "CARD_PROD_DONE");
    });
}

#[test]
fn a_deadline_counts_the_time_that_d1_was_down() {
    told(|mut world| async move {
        world.order("card-1", Order::good().body(&world)).await;
        world.sleep(1).await;
        world.d1.crash().await;
        world.sleep(3600).await;
        world.d1.start().await;
        // The agent has repeated STARTED all the time; its card is finished half a minute later.
        world.sleep(60).await;
        assert_eq!(world.status("card-1").await.1.unwrap(), "SAT_NO_REPORT");
        assert!(world.answers().contains(&(produced(), Decision::Capture)));
    });
}

#[test]
fn a_ledger_of_another_machine_ends_the_run() {
    use persotwin_kernel::{Ending, Journal, Limits, Store, run_virtual};
    use persotwin_link::Machine;
    use persotwin_wire::{Ground, Latencies, Medium, Seat};

    let ending = run_virtual(Limits::default(), |alarm| async move {
        let journal = Journal::new("2026-06-17T10:00:00Z".parse().unwrap());
        let ground = Ground::new(
            alarm,
            journal,
            1,
            Medium::InProcess,
            Latencies::default(),
            None,
        );
        ground.net().reserve(Machine::D1, 0).unwrap();
        let tenant = persotwin_link::tenant::Tenant::built_in().into();
        let config = persotwin_d1::Config::new(tenant, std::collections::BTreeMap::new());
        let seat = Seat::new(&ground, Machine::D1, move |host| {
            persotwin_d1::run(host, config.clone())
        });
        let mut seat = seat.with_store(Store::from_entries(vec![b"{}".to_vec()]));
        seat.start().await;
        std::future::pending::<()>().await;
    });
    let Ending::Trouble(trouble) = ending.unwrap() else {
        panic!("trouble")
    };
    assert!(trouble.to_string().starts_with("entry 0 cannot be read"));
}
