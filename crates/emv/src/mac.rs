//! Message authentication codes over 8-byte blocks (ISO/IEC 9797-1, documented).

use zeroize::Zeroizing;

use crate::tdes::{BLOCK, Block, TdesKey, xor};

/// How data is filled up to whole blocks (ISO/IEC 9797-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    /// Method 1: zeros, none if the data already ends with a block; empty data becomes one block.
    Zeros,
    /// Method 2: always a byte `80`, then zeros (ISO/IEC 7816-4 padding).
    Marker,
}

impl Padding {
    /// The data filled up to a multiple of 8 bytes.
    pub fn pad(self, data: &[u8]) -> Vec<u8> {
        let mut padded = data.to_vec();
        if self == Self::Marker {
            padded.push(0x80);
        }
        let len = padded.len().next_multiple_of(BLOCK).max(BLOCK);
        padded.resize(len, 0);
        padded
    }
}

/// The retail MAC: ISO/IEC 9797-1 algorithm 3 with DES, all 8 bytes.
///
/// Single DES chaining under the left half, then the last block deciphered under the right half
/// and enciphered under the left one.
pub fn retail_mac(key: &TdesKey, padding: Padding, data: &[u8]) -> Block {
    retail_mac_from(key, [0; BLOCK], padding, data)
}

/// The retail MAC that goes on from a chaining value, as secure channels compute it.
pub fn retail_mac_from(key: &TdesKey, chaining: Block, padding: Padding, data: &[u8]) -> Block {
    let padded = Zeroizing::new(padding.pad(data));
    let (blocks, _) = padded.as_chunks::<BLOCK>();
    let Some((last, first)) = blocks.split_last() else {
        return chaining;
    };
    let chained = key.des_chain_left(chaining, first);
    // Two-key 3DES of the last step is DES(left), inverse DES(right), DES(left): exactly the
    // output transformation of algorithm 3.
    key.encrypt_block(xor(chained, *last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> TdesKey {
        TdesKey::from_hex(text).unwrap()
    }

    fn mac(key_text: &str, padding: Padding, data: &str) -> String {
        hex::encode_upper(retail_mac(
            &key(key_text),
            padding,
            &hex::decode(data).unwrap(),
        ))
    }

    /// pyemv, doctests of `mac.py`.
    #[test]
    fn padding_of_pyemv() {
        assert_eq!(
            Padding::Zeros.pad(&[0x12, 0x34]),
            [0x12, 0x34, 0, 0, 0, 0, 0, 0]
        );
        assert_eq!(
            Padding::Marker.pad(&[0x12, 0x34]),
            [0x12, 0x34, 0x80, 0, 0, 0, 0, 0]
        );
    }

    #[test]
    fn padding_at_a_block_boundary() {
        assert_eq!(Padding::Zeros.pad(&[1; 8]).len(), 8);
        assert_eq!(Padding::Marker.pad(&[1; 8]).len(), 16);
        assert_eq!(Padding::Zeros.pad(&[]).len(), 8);
        assert_eq!(Padding::Marker.pad(&[]).len(), 8);
    }

    /// pyemv, doctest of `ac.py`.
    #[test]
    fn retail_mac_of_pyemv() {
        let data = "0123456789ABCDEF0123456789ABCDEF";
        let key = "29B33180E567CE38EA4CBC9D753B0E61";
        assert_eq!(mac(key, Padding::Marker, data), "FA624250B008B59A");
    }

    /// A block of data under equal halves is one DES operation (FIPS 81, table B1).
    #[test]
    fn one_block_under_equal_halves_is_des() {
        let data = hex::encode(b"Now is t");
        let key = "0123456789ABCDEF0123456789ABCDEF";
        assert_eq!(mac(key, Padding::Zeros, &data), "3FA40E8A984D4815");
    }
}
