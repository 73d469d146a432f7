use persotwin_contract::dates::WireTime;
use persotwin_contract::ids::OperationId;
use persotwin_contract::notification::ProductionStatus;
use persotwin_contract::production::ProductionCode;
use persotwin_contract::report::ProductionState;
use persotwin_contract::rules::DoneWhen;
use persotwin_contract::same::RequestDigest;
use persotwin_link::Serial;
use persotwin_link::jobs::{CaptureCause, Decision, JobStatus, Report};

use super::*;
use crate::entry::{Acceptance, Change, End, Ruling, Sealed};

fn at(second: u8) -> WireTime {
    format!("2026-06-17T10:00:{second:02}.000Z")
        .parse()
        .unwrap()
}

fn digest(byte: u8) -> RequestDigest {
    RequestDigest::from_bytes([byte; 32])
}

fn acceptance(operation: &str, card: &str, request: Option<&str>) -> Entry {
    Entry::Accepted(Box::new(Acceptance {
        operation: operation.parse().unwrap(),
        at: at(0),
        card: card.parse().unwrap(),
        request: request.map(|id| id.parse().unwrap()),
        station: "KIOSK-PS-101".parse().unwrap(),
        issuance: Issuance::Creation,
        digest: digest(1),
        number: None,
        sealed: Sealed {
            order: "{}".into(),
            tracks: None,
        },
    }))
}

/// Books with one order that went through these changes.
fn books(changes: &[Change]) -> Model {
    let mut model = Model::default();
    model.apply(&acceptance("op-1", "card-1", Some("req-1")));
    model.apply(&Entry::Moved {
        operation: operation(),
        at: at(1),
        changes: changes.to_vec(),
    });
    model
}

fn operation() -> OperationId {
    "op-1".parse().unwrap()
}

fn serial(count: u32) -> Serial {
    Serial::new("KIOSK-PS-101", "A", count)
}

fn produced() -> JobStatus {
    JobStatus::Produced { serial: serial(1) }
}

const RELEASED: Change = Change::Ruled {
    ruling: Ruling::Released,
};
const DONE: Change = Change::Ended { end: End::Done };

fn failed(code: ProductionCode) -> Vec<Change> {
    let ruled = Change::Ruled {
        ruling: Ruling::Failed,
    };
    vec![ruled, exception(code)]
}

fn exception(code: ProductionCode) -> Change {
    Change::Ended {
        end: End::Exception { code },
    }
}

/// The four standings of the table.
fn open() -> Vec<Change> {
    vec![Change::Prepared, Change::Offered, Change::Dispatched]
}

fn released() -> Vec<Change> {
    let heard = Change::Heard {
        sequence: 1,
        report: produced(),
        answer: Decision::Release,
    };
    [open(), vec![heard, RELEASED]].concat()
}

fn done() -> Vec<Change> {
    [released(), vec![DONE]].concat()
}

fn lost() -> Vec<Change> {
    [open(), failed(ProductionCode::SatNoReport)].concat()
}

/// What a new report does to an order with these changes.
fn hear(before: &[Change], status: JobStatus, rule: DoneWhen) -> (Decision, Vec<Change>) {
    let model = books(before);
    let report = Report {
        sequence: 9,
        status: status.clone(),
    };
    let order = model.order(&operation()).unwrap();
    let Ok(Hearing::New(answer, mut changes)) = order.understand(&report, rule, Deciding::Once)
    else {
        panic!("a new report")
    };
    let heard = Change::Heard {
        sequence: 9,
        report: status,
        answer,
    };
    assert_eq!(changes.remove(0), heard);
    (answer, changes)
}

fn captures() -> [(JobStatus, ProductionCode); 5] {
    use CaptureCause::{Decided, NoAnswer, NotTaken, StaffRejected};
    let captured = |why, code| (JobStatus::Captured { why }, code);
    [
        captured(NotTaken, ProductionCode::PrdCardNotTaken),
        captured(NoAnswer, ProductionCode::PrdNotReleased),
        captured(Decided, ProductionCode::PrdNotReleased),
        captured(StaffRejected, ProductionCode::PrdQualityRejected),
        (
            JobStatus::Failed {
                code: ProductionCode::PrdSmartcard,
            },
            ProductionCode::PrdSmartcard,
        ),
    ]
}

#[test]
fn the_column_of_open_orders() {
    use Decision::{Noted, Release};
    for (rule, release) in [
        (DoneWhen::Released, vec![RELEASED, DONE]),
        (DoneWhen::Taken, vec![RELEASED]),
    ] {
        assert_eq!(hear(&open(), JobStatus::Started, rule), (Noted, vec![]));
        assert_eq!(hear(&open(), produced(), rule), (Release, release.clone()));
        assert_eq!(hear(&open(), JobStatus::Presented, rule), (Noted, release));
        assert_eq!(
            hear(&open(), JobStatus::Taken, rule),
            (Noted, vec![RELEASED, DONE])
        );
        for (status, code) in captures() {
            assert_eq!(hear(&open(), status, rule), (Noted, failed(code)));
        }
    }
}

#[test]
fn the_column_of_released_orders() {
    use Decision::{Capture, Noted, Release};
    let rule = DoneWhen::Taken;
    assert_eq!(hear(&released(), JobStatus::Started, rule), (Noted, vec![]));
    assert_eq!(hear(&released(), produced(), rule), (Release, vec![]));
    let other = JobStatus::Produced { serial: serial(2) };
    assert_eq!(hear(&released(), other, rule), (Capture, vec![]));
    assert_eq!(
        hear(&released(), JobStatus::Presented, rule),
        (Noted, vec![])
    );
    assert_eq!(
        hear(&released(), JobStatus::Taken, rule),
        (Noted, vec![DONE])
    );
    for (status, code) in captures() {
        assert_eq!(
            hear(&released(), status, rule),
            (Noted, vec![exception(code)])
        );
    }
}

#[test]
fn the_column_of_done_orders() {
    use Decision::{Capture, Noted, Release};
    let rule = DoneWhen::Released;
    assert_eq!(hear(&done(), produced(), rule), (Release, vec![]));
    let other = JobStatus::Produced { serial: serial(2) };
    assert_eq!(hear(&done(), other, rule), (Capture, vec![]));
    let rest = captures().map(|(status, _)| status);
    for status in [JobStatus::Started, JobStatus::Presented, JobStatus::Taken]
        .into_iter()
        .chain(rest)
    {
        assert_eq!(hear(&done(), status, rule), (Noted, vec![]));
    }
}

#[test]
fn the_column_of_lost_orders() {
    use Decision::{Capture, Noted};
    for rule in [DoneWhen::Released, DoneWhen::Taken] {
        assert_eq!(hear(&lost(), JobStatus::Started, rule), (Noted, vec![]));
        assert_eq!(hear(&lost(), produced(), rule), (Capture, vec![]));
        for status in [JobStatus::Presented, JobStatus::Taken] {
            assert_eq!(hear(&lost(), status, rule), (Noted, vec![Change::Doubted]));
        }
        for (status, _) in captures() {
            assert_eq!(hear(&lost(), status, rule), (Noted, vec![]));
        }
    }
}

#[test]
fn a_card_that_was_out_and_is_found_ends_the_doubt() {
    let doubted = [lost(), vec![Change::Doubted]].concat();
    assert!(books(&doubted).order(&operation()).unwrap().is_in_doubt());
    for (report, _) in captures() {
        let heard = Change::Heard {
            sequence: 3,
            report,
            answer: Decision::Noted,
        };
        let found = [doubted.clone(), vec![heard]].concat();
        assert!(!books(&found).order(&operation()).unwrap().is_in_doubt());
    }
}

#[test]
fn a_report_has_one_answer() {
    let model = books(&done());
    let order = model.order(&operation()).unwrap();
    let again = Report {
        sequence: 1,
        status: produced(),
    };
    let rule = DoneWhen::Released;
    assert_eq!(
        order.understand(&again, rule, Deciding::Once),
        Ok(Hearing::Again(Decision::Release))
    );
    let changed = Report {
        sequence: 1,
        status: JobStatus::Taken,
    };
    assert_eq!(
        order.understand(&changed, rule, Deciding::Once),
        Err(ReportError::Changed)
    );
}

#[test]
fn a_job_that_was_never_offered_has_no_reports() {
    let report = Report {
        sequence: 1,
        status: JobStatus::Started,
    };
    for changes in [vec![], vec![Change::Prepared]] {
        let model = books(&changes);
        let order = model.order(&operation()).unwrap();
        assert_eq!(
            order.understand(&report, DoneWhen::Released, Deciding::Once),
            Err(ReportError::NotOffered)
        );
    }
    let model = books(&[Change::Prepared, Change::Offered]);
    let order = model.order(&operation()).unwrap();
    let Ok(Hearing::New(_, changes)) =
        order.understand(&report, DoneWhen::Released, Deciding::Once)
    else {
        panic!("a new report")
    };
    assert_eq!(changes[0], Change::Dispatched);
}

#[test]
fn deadlines_by_custody_and_by_what_was_lost() {
    let code = ProductionCode::SatServerNotReachable;
    let offered = vec![Change::Prepared, Change::Offered];
    let undeliverable = |changes: &[Change], custody, handing| {
        let model = books(changes);
        model
            .order(&operation())
            .unwrap()
            .undeliverable(custody, handing, code)
    };
    for custody in [Custody::Inside, Custody::Outside] {
        assert_eq!(
            undeliverable(&[Change::Prepared], custody, Handing::Refused),
            failed(code)
        );
        assert_eq!(
            undeliverable(&offered, custody, Handing::Refused),
            failed(code)
        );
        assert_eq!(undeliverable(&open(), custody, Handing::Unsure), []);
    }
    assert_eq!(
        undeliverable(&offered, Custody::Inside, Handing::Unsure),
        failed(code)
    );
    assert_eq!(
        undeliverable(&offered, Custody::Outside, Handing::Unsure),
        [Change::Doubted]
    );

    let overdue =
        |changes: &[Change], custody| books(changes).order(&operation()).unwrap().overdue(custody);
    assert_eq!(
        overdue(&open(), Custody::Inside),
        failed(ProductionCode::SatNoReport)
    );
    assert_eq!(overdue(&open(), Custody::Outside), [Change::Doubted]);
    for custody in [Custody::Inside, Custody::Outside] {
        assert_eq!(overdue(&released(), custody), [Change::Doubted]);
        assert_eq!(overdue(&done(), custody), []);
        assert_eq!(
            overdue(&[released(), vec![Change::Doubted]].concat(), custody),
            []
        );
    }
}

#[test]
fn cancelling_works_until_the_ruling() {
    let cancel =
        |changes: &[Change], custody| books(changes).order(&operation()).unwrap().cancel(custody);
    let canceled = Ok(vec![
        Change::Ruled {
            ruling: Ruling::Canceled,
        },
        Change::Ended { end: End::Canceled },
    ]);
    for before in [
        vec![],
        vec![Change::Prepared],
        vec![Change::Prepared, Change::Offered],
        open(),
    ] {
        assert_eq!(cancel(&before, Custody::Inside), canceled);
        let offered = before.contains(&Change::Offered);
        let expected = if offered {
            Err(CancelError::MayBeOut)
        } else {
            canceled.clone()
        };
        assert_eq!(cancel(&before, Custody::Outside), expected);
    }
    for after in [released(), done(), lost()] {
        assert_eq!(cancel(&after, Custody::Inside), Err(CancelError::Decided));
    }
}

#[test]
fn own_steps_are_taken_once() {
    let order = |changes: &[Change], step: fn(&Order) -> Vec<Change>| {
        let model = books(changes);
        step(model.order(&operation()).unwrap())
    };
    assert_eq!(order(&[], Order::prepared), [Change::Prepared]);
    assert_eq!(order(&[Change::Prepared], Order::prepared), []);
    assert_eq!(
        order(&[Change::Prepared], Order::offered),
        [Change::Offered]
    );
    assert_eq!(
        order(&[Change::Prepared, Change::Offered], Order::offered),
        []
    );
    assert_eq!(
        order(&[Change::Prepared, Change::Offered], Order::dispatched),
        [Change::Dispatched]
    );
    assert_eq!(order(&lost(), Order::dispatched), []);
    let refuse: fn(&Order) -> Vec<Change> =
        |order| order.data_refused(ProductionCode::DpDataRefused);
    assert_eq!(order(&[], refuse).len(), 1);
    assert_eq!(order(&open(), refuse), []);
}

#[test]
fn the_outbox_keeps_the_order_and_loses_nothing() {
    let told = |status| Change::Told { status, attempt: 1 };
    let mut changes = done();
    let next = |changes: &[Change]| {
        books(changes)
            .order(&operation())
            .unwrap()
            .next_to_tell()
            .map(ProductionState::status)
    };
    for status in [
        ProductionStatus::CardProdRequested,
        ProductionStatus::CardProdReady,
        ProductionStatus::CardProdDone,
    ] {
        assert_eq!(next(&changes), Some(status.clone()));
        changes.push(told(status));
    }
    assert_eq!(next(&changes), None);
    assert!(books(&changes).order(&operation()).unwrap().is_settled());
}

#[test]
fn card_data_are_forgotten_as_soon_as_they_are_not_needed() {
    let keeps = |changes: &[Change]| {
        books(changes)
            .order(&operation())
            .unwrap()
            .sealed()
            .is_some()
    };
    assert!(keeps(&[Change::Prepared, Change::Offered]));
    assert!(!keeps(&open()));
    assert!(!keeps(&[Change::Ended { end: End::Canceled }]));
}

/// How a card is asked for again.
fn ask(
    model: &Model,
    card: &str,
    request: Option<&str>,
    issuance: Issuance,
) -> Result<(), Refusal> {
    let (card, request) = (card.parse().unwrap(), request.map(|id| id.parse().unwrap()));
    let asked = Asked {
        card: &card,
        request: request.as_ref(),
        issuance,
        digest: digest(1),
    };
    model.admit(&asked, &D1Rules::default())
}

#[test]
fn the_rule_of_the_card() {
    use Issuance::{Creation, Renewal, Replacement};
    let in_production = Err(Refusal::Forbidden(Constraint::CardInProduction));
    let exists = Err(Refusal::Forbidden(Constraint::CardExists));
    for standing in [open(), released(), [lost(), vec![Change::Doubted]].concat()] {
        for issuance in [Creation, Renewal, Replacement] {
            assert_eq!(
                ask(&books(&standing), "card-1", None, issuance),
                in_production
            );
        }
    }
    assert_eq!(ask(&books(&lost()), "card-1", None, Creation), Ok(()));
    assert_eq!(ask(&books(&done()), "card-1", None, Creation), exists);
    assert_eq!(ask(&books(&done()), "card-1", None, Renewal), Ok(()));
    assert_eq!(ask(&books(&done()), "card-1", None, Replacement), Ok(()));
    assert_eq!(ask(&books(&open()), "card-2", None, Creation), Ok(()));
    // A replacement that failed does not undo that the card exists.
    let mut model = books(&done());
    model.apply(&acceptance("op-2", "card-1", None));
    let operation = "op-2".parse().unwrap();
    model.apply(&Entry::Moved {
        operation,
        at: at(2),
        changes: lost(),
    });
    assert_eq!(ask(&model, "card-1", None, Creation), exists);
    assert_eq!(ask(&model, "card-1", None, Replacement), Ok(()));
}

#[test]
fn the_rule_of_the_request() {
    let model = books(&open());
    let request = "req-1".parse().unwrap();
    let asked = |card, byte| Asked {
        card,
        request: Some(&request),
        issuance: Issuance::Creation,
        digest: digest(byte),
    };
    let card = "card-1".parse().unwrap();
    assert_eq!(model.same(&asked(&card, 1)), Some(&operation()));
    assert_eq!(model.same(&asked(&card, 2)), None);
    let changed = model.admit(&asked(&card, 2), &D1Rules::default());
    assert_eq!(changed, Err(Refusal::Forbidden(Constraint::RequestChanged)));
}

#[test]
fn entries_survive_being_written() {
    let entries = [
        acceptance("op-1", "card-1", None),
        Entry::Moved {
            operation: operation(),
            at: at(3),
            changes: [done(), lost()].concat(),
        },
        Entry::Enrolled {
            station: "KIOSK-PS-101".parse().unwrap(),
            key: persotwin_link::tenant::test_key("station-1")
                .public()
                .clone(),
            software: "agent 1".into(),
        },
    ];
    for entry in entries {
        let text = serde_json::to_string(&entry).unwrap();
        assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry);
        assert!(text.contains("-1\""), "{text}");
    }
}
