//! `order:` of a customer: what the issuer orders otherwise than it should, so that bad orders can be rehearsed.
//!
//! Each key is a documented field by its path, `persoStation`, `services.issuance` or `encryptedData.exp`; the value is
//! what is sent instead, or `absent`. Scalars are sent as text; `{ json: 7 }` sends a number. Fields of `encryptedData` are
//! changed before encryption. Whoever wants a member that no document knows puts `x-` before its name.

use persotwin_link::order_override::{Change, OrderChange, OrderPart};

use crate::grammar::{Field, Section, Shape};
use crate::nearest::nearest;
use crate::node::{Node, Quoting, Value};
use crate::reader::{Reader, shorten};

/// The word that removes a field.
const ABSENT: &str = "absent";
/// The fields whose documented type is boolean.
const BOOLEANS: [&str; 2] = ["services.pinMailer", "services.alphaCard"];

/// A field that takes any value, with its sentence.
const fn any(name: &'static str, doc: &'static str) -> Field {
    Field::optional(name, Shape::Json, doc)
}

/// The documented fields of an order.
pub(crate) static ORDER: Section = Section {
    name: "an order",
    doc: "Single fields of the order, by their documented paths, that the issuer sends otherwise than it should: a value, or \
          `absent`. Values are sent as text; `{ json: 7 }` sends a number. Fields of `encryptedData` are changed before it is encrypted. A member that no document knows begins with `x-`.",
    fields: &[
        any("distributionChannel", "`INSTANT`, `THALES` or `CENTRAL`."),
        any("persoStation", "The station's id."),
        any("cardProductId", "The product's id."),
        any("consumerId", "The issuer's id of the customer."),
        any("issuerRequestId", "The issuer's id of the order."),
        any("services", "The whole object."),
        any(
            "services.issuance",
            "`CREATION`, `RENEWAL` or `REPLACEMENT`.",
        ),
        any("services.priority", "Refines the issuance."),
        any("services.delivery", "`NO_SHIPMENT` when absent."),
        any("services.cardCarrier", "`NO_CARRIER` when absent."),
        any("services.packaging", "`NO_PACK` when absent."),
        any("services.pinMailer", "`true` or `false`."),
        any("services.alphaCard", "`true` or `false`."),
        any("paymentApplication", "The whole object."),
        any("paymentApplication.config", "The EMV configuration."),
        any("paymentApplication.odaKeyIndex", "A key index."),
        any("paymentApplication.derivationKeyIndex", "A key index."),
        any("paymentApplication.cvKeyIndex", "A key index."),
        any("paymentApplication.pvKeyIndex", "A key index."),
        any("cardDesign", "The whole object."),
        any("cardDesign.cardImage", "The id of a picture."),
        any("cardDesign.images", "A list of ids of pictures."),
        any("cardDesign.customLines", "A list of lines."),
        any("cardDesign.memberId", "A member number."),
        any("trackData", "The whole object, in the clear."),
        any("trackData.track1", "Track 1, in the clear."),
        any("trackData.track2", "Track 2, in the clear."),
        any("trackData.track3", "Track 3, in the clear."),
        any("shipment", "Not for instant issuance."),
        any("cardCarrierConfig", "Not for instant issuance."),
        any(
            "encryptedData",
            "The text that stands where the JWE should.",
        ),
        any("encryptedData.pan", "The card number."),
        any("encryptedData.exp", "`YYMM`."),
        any("encryptedData.name", "The printed name."),
        any("encryptedData.secondName", "The second printed line."),
        any("encryptedData.encodedName", "The name on track 1 and chip."),
        any(
            "encryptedData.cvv1",
            "The verification value of the stripe.",
        ),
        any("encryptedData.cvv2", "The printed verification value."),
        any(
            "encryptedData.pinBlock",
            "The PIN block, 16 hexadecimal digits.",
        ),
        any("encryptedData.pvv", "The PIN verification value."),
        any("encryptedData.paymentAccountReference", "The PAR."),
        any("encryptedData.panSequenceNumber", "Two digits."),
        any("encryptedData.effectiveDate", "The first day of validity."),
        any("encryptedData.trackData", "The whole object."),
        any("encryptedData.trackData.track1", "Track 1."),
        any("encryptedData.trackData.track2", "Track 2."),
        any("encryptedData.trackData.track3", "Track 3."),
    ],
};

/// Reads `order:`.
pub(crate) fn read(reader: &mut Reader, node: &Node) -> Vec<OrderChange> {
    let mut changes = Vec::new();
    for (key, value) in reader.entries(node, ORDER.name) {
        let known = ORDER.fields.iter().any(|field| field.name == key.text);
        if !known && !is_undocumented(&key.text) {
            let title = format!("an order has no field `{}`", shorten(&key.text));
            let mistake = reader.mistake(&key.span, title, "not a documented field");
            let mistake = match nearest(&key.text, ORDER.fields.iter().map(|field| field.name)) {
                Some(name) => mistake.help(format!("did you mean `{name}`?")),
                None => mistake
                    .help("a member that no document knows is written with `x-` before its name"),
            };
            reader.report(mistake);
            continue;
        }
        changes.extend(change(reader, &key.text, value));
    }
    changes
}

fn is_undocumented(key: &str) -> bool {
    let name = key.strip_prefix("encryptedData.").unwrap_or(key);
    name.strip_prefix("x-")
        .is_some_and(|rest| !rest.is_empty() && !rest.contains('.'))
}

fn change(reader: &mut Reader, key: &str, value: &Node) -> Option<OrderChange> {
    let (part, path) = match key.strip_prefix("encryptedData.") {
        Some(path) => (OrderPart::Encrypted, path),
        None => (OrderPart::Clear, key),
    };
    let boolean = |text: &str| BOOLEANS.contains(&key) && (text == "true" || text == "false");
    let change = match (&value.value, value.child("json")) {
        (Value::Scalar(text, Quoting::Plain), _) if text == ABSENT => Change::Absent,
        (Value::Scalar(text, Quoting::Plain), _) if boolean(text) => {
            Change::Set((text == "true").into())
        }
        (Value::Map(entries), Some(literal)) if entries.len() == 1 => {
            Change::Set(literal_json(reader, literal)?)
        }
        _ => Change::Set(json(value)),
    };
    Some(OrderChange {
        part,
        path: path.split('.').map(str::to_owned).collect(),
        change,
    })
}

/// `{ json: 7 }`: the one way to send a number, or text that is JSON.
fn literal_json(reader: &mut Reader, node: &Node) -> Option<serde_json::Value> {
    let text = reader.text(node, "JSON")?;
    let read = serde_json::from_str(text).ok();
    if read.is_none() {
        reader.wrong(node, "JSON", "a JSON value, like `7`, `true` or `\"text\"`");
    }
    read
}

/// The tree as JSON, where every scalar is text.
pub(crate) fn json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Empty => serde_json::Value::Null,
        Value::Scalar(text, _) => serde_json::Value::String(text.clone()),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(entries) => entries
            .iter()
            .map(|entry| (entry.key.text.clone(), json(&entry.value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}
