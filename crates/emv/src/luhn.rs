//! The check digit of card numbers (ISO/IEC 7812-1 annex B, documented).

use crate::digits::Digits;

/// The digit that makes `payload` followed by it valid.
pub fn check_digit(payload: &Digits) -> u8 {
    // The digit next to the check digit is doubled, then every second one.
    let sum = sum(payload.values().rev(), Doubling::FirstDigit);
    (10 - sum % 10) % 10
}

/// Whether the last digit is the right check digit. An empty string is not valid.
pub fn is_valid(number: &Digits) -> bool {
    !number.is_empty() && sum(number.values().rev(), Doubling::SecondDigit).is_multiple_of(10)
}

/// Which digit, counted from the right, is the first to be doubled.
#[derive(Clone, Copy)]
enum Doubling {
    FirstDigit,
    SecondDigit,
}

fn sum(from_right: impl Iterator<Item = u8>, doubling: Doubling) -> u8 {
    let first = match doubling {
        Doubling::FirstDigit => 0,
        Doubling::SecondDigit => 1,
    };
    from_right.enumerate().fold(0, |sum, (index, digit)| {
        let add = match (index % 2 == first, digit * 2) {
            (false, _) => digit,
            (true, twice @ 0..=9) => twice,
            (true, twice) => twice - 9,
        };
        (sum + add) % 10
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn digits(text: &str) -> Digits {
        Digits::parse(text).unwrap()
    }

    #[test]
    fn well_known_test_numbers_are_valid() {
        for pan in [
            "4111111111111111",
            "4761739001010119",
            "5413330089020011",
            "5555555555554444",
            "2223000048400011",
            "378282246310005",
        ] {
            assert!(is_valid(&digits(pan)), "{pan}");
        }
        assert!(!is_valid(&digits("4000001234562000")));
        assert!(!is_valid(&digits("")));
    }

    #[test]
    fn the_example_of_the_patent() {
        assert_eq!(check_digit(&digits("7992739871")), 3);
    }

    proptest! {
        #[test]
        fn a_computed_check_digit_is_the_only_valid_one(payload in "[0-9]{1,30}") {
            let right = check_digit(&digits(&payload));
            for digit in 0..10 {
                prop_assert_eq!(is_valid(&digits(&format!("{payload}{digit}"))), digit == right);
            }
        }

        #[test]
        fn any_single_wrong_digit_is_noticed(
            payload in "[0-9]{9,18}", place in any::<prop::sample::Index>(), by in 1u8..10,
        ) {
            let good = format!("{payload}{}", check_digit(&digits(&payload)));
            let mut bytes = good.into_bytes();
            let at = place.index(bytes.len());
            bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
            prop_assert!(!is_valid(&digits(std::str::from_utf8(&bytes).unwrap())));
        }
    }
}
