//! Derivation of keys from keys.
//!
//! - issuer master key to card key: options A and B of EMV Book 2 annex A1.4
//! - card key to session key: the common method of EMV Book 2 annex A1.3.1, and the method of
//!   cryptogram versions 10 and 18 for scripts
//!
//! How a chip's personalisation keys follow from a stock's is in [`crate::scp`].
//!
//! All rules here are documented. Derived keys have odd parity, as the published vectors do.

use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use crate::bcd;
use crate::kcv::{Kcv, KeyError};
use crate::pan::{Pan, PanSequence};
use crate::tdes::{Block, TdesKey};

/// How the keys of a card follow from the issuer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MasterKeyOption {
    /// The last 16 digits of PAN and sequence number.
    #[default]
    A,
    /// As option A up to 16 digits of PAN; above that a decimalised SHA-1 of all digits.
    B,
}

/// Derives the key of one card from an issuer master key.
pub fn icc_master_key(
    issuer: &TdesKey,
    pan: &Pan,
    psn: PanSequence,
    option: MasterKeyOption,
) -> TdesKey {
    let diversifier = match option {
        MasterKeyOption::B if pan.digits().len() > 16 => hashed_digits(pan, psn),
        MasterKeyOption::A | MasterKeyOption::B => last_sixteen_digits(pan, psn),
    };
    let left = issuer.encrypt_block(diversifier);
    let right = issuer.encrypt_block(diversifier.map(|byte| !byte));
    TdesKey::from_halves(left, right).with_odd_parity()
}

/// PAN and sequence number, the last 16 digits of them, zeros on the left.
fn last_sixteen_digits(pan: &Pan, psn: PanSequence) -> Block {
    let digits: Vec<u8> = pan.digits().values().chain(psn.two_digits()).collect();
    let surplus = digits.len().saturating_sub(16);
    let lead = 16usize.saturating_sub(digits.len());
    let digits = digits.into_iter().skip(surplus);
    bcd::pack_array(std::iter::repeat_n(0, lead).chain(digits))
}

/// SHA-1 over PAN and sequence number in packed decimal, a zero on the left if the count is odd.
fn hashed_digits(pan: &Pan, psn: PanSequence) -> Block {
    let mut packed = bcd::pack_numeric(pan.digits());
    packed.push(psn.to_bcd());
    decimalise(&Sha1::digest(&packed).into())
}

/// The decimalisation of option B: the first 16 hexadecimal digits of the hash that are decimal,
/// left to right; if there are fewer, the letters follow in their order, with A to F as 0 to 5.
pub fn decimalise(hash: &[u8; 20]) -> Block {
    let decimal = bcd::nibbles(hash).filter(|nibble| *nibble < 10);
    let letters = bcd::nibbles(hash)
        .filter(|nibble| *nibble >= 10)
        .map(|nibble| nibble - 10);
    bcd::pack_array(decimal.chain(letters))
}

/// The three keys of the chip application, or of the issuer for all its cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySet {
    /// For application cryptograms.
    pub ac: TdesKey,
    /// For the integrity of issuer scripts.
    pub smi: TdesKey,
    /// For the confidentiality of issuer scripts.
    pub smc: TdesKey,
}

impl KeySet {
    /// The card's keys, taking these as the issuer's master keys.
    #[must_use]
    pub fn for_card(&self, pan: &Pan, psn: PanSequence, option: MasterKeyOption) -> Self {
        let derive = |issuer| icc_master_key(issuer, pan, psn, option);
        Self {
            ac: derive(&self.ac),
            smi: derive(&self.smi),
            smc: derive(&self.smc),
        }
    }

    /// The keys in the order of data groupings 8000 and 9000.
    pub fn in_order(&self) -> [&TdesKey; 3] {
        [&self.ac, &self.smi, &self.smc]
    }

    /// Reads the 48 bytes of data grouping 8000.
    ///
    /// # Errors
    /// [`KeyError::Length`].
    pub fn from_grouping(bytes: &[u8]) -> Result<Self, KeyError> {
        match bytes.as_chunks::<16>() {
            ([ac, smi, smc], []) => {
                let [ac, smi, smc] = [ac, smi, smc].map(|key| TdesKey::new(*key));
                Ok(Self { ac, smi, smc })
            }
            _ => Err(KeyError::Length { found: bytes.len() }),
        }
    }

    /// The 48 bytes of data grouping 8000, in the clear: never log them.
    pub fn to_grouping(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(
            self.in_order()
                .iter()
                .flat_map(|key| *key.expose())
                .collect(),
        )
    }

    /// The check values, in the order of data grouping 9000.
    pub fn check_values(&self) -> [Kcv; 3] {
        self.in_order().map(TdesKey::kcv)
    }
}

/// The common session key: third byte of `diversifier` replaced by `F0` and by `0F`, both
/// enciphered under the card's key.
pub fn common_session_key(master: &TdesKey, diversifier: Block) -> TdesKey {
    let half = |third: u8| {
        let mut block = diversifier;
        block[2] = third;
        master.encrypt_block(block)
    };
    TdesKey::from_halves(half(0xF0), half(0x0F)).with_odd_parity()
}

/// The session key for application cryptograms: the transaction counter (tag 9F36), then zeros.
pub fn cryptogram_session_key(master: &TdesKey, atc: [u8; 2]) -> TdesKey {
    let [high, low] = atc;
    common_session_key(master, [high, low, 0, 0, 0, 0, 0, 0])
}

/// The session key of a secured issuer script by the common method: diversified by the
/// application cryptogram (tag 9F26).
pub fn script_session_key(master: &TdesKey, cryptogram: Block) -> TdesKey {
    common_session_key(master, cryptogram)
}

/// The session key of a secured issuer script as cryptogram versions 10 and 18 have it: the card's
/// key, its left half combined with the transaction counter (tag 9F36), its right half with the
/// counter's complement (documented by published vectors).
pub fn script_key_of_transaction(master: &TdesKey, atc: [u8; 2]) -> TdesKey {
    let mut bytes = Zeroizing::new(*master.expose());
    for (index, byte) in atc.into_iter().enumerate() {
        bytes[6 + index] ^= byte;
        bytes[14 + index] ^= !byte;
    }
    TdesKey::new(*bytes).with_odd_parity()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> TdesKey {
        TdesKey::from_hex(text).unwrap()
    }

    fn test_key() -> TdesKey {
        key("0123456789ABCDEFFEDCBA9876543210")
    }

    fn icc(pan: &str, psn: &str, option: MasterKeyOption) -> TdesKey {
        let (pan, psn) = (Pan::parse(pan).unwrap(), PanSequence::parse(psn).unwrap());
        icc_master_key(&test_key(), &pan, psn, option)
    }

    /// pyemv, doctests of `kd.py`.
    #[test]
    fn card_keys_of_pyemv() {
        for (pan, psn, option, expected) in [
            (
                "99012345678901234",
                "45",
                MasterKeyOption::A,
                "67F8292358083E5EA7AB7FDA58D53B6B",
            ),
            (
                "12345678901234567",
                "01",
                MasterKeyOption::A,
                "73AD54688CEF2934B0979857E3C719F1",
            ),
            (
                "12345678901234567",
                "01",
                MasterKeyOption::B,
                "AD406D7F6D7570916D75E5DCAB8CF737",
            ),
        ] {
            assert_eq!(icc(pan, psn, option), key(expected));
        }
    }

    /// pyemv, `tests/test_kd_hsm.py` and `tests/test_ac_hsm.py`: check values recomputed there on
    /// a hardware security module. The last one has a hash of fewer than 16 decimal digits.
    #[test]
    fn card_key_check_values_of_pyemv() {
        for (pan, psn, option, expected) in [
            ("9901234567890123", "45", MasterKeyOption::A, "1DA5"),
            ("12345678901234567", "45", MasterKeyOption::A, "FF08"),
            ("1234567890123456", "00", MasterKeyOption::B, "BAB0"),
            ("12345678901234567", "45", MasterKeyOption::B, "0BAF"),
            ("12345678901234567", "00", MasterKeyOption::B, "4626"),
            ("123456789012345679", "00", MasterKeyOption::B, "C2F3"),
            ("000000000000000005", "23", MasterKeyOption::B, "DD73"),
        ] {
            let kcv = icc(pan, psn, option).kcv().to_string();
            assert_eq!(&kcv[..4], expected, "{pan} {psn}");
        }
    }

    /// Examples of EMV Book 2 A1.4.2, as the tests of emv-rs cite them.
    #[test]
    fn decimalisation_of_book_2() {
        for (hash, expected) in [
            (
                "1B3CABCDD6E8FAD4B1CDF2CAD4FDC78FA17B6EBB",
                "1368412478176120",
            ),
            (
                "1230ABCD567842D4B179F2CA345D6789A17B64BB",
                "1230567842417923",
            ),
        ] {
            let hash: [u8; 20] = hex::decode(hash).unwrap().try_into().unwrap();
            assert_eq!(hex::encode(decimalise(&hash)), expected);
        }
    }

    /// pyemv, doctest of `kd.py`.
    #[test]
    fn common_session_key_of_pyemv() {
        let session = key("E9FB384AF807B940FEDCEA613461B0C4");
        assert_eq!(
            common_session_key(&test_key(), [0, 0x1C, 0, 0, 0, 0, 0, 0]),
            session
        );
        assert_eq!(cryptogram_session_key(&test_key(), [0, 0x1C]), session);
    }

    /// pyemv, `tests/test_cvn_hsm.py`: a session key for scripts, diversified by a cryptogram.
    #[test]
    fn script_session_key_of_pyemv() {
        let issuer = KeySet {
            ac: test_key(),
            smi: key("FEDCBA98765432100123456789ABCDEF"),
            smc: key("89ABCDEF0123456776543210FEDCBA98"),
        };
        let pan = Pan::parse("1234567890123456").unwrap();
        let card = issuer.for_card(&pan, PanSequence::default(), MasterKeyOption::B);
        let kcvs = card
            .in_order()
            .map(|key| key.kcv().to_string()[..4].to_owned());
        assert_eq!(kcvs, ["BAB0", "F010", "B154"]);
        let cryptogram = 0x1893_2FEC_A2D8_4326_u64.to_be_bytes();
        let session = |master| script_session_key(master, cryptogram).kcv().to_string();
        assert_eq!(&session(&card.smi)[..4], "08DF");
        assert_eq!(&session(&card.smc)[..4], "748D");
    }

    /// pyemv, doctest of `kd.py`.
    #[test]
    fn script_key_of_a_transaction_of_pyemv() {
        let session = script_key_of_transaction(&test_key(), [0x00, 0x1C]);
        assert_eq!(session, key("0123456789ABCDF2FEDCBA987654CDF2"));
    }

    /// The pair of groupings of a published personalisation script.
    #[test]
    fn key_groupings_of_a_published_script() {
        let bytes = hex::decode(
            "112233440066778811223344550077888B4F854F0831FBF2635A212E4DDDB92A\
             11220044556677881122330055667788",
        )
        .unwrap();
        let keys = KeySet::from_grouping(&bytes).unwrap();
        assert_eq!(
            keys.check_values().map(|kcv| kcv.to_string()),
            ["97DCB0", "CE4E2C", "B37DF3"]
        );
        assert_eq!(*keys.to_grouping(), bytes);
        assert_eq!(
            KeySet::from_grouping(&bytes[1..]),
            Err(KeyError::Length { found: 47 })
        );
    }

    #[test]
    fn a_short_number_is_filled_with_zeros_on_the_left() {
        let (pan, psn) = (
            Pan::parse("1234567890").unwrap(),
            PanSequence::parse("12").unwrap(),
        );
        assert_eq!(
            hex::encode(last_sixteen_digits(&pan, psn)),
            "0000123456789012"
        );
    }

    #[test]
    fn derived_keys_have_odd_parity_and_print_masked() {
        let card = icc("4111111111111111", "00", MasterKeyOption::A);
        assert!(card.has_odd_parity());
        assert!(cryptogram_session_key(&card, [0, 1]).has_odd_parity());
        let set = KeySet {
            ac: card.clone(),
            smi: card.clone(),
            smc: card,
        };
        assert!(!format!("{set:?}").contains(&hex::encode(set.ac.expose())));
    }
}
