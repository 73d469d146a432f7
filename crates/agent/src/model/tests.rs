use persotwin_contract::production::ProductionCode;
use persotwin_link::Condition;
use persotwin_link::jobs::CaptureCause;

use super::*;

fn id(text: &str) -> OperationId {
    text.parse().unwrap()
}

fn serial(count: u32) -> Serial {
    Serial::new("KIOSK-PS-101", "A", count)
}

fn job(data: &str) -> Job {
    Job {
        perso_station: "KIOSK-PS-101".parse().unwrap(),
        stock: "generic-dual".parse().unwrap(),
        production_data: data.into(),
    }
}

fn taken(name: &str) -> Entry {
    Entry::Taken {
        id: id(name),
        job: job("sealed"),
    }
}

fn picked(name: &str, count: u32) -> [Entry; 2] {
    let (one, other) = (id(name), id(name));
    let serial = serial(count);
    [
        Entry::Picking {
            id: one,
            counted: 0,
        },
        Entry::Picked { id: other, serial },
    ]
}

/// A desk with one job, after these entries; and all the news.
fn desk(entries: &[Entry]) -> (Desk, Vec<News>) {
    let mut desk = Desk::new(100);
    let mut news = desk.apply(&taken("a"));
    for entry in entries {
        news.extend(desk.apply(entry));
    }
    (desk, news)
}

fn made() -> Vec<Entry> {
    let mut entries = picked("a", 1).to_vec();
    entries.extend([
        Entry::Loading { id: id("a") },
        Entry::Finished { id: id("a") },
    ]);
    entries
}

fn answered(sequence: u32, decision: Decision) -> Entry {
    Entry::Answered {
        id: id("a"),
        sequence,
        decision,
    }
}

fn over(end: End) -> Entry {
    Entry::Over { id: id("a"), end }
}

fn reports(news: &[News]) -> Vec<JobStatus> {
    let report = |it: &News| match it {
        News::Reporting { report } => Some(report.clone()),
        _ => None,
    };
    news.iter().filter_map(report).collect()
}

fn state(desk: &Desk) -> &State {
    &desk.job(&id("a")).unwrap().state
}

#[test]
fn a_good_card_from_the_blank_to_the_hand() {
    let mut entries = made();
    entries.extend([
        answered(1, Decision::Noted),
        answered(2, Decision::Release),
        Entry::Presenting { id: id("a") },
        Entry::Presented { id: id("a") },
        Entry::Presented { id: id("a") },
        over(End::Given),
    ]);
    let (desk, news) = desk(&entries);
    let serial = serial(1);
    let told = [
        JobStatus::Started,
        JobStatus::Produced { serial },
        JobStatus::Presented,
        JobStatus::Taken,
    ];
    assert_eq!(reports(&news), told);
    assert_eq!(desk.decision(&id("a")), Some(Decision::Release));
    let book = Book {
        declared: 100,
        picked: 1,
        given_out: 1,
        ..Book::default()
    };
    assert_eq!(desk.book(), book);
    assert_eq!(news.last(), Some(&News::Book(book)));
    assert_eq!(desk.current(), None);
    assert_eq!(desk.next_report(&id("a")).map(|it| it.sequence), Some(3));
}

#[test]
fn spoiled_blanks_are_counted_and_live_ones_listed() {
    let spoil = |serial| Entry::Spoiled {
        id: id("a"),
        serial,
        condition: Condition::StripeFailed,
    };
    let mut entries = picked("a", 1).to_vec();
    entries.push(spoil(serial(1)));
    entries.extend(picked("a", 2));
    entries.extend([
        Entry::Loading { id: id("a") },
        spoil(serial(2)),
        over(End::Failed(ProductionCode::PrdMagstripe)),
    ]);
    let (desk, news) = desk(&entries);
    let listed: Vec<_> = news
        .iter()
        .filter(|it| matches!(it, News::ForDestruction { .. }))
        .collect();
    assert_eq!(listed, [&News::ForDestruction { serial: serial(2) }]);
    assert_eq!(reports(&news).len(), 2, "started once, failed once");
    let record = desk.job(&id("a")).unwrap();
    assert_eq!((record.picks, record.spoiled), (2, 2));
    assert_eq!(record.setback, Some(ProductionCode::PrdMagstripe));
    assert_eq!((desk.book().picked, desk.book().spoiled), (2, 2));
}

#[test]
fn a_card_that_is_kept_without_an_answer_is_told_before_it_could_be_released() {
    let end = End::Captured(CaptureCause::NoAnswer);
    let mut entries = made();
    entries.push(answered(1, Decision::Noted));
    let (mut desk, _) = desk(&entries);
    let next = |desk: &Desk| desk.next_report(&id("a")).map(|report| report.sequence);
    assert_eq!(next(&desk), Some(2));
    let news = desk.apply(&Entry::Capturing { id: id("a"), end });
    assert_eq!(news, [News::ForDestruction { serial: serial(1) }]);
    assert_eq!(next(&desk), None, "PRODUCED waits");
    desk.apply(&over(end));
    assert_eq!(next(&desk), Some(3), "CAPTURED goes first");
    desk.apply(&answered(3, Decision::Noted));
    assert_eq!(next(&desk), Some(2));
    desk.apply(&answered(2, Decision::Capture));
    assert_eq!(next(&desk), None);
}

#[test]
fn a_lost_card_is_spoiled_once_whoever_finds_it() {
    let lost = |of: Option<&str>| Entry::LostTrack {
        id: of.map(id),
        serial: serial(1),
    };
    let mut entries = picked("a", 1).to_vec();
    entries.extend([Entry::Loading { id: id("a") }, lost(Some("a"))]);
    let (mut desk, news) = desk(&entries);
    assert!(news.contains(&News::ForDestruction { serial: serial(1) }));
    assert_eq!(state(&desk), &State::Making { card: None });
    let again = desk.apply(&lost(None));
    assert_eq!(again, [News::Book(desk.book())]);
    assert_eq!(desk.book().spoiled, 1);
    let stray = Entry::LostTrack {
        id: None,
        serial: serial(9),
    };
    desk.apply(&stray);
    assert_eq!((desk.book().picked, desk.book().spoiled), (2, 2));
}

#[test]
fn a_blank_that_is_fed_again_is_a_blank_like_any_other() {
    let lost = Entry::LostTrack {
        id: Some(id("a")),
        serial: serial(1),
    };
    let mut entries = picked("a", 1).to_vec();
    entries.push(lost);
    entries.extend(picked("a", 1));
    entries.push(Entry::Loading { id: id("a") });
    let (mut desk, news) = desk(&entries);
    assert!(!news.contains(&News::ForDestruction { serial: serial(1) }));
    assert_eq!((desk.book().picked, desk.book().spoiled), (1, 0));
    desk.apply(&Entry::Finished { id: id("a") });
    let end = End::Captured(CaptureCause::NoAnswer);
    let news = desk.apply(&Entry::Capturing { id: id("a"), end });
    assert_eq!(news, [News::ForDestruction { serial: serial(1) }]);
    let book = desk.book();
    assert_eq!((book.picked, book.spoiled, book.captured), (1, 0, 1));
}

#[test]
fn a_card_with_keys_that_is_fed_again_is_listed_once() {
    let spoiled = || Entry::Spoiled {
        id: id("a"),
        serial: serial(1),
        condition: Condition::ChipRefused,
    };
    let mut entries = picked("a", 1).to_vec();
    entries.extend([Entry::Loading { id: id("a") }, spoiled()]);
    entries.extend(picked("a", 1));
    entries.push(spoiled());
    let (desk, news) = desk(&entries);
    let listed = News::ForDestruction { serial: serial(1) };
    assert_eq!(news.iter().filter(|news| **news == listed).count(), 1);
    assert_eq!((desk.book().picked, desk.book().spoiled), (1, 1));
}

#[test]
fn a_card_that_is_taken_while_it_is_called_back_is_given() {
    let end = End::Captured(CaptureCause::NotTaken);
    let mut entries = made();
    entries.extend([
        Entry::Presenting { id: id("a") },
        Entry::Capturing { id: id("a"), end },
        over(End::Given),
    ]);
    let (desk, news) = desk(&entries);
    assert_eq!((desk.book().given_out, desk.book().captured), (1, 0));
    assert_eq!(reports(&news).last(), Some(&JobStatus::Taken));
}

#[test]
fn a_job_is_known_again() {
    let (mut desk, _) = desk(&[]);
    assert_eq!(desk.judge(&id("a"), &job("sealed")), Offer::Same);
    assert_eq!(desk.judge(&id("a"), &job("other")), Offer::Other);
    assert_eq!(desk.judge(&id("b"), &job("sealed")), Offer::New);
    desk.apply(&Entry::Withdrawn { id: id("b") });
    assert_eq!(desk.judge(&id("b"), &job("sealed")), Offer::Other);
    assert!(desk.apply(&taken("b")).is_empty(), "a late job stays out");
}

#[test]
fn jobs_are_worked_on_in_the_order_of_acceptance_and_withdrawn_until_begun() {
    let (mut desk, _) = desk(&[]);
    desk.apply(&taken("0"));
    assert_eq!(desk.current(), Some(&id("a")));
    assert_eq!(desk.waiting(), 2);
    desk.apply(&Entry::Withdrawn { id: id("a") });
    assert_eq!(desk.current(), Some(&id("0")));
    desk.apply(&Entry::Picking {
        id: id("0"),
        counted: 0,
    });
    desk.apply(&Entry::Withdrawn { id: id("0") });
    assert_eq!(desk.current(), Some(&id("0")), "it had begun");
}

#[test]
fn entries_that_do_not_fit_change_nothing() {
    let (mut desk, _) = desk(&made());
    for entry in [
        Entry::Picking {
            id: id("a"),
            counted: 0,
        },
        Entry::Presented { id: id("a") },
        Entry::Spoiled {
            id: id("a"),
            serial: serial(7),
            condition: Condition::FeedJam,
        },
        Entry::Loading { id: id("nobody") },
    ] {
        let state = state(&desk).clone();
        let news = desk.apply(&entry);
        assert_eq!(*self::state(&desk), state, "{entry:?}");
        assert!(reports(&news).is_empty(), "{entry:?}");
    }
}

#[test]
fn what_operators_declare_counts_once() {
    let (mut desk, _) = desk(&[]);
    for _ in 0..2 {
        let news = desk.apply(&Entry::Declared {
            load: "monday".into(),
            blanks: 50,
        });
        assert_eq!(news, [News::Book(desk.book())]);
    }
    assert_eq!(desk.book().declared, 150);
}

#[test]
fn a_desk_is_the_same_after_replay() {
    let mut entries = vec![taken("a")];
    entries.extend(made());
    entries.extend([answered(2, Decision::Release), taken("b")]);
    let mut first = Desk::new(100);
    let mut again = Desk::new(100);
    for entry in &entries {
        first.apply(entry);
        let bytes = serde_json::to_vec(entry).unwrap();
        again.apply(&serde_json::from_slice(&bytes).unwrap());
    }
    assert_eq!(format!("{first:?}"), format!("{again:?}"));
    assert_eq!(again.unanswered(), [id("a")]);
}

#[test]
fn a_withdrawal_is_told_once_and_only_of_a_job_that_was_known() {
    let withdrawn = |name| Entry::Withdrawn { id: id(name) };
    let (mut desk, news) = desk(&[withdrawn("a"), withdrawn("a")]);
    assert_eq!(news, [News::JobTaken, News::JobWithdrawn]);
    assert_eq!(desk.apply(&withdrawn("b")), []);
    assert_eq!(*state(&desk), State::Withdrawn);
    // What the worker wrote down too late changes nothing.
    let before = format!("{:?}", desk.job(&id("a")));
    for entry in picked("a", 1).into_iter().take(1).chain([over(End::Given)]) {
        desk.apply(&entry);
    }
    assert_eq!(format!("{:?}", desk.job(&id("a"))), before);
}

#[test]
fn a_report_that_d1_never_listens_to_is_sent_no_more_and_means_capture() {
    let mut entries = made();
    entries.push(answered(1, Decision::Noted));
    let (mut desk, _) = desk(&entries);
    let (id, sequence) = (id("a"), 2);
    let news = desk.apply(&Entry::Unwanted {
        id: id.clone(),
        sequence,
    });
    let serial = serial(1);
    let report = JobStatus::Produced { serial };
    assert_eq!(news, [News::ReportUnwanted { report }]);
    assert_eq!(desk.decision(&id), Some(Decision::Capture));
    assert_eq!(desk.next_report(&id), None);
    // Nothing has this number.
    for sequence in [0, 9] {
        assert_eq!(
            desk.apply(&Entry::Unwanted {
                id: id.clone(),
                sequence
            }),
            []
        );
    }
}

#[test]
fn a_number_that_d1_knows_otherwise_is_spent_and_the_report_goes_out_under_the_next() {
    let mut entries = made();
    entries.push(answered(1, Decision::Noted));
    let (mut desk, _) = desk(&entries);
    let spent = |sequence| Entry::Spent {
        id: id("a"),
        sequence,
    };
    let status = JobStatus::Produced { serial: serial(1) };
    for sequence in 2..5 {
        let due = desk.next_report(&id("a")).unwrap();
        assert_eq!((due.sequence, &due.status), (sequence, &status));
        let again = News::Reporting {
            report: status.clone(),
        };
        assert_eq!(desk.apply(&spent(sequence)), [again]);
        // The same again says nothing new.
        assert_eq!(desk.apply(&spent(sequence)), []);
    }
    assert_eq!(desk.decision(&id("a")), None);
    desk.apply(&answered(5, Decision::Capture));
    assert_eq!(desk.decision(&id("a")), Some(Decision::Capture));
    assert_eq!(desk.next_report(&id("a")), None);
}

#[test]
fn a_blank_that_nobody_saw_is_told_from_the_counter() {
    let (mut desk, _) = desk(&[Entry::Picking {
        id: id("a"),
        counted: 7,
    }]);
    assert_eq!(desk.lost_blank(7), None, "none was fed");
    assert_eq!(desk.lost_blank(0), None, "another printer counts");
    assert_eq!(desk.lost_blank(8), Some(&id("a")));
    assert_eq!(desk.apply(&Entry::BlankLost { id: id("a") }), []);
    assert_eq!(desk.lost_blank(8), None);
    let book = desk.book();
    assert_eq!((book.picked, book.spoiled), (1, 1));
    assert_eq!(desk.job(&id("a")).unwrap().spoiled, 1);
    // One that was seen is not lost, wherever it was found.
    for entry in &picked("a", 1) {
        desk.apply(entry);
    }
    assert_eq!(desk.lost_blank(9), None);
    desk.apply(&Entry::Picking {
        id: id("a"),
        counted: 9,
    });
    let (id, serial) = (None, serial(2));
    desk.apply(&Entry::LostTrack { id, serial });
    assert_eq!(desk.lost_blank(10), None);
}

#[test]
fn a_blank_that_is_missed_when_its_job_is_over_is_in_the_book_at_once() {
    let failed = over(End::Failed(ProductionCode::PrtNotReachable));
    let (mut desk, _) = desk(&[
        Entry::Picking {
            id: id("a"),
            counted: 0,
        },
        failed,
    ]);
    let news = desk.apply(&Entry::BlankLost { id: id("a") });
    assert_eq!(news, [News::Book(desk.book())]);
    assert_eq!(desk.book().spoiled, 1);
}

#[test]
fn the_book_is_told_at_once_of_a_card_that_no_job_in_work_will_tell_of() {
    let lost = Entry::LostTrack {
        id: Some(id("a")),
        serial: serial(1),
    };
    let (desk, news) = desk(&[lost]);
    assert_eq!((desk.book().picked, desk.book().spoiled), (1, 1));
    assert_eq!(news.last(), Some(&News::Book(desk.book())));
}

#[test]
fn a_blank_that_was_fed_before_is_the_one_that_was_asked_for() {
    let mut entries = picked("a", 1).to_vec();
    entries.push(Entry::Spoiled {
        id: id("a"),
        serial: serial(1),
        condition: Condition::FeedJam,
    });
    entries.push(Entry::Picking {
        id: id("a"),
        counted: 1,
    });
    let (mut desk, _) = desk(&entries);
    assert!(desk.awaits_blank());
    assert_eq!(desk.lost_blank(2), Some(&id("a")));
    desk.apply(&Entry::LostTrack {
        id: Some(id("a")),
        serial: serial(1),
    });
    assert!(!desk.awaits_blank());
    assert_eq!(desk.lost_blank(2), None);
    assert_eq!((desk.book().picked, desk.book().spoiled), (1, 1));
}
