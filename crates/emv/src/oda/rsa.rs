//! RSA as EMV uses it: the bare operation, without any padding of its own (EMV Book 2 annex B2.1).
//!
//! Exponentiation is crypto-bigint's and takes the same time for every exponent. Nothing else here
//! guards against side channels, and intermediate numbers are not wiped: it is made for
//! [test keys](super::test_keys), which everybody has.

use std::fmt;

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, ConcatenatingMul, Odd};
use zeroize::Zeroizing;

/// The shortest modulus in bytes (ours: any shorter has no room for a combined signature).
pub const MIN_MODULUS: usize = 64;
/// The longest modulus in bytes (documented).
pub const MAX_MODULUS: usize = 248;

/// A public exponent (documented: EMV has these two).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Exponent {
    /// 3, in one byte.
    #[default]
    Three,
    /// 65537, in three bytes.
    F4,
}

impl Exponent {
    /// The bytes of tags 9F32 and 9F47.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::Three => &[3],
            Self::F4 => &[1, 0, 1],
        }
    }

    /// What the bytes say.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let known = [Self::Three, Self::F4];
        known.into_iter().find(|it| it.bytes() == bytes)
    }
}

/// Why bytes are not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The modulus is not 64 to 248 bytes.
    #[error("modulus of {found} bytes, not {MIN_MODULUS} to {MAX_MODULUS}")]
    Length {
        /// The length found, in bytes.
        found: usize,
    },
    /// The modulus is even, or its first bit is not set.
    #[error("not a modulus")]
    Modulus,
    /// The parts of a private key do not have the lengths that they have together.
    #[error("parts of a private key of wrong lengths")]
    Parts,
    /// Some parts of a private key are there and others are not.
    #[error("parts of a private key are missing")]
    Incomplete,
}

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    modulus: Vec<u8>,
    exponent: Exponent,
}

impl PublicKey {
    /// The key of this modulus.
    ///
    /// # Errors
    /// [`KeyError::Length`], [`KeyError::Modulus`].
    pub fn new(modulus: &[u8], exponent: Exponent) -> Result<Self, KeyError> {
        check_modulus(modulus)?;
        Ok(Self {
            modulus: modulus.to_vec(),
            exponent,
        })
    }

    /// The modulus, big-endian.
    pub fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// The public exponent.
    pub fn exponent(&self) -> Exponent {
        self.exponent
    }

    /// The block that a signature is of, as long as the modulus; none for anything that is not as
    /// long, or no smaller number.
    pub fn recover(&self, signature: &[u8]) -> Option<Vec<u8>> {
        // Both have the same length, so that bytes compare as numbers do.
        if signature.len() != self.modulus.len() || *signature >= *self.modulus {
            return None;
        }
        let modulus = number(&self.modulus).into_odd().into_option()?;
        let result = power(&number(signature), &number(self.exponent.bytes()), modulus);
        Some(bytes(&result, self.modulus.len()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} bits)", self.modulus.len() * 8)
    }
}

/// A private key in either form in which it is loaded into a chip. `Debug` shows its length only;
/// memory is wiped.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(Form);

#[derive(Clone, PartialEq, Eq)]
enum Form {
    Factors {
        factors: Factors,
        modulus: Zeroizing<Vec<u8>>,
    },
    Exponent {
        modulus: Zeroizing<Vec<u8>>,
        exponent: Zeroizing<Vec<u8>>,
    },
}

/// A private key by its factors: five numbers, big-endian, as long as `p`.
#[derive(Clone, PartialEq, Eq)]
pub struct Factors {
    /// The first factor.
    pub p: Zeroizing<Vec<u8>>,
    /// The second.
    pub q: Zeroizing<Vec<u8>>,
    /// The private exponent modulo `p - 1`.
    pub dp: Zeroizing<Vec<u8>>,
    /// The private exponent modulo `q - 1`.
    pub dq: Zeroizing<Vec<u8>>,
    /// The inverse of `q` modulo `p`.
    pub q_inverse: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Factors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Factors({} bits)", self.p.len() * 16)
    }
}

impl PrivateKey {
    /// The key of these factors. That they are primes, and that the exponents fit, is not checked.
    ///
    /// # Errors
    /// [`KeyError::Parts`] unless all are of one length (the exponents and the inverse may be
    /// shorter), and those of [`PublicKey::new`].
    pub fn from_factors(factors: Factors) -> Result<Self, KeyError> {
        let half = factors.p.len();
        let shorter = [&factors.dp, &factors.dq, &factors.q_inverse];
        if factors.q.len() != half || shorter.iter().any(|part| part.len() > half) {
            return Err(KeyError::Parts);
        }
        let modulus = number(&factors.p).concatenating_mul(&number(&factors.q));
        let modulus = Zeroizing::new(bytes(&modulus, half * 2));
        check_modulus(&modulus)?;
        Ok(Self(Form::Factors { factors, modulus }))
    }

    /// The key of this modulus and private exponent. That they fit is not checked.
    ///
    /// # Errors
    /// [`KeyError::Parts`] for an exponent longer than the modulus, and those of
    /// [`PublicKey::new`].
    pub fn from_exponent(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyError> {
        check_modulus(modulus)?;
        if exponent.is_empty() || exponent.len() > modulus.len() {
            return Err(KeyError::Parts);
        }
        Ok(Self(Form::Exponent {
            modulus: Zeroizing::new(modulus.to_vec()),
            exponent: Zeroizing::new(exponent.to_vec()),
        }))
    }

    /// The modulus, big-endian. It is no secret.
    pub fn modulus(&self) -> &[u8] {
        match &self.0 {
            Form::Factors { modulus, .. } | Form::Exponent { modulus, .. } => modulus,
        }
    }

    /// The public half, if the public exponent is this one.
    pub fn public(&self, exponent: Exponent) -> PublicKey {
        PublicKey {
            modulus: self.modulus().to_vec(),
            exponent,
        }
    }

    /// The parts, if the key has this form.
    pub fn factors(&self) -> Option<&Factors> {
        match &self.0 {
            Form::Factors { factors, .. } => Some(factors),
            Form::Exponent { .. } => None,
        }
    }

    /// The private exponent, if the key has this form.
    pub fn private_exponent(&self) -> Option<&[u8]> {
        match &self.0 {
            Form::Factors { .. } => None,
            Form::Exponent { exponent, .. } => Some(exponent),
        }
    }

    /// The signature of a block as long as the modulus; none for anything else. A key whose parts
    /// do not fit gives one that recovers to something else.
    pub fn sign(&self, block: &[u8]) -> Option<Vec<u8>> {
        if block.len() != self.modulus().len() || *block >= *self.modulus() {
            return None;
        }
        let block = number(block);
        let signature = match &self.0 {
            Form::Factors { factors, .. } => factors.sign(&block)?,
            Form::Exponent { modulus, exponent } => {
                let modulus = number(modulus).into_odd().into_option()?;
                power(&block, &number(exponent), modulus)
            }
        };
        Some(bytes(&signature, self.modulus().len()))
    }
}

impl Factors {
    /// By the Chinese remainder theorem.
    fn sign(&self, block: &BoxedUint) -> Option<BoxedUint> {
        let [p, q] = [&self.p, &self.q].map(|factor| number(factor).into_odd().into_option());
        let (p, q) = (p?, q?);
        let of_q = power(block, &number(&self.dq), q.clone());
        let of_p = power(block, &number(&self.dp), p.clone());
        let within = BoxedMontyParams::new_vartime(p.clone());
        let element = |number: &BoxedUint| BoxedMontyForm::new(number.rem(p.as_nz_ref()), &within);
        let difference = element(&of_p).sub(&element(&of_q));
        let inverse = element(&number(&self.q_inverse));
        let multiple = difference.mul(&inverse).retrieve();
        Some(
            multiple
                .concatenating_mul(q.as_ref())
                .concatenating_add(&of_q),
        )
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({} bits)", self.modulus().len() * 8)
    }
}

fn check_modulus(modulus: &[u8]) -> Result<(), KeyError> {
    let found = modulus.len();
    if !(MIN_MODULUS..=MAX_MODULUS).contains(&found) {
        return Err(KeyError::Length { found });
    }
    match modulus {
        [0x80..=0xFF, .., last] if last % 2 == 1 => Ok(()),
        _ => Err(KeyError::Modulus),
    }
}

fn number(bytes: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_vartime(bytes)
}

/// The last `length` bytes; a number has leading zeros up to a whole word.
fn bytes(number: &BoxedUint, length: usize) -> Vec<u8> {
    let bytes = Zeroizing::new(number.to_be_bytes().into_vec());
    let mut result = vec![0; length.saturating_sub(bytes.len())];
    result.extend_from_slice(&bytes[bytes.len().saturating_sub(length)..]);
    result
}

fn power(base: &BoxedUint, exponent: &BoxedUint, modulus: Odd<BoxedUint>) -> BoxedUint {
    let base = base.rem(modulus.as_nz_ref());
    let modulus = BoxedMontyParams::new_vartime(modulus);
    BoxedMontyForm::new(base, &modulus).pow(exponent).retrieve()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oda::test_keys;
    use proptest::prelude::*;

    /// The inverse of 3 modulo the least common multiple of `p - 1` and `q - 1`, computed by Python.
    const EXPONENT: &str = "22B01AD2682C9C47E244F9CD4C79510C4D18BB1C77E565C7E60C7616113B1FC774DE5C9C72EEECE708DFBE2A4E892DAC\
        A238FE8614ED43A3DFD8C33AB5F872A5D21E83ED30C6B65DE2B8C48926C9CD31CE19AC6F28C0968856BC86EDAD06B805\
        9B280070E1EE54676A6A2172D571491CC95A84E785C0346385838F883253C733";

    fn plain() -> PrivateKey {
        let key = test_keys::card(0);
        PrivateKey::from_exponent(key.modulus(), &hex::decode(EXPONENT).unwrap()).unwrap()
    }

    #[test]
    fn both_forms_of_a_key_sign_alike() {
        let (factors, plain) = (test_keys::card(0), plain());
        let block = [&[0x6A][..], &[0xBB; 126], &[0xBC]].concat();
        let signature = factors.sign(&block).unwrap();
        assert_eq!(plain.sign(&block), Some(signature.clone()));
        let public = factors.public(Exponent::Three);
        assert_eq!(public.recover(&signature), Some(block));
        assert_eq!(public, plain.public(Exponent::Three));
    }

    #[test]
    fn what_is_no_key() {
        let of = |modulus: &[u8]| PublicKey::new(modulus, Exponent::F4).map(drop);
        assert_eq!(of(&[0xFF; 63]), Err(KeyError::Length { found: 63 }));
        assert_eq!(of(&[0xFF; 249]), Err(KeyError::Length { found: 249 }));
        assert_eq!(of(&[0x7F; 64]), Err(KeyError::Modulus));
        assert_eq!(of(&[0x80; 64]), Err(KeyError::Modulus), "even");
        assert_eq!(of(&[0xFF; 64]), Ok(()));
        let mut factors = test_keys::card(0).factors().unwrap().clone();
        factors.dp.push(0);
        assert_eq!(PrivateKey::from_factors(factors), Err(KeyError::Parts));
        assert_eq!(
            PrivateKey::from_exponent(&[0xFF; 64], &[1; 65]),
            Err(KeyError::Parts)
        );
    }

    #[test]
    fn exponents() {
        for exponent in [Exponent::Three, Exponent::F4] {
            assert_eq!(Exponent::parse(exponent.bytes()), Some(exponent));
        }
        assert_eq!(Exponent::parse(&[2]), None);
        assert_eq!(Exponent::parse(&[0, 3]), None);
    }

    #[test]
    fn a_key_does_not_show() {
        let key = test_keys::card(1);
        assert_eq!(format!("{key:?}"), "PrivateKey(1024 bits)");
        assert_eq!(format!("{:?}", key.factors()), "Some(Factors(1024 bits))");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn any_bytes_are_signed_or_refused(
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 32..36), 5),
            block in proptest::collection::vec(any::<u8>(), 60..72),
        ) {
            let mut parts = parts.into_iter().map(Zeroizing::new);
            let mut next = || parts.next().unwrap();
            let factors = Factors { p: next(), q: next(), dp: next(), dq: next(), q_inverse: next() };
            if let Ok(key) = PrivateKey::from_factors(factors) {
                let _ = key.sign(&block);
                let _ = key.public(Exponent::F4).recover(&block);
            }
        }
    }
}
