//! What is known of a kind of blank: the applications on its chip, and on what terms the chip takes data.
//!
//! Onboarding would have agreed all this with the maker of the blanks (ours: nothing of it is public). The transport keys here are
//! test keys.
//!
//! | built in | chip |
//! |---|---|
//! | `generic-dual` | SCP02, option 55, level 03, keys diversified as EMV CPS does: what most payment cards of the field speak |
//! | `generic-dual-i75` | the same with option 75 at level 13: answers carry a MAC too |
//! | `secure-dual-128`, `-192`, `-256` | SCP03, option 70, level 33, keys of so many bits diversified by KDF3 |

use std::collections::BTreeMap;
use std::fmt;

use persotwin_contract::ids::CardProductId;
use persotwin_emv::aid::Aid;
use persotwin_emv::scp::{
    Diversification, KeyVersion, Protocol, Scp02Option, Scp03Option, SecurityLevel, Terms,
    TermsError, TermsText,
};

use crate::product::Product;
use crate::stock::StockName;

/// A kind of blank. `Debug` shows the check values of transport keys only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardStock {
    /// Which applications its chip is delivered with.
    pub applications: Applications,
    /// On what terms a station's SAM opens its chips.
    pub terms: Terms,
    /// On what terms its chips can really be opened: the same, unless its maker delivered something else than was agreed.
    pub delivered: Terms,
}

/// Which applications a chip is delivered with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Applications {
    /// Those of the products that are made from this stock; of a stock that no product is made from, those of all.
    #[default]
    OfProducts,
    /// These, in the order in which a partial name finds them.
    Listed(Vec<Aid>),
}

impl CardStock {
    /// The most applications that a chip has (ours).
    pub const MAX_APPLICATIONS: usize = 4;

    /// A stock for whatever products are made from it, delivered as agreed.
    pub fn new(terms: Terms) -> Self {
        Self {
            applications: Applications::OfProducts,
            delivered: terms.clone(),
            terms,
        }
    }

    /// The stocks of the built-in tenant.
    pub fn built_in() -> BTreeMap<StockName, Self> {
        let scp02 = |option| (Protocol::Scp02(option), Diversification::EmvCps);
        let scp03 = (Protocol::Scp03(Scp03Option::I70), Diversification::Kdf3);
        let rows = [
            (
                StockName::BUILT_IN,
                scp02(Scp02Option::I55),
                SecurityLevel::CommandMacAndCipher,
                "404142434445464748494A4B4C4D4E4F",
            ),
            (
                "generic-dual-i75",
                scp02(Scp02Option::I75),
                SecurityLevel::MacsAndCommandCipher,
                "505152535455565758595A5B5C5D5E5F",
            ),
            (
                "secure-dual-128",
                scp03,
                SecurityLevel::Full,
                "606162636465666768696A6B6C6D6E6F",
            ),
            (
                "secure-dual-192",
                scp03,
                SecurityLevel::Full,
                "707172737475767778797A7B7C7D7E7F8081828384858687",
            ),
            (
                "secure-dual-256",
                scp03,
                SecurityLevel::Full,
                "909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAF",
            ),
        ];
        let stock = |(name, (protocol, diversification), level, key): (&str, _, _, &str)| {
            let text = TermsText {
                protocol,
                transport_key: key.to_owned(),
                diversification,
                key_version: KeyVersion::default(),
                level,
            };
            (
                fixed(name.parse()),
                Self::new(fixed(Terms::try_from(&text))),
            )
        };
        rows.into_iter().map(stock).collect()
    }

    /// The names of the applications on its chip, when these products are made from this and other stocks; the stock itself is
    /// called `name`.
    pub fn applications(
        &self,
        name: &StockName,
        products: &BTreeMap<CardProductId, Product>,
    ) -> Vec<Aid> {
        if let Applications::Listed(aids) = &self.applications {
            return aids.clone();
        }
        let aids = |made_from_it: bool| {
            let wanted = products
                .values()
                .filter(|product| !made_from_it || product.stock == *name);
            let mut aids: Vec<Aid> = wanted.filter_map(|it| Aid::parse(&it.aid).ok()).collect();
            aids.sort();
            aids.dedup();
            aids
        };
        let mut found = aids(true);
        if found.is_empty() {
            found = aids(false);
            found.truncate(Self::MAX_APPLICATIONS);
        }
        found
    }
}

/// A stock's terms as somebody writes them over those of another stock: what is not written stays, but for a diversification that the
/// other cipher does not have.
#[derive(Clone, Default)]
pub struct TermsChange {
    /// Protocol and option.
    pub protocol: Option<Protocol>,
    /// Hexadecimal.
    pub transport_key: Option<String>,
    /// How a chip's keys follow from it.
    pub diversification: Option<Diversification>,
    /// Their version.
    pub key_version: Option<KeyVersion>,
    /// The security level.
    pub level: Option<SecurityLevel>,
}

impl TermsChange {
    /// The changed terms.
    ///
    /// # Errors
    /// Where they do not go together.
    pub fn of(&self, terms: &Terms) -> Result<Terms, TermsError> {
        let mut text = TermsText::from(terms);
        if let Some(protocol) = self.protocol {
            if protocol.number() != text.protocol.number() {
                text.diversification = match protocol {
                    Protocol::Scp02(_) => Diversification::EmvCps,
                    Protocol::Scp03(_) => Diversification::Kdf3,
                };
            }
            text.protocol = protocol;
        }
        if let Some(key) = &self.transport_key {
            text.transport_key.clone_from(key);
        }
        text.diversification = self.diversification.unwrap_or(text.diversification);
        text.key_version = self.key_version.unwrap_or(text.key_version);
        text.level = self.level.unwrap_or(text.level);
        Terms::try_from(&text)
    }
}

impl fmt::Debug for TermsChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TermsChange(..)")
    }
}

#[expect(
    clippy::expect_used,
    reason = "constants of this file, checked by a test"
)]
fn fixed<T, E: fmt::Debug>(read: Result<T, E>) -> T {
    read.expect("a constant of the built-in stocks")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::Tenant;

    fn names(aids: &[Aid]) -> Vec<String> {
        aids.iter().map(Aid::to_string).collect()
    }

    #[test]
    fn the_built_in_stocks_speak_every_kind_of_channel() {
        let told: Vec<String> = CardStock::built_in()
            .iter()
            .map(|(name, stock)| {
                assert_eq!(stock.terms, stock.delivered);
                format!("{name} {} {}", stock.terms.protocol(), stock.terms.level())
            })
            .collect();
        assert_eq!(
            told,
            [
                "generic-dual scp02-i55 03",
                "generic-dual-i75 scp02-i75 13",
                "secure-dual-128 scp03-i70 33",
                "secure-dual-192 scp03-i70 33",
                "secure-dual-256 scp03-i70 33",
            ]
        );
    }

    #[test]
    fn a_chip_has_the_applications_of_its_products() {
        let tenant = Tenant::built_in();
        let mut products = tenant.products.clone();
        let (generic, secure) = ("generic-dual", "secure-dual-128");
        let of = |name: &str, products: &BTreeMap<CardProductId, Product>| {
            let name: StockName = name.parse().unwrap();
            names(&tenant.stocks[&name].applications(&name, products))
        };
        let both = ["A0000000031010", "A0000000041010"];
        assert_eq!(of(generic, &products), both);
        assert_eq!(of(secure, &products), both, "nobody's stock takes all");
        products.first_entry().unwrap().get_mut().stock = secure.parse().unwrap();
        assert_eq!(of(generic, &products).len(), 1);
        assert_eq!(of(secure, &products).len(), 1);
        let listed = CardStock {
            applications: Applications::Listed(vec![Aid::parse("A0000000999999").unwrap()]),
            ..tenant.stocks[&StockName::default()].clone()
        };
        let found = listed.applications(&StockName::default(), &products);
        assert_eq!(names(&found), ["A0000000999999"]);
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name() {
        let stocks = CardStock::built_in();
        let terms = &stocks[&StockName::default()].terms;
        let change = TermsChange {
            protocol: Some("scp03-i70".parse().unwrap()),
            level: Some("33".parse().unwrap()),
            ..TermsChange::default()
        };
        let changed = change.of(terms).unwrap();
        let text = TermsText::from(&changed);
        assert_eq!(text.diversification, Diversification::Kdf3);
        assert_eq!(text.transport_key, TermsText::from(terms).transport_key);
        let impossible = TermsChange {
            level: Some("33".parse().unwrap()),
            ..TermsChange::default()
        };
        let error = impossible.of(terms).unwrap_err().to_string();
        assert_eq!(error, "scp02-i55 has no security level 33");
    }

    #[test]
    fn transport_keys_do_not_print() {
        let shown = format!("{:?}", CardStock::built_in());
        assert!(!shown.contains("4041") && !shown.contains("6061"));
    }
}
