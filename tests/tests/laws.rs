//! Each law can fail, and fails alone: the journal of a real run with one event changed or removed breaks exactly one law.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

use persotwin_kernel::event::{Belief, Defect, Disturbance, Event, News, Physical};
use persotwin_kernel::{Moment, Record};
use persotwin_laws::no_secret_leaks;
use persotwin_link::kiosk::CardEvent;
use persotwin_link::stage::Work;
use persotwin_link::{Machine, PathStation, Place};
use persotwin_tests::tampered::{Run, is_news, news_of, retold};

#[test]
fn an_untouched_journal_breaks_no_law() {
    let run = Run::of_three();
    assert_eq!(run.broken(&run.journal()), <[&str; 0]>::default());
}

#[test]
fn one_card() {
    let run = Run::of_three();
    // Bob's order goes out for alice's request: then that one request has two cards in hands.
    let broken = run.changed(|record| match &mut record.event {
        Event::Order(Belief {
            about,
            news: News::Ordering { .. },
        }) if about.request.as_deref() == Some("req-bob") => {
            about.request = Some("req-alice".to_owned());
            true
        }
        _ => false,
    });
    assert_eq!(broken, ["one-card"]);
}

#[test]
fn no_ghost() {
    let run = Run::of_three();
    assert_eq!(
        run.without(is_news("alice", |news| matches!(
            news,
            News::Decided { .. }
        ))),
        ["no-ghost"]
    );
}

#[test]
fn done_is_real_verified() {
    let run = Run::of_three();
    let stripe = |news: &News| {
        matches!(
            news,
            News::WorkDone {
                work: Work::Stripe,
                ..
            }
        )
    };
    assert_eq!(run.without(is_news("alice", stripe)), ["done-is-real"]);
}

#[test]
fn done_is_real_and_agrees_with_the_order() {
    let run = Run::of_three();
    let essence_of = |wanted: &str| {
        run.journal()
            .iter()
            .find_map(|record| match news_of(record, wanted) {
                Some(News::Prepared { essence, .. }) => Some(essence.clone()),
                _ => None,
            })
            .unwrap()
    };
    let (alices, bobs) = (essence_of("alice"), essence_of("bob"));
    let broken = run.changed(|record| match &mut record.event {
        Event::Card(truth) => match &mut truth.what {
            Physical::Encoded { essence, .. } if essence.number == alices.number => {
                essence.number = bobs.number.clone();
                true
            }
            _ => false,
        },
        _ => false,
    });
    assert_eq!(broken, ["done-is-real"]);
}

#[test]
fn done_is_real_and_bears_the_name_that_was_ordered() {
    let run = Run::of_three();
    let broken = run.changed(|record| match &mut record.event {
        Event::Card(truth) => match &mut truth.what {
            Physical::Printed {
                essence: Some(essence),
                ..
            } => {
                essence.name = Some(essence.number.clone());
                true
            }
            _ => false,
        },
        _ => false,
    });
    assert_eq!(broken, ["done-is-real"]);
}

#[test]
fn blanks_add_up() {
    let run = Run::of_three();
    let to_the_stripe = |record: &Record| match &record.event {
        Event::Card(truth) => {
            matches!(
                &truth.what,
                Physical::Moved {
                    to: Place::Path(PathStation::StripeEncoder),
                    ..
                }
            )
        }
        _ => false,
    };
    assert_eq!(run.without(to_the_stripe), ["blanks-add-up"]);
}

#[test]
fn books_agree() {
    let run = Run::of_three();
    let broken = run.changed(retold("carol", |news| match news {
        News::Book(book) => {
            book.given_out += 1;
            true
        }
        _ => false,
    }));
    assert_eq!(broken, ["books-agree"]);
}

#[test]
fn no_live_leftovers() {
    let run = Run::of_three();
    let listed = |news: &News| matches!(news, News::ForDestruction { .. });
    assert_eq!(run.without(is_news("carol", listed)), ["no-live-leftovers"]);
}

#[test]
fn states_move_forward() {
    let run = Run::of_three();
    let requested =
        |news: &News| matches!(news, News::StatusIs { status, .. } if !status.is_final());
    assert_eq!(
        run.without(is_news("alice", requested)),
        ["states-move-forward"]
    );
}

#[test]
fn everyone_hears() {
    let run = Run::of_three();
    let outcome = |news: &News| matches!(news, News::Heard { status, .. } if status.is_final());
    assert_eq!(run.without(is_news("bob", outcome)), ["everyone-hears"]);
    let delivered = |news: &News| matches!(news, News::Notified { .. });
    assert_eq!(
        run.without(is_news("bob", delivered)),
        <[&str; 0]>::default(),
        "a poll would do as well"
    );
}

#[test]
fn acts_once() {
    let run = Run::of_three();
    let acted = |news: &News| matches!(news, News::ActedOn { .. });
    assert_eq!(run.without(is_news("alice", acted)), ["acts-once"]);
}

#[test]
fn acts_not_twice() {
    let run = Run::of_three();
    let mut journal = run.journal();
    let acted = is_news("alice", |news| matches!(news, News::ActedOn { .. }));
    // Instead of what the kiosk saw, the issuer writes that it acts again.
    let again = journal
        .iter()
        .find(|record| acted(record))
        .unwrap()
        .event
        .clone();
    let seen = is_news("alice", |news| matches!(news, News::CardSeen { .. }));
    journal
        .iter_mut()
        .find(|record| seen(record))
        .unwrap()
        .event = again;
    assert_eq!(run.broken(&journal), ["acts-once"]);
}

#[test]
fn same_request_same_operation() {
    let run = Run::of_three();
    let key_of = |wanted: &str| {
        run.journal()
            .iter()
            .find_map(|record| match news_of(record, wanted) {
                Some(News::OrderAccepted {
                    issuer_request_id, ..
                }) => issuer_request_id.clone(),
                _ => None,
            })
    };
    let alices = key_of("alice");
    assert!(alices.is_some());
    let broken = run.changed(retold("bob", |news| match news {
        News::OrderAccepted {
            issuer_request_id, ..
        } => {
            issuer_request_id.clone_from(&alices);
            true
        }
        _ => false,
    }));
    assert_eq!(broken, ["same-request-same-operation"]);
}

#[test]
fn only_enrolled() {
    let run = Run::of_three();
    let enrolled = |record: &Record| match &record.event {
        Event::Order(Belief {
            news: News::Enrolled { .. },
            ..
        }) => record.machine == Machine::D1,
        _ => false,
    };
    assert_eq!(run.without(enrolled), ["only-enrolled"]);
}

#[test]
fn views_agree() {
    let run = Run::of_three();
    let broken = run.changed(retold("alice", |news| match news {
        News::CardSeen { state } => {
            *state = CardEvent::Captured;
            true
        }
        _ => false,
    }));
    assert_eq!(broken, ["views-agree"]);
}

#[test]
fn the_card_works() {
    let run = Run::of_three();
    let examined = |record: &Record| match &record.event {
        Event::Card(truth) => matches!(truth.what, Physical::Examined { .. }),
        _ => false,
    };
    assert_eq!(run.without(examined), ["the-card-works"]);
    let broken = run.changed(|record| match &mut record.event {
        Event::Card(truth) => match &mut truth.what {
            Physical::Examined { defects, .. } => defects.insert(Defect::Cryptogram),
            _ => false,
        },
        _ => false,
    });
    assert_eq!(broken, ["the-card-works"]);
    let prepared_otherwise = run.changed(retold("bob", |news| match news {
        News::Prepared { content, .. } => {
            content.chip.clone_from(&content.stripe);
            true
        }
        _ => false,
    }));
    assert_eq!(prepared_otherwise, ["the-card-works"]);
}

#[test]
fn no_live_leftovers_before_the_chip_is_personalised() {
    let run = Run::of_three();
    // Carol's card is listed; what if only its keys were loaded, and nobody listed it?
    let mut journal = run.journal();
    journal.retain(|record| match &record.event {
        Event::Card(truth) => {
            let carols = record
                .customer
                .as_ref()
                .is_some_and(|who| who.as_ref() == "carol");
            !(carols && matches!(truth.what, Physical::Personalised { .. }))
        }
        _ => !is_news("carol", |news| matches!(news, News::ForDestruction { .. }))(record),
    });
    assert!(run.broken(&journal).contains(&"no-live-leftovers"));
}

/// Every law has its test above, and every name in the catalogue is one.
#[test]
fn no_law_is_without_a_test() {
    let own = include_str!("laws.rs");
    for (law, _) in persotwin_laws::catalogue() {
        let test = format!("fn {}", law.replace('-', "_"));
        assert!(own.contains(&test), "{law} has no test here");
    }
}

/// The number of a produced card, and whose it is.
fn pan(run: &Run) -> String {
    let (_, card) = &run.told.cards[0];
    let card = serde_json::to_value(card).unwrap();
    card["front"]["layout"]["pan"]
        .as_str()
        .unwrap()
        .replace(' ', "")
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let sextets = |group: &[u8]| {
        let word = group
            .iter()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - group.len()));
        (0..=group.len())
            .map(move |n| char::from(LETTERS[(word >> (18 - 6 * n)) as usize & 63]))
            .collect::<String>()
    };
    bytes.chunks(3).map(sextets).collect()
}

#[test]
fn no_secret_leaks() {
    let run = Run::of_three();
    let pan = pan(&run);
    let grouped: Vec<&str> = (0..pan.len())
        .step_by(4)
        .map(|at| &pan[at..(at + 4).min(pan.len())])
        .collect();
    let packed: Vec<u8> = pan
        .as_bytes()
        .chunks(2)
        .map(|two| (two[0] - b'0') << 4 | (two[1] - b'0'))
        .collect();
    let dresses = [
        pan.clone(),
        grouped.join(" "),
        grouped.join("-"),
        pan.bytes()
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02X}")),
        format!(
            "5A08{}5F2403",
            packed
                .iter()
                .fold(String::new(), |hex, byte| format!("{hex}{byte:02X}"))
        ),
        base64(pan.as_bytes()),
        base64(&packed),
        base64(format!("pan={pan}").as_bytes()),
        pan.bytes()
            .fold(String::new(), |text, byte| format!("{text}%{byte:02X}")),
        grouped.join("%20"),
    ];
    for dress in dresses {
        let mut journal = run.journal();
        let screen = is_news("bob", |news| matches!(news, News::Screen { .. }));
        let event = &mut journal
            .iter_mut()
            .find(|record| screen(record))
            .unwrap()
            .event;
        *event = Event::Disturbance(Disturbance::Person {
            does: format!("reads {dress} aloud"),
        });
        let lines: Vec<String> = journal
            .iter()
            .map(|record| serde_json::to_string(record).unwrap())
            .collect();
        let leaks = run.told.secrets.search("journal", lines.join("\n"));
        assert!(
            !leaks.is_empty(),
            "a card number is not found in {} letters of {}",
            dress.len(),
            &dress[..2]
        );
        let shown = leaks.iter().map(ToString::to_string).collect::<String>();
        assert!(!shown.contains(&pan), "the finding tells the secret");
        assert_eq!(
            run.broken(&journal),
            <[&str; 0]>::default(),
            "{} alone speaks of it",
            no_secret_leaks::NAME
        );
    }
}

#[test]
fn no_secret_leaks_in_an_untouched_journal() {
    let run = Run::of_three();
    let lines = persotwin_tests::lines(&run.told).join("\n");
    assert_eq!(run.told.secrets.search("journal", &lines), []);
    let har = format!("{:?}", run.told.tapped);
    assert_eq!(run.told.secrets.search("HAR", har), []);
    let (_, card) = &run.told.cards[0];
    let card = serde_json::to_string(card).unwrap();
    assert!(
        run.told.secrets.search("card", card).len() > 3,
        "where the secrets are, they are found"
    );
}

/// Time is no matter of the laws: the same events told all at once are as good.
#[test]
fn laws_do_not_look_at_the_clock() {
    let run = Run::of_three();
    let mut journal = run.journal();
    journal
        .iter_mut()
        .for_each(|record| record.moment = Moment::START);
    assert_eq!(run.broken(&journal), <[&str; 0]>::default());
}
