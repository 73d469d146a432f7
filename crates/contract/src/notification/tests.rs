use super::*;

/// The shape of the documented examples, in our own values.
const READY: &str = r#"{"operations":[{
    "operationId":"01c5a05e-e197-11ec-8fea-0242ac120002","operation":"PRODUCE","status":"PENDING",
    "startTime":"2025-01-17T06:28:02.492Z","cardId":"271b-6e47-8ec3-7f3f",
    "details":{"status":"CARD_PROD_READY"}}]}"#;

fn one(body: &str) -> OperationNotification {
    Operations::read(body.as_bytes())
        .unwrap()
        .operations
        .remove(0)
}

#[test]
fn the_documented_shape_reads_and_writes() {
    let compact: String = READY.split_whitespace().collect();
    let read = Operations::read(READY.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(read.to_body()).unwrap(), compact);
    let ready = &read.operations[0];
    assert_eq!(ready.operation, Operation::Produce);
    assert_eq!(
        ready.duplicate_key().1,
        Some(&ProductionStatus::CardProdReady)
    );
}

#[test]
fn additions_of_a_later_d1_are_lived_through() {
    let more = READY
        .replace(
            "CARD_PROD_READY\"",
            "CARD_PROD_ONGOING\",\"productionSite\":{\"id\":7}",
        )
        .replace("PENDING", "PAUSED")
        .replace("PRODUCE", "ENGRAVE")
        .replacen('{', r#"{"page":1,"#, 1);
    let read = one(&more);
    assert_eq!(read.operation, Operation::Unknown("ENGRAVE".to_owned()));
    assert_eq!(read.status, OperationStatus::Unknown("PAUSED".to_owned()));
    let status = read.details.unwrap().status;
    assert_eq!(status.as_str(), "CARD_PROD_ONGOING");
    assert!(!status.is_final() && status.phase().is_none());
}

#[test]
fn details_of_other_operations_are_passed_over() {
    for details in [r#"{"digitalCardIds":["a"]}"#, "[]", "null", "7"] {
        let body = READY.replace(r#"{"status":"CARD_PROD_READY"}"#, details);
        assert_eq!(one(&body).details, None, "{details}");
    }
}

#[test]
fn bodies_that_are_none_are_refused_without_being_repeated() {
    for body in [
        "",
        "[]",
        "{}",
        r#"{"operations":7}"#,
        r#"{"operations":[{"cardId":"a"}]}"#,
    ] {
        assert!(Operations::read(body.as_bytes()).is_err(), "{body}");
    }
    let error = Operations::read(READY.replace("271b-", "4111 1111 1111 1111").as_bytes());
    assert!(!error.unwrap_err().to_string().contains("1111"));
}

#[test]
fn the_request_id_is_found_in_either_place() {
    let beside = READY.replace(r#""cardId""#, r#""issuerRequestId":"r-1","cardId""#);
    let inside = READY.replace(r#"READY""#, r#"READY","issuerRequestId":"r-1""#);
    for body in [beside, inside] {
        assert_eq!(one(&body).request_id().unwrap().as_str(), "r-1");
    }
    assert_eq!(one(READY).request_id(), None);
}

#[test]
fn the_legal_graph_has_exactly_these_edges() {
    use ProductionStatus::{
        CardProdCanceled as Canceled, CardProdDone as Done, CardProdException as Failed,
        CardProdReady as Ready, CardProdRequested as Requested, DataException as BadData,
    };
    let edges = [
        (Requested, Ready),
        (Requested, BadData),
        (Requested, Canceled),
        (Ready, Done),
        (Ready, Failed),
        (Ready, Canceled),
    ];
    for from in ProductionStatus::KNOWN {
        assert_eq!(from.may_follow(None), *from == Requested);
        for to in ProductionStatus::KNOWN {
            let legal = edges.iter().any(|edge| *edge == (from.clone(), to.clone()));
            assert_eq!(to.may_follow(Some(from)), legal, "{from} to {to}");
        }
    }
}

#[test]
fn an_unknown_word_may_stand_between_but_not_at_the_ends() {
    let unknown = ProductionStatus::from("CARD_PROD_ONGOING");
    assert!(!unknown.may_follow(None));
    for known in ProductionStatus::KNOWN {
        assert_eq!(
            unknown.may_follow(Some(known)),
            !known.is_final(),
            "{known}"
        );
        let first = *known == ProductionStatus::CardProdRequested;
        assert_eq!(known.may_follow(Some(&unknown)), !first, "{known}");
    }
}

#[test]
fn a_receiver_never_moves_back() {
    for seen in ProductionStatus::KNOWN {
        assert!(!seen.supersedes(seen));
        assert!(!ProductionStatus::from("NEW").supersedes(seen));
        for new in ProductionStatus::KNOWN {
            assert!(
                !(seen.is_final() && new.supersedes(seen)),
                "{seen} to {new}"
            );
            assert!(
                !(new.supersedes(seen) && seen.supersedes(new)),
                "{seen} and {new}"
            );
        }
    }
    let done = ProductionStatus::CardProdDone;
    assert!(
        done.supersedes(&ProductionStatus::CardProdRequested),
        "READY may be late or lost"
    );
}

#[test]
fn the_operation_pends_until_the_production_is_over() {
    for status in ProductionStatus::KNOWN {
        for rule in CanceledStatus::ALL {
            let told = status.operation_status(*rule).unwrap();
            assert_eq!(
                told != OperationStatus::Pending,
                status.is_final(),
                "{status}"
            );
        }
        assert!(["6a", "6b", "6c"].contains(&status.step().unwrap()));
    }
    let done = ProductionStatus::CardProdDone;
    assert_eq!(
        done.operation_status(CanceledStatus::Failed),
        Some(OperationStatus::Successful)
    );
    let canceled = ProductionStatus::CardProdCanceled;
    assert_eq!(
        canceled.operation_status(CanceledStatus::Failed),
        Some(OperationStatus::Failed)
    );
}
