use super::*;
use crate::notification::Operations;

const END: &str = "2025-01-17T06:29:00.000Z";

fn told(state: ProductionState, rules: &D1Rules) -> serde_json::Value {
    let report = ProductionReport {
        operation_id: "op-1".parse().unwrap(),
        card_id: "card-1".parse().unwrap(),
        issuer_request_id: Some("r-1".parse().unwrap()),
        start_time: "2025-01-17T06:28:02.492Z".parse().unwrap(),
        state,
    };
    let operations = Operations {
        operations: vec![report.to_notification(rules)],
    };
    let body: serde_json::Value = serde_json::from_slice(&operations.to_body()).unwrap();
    body["operations"][0].clone()
}

fn end() -> WireTime {
    END.parse().unwrap()
}

#[test]
fn begun_operations_pend_and_have_no_end() {
    for (state, word) in [
        (ProductionState::Requested, "CARD_PROD_REQUESTED"),
        (ProductionState::Ready, "CARD_PROD_READY"),
    ] {
        let json = told(state, &D1Rules::default());
        assert_eq!(json["status"], "PENDING");
        assert_eq!(json["details"]["status"], word);
        assert!(json.get("endTime").is_none() && json.get("error").is_none());
        assert_eq!(json["startTime"], "2025-01-17T06:28:02.492Z");
    }
}

#[test]
fn ended_operations_have_an_end() {
    let json = told(ProductionState::Done(end()), &D1Rules::default());
    assert_eq!(
        (json["status"].as_str(), json["endTime"].as_str()),
        (Some("SUCCESSFUL"), Some(END))
    );
    assert!(json["details"].get("reason").is_none());
    let json = told(ProductionState::Canceled(end()), &D1Rules::default());
    assert_eq!(json["status"], "FAILED");
    let rules = D1Rules {
        canceled_status: CanceledStatus::Successful,
        ..D1Rules::default()
    };
    assert_eq!(
        told(ProductionState::Canceled(end()), &rules)["status"],
        "SUCCESSFUL"
    );
}

#[test]
fn failures_have_a_code_and_a_sentence() {
    let cause = ProductionCode::PrdFeederEmpty;
    let failed = ProductionState::ProductionException(end(), cause);
    let json = told(failed, &D1Rules::default());
    assert_eq!(json["status"], "FAILED");
    assert_eq!(json["details"]["status"], "CARD_PROD_EXCEPTION");
    assert_eq!(json["errorCode"], "PRD_FEEDER_EMPTY");
    assert_eq!(json["error"], cause.sentence());
    assert_eq!(json["details"]["reason"], cause.sentence());
    let rules = D1Rules {
        error_codes: ErrorCodes::Absent,
        ..D1Rules::default()
    };
    let json = told(failed, &rules);
    assert!(json.get("errorCode").is_none());
    assert_eq!(json["error"], cause.sentence());
    let bad_data = ProductionState::DataException(end(), ProductionCode::DpDataRefused);
    assert_eq!(
        told(bad_data, &rules)["details"]["status"],
        "DATA_EXCEPTION"
    );
}

#[test]
fn the_request_id_stands_where_the_rule_says() {
    for (place, beside, inside) in [
        (RequestIdPlace::Both, true, true),
        (RequestIdPlace::Operation, true, false),
        (RequestIdPlace::Details, false, true),
    ] {
        let rules = D1Rules {
            issuer_request_id: place,
            ..D1Rules::default()
        };
        let json = told(ProductionState::Requested, &rules);
        assert_eq!(json.get("issuerRequestId").is_some(), beside);
        assert_eq!(json["details"].get("issuerRequestId").is_some(), inside);
    }
}

#[test]
fn both_tellings_of_the_operation_status_agree() {
    let code = ProductionCode::UnknownError;
    for state in [
        ProductionState::Requested,
        ProductionState::Ready,
        ProductionState::Done(end()),
        ProductionState::DataException(end(), code),
        ProductionState::ProductionException(end(), code),
        ProductionState::Canceled(end()),
    ] {
        assert_eq!(state.end().is_some(), state.status().is_final());
        for rule in CanceledStatus::ALL {
            let one = state.operation_status(*rule);
            assert_eq!(state.status().operation_status(*rule), Some(one));
        }
    }
}
