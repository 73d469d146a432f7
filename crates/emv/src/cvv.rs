//! Card verification values: CVV1 on the stripe, iCVV in the chip, CVV2 in print.
//!
//! One computation with three service codes (documented): the real one for CVV1, 999 for iCVV,
//! 000 for CVV2. The order of month and year differs between descriptions of CVV2, so it is a
//! parameter.

use zeroize::Zeroizing;

use crate::bcd;
use crate::digits::{Digits, DigitsError, secret_digits};
use crate::expiry::Expiry;
use crate::pan::Pan;
use crate::service_code::ServiceCode;
use crate::tdes::{Block, TdesKey, xor};

secret_digits! {
    /// A card verification value of three digits; it prints as `Cvv(***)`.
    Cvv, 3..=3
}

/// The order in which an expiry enters the computation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// Year, month: as on the stripe.
    #[default]
    Yymm,
    /// Month, year: as in print.
    Mmyy,
}

impl DateOrder {
    /// The four digits of a month in this order.
    pub fn digits(self, expiry: Expiry) -> String {
        match self {
            Self::Yymm => expiry.yymm(),
            Self::Mmyy => expiry.mmyy(),
        }
    }
}

/// The value on the stripe.
pub fn cvv1(key: &TdesKey, pan: &Pan, expiry: Expiry, code: ServiceCode, order: DateOrder) -> Cvv {
    compute(key, pan.as_str(), &order.digits(expiry), &code.to_string())
}

/// The value in the chip's track 2 equivalent data: service code 999.
pub fn icvv(key: &TdesKey, pan: &Pan, expiry: Expiry, order: DateOrder) -> Cvv {
    cvv1(key, pan, expiry, ServiceCode::ICVV, order)
}

/// The value in print: service code 000.
pub fn cvv2(key: &TdesKey, pan: &Pan, expiry: Expiry, order: DateOrder) -> Cvv {
    cvv1(key, pan, expiry, ServiceCode::CVV2, order)
}

/// The computation on plain digits: any card number of 1 to 19 digits, any four digits of a date,
/// any three digits of a service code, also those that no card carries.
///
/// # Errors
/// A [`DigitsError`] of the first part that is no digit string of its length.
pub fn verification_value(
    key: &TdesKey,
    pan: &str,
    date: &str,
    service_code: &str,
) -> Result<Cvv, DigitsError> {
    Digits::parse_len(pan, 1, Pan::MAX_LEN)?;
    Digits::parse_len(date, 4, 4)?;
    Digits::parse_len(service_code, 3, 3)?;
    Ok(compute(key, pan, date, service_code))
}

/// The parts are decimal digits, at most 26 of them.
fn compute(key: &TdesKey, pan: &str, date: &str, service_code: &str) -> Cvv {
    let digits = Zeroizing::new([pan, date, service_code].concat());
    let packed: Block16 = bcd::pack_array(digits.bytes().map(|byte| byte.wrapping_sub(b'0')));
    let (blocks, _) = packed.as_chunks::<8>();
    let first = key.des_encrypt_left(blocks[0]);
    let cipher = key.encrypt_block(xor(first, blocks[1]));
    Cvv(decimal_digits(cipher, 3))
}

type Block16 = [u8; 16];

/// The first `count` digits of an enciphered block: its decimal digits in order, then its letters
/// in order with A to F as 0 to 5.
pub(crate) fn decimal_digits(cipher: Block, count: usize) -> Digits {
    let decimal = bcd::nibbles(&cipher).filter(|nibble| *nibble < 10);
    let letters = bcd::nibbles(&cipher)
        .filter(|nibble| *nibble >= 10)
        .map(|nibble| nibble - 10);
    Digits::from_values(decimal.chain(letters).take(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cvv(key: &str, pan: &str, date: &str, code: &str) -> String {
        let key = TdesKey::from_hex(key).unwrap();
        verification_value(&key, pan, date, code)
            .unwrap()
            .as_str()
            .to_owned()
    }

    const KEY: &str = "0123456789ABCDEFFEDCBA9876543210";

    /// psec, `tests/test_cvv.py` and the doctest of `cvv.py`.
    #[test]
    fn values_of_psec() {
        let key = "99999999999999998888888888888888";
        assert_eq!(cvv(key, "2222222222222222", "3333", "111"), "361");
        assert_eq!(cvv(KEY, "1234567890123456", "9912", "220"), "170");
    }

    /// A value found in several textbooks; 636 and 651 extend it to the other service codes and
    /// were computed independently with psec.
    #[test]
    fn the_textbook_value() {
        assert_eq!(cvv(KEY, "4123456789012345", "8701", "101"), "561");
        assert_eq!(cvv(KEY, "4123456789012345", "8701", "000"), "636");
        assert_eq!(cvv(KEY, "4123456789012345", "8701", "999"), "651");
    }

    #[test]
    fn the_named_values_are_the_three_service_codes() {
        let key = TdesKey::from_hex(KEY).unwrap();
        let pan = Pan::parse("4123456789012345").unwrap();
        let expiry = Expiry::parse("8701").unwrap();
        let code = ServiceCode::parse("101").unwrap();
        assert_eq!(
            cvv1(&key, &pan, expiry, code, DateOrder::Yymm).as_str(),
            "561"
        );
        assert_eq!(icvv(&key, &pan, expiry, DateOrder::Yymm).as_str(), "651");
        assert_eq!(cvv2(&key, &pan, expiry, DateOrder::Yymm).as_str(), "636");
        assert_eq!(
            cvv2(&key, &pan, expiry, DateOrder::Mmyy).as_str(),
            cvv(KEY, "4123456789012345", "0187", "000"),
        );
    }

    #[test]
    fn long_numbers_have_room_and_wrong_parts_are_errors() {
        let key = TdesKey::from_hex(KEY).unwrap();
        assert!(verification_value(&key, &"1".repeat(19), "2906", "201").is_ok());
        assert!(verification_value(&key, &"1".repeat(20), "2906", "201").is_err());
        assert!(verification_value(&key, "4111111111111111", "296", "201").is_err());
        assert!(verification_value(&key, "4111111111111111", "2906", "2X1").is_err());
    }

    #[test]
    fn letters_fill_up_when_digits_are_few() {
        let cipher = 0xABCD_EFAB_CDE7_ABCD_u64.to_be_bytes();
        assert_eq!(decimal_digits(cipher, 3).as_str(), "701");
    }

    #[test]
    fn a_value_does_not_print() {
        assert_eq!(format!("{:?}", Cvv::parse("123").unwrap()), "Cvv(***)");
    }
}
