//! A world of an issuer, a D1 and a kiosk, in memory and in virtual time.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use persotwin_issuer::{CardPlan, Config};
use persotwin_kernel::event::{About, Belief, News};
use persotwin_kernel::{Ending, Event, Journal, Limits, Store, run_virtual};
use persotwin_link::kiosk::{CARD_REQUESTS, CardEvent, CardRequest, RequestView, Service};
use persotwin_link::tenant::Tenant;
use persotwin_link::{Face, Latencies, Machine};
use persotwin_wire::{Call, Ground, Host, Medium, Reply, Seat};
use serde_json::{Value, json};

use crate::d1::{D1, jwe_key};

pub(crate) struct World {
    pub(crate) ground: Ground,
    pub(crate) issuer: Seat,
    pub(crate) d1: D1,
    pub(crate) kiosk: Host,
    pub(crate) d1_host: Host,
    config: Config,
    _d1: Seat,
}

/// What a world is made of.
pub(crate) struct Making {
    pub(crate) seed: u64,
    pub(crate) tenant: Tenant,
    pub(crate) cards: BTreeMap<&'static str, CardPlan>,
    pub(crate) d1: D1,
}

impl Default for Making {
    fn default() -> Self {
        let cards = [
            ("alice", CardPlan::of("ALICE MARTIN")),
            ("bob", CardPlan::of("Bob Dupont")),
        ];
        Self {
            seed: 1,
            tenant: Tenant::built_in(),
            cards: cards.into(),
            d1: D1::default(),
        }
    }
}

impl Making {
    pub(crate) fn with(answers: impl IntoIterator<Item = crate::d1::Answer>) -> Self {
        Self {
            d1: D1::answering(answers),
            ..Self::default()
        }
    }

    /// Tells a story in this world.
    pub(crate) fn tell<T, F: Future<Output = T>>(self, story: impl FnOnce(World) -> F) -> T {
        let ending = run_virtual(Limits::default(), |alarm| async move {
            let journal = Journal::new("2026-06-17T10:00:00Z".parse().unwrap());
            let latencies = Latencies::default();
            let ground = Ground::new(
                alarm,
                journal,
                self.seed,
                Medium::InProcess,
                latencies,
                None,
            );
            story(self.build(ground).await).await
        });
        match ending.unwrap() {
            Ending::Told(told) => told,
            Ending::Horizon => panic!("the horizon came first"),
            Ending::Trouble(trouble) => panic!("{trouble}"),
        }
    }

    async fn build(self, ground: Ground) -> World {
        let cards = self.cards.into_iter();
        let cards = cards.map(|(name, plan)| (name.parse().unwrap(), plan));
        let key = jwe_key().public().clone();
        let config = Config::new(Arc::new(self.tenant), key, cards.collect());
        for machine in [Machine::Issuer, Machine::D1] {
            ground.net().reserve(machine, 0).unwrap();
        }
        let mut issuer = seat(&ground, &config);
        let double = self.d1.clone();
        let mut d1 = Seat::new(&ground, Machine::D1, move |host| double.clone().serve(host));
        d1.start().await;
        issuer.start().await;
        World {
            kiosk: ground.host(Machine::Kiosk),
            d1_host: ground.host(Machine::D1),
            issuer,
            d1: self.d1,
            config,
            _d1: d1,
            ground,
        }
    }
}

fn seat(ground: &Ground, config: &Config) -> Seat {
    let config = config.clone();
    let main = move |host| persotwin_issuer::run(host, config.clone());
    Seat::new(ground, Machine::Issuer, main)
}

pub(crate) fn request(id: &str, customer: &str) -> CardRequest {
    CardRequest {
        request_id: id.to_owned(),
        customer: customer.parse().unwrap(),
        perso_station: "KIOSK-PS-101".parse().unwrap(),
        product: "VISA-CLASSIC".parse().unwrap(),
        service: Service::New,
    }
}

impl World {
    pub(crate) async fn post(&self, request: &CardRequest) -> Reply {
        let call = Call::post(Face::Kiosk, CARD_REQUESTS).json(request);
        self.kiosk.wire.call(call).await.unwrap()
    }

    pub(crate) async fn tap(&self, request: &CardRequest) -> RequestView {
        let reply = self.post(request).await;
        assert_eq!(reply.status(), 202, "{:?}", reply.body());
        reply.json().unwrap()
    }

    pub(crate) fn tap_without_waiting(&self, request: &CardRequest) {
        let call = Call::post(Face::Kiosk, CARD_REQUESTS).json(request);
        let wire = self.kiosk.wire.clone();
        self.kiosk.life.spawn(async move {
            let _ = wire.call(call).await;
        });
    }

    pub(crate) async fn view(&self, id: &str) -> RequestView {
        let call = Call::get(Face::Kiosk, &format!("{CARD_REQUESTS}/{id}"));
        self.kiosk.wire.call(call).await.unwrap().json().unwrap()
    }

    pub(crate) async fn seen(&self, id: &str, event: CardEvent) -> u16 {
        let call = Call::post(Face::Kiosk, &format!("{CARD_REQUESTS}/{id}/card")).json(&event);
        self.kiosk.wire.call(call).await.unwrap().status()
    }

    /// Starts the issuer anew on other bytes.
    pub(crate) async fn restart_with(&mut self, store: Store) {
        self.issuer.crash().await;
        self.issuer = seat(&self.ground, &self.config).with_store(store);
        self.issuer.start().await;
        self.wait(SECOND).await;
    }

    pub(crate) async fn wait(&self, duration: Duration) {
        self.kiosk.clock.sleep(duration).await;
    }

    /// D1 posts this body to the notifications of the built-in issuer.
    pub(crate) async fn notify_body(&self, body: &Value) -> Reply {
        let call = Call::post(Face::Notifications, NOTIFICATIONS).json(body);
        self.d1_host.wire.call(call).await.unwrap()
    }

    /// D1 tells one status of a card.
    pub(crate) async fn notify(&self, card: &str, status: &str) {
        let body = json!({ "operations": [update(card, status)] });
        assert_eq!(self.notify_body(&body).await.status(), 204);
    }

    /// The card of the only order that came.
    pub(crate) fn card(&self) -> String {
        self.d1.notes().came.first().unwrap().card.clone()
    }

    /// The issuer's news, in order, each in a few words.
    pub(crate) fn news(&self) -> Vec<String> {
        let beliefs = self.beliefs().into_iter().map(|(_, news)| match &news {
            News::Heard { status, by, .. } => format!("heard {status} by {by:?}"),
            News::HeardAgain { status } => format!("heard again {status}"),
            News::ActedOn { status } => format!("acted on {status}"),
            News::Refused {
                status,
                code,
                error,
            } => format!("refused {status} {code:?} {error:?}"),
            News::CardSeen { state } => format!("seen {state:?}"),
            other => serde_json::to_value(other).unwrap()["news"]
                .as_str()
                .unwrap()
                .to_owned(),
        });
        beliefs.collect()
    }

    pub(crate) fn beliefs(&self) -> Vec<(About, News)> {
        let records = self.ground.journal().records();
        let news = records.iter().filter_map(|record| match &record.event {
            Event::Order(Belief { about, news }) => Some((about.clone(), news.clone())),
            _ => None,
        });
        news.collect()
    }

    /// The bytes of the issuer's ledger.
    pub(crate) fn ledger(&self) -> String {
        let entries = self.issuer.store().entries();
        let lines = entries
            .into_iter()
            .map(|line| String::from_utf8(line).unwrap());
        lines.collect::<Vec<_>>().join("\n")
    }
}

pub(crate) const NOTIFICATIONS: &str = "/notifications/d1/v2/issuers/TWINBANK01/cards";

/// One update as D1 writes it.
pub(crate) fn update(card: &str, status: &str) -> Value {
    let (top, failed) = match status {
        "CARD_PROD_DONE" => ("SUCCESSFUL", false),
        "CARD_PROD_EXCEPTION" | "DATA_EXCEPTION" => ("FAILED", true),
        "CARD_PROD_CANCELED" => ("FAILED", false),
        _ => ("PENDING", false),
    };
    let mut update = json!({
        "operationId": format!("op-{card}"), "operation": "PRODUCE", "status": top,
        "startTime": "2026-06-17T10:00:00.000Z", "cardId": card, "details": {"status": status},
    });
    if failed {
        update["errorCode"] = json!("PRD_FEEDER_EMPTY");
        update["details"]["reason"] = json!("There are no blank cards in the feeder.");
    }
    update
}

pub(crate) const SECOND: Duration = Duration::from_secs(1);
