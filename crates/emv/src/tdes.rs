//! Two-key triple DES (ISO/IEC 18033-3; the cipher of the card data here, documented).

use std::fmt;

use cbc::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit,
};
use des::{Des, TdesEde2};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::kcv::{Kcv, KeyError, key_bytes};

/// One block, 8 bytes.
pub type Block = [u8; 8];

/// Bytes in a block.
pub const BLOCK: usize = 8;

/// A double-length 3DES key. It prints as its check value: `Key(08D7B4)`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct TdesKey([u8; 16]);

impl TdesKey {
    /// The key of these bytes, whatever their parity bits.
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Parses 32 hexadecimal digits.
    ///
    /// # Errors
    /// [`KeyError::NotHex`], [`KeyError::Length`].
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let bytes = key_bytes(text)?;
        let array = <[u8; 16]>::try_from(bytes.as_slice());
        array
            .map(Self)
            .map_err(|_| KeyError::Length { found: bytes.len() })
    }

    /// The key made of two blocks, left half first.
    pub(crate) fn from_halves(left: Block, right: Block) -> Self {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&left);
        bytes[8..].copy_from_slice(&right);
        Self(bytes)
    }

    /// The key in the clear, for data groupings and key wrapping: never log it.
    pub fn expose(&self) -> &[u8; 16] {
        &self.0
    }

    /// The check value: the first three bytes of eight zero bytes enciphered.
    pub fn kcv(&self) -> Kcv {
        let [a, b, c, ..] = self.encrypt_block([0; 8]);
        Kcv([a, b, c])
    }

    /// The same key with the lowest bit of each byte set so that each byte has an odd number of
    /// ones, as published derivation vectors have it. The cipher ignores that bit.
    #[must_use]
    pub fn with_odd_parity(&self) -> Self {
        Self(self.0.map(|byte| {
            let upper = byte & 0xFE;
            upper | u8::from(upper.count_ones() % 2 == 0)
        }))
    }

    /// Whether each byte has an odd number of ones.
    pub fn has_odd_parity(&self) -> bool {
        self.0.iter().all(|byte| byte.count_ones() % 2 == 1)
    }

    /// Enciphers one block.
    pub fn encrypt_block(&self, block: Block) -> Block {
        let mut block = block.into();
        TdesEde2::new(&self.0.into()).encrypt_block(&mut block);
        block.into()
    }

    /// Deciphers one block.
    pub fn decrypt_block(&self, block: Block) -> Block {
        let mut block = block.into();
        TdesEde2::new(&self.0.into()).decrypt_block(&mut block);
        block.into()
    }

    /// Enciphers whole blocks, each by itself.
    ///
    /// # Errors
    /// [`KeyError::NotWholeBlocks`].
    pub fn encrypt_ecb(&self, data: &[u8]) -> Result<Vec<u8>, KeyError> {
        let blocks = whole_blocks(data)?;
        Ok(blocks
            .iter()
            .flat_map(|block| self.encrypt_block(*block))
            .collect())
    }

    /// Deciphers whole blocks, each by itself.
    ///
    /// # Errors
    /// [`KeyError::NotWholeBlocks`].
    pub fn decrypt_ecb(&self, data: &[u8]) -> Result<Vec<u8>, KeyError> {
        let blocks = whole_blocks(data)?;
        Ok(blocks
            .iter()
            .flat_map(|block| self.decrypt_block(*block))
            .collect())
    }

    /// Enciphers whole blocks, chained from `iv`.
    ///
    /// # Errors
    /// [`KeyError::NotWholeBlocks`].
    pub fn encrypt_cbc(&self, iv: Block, data: &[u8]) -> Result<Vec<u8>, KeyError> {
        let blocks = whole_blocks(data)?;
        let mut cipher = cbc::Encryptor::<TdesEde2>::new(&self.0.into(), &iv.into());
        let mut out = Vec::with_capacity(data.len());
        for block in blocks {
            let mut block = (*block).into();
            cipher.encrypt_block(&mut block);
            out.extend_from_slice(&block);
        }
        Ok(out)
    }

    /// Deciphers whole blocks, chained from `iv`.
    ///
    /// # Errors
    /// [`KeyError::NotWholeBlocks`].
    pub fn decrypt_cbc(&self, iv: Block, data: &[u8]) -> Result<Vec<u8>, KeyError> {
        let blocks = whole_blocks(data)?;
        let mut cipher = cbc::Decryptor::<TdesEde2>::new(&self.0.into(), &iv.into());
        let mut out = Vec::with_capacity(data.len());
        for block in blocks {
            let mut block = (*block).into();
            cipher.decrypt_block(&mut block);
            out.extend_from_slice(&block);
        }
        Ok(out)
    }

    /// Enciphers one block with single DES under the left half alone.
    pub fn des_encrypt_left(&self, block: Block) -> Block {
        let mut block = block.into();
        self.left().encrypt_block(&mut block);
        block.into()
    }

    /// Chains blocks with single DES under the left half; the last output.
    pub(crate) fn des_chain_left(&self, start: Block, blocks: &[Block]) -> Block {
        let cipher = self.left();
        blocks.iter().fold(start, |chain, block| {
            let mut block = xor(chain, *block).into();
            cipher.encrypt_block(&mut block);
            block.into()
        })
    }

    fn left(&self) -> Des {
        let (halves, _) = self.0.as_chunks::<8>();
        Des::new(&halves[0].into())
    }
}

fn whole_blocks(data: &[u8]) -> Result<&[Block], KeyError> {
    let (blocks, rest) = data.as_chunks::<BLOCK>();
    if rest.is_empty() {
        Ok(blocks)
    } else {
        Err(KeyError::NotWholeBlocks { block: BLOCK })
    }
}

/// `a` and `b` combined bit by bit with exclusive or.
pub(crate) fn xor(a: Block, b: Block) -> Block {
    std::array::from_fn(|index| a[index] ^ b[index])
}

impl fmt::Debug for TdesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.kcv())
    }
}

impl PartialEq for TdesKey {
    /// Compares every byte, however early the first difference is.
    fn eq(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(&other.0)
            .fold(0, |diff, (a, b)| diff | (a ^ b))
            == 0
    }
}

impl Eq for TdesKey {}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> TdesKey {
        TdesKey::from_hex(text).unwrap()
    }

    /// FIPS 81, table B1: with equal halves triple DES is DES.
    #[test]
    fn fips_81_electronic_codebook() {
        let key = key("0123456789ABCDEF0123456789ABCDEF");
        let plain = b"Now is the time for all ";
        let cipher = hex::decode("3FA40E8A984D48156A271787AB8883F9893D51EC4B563B53").unwrap();
        assert_eq!(key.encrypt_ecb(plain).unwrap(), cipher);
        assert_eq!(key.decrypt_ecb(&cipher).unwrap(), plain);
        assert_eq!(key.des_encrypt_left(*b"Now is t").as_slice(), &cipher[..8]);
    }

    /// FIPS 81, table C1.
    #[test]
    fn fips_81_chaining() {
        let key = key("0123456789ABCDEF0123456789ABCDEF");
        let iv = 0x1234_5678_90AB_CDEF_u64.to_be_bytes();
        let cipher = key.encrypt_cbc(iv, b"Now is the time for all ").unwrap();
        assert_eq!(
            key.decrypt_cbc(iv, &cipher).unwrap(),
            b"Now is the time for all "
        );
        assert_eq!(
            hex::encode_upper(cipher),
            "E5C7CDDE872BF27C43E934008C389C0F683788499A7C05F6"
        );
    }

    /// Check values of a published personalisation script (data groupings 8000 and 9000).
    #[test]
    fn check_values_of_a_published_script() {
        for (text, kcv) in [
            ("11223344006677881122334455007788", "97DCB0"),
            ("8B4F854F0831FBF2635A212E4DDDB92A", "CE4E2C"),
            ("11220044556677881122330055667788", "B37DF3"),
        ] {
            assert_eq!(key(text).kcv().to_string(), kcv);
        }
    }

    #[test]
    fn a_key_prints_as_its_check_value() {
        let key = key("0123456789ABCDEFFEDCBA9876543210");
        assert_eq!(format!("{key:?}"), "Key(08D7B4)");
    }

    #[test]
    fn parity_is_set_without_changing_the_cipher() {
        let even = TdesKey::new([0x00; 16]);
        let odd = even.with_odd_parity();
        assert_eq!(odd.expose(), &[0x01; 16]);
        assert!(odd.has_odd_parity() && !even.has_odd_parity());
        assert_eq!(even.kcv(), odd.kcv());
        assert_ne!(even, odd);
    }

    #[test]
    fn wrong_lengths_are_errors() {
        assert_eq!(
            TdesKey::from_hex("0123").unwrap_err(),
            KeyError::Length { found: 2 }
        );
        assert_eq!(TdesKey::from_hex("xy").unwrap_err(), KeyError::NotHex);
        let key = key("0123456789ABCDEFFEDCBA9876543210");
        assert_eq!(
            key.encrypt_ecb(&[0; 9]),
            Err(KeyError::NotWholeBlocks { block: 8 })
        );
    }
}
