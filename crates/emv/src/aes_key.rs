//! AES keys of the three sizes (FIPS 197, documented).

use std::fmt;

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit,
};
use cmac::{Cmac, Mac};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::kcv::{Kcv, KeyError, key_bytes};

/// One AES block, 16 bytes.
pub type AesBlock = [u8; 16];

/// An AES key of 128, 192 or 256 bits. It prints as its check value: `Key(6FB1C8)`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub enum AesKey {
    /// 16 bytes.
    Aes128([u8; 16]),
    /// 24 bytes.
    Aes192([u8; 24]),
    /// 32 bytes.
    Aes256([u8; 32]),
}

/// Bytes in a block.
pub const AES_BLOCK: usize = 16;

/// Runs `$body` with `$cipher` being the cipher type and `$key` the bytes of each size.
macro_rules! each_size {
    ($self:expr, $cipher:ident, $key:ident => $body:expr) => {
        match $self {
            AesKey::Aes128($key) => {
                type $cipher = Aes128;
                $body
            }
            AesKey::Aes192($key) => {
                type $cipher = Aes192;
                $body
            }
            AesKey::Aes256($key) => {
                type $cipher = Aes256;
                $body
            }
        }
    };
}

impl AesKey {
    /// The key of 16, 24 or 32 bytes.
    ///
    /// # Errors
    /// [`KeyError::Length`].
    pub fn new(bytes: &[u8]) -> Result<Self, KeyError> {
        let length = || KeyError::Length { found: bytes.len() };
        match bytes.len() {
            16 => bytes.try_into().map(Self::Aes128).map_err(|_| length()),
            24 => bytes.try_into().map(Self::Aes192).map_err(|_| length()),
            32 => bytes.try_into().map(Self::Aes256).map_err(|_| length()),
            _ => Err(length()),
        }
    }

    /// Parses 32, 48 or 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`KeyError::NotHex`], [`KeyError::Length`].
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        Self::new(&key_bytes(text)?)
    }

    /// The key in the clear, for wrapping: never log it.
    pub fn expose(&self) -> &[u8] {
        match self {
            Self::Aes128(bytes) => bytes,
            Self::Aes192(bytes) => bytes,
            Self::Aes256(bytes) => bytes,
        }
    }

    /// The check value: the first three bytes of sixteen bytes `01` enciphered.
    pub fn kcv(&self) -> Kcv {
        let [a, b, c, ..] = self.encrypt_block([0x01; 16]);
        Kcv([a, b, c])
    }

    /// Enciphers one block.
    pub fn encrypt_block(&self, block: AesBlock) -> AesBlock {
        let mut block = block.into();
        each_size!(self, Cipher, key => Cipher::new(&(*key).into()).encrypt_block(&mut block));
        block.into()
    }

    /// Deciphers one block.
    pub fn decrypt_block(&self, block: AesBlock) -> AesBlock {
        let mut block = block.into();
        each_size!(self, Cipher, key => Cipher::new(&(*key).into()).decrypt_block(&mut block));
        block.into()
    }

    /// Enciphers whole blocks, chained from `iv`.
    ///
    /// # Errors
    /// [`KeyError::NotWholeBlocks`].
    pub fn encrypt_cbc(&self, iv: AesBlock, data: &[u8]) -> Result<Vec<u8>, KeyError> {
        let blocks = whole_blocks(data)?;
        let mut out = Vec::with_capacity(data.len());
        each_size!(self, Cipher, key => {
            let mut cipher = cbc::Encryptor::<Cipher>::new(&(*key).into(), &iv.into());
            for block in blocks {
                let mut block = (*block).into();
                cipher.encrypt_block(&mut block);
                out.extend_from_slice(&block);
            }
        });
        Ok(out)
    }

    /// Deciphers whole blocks, chained from `iv`.
    ///
    /// # Errors
    /// [`KeyError::NotWholeBlocks`].
    pub fn decrypt_cbc(&self, iv: AesBlock, data: &[u8]) -> Result<Vec<u8>, KeyError> {
        let blocks = whole_blocks(data)?;
        let mut out = Vec::with_capacity(data.len());
        each_size!(self, Cipher, key => {
            let mut cipher = cbc::Decryptor::<Cipher>::new(&(*key).into(), &iv.into());
            for block in blocks {
                let mut block = (*block).into();
                cipher.decrypt_block(&mut block);
                out.extend_from_slice(&block);
            }
        });
        Ok(out)
    }

    /// Derives a key of the same size in the counter mode of SP 800-108: CMACs over what `input`
    /// makes of the counters 1 and 2, one after the other, as much as is needed.
    pub(crate) fn derive_same_size(&self, input: &dyn Fn(u8) -> Vec<u8>) -> Self {
        let block = |counter| Zeroizing::new(self.cmac(&input(counter)));
        match self {
            Self::Aes128(_) => Self::Aes128(*block(1)),
            Self::Aes192(_) => Self::Aes192(joined(&block(1), &block(2))),
            Self::Aes256(_) => Self::Aes256(joined(&block(1), &block(2))),
        }
    }

    /// CMAC over `data`, all 16 bytes of it (RFC 4493, SP 800-38B).
    pub fn cmac(&self, data: &[u8]) -> AesBlock {
        each_size!(self, Cipher, key => {
            let mut mac = <Cmac<Cipher> as KeyInit>::new(&(*key).into());
            mac.update(data);
            mac.finalize().into_bytes().into()
        })
    }
}

fn whole_blocks(data: &[u8]) -> Result<&[AesBlock], KeyError> {
    match data.as_chunks::<AES_BLOCK>() {
        (blocks, []) => Ok(blocks),
        _ => Err(KeyError::NotWholeBlocks { block: AES_BLOCK }),
    }
}

/// The first `N` bytes of two blocks.
fn joined<const N: usize>(first: &AesBlock, second: &AesBlock) -> [u8; N] {
    let both = Zeroizing::new([*first, *second]);
    std::array::from_fn(|index| both.as_flattened().get(index).copied().unwrap_or_default())
}

impl fmt::Debug for AesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.kcv())
    }
}

impl PartialEq for AesKey {
    /// Compares every byte of keys of one size, however early the first difference is.
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.expose(), other.expose());
        a.len() == b.len() && a.iter().zip(b).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
    }
}

impl Eq for AesKey {}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 197, appendix C.
    #[test]
    fn fips_197_appendix_c() {
        let plain = 0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF_u128.to_be_bytes();
        let key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        for (digits, cipher) in [
            (32, "69c4e0d86a7b0430d8cdb78070b4c55a"),
            (48, "dda97ca4864cdfe06eaf70a0ec0d7191"),
            (64, "8ea2b7ca516745bfeafc49904b496089"),
        ] {
            let key = AesKey::from_hex(&key[..digits]).unwrap();
            let block = key.encrypt_block(plain);
            assert_eq!(hex::encode(block), cipher);
            assert_eq!(key.decrypt_block(block), plain);
        }
    }

    /// RFC 4493, section 4, and SP 800-38B appendix D for the longer keys' empty message.
    #[test]
    fn cmac_of_rfc_4493() {
        let key = AesKey::from_hex("2b7e151628aed2a6abf7158809cf4f3c").unwrap();
        let message = hex::decode(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
             30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
        )
        .unwrap();
        for (len, mac) in [
            (0, "bb1d6929e95937287fa37d129b756746"),
            (16, "070a16b46b4d4144f79bdd9dd04a287c"),
            (40, "dfa66747de9ae63030ca32611497c827"),
            (64, "51f0bebf7e3b9d92fc49741779363cfe"),
        ] {
            assert_eq!(hex::encode(key.cmac(&message[..len])), mac);
        }
        let key = AesKey::from_hex("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b").unwrap();
        assert_eq!(
            hex::encode(key.cmac(b"")),
            "d17ddf46adaacde531cac483de7a9367"
        );
        let key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
        let key = AesKey::from_hex(key).unwrap();
        assert_eq!(
            hex::encode(key.cmac(b"")),
            "028962f61b7bf89efc6b551f4667d983"
        );
    }

    /// SP 800-38A, appendices F.2.1 and F.2.5: the first two blocks.
    #[test]
    fn chaining_of_sp_800_38a() {
        let plain = hex::decode("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
        let plain = plain.unwrap();
        let iv = std::array::from_fn(|index| u8::try_from(index).unwrap());
        for (key, cipher) in [
            (
                "2b7e151628aed2a6abf7158809cf4f3c",
                "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2",
            ),
            (
                "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
                "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d",
            ),
        ] {
            let key = AesKey::from_hex(key).unwrap();
            let found = key.encrypt_cbc(iv, &plain).unwrap();
            assert_eq!(hex::encode(&found), cipher);
            assert_eq!(key.decrypt_cbc(iv, &found).unwrap(), plain);
            let odd = Err(KeyError::NotWholeBlocks { block: 16 });
            assert_eq!(key.decrypt_cbc(iv, &found[1..]), odd);
        }
    }

    /// The check value of the published SCP03 master key 40..4F (tests of `GlobalPlatformPro`).
    #[test]
    fn the_check_value_is_over_bytes_of_01() {
        let key = AesKey::from_hex("404142434445464748494A4B4C4D4E4F").unwrap();
        assert_eq!(format!("{key:?}"), "Key(504A77)");
    }

    #[test]
    fn only_three_sizes_are_keys() {
        assert_eq!(AesKey::new(&[0; 17]), Err(KeyError::Length { found: 17 }));
        assert_ne!(
            AesKey::new(&[0; 16]).unwrap(),
            AesKey::new(&[0; 24]).unwrap()
        );
    }
}
