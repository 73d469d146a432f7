//! What data preparation needs to make a card that proves itself, and the key in the chip.

use zeroize::Zeroizing;

use super::Method;
use super::certificate::{Certificate, Note, certify_card};
use super::fault::{Fault, Whose};
use super::rsa::{Exponent, Factors, KeyError, PrivateKey};
use crate::dgi::{Dgi, DgiError, DgiId};
use crate::expiry::Expiry;
use crate::pan::Pan;
use crate::tag::Tag;
use crate::tlv::TlvWriter;

/// An issuer that certifies cards. `Debug` masks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerCredentials {
    /// Tag 8F: who vouches for the issuer.
    pub authority: u8,
    /// Its certificate.
    pub certificate: Certificate,
    /// Its key.
    pub key: PrivateKey,
}

/// Everything with which one card proves itself. `Debug` masks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardCredentials {
    /// How.
    pub method: Method,
    /// Who vouches for it.
    pub issuer: IssuerCredentials,
    /// Its own key.
    pub key: PrivateKey,
    /// The public exponent of it.
    pub exponent: Exponent,
    /// The serial number of its certificate.
    pub serial: [u8; 3],
}

/// What the terminal is to send with INTERNAL AUTHENTICATE: its unpredictable number (ours; the list
/// must have it).
pub const DYNAMIC_LIST: &[u8] = b"\x9F\x37\x04";

impl CardCredentials {
    /// Makes the card's certificate: valid as long as the card.
    ///
    /// # Errors
    /// [`Fault::Certificate`] for a key longer than the issuer's.
    pub fn certify(&self, pan: &Pan, expires: Expiry, data: &[u8]) -> Result<Certificate, Fault> {
        let serial = self.serial;
        let key = self.key.public(self.exponent);
        certify_card(&self.issuer.key, pan, Note { expires, serial }, &key, data)
    }

    /// The record with what the issuer needs: tags 8F, 90, 92, 9F32.
    pub fn issuer_record(&self) -> TlvWriter {
        let record = TlvWriter::new().put(Tag::AUTHORITY_INDEX, &[self.issuer.authority]);
        write(record, Whose::Issuer, &self.issuer.certificate)
    }

    /// The record with what the card needs: tags 9F46, 9F48, 9F47, 9F49, and 9F4A for the interchange
    /// profile.
    pub fn card_record(&self, certificate: &Certificate) -> TlvWriter {
        let profile: Vec<u8> = Tag::INTERCHANGE_PROFILE.bytes().collect();
        write(TlvWriter::new(), Whose::Card, certificate)
            .put(Tag::DYNAMIC_LIST, DYNAMIC_LIST)
            .put(Tag::STATIC_TAGS, &profile)
    }
}

fn write(record: TlvWriter, whose: Whose, certificate: &Certificate) -> TlvWriter {
    let (signed, remainder, exponent) = whose.tags();
    let rest = &certificate.remainder;
    record
        .put(signed, &certificate.signed)
        .put_some(remainder, (!rest.is_empty()).then_some(rest))
        .put(exponent, certificate.exponent.bytes())
}

/// The data groupings of a private key: `8201` to `8205` for factors, `8101` and `8103` else.
///
/// # Errors
/// A [`DgiError`]; no key is long enough for one.
pub fn key_groupings(key: &PrivateKey) -> Result<Vec<Dgi>, DgiError> {
    let parts: Vec<(DgiId, &[u8])> = match (key.factors(), key.private_exponent()) {
        (Some(factors), _) => {
            let values = [
                &factors.q_inverse,
                &factors.dq,
                &factors.dp,
                &factors.q,
                &factors.p,
            ];
            let values = values.map(|value| value.as_slice());
            DgiId::CARD_FACTORS.into_iter().zip(values).collect()
        }
        (None, exponent) => {
            let values = [exponent.unwrap_or_default(), key.modulus()];
            DgiId::CARD_EXPONENT.into_iter().zip(values).collect()
        }
    };
    parts
        .into_iter()
        .map(|(id, value)| Dgi::new(id, value.to_vec()))
        .collect()
}

/// The private key that some data groupings hold; none if they hold no part of one.
///
/// The inverse (`8201`) is the one part that may be even, so that filler behind it cannot be told
/// from it where it is taken in: what is longer than the factors is cut here, if it is filler.
///
/// # Errors
/// [`KeyError::Incomplete`] for some parts or parts of both forms, and those of [`PrivateKey`].
pub fn key_of_groupings<'a>(
    find: impl Fn(DgiId) -> Option<&'a [u8]>,
) -> Result<Option<PrivateKey>, KeyError> {
    match (
        DgiId::CARD_FACTORS.map(&find),
        DgiId::CARD_EXPONENT.map(&find),
    ) {
        ([None, None, None, None, None], [None, None]) => Ok(None),
        ([Some(q_inverse), Some(dq), Some(dp), Some(q), Some(p)], [None, None]) => {
            let own = |part: &[u8]| Zeroizing::new(part.to_vec());
            let factors = Factors {
                p: own(p),
                q: own(q),
                dp: own(dp),
                dq: own(dq),
                q_inverse: own(without_filler(q_inverse, p.len())),
            };
            PrivateKey::from_factors(factors).map(Some)
        }
        ([None, None, None, None, None], [Some(exponent), Some(modulus)]) => {
            PrivateKey::from_exponent(modulus, exponent).map(Some)
        }
        _ => Err(KeyError::Incomplete),
    }
}

fn without_filler(part: &[u8], length: usize) -> &[u8] {
    match part.split_at_checked(length) {
        Some((part, [0x80, zeros @ ..])) if zeros.iter().all(|byte| *byte == 0) => part,
        _ => part,
    }
}
