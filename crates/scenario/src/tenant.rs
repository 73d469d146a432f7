//! The tenant: what onboarding would have agreed. In a file of its own, or inside a scenario.

use std::collections::BTreeMap;
use std::sync::Arc;

use persotwin_contract::ids::{KeyIndex, PersoStation};
use persotwin_contract::jose::jwk::PublicJwk;
use persotwin_link::setup::Station;
use persotwin_link::tenant::{AssertionKeys, ClientCredentials, MasterKeys, Tenant};

use crate::diagnostic::Diagnostic;
use crate::grammar::{Field, Section, Shape};
use crate::node::{Node, Value};
use crate::order::json;
use crate::reader::{Fields, Reader, shorten};
use crate::source::Source;
use crate::{products, rules, stations, stocks, timing, yaml};

/// A tenant as it is written, over the built-in one.
#[derive(Debug, Clone)]
pub struct TenantFile {
    /// The tenant.
    pub tenant: Tenant,
    /// The stations that were registered; none when the file names none.
    pub stations: BTreeMap<PersoStation, Station>,
    /// Where the real issuer listens, without a slash at the end.
    pub issuer_url: Option<String>,
}

/// The language's version that this program reads.
const VERSION: &str = "1";

pub(crate) static TENANT: Section = Section {
    name: "a tenant",
    doc: "What onboarding would have agreed. Whatever is not written is as in the built-in tenant.",
    fields: &[
        Field::optional(
            "persotwin-tenant",
            Shape::Word(&["1"]),
            "The version of this language. A tenant in a file of its own needs it.",
        ),
        Field::default(
            "issuer",
            Shape::Form("an issuer id", "^[A-Za-z0-9_-]{10}$"),
            "TWINBANK01",
            "The issuer's id at D1, ten characters.",
        ),
        Field::optional(
            "issuer-keys",
            Shape::Section(&JWKS),
            "The public keys that verify the issuer's assertions. Without them the twin's own issuer signs with its own key.",
        ),
        Field::optional(
            "issuer-url",
            Shape::Form("an address", "^https?://.+$"),
            "Where the real issuer listens for notifications, without the path.",
        ),
        Field::optional(
            "products",
            products::PRODUCTS,
            "Card products, besides the built-in ones.",
        ),
        Field::optional(
            "stocks",
            stocks::STOCKS,
            "Kinds of blanks, besides the built-in ones.",
        ),
        Field::optional(
            "master-keys",
            Shape::Names {
                what: "key index",
                pattern: "^[A-Za-z0-9_-]{1,64}$",
                value: &Shape::Section(&MASTER_KEYS),
            },
            "Test master keys by key index, besides the built-in ones under `\"01\"`.",
        ),
        Field::optional(
            "d1_rules",
            Shape::Section(&rules::D1_RULES),
            "Where D1's public documentation leaves room.",
        ),
        Field::optional(
            "outbound-oauth",
            Shape::Section(&OAUTH),
            "How D1 gets a token for its notifications. Without it D1 shows none.",
        ),
        Field::optional(
            "d1-timing",
            Shape::Section(&timing::D1),
            "D1's patience and persistence.",
        ),
        Field::optional(
            "issuer-timing",
            Shape::Section(&timing::ISSUER),
            "The twin's issuer's patience and persistence.",
        ),
        Field::optional(
            "stations",
            stations::STATIONS,
            "The perso stations that were registered.",
        ),
    ],
};

static JWKS: Section = Section {
    name: "a key set",
    doc: "A JSON Web Key Set.",
    fields: &[Field::required(
        "keys",
        Shape::List(&Shape::Section(&JWK)),
        "The keys.",
    )],
};

static JWK: Section = Section {
    name: "a public key",
    doc: "A public key on P-256 as JSON Web Key.",
    fields: &[
        Field::required("kty", Shape::Word(&["EC"]), "The kind of key."),
        Field::required("crv", Shape::Word(&["P-256"]), "The curve."),
        Field::required(
            "kid",
            Shape::Text,
            "The name by which assertions refer to it.",
        ),
        Field::required("x", COORDINATE, "The first coordinate, base64url."),
        Field::required("y", COORDINATE, "The second coordinate, base64url."),
        Field::optional("use", Shape::Text, "Not looked at."),
        Field::optional("alg", Shape::Text, "Not looked at."),
    ],
};

const COORDINATE: Shape = Shape::Form("32 bytes in base64url", "^[A-Za-z0-9_-]{43}$");
const KEY: Shape = Shape::Form("a two-key 3DES key", "^[0-9A-Fa-f]{32}$");

static MASTER_KEYS: Section = Section {
    name: "a set of master keys",
    doc: "Test master keys: two-key 3DES, 32 hexadecimal digits each. Never write real ones here.",
    fields: &[
        Field::required("imk-ac", KEY, "Application cryptograms."),
        Field::required("imk-smi", KEY, "Secure messaging, integrity."),
        Field::required("imk-smc", KEY, "Secure messaging, confidentiality."),
        Field::required("cvk", KEY, "Card verification values."),
        Field::required("pvk", KEY, "PIN verification values."),
    ],
};

static OAUTH: Section = Section {
    name: "`outbound-oauth:`",
    doc: "What D1 shows at the issuer's token endpoint.",
    fields: &[
        Field::required("client", Shape::Text, "The client id."),
        Field::required("secret", Shape::Text, "Its secret."),
        Field::optional("scope", Shape::Text, "The scope to ask for."),
    ],
};

/// Reads a tenant's file.
///
/// # Errors
/// Every mistake of the file.
pub fn parse_tenant(path: &str, text: &str) -> Result<TenantFile, Vec<Diagnostic>> {
    let source = Arc::new(Source::new(path, text));
    let node = yaml::read(&source).map_err(|mistake| vec![mistake])?;
    let mut reader = Reader::new(&source);
    if node.value == Value::Empty {
        reader.empty_file("persotwin-tenant: 1");
        return Err(reader.into_mistakes());
    }
    if node.begins_with("persotwin") {
        reader.other_file(
            &node,
            "this is a scenario, not a tenant's file",
            "give it to `persotwin run FILE`; a tenant's file begins with `persotwin-tenant: 1`",
        );
        return Err(reader.into_mistakes());
    }
    let tenant = read(&mut reader, &node);
    if !node.has("persotwin-tenant") {
        let mistake = reader
            .mistake(
                &(0..0),
                "a tenant's file needs its version",
                "`persotwin-tenant:` is missing",
            )
            .help("write `persotwin-tenant: 1` as the first line");
        reader.report(mistake);
    }
    let mistakes = reader.into_mistakes();
    if mistakes.is_empty() {
        Ok(tenant)
    } else {
        Err(mistakes)
    }
}

/// Reads a tenant over the built-in one.
pub(crate) fn read(reader: &mut Reader, node: &Node) -> TenantFile {
    let mut tenant = Tenant::built_in();
    let fields = reader.fields(node, &TENANT);
    if let Some(node) = fields.get("persotwin-tenant") {
        reader.version(node, "persotwin-tenant", VERSION);
    }
    if let Some(issuer) = fields
        .get("issuer")
        .and_then(|node| reader.parsed(node, "an issuer id"))
    {
        tenant.issuer = issuer;
    }
    if let Some(keys) = fields
        .get("issuer-keys")
        .and_then(|node| assertion_keys(reader, node))
    {
        tenant.assertion_keys = keys;
    }
    blanks_and_products(reader, &fields, &mut tenant);
    if let Some(node) = fields.get("master-keys") {
        master_keys(reader, node, &mut tenant.master_keys);
    }
    if let Some(node) = fields.get("d1_rules") {
        rules::read(reader, node, &mut tenant.d1_rules);
    }
    tenant.outbound_oauth = fields
        .get("outbound-oauth")
        .and_then(|node| credentials(reader, node));
    if let Some(node) = fields.get("d1-timing") {
        timing::read_d1(reader, node, &mut tenant.d1_timing);
    }
    if let Some(node) = fields.get("issuer-timing") {
        timing::read_issuer(reader, node, &mut tenant.issuer_timing);
    }
    let stations = fields
        .get("stations")
        .map(|node| stations::read(reader, node, &BTreeMap::new(), &tenant.stocks));
    let issuer_url = fields
        .get("issuer-url")
        .and_then(|node| address(reader, node));
    TenantFile {
        tenant,
        stations: stations.unwrap_or_default(),
        issuer_url,
    }
}

/// The kinds of blanks, and what is made from them.
fn blanks_and_products(reader: &mut Reader, fields: &Fields<'_>, tenant: &mut Tenant) {
    let stocks = fields
        .get("stocks")
        .map(|node| stocks::read(reader, node, &mut tenant.stocks))
        .unwrap_or_default();
    let products = fields
        .get("products")
        .map(|node| products::read(reader, node, &mut tenant.products, &tenant.stocks))
        .unwrap_or_default();
    stocks::have_room(reader, tenant, &stocks, &products);
}

fn assertion_keys(reader: &mut Reader, node: &Node) -> Option<AssertionKeys> {
    let fields = reader.fields(node, &JWKS);
    let node = fields.get("keys")?;
    let items = reader.items(node, "a list of keys");
    let keys: Vec<PublicJwk> = items
        .iter()
        .filter_map(|item| public_key(reader, item))
        .collect();
    if items.is_empty() {
        let mistake = reader.mistake(
            &node.span,
            "nobody can verify the issuer's assertions",
            "expected one key at least",
        );
        reader.report(mistake);
    }
    (!keys.is_empty()).then_some(AssertionKeys::Public(keys))
}

fn public_key(reader: &mut Reader, node: &Node) -> Option<PublicJwk> {
    if node.has("d") {
        let mistake = reader
            .mistake(
                &node.span,
                "this is a private key",
                "expected the public half only",
            )
            .help("remove `d`, and never show that key to anybody again");
        reader.report(mistake);
        return None;
    }
    let fields = reader.fields(node, &JWK);
    let complete = ["kty", "crv", "kid", "x", "y"]
        .iter()
        .all(|name| fields.get(name).is_some());
    match serde_json::from_value(json(node)) {
        Ok(key) => Some(key),
        // What is missing was reported key by key.
        Err(_) if !complete => None,
        Err(error) => {
            let mistake = reader.mistake(
                &node.span,
                "this is no public key on P-256",
                error.to_string(),
            );
            reader.report(mistake);
            None
        }
    }
}

fn master_keys(reader: &mut Reader, node: &Node, all: &mut BTreeMap<KeyIndex, MasterKeys>) {
    for (key, value) in reader.entries(node, "the master keys") {
        let fields = reader.fields(value, &MASTER_KEYS);
        let mut one = |name: &str| fields.get(name).and_then(|node| master_key(reader, node));
        let read = (
            one("imk-ac"),
            one("imk-smi"),
            one("imk-smc"),
            one("cvk"),
            one("pvk"),
        );
        let Ok(index) = key.text.parse::<KeyIndex>() else {
            let title = format!("`{}` is no key index", shorten(&key.text));
            let mistake = reader.mistake(
                &key.span,
                title,
                "expected a number from 0 to 99 or a short name",
            );
            reader.report(mistake);
            continue;
        };
        if let (Some(imk_ac), Some(imk_smi), Some(imk_smc), Some(cvk), Some(pvk)) = read {
            all.insert(
                index,
                MasterKeys {
                    imk_ac,
                    imk_smi,
                    imk_smc,
                    cvk,
                    pvk,
                },
            );
        }
    }
}

fn master_key(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node, "a two-key 3DES key")?;
    if text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some(text.to_ascii_uppercase());
    }
    // The text is not repeated: it may be most of a key.
    let mistake = reader.mistake(
        &node.span,
        "this is no two-key 3DES key",
        "expected 32 hexadecimal digits",
    );
    reader.report(mistake);
    None
}

fn credentials(reader: &mut Reader, node: &Node) -> Option<ClientCredentials> {
    let fields = reader.fields(node, &OAUTH);
    let mut one = |name: &str| {
        fields
            .get(name)
            .and_then(|node| reader.text(node, "text"))
            .map(str::to_owned)
    };
    let (client, secret, scope) = (one("client"), one("secret"), one("scope"));
    Some(ClientCredentials {
        client: client?,
        secret: secret?,
        scope,
    })
}

fn address(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node, "an address")?;
    let host = text
        .strip_prefix("http://")
        .or(text.strip_prefix("https://"));
    if host.is_none_or(|host| {
        host.is_empty() || host.starts_with('/') || host.contains(char::is_whitespace)
    }) {
        reader.wrong(
            node,
            "an address",
            "`http://` or `https://`, a host and a port",
        );
        return None;
    }
    Some(text.trim_end_matches('/').to_owned())
}
