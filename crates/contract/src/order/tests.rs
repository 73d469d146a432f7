use super::*;

pub(crate) fn kiosk_order() -> ClearOrder {
    let application = PaymentApplication {
        config: "VISA-CLASSIC".parse().unwrap(),
        oda_key_index: "01".parse().unwrap(),
        derivation_key_index: "01".parse().unwrap(),
        cv_key_index: Some("01".parse().unwrap()),
        pv_key_index: None,
    };
    ClearOrder::instant(
        "KIOSK-PS-101".parse().unwrap(),
        Services::of(Issuance::Creation),
        "a..b.c.d".parse().unwrap(),
        application,
    )
}

#[test]
fn an_order_is_written_in_the_documented_order() {
    let mut order = kiosk_order();
    order.card_product_id = Some("VISA-CLASSIC".parse().unwrap());
    order.issuer_request_id = Some("r-1".parse().unwrap());
    assert_eq!(
        String::from_utf8(order.to_body()).unwrap(),
        concat!(
            r#"{"distributionChannel":"INSTANT","persoStation":"KIOSK-PS-101","#,
            r#""services":{"issuance":"CREATION"},"encryptedData":"a..b.c.d","#,
            r#""paymentApplication":{"config":"VISA-CLASSIC","odaKeyIndex":"01","#,
            r#""derivationKeyIndex":"01","cvKeyIndex":"01"},"cardProductId":"VISA-CLASSIC","#,
            r#""issuerRequestId":"r-1"}"#
        )
    );
}

#[test]
fn absent_services_have_their_documented_defaults() {
    let services = Services::of(Issuance::Creation);
    assert_eq!(services.delivery(), "NO_SHIPMENT");
    assert_eq!(services.card_carrier(), "NO_CARRIER");
    assert_eq!(services.packaging(), "NO_PACK");
}

#[test]
fn an_accepted_order_names_its_operation() {
    let accepted = Accepted {
        operation_id: Some("op-1".parse().unwrap()),
    };
    assert_eq!(
        serde_json::to_string(&accepted).unwrap(),
        r#"{"operationId":"op-1"}"#
    );
    let bare: Accepted = serde_json::from_str(r#"{"more":1}"#).unwrap();
    assert_eq!(bare.operation_id, None);
}

#[test]
fn encrypted_data_is_at_most_8192_characters_and_does_not_show() {
    assert!("x".repeat(8192).parse::<EncryptedData>().is_ok());
    assert!("x".repeat(8193).parse::<EncryptedData>().is_err());
    assert!("".parse::<EncryptedData>().is_err());
    let data: EncryptedData = "a..b.c.d".parse().unwrap();
    assert_eq!(format!("{data:?}"), "EncryptedData(8 characters)");
}
