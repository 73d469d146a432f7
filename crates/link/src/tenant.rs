//! What onboarding would have agreed: the issuer, its products, its keys and D1's rules for it.
//!
//! One tenant is built in ([`Tenant::built_in`]); a scenario's `tenant:` or `up --tenant FILE` brings another.
//! All keys are test keys. They are printed in this file on purpose: nothing real may ever be encrypted with them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use persotwin_contract::ids::{CardProductId, IssuerId, KeyIndex};
use persotwin_contract::jose::jwk::{PrivateJwk, PublicJwk};
use persotwin_contract::rules::D1Rules;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::card_stock::CardStock;
use crate::product::Product;
use crate::stock::StockName;
use crate::time::Span;

/// An issuer as D1 knows it.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// 10 characters.
    pub issuer: IssuerId,
    /// Who signs the issuer's assertions.
    pub assertion_keys: AssertionKeys,
    /// Card products by `cardProductId`.
    pub products: BTreeMap<CardProductId, Product>,
    /// The kinds of blanks that its cards are made from.
    pub stocks: BTreeMap<StockName, CardStock>,
    /// Master keys by key index.
    pub master_keys: BTreeMap<KeyIndex, MasterKeys>,
    /// The switches where the documentation leaves room.
    pub d1_rules: D1Rules,
    /// Whether D1 shows a token of the issuer's token endpoint with its notifications, and how it asks for one.
    pub outbound_oauth: Option<ClientCredentials>,
    /// D1's patience and persistence.
    pub d1_timing: D1Timing,
    /// The issuer backend's patience and persistence; without meaning when the issuer is a real one.
    pub issuer_timing: IssuerTiming,
}

/// The issuer's assertion keys: ours to sign with, or only the public halves of a real issuer's.
#[derive(Debug, Clone)]
pub enum AssertionKeys {
    /// The twin's own issuer signs.
    Own(PrivateJwk),
    /// The real issuer signs; the twin can only verify. One at least.
    Public(Vec<PublicJwk>),
}

impl AssertionKeys {
    /// What D1 verifies with.
    pub fn public(&self) -> Vec<PublicJwk> {
        match self {
            Self::Own(key) => vec![key.public().clone()],
            Self::Public(keys) => keys.clone(),
        }
    }
}

/// What D1 shows at the issuer's token endpoint (documented: client credentials, Basic authentication).
#[derive(Clone)]
pub struct ClientCredentials {
    /// The client id.
    pub client: String,
    /// Its secret.
    pub secret: String,
    /// The scope to ask for.
    pub scope: Option<String>,
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCredentials({})", self.client)
    }
}

/// Test master keys under one key index, hexadecimal two-key 3DES.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKeys {
    /// Application cryptograms.
    pub imk_ac: String,
    /// Secure messaging, integrity.
    pub imk_smi: String,
    /// Secure messaging, confidentiality.
    pub imk_smc: String,
    /// Card verification values.
    pub cvk: String,
    /// PIN verification values.
    pub pvk: String,
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKeys(..)")
    }
}

/// D1's patience and persistence. All ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct D1Timing {
    /// How long the preparation of production data takes.
    pub preparation: Span,
    /// How long D1 waits for the answer to a job or a notification.
    pub patience: Span,
    /// The first pause before a repeated call; it doubles, with jitter, up to `backoff_max`.
    pub backoff: Span,
    /// The longest pause.
    pub backoff_max: Span,
    /// How long D1 tries to reach a station before it fails the order.
    pub dispatch_limit: Span,
    /// How long production may take, from dispatch to the agent's outcome.
    pub production_limit: Span,
    /// How long D1 tries to fetch a PIN from the issuer before preparation fails.
    pub pin_limit: Span,
    /// How often D1 tries one notification before it becomes a dead letter.
    pub notification_attempts: u32,
}

impl Default for D1Timing {
    fn default() -> Self {
        Self {
            preparation: Span::from_millis(300),
            patience: Span::from_secs(10),
            backoff: Span::from_secs(1),
            backoff_max: Span::from_secs(60),
            dispatch_limit: Span::from_secs(120),
            production_limit: Span::from_secs(600),
            pin_limit: Span::from_secs(30),
            notification_attempts: 20,
        }
    }
}

/// The issuer backend's patience and persistence. All ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerTiming {
    /// How long it waits for one answer of D1.
    pub patience: Span,
    /// The first pause before it orders again; it doubles, with jitter, up to `backoff_max`.
    pub backoff: Span,
    /// The longest pause.
    pub backoff_max: Span,
    /// How often it orders before it tells the customer sorry.
    pub attempts: u32,
    /// After how long a silence it asks `productionStatus`.
    pub poll_after: Span,
}

impl Default for IssuerTiming {
    fn default() -> Self {
        Self {
            patience: Span::from_secs(10),
            backoff: Span::from_secs(1),
            backoff_max: Span::from_secs(30),
            attempts: 8,
            poll_after: Span::from_secs(90),
        }
    }
}

/// The issuer of the built-in tenant.
pub const BUILT_IN_ISSUER: &str = "TWINBANK01";

impl Tenant {
    /// TWINBANK01 with `VISA-CLASSIC` and `MASTERCARD-DEBIT`, key index `01`.
    pub fn built_in() -> Self {
        let products = [
            ("VISA-CLASSIC", Product::visa_classic()),
            ("MASTERCARD-DEBIT", Product::mastercard_debit()),
        ];
        Self {
            issuer: fixed(BUILT_IN_ISSUER),
            assertion_keys: AssertionKeys::Own(test_key("twinbank01-assertion-1")),
            products: products
                .into_iter()
                .map(|(id, product)| (fixed(id), product))
                .collect(),
            stocks: CardStock::built_in(),
            master_keys: BTreeMap::from([(fixed("01"), MasterKeys::built_in())]),
            d1_rules: D1Rules::default(),
            outbound_oauth: None,
            d1_timing: D1Timing::default(),
            issuer_timing: IssuerTiming::default(),
        }
    }
}

impl MasterKeys {
    fn built_in() -> Self {
        Self {
            imk_ac: "0123456789ABCDEFFEDCBA9876543210".into(),
            imk_smi: "1123456789ABCDEFFEDCBA9876543210".into(),
            imk_smc: "2123456789ABCDEFFEDCBA9876543210".into(),
            cvk: "0123456789ABCDEFFEDCBA9876543210".into(),
            pvk: "0123456789ABCDEFFEDCBA9876543210".into(),
        }
    }
}

/// A P-256 test key that anybody can make again from its `kid`: a stranger's client may hard-code it.
///
/// # Panics
/// If the text is no key id.
pub fn test_key(kid: &str) -> PrivateJwk {
    /// Making one again costs more than a world has time for that lives for some milliseconds.
    static MADE: Mutex<BTreeMap<String, PrivateJwk>> = Mutex::new(BTreeMap::new());
    const KEPT: usize = 64;
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(key) = made.get(kid) {
        return key.clone();
    }
    let key = make_test_key(kid);
    if made.len() < KEPT {
        made.insert(kid.to_owned(), key.clone());
    }
    key
}

fn make_test_key(kid: &str) -> PrivateJwk {
    let seed = kid.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    PrivateJwk::generate(fixed(kid), &mut ChaCha8Rng::seed_from_u64(seed))
}

/// Parses a text of this file that is known to be valid.
#[expect(
    clippy::expect_used,
    reason = "constants of this file, checked by a test"
)]
fn fixed<T: std::str::FromStr<Err: fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a constant of the built-in tenant")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_tenant_is_whole() {
        let tenant = Tenant::built_in();
        assert_eq!(tenant.issuer.to_string(), BUILT_IN_ISSUER);
        assert_eq!(tenant.products.len(), 2);
        assert_eq!(tenant.assertion_keys.public().len(), 1);
    }
}
