//! A world of one agent with its neighbours.

use std::time::Duration;

use persotwin_agent::{Config, Sam, run};
use persotwin_contract::jose::jwe;
use persotwin_kernel::event::{Book, News};
use persotwin_kernel::{Ending, Event, Journal, Limits, Moment, run_virtual};
use persotwin_link::card_stock::CardStock;
use persotwin_link::jobs::{Decision, Job, JobStatus, Layout, ProductionData};
use persotwin_link::setup::Station;
use persotwin_link::stock::StockName;
use persotwin_link::tenant::{Tenant, test_key};
use persotwin_link::{CustomerName, Face, Latencies, Machine, Serial};
use persotwin_wire::{Call, Ground, Host, Medium, Seat};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::d1::{self, D1};
use super::hardware::{self, Steel};

pub(crate) const STATION: &str = "KIOSK-PS-101";
pub(crate) const KEY: &str = "kiosk-ps-101-data-1";

pub(crate) struct Stage {
    pub(crate) ground: Ground,
    pub(crate) agent: Seat,
    pub(crate) station: Seat,
    pub(crate) d1: Seat,
    pub(crate) books: D1,
    pub(crate) steel: Steel,
    /// D1's own hands.
    pub(crate) caller: Host,
}

pub(crate) fn kiosk() -> Station {
    Station::kiosk(STATION.parse().unwrap())
}

pub(crate) fn config(station: Station) -> Config {
    let sam = Sam::from(&CardStock::built_in());
    Config::new(station, test_key(KEY), sam)
}

/// Everything is up and running, but nobody has crashed yet.
pub(crate) fn told<T, F: Future<Output = T>>(
    config: Config,
    decision: Decision,
    story: impl FnOnce(Stage) -> F,
) -> T {
    told_of(&Tenant::built_in(), config, decision, story)
}

/// The same with blanks as this tenant's makers delivered them.
pub(crate) fn told_of<T, F: Future<Output = T>>(
    tenant: &Tenant,
    config: Config,
    decision: Decision,
    story: impl FnOnce(Stage) -> F,
) -> T {
    let chips = persotwin_printer::chips(tenant);
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
        let id = config.station.id.clone();
        let machines = [
            Machine::D1,
            Machine::Agent(id.clone()),
            Machine::Station(id),
        ];
        for machine in machines.clone() {
            ground.net().reserve(machine, 0).unwrap();
        }
        let [d1, agent, station] = machines;
        let steel = Steel::new(&config.station, chips);
        let books = D1::new(decision);
        let (own, inside) = (books.clone(), steel.clone());
        let mut stage = Stage {
            d1: Seat::new(&ground, d1.clone(), move |host| d1::run(host, own.clone())),
            station: Seat::new(&ground, station, move |host| {
                hardware::run(host, inside.clone())
            }),
            agent: Seat::new(&ground, agent, move |host| run(host, config.clone())),
            caller: ground.host(d1),
            books,
            steel,
            ground,
        };
        stage.d1.start().await;
        stage.station.start().await;
        stage.agent.start().await;
        story(stage).await
    });
    match ending.unwrap() {
        Ending::Told(told) => told,
        Ending::Horizon => panic!("the story met the horizon"),
        Ending::Trouble(trouble) => panic!("{trouble}"),
    }
}

pub(crate) fn data() -> ProductionData {
    let dgis = [
        "01010C700A57084111111111111111",
        "91020BA509500456495341870101",
        "91040A82021800940408010100",
        "800030112233440066778811223344550077888B4F854F0831FBF2635A212E4DDDB92A\
         11220044556677881122330055667788",
        "90000997DCB0CE4E2CB37DF3",
    ];
    ProductionData {
        aid: "A0000000031010".into(),
        dgis: dgis.map(str::to_owned).to_vec(),
        track1: "B4111111111111111^MARTIN/ALICE^29062010000000123000000".into(),
        track2: "4111111111111111=29062010000123000000".into(),
        track3: None,
        layout: Layout {
            artwork: "dawn".into(),
            pan: "4111 1111 1111 1111".into(),
            expiry: "06/29".into(),
            name: "ALICE MARTIN".into(),
            second_name: None,
            custom_lines: vec![],
            cvv2: "123".into(),
        },
    }
}

pub(crate) fn job() -> Job {
    job_of(&data())
}

pub(crate) fn job_of(data: &ProductionData) -> Job {
    let clear = serde_json::to_vec(data).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let sealed = jwe::encrypt(&clear, test_key(KEY).public(), &mut rng);
    Job {
        perso_station: STATION.parse().unwrap(),
        stock: StockName::default(),
        production_data: sealed.unwrap(),
    }
}

impl Stage {
    pub(crate) async fn put(&self, id: &str, job: &Job) -> u16 {
        let path = format!("/agent/v1/{STATION}/jobs/{id}");
        let face = Face::Jobs(STATION.parse().unwrap());
        let reply = self
            .caller
            .wire
            .call(Call::put(face, &path).json(job))
            .await;
        reply.map_or(0, |reply| reply.status())
    }

    /// As D1 does it: until the agent has it.
    pub(crate) async fn order(&self, id: &str) {
        self.order_of(id, StockName::default()).await;
    }

    /// The same for a card of another stock.
    pub(crate) async fn order_of(&self, id: &str, stock: StockName) {
        let job = Job { stock, ..job() };
        while self.put(id, &job).await != 202 {
            self.pass(Duration::from_secs(1)).await;
        }
    }

    pub(crate) async fn pass(&self, time: Duration) {
        self.caller.clock.sleep(time).await;
    }

    pub(crate) fn now(&self) -> Moment {
        self.caller.clock.now()
    }

    /// Waits until a card lies in the exit, and takes it.
    pub(crate) async fn take(&self) -> Serial {
        self.steel.until(|printer| printer.status().exit).await;
        let who: CustomerName = "alice".parse().unwrap();
        self.steel.change(|printer| printer.take(who)).unwrap()
    }

    /// Waits until D1 has heard something that is like this.
    pub(crate) async fn until_heard(&self, job: &str, like: impl Fn(&JobStatus) -> bool) -> Moment {
        self.books.until(job, like).await;
        self.now()
    }

    pub(crate) async fn until_over(&self, job: &str) -> JobStatus {
        let last = |status: &JobStatus| {
            matches!(
                status,
                JobStatus::Taken | JobStatus::Captured { .. } | JobStatus::Failed { .. }
            )
        };
        self.until_heard(job, last).await;
        let heard = self.books.heard(job);
        heard.into_iter().find(last).unwrap()
    }

    pub(crate) fn news(&self) -> Vec<News> {
        let records = self.ground.journal().records();
        let own = records
            .iter()
            .filter(|record| record.machine == *self.agent.machine());
        own.filter_map(|record| match &record.event {
            Event::Order(belief) => Some(belief.news.clone()),
            _ => None,
        })
        .collect()
    }

    /// The last page of the inventory book.
    pub(crate) fn book(&self) -> Book {
        let page = |news: News| match news {
            News::Book(book) => Some(book),
            _ => None,
        };
        self.news()
            .into_iter()
            .filter_map(page)
            .next_back()
            .unwrap()
    }

    /// Book and plastic say the same, and nothing is left on the path.
    pub(crate) fn check_book(&self) {
        let census = self.steel.printer.lock().unwrap().census();
        let book = self.book();
        assert!(census.adds_up());
        assert_eq!((census.path, census.exit), (0, 0));
        assert_eq!(u64::from(book.given_out), census.hands, "{book:?}");
        let binned = u64::from(book.spoiled + book.captured);
        assert_eq!(binned, census.rejected, "{book:?}");
        assert_eq!(u64::from(book.picked), census.hands + census.rejected);
    }
}
