//! The story, as people see it: golden texts of journals written by hand.
//!
//! `UPDATE_GOLDEN=1 cargo test -p persotwin-report` writes them anew; then look at each.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::path::Path;

use persotwin_contract::notification::ProductionStatus as Status;
use persotwin_contract::production::ProductionCode;
use persotwin_kernel::event::{Change, Disturbance, Event, News, Verdict};
use persotwin_link::jobs::{CaptureCause, Decision, JobStatus};
use persotwin_link::kiosk::Service;
use persotwin_link::{Condition, Machine, PathStation, Place, Step};
use persotwin_report::{Color, Coverage, Style, Title, Way, story};
use proptest::prelude::*;
use support::{Order, Tale, happy, station};

fn title(name: &str, about: &str) -> Title {
    Title {
        name: name.to_owned(),
        about: Some(about.to_owned()),
        seed: 1,
        wire: "loopback".to_owned(),
    }
}

fn golden(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        text, wanted,
        "{file} is told otherwise; look at it:\n{text}"
    );
}

fn told(tale: &Tale, title: &Title) -> String {
    let text = story(tale.records(), title, &Style::default());
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "too wide: {line}");
        assert_eq!(line.trim_end(), line);
    }
    text
}

#[test]
fn the_happy_path() {
    let about = "One customer, one kiosk, one card: the six steps.";
    golden(
        "happy.txt",
        &told(&happy(), &title("The happy path", about)),
    );
}

#[test]
fn colours_come_only_when_asked() {
    let style = Style {
        color: Color::Ansi,
        width: 80,
    };
    let tale = happy();
    let text = story(tale.records(), &title("The happy path", ""), &style);
    golden("happy.ansi.txt", &text);
    let mut plain = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('\x1b') {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    let lines = |text: &str| {
        text.lines()
            .map(|l| l.trim_end().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        lines(&plain),
        lines(&told(&tale, &title("The happy path", "")))
    );
}

#[test]
fn a_ribbon_that_breaks() {
    let mut tale = Tale::default();
    let mut alice = Order::of("alice", 1);
    tale.start();
    tale.asks(&alice, Service::New);
    tale.token();
    tale.ordered(&alice);
    tale.encoded(&alice);
    tale.wait(8000);
    tale.condition(Condition::RibbonBroken, Change::Raised);
    let serial = persotwin_link::Serial::new(support::STATION, "A", 1);
    let condition = Condition::RibbonBroken;
    tale.agent(
        &alice,
        News::Spoiled {
            serial: serial.clone(),
            condition,
        },
    );
    tale.moves(
        &alice,
        2000,
        Place::Path(PathStation::PrintHead),
        Place::RejectBin,
    );
    tale.agent(&alice, News::ForDestruction { serial });
    tale.wait(82_000);
    let does = "changes the ribbon".to_owned();
    tale.disturb(Machine::Staff(station()), Disturbance::Person { does });
    tale.condition(Condition::RibbonBroken, Change::Resolved);
    alice.blank = 2;
    tale.encoded(&alice);
    tale.printed(&alice);
    tale.released(&alice);
    tale.taken(&alice);
    tale.end("ok");
    let about = "An operator changes the ribbon after 90 s. The half-printed card is rejected and a fresh blank is used.";
    let title = title("The ribbon breaks half way through the front", about);
    golden("ribbon.txt", &told(&tale, &title));
}

#[test]
fn an_answer_that_is_lost_and_a_crash() {
    let mut tale = Tale::default();
    let alice = Order::of("alice", 1);
    tale.start();
    tale.asks(&alice, Service::Replacement);
    tale.token();
    let first = tale.orders(&alice);
    let fault = "after".to_owned();
    tale.disturb(
        Machine::Issuer,
        Disturbance::Wire {
            exchange: first,
            fault,
        },
    );
    tale.accepts(&alice);
    tale.order_times_out(&alice, first);
    tale.wait(1000);
    tale.orders(&alice);
    let content = persotwin_kernel::Chance::new(1).fingerprint(&["content"]);
    tale.d1(&alice, News::OrderRepeated { content });
    tale.answered(&alice);
    tale.prepared(&alice);
    tale.wait(10);
    tale.disturb(Machine::D1, Disturbance::Crash { of: Machine::D1 });
    tale.encoded(&alice);
    tale.disturb(
        Machine::D1,
        Disturbance::Start {
            of: Machine::D1,
            life: 2,
        },
    );
    tale.printed(&alice);
    tale.released(&alice);
    tale.reports(&alice, JobStatus::Presented);
    let mut coverage = Coverage::default();
    coverage.count(tale.records());
    let filled: Vec<_> = Coverage::cells()
        .filter(|cell| coverage.scenarios(*cell) > 0)
        .collect();
    assert_eq!(
        filled,
        [(Step::Order, Way::After), (Step::Dispatch, Way::Crash)]
    );
    let flipper = Place::Path(PathStation::Flipper);
    tale.moves(&alice, 30_000, Place::Exit, flipper.clone());
    tale.moves(&alice, 2000, flipper, Place::RejectBin);
    let why = CaptureCause::NotTaken;
    tale.reports(&alice, JobStatus::Captured { why });
    let serial = persotwin_link::Serial::new(support::STATION, "A", 1);
    tale.agent(&alice, News::ForDestruction { serial });
    let law = "no-live-leftovers".to_owned();
    let how =
        "KIOSK-PS-101/A/00001 has live keys, lies in the reject bin and is not listed".to_owned();
    tale.add(
        Machine::World,
        None,
        Event::Verdict(Verdict::LawBroken { law, how }),
    );
    let expectation = "customers.alice.card: taken, found captured".to_owned();
    tale.add(
        Machine::World,
        None,
        Event::Verdict(Verdict::Unmet { expectation }),
    );
    tale.end("failed");
    let title = title("An answer is lost, and nobody takes the card", "");
    golden("lost-answer.txt", &told(&tale, &title));
}

#[test]
fn three_customers_in_a_queue() {
    let mut tale = Tale::default();
    let (alice, bob, carol) = (
        Order::of("alice", 1),
        Order::of("bob", 2),
        Order::of("carol", 3),
    );
    tale.start();
    tale.asks(&alice, Service::New);
    tale.token();
    tale.ordered(&alice);
    tale.asks(&bob, Service::Renewal);
    tale.ordered(&bob);
    tale.encoded(&alice);
    tale.asks(&carol, Service::New);
    tale.orders(&carol);
    tale.wait(50);
    let refused = News::Refused {
        status: 400,
        code: Some("FIELD_INVALID_VALUE".to_owned()),
        error: Some("persoStation".to_owned()),
    };
    tale.issuer(&carol, refused);
    tale.printed(&alice);
    tale.released(&alice);
    tale.taken(&alice);
    tale.condition(Condition::MediaEmpty, Change::Raised);
    let code = ProductionCode::PrdFeederEmpty;
    tale.reports(&bob, JobStatus::Failed { code });
    let decision = Decision::Capture;
    tale.d1(&bob, News::Decided { decision });
    let status = Status::CardProdException;
    tale.d1(
        &bob,
        News::StatusIs {
            status: status.clone(),
            code: Some(code),
        },
    );
    tale.is_told(&bob, status, Some(code.as_str()));
    tale.end("ok");
    let title = title("A queue", "Three customers, one blank.");
    golden("queue.txt", &told(&tale, &title));
}

/// The lines of a story that hold a word, without steps and times.
fn lines_with(text: &str, word: &str) -> Vec<String> {
    let told = text.lines().filter(|line| line.contains(word));
    told.map(|line| line.get(14..).unwrap_or(line).to_owned())
        .collect()
}

#[test]
fn an_issuer_that_asks_in_vain_is_told_once() {
    let mut tale = Tale::default();
    let alice = Order::of("alice", 1);
    tale.start();
    tale.asks(&alice, Service::New);
    tale.ordered(&alice);
    for _ in 0..3 {
        tale.wait(90_000);
        tale.polls(&alice, Status::CardProdReady);
    }
    tale.is_told_again(&alice, Status::CardProdReady);
    tale.polls(&alice, Status::CardProdReady);
    let text = told(&tale, &title("A station that is busy", ""));
    assert_eq!(
        lines_with(&text, "CARD_PROD_READY")[1..],
        [
            "issuer → D1     asks 3 times until 4:30.605: still CARD_PROD_READY",
            "D1 → issuer     CARD_PROD_READY again, and nothing new",
            "issuer → D1     asks: still CARD_PROD_READY",
        ],
        "{text}"
    );
}

#[test]
fn an_issuer_without_an_order_says_why() {
    for (news, line, fate) in [
        (
            News::NotOrdered,
            "orders nothing: the name cannot be printed",
            "alice: no card, the name cannot be printed",
        ),
        (
            News::GaveUp,
            "gives up: no attempt is left",
            "alice: no card, the issuer gave up",
        ),
    ] {
        let mut tale = Tale::default();
        let alice = Order::of("alice", 1);
        tale.asks(&alice, Service::New);
        tale.issuer(&alice, news);
        let text = told(&tale, &title("No order", ""));
        assert!(text.contains(line) && text.contains(fate), "{text}");
    }
}

#[test]
fn a_strangers_order() {
    let mut tale = Tale::default();
    let order = Order {
        customer: None,
        ..Order::of("nobody", 1)
    };
    tale.start();
    tale.accepts(&order);
    let status = Status::CardProdRequested;
    tale.d1(&order, News::Notified { status, attempt: 1 });
    let status = Status::DataException;
    let code = Some(ProductionCode::DpDataRefused);
    tale.d1(
        &order,
        News::StatusIs {
            status: status.clone(),
            code,
        },
    );
    tale.d1(
        &order,
        News::DeadLetter {
            status,
            answer: Some(400),
        },
    );
    golden("stranger.txt", &told(&tale, &title("A stranger", "")));
}

#[test]
fn an_empty_journal_is_a_short_story() {
    let text = told(&Tale::default(), &title("Nothing", ""));
    assert!(
        text.ends_with("done, not in hand: 0\nno verdict\n"),
        "{text}"
    );
}

#[test]
fn a_narrow_page_is_kept_narrow() {
    let style = Style {
        color: Color::Plain,
        width: 60,
    };
    let tale = happy();
    let text = story(tale.records(), &title("The happy path", "Short."), &style);
    assert!(
        text.lines().all(|line| line.chars().count() <= 60),
        "{text}"
    );
}

#[test]
fn a_long_name_has_a_line_of_its_own() {
    let mut tale = happy();
    let far = "A-STATION-WITH-A-NAME-THAT-FILLS-MORE-THAN-A-COLUMN-1234567890";
    let does = "looks for the cards of the other station".to_owned();
    tale.disturb(
        Machine::Staff(far.parse().unwrap()),
        Disturbance::Person { does },
    );
    let text = told(&tale, &title("Far away", ""));
    assert!(text.contains("FILLS-MORE"), "{text}");
}

proptest! {
    /// Whatever is missing from a journal, and whatever order it is in, there is a story that fits the page.
    #[test]
    fn any_journal_has_a_story(order in Just((0..happy().records().len()).collect::<Vec<_>>()).prop_shuffle(), kept in 0_usize..120) {
        let all = happy();
        let records: Vec<_> = order.iter().take(kept).map(|index| all.records()[*index].clone()).collect();
        let text = story(&records, &title("Shuffled", ""), &Style::default());
        prop_assert!(text.lines().all(|line| line.chars().count() <= 80), "{}", text);
        prop_assert!(text.contains("done, not in hand: "));
    }
}
