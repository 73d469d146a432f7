//! Key check values: what may be shown of a key.

use std::fmt;

/// The first three bytes of a known block enciphered under a key, shown as six hexadecimal
/// digits.
///
/// For 3DES the block is eight bytes of zeros, for AES sixteen bytes of `01` (documented).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kcv(pub [u8; 3]);

impl Kcv {
    /// The three bytes, as they stand in a data grouping.
    pub fn bytes(self) -> [u8; 3] {
        self.0
    }
}

impl fmt::Display for Kcv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c] = self.0;
        write!(f, "{a:02X}{b:02X}{c:02X}")
    }
}

impl fmt::Debug for Kcv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kcv({self})")
    }
}

/// Why bytes or text are not a key, or data cannot be enciphered under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key has a length that the cipher does not know.
    #[error("a key of {found} bytes")]
    Length {
        /// The length found, in bytes.
        found: usize,
    },
    /// The text of the key is not hexadecimal.
    #[error("a key that is not hexadecimal")]
    NotHex,
    /// The data is not a whole number of cipher blocks.
    #[error("data that is not a multiple of {block} bytes")]
    NotWholeBlocks {
        /// The block size of the cipher, in bytes.
        block: usize,
    },
}

/// Decodes the hexadecimal text of a key into a buffer that is wiped on drop.
pub(crate) fn key_bytes(text: &str) -> Result<zeroize::Zeroizing<Vec<u8>>, KeyError> {
    hex::decode(text)
        .map(zeroize::Zeroizing::new)
        .map_err(|_| KeyError::NotHex)
}
