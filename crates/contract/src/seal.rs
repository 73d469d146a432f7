//! Card data into `encryptedData` and out of it.

use rand::CryptoRng;
use zeroize::Zeroizing;

use crate::card::CardData;
use crate::jose::JoseError;
use crate::jose::jwe::{Jwe, encrypt};
use crate::jose::jwk::{KeyId, PrivateJwk, PublicJwk};
use crate::order::EncryptedData;
use crate::refusal::Refusal;

/// Encrypts card data to D1's key. A retry of the same order does this anew.
pub fn seal<R: CryptoRng + ?Sized>(
    card: &CardData,
    recipient: &PublicJwk,
    rng: &mut R,
) -> Result<EncryptedData, JoseError> {
    let compact = encrypt(&card.to_plaintext(), recipient, rng)?;
    compact
        .parse()
        .map_err(|_| JoseError::Length("encryptedData"))
}

/// Decrypts `encryptedData` with the key that its `kid` names; several may be active at once.
/// Whatever is wrong with it, an unknown `kid` included (ours), is `CRYPTO_ERROR`.
pub fn open<'a>(
    data: &EncryptedData,
    keys: impl FnOnce(&KeyId) -> Option<&'a PrivateJwk>,
) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let jwe = Jwe::parse(data.as_str()).map_err(|_| Refusal::Crypto)?;
    let key = keys(jwe.kid()).ok_or(Refusal::Crypto)?;
    jwe.decrypt(key).map_err(|_| Refusal::Crypto)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;
    use crate::names::PrintName;
    use crate::read::read_card_data;
    use crate::rules::{D1Rules, NameRule};

    fn key(kid: &str) -> PrivateJwk {
        PrivateJwk::generate(kid.parse().unwrap(), &mut ChaCha8Rng::seed_from_u64(1))
    }

    #[test]
    fn a_card_travels_whole_even_with_every_member_at_its_longest() {
        let pan = "6304000000000000000".parse().unwrap();
        let name = PrintName::new(&"É".repeat(26), NameRule::Latin).unwrap();
        let mut card = CardData::new(pan, "9912".parse().unwrap(), name.clone());
        card.second_name = Some(name);
        card.track_data = Some(crate::card::TrackData {
            track1: Some("A".repeat(79).parse().unwrap()),
            track2: Some("1".repeat(40).parse().unwrap()),
            track3: Some("1".repeat(107).parse().unwrap()),
        });
        let key = key("d1-1");
        let sealed = seal(&card, key.public(), &mut ChaCha8Rng::seed_from_u64(2)).unwrap();
        let plaintext = open(&sealed, |kid| (kid == key.kid()).then_some(&key)).unwrap();
        let rules = D1Rules {
            name: NameRule::Latin,
            ..D1Rules::default()
        };
        let reading = read_card_data(&plaintext, &rules, date(2026, 1, 1)).unwrap();
        assert_eq!(reading.value, card);
    }

    #[test]
    fn whatever_is_wrong_with_it_is_a_crypto_error() {
        let name = PrintName::new("ALICE MARTIN", NameRule::Embossing).unwrap();
        let pan = "4111111111111111".parse().unwrap();
        let card = CardData::new(pan, "2912".parse().unwrap(), name);
        let key = key("d1-1");
        let sealed = seal(&card, key.public(), &mut ChaCha8Rng::seed_from_u64(2)).unwrap();
        assert_eq!(open(&sealed, |_| None), Err(Refusal::Crypto), "unknown kid");
        let stranger =
            PrivateJwk::generate("d1-1".parse().unwrap(), &mut ChaCha8Rng::seed_from_u64(9));
        assert_eq!(
            open(&sealed, |_| Some(&stranger)),
            Err(Refusal::Crypto),
            "another key"
        );
        let cut: EncryptedData = sealed.as_str()[..100].parse().unwrap();
        assert_eq!(open(&cut, |_| Some(&key)), Err(Refusal::Crypto), "cut");
    }
}
