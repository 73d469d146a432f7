//! An order's content between its acceptance and its preparation: opened, digested, sealed for the ledger, and opened again.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use persotwin_contract::card::{CardData, TrackData};
use persotwin_contract::dates::WireTime;
use persotwin_contract::ids::{CardId, IssuerId};
use persotwin_contract::jose::jwe::{self, Jwe};
use persotwin_contract::order::{ClearOrder, EncryptedData};
use persotwin_contract::read::{read_card_data, read_order};
use persotwin_contract::refusal::Refusal;
use persotwin_contract::rules::{D1Rules, ProductId};
use persotwin_contract::same::RequestDigest;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::config::Keys;
use crate::entry::Sealed;

/// Sealed content that does not open: the keys changed, or the ledger is not this D1's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the order's content cannot be opened again")]
pub(crate) struct Unopenable;

/// D1's own day, against which an expiry is held.
pub(crate) fn day(at: WireTime) -> Date {
    TimeZone::UTC.to_datetime(at.timestamp()).date()
}

/// Decrypts `encryptedData`.
pub(crate) fn open(data: &EncryptedData, keys: &Keys) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let jwe = Jwe::parse(data.as_str()).map_err(|_| Refusal::Crypto)?;
    let key = keys.opens(jwe.kid()).ok_or(Refusal::Crypto)?;
    jwe.decrypt(key).map_err(|_| Refusal::Crypto)
}

/// The digest by which two requests are the same. Data that could not be read count by their decrypted text, byte for byte.
pub(crate) fn digest(
    keys: &Keys,
    issuer: &IssuerId,
    card: &CardId,
    order: &ClearOrder,
    data: Result<&CardData, &[u8]>,
) -> RequestDigest {
    let plaintext = match data {
        Ok(data) => return RequestDigest::of(keys.digest(), issuer, card, order, Some(data)),
        Err(plaintext) => plaintext,
    };
    let mut order = order.clone();
    if let Ok(text) = hex::encode(Sha256::digest(plaintext)).parse() {
        order.encrypted_data = text;
    }
    RequestDigest::of(keys.digest(), issuer, card, &order, None)
}

/// Seals an order for the ledger: as it came, but track data that came in the clear.
pub(crate) fn seal<R: CryptoRng>(
    order: &ClearOrder,
    keys: &Keys,
    rng: &mut R,
) -> Result<Sealed, Unopenable> {
    let mut order = order.clone();
    let tracks = order.track_data.take();
    let tracks = tracks.map(|tracks| {
        let plaintext = Tracks::of(&tracks).to_json();
        jwe::encrypt(&plaintext, keys.current().public(), rng).map_err(|_| Unopenable)
    });
    Ok(Sealed {
        order: String::from_utf8(order.to_body()).map_err(|_| Unopenable)?,
        tracks: tracks.transpose()?,
    })
}

/// Everything of an order in the clear. It lives as long as its preparation.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) order: ClearOrder,
    /// The card data, or why they cannot be read.
    pub(crate) data: Result<CardData, Refusal>,
}

/// Opens what was sealed. The data are read as of the day of the order, so that no later day changes what they say.
pub(crate) fn unseal(
    sealed: &Sealed,
    keys: &Keys,
    rules: &D1Rules,
    at: WireTime,
) -> Result<Content, Unopenable> {
    // It was accepted once under the rules of its day; how it is written does not change any more.
    let lenient = D1Rules {
        card_product_id: ProductId::Optional,
        ..D1Rules::default()
    };
    let mut order = read_order(sealed.order.as_bytes(), &lenient)
        .map_err(|_| Unopenable)?
        .value;
    if let Some(tracks) = &sealed.tracks {
        let tracks: EncryptedData = tracks.parse().map_err(|_| Unopenable)?;
        let plaintext = open(&tracks, keys).map_err(|_| Unopenable)?;
        order.track_data = Some(Tracks::read(&plaintext)?);
    }
    let plaintext = open(&order.encrypted_data, keys).map_err(|_| Unopenable)?;
    let data = read_card_data(&plaintext, rules, day(at)).map(|reading| reading.value);
    Ok(Content { order, data })
}

/// Track data as D1 keeps them for itself.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Tracks {
    track1: Option<String>,
    track2: Option<String>,
    track3: Option<String>,
}

impl Tracks {
    fn of(tracks: &TrackData) -> Self {
        Self {
            track1: tracks.track1.as_ref().map(|t| t.reveal().to_owned()),
            track2: tracks.track2.as_ref().map(|t| t.reveal().to_owned()),
            track3: tracks.track3.as_ref().map(|t| t.reveal().to_owned()),
        }
    }

    fn to_json(&self) -> Zeroizing<Vec<u8>> {
        // Three optional texts always encode.
        Zeroizing::new(serde_json::to_vec(self).unwrap_or_default())
    }

    fn read(plaintext: &[u8]) -> Result<TrackData, Unopenable> {
        let own: Self = serde_json::from_slice(plaintext).map_err(|_| Unopenable)?;
        Ok(TrackData {
            track1: again(own.track1.as_deref())?,
            track2: again(own.track2.as_deref())?,
            track3: again(own.track3.as_deref())?,
        })
    }
}

fn again<T: std::str::FromStr>(text: Option<&str>) -> Result<Option<T>, Unopenable> {
    text.map(str::parse).transpose().map_err(|_| Unopenable)
}
