//! Card data that must never be seen in a log: each type masks itself in `Debug` and `Display`,
//! is wiped when dropped, and can be read only by calling `reveal`.
//!
//! None of them implements `Serialize`: the one way out is
//! [`CardData::to_plaintext`](crate::card::CardData::to_plaintext), which is meant for a JWE.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use zeroize::Zeroizing;

/// Text that is not valid card data of its kind. The text is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {rule}")]
pub struct InvalidSecret {
    what: &'static str,
    rule: &'static str,
}

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $check:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// The secret text itself.
            pub fn reveal(&self) -> &str {
                &self.0
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.reveal().cmp(other.reveal())
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.reveal().hash(state);
            }
        }

        impl FromStr for $name {
            type Err = InvalidSecret;

            fn from_str(text: &str) -> Result<Self, InvalidSecret> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(Zeroizing::new(text.to_owned())))
                } else {
                    Err(InvalidSecret { what: $what, rule: $rule })
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    )+};
}

macro_rules! shown_as_stars {
    ($($name:ident)+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad("***")
            }
        }
    )+};
}

fn digits(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

secrets! {
    /// A card number, 10 to 19 digits (documented on sister operations). Its check digit is a
    /// separate question: [`Pan::check_digit_is_right`]. Shown as `411111******1111`.
    Pan, "pan", "10 to 19 digits", |text| digits(text, 10, 19);
    /// CVV1, the verification value of the stripe: 3 digits.
    Cvv1, "cvv1", "3 digits", |text| digits(text, 3, 3);
    /// CVV2, printed on the card: 3 or 4 digits. Must not outlive personalisation (documented).
    Cvv2, "cvv2", "3 or 4 digits", |text| digits(text, 3, 4);
    /// PIN verification value: 4 digits.
    Pvv, "pvv", "4 digits", |text| digits(text, 4, 4);
    /// An ISO 9564 format 0 PIN block, 16 hexadecimal digits, first digit 0 (ours: the contract's
    /// member for a PIN is not public).
    PinBlock, "pinBlock", "16 hexadecimal digits of format 0", |text| {
        text.len() == 16 && text.starts_with('0') && text.bytes().all(|b| b.is_ascii_hexdigit())
    };
    /// Track 1, at most 79 characters of the 6-bit set, used as it comes.
    Track1, "track1", "1 to 79 characters of ISO/IEC 7811 track 1", |text| {
        (1..=79).contains(&text.len()) && text.bytes().all(|b| (0x20..=0x5f).contains(&b))
    };
    /// Track 2, at most 40 characters of the 4-bit set, used as it comes.
    Track2, "track2", "1 to 40 characters of ISO/IEC 7811 track 2", |text| {
        (1..=40).contains(&text.len()) && text.bytes().all(|b| (b'0'..=b'?').contains(&b))
    };
    /// Track 3, at most 107 characters of the 4-bit set, used as it comes.
    Track3, "track3", "1 to 107 characters of ISO/IEC 7811 track 3", |text| {
        (1..=107).contains(&text.len()) && text.bytes().all(|b| (b'0'..=b'?').contains(&b))
    };
    /// Payment account reference: 29 capital letters and digits (`EMVCo`'s form; inferred).
    PaymentAccountReference, "paymentAccountReference", "29 capital letters or digits", |text| {
        text.len() == 29 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
}

shown_as_stars! { Cvv1 Cvv2 Pvv PinBlock Track1 Track2 Track3 PaymentAccountReference }

impl Pan {
    /// Whether the last digit is the check digit of ISO/IEC 7812-1 (Luhn).
    pub fn check_digit_is_right(&self) -> bool {
        luhn_sum(self.0.bytes().rev()).is_multiple_of(10)
    }

    /// The first six digits, the issuer identification number.
    pub fn iin(&self) -> &str {
        &self.0[..6]
    }

    /// The last four digits.
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }

    /// Completes digits by their check digit; fails unless that gives 10 to 19 digits.
    pub fn complete(without_check_digit: &str) -> Result<Self, InvalidSecret> {
        let padded = Zeroizing::new(format!("{without_check_digit}0"));
        let pan: Self = padded.parse()?;
        let missing = (10 - luhn_sum(pan.0.bytes().rev()) % 10) % 10;
        Zeroizing::new(format!("{without_check_digit}{missing}")).parse()
    }
}

/// The Luhn sum of ASCII digits, the check digit coming first.
fn luhn_sum(from_right: impl Iterator<Item = u8>) -> u32 {
    from_right
        .map(|byte| u32::from(byte - b'0'))
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit) {
            (0, digit) => digit,
            (_, digit @ 0..=4) => 2 * digit,
            (_, digit) => 2 * digit - 9,
        })
        .sum()
}

impl fmt::Display for Pan {
    /// First six and last four digits, stars between; a number of ten digits shows no middle, so
    /// there only the last four are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = if self.0.len() > 12 { 6 } else { 0 };
        let stars = "*".repeat(self.0.len() - shown - 4);
        f.pad(&format!("{}{stars}{}", &self.0[..shown], self.last_four()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_test_numbers_have_right_check_digits() {
        // Public test numbers of the card schemes; the last two have 13 and 19 digits.
        for text in [
            "4111111111111111",
            "4761739001010119",
            "5413330089020011",
            "5555555555554444",
            "2223000048400011",
            "4222222222222",
            "6304000000000000000",
        ] {
            assert!(
                text.parse::<Pan>().unwrap().check_digit_is_right(),
                "{text}"
            );
        }
        assert!(
            !"4111111111111112"
                .parse::<Pan>()
                .unwrap()
                .check_digit_is_right()
        );
    }

    #[test]
    fn a_pan_shows_six_and_four() {
        let pan: Pan = "4111111111111111".parse().unwrap();
        assert_eq!(pan.to_string(), "411111******1111");
        assert_eq!(format!("{pan:?}"), "Pan(411111******1111)");
        assert_eq!(
            "4222222222222".parse::<Pan>().unwrap().to_string(),
            "422222***2222"
        );
        assert_eq!(
            "4000000006".parse::<Pan>().unwrap().to_string(),
            "******0006"
        );
    }

    #[test]
    fn lengths_and_digits_are_checked() {
        assert!("400000000".parse::<Pan>().is_err());
        assert!("4".repeat(20).parse::<Pan>().is_err());
        assert!("4111 1111 1111 1111".parse::<Pan>().is_err());
        assert!("12".parse::<Cvv1>().is_err());
        assert!("1234".parse::<Cvv1>().is_err());
        assert!("1234".parse::<Cvv2>().is_ok());
        assert!("041234FFFFFFFFFF".parse::<PinBlock>().is_ok());
        assert!("341234FFFFFFFFFF".parse::<PinBlock>().is_err());
        assert!("%B4111".parse::<Track1>().is_ok());
        assert!("%b4111".parse::<Track1>().is_err());
        assert!(";4111=2912?".parse::<Track2>().is_ok());
        assert!(";4111A".parse::<Track2>().is_err());
    }

    #[test]
    fn values_show_as_stars() {
        let cvv: Cvv2 = "123".parse().unwrap();
        let track: Track2 = ";4111=2912?".parse().unwrap();
        assert_eq!(
            format!("{cvv} {cvv:?} {track:?}"),
            "*** Cvv2(***) Track2(***)"
        );
    }

    proptest! {
        #[test]
        fn a_completed_number_has_its_check_digit(text in "[0-9]{9,18}") {
            prop_assert!(Pan::complete(&text).unwrap().check_digit_is_right());
        }

        #[test]
        fn no_single_wrong_digit_passes(text in "[0-9]{9,18}", at in 0usize..19, by in 1u8..10) {
            let pan = Pan::complete(&text).unwrap();
            let mut bytes = pan.reveal().as_bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
            let wrong: Pan = String::from_utf8(bytes).unwrap().parse().unwrap();
            prop_assert!(!wrong.check_digit_is_right());
        }
    }
}
