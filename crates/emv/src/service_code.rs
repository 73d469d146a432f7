//! The service code of tracks 1 and 2: where and how a card may be used (ISO/IEC 7813).
//!
//! The meanings of the digits are inferred from public descriptions of the standard.

use std::fmt;

use crate::digits::{Digits, DigitsError};

/// Three digits: interchange, authorisation, services.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceCode([u8; 3]);

/// What the first digit says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interchange {
    /// 1: international, no chip.
    International,
    /// 2: international, with a chip.
    InternationalChip,
    /// 5: national, no chip.
    National,
    /// 6: national, with a chip.
    NationalChip,
    /// 7: private.
    Private,
    /// 9: test card.
    Test,
    /// Any other digit.
    Other,
}

/// What the second digit says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authorisation {
    /// 0: by the normal rules.
    Normal,
    /// 2: by the issuer.
    Issuer,
    /// 4: by the issuer unless agreed otherwise.
    IssuerUnlessAgreed,
    /// Any other digit.
    Other,
}

/// What the third digit says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Services {
    /// 0: no restriction, PIN required.
    AnyWithPin,
    /// 1: no restriction.
    Any,
    /// 2: goods and services only.
    Goods,
    /// 3: cash dispensers only, PIN required.
    CashWithPin,
    /// 5: goods and services only, PIN required.
    GoodsWithPin,
    /// 6: no restriction, PIN where there is a PIN pad.
    AnyPinIfPossible,
    /// 7: goods and services only, PIN where there is a PIN pad.
    GoodsPinIfPossible,
    /// Any other digit.
    Other,
}

impl ServiceCode {
    /// The input to the card verification value that the chip carries in tag 57 (iCVV).
    pub const ICVV: Self = Self([9, 9, 9]);
    /// The input to the card verification value that is printed (CVV2).
    pub const CVV2: Self = Self([0, 0, 0]);

    /// Parses three digits.
    ///
    /// # Errors
    /// A [`DigitsError`]: wrong character or length.
    pub fn parse(text: &str) -> Result<Self, DigitsError> {
        let digits = Digits::parse_len(text, 3, 3)?;
        let mut values = [0; 3];
        for (slot, digit) in values.iter_mut().zip(digits.values()) {
            *slot = digit;
        }
        Ok(Self(values))
    }

    /// What the first digit says.
    pub fn interchange(self) -> Interchange {
        match self.0[0] {
            1 => Interchange::International,
            2 => Interchange::InternationalChip,
            5 => Interchange::National,
            6 => Interchange::NationalChip,
            7 => Interchange::Private,
            9 => Interchange::Test,
            _ => Interchange::Other,
        }
    }

    /// What the second digit says.
    pub fn authorisation(self) -> Authorisation {
        match self.0[1] {
            0 => Authorisation::Normal,
            2 => Authorisation::Issuer,
            4 => Authorisation::IssuerUnlessAgreed,
            _ => Authorisation::Other,
        }
    }

    /// What the third digit says.
    pub fn services(self) -> Services {
        match self.0[2] {
            0 => Services::AnyWithPin,
            1 => Services::Any,
            2 => Services::Goods,
            3 => Services::CashWithPin,
            5 => Services::GoodsWithPin,
            6 => Services::AnyPinIfPossible,
            7 => Services::GoodsPinIfPossible,
            _ => Services::Other,
        }
    }

    /// Whether the first digit says that the card has a chip: what a terminal looks at before it
    /// lets a stripe be used.
    pub fn says_chip(self) -> bool {
        matches!(
            self.interchange(),
            Interchange::InternationalChip | Interchange::NationalChip
        )
    }
}

impl fmt::Display for ServiceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c] = self.0;
        write!(f, "{a}{b}{c}")
    }
}

impl fmt::Debug for ServiceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceCode({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_have_meanings() {
        let code = ServiceCode::parse("201").unwrap();
        assert_eq!(code.interchange(), Interchange::InternationalChip);
        assert_eq!(code.authorisation(), Authorisation::Normal);
        assert_eq!(code.services(), Services::Any);
        assert!(code.says_chip());
        let code = ServiceCode::parse("526").unwrap();
        assert!(!code.says_chip());
        assert_eq!(code.authorisation(), Authorisation::Issuer);
        assert_eq!(code.services(), Services::AnyPinIfPossible);
    }

    #[test]
    fn three_digits_and_nothing_else() {
        assert!(ServiceCode::parse("21").is_err());
        assert!(ServiceCode::parse("2O1").is_err());
        assert_eq!(ServiceCode::parse("001").unwrap().to_string(), "001");
    }
}
