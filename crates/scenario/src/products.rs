//! `products:`: card products as onboarding would have configured them.

use std::collections::BTreeMap;
use std::ops::Range;

use persotwin_contract::ids::{CardProductId, ConfigName};
use persotwin_emv::cryptogram::CryptogramVersion;
use persotwin_emv::keys::MasterKeyOption;
use persotwin_emv::oda::Method;
use persotwin_link::card_stock::CardStock;
use persotwin_link::product::{PinRule, Product};
use persotwin_link::stock::StockName;
use persotwin_link::tenant::Tenant;

use crate::grammar::{Field, PRODUCT_ID, Section, Shape};
use crate::node::{Key, Node};
use crate::reader::{Fields, Reader, shorten};
use crate::stations::STOCK;
use crate::stocks;

/// `products:`.
pub(crate) const PRODUCTS: Shape = Shape::Names {
    what: "card product",
    pattern: "^[A-Za-z0-9_-]{1,48}$",
    value: &Shape::Section(&PRODUCT),
};

static PRODUCT: Section = Section {
    name: "a product",
    doc: "A card product. One that is there already is changed where something is written; a new one is like another in all \
          that is not written.",
    fields: &[
        Field::default(
            "like",
            PRODUCT_ID,
            "VISA-CLASSIC",
            "For a new product: which one it is like. Its `config:` is its own id, though.",
        ),
        Field::optional(
            "config",
            Shape::Form("an EMV configuration's name", "^[A-Za-z0-9_-]{1,64}$"),
            "`paymentApplication.config` that goes with it.",
        ),
        Field::optional(
            "aid",
            Shape::Form("an application identifier", "^([0-9A-F]{2}){5,16}$"),
            "The application identifier on the chip, 5 to 16 bytes in hexadecimal.",
        ),
        Field::optional(
            "label",
            Shape::Form("an application label", "^[ -~]{1,16}$"),
            "The application label, 1 to 16 characters.",
        ),
        Field::optional(
            "bin",
            Shape::Form("leading digits", "^[0-9]{6,11}$"),
            "The first digits of every card number, 6 to 11.",
        ),
        Field::optional(
            "pan-length",
            Shape::Count,
            "How many digits a card number has, 12 to 19, when the twin's issuer chooses it.",
        ),
        Field::optional(
            "years",
            Shape::Count,
            "How long a card is valid, 1 to 20 years, when the twin's issuer decides.",
        ),
        Field::optional("stock", STOCK, "Which blank it is made from."),
        Field::optional(
            "pin",
            Shape::Word(&["none", "in-order", "fetched"]),
            "The chip's PIN: `none`, brought by the order as `encryptedData.pinBlock`, or fetched from the issuer by D1. `none` unless written.",
        ),
        Field::optional(
            "cvn",
            Shape::Word(&["10", "18"]),
            "How the chip computes its cryptograms: version 10 or 18. 18 unless written.",
        ),
        Field::optional(
            "master-key",
            Shape::Word(&["option-a", "option-b"]),
            "How the card's keys follow from the issuer's; the options differ for card numbers of more than 16 digits. `option-a` unless written.",
        ),
        Field::optional(
            "oda",
            Shape::Word(&["none", "dda", "cda"]),
            "Offline data authentication: how the card proves to a terminal alone that its issuer made it. By INTERNAL AUTHENTICATE \
             (`dda`) or with its cryptogram too (`cda`), with test keys. `none` unless written.",
        ),
        Field::optional(
            "service-code",
            Shape::Form("a service code", "^[0-9]{3}$"),
            "The three digits on tracks 1 and 2.",
        ),
        Field::optional(
            "track1-pattern",
            PATTERN,
            "Discretionary data of track 1: digits, `cvv` and `pvv`, with `|` between, like `000000|cvv|000000`.",
        ),
        Field::optional(
            "track2-pattern",
            PATTERN,
            "Discretionary data of track 2, likewise.",
        ),
        Field::optional(
            "country",
            Shape::Form("three digits", "^[0-9]{3}$"),
            "Issuer country, ISO 3166-1 numeric.",
        ),
        Field::optional(
            "currency",
            Shape::Form("three digits", "^[0-9]{3}$"),
            "Currency, ISO 4217 numeric.",
        ),
        Field::optional(
            "artwork",
            Shape::Form("an artwork's name", "^[a-z0-9-]{1,32}$"),
            "The artwork of the card's faces.",
        ),
    ],
};

const PINS: &[(&str, PinRule)] = &[
    ("none", PinRule::None),
    ("in-order", PinRule::InOrder),
    ("fetched", PinRule::Fetched),
];
const CVNS: &[(&str, CryptogramVersion)] = &[
    ("10", CryptogramVersion::Cvn10),
    ("18", CryptogramVersion::Cvn18),
];
const MASTER_KEY_OPTIONS: &[(&str, MasterKeyOption)] = &[
    ("option-a", MasterKeyOption::A),
    ("option-b", MasterKeyOption::B),
];

const ODAS: &[(&str, Option<Method>)] = &[
    ("none", None),
    ("dda", Some(Method::Dda)),
    ("cda", Some(Method::Cda)),
];

const PATTERN: Shape = Shape::Form("a pattern", r"^([0-9]+|cvv|pvv)(\|([0-9]+|cvv|pvv))*$");

/// Reads `products:` over those of the tenant. Returns where each stands.
pub(crate) fn read(
    reader: &mut Reader,
    node: &Node,
    products: &mut BTreeMap<CardProductId, Product>,
    stocks: &BTreeMap<StockName, CardStock>,
) -> BTreeMap<CardProductId, Range<usize>> {
    let mut places = BTreeMap::new();
    for (key, value) in reader.entries(node, "the products") {
        let fields = reader.fields(value, &PRODUCT);
        let Some(id) = product_id(reader, key) else {
            continue;
        };
        let Some(mut product) = base(reader, &fields, &id, products) else {
            continue;
        };
        change(reader, &fields, &mut product, stocks);
        places.insert(id.clone(), key.span.clone());
        products.insert(id, product);
    }
    places
}

fn product_id(reader: &mut Reader, key: &Key) -> Option<CardProductId> {
    let id = key.text.parse().ok();
    if id.is_none() {
        let title = format!("`{}` is no card product's id", shorten(&key.text));
        let mistake = reader.mistake(
            &key.span,
            title,
            "expected 1 to 48 letters, digits, hyphens or underscores",
        );
        reader.report(mistake);
    }
    id
}

/// The product as it is before anything written counts.
fn base(
    reader: &mut Reader,
    fields: &Fields<'_>,
    id: &CardProductId,
    products: &BTreeMap<CardProductId, Product>,
) -> Option<Product> {
    let like = match fields.get("like") {
        Some(node) => {
            let text = reader.text(node, "a card product's id")?;
            let found = products.iter().find(|(id, _)| id.as_str() == text);
            if found.is_none() {
                let known: Vec<String> = products.keys().map(ToString::to_string).collect();
                reader.unknown_name(&node.span, "product", text, &known);
            }
            found.map(|(_, product)| product.clone())
        }
        None => None,
    };
    if let Some(product) = products.get(id) {
        return Some(like.unwrap_or_else(|| product.clone()));
    }
    let like = like.or_else(|| {
        Tenant::built_in()
            .products
            .remove(&crate::scenario::default_product())
    })?;
    Some(Product {
        config: id.to_string(),
        ..like
    })
}

fn change(
    reader: &mut Reader,
    fields: &Fields<'_>,
    product: &mut Product,
    all_stocks: &BTreeMap<StockName, CardStock>,
) {
    if let Some(config) = fields
        .get("config")
        .and_then(|node| reader.parsed::<ConfigName>(node, "an EMV configuration's name"))
    {
        product.config = config.to_string();
    }
    let hex = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b))
    };
    text(
        reader,
        fields,
        "aid",
        &mut product.aid,
        "5 to 16 bytes in capital hexadecimal",
        |text| (10..=32).contains(&text.len()) && text.len().is_multiple_of(2) && hex(text),
    );
    text(
        reader,
        fields,
        "label",
        &mut product.label,
        "1 to 16 plain characters",
        |text| (1..=16).contains(&text.len()) && text.bytes().all(|b| (b' '..=b'~').contains(&b)),
    );
    text(
        reader,
        fields,
        "bin",
        &mut product.bin,
        "6 to 11 digits",
        |text| (6..=11).contains(&text.len()) && digits(text),
    );
    number(
        reader,
        fields,
        "pan-length",
        12..=19,
        &mut product.pan_length,
    );
    number(reader, fields, "years", 1..=20, &mut product.years);
    if let Some(stock) = fields
        .get("stock")
        .and_then(|node| stocks::known(reader, node, all_stocks))
    {
        product.stock = stock;
    }
    word(reader, fields, "pin", PINS, &mut product.pin);
    word(reader, fields, "cvn", CVNS, &mut product.cryptogram);
    word(
        reader,
        fields,
        "master-key",
        MASTER_KEY_OPTIONS,
        &mut product.master_key,
    );
    word(reader, fields, "oda", ODAS, &mut product.oda);
    change_stripe(reader, fields, product);
    number(reader, fields, "country", 0..=999, &mut product.country);
    number(reader, fields, "currency", 0..=999, &mut product.currency);
    text(
        reader,
        fields,
        "artwork",
        &mut product.artwork,
        "1 to 32 lower case letters, digits or hyphens",
        |text| {
            (1..=32).contains(&text.len())
                && text
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        },
    );
}

fn change_stripe(reader: &mut Reader, fields: &Fields<'_>, product: &mut Product) {
    text(
        reader,
        fields,
        "service-code",
        &mut product.service_code,
        "three digits, like 201",
        |text| text.len() == 3 && digits(text),
    );
    let pattern = |text: &str| {
        text.split('|')
            .all(|part| part == "cvv" || part == "pvv" || (!part.is_empty() && digits(part)))
    };
    let expected = "digits, `cvv` and `pvv` with `|` between, like `000000|cvv|000000`";
    text(
        reader,
        fields,
        "track1-pattern",
        &mut product.track1_pattern,
        expected,
        pattern,
    );
    text(
        reader,
        fields,
        "track2-pattern",
        &mut product.track2_pattern,
        expected,
        pattern,
    );
}

fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// Sets a text of a certain form where its key is written.
fn text(
    reader: &mut Reader,
    fields: &Fields<'_>,
    name: &str,
    target: &mut String,
    expected: &str,
    fits: impl Fn(&str) -> bool,
) {
    let Some(node) = fields.get(name) else { return };
    let Some(text) = reader.text(node, expected) else {
        return;
    };
    if fits(text) {
        text.clone_into(target);
    } else {
        reader.wrong(node, &format!("a product's `{name}:`"), expected);
    }
}

/// Sets a choice where its key is written.
fn word<T: Copy>(
    reader: &mut Reader,
    fields: &Fields<'_>,
    name: &str,
    words: &[(&'static str, T)],
    target: &mut T,
) {
    let what = format!("a product's `{name}:`");
    let value = fields
        .get(name)
        .and_then(|node| reader.word(node, &what, words));
    if let Some(value) = value {
        *target = value;
    }
}

/// Sets a small number where its key is written.
fn number<T: TryFrom<u32>>(
    reader: &mut Reader,
    fields: &Fields<'_>,
    name: &str,
    range: std::ops::RangeInclusive<u32>,
    target: &mut T,
) {
    let value = fields.get(name).and_then(|node| reader.count(node, range));
    if let Some(value) = value.and_then(|value| T::try_from(value).ok()) {
        *target = value;
    }
}
