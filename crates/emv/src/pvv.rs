//! The PIN verification value of the stripe (documented; D1 calls it not standard on its cards).

use crate::bcd;
use crate::cvv::decimal_digits;
use crate::digits::secret_digits;
use crate::pan::Pan;
use crate::pin::Pin;
use crate::tdes::TdesKey;

secret_digits! {
    /// A PIN verification value of four digits; it prints as `Pvv(***)`.
    Pvv, 4..=4
}

/// The index of the PIN verification key, one digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PvvKeyIndex(u8);

/// Why there is no PIN verification value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PvvError {
    /// The card number has fewer than 12 digits, of which 11 enter the computation.
    #[error("a card number of fewer than 12 digits has no PIN verification value")]
    PanTooShort,
}

impl PvvKeyIndex {
    /// From a number of 0 to 9.
    pub fn new(index: u8) -> Option<Self> {
        (index < 10).then_some(Self(index))
    }
}

/// The value for the PIN's first four digits: eleven digits of the card number left of its check
/// digit, key index, PIN; enciphered; decimal digits first, then letters.
///
/// # Errors
/// [`PvvError::PanTooShort`].
pub fn pvv(key: &TdesKey, pan: &Pan, index: PvvKeyIndex, pin: &Pin) -> Result<Pvv, PvvError> {
    let account = pan.right_without_check_digit(11);
    if account.len() < 11 {
        return Err(PvvError::PanTooShort);
    }
    let account = account.bytes().map(|byte| byte.wrapping_sub(b'0'));
    let block = bcd::pack_array(
        account
            .chain([index.0])
            .chain(pin.digits().values().take(4)),
    );
    Ok(Pvv(decimal_digits(key.encrypt_block(block), 4)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// psec, `tests/test_pin.py`.
    #[test]
    fn values_of_psec() {
        let key = TdesKey::from_hex("0123456789ABCDEFFEDCBA9876543210").unwrap();
        for (index, pin, pan, expected) in [
            (1, "4524", "1122334455667788", "8523"),
            (2, "1912", "1122334455667788", "3244"),
            (1, "0570", "1122334455667718", "3144"),
            (1, "8299", "1122334455667708", "4422"),
        ] {
            let (pan, pin) = (Pan::parse(pan).unwrap(), Pin::parse(pin).unwrap());
            let value = pvv(&key, &pan, PvvKeyIndex::new(index).unwrap(), &pin).unwrap();
            assert_eq!(value.as_str(), expected);
        }
    }

    #[test]
    fn a_short_number_has_no_value() {
        let key = TdesKey::new([1; 16]);
        let (pan, pin) = (
            Pan::parse("12345678901").unwrap(),
            Pin::parse("1234").unwrap(),
        );
        let index = PvvKeyIndex::new(1).unwrap();
        assert_eq!(pvv(&key, &pan, index, &pin), Err(PvvError::PanTooShort));
        assert_eq!(PvvKeyIndex::new(10), None);
    }
}
