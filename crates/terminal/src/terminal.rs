//! The terminal itself and what it is asked to do: plain values.

use std::collections::{BTreeMap, BTreeSet};

use persotwin_emv::aid::Aid;
use persotwin_emv::dol::Dol;
use persotwin_emv::expiry::CardDate;
use persotwin_emv::oda::Authority;
use persotwin_emv::pin::Pin;
use persotwin_emv::profile::NumericCode;
use persotwin_emv::tag::Tag;

use crate::cvm::Method;
use crate::error::ListFault;

/// The most data that a command carries, with a template of two bytes around them.
const MAX_LIST: usize = 252;

/// A terminal: an attended one of a merchant that can go online (documented type 22).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminal {
    /// Tag 9F1A.
    pub country: NumericCode,
    /// Tag 5F2A.
    pub currency: NumericCode,
    /// Tag 9A: what the terminal's calendar says.
    pub date: CardDate,
    /// The applications that it knows, by the beginning of their names. With none it takes any that a card's directory names (ours).
    pub applications: Vec<Aid>,
    /// Whom it trusts to vouch for issuers. Without any it authenticates no card's data.
    pub authorities: Vec<Authority>,
    /// How a cardholder can show at it who he is.
    pub methods: BTreeSet<Method>,
    /// From which amount on the issuer must be asked, in the smallest unit (tag 9F1B).
    pub floor_limit: u64,
    /// Whether it reaches the issuer.
    pub line: Line,
    /// Terminal action codes; a scheme would give them. Without any, the card decides.
    pub action_codes: [[u8; 5]; 3],
}

/// The line to the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Line {
    /// There is one.
    #[default]
    Online,
    /// There is none, ever.
    OfflineOnly,
}

impl Terminal {
    /// A terminal with these and every default: it knows any application, has a PIN pad and paper to sign on, no floor limit, and is
    /// online.
    pub fn new(country: NumericCode, currency: NumericCode, date: CardDate) -> Self {
        Self {
            country,
            currency,
            date,
            applications: Vec::new(),
            authorities: Vec::new(),
            methods: BTreeSet::from([
                Method::PlainPin,
                Method::OnlinePin,
                Method::Signature,
                Method::None,
            ]),
            floor_limit: 0,
            line: Line::Online,
            action_codes: [[0; 5]; 3],
        }
    }

    /// Tag 9F33, as far as the methods tell it.
    fn capabilities(&self) -> [u8; 3] {
        let bit = |method, bit| {
            if self.methods.contains(&method) {
                bit
            } else {
                0
            }
        };
        let methods = bit(Method::PlainPin, 0x80)
            | bit(Method::OnlinePin, 0x40)
            | bit(Method::Signature, 0x20)
            | bit(Method::None, 0x08);
        let authentication = if self.authorities.is_empty() {
            0x00
        } else {
            0x40 | 0x08
        };
        // Stripe and chip can be read; DDA and CDA.
        [0x60, methods, authentication]
    }

    fn kind(&self) -> u8 {
        match self.line {
            Line::Online => 0x22,
            Line::OfflineOnly => 0x23,
        }
    }
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// Tag 9F02, in the smallest unit; 12 digits of it count.
    pub amount: u64,
    /// Tag 9C: `00` for goods and services.
    pub kind: u8,
    /// Tag 9F37. Whoever starts a payment draws it: nothing here draws chance.
    pub unpredictable_number: [u8; 4],
    /// What the cardholder enters when a PIN is asked for.
    pub pin: Option<Pin>,
}

impl Purchase {
    /// Nothing is bought: a card is only read.
    pub const NOTHING: Self = Self {
        amount: 0,
        kind: 0,
        unpredictable_number: [0; 4],
        pin: None,
    };

    /// Goods for an amount.
    pub fn of(amount: u64, unpredictable_number: [u8; 4]) -> Self {
        Self {
            amount,
            unpredictable_number,
            ..Self::NOTHING
        }
    }
}

/// What the terminal can answer to the lists of a card.
#[derive(Debug, Clone)]
pub(crate) struct Objects(BTreeMap<Tag, Vec<u8>>);

impl Objects {
    pub(crate) fn new(terminal: &Terminal, purchase: &Purchase) -> Self {
        let known = [
            (Tag::AMOUNT, packed(purchase.amount).to_vec()),
            (Tag::AMOUNT_OTHER, packed(0).to_vec()),
            (Tag::TERMINAL_COUNTRY, terminal.country.to_bcd().to_vec()),
            (
                Tag::TRANSACTION_CURRENCY,
                terminal.currency.to_bcd().to_vec(),
            ),
            (Tag::TRANSACTION_DATE, terminal.date.to_bcd().to_vec()),
            (Tag::TRANSACTION_TYPE, vec![purchase.kind]),
            (
                Tag::UNPREDICTABLE_NUMBER,
                purchase.unpredictable_number.to_vec(),
            ),
            (Tag::TERMINAL_CAPABILITIES, terminal.capabilities().to_vec()),
            (Tag::TERMINAL_TYPE, vec![terminal.kind()]),
        ];
        Self(BTreeMap::from(known))
    }

    pub(crate) fn put(&mut self, tag: Tag, value: &[u8]) {
        self.0.insert(tag, value.to_vec());
    }

    /// The answer to a list.
    pub(crate) fn answer(&self, list: &[u8]) -> Result<Vec<u8>, ListFault> {
        let list = Dol::parse(list).map_err(ListFault::Unreadable)?;
        if list.data_len() > MAX_LIST {
            return Err(ListFault::TooLong);
        }
        Ok(list.fill(|tag| self.0.get(&tag).map(Vec::as_slice)))
    }
}

/// The last twelve digits in packed decimal.
fn packed(amount: u64) -> [u8; 6] {
    let mut rest = amount;
    let mut bytes = [0; 6];
    for byte in bytes.iter_mut().rev() {
        let pair = u8::try_from(rest % 100).unwrap_or_default();
        *byte = (pair / 10) << 4 | (pair % 10);
        rest /= 100;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use persotwin_emv::profile::{DEFAULT_CDOL1, DEFAULT_PDOL};

    fn terminal() -> Terminal {
        Terminal::new(
            NumericCode::parse("250").unwrap(),
            NumericCode::parse("978").unwrap(),
            CardDate::parse("260617").unwrap(),
        )
    }

    #[test]
    fn lists_are_answered() {
        let objects = Objects::new(&terminal(), &Purchase::of(12_345, [1, 2, 3, 4]));
        assert_eq!(objects.answer(DEFAULT_PDOL).unwrap(), [0x02, 0x50]);
        let first = objects.answer(DEFAULT_CDOL1).unwrap();
        assert_eq!(
            hex::encode(first),
            "0000000123450000000000000250000000000009782606170001020304"
        );
        assert_eq!(objects.answer(&[0x9F, 0x35, 0x01]).unwrap(), [0x22]);
        assert_eq!(
            objects.answer(&[0x9F, 0x33, 0x03]).unwrap(),
            [0x60, 0xE8, 0x00]
        );
    }

    #[test]
    fn a_list_that_asks_for_too_much_is_refused() {
        let objects = Objects::new(&terminal(), &Purchase::NOTHING);
        assert_eq!(objects.answer(&[0x95, 0xFD]), Err(ListFault::TooLong));
        assert!(matches!(
            objects.answer(&[0x95]),
            Err(ListFault::Unreadable(_))
        ));
    }

    #[test]
    fn amounts_have_twelve_digits() {
        assert_eq!(packed(0), [0; 6]);
        assert_eq!(packed(1_999), [0, 0, 0, 0, 0x19, 0x99]);
        assert_eq!(hex::encode(packed(9_123_456_789_012)), "123456789012");
    }
}
