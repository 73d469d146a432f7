//! Journals written by hand, as real runs write them.

use std::sync::Arc;
use std::time::Duration;

use persotwin_contract::ids::{CardId, OperationId, PersoStation};
use persotwin_contract::notification::ProductionStatus as Status;
use persotwin_kernel::event::{
    About, Belief, Book, CardSide, Change, ConditionChange, Content, Disturbance, Essence, Event,
    Exchange, Failure, HeardBy, News, Phase, Physical, Truth, Verdict,
};
use persotwin_kernel::{Chance, Moment, Record};
use persotwin_link::jobs::{Decision, JobStatus};
use persotwin_link::kiosk::{CardEvent, RequestState, Service};
use persotwin_link::stage::Work;
use persotwin_link::{Condition, CustomerName, Face, Machine, PathStation, Place, Serial};

pub(crate) const STATION: &str = "KIOSK-PS-101";

/// A journal in the making, and what time it is in it.
#[derive(Debug, Default)]
pub(crate) struct Tale {
    records: Vec<Arc<Record>>,
    now: u64,
    exchanges: u64,
}

/// One customer's order.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) customer: Option<CustomerName>,
    pub(crate) request: String,
    pub(crate) card: CardId,
    pub(crate) operation: OperationId,
    pub(crate) blank: u32,
}

impl Order {
    pub(crate) fn of(customer: &str, number: u32) -> Self {
        Self {
            customer: Some(customer.parse().unwrap()),
            request: format!("r-{number}"),
            card: format!("card-{number}").parse().unwrap(),
            operation: format!("01c5a05e-e197-11ec-8fea-{number:012}")
                .parse()
                .unwrap(),
            blank: number,
        }
    }

    fn by_card(&self) -> About {
        About::card(&self.card)
    }

    fn by_both(&self) -> About {
        About::card(&self.card).with_operation(&self.operation)
    }

    fn by_operation(&self) -> About {
        About::operation(&self.operation)
    }

    fn by_request(&self) -> About {
        About::request(&self.request)
    }

    fn serial(&self) -> Serial {
        Serial::new(STATION, "A", self.blank)
    }
}

pub(crate) fn station() -> PersoStation {
    STATION.parse().unwrap()
}

fn agent() -> Machine {
    Machine::Agent(station())
}

fn hardware() -> Machine {
    Machine::Station(station())
}

fn essence() -> Essence {
    let chance = Chance::new(1);
    Essence {
        number: chance.fingerprint(&["4111110000000003", "2906"]),
        name: Some(chance.fingerprint(&["ALICE MARTIN"])),
    }
}

impl Tale {
    pub(crate) fn records(&self) -> &[Arc<Record>] {
        &self.records
    }

    pub(crate) fn wait(&mut self, millis: u64) {
        self.now += millis;
    }

    pub(crate) fn add(&mut self, machine: Machine, customer: Option<&CustomerName>, event: Event) {
        let moment = Moment::from_millis(self.now);
        self.records.push(Arc::new(Record {
            seq: self.records.len() as u64,
            at: "2026-06-17T10:00:00Z".parse::<jiff::Timestamp>().unwrap()
                + jiff::SignedDuration::from_millis(i64::try_from(self.now).unwrap()),
            moment,
            machine,
            step: event.step(),
            customer: customer.cloned(),
            event,
        }));
    }

    pub(crate) fn news(&mut self, machine: Machine, order: &Order, about: About, news: News) {
        let event = Event::Order(Belief { about, news });
        self.add(machine, order.customer.as_ref(), event);
    }

    pub(crate) fn truth(&mut self, order: &Order, what: Physical) {
        let about = order.by_operation();
        let event = Event::Card(Truth { about, what });
        self.add(hardware(), order.customer.as_ref(), event);
    }

    pub(crate) fn disturb(&mut self, machine: Machine, disturbance: Disturbance) {
        self.add(machine, None, Event::Disturbance(disturbance));
    }

    pub(crate) fn condition(&mut self, condition: Condition, change: Change) {
        let change = ConditionChange {
            condition,
            ipp: condition.ipp(),
            change,
        };
        self.add(hardware(), None, Event::Condition(change));
    }

    pub(crate) fn end(&mut self, verdict: &str) {
        self.wait(10_000);
        let verdict = verdict.to_owned();
        self.add(
            Machine::World,
            None,
            Event::Verdict(Verdict::End { verdict }),
        );
    }

    /// A message leaves; gives its number.
    pub(crate) fn sent(
        &mut self,
        from: Machine,
        to: &Face,
        method: &str,
        path: &str,
        order: Option<(&Order, About)>,
    ) -> u64 {
        self.exchanges += 1;
        let phase = Phase::Sent { bytes: 120 };
        self.exchange(self.exchanges, from, to, method, path, order, phase);
        self.exchanges
    }

    #[expect(clippy::too_many_arguments, reason = "an exchange has these parts")]
    pub(crate) fn exchange(
        &mut self,
        exchange: u64,
        from: Machine,
        to: &Face,
        method: &str,
        path: &str,
        order: Option<(&Order, About)>,
        phase: Phase,
    ) {
        let customer = order.as_ref().and_then(|(order, _)| order.customer.clone());
        let about = order.map_or(About::nothing(), |(_, about)| about);
        let event = Event::Exchange(Exchange {
            exchange,
            from: from.clone(),
            to: to.clone(),
            method: method.to_owned(),
            path: path.to_owned(),
            about,
            phase,
        });
        self.add(from, customer.as_ref(), event);
    }

    fn call(
        &mut self,
        from: Machine,
        to: &Face,
        method: &str,
        path: &str,
        order: Option<(&Order, About)>,
        status: u16,
    ) {
        let number = self.sent(from.clone(), to, method, path, order.clone());
        self.wait(41);
        let phase = Phase::Answered {
            status,
            bytes: 64,
            took: Duration::from_millis(41),
        };
        self.exchange(number, from, to, method, path, order, phase);
    }

    /// Machines start, the agent enrols and beats.
    pub(crate) fn start(&mut self) {
        for of in [Machine::Issuer, Machine::D1, hardware(), agent()] {
            self.disturb(of.clone(), Disturbance::Start { of, life: 1 });
        }
        let stations = "/stations/v1/KIOSK-PS-101/enrolment";
        self.call(agent(), &Face::Stations, "POST", stations, None, 200);
        let about = About::nothing();
        let news = News::Enrolled { station: station() };
        self.add(Machine::D1, None, Event::Order(Belief { about, news }));
        let beats = "/stations/v1/KIOSK-PS-101/heartbeats";
        self.call(agent(), &Face::Stations, "POST", beats, None, 204);
    }

    /// Step 1.
    pub(crate) fn asks(&mut self, order: &Order, service: Service) {
        let news = News::Requested {
            customer: order.customer.clone().unwrap(),
            station: station(),
            service,
        };
        self.wait(12);
        let about = order.by_request().with_card(&order.card);
        self.news(Machine::Issuer, order, about.clone(), news);
        self.news(
            Machine::Issuer,
            order,
            about,
            News::Ordering { essence: essence() },
        );
    }

    pub(crate) fn token(&mut self) {
        self.call(
            Machine::Issuer,
            &Face::Token,
            "POST",
            "/authz/v1/oauth2/token",
            None,
            200,
        );
    }

    fn order_path(order: &Order) -> String {
        format!(
            "/banking/v1/issuers/TWINBANK01/physicalCards/{}/operations:production",
            order.card
        )
    }

    /// The order leaves the issuer.
    pub(crate) fn orders(&mut self, order: &Order) -> u64 {
        let path = Self::order_path(order);
        self.wait(3);
        self.sent(
            Machine::Issuer,
            &Face::Orders,
            "POST",
            &path,
            Some((order, order.by_card())),
        )
    }

    /// And its answer is lost.
    pub(crate) fn order_times_out(&mut self, order: &Order, number: u64) {
        let path = Self::order_path(order);
        self.wait(10_000);
        let phase = Phase::Failed {
            why: Failure::TimedOut,
            took: Duration::from_secs(10),
        };
        let about = Some((order, order.by_card()));
        self.exchange(
            number,
            Machine::Issuer,
            &Face::Orders,
            "POST",
            &path,
            about,
            phase,
        );
    }

    pub(crate) fn accepts(&mut self, order: &Order) {
        self.wait(25);
        let news = News::OrderAccepted {
            issuer_request_id: Some(order.request.clone()),
            station: station(),
            content: Chance::new(1).fingerprint(&["content"]),
        };
        self.news(Machine::D1, order, order.by_both(), news);
        let requested = News::StatusIs {
            status: Status::CardProdRequested,
            code: None,
        };
        self.news(Machine::D1, order, order.by_both(), requested);
    }

    pub(crate) fn answered(&mut self, order: &Order) {
        self.wait(27);
        self.news(Machine::Issuer, order, order.by_both(), News::Accepted);
    }

    pub(crate) fn is_told(&mut self, order: &Order, status: Status, code: Option<&str>) {
        self.wait(31);
        let heard = News::Heard {
            status: status.clone(),
            by: HeardBy::Notification,
            code: code.map(str::to_owned),
        };
        self.news(Machine::Issuer, order, order.by_both(), heard);
        self.news(
            Machine::D1,
            order,
            order.by_both(),
            News::Notified { status, attempt: 1 },
        );
    }

    /// The issuer asks, and D1 has nothing new to say.
    pub(crate) fn polls(&mut self, order: &Order, status: Status) {
        let path = "/banking/v1/issuers/TWINBANK01/physicalCards/card/operations";
        let about = Some((order, order.by_both()));
        self.call(Machine::Issuer, &Face::Orders, "GET", path, about, 200);
        let again = News::HeardAgain { status };
        self.news(Machine::Issuer, order, order.by_both(), again);
    }

    /// A notification comes again.
    pub(crate) fn is_told_again(&mut self, order: &Order, status: Status) {
        self.wait(31);
        let again = News::HeardAgain { status };
        self.news(Machine::Issuer, order, order.by_both(), again);
    }

    /// Steps 2 to 4.
    pub(crate) fn ordered(&mut self, order: &Order) {
        self.orders(order);
        self.accepts(order);
        self.answered(order);
        self.prepared(order);
    }

    pub(crate) fn prepared(&mut self, order: &Order) {
        self.is_told(order, Status::CardProdRequested, None);
        self.wait(240);
        let about = order.by_operation();
        self.news(
            Machine::D1,
            order,
            about,
            News::Prepared {
                essence: essence(),
                content: Content::default(),
            },
        );
        let ready = News::StatusIs {
            status: Status::CardProdReady,
            code: None,
        };
        self.news(Machine::D1, order, order.by_both(), ready);
        self.is_told(order, Status::CardProdReady, None);
        self.wait(4);
        self.news(agent(), order, order.by_operation(), News::JobTaken);
        self.wait(27);
        let dispatched = News::Dispatched { station: station() };
        self.news(Machine::D1, order, order.by_operation(), dispatched);
        let screen = News::Screen {
            state: RequestState::Printing,
        };
        self.news(Machine::Kiosk, order, order.by_request(), screen);
    }

    /// A blank is picked and its chip and stripe are written.
    pub(crate) fn encoded(&mut self, order: &Order) {
        let serial = order.serial();
        self.reports(order, JobStatus::Started);
        self.moves(
            order,
            2000,
            Place::Hopper(1),
            Place::Path(PathStation::Feeder),
        );
        self.moves(
            order,
            1500,
            Place::Path(PathStation::Feeder),
            Place::Path(PathStation::ChipContact),
        );
        self.wait(500);
        self.truth(
            order,
            Physical::ChipReset {
                serial: serial.clone(),
            },
        );
        for _ in 0..31 {
            self.wait(27);
            let apdu = Physical::Apdu {
                serial: serial.clone(),
                command: "80E2000010**".to_owned(),
                answer: "9000".to_owned(),
            };
            self.truth(order, apdu);
        }
        let essence = essence();
        let live = Physical::Personalised {
            serial: serial.clone(),
            essence: essence.clone(),
        };
        self.truth(order, live);
        self.work(order, Work::Chip);
        let (from, to) = (PathStation::ChipContact, PathStation::StripeEncoder);
        self.moves(order, 0, Place::Path(from), Place::Path(to));
        self.wait(3000);
        self.truth(order, Physical::Encoded { serial, essence });
        self.work(order, Work::Stripe);
        let (from, to) = (PathStation::StripeEncoder, PathStation::PrintHead);
        self.moves(order, 0, Place::Path(from), Place::Path(to));
    }

    pub(crate) fn printed(&mut self, order: &Order) {
        let serial = order.serial();
        self.wait(16_000);
        let front = Physical::Printed {
            serial: serial.clone(),
            side: CardSide::Front,
            essence: Some(essence()),
        };
        self.truth(order, front);
        let (head, flipper) = (PathStation::PrintHead, PathStation::Flipper);
        self.moves(order, 2000, Place::Path(head), Place::Path(flipper));
        self.moves(order, 0, Place::Path(flipper), Place::Path(head));
        self.wait(6000);
        let back = Physical::Printed {
            serial: serial.clone(),
            side: CardSide::Back,
            essence: None,
        };
        self.truth(order, back);
        self.work(order, Work::Print);
        self.reports(order, JobStatus::Produced { serial });
    }

    /// Released, done.
    pub(crate) fn released(&mut self, order: &Order) {
        let decision = Decision::Release;
        self.news(
            Machine::D1,
            order,
            order.by_operation(),
            News::Decided { decision },
        );
        let done = News::StatusIs {
            status: Status::CardProdDone,
            code: None,
        };
        self.news(Machine::D1, order, order.by_both(), done);
        self.is_told(order, Status::CardProdDone, None);
        let acted = News::ActedOn {
            status: Status::CardProdDone,
        };
        self.news(Machine::Issuer, order, order.by_both(), acted);
        let screen = News::Screen {
            state: RequestState::TakeYourCard,
        };
        self.news(Machine::Kiosk, order, order.by_request(), screen);
        self.moves(
            order,
            2000,
            Place::Path(PathStation::PrintHead),
            Place::Exit,
        );
        self.reports(order, JobStatus::Presented);
    }

    pub(crate) fn taken(&mut self, order: &Order) {
        let hand = Place::Hand(order.customer.clone().unwrap());
        self.moves(order, 2500, Place::Exit, hand);
        let seen = News::CardSeen {
            state: CardEvent::Taken,
        };
        self.news(Machine::Issuer, order, order.by_request(), seen);
        self.reports(order, JobStatus::Taken);
        let book = Book {
            declared: 100,
            picked: 1,
            given_out: 1,
            ..Book::default()
        };
        self.news(agent(), order, order.by_operation(), News::Book(book));
    }

    pub(crate) fn moves(&mut self, order: &Order, takes: u64, from: Place, to: Place) {
        self.wait(takes);
        let serial = order.serial();
        self.truth(order, Physical::Moved { serial, from, to });
    }

    fn work(&mut self, order: &Order, work: Work) {
        self.wait(2);
        let serial = order.serial();
        self.news(
            agent(),
            order,
            order.by_operation(),
            News::WorkDone { work, serial },
        );
    }

    pub(crate) fn reports(&mut self, order: &Order, report: JobStatus) {
        let reporting = News::Reporting {
            report: report.clone(),
        };
        self.news(agent(), order, order.by_operation(), reporting);
        self.wait(33);
        self.news(
            Machine::D1,
            order,
            order.by_operation(),
            News::ReportHeard { report },
        );
    }

    pub(crate) fn agent(&mut self, order: &Order, news: News) {
        self.news(agent(), order, order.by_operation(), news);
    }

    pub(crate) fn d1(&mut self, order: &Order, news: News) {
        self.news(Machine::D1, order, order.by_both(), news);
    }

    pub(crate) fn issuer(&mut self, order: &Order, news: News) {
        self.news(Machine::Issuer, order, order.by_card(), news);
    }
}

/// The six steps of one customer.
pub(crate) fn happy() -> Tale {
    let mut tale = Tale::default();
    let alice = Order::of("alice", 1);
    tale.start();
    tale.asks(&alice, Service::New);
    tale.token();
    tale.ordered(&alice);
    tale.encoded(&alice);
    tale.printed(&alice);
    tale.released(&alice);
    tale.taken(&alice);
    tale.end("ok");
    tale
}
