//! The same request while D1 crashes, at every instant of a burst and of a production: one operation, one card. In virtual time, with
//! every machine of the flow.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use persotwin_contract::path;
use persotwin_faults::Protections;
use persotwin_kernel::{Ending, Guard, Journal, Limits, run_virtual};
use persotwin_link::tenant::{Tenant, test_key};
use persotwin_link::{Face, Machine};
use persotwin_station::{Physical, Wanted};
use persotwin_tests::stranger::{Key, NOW, Order};
use persotwin_wire::{Call, Ground, Host, Latencies, Medium, Seat};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// All machines of the flow, and a client.
struct Flow {
    d1: Seat,
    others: Vec<Seat>,
    physical: Physical,
    client: Host,
    jwe_key: Value,
    token: String,
}

/// Tells a story among all machines.
fn told<F: Future<Output = ()>>(seed: u64, medium: Medium, story: impl FnOnce(Flow) -> F) {
    let ending = run_virtual(Limits::default(), |alarm| async move {
        let journal = Journal::new(NOW.parse().unwrap());
        let ground = Ground::new(alarm, journal, seed, medium, Latencies::default(), None);
        story(Flow::begin(&ground).await).await;
    });
    assert!(
        matches!(ending, Ok(Ending::Told(()))),
        "seed {seed}: {ending:?}"
    );
}

impl Flow {
    async fn begin(ground: &Ground) -> Self {
        let plan = persotwin_tests::read(
            "same.yaml",
            "persotwin: 1\nname: Same\ncustomers: { nobody: {} }\n",
        );
        let (id, station) = plan.stations.into_iter().next().unwrap();
        let tenant = Arc::new(Tenant::built_in());
        let config = persotwin_d1::Config::new(
            Arc::clone(&tenant),
            [(id.clone(), (&station).into())].into(),
        );
        let jwe_key = config.jwe_key().clone();
        let hardware = ground.host(Machine::Station(id.clone()));
        let chips = persotwin_printer::chips(&tenant);
        let physical = Physical::new(station.clone(), chips, &Protections::default(), hardware);
        let hardware = physical.clone();
        let sam = persotwin_agent::Sam::from(&tenant.stocks);
        let issuer = persotwin_issuer::Config::new(tenant, jwe_key.clone(), [].into());
        let agent = persotwin_agent::Config::new(station, test_key("station-1"), sam);
        let run_d1 = move |host| persotwin_d1::run(host, config.clone());
        let run_station = move |host| persotwin_station::run(host, hardware.clone());
        let run_issuer = move |host| persotwin_issuer::run(host, issuer.clone());
        let run_agent = move |host| persotwin_agent::run(host, agent.clone());
        let mut d1 = Seat::new(ground, Machine::D1, run_d1);
        let mut others = vec![
            Seat::new(ground, Machine::Station(id.clone()), run_station),
            Seat::new(ground, Machine::Issuer, run_issuer),
            Seat::new(ground, Machine::Agent(id), run_agent),
        ];
        ground.net().reserve(Machine::D1, 0).unwrap();
        for seat in &mut others {
            ground.net().reserve(seat.machine().clone(), 0).unwrap();
            seat.start().await;
        }
        d1.start().await;
        let client = ground.host(Machine::Stranger);
        take_every_card(&client, &physical);
        let jwe_key = serde_json::to_value(&jwe_key).unwrap();
        let mut flow = Self {
            d1,
            others,
            physical,
            client,
            jwe_key,
            token: String::new(),
        };
        flow.wait(2000).await;
        flow.token = flow.fetch_token().await;
        flow
    }

    async fn wait(&self, millis: u64) {
        self.client.clock.sleep(Duration::from_millis(millis)).await;
    }

    async fn fetch_token(&self) -> String {
        let key: Value =
            serde_json::from_str(&test_key("twinbank01-assertion-1").to_json()).unwrap();
        let key = Key::of(&key);
        let exp = self.client.calendar.now().as_second() + 300;
        let assertion = key.sign(
            &key.header(),
            &json!({ "iss": "TWINBANK01", "sub": "TWINBANK01", "exp": exp }),
        );
        let form =
            format!("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion={assertion}");
        let call =
            Call::post(Face::Token, path::TOKEN).body("application/x-www-form-urlencoded", form);
        let reply = self.client.wire.call(call).await.unwrap();
        reply.json::<Value>().unwrap()["access_token"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Sends each order at once over a connection of its own. The channel closes when all have been answered or lost.
    fn send(
        &self,
        orders: impl IntoIterator<Item = Order>,
    ) -> mpsc::UnboundedReceiver<Option<(u16, Value)>> {
        let (tell, told) = mpsc::unbounded_channel();
        for order in orders {
            let target = path::production(
                &"TWINBANK01".parse().unwrap(),
                &order.card_id.parse().unwrap(),
            );
            let body = order.sealed_to(&self.jwe_key).to_string();
            let call = Call::post(Face::Orders, &target)
                .body("application/json", body)
                .bearer(&self.token);
            let (wire, tell) = (self.client.wire.clone(), tell.clone());
            self.client.life.spawn(async move {
                let answer = wire.call(call).await.ok();
                let _ = tell.send(answer.map(|reply| (reply.status(), reply.json().unwrap())));
            });
        }
        told
    }

    /// The same, and the answers that came.
    async fn answers(&self, orders: impl IntoIterator<Item = Order>) -> Vec<(u16, Value)> {
        let mut told = self.send(orders);
        let mut answers = Vec::new();
        while let Some(answer) = told.recv().await {
            answers.extend(answer);
        }
        answers
    }

    /// The one operation that 32 repetitions are all given.
    async fn operation(&self) -> Value {
        let answers = self.answers(thirty_two()).await;
        assert_eq!(answers.len(), 32, "D1 is up");
        let operations: BTreeSet<String> = answers
            .iter()
            .map(|(_, body)| body["operationId"].to_string())
            .collect();
        assert!(
            answers.iter().all(|(status, _)| *status == 202) && operations.len() == 1,
            "{answers:?}"
        );
        answers[0].1["operationId"].clone()
    }

    /// How many cards were ever made, and how many are in a hand.
    fn cards(&self) -> (u32, usize) {
        let visitor = "visitor".parse().unwrap();
        (
            self.physical.status().counters.picked,
            self.physical.in_hand_of(&visitor).len(),
        )
    }
}

fn take_every_card(client: &Host, physical: &Physical) {
    let (physical, clock) = (physical.clone(), client.clock.clone());
    client.life.spawn(async move {
        loop {
            let card = physical.card_at_exit(&Wanted::Any).await;
            clock.sleep(Duration::from_secs(3)).await;
            physical.take(&"visitor".parse().unwrap()).await;
            physical.exit_without(&card.serial).await;
        }
    });
}

fn thirty_two() -> impl Iterator<Item = Order> {
    (0..32).map(|_| Order::good("1"))
}

fn other() -> Order {
    Order::good("1").with("encryptedData.exp", json!("2911"))
}

/// A burst; D1 crashes so many milliseconds later and starts again; the burst once more, and again when all is over.
async fn crashed_after(millis: u64, mut flow: Flow) {
    let mut first = flow.send(thirty_two());
    flow.wait(millis).await;
    flow.d1.crash().await;
    let mut operations = BTreeSet::new();
    while let Some(answer) = first.recv().await {
        operations.extend(answer.map(|(_, body)| body["operationId"].to_string()));
    }
    flow.wait(500).await;
    flow.d1.start().await;
    flow.wait(500).await;
    let operation = flow.operation().await;
    operations.insert(operation.to_string());
    assert_eq!(operations.len(), 1, "crash after {millis} ms");
    assert!(
        flow.answers([other(), other()])
            .await
            .iter()
            .all(|(status, _)| *status == 403)
    );
    flow.wait(600_000).await;
    assert_eq!(flow.cards(), (1, 1), "crash after {millis} ms");
    flow.d1.crash().await;
    flow.d1.start().await;
    flow.wait(500).await;
    flow.token = flow.fetch_token().await;
    assert_eq!(
        flow.operation().await,
        operation,
        "done, and after another restart"
    );
    assert!(
        flow.answers([other(), other()])
            .await
            .iter()
            .all(|(status, _)| *status == 403)
    );
    flow.wait(120_000).await;
    assert_eq!(flow.cards(), (1, 1), "crash after {millis} ms");
    assert_eq!(flow.others.len(), 3);
}

#[test]
fn a_crash_of_d1_at_any_instant_of_the_burst_changes_nothing() {
    for (seed, millis) in (1..).zip([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 50, 100]) {
        told(seed, Medium::InProcess, |flow| crashed_after(millis, flow));
    }
}

#[test]
fn nor_does_one_while_the_card_is_prepared_and_made() {
    for (seed, millis) in (1..).zip([
        200, 300, 350, 400, 1000, 3000, 8000, 12_000, 20_000, 24_000, 30_000, 45_000,
    ]) {
        told(seed, Medium::InProcess, |flow| crashed_after(millis, flow));
    }
}

#[test]
fn nor_over_sockets() {
    for (seed, millis) in [(1, 3), (2, 5), (3, 400), (4, 20_000)] {
        told(seed, Medium::Loopback(Guard::default()), |flow| {
            crashed_after(millis, flow)
        });
    }
}

#[test]
fn two_of_another_content_among_thirty_two_are_refused() {
    for seed in 1..=8 {
        told(seed, Medium::InProcess, |flow| async move {
            let head_start = flow.answers([Order::good("1")]).await;
            let among = thirty_two()
                .chain([other()])
                .enumerate()
                .map(|(n, order)| if n == 7 { other() } else { order });
            let answers = flow.answers(among).await;
            let of = |wanted: u16| {
                answers
                    .iter()
                    .filter(|(status, _)| *status == wanted)
                    .count()
            };
            assert_eq!((of(202), of(403)), (31, 2), "seed {seed}: {answers:?}");
            assert!(
                answers
                    .iter()
                    .all(|(status, body)| (*status == 202) == (*body == head_start[0].1))
            );
            flow.wait(300_000).await;
            assert_eq!(flow.cards(), (1, 1));
        });
    }
}
