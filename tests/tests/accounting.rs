//! The journal holds every exchange and every APDU, and agrees with what was heard on the wire, with a count at a socket of the test's
//! own, and with what is really on the cards.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use persotwin_kernel::event::{
    About, Belief, Disturbance, Event, Exchange, Failure, News, Phase, Physical,
};
use persotwin_kernel::{Moment, Record};
use persotwin_link::{Face, Machine};
use persotwin_tests::stranger::{Order, World};
use persotwin_tests::{library, lines, plan_of, read, told};
use persotwin_wire::{Fault, Lost, Strike, Tapped};
use persotwin_world::{Options, Told, WireKind, run_directed};

/// What the journal says of one exchange.
#[derive(Debug, Default)]
struct Account<'a> {
    /// Whether the caller fell after it had sent this: then nobody is left who could say that it waits no longer.
    caller_fell: bool,
    /// Whether the story ended so soon after it was sent that it may still be on its way.
    under_way: bool,
    sent: Vec<&'a Exchange>,
    answered: Vec<&'a Exchange>,
    failed: Vec<&'a Exchange>,
    unheard: Vec<&'a Exchange>,
}

impl Account<'_> {
    fn has_no_end(&self) -> bool {
        let ends = [&self.answered, &self.failed, &self.unheard];
        ends.into_iter().all(Vec::is_empty)
    }

    /// Whether it was a screen's poll whose customer went away before it was answered.
    fn was_left_alone(&self) -> bool {
        self.sent.iter().all(|sent| is_screens_poll(sent)) && self.unheard.len() == 1
    }
}

fn is_screens_poll(exchange: &Exchange) -> bool {
    exchange.to == Face::Kiosk && exchange.path.contains("?wait=")
}

/// How long an ordinary message and its answer are on their way at most.
const ON_THE_WAY: Duration = Duration::from_secs(1);
/// How long a screen's poll may be kept besides. A story may end meanwhile: nobody works on a poll.
const KEPT: Duration = Duration::from_secs(10);

/// Every exchange by its number.
fn accounts(told: &Told) -> BTreeMap<u64, Account<'_>> {
    let mut accounts: BTreeMap<u64, Account<'_>> = BTreeMap::new();
    let end = told.records.last().expect("records").moment;
    let mut down = BTreeSet::new();
    for record in &told.records {
        match &record.event {
            Event::Disturbance(Disturbance::Crash { of } | Disturbance::PowerCut { of }) => {
                down.insert(of.clone());
                let of_fallen = |account: &&mut Account<'_>| account.sent[0].from == *of;
                for account in accounts.values_mut().filter(of_fallen) {
                    account.caller_fell = true;
                }
            }
            Event::Disturbance(Disturbance::Start { of, .. }) => {
                down.remove(of);
            }
            _ => {}
        }
        let Event::Exchange(exchange) = &record.event else {
            continue;
        };
        let account = accounts.entry(exchange.exchange).or_default();
        match exchange.phase {
            Phase::Sent { .. } => {
                // The net took it over in the instant in which its caller fell.
                account.caller_fell |= down.contains(&exchange.from);
                account.sent.push(exchange);
            }
            Phase::Answered { .. } => account.answered.push(exchange),
            Phase::Failed { .. } => account.failed.push(exchange),
            Phase::Unheard { .. } => account.unheard.push(exchange),
        }
        let kept = if is_screens_poll(exchange) {
            KEPT
        } else {
            Duration::ZERO
        };
        account.under_way = end.since(record.moment) < ON_THE_WAY + kept;
    }
    accounts
}

/// Each exchange is sent once and has one end for its caller; numbers have no gaps, and both events speak of the same message.
fn check_ends(told: &Told, what: &str) {
    let accounts = accounts(told);
    let numbers: Vec<u64> = accounts.keys().copied().collect();
    assert_eq!(
        numbers,
        (0..accounts.len() as u64).collect::<Vec<_>>(),
        "{what}: numbers without gaps"
    );
    for (number, account) in &accounts {
        assert_eq!(account.sent.len(), 1, "{what}: exchange {number}");
        let ends = account.answered.len() + account.failed.len();
        assert!(
            ends == 1 || (ends == 0 && has_none_to_tell(account)),
            "{what}: exchange {number} {:?} ends {ends} times",
            account.sent[0].path
        );
        assert!(
            account.answered.is_empty() || account.unheard.is_empty(),
            "{what}: exchange {number} is unheard and heard"
        );
        let all = [&account.answered, &account.failed, &account.unheard];
        for end in all.into_iter().flatten() {
            let as_sent = Exchange {
                phase: account.sent[0].phase.clone(),
                ..(*end).clone()
            };
            assert_eq!(as_sent, *account.sent[0], "{what}");
        }
    }
}

/// Whether there is nobody yet, or nobody any more, who could say how an exchange ended for its caller.
fn has_none_to_tell(account: &Account<'_>) -> bool {
    account.caller_fell || account.under_way || account.was_left_alone()
}

/// How many of something there are per face.
fn per_face<'a>(faces: impl Iterator<Item = &'a Face>) -> BTreeMap<Face, usize> {
    let mut counts = BTreeMap::new();
    for face in faces {
        *counts.entry(face.clone()).or_default() += 1;
    }
    counts
}

/// The HAR has an entry for each exchange, and says the same of it.
fn check_har(told: &Told, what: &str) {
    let accounts = accounts(told);
    // What is still on its way has no entry yet.
    let ended = accounts
        .values()
        .filter(|account| !(account.under_way && account.has_no_end()));
    let sent = per_face(ended.map(|account| &account.sent[0].to));
    let heard = per_face(told.tapped.iter().map(|tapped| &tapped.to));
    assert_eq!(sent, heard, "{what}");
    let har = persotwin_report::har(&told.tapped);
    let entries = har["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), told.tapped.len(), "{what}");
    for (tapped, entry) in told.tapped.iter().zip(entries) {
        let account = &accounts[&tapped.exchange];
        check_entry(account, tapped, what);
        assert_eq!(entry["_exchange"], tapped.exchange);
        let status = tapped.answer.as_ref().map_or(0, |answer| answer.status);
        assert_eq!(entry["response"]["status"], status, "{what}");
    }
}

fn check_entry(account: &Account<'_>, tapped: &Tapped, what: &str) {
    let sent = account.sent[0];
    assert_eq!(
        (&sent.from, &sent.to, &sent.method, &sent.path),
        (&tapped.from, &tapped.to, &tapped.method, &tapped.path)
    );
    assert_eq!(
        sent.phase,
        Phase::Sent {
            bytes: tapped.request_bytes
        },
        "{what}"
    );
    let answer = tapped
        .answer
        .as_ref()
        .map(|answer| (answer.status, answer.bytes));
    match (account.answered.first(), account.unheard.first()) {
        (Some(end), _) => {
            let (status, bytes) = answer.expect("an answer");
            assert_eq!(
                end.phase,
                Phase::Answered {
                    status,
                    bytes,
                    took: tapped.took
                },
                "{what}: {}",
                sent.path
            );
        }
        (None, Some(end)) => {
            assert_eq!(
                end.phase,
                Phase::Unheard {
                    status: answer.expect("an answer").0
                },
                "{what}: {}",
                sent.path
            );
        }
        (None, None) => assert_eq!(answer, None, "{what}: {}", sent.path),
    }
}

/// Each command that reached a chip and its answer stand in the journal, whoever heard it, and nothing else does.
fn check_apdus(told: &Told, what: &str) {
    let answered = told.records.iter().filter(|record| match &record.event {
        Event::Exchange(Exchange {
            to: Face::Chip(_),
            method,
            path,
            phase,
            ..
        }) => {
            method == "POST"
                && path.ends_with("/apdus")
                && matches!(
                    phase,
                    Phase::Answered { status: 200, .. } | Phase::Unheard { status: 200 }
                )
        }
        _ => false,
    });
    // Whoever falls between a chip's answer and its own leaves one that nobody was told.
    let falls = told.records.iter().filter(|record| {
        matches!(
            &record.event,
            Event::Disturbance(
                Disturbance::Crash {
                    of: Machine::Station(_)
                } | Disturbance::PowerCut {
                    of: Machine::Station(_)
                }
            )
        )
    });
    let (answered, falls) = (answered.count(), falls.count());
    let commands = commands(told).values().map(Vec::len).sum::<usize>();
    assert!(
        (answered..=answered + falls).contains(&commands),
        "{what}: {commands} commands, {answered} answered, {falls} falls"
    );
}

/// The commands that each chip got, with their answers.
fn commands(told: &Told) -> BTreeMap<String, Vec<(String, String)>> {
    let mut chips: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for record in &told.records {
        let Event::Card(truth) = &record.event else {
            continue;
        };
        if let Physical::Apdu {
            serial,
            command,
            answer,
        } = &truth.what
        {
            chips
                .entry(serial.to_string())
                .or_default()
                .push((command.clone(), answer.clone()));
        }
    }
    chips
}

/// What the agent says that it stored in each finished card's chip is what is on it, and its commands went through the channel.
fn check_cards(told: &Told, what: &str) {
    let chips = commands(told);
    for (_, card) in &told.cards {
        let card = serde_json::to_value(card).unwrap();
        let serial = card["serial"].as_str().unwrap();
        let stored: Vec<&str> = chips[serial]
            .iter()
            .map(|(command, _)| command.as_str())
            .filter(|command| command.starts_with("84E2"))
            .collect();
        let byte = |command: &str, at: usize| {
            usize::from_str_radix(&command[2 * at..2 * at + 2], 16).unwrap()
        };
        for (n, command) in stored.iter().enumerate() {
            assert_eq!(byte(command, 3), n, "{what}: blocks are numbered");
            assert_eq!(
                byte(command, 2) & 0x80 != 0,
                n + 1 == stored.len(),
                "{what}: the last block says so"
            );
            assert_eq!(&command[10..], "**", "{what}: what is stored is not told");
        }
        let loaded = told.records.iter().find_map(|record| match &record.event {
            Event::Order(Belief {
                news:
                    News::ChipLoaded {
                        serial: on,
                        groupings,
                    },
                ..
            }) if on.as_str() == serial => Some(groupings.iter().cloned().collect::<BTreeSet<_>>()),
            _ => None,
        });
        let groupings = card["chip"]["applications"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|it| it["groupings"].as_object().unwrap().keys().cloned());
        assert_eq!(loaded, Some(groupings.collect()), "{what}: {serial}");
        assert!(
            chips[serial]
                .iter()
                .all(|(_, answer)| answer.ends_with("9000")),
            "{what}: the chip took all"
        );
        let reads = chips[serial]
            .iter()
            .filter(|(command, _)| command.starts_with("00B2"))
            .count();
        assert!(reads >= 2, "{what}: the card was read back");
    }
}

fn about(record: &Record) -> &About {
    const NOTHING: &About = &About {
        request: None,
        card: None,
        operation: None,
    };
    match &record.event {
        Event::Exchange(exchange) => &exchange.about,
        Event::Order(belief) => &belief.about,
        Event::Card(truth) => &truth.about,
        Event::Condition(_) | Event::Disturbance(_) | Event::Verdict(_) => NOTHING,
    }
}

/// Records follow each other without gaps, in time, each with its customer; and none tells an address or a secret.
fn check_lines(told: &Told, what: &str) {
    let mut before = Moment::START;
    let mut known = BTreeSet::new();
    for (n, record) in told.records.iter().enumerate() {
        assert_eq!(record.seq, n as u64, "{what}");
        assert!(record.moment >= before, "{what}: time goes back at {n}");
        before = record.moment;
        let since = record.at.duration_since(told.records[0].at);
        assert_eq!(
            since,
            record
                .moment
                .since(told.records[0].moment)
                .try_into()
                .unwrap(),
            "{what}"
        );
        let about = about(record);
        // The kiosk's first call is made before the issuer knows whose request it is.
        known.extend(about.request.clone().filter(|_| record.customer.is_some()));
        let is_known = about
            .request
            .as_ref()
            .is_none_or(|request| known.contains(request));
        // Clearing the path is for no job in particular.
        let is_tidying = about
            .operation
            .as_ref()
            .is_some_and(|operation| operation.as_str() == "tidy-up");
        assert!(
            *about == About::nothing() || is_tidying || !is_known || record.customer.is_some(),
            "{what}: whose is {record:?}?"
        );
    }
    for line in lines(told) {
        for address in ["127.0.0.1", "localhost", "://", "[::"] {
            assert!(!line.contains(address), "{what}: {line}");
        }
    }
    assert_eq!(told.secrets.search(what, lines(told).join("\n")), []);
    assert_eq!(
        told.secrets
            .search(what, persotwin_report::har(&told.tapped).to_string()),
        []
    );
}

fn check(told: &Told, what: &str) {
    check_ends(told, what);
    check_har(told, what);
    check_apdus(told, what);
    check_cards(told, what);
    check_lines(told, what);
}

#[test]
fn every_story_of_the_library_is_accounted_for() {
    for path in library() {
        let plan = plan_of(&path);
        for wire in [WireKind::InProcess, WireKind::Loopback] {
            check(
                &told(&plan, wire),
                &format!("{} over {}", path.display(), wire.word()),
            );
        }
    }
}

#[test]
fn struck_messages_are_accounted_for() {
    let plan = read(
        "one.yaml",
        "persotwin: 1\nname: One customer\ncustomers: { alice: {} }\n",
    );
    let faults = [
        Fault::Before(Lost::Failure(Failure::Refused)),
        Fault::Before(Lost::Failure(Failure::TimedOut)),
        Fault::After(Lost::Failure(Failure::Closed)),
        Fault::After(Lost::Failure(Failure::TimedOut)),
        Fault::Twice,
        Fault::Late(Duration::from_secs(25)),
        Fault::OutOfOrder,
    ];
    for to in [
        Face::Token,
        Face::Orders,
        Face::Notifications,
        Face::Stations,
        Face::Kiosk,
    ] {
        for fault in &faults {
            let what = format!("{fault:?} at {to:?}");
            let strike = Strike {
                from: None,
                to: to.clone(),
                skip: 0,
                times: 1,
                fault: fault.clone(),
            };
            let options = Options {
                wire: WireKind::InProcess,
                seed: None,
            };
            let told = run_directed(&plan, &options, async |hands| hands.arm(strike)).unwrap();
            assert!(told.is_ok(), "{what}: {:#?}", told.breaches);
            let struck = told.records.iter().filter(|record| {
                matches!(record.event, Event::Disturbance(Disturbance::Wire { .. }))
            });
            assert_eq!(struck.count(), 1, "{what}");
            check(&told, &what);
        }
    }
}

/// A socket of the test's own counts what D1 really sends, in real time: as many as the journal says.
#[test]
fn a_listener_of_the_tests_own_hears_what_the_journal_says() {
    let world = World::ordinary();
    let token = world.token();
    let mut heard = 0;
    for name in ["counted-1", "counted-2"] {
        let answer = world.place(&Order::good(name), &token);
        assert_eq!(answer.status, 202, "{answer:?}");
        let operation = answer.json()["operationId"].as_str().unwrap().to_owned();
        heard += world.backend.hear_out(&operation).len();
        let (sent, answered) = (Cell::new(0), Cell::new(0));
        world.until(|record| {
            if record["event"] == "exchange" && record["to"] == "issuer.notifications" {
                let phase = if record["phase"] == "sent" {
                    &sent
                } else {
                    &answered
                };
                phase.set(phase.get() + 1);
            }
            record["news"] == "notified" && record["status"] == "CARD_PROD_DONE"
        });
        assert_eq!((sent.get(), answered.get()), (heard, heard), "{name}");
        heard = 0;
    }
    assert_eq!(world.backend.heard().len(), 0, "and nothing else was said");
}
