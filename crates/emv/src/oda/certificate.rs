//! Certificates: of an issuer's key by an authority, of a card's key by its issuer (EMV Book 2 tables
//! 5 to 9 and 13 to 14, documented).
//!
//! ```text
//! 6A | 02 or 04 | subject: 4 or 10 bytes | MMYY | serial: 3 | 01 hash | 01 key | length | length of the
//! exponent | first part of the modulus, filled with BB | SHA-1 | BC
//! ```
//!
//! The hash goes over everything from the format to the modulus, then the remainder, the exponent,
//! and for a card the data that it vouches for. Hash algorithm 01 is SHA-1 and key algorithm 01 RSA.

use sha1::{Digest, Sha1};

use super::fault::{Check, Fault, Whose};
use super::rsa::{Exponent, PrivateKey, PublicKey};
use crate::bcd;
use crate::expiry::Expiry;
use crate::pan::Pan;

pub(super) const HEADER: u8 = 0x6A;
pub(super) const TRAILER: u8 = 0xBC;
pub(super) const FILLER: u8 = 0xBB;
pub(super) const SHA_1: u8 = 0x01;
const RSA: u8 = 0x01;
pub(super) const HASH: usize = 20;

/// A certificate as a card holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Tag 90 or 9F46: as long as the key that made it.
    pub signed: Vec<u8>,
    /// Tag 92 or 9F48: what did not fit of the modulus; empty where all did.
    pub remainder: Vec<u8>,
    /// Tag 9F32 or 9F47: of the key that it is for.
    pub exponent: Exponent,
}

/// What a certificate says besides the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// The last month in which it is valid.
    pub expires: Expiry,
    /// The maker's serial number.
    pub serial: [u8; 3],
}

/// The issuer of an issuer's certificate: the first 3 to 8 digits of its card numbers, filled with
/// `F`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuerIdentifier(pub [u8; 4]);

impl IssuerIdentifier {
    /// The first six digits of a card number (ours: 3 to 8 are allowed).
    pub fn of(pan: &Pan) -> Self {
        let mut bytes = [0xFF; 4];
        let digits = pan_field(pan);
        bytes[..3].copy_from_slice(&digits[..3]);
        Self(bytes)
    }

    /// Whether a card number begins with these digits, of which there are three at least.
    pub fn fits(self, pan: &Pan) -> bool {
        let mine: Vec<u8> = bcd::nibbles(&self.0).collect();
        let digits = mine.iter().position(|nibble| *nibble > 9);
        let (mine, rest) = mine.split_at(digits.unwrap_or(mine.len()));
        let theirs = pan_field(pan);
        mine.len() >= 3
            && rest.iter().all(|nibble| *nibble == 0xF)
            && bcd::nibbles(&theirs).zip(mine).all(|(a, b)| a == *b)
    }
}

/// Makes an authority's certificate for an issuer's key.
///
/// # Errors
/// [`Check::Lengths`] for a key longer than the authority's.
pub fn certify_issuer(
    authority: &PrivateKey,
    issuer: IssuerIdentifier,
    note: Note,
    key: &PublicKey,
) -> Result<Certificate, Fault> {
    let made = make(authority, 0x02, &issuer.0, note, key, &[]);
    made.map_err(|check| Fault::Certificate(Whose::Issuer, check))
}

/// Makes an issuer's certificate for a card's key, which vouches for `data` too.
///
/// # Errors
/// [`Check::Lengths`] for a key longer than the issuer's.
pub fn certify_card(
    issuer: &PrivateKey,
    pan: &Pan,
    note: Note,
    key: &PublicKey,
    data: &[u8],
) -> Result<Certificate, Fault> {
    let made = make(issuer, 0x04, &pan_field(pan), note, key, data);
    made.map_err(|check| Fault::Certificate(Whose::Card, check))
}

/// The issuer's key, checked for this card number.
///
/// # Errors
/// [`Fault::Certificate`] and [`Fault::Subject`] of the issuer.
pub fn recover_issuer(
    authority: &PublicKey,
    certificate: &Certificate,
    pan: &Pan,
) -> Result<(PublicKey, Note), Fault> {
    let of = |check| Fault::Certificate(Whose::Issuer, check);
    let recovered = recover::<4>(authority, 0x02, certificate, &[]).map_err(of)?;
    if IssuerIdentifier(recovered.subject).fits(pan) {
        Ok((recovered.key, recovered.note))
    } else {
        Err(Fault::Subject(Whose::Issuer))
    }
}

/// The card's key, checked for this card number and these data.
///
/// # Errors
/// [`Fault::Certificate`] and [`Fault::Subject`] of the card.
pub fn recover_card(
    issuer: &PublicKey,
    certificate: &Certificate,
    pan: &Pan,
    data: &[u8],
) -> Result<(PublicKey, Note), Fault> {
    let of = |check| Fault::Certificate(Whose::Card, check);
    let recovered = recover::<10>(issuer, 0x04, certificate, data).map_err(of)?;
    if recovered.subject == pan_field(pan) {
        Ok((recovered.key, recovered.note))
    } else {
        Err(Fault::Subject(Whose::Card))
    }
}

struct Recovered<const SUBJECT: usize> {
    subject: [u8; SUBJECT],
    note: Note,
    key: PublicKey,
}

fn make(
    maker: &PrivateKey,
    format: u8,
    subject: &[u8],
    note: Note,
    key: &PublicKey,
    data: &[u8],
) -> Result<Certificate, Check> {
    let (modulus, exponent) = (key.modulus(), key.exponent());
    let length = u8::try_from(modulus.len()).map_err(|_| Check::Lengths)?;
    let [year, month] = [note.expires.year() % 100, u16::from(note.expires.month())];
    let mut fields = vec![format];
    fields.extend_from_slice(subject);
    fields.extend([month, year].map(packed));
    fields.extend(note.serial);
    fields.extend([SHA_1, RSA, length]);
    fields.push(if exponent == Exponent::Three { 1 } else { 3 });
    let whole = maker.modulus().len();
    let room = whole.checked_sub(fields.len() + HASH + 2);
    let room = room
        .filter(|_| modulus.len() <= whole)
        .ok_or(Check::Lengths)?;
    let (first, remainder) = modulus.split_at(room.min(modulus.len()));
    fields.extend_from_slice(first);
    fields.resize(whole - HASH - 2, FILLER);
    let hash = hash(&[&fields, remainder, exponent.bytes(), data]);
    let block = [&[HEADER][..], &fields, &hash, &[TRAILER]].concat();
    Ok(Certificate {
        signed: maker.sign(&block).ok_or(Check::Length)?,
        remainder: remainder.to_vec(),
        exponent,
    })
}

fn recover<const SUBJECT: usize>(
    maker: &PublicKey,
    format: u8,
    certificate: &Certificate,
    data: &[u8],
) -> Result<Recovered<SUBJECT>, Check> {
    let block = maker.recover(&certificate.signed).ok_or(Check::Length)?;
    let (fields, signed_hash) = open(&block, format)?;
    let rest = &fields[1..];
    let (subject, rest) = rest.split_first_chunk().ok_or(Check::Lengths)?;
    let (month, rest) = rest.split_first_chunk::<2>().ok_or(Check::Lengths)?;
    let (serial, rest) = rest.split_first_chunk().ok_or(Check::Lengths)?;
    let ([hash_by, key_by, length, exponent], first) =
        rest.split_first_chunk().ok_or(Check::Lengths)?;
    if (*hash_by, *key_by) != (SHA_1, RSA) {
        return Err(Check::Algorithm);
    }
    let length = usize::from(*length);
    let remainder = &certificate.remainder;
    let fits = remainder.len() == length.saturating_sub(first.len())
        && usize::from(*exponent) == certificate.exponent.bytes().len();
    if !fits {
        return Err(Check::Lengths);
    }
    let exponent = certificate.exponent;
    if hash(&[fields, remainder, exponent.bytes(), data]) != *signed_hash {
        return Err(Check::Hash);
    }
    let modulus = [&first[..length.min(first.len())], remainder].concat();
    let [month, year] = month.map(|byte| bcd::unpack_numeric(&[byte]));
    let expires = Expiry::parse(&[year.unwrap_or_default(), month.unwrap_or_default()].concat());
    Ok(Recovered {
        subject: *subject,
        note: Note {
            expires: expires.map_err(|_| Check::Field)?,
            serial: *serial,
        },
        key: PublicKey::new(&modulus, exponent).map_err(|_| Check::Key)?,
    })
}

/// What stands between header and trailer of a recovered block, and the hash behind it.
pub(super) fn open(block: &[u8], format: u8) -> Result<(&[u8], &[u8; HASH]), Check> {
    let (trailer, rest) = block.split_last().ok_or(Check::Length)?;
    let (header, rest) = rest.split_first().ok_or(Check::Length)?;
    if *trailer != TRAILER {
        return Err(Check::Trailer);
    }
    if *header != HEADER {
        return Err(Check::Header);
    }
    let (fields, hash) = rest.split_last_chunk().ok_or(Check::Lengths)?;
    if fields.first() == Some(&format) {
        Ok((fields, hash))
    } else {
        Err(Check::Format)
    }
}

/// SHA-1 over parts.
pub(super) fn hash(parts: &[&[u8]]) -> [u8; HASH] {
    let mut hash = Sha1::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// A card number in ten bytes, filled with `F`.
fn pan_field(pan: &Pan) -> [u8; 10] {
    let mut field = [0xFF; 10];
    for (place, byte) in field.iter_mut().zip(bcd::pack_compressed(pan.digits())) {
        *place = byte;
    }
    field
}

/// Two digits in packed decimal.
fn packed(number: u16) -> u8 {
    let [_, number] = (number % 100).to_be_bytes();
    (number / 10) << 4 | (number % 10)
}
