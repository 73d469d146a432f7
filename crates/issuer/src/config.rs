//! What an issuer is started with, and what is checked before it serves anybody.

use std::collections::BTreeMap;
use std::sync::Arc;

use persotwin_contract::card::PanSequenceNumber;
use persotwin_contract::dates::Expiry;
use persotwin_contract::ids::{CardProductId, ConfigName, ConsumerId, IssuerId, KeyIndex};
use persotwin_contract::jose::jwk::{PrivateJwk, PublicJwk};
use persotwin_contract::rules::NameRule;
use persotwin_contract::secret::Pan;
use persotwin_emv::pin::Pin;
use persotwin_faults::Protections;
use persotwin_link::CustomerName;
use persotwin_link::order_override::{OrderChange, Seal};
use persotwin_link::product::Product;
use persotwin_link::tenant::{AssertionKeys, IssuerTiming, Tenant};

use crate::access::Door;

/// What a mock issuer is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// The issuer as D1 knows it. It must own its assertion key: a mock issuer signs.
    pub tenant: Arc<Tenant>,
    /// D1's public key for `encryptedData`.
    pub d1_jwe_key: PublicJwk,
    /// The bank's customers. Nobody else gets a card.
    pub cards: BTreeMap<CustomerName, CardPlan>,
    /// The key with which it signs its assertions, when that is not the one that D1 knows.
    pub signs_with: Option<PrivateJwk>,
    /// What protects it.
    pub protections: Protections,
}

/// What the bank knows of a customer, and what shall be peculiar about this customer's card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardPlan {
    /// The name as the bank writes it, which may be one that no card can carry.
    pub cardholder: String,
    /// The bank's id of the customer; without it the customer's name serves.
    pub consumer: Option<ConsumerId>,
    /// The card number; without it the issuer chooses one of the product.
    pub pan: Option<Pan>,
    /// The month of expiry; without it the product decides.
    pub expires: Option<Expiry>,
    /// The PAN sequence number; without it none is sent, except with a renewal.
    pub pan_sequence_number: Option<PanSequenceNumber>,
    /// The PIN; without it the issuer draws one, for a product that has PINs.
    pub pin: Option<Pin>,
    /// Whose card a renewal or a replacement takes the place of; without it the customer's own, or one of long ago.
    pub of: Option<CustomerName>,
    /// What the issuer orders otherwise than it should.
    pub order: Vec<OrderChange>,
    /// How its card data are sealed.
    pub seal: Seal,
}

impl Config {
    /// An issuer with these customers.
    pub fn new(
        tenant: Arc<Tenant>,
        d1_jwe_key: PublicJwk,
        cards: BTreeMap<CustomerName, CardPlan>,
    ) -> Self {
        Self {
            tenant,
            d1_jwe_key,
            cards,
            signs_with: None,
            protections: Protections::default(),
        }
    }
}

impl CardPlan {
    /// A customer with nothing peculiar.
    pub fn of(cardholder: impl Into<String>) -> Self {
        Self {
            cardholder: cardholder.into(),
            consumer: None,
            pan: None,
            expires: None,
            pan_sequence_number: None,
            pin: None,
            of: None,
            order: Vec::new(),
            seal: Seal::Proper,
        }
    }
}

/// Why an issuer cannot be started like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Only the public halves of the assertion keys are there.
    #[error("the mock issuer has no assertion key of its own to sign with")]
    NoSigningKey,
    /// There is no master key at all.
    #[error("the tenant has no master keys to name in an order")]
    NoKeyIndex,
    /// A product has another configuration name than an order may carry.
    #[error("`config` of product {0} cannot stand in an order")]
    ProductConfig(CardProductId),
    /// A product's numbers cannot be card numbers.
    #[error("bin and length of product {0} do not make a card number of 10 to 19 digits")]
    ProductNumber(CardProductId),
    /// Client id or secret cannot be sent by HTTP Basic.
    #[error("the outbound OAuth credentials cannot be sent by HTTP Basic")]
    Credentials,
}

/// A config that can be worked with.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) issuer: IssuerId,
    pub(crate) signing_key: PrivateJwk,
    pub(crate) d1_jwe_key: PublicJwk,
    pub(crate) products: BTreeMap<CardProductId, Offered>,
    pub(crate) key_index: KeyIndex,
    pub(crate) name_rule: NameRule,
    pub(crate) timing: IssuerTiming,
    pub(crate) door: Option<Door>,
    pub(crate) cards: BTreeMap<CustomerName, CardPlan>,
    pub(crate) protections: Protections,
}

/// A product with what an order says of it.
#[derive(Debug)]
pub(crate) struct Offered {
    pub(crate) product: Product,
    pub(crate) config: ConfigName,
}

impl Setup {
    pub(crate) fn new(config: Config) -> Result<Self, ConfigError> {
        let Config {
            tenant,
            d1_jwe_key,
            cards,
            signs_with,
            protections,
        } = config;
        let AssertionKeys::Own(signing_key) = &tenant.assertion_keys else {
            return Err(ConfigError::NoSigningKey);
        };
        let products = tenant
            .products
            .iter()
            .map(|(id, product)| Ok((id.clone(), offered(id, product)?)));
        Ok(Self {
            issuer: tenant.issuer.clone(),
            signing_key: signs_with.unwrap_or_else(|| signing_key.clone()),
            d1_jwe_key,
            products: products.collect::<Result<_, _>>()?,
            key_index: tenant
                .master_keys
                .keys()
                .next()
                .cloned()
                .ok_or(ConfigError::NoKeyIndex)?,
            name_rule: tenant.d1_rules.name,
            timing: tenant.issuer_timing.clone(),
            door: tenant
                .outbound_oauth
                .as_ref()
                .map(Door::new)
                .transpose()
                .map_err(|_| ConfigError::Credentials)?,
            cards,
            protections,
        })
    }
}

fn offered(id: &CardProductId, product: &Product) -> Result<Offered, ConfigError> {
    let digits = product.bin.bytes().all(|byte| byte.is_ascii_digit());
    let length = usize::from(product.pan_length);
    if !digits || !(10..=19).contains(&length) || product.bin.len() >= length {
        return Err(ConfigError::ProductNumber(id.clone()));
    }
    let config = product.config.parse();
    Ok(Offered {
        product: product.clone(),
        config: config.map_err(|_| ConfigError::ProductConfig(id.clone()))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use persotwin_link::tenant::{ClientCredentials, test_key};

    fn refused(change: impl FnOnce(&mut Tenant)) -> ConfigError {
        let mut tenant = Tenant::built_in();
        change(&mut tenant);
        let d1 = test_key("d1-jwe-1").public().clone();
        Setup::new(Config::new(Arc::new(tenant), d1, BTreeMap::new())).unwrap_err()
    }

    fn visa(tenant: &mut Tenant) -> &mut Product {
        tenant.products.get_mut(&id()).unwrap()
    }

    fn id() -> CardProductId {
        "VISA-CLASSIC".parse().unwrap()
    }

    #[test]
    fn what_cannot_work_is_found_before_anybody_is_served() {
        let keys = |tenant: &mut Tenant| {
            tenant.assertion_keys = AssertionKeys::Public(tenant.assertion_keys.public());
        };
        assert_eq!(refused(keys), ConfigError::NoSigningKey);
        assert_eq!(
            refused(|tenant| tenant.master_keys.clear()),
            ConfigError::NoKeyIndex
        );
        assert_eq!(
            refused(|tenant| visa(tenant).config = "two words".to_owned()),
            ConfigError::ProductConfig(id())
        );
        for (bin, length) in [
            ("41x111", 16),
            ("411111", 9),
            ("411111", 20),
            ("4111111111", 10),
        ] {
            let change = |tenant: &mut Tenant| {
                visa(tenant).bin = bin.to_owned();
                visa(tenant).pan_length = length;
            };
            assert_eq!(refused(change), ConfigError::ProductNumber(id()), "{bin}");
        }
        let credentials = |tenant: &mut Tenant| {
            tenant.outbound_oauth = Some(ClientCredentials {
                client: "a:b".to_owned(),
                secret: "c".to_owned(),
                scope: None,
            });
        };
        assert_eq!(refused(credentials), ConfigError::Credentials);
    }
}
