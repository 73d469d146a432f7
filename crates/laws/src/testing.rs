//! A small journal written by hand: alice asks at a kiosk and takes her card. Tests change one thing in it.

use std::collections::BTreeSet;
use std::time::Duration;

use persotwin_contract::ids::{CardId, OperationId, PersoStation};
use persotwin_contract::notification::ProductionStatus as Status;
use persotwin_kernel::event::{
    About, Belief, Book, CardSide, Content, Essence, Event, Exchange, HeardBy, News, Phase,
    Physical, Truth,
};
use persotwin_kernel::{Chance, Fingerprint, Moment, Record};
use persotwin_link::jobs::{CaptureCause, Decision, JobStatus};
use persotwin_link::kiosk::{CardEvent, Service};
use persotwin_link::setup::Station;
use persotwin_link::stage::Work;
use persotwin_link::stock::StockName;
use persotwin_link::{CustomerName, Face, Machine, PathStation, Place, Serial};

use crate::{Setup, judge};

pub(crate) const STATION: &str = "KIOSK-PS-101";

pub(crate) fn station() -> PersoStation {
    STATION.parse().unwrap()
}

pub(crate) fn operation(name: &str) -> OperationId {
    name.parse().unwrap()
}

pub(crate) fn card() -> CardId {
    "card-1".parse().unwrap()
}

pub(crate) fn alice() -> CustomerName {
    "alice".parse().unwrap()
}

pub(crate) fn serial(count: u32) -> Serial {
    Serial::new(STATION, "A", count)
}

pub(crate) fn print(secret: &str) -> Fingerprint {
    Chance::new(1).fingerprint(&[secret])
}

pub(crate) fn essence(number: &str, name: &str) -> Essence {
    Essence {
        number: print(number),
        name: Some(print(name)),
    }
}

/// What is read of a card that says this on every medium.
pub(crate) fn content(says: &str) -> Content {
    let says = Some(print(says));
    Content {
        chip: says.clone(),
        stripe: says.clone(),
        print: says,
    }
}

pub(crate) fn good() -> Essence {
    essence("4111110000000003 2906", "ALICE MARTIN")
}

pub(crate) fn setup() -> Setup {
    Setup::of([Station::kiosk(station())])
}

pub(crate) fn agent() -> Machine {
    Machine::Agent(station())
}

pub(crate) fn hardware() -> Machine {
    Machine::Station(station())
}

pub(crate) fn bob() -> CustomerName {
    "bob".parse().unwrap()
}

/// The same event in bob's order.
fn for_bob(mut event: Event) -> Event {
    let about = match &mut event {
        Event::Exchange(exchange) => &mut exchange.about,
        Event::Order(belief) => &mut belief.about,
        Event::Card(truth) => &mut truth.about,
        _ => return event,
    };
    about.request = about.request.as_ref().map(|_| "r-2".to_owned());
    about.card = about.card.as_ref().map(|_| "card-2".parse().unwrap());
    about.operation = about.operation.as_ref().map(|_| operation("op-2"));
    match &mut event {
        Event::Card(truth) => match &mut truth.what {
            Physical::Moved { serial: is, to, .. } => {
                *is = serial(2);
                if let Place::Hand(customer) = to {
                    *customer = bob();
                }
            }
            Physical::Personalised { serial: is, .. }
            | Physical::Encoded { serial: is, .. }
            | Physical::Printed { serial: is, .. }
            | Physical::Examined { serial: is, .. } => *is = serial(2),
            _ => {}
        },
        Event::Order(belief) => match &mut belief.news {
            News::OrderAccepted {
                issuer_request_id, ..
            } => *issuer_request_id = Some("r-2".to_owned()),
            News::WorkDone { serial: is, .. }
            | News::Reporting {
                report: JobStatus::Produced { serial: is },
            }
            | News::ReportHeard {
                report: JobStatus::Produced { serial: is },
            } => *is = serial(2),
            News::Book(book) => (book.picked, book.given_out) = (2, 2),
            _ => {}
        },
        _ => {}
    }
    event
}

/// A journal that can be changed.
#[derive(Debug, Clone)]
pub(crate) struct Story(Vec<Record>);

impl Story {
    /// Everything that stands before any order: blanks are loaded, the agent has enrolled.
    pub(crate) fn begun() -> Self {
        let mut story = Self(Vec::new());
        let loaded = Physical::Loaded {
            hopper: 1,
            stock: StockName::default(),
            count: 100,
        };
        story.truth(&About::nothing(), loaded);
        let enrolled = News::Enrolled { station: station() };
        story.news(Machine::D1, &About::nothing(), enrolled);
        story
    }

    /// The six steps.
    pub(crate) fn happy() -> Self {
        let mut story = Self::begun();
        story.ordered();
        story.produced(1);
        story.released();
        story.taken(1);
        story.booked();
        story.examined(1);
        story
    }

    /// The six steps, and nobody takes the card.
    pub(crate) fn captured() -> Self {
        let mut story = Self::begun();
        story.ordered();
        story.produced(1);
        story.released();
        let (path, why) = (Place::Path(PathStation::Feeder), CaptureCause::NotTaken);
        story.moved(1, path, Place::Exit);
        story.report(JobStatus::Presented);
        story.moved(1, Place::Exit, Place::RejectBin);
        story.agent(News::ForDestruction { serial: serial(1) });
        story.report(JobStatus::Captured { why });
        story.agent(News::Book(Book {
            declared: 100,
            picked: 1,
            captured: 1,
            ..Book::default()
        }));
        story.examined(1);
        story
    }

    /// The six steps of alice, then those of bob.
    pub(crate) fn of_two() -> Self {
        let mut story = Self::happy();
        let begun = Self::begun().0.len();
        let second = story.0.split_off(begun);
        let bobs = second.clone().into_iter().map(|record| Record {
            customer: Some(bob()),
            event: for_bob(record.event),
            ..record
        });
        story.0.extend(second);
        story.0.extend(bobs);
        story
    }

    /// Steps 1 to 4.
    pub(crate) fn ordered(&mut self) {
        let (card, op) = (About::card(&card()), About::operation(&operation("op-1")));
        let ordered = card.clone().with_operation(&operation("op-1"));
        let asked = About::request("r-1").with_card(&crate::testing::card());
        let requested = News::Requested {
            customer: alice(),
            station: station(),
            service: Service::New,
        };
        self.news(Machine::Issuer, &asked, requested);
        self.news(Machine::Issuer, &asked, News::Ordering { essence: good() });
        let accepted = News::OrderAccepted {
            issuer_request_id: Some("r-1".to_owned()),
            station: station(),
            content: print("content"),
        };
        self.news(Machine::D1, &ordered, accepted);
        self.status(Status::CardProdRequested);
        self.news(Machine::Issuer, &ordered, News::Accepted);
        self.news(
            Machine::D1,
            &ordered,
            News::Prepared {
                essence: good(),
                content: content("good"),
            },
        );
        self.status(Status::CardProdReady);
        self.job_sent();
        self.news(Machine::D1, &op, News::Dispatched { station: station() });
        self.news(agent(), &op, News::JobTaken);
    }

    fn job_sent(&mut self) {
        let exchange = Exchange {
            exchange: 7,
            from: Machine::D1,
            to: Face::Jobs(station()),
            method: "PUT".to_owned(),
            path: format!("/agent/v1/{STATION}/jobs/op-1"),
            about: About::operation(&operation("op-1")),
            phase: Phase::Sent { bytes: 4096 },
        };
        self.add(Machine::D1, Event::Exchange(exchange));
    }

    /// Step 5 up to the decision, on this blank.
    pub(crate) fn produced(&mut self, blank: u32) {
        self.report(JobStatus::Started);
        self.picked(blank);
        self.personalised(blank);
        let serial = serial(blank);
        for work in [Work::Chip, Work::Stripe, Work::Print] {
            let serial = serial.clone();
            self.agent(News::WorkDone { work, serial });
        }
        self.report(JobStatus::Produced { serial });
    }

    pub(crate) fn picked(&mut self, blank: u32) {
        self.moved(blank, Place::Hopper(1), Place::Path(PathStation::Feeder));
    }

    /// The last two things happened together.
    pub(crate) fn in_one_instant(&mut self) {
        if let [.., before, last] = self.0.as_mut_slice() {
            last.moment = before.moment;
        }
    }

    pub(crate) fn personalised(&mut self, blank: u32) {
        let about = About::operation(&operation("op-1"));
        let (serial, essence) = (serial(blank), good());
        let personalised = Physical::Personalised {
            serial: serial.clone(),
            essence: essence.clone(),
        };
        let encoded = Physical::Encoded {
            serial: serial.clone(),
            essence: essence.clone(),
        };
        let printed = Physical::Printed {
            serial,
            side: CardSide::Front,
            essence: Some(essence),
        };
        for what in [personalised, encoded, printed] {
            self.truth(&about, what);
        }
    }

    /// D1's release, done, and what the issuer makes of it.
    pub(crate) fn released(&mut self) {
        let about = About::operation(&operation("op-1"));
        let decision = Decision::Release;
        self.news(Machine::D1, &about, News::Decided { decision });
        self.status(Status::CardProdDone);
        self.acted(Status::CardProdDone);
    }

    pub(crate) fn acted(&mut self, status: Status) {
        let about = About::card(&card()).with_operation(&operation("op-1"));
        self.news(Machine::Issuer, &about, News::ActedOn { status });
    }

    /// The card in alice's hand.
    pub(crate) fn taken(&mut self, blank: u32) {
        self.moved(blank, Place::Path(PathStation::Feeder), Place::Exit);
        self.report(JobStatus::Presented);
        self.moved(blank, Place::Exit, Place::Hand(alice()));
        self.report(JobStatus::Taken);
        let state = CardEvent::Taken;
        self.news(
            Machine::Issuer,
            &About::request("r-1"),
            News::CardSeen { state },
        );
    }

    pub(crate) fn booked(&mut self) {
        self.agent(News::Book(Book {
            declared: 100,
            picked: 1,
            given_out: 1,
            ..Book::default()
        }));
    }

    /// A finished card is looked at, and good.
    pub(crate) fn examined(&mut self, blank: u32) {
        let serial = serial(blank);
        let examined = Physical::Examined {
            serial,
            defects: BTreeSet::new(),
            content: content("good"),
        };
        let about = About::operation(&operation("op-1"));
        self.truth(&about, examined);
    }

    pub(crate) fn moved(&mut self, blank: u32, from: Place, to: Place) {
        let serial = serial(blank);
        let about = About::operation(&operation("op-1"));
        self.truth(&about, Physical::Moved { serial, from, to });
    }

    /// A status at D1, delivered and heard at once.
    pub(crate) fn status(&mut self, status: Status) {
        let about = About::card(&card()).with_operation(&operation("op-1"));
        let is = News::StatusIs {
            status: status.clone(),
            code: None,
        };
        self.news(Machine::D1, &about, is);
        let heard = News::Heard {
            status: status.clone(),
            by: HeardBy::Notification,
            code: None,
        };
        self.news(Machine::Issuer, &about, heard);
        self.news(Machine::D1, &about, News::Notified { status, attempt: 1 });
    }

    /// A report of the agent, heard at once.
    pub(crate) fn report(&mut self, report: JobStatus) {
        let about = About::operation(&operation("op-1"));
        let reporting = News::Reporting {
            report: report.clone(),
        };
        self.news(agent(), &about, reporting);
        self.news(Machine::D1, &about, News::ReportHeard { report });
    }

    pub(crate) fn agent(&mut self, news: News) {
        self.news(agent(), &About::operation(&operation("op-1")), news);
    }

    pub(crate) fn truth(&mut self, about: &About, what: Physical) {
        let about = about.clone();
        self.add(hardware(), Event::Card(Truth { about, what }));
    }

    pub(crate) fn news(&mut self, machine: Machine, about: &About, news: News) {
        let about = about.clone();
        self.add(machine, Event::Order(Belief { about, news }));
    }

    pub(crate) fn add(&mut self, machine: Machine, event: Event) {
        let seq = self.0.len() as u64;
        let moment = Moment::START + Duration::from_secs(seq);
        let about_alice = !matches!(
            &event,
            Event::Card(Truth { about, .. }) | Event::Order(Belief { about, .. })
                if *about == About::nothing()
        );
        self.0.push(Record {
            seq,
            at: jiff::Timestamp::UNIX_EPOCH,
            moment,
            machine,
            step: event.step(),
            customer: about_alice.then(alice),
            event,
        });
    }

    pub(crate) fn records(&self) -> &[Record] {
        &self.0
    }

    /// The same without the news or truths that fit.
    pub(crate) fn without(mut self, fits: impl Fn(&Event) -> bool) -> Self {
        let before = self.0.len();
        self.0.retain(|record| !fits(&record.event));
        assert_ne!(before, self.0.len(), "nothing was left out");
        self
    }

    /// The same with something changed in it.
    pub(crate) fn changed(mut self, change: impl Fn(&mut Event)) -> Self {
        let before = self.0.clone();
        self.0
            .iter_mut()
            .for_each(|record| change(&mut record.event));
        assert_ne!(before, self.0, "nothing was changed");
        self
    }

    /// The same with something changed in what stands behind its first records.
    pub(crate) fn changed_from(mut self, first: usize, change: impl Fn(&mut Event)) -> Self {
        let later = self.0.iter_mut().skip(first);
        later.for_each(|record| change(&mut record.event));
        self
    }

    /// More that the issuer hears.
    pub(crate) fn heard(&mut self, news: News) {
        let about = About::card(&card()).with_operation(&operation("op-1"));
        self.news(Machine::Issuer, &about, news);
    }

    /// The laws that it breaks, each once, in the order of the list.
    pub(crate) fn broken_in(&self, setup: &Setup) -> Vec<&'static str> {
        let mut laws: Vec<_> = judge(setup, &self.0).into_iter().map(|b| b.law).collect();
        laws.dedup();
        laws
    }

    /// The laws that it breaks in the usual world.
    pub(crate) fn broken(&self) -> Vec<&'static str> {
        self.broken_in(&setup())
    }
}

/// Whether an event is news that fit.
pub(crate) fn news(fits: impl Fn(&News) -> bool) -> impl Fn(&Event) -> bool {
    move |event| matches!(event, Event::Order(belief) if fits(&belief.news))
}

/// Whether an event is a truth that fits.
pub(crate) fn truth(fits: impl Fn(&Physical) -> bool) -> impl Fn(&Event) -> bool {
    move |event| matches!(event, Event::Card(truth) if fits(&truth.what))
}

/// Changes news.
pub(crate) fn retell(change: impl Fn(&mut News)) -> impl Fn(&mut Event) {
    move |event| {
        if let Event::Order(belief) = event {
            change(&mut belief.news);
        }
    }
}
