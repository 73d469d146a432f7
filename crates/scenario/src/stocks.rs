//! `stocks:`: the kinds of blanks, and on what terms their chips take data.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use persotwin_contract::ids::CardProductId;
use persotwin_emv::aid::Aid;
use persotwin_emv::scp::Terms;
use persotwin_link::card_stock::{Applications, CardStock, TermsChange};
use persotwin_link::stock::StockName;
use persotwin_link::tenant::Tenant;

use crate::grammar::{Field, Section, Shape};
use crate::node::{Key, Node};
use crate::reader::{Fields, Reader, shorten};

/// What a stock is called.
const NAME: &str = "^[a-z0-9-]{1,32}$";

/// `stocks:`.
pub(crate) const STOCKS: Shape = Shape::Names {
    what: "stock",
    pattern: NAME,
    value: &Shape::Section(&STOCK),
};

const KEY: Shape = Shape::Form(
    "a transport key",
    "^([0-9A-Fa-f]{32}|[0-9A-Fa-f]{48}|[0-9A-Fa-f]{64})$",
);
const KEY_VERSION: Shape = Shape::Form("a key version", "^([0-7][0-9A-Fa-f]|[Ff]{2})$");

static STOCK: Section = Section {
    name: "a stock",
    doc: "A kind of blank. One that is there already is changed where something is written; a new one is like another in all \
          that is not written. Built in are `generic-dual` (SCP02, option 55, level 03), `generic-dual-i75` (SCP02, option 75, \
          level 13), and `secure-dual-128`, `secure-dual-192` and `secure-dual-256` (SCP03, option 70, level 33).",
    fields: &[
        Field::default(
            "like",
            Shape::Form("a stock's name", NAME),
            "generic-dual",
            "For a new stock: which one it is like.",
        ),
        Field::optional(
            "applications",
            Shape::List(&Shape::Form(
                "an application identifier",
                "^([0-9A-F]{2}){5,16}$",
            )),
            "The applications on its chip, 1 to 4. Without it: those of the products that are made from it.",
        ),
        Field::optional(
            "protocol",
            Shape::Form(
                "a secure channel protocol",
                "^(scp02-i(15|35|55|75)|scp03-i[012367]0)$",
            ),
            "Secure channel protocol and its option `i`, like `scp02-i55`, `scp02-i75` or `scp03-i70`.",
        ),
        Field::optional(
            "level",
            Shape::Word(&["00", "01", "03", "11", "13", "33"]),
            "The security level: the least at which the chip takes data, and the one to open it with.",
        ),
        Field::optional(
            "diversification",
            Shape::Word(&["none", "emv-cps", "visa2", "kdf3"]),
            "How the keys of a chip follow from the transport key; `kdf3` is for SCP03, `emv-cps` and `visa2` are for SCP02.",
        ),
        Field::optional(
            "transport-key",
            KEY,
            "The test transport key in hexadecimal: 32 digits for SCP02; 32, 48 or 64 for SCP03. Never write a real one here.",
        ),
        Field::optional(
            "key-version",
            KEY_VERSION,
            "The version of the chip's keys, two hexadecimal digits.",
        ),
        Field::optional(
            "delivered-under",
            Shape::Section(&DELIVERED),
            "What the maker delivered otherwise than was agreed. The station's SAM knows what was agreed.",
        ),
    ],
};

static DELIVERED: Section = Section {
    name: "`delivered-under:`",
    doc: "The keys that are really in the chips of a stock.",
    fields: &[
        Field::optional("transport-key", KEY, "Another transport key."),
        Field::optional("key-version", KEY_VERSION, "Another key version."),
    ],
};

/// Where stocks stand in the file.
pub(crate) type Places = BTreeMap<StockName, Range<usize>>;

/// Reads `stocks:` over those of the tenant.
pub(crate) fn read(
    reader: &mut Reader,
    node: &Node,
    stocks: &mut BTreeMap<StockName, CardStock>,
) -> Places {
    let mut places = Places::new();
    for (key, value) in reader.entries(node, "the stocks") {
        let fields = reader.fields(value, &STOCK);
        let Some(name) = stock_name(reader, key) else {
            continue;
        };
        let Some(base) = base(reader, &fields, &name, stocks) else {
            continue;
        };
        // After a mistake the name is known all the same.
        let stock = change(reader, &fields, key, base.clone()).unwrap_or(base);
        places.insert(name.clone(), key.span.clone());
        stocks.insert(name, stock);
    }
    places
}

fn stock_name(reader: &mut Reader, key: &Key) -> Option<StockName> {
    match key.text.parse() {
        Ok(name) => Some(name),
        Err(error) => {
            let title = format!("`{}` is no stock's name", shorten(&key.text));
            let mistake = reader.mistake(&key.span, title, format!("{error}"));
            reader.report(mistake);
            None
        }
    }
}

/// The stock as it is before anything written counts.
fn base(
    reader: &mut Reader,
    fields: &Fields<'_>,
    name: &StockName,
    stocks: &BTreeMap<StockName, CardStock>,
) -> Option<CardStock> {
    let like = match fields.get("like") {
        Some(node) => known(reader, node, stocks)?,
        None if stocks.contains_key(name) => name.clone(),
        None => StockName::default(),
    };
    stocks.get(&like).cloned()
}

/// The name of a stock that there is.
pub(crate) fn known(
    reader: &mut Reader,
    node: &Node,
    stocks: &BTreeMap<StockName, CardStock>,
) -> Option<StockName> {
    let name: StockName = reader.parsed(node, "a stock's name")?;
    known_as(reader, &node.span, &name.to_string(), stocks)
}

/// The stock of this name, written there.
pub(crate) fn known_as(
    reader: &mut Reader,
    span: &Range<usize>,
    name: &str,
    stocks: &BTreeMap<StockName, CardStock>,
) -> Option<StockName> {
    let found = stocks.keys().find(|stock| stock.to_string() == name);
    if found.is_none() {
        let known: Vec<String> = stocks.keys().map(ToString::to_string).collect();
        reader.unknown_name(span, "stock", name, &known);
    }
    found.cloned()
}

fn change(
    reader: &mut Reader,
    fields: &Fields<'_>,
    key: &Key,
    mut stock: CardStock,
) -> Option<CardStock> {
    if let Some(node) = fields.get("applications") {
        stock.applications = applications(reader, node)?;
    }
    let agreed = TermsChange {
        protocol: parsed(reader, fields, "protocol", "a secure channel protocol"),
        transport_key: transport_key(reader, fields),
        diversification: parsed(reader, fields, "diversification", "a diversification"),
        key_version: parsed(reader, fields, "key-version", "a key version"),
        level: parsed(reader, fields, "level", "a security level"),
    };
    stock.terms = changed(reader, &key.span, &stock.terms, &agreed)?;
    stock.delivered = stock.terms.clone();
    if let Some(node) = fields.get("delivered-under") {
        let fields = reader.fields(node, &DELIVERED);
        let really = TermsChange {
            transport_key: transport_key(reader, &fields),
            key_version: parsed(reader, &fields, "key-version", "a key version"),
            ..TermsChange::default()
        };
        stock.delivered = changed(reader, &node.span, &stock.terms, &really)?;
        if stock.delivered == stock.terms {
            reader.conflict(
                &node.span,
                "this is what was agreed",
                "nothing is different",
                "write another `transport-key:` or another `key-version:`, or remove it",
            );
        }
    }
    Some(stock)
}

fn changed(
    reader: &mut Reader,
    span: &Range<usize>,
    terms: &Terms,
    change: &TermsChange,
) -> Option<Terms> {
    match change.of(terms) {
        Ok(terms) => Some(terms),
        Err(error) => {
            let mistake = reader.mistake(
                span,
                "nobody could open a chip on these terms",
                error.to_string(),
            );
            reader.report(mistake);
            None
        }
    }
}

fn parsed<T: FromStr<Err: Display>>(
    reader: &mut Reader,
    fields: &Fields<'_>,
    name: &str,
    what: &str,
) -> Option<T> {
    let node = fields.get(name)?;
    reader.parsed(node, what)
}

fn transport_key(reader: &mut Reader, fields: &Fields<'_>) -> Option<String> {
    let node = fields.get("transport-key")?;
    let text = reader.text(node, "a transport key")?;
    if [32, 48, 64].contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some(text.to_ascii_uppercase());
    }
    // The text is not repeated: it may be most of a key.
    let mistake = reader.mistake(
        &node.span,
        "this is no transport key",
        "expected 32, 48 or 64 hexadecimal digits",
    );
    reader.report(mistake);
    None
}

fn applications(reader: &mut Reader, node: &Node) -> Option<Applications> {
    let items = reader.items(node, "a list of application identifiers");
    let mut aids: Vec<Aid> = Vec::new();
    for item in items {
        let text = reader.text(item, "an application identifier")?;
        match Aid::parse(text) {
            Ok(aid) if !aids.contains(&aid) => aids.push(aid),
            Ok(_) => {
                let mistake = reader.mistake(
                    &item.span,
                    "this application is listed twice",
                    "once too often",
                );
                reader.report(mistake);
            }
            Err(_) => reader.wrong(
                item,
                "an application identifier",
                "5 to 16 bytes in hexadecimal",
            ),
        }
    }
    if (1..=CardStock::MAX_APPLICATIONS).contains(&items.len()) {
        return Some(Applications::Listed(aids));
    }
    let mistake = reader.mistake(
        &node.span,
        "a chip has 1 to 4 applications",
        format!("{} are listed", items.len()),
    );
    reader.report(mistake);
    None
}

/// Each product is made from a stock whose chip has its application; said where either is written.
pub(crate) fn have_room(
    reader: &mut Reader,
    tenant: &Tenant,
    written: &Places,
    written_products: &BTreeMap<CardProductId, Range<usize>>,
) {
    let products = &tenant.products;
    for (id, product) in products {
        let (Some(stock), Ok(aid)) = (tenant.stocks.get(&product.stock), Aid::parse(&product.aid))
        else {
            continue;
        };
        let place = written_products.get(id).or(written.get(&product.stock));
        let aids = stock.applications(&product.stock, products);
        let Some(place) = place else { continue };
        if aids.len() > CardStock::MAX_APPLICATIONS {
            reader.conflict(
                place,
                format!(
                    "a chip of `{}` would need {} applications",
                    product.stock,
                    aids.len()
                ),
                "a chip has 4 at most",
                "make some of the products from another stock",
            );
        } else if !aids.contains(&aid) {
            reader.conflict(
                place,
                format!("the chips of `{}` have no application {aid}", product.stock),
                format!("{id} needs it"),
                "list it at the stock's `applications:`, or make the product from another stock",
            );
        }
    }
}
