//! A third-party client opens our chips: `scll`, which knows nothing of this program.
//!
//! It discovers the chip, opens a channel to an application, and loads a whole card through it.
//! What it does by itself: recognition data, cryptograms, both challenges, MACs and encipherment
//! both ways, and wrapping a secret for the chip.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

use heapless::Vec as Bounded;
use persotwin_chip::{Chip, ChipSerial, Domain, Factory, Profile};
use persotwin_emv::dgi::{self, Dgi, DgiId};
use persotwin_emv::scp::{Credentials, Protocol, Terms, TermsText};
use persotwin_emv::store_data::{Encipherment, split_marked};
use rand_core::{CryptoRng, RngCore};
use scll::CardManager;
use scll::backend::{KeyBackend, KeyHandle, KeyKind, Scp02Backend, Scp03Backend};
use scll::backend_rustcrypto::RustCryptoBackend;
use scll::error::ScllError;
use scll::limits::RAPDU_MAX;
use scll::model::ScpVariant;
use scll::report::ScpTargetKind;
use scll::scp::ScpSession;
use scll::transport::{AtrAts, Transport, TransportCaps, TransportError, TransportProtocol};
use scll::workflow::{OpenScpArgs, SdKeys};

const APPLICATION: [u8; 7] = [0xA0, 0, 0, 0, 3, 0x10, 0x10];
const KEY: &str = "404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F";

/// Everything but the secrets. The check values are those of a public script's keys.
const GROUPINGS: &str = "01010C700A57088999990000000000020108 7006 5F2403311231 \
     9102 0B A509 500454455354 870101 9104 0E 82021800 9408 08010100 10010100 \
     9000 09 97DCB0CE4E2CB37DF3 9010 02 0303";
const CARD_KEYS: &str = "112233440066778811223344550077888B4F854F0831FBF2635A212E4DDDB92A\
                         11220044556677881122330055667788";
const PIN_BLOCK: [u8; 8] = [0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap()
}

/// The chip behind a reader that speaks T=0: what waits is fetched.
struct Reader(Chip);

impl Transport for Reader {
    fn transmit(&mut self, command: &[u8]) -> Result<Bounded<u8, RAPDU_MAX>, TransportError> {
        let mut answer = self.0.transmit(command);
        if let [0x61, len] = answer[..] {
            answer = self.0.transmit(&[0x00, 0xC0, 0x00, 0x00, len]);
        }
        Bounded::from_slice(&answer).map_err(|()| TransportError::ProtocolError)
    }

    fn capabilities(&self) -> TransportCaps {
        TransportCaps {
            handles_t0_get_response: true,
            protocol: TransportProtocol::T0,
            contactless: false,
        }
    }

    fn reset(&mut self) -> Result<AtrAts, TransportError> {
        let bytes = Bounded::from_slice(&self.0.power_on());
        Ok(AtrAts {
            bytes: bytes.map_err(|()| TransportError::ProtocolError)?,
            protocol: TransportProtocol::T0,
        })
    }

    fn protocol(&self) -> TransportProtocol {
        TransportProtocol::T0
    }

    fn is_connected(&self) -> bool {
        true
    }
}

/// Counts where the client would draw.
struct Counting(u64);

impl RngCore for Counting {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        self.0
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        rand_core::impls::fill_bytes_via_next(self, bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Counting {}

type Client = CardManager<Reader, RustCryptoBackend<Counting>>;

fn terms(protocol: &str, level: &str, digits: usize) -> Terms {
    let protocol: Protocol = protocol.parse().unwrap();
    let text = TermsText {
        protocol,
        transport_key: KEY[..digits].to_owned(),
        diversification: match protocol {
            Protocol::Scp02(_) => "emv-cps".parse().unwrap(),
            Protocol::Scp03(_) => "kdf3".parse().unwrap(),
        },
        key_version: "30".parse().unwrap(),
        level: level.parse().unwrap(),
    };
    Terms::try_from(text).unwrap()
}

/// A client with a chip on these terms, and the chip's keys in the client's store.
fn client(terms: &Terms) -> (Client, SdKeys) {
    let profile = Profile::generic().secured(Factory::new(terms.clone()));
    let chip = Chip::blank(ChipSerial([1, 2, 3, 4, 5, 6, 7, 8]), &profile);
    let key_data = chip.domain().unwrap().key_data();
    let backend = RustCryptoBackend::new(Counting(1));
    let import = |kind, bytes: &[u8]| backend.import_key(kind, bytes).unwrap();
    let [enc, mac, dek] = match terms.credentials(key_data) {
        Credentials::Scp02(_, keys) => {
            [keys.enc, keys.mac, keys.dek].map(|key| import(KeyKind::TripleDesDouble, key.expose()))
        }
        Credentials::Scp03(_, keys) => [keys.enc, keys.mac, keys.dek].map(|key| {
            let kind = match key.expose().len() {
                16 => KeyKind::Aes128,
                24 => KeyKind::Aes192,
                _ => KeyKind::Aes256,
            };
            import(kind, key.expose())
        }),
    };
    let client = CardManager::new(Reader(chip), backend);
    (client, SdKeys { enc, mac, dek })
}

/// Discovers the chip and opens its application at this level; the level that came of it.
fn open(client: &mut Client, keys: SdKeys, terms: &Terms, level: u8) -> Result<u8, ScllError> {
    let found = client.discover(None)?;
    assert_eq!(found.isd_aid.as_bytes(), Domain::NAME);
    let (advertised, forced) = match terms.protocol() {
        // This client takes 15 and 55 for the options with answer MACs; it is told 55.
        Protocol::Scp02(option) => (
            ScpVariant::Scp02 {
                i_param: option.byte(),
            },
            ScpVariant::Scp02 { i_param: 0x55 },
        ),
        Protocol::Scp03(option) => {
            let variant = ScpVariant::Scp03 {
                i_param: option.byte(),
            };
            (variant, variant)
        }
    };
    assert_eq!(found.scp_default, advertised);
    let opened = client.open_scp(&OpenScpArgs {
        target_aid: &APPLICATION,
        target_kind: ScpTargetKind::ApplicationAid,
        sd_keys: keys,
        advertised: &found.scp_supported,
        force_scp: Some(forced),
        kvn: 0x30,
        requested_level: level,
    })?;
    assert_eq!(opened.kvn_effective, 0x30);
    Ok(opened.security_level_effective)
}

/// A secret of whole blocks, wrapped by the client.
fn wrapped(client: &Client, dek: KeyHandle, secret: &[u8]) -> Vec<u8> {
    let backend = client.backend();
    let blocks = secret
        .chunks(16)
        .map(|block| match client.session().unwrap() {
            ScpSession::Scp02(session) => {
                let key = backend.import_key(KeyKind::TripleDesDouble, block).unwrap();
                let wrap =
                    backend.scp02_encrypt_put_key_payload_for_session(&session.session(), &key);
                wrap.unwrap().to_vec()
            }
            ScpSession::Scp03(_) => {
                let key = backend.import_key(KeyKind::Aes128, block).unwrap();
                backend
                    .scp03_encrypt_put_key_payload(&dek, &key)
                    .unwrap()
                    .to_vec()
            }
        });
    blocks.collect::<Vec<_>>().concat()
}

/// The secret groupings as the client wraps them, or, where it cannot, as our own host does.
fn secrets(client: &Client, dek: KeyHandle, terms: &Terms) -> Vec<Dgi> {
    let keys = match terms.credentials(client.transport().0.domain().unwrap().key_data()) {
        Credentials::Scp02(..) => wrapped(client, dek, &hex(CARD_KEYS)),
        // Wrapping more than one block under AES is none of this client's commands.
        Credentials::Scp03(_, keys) => keys.dek.encrypt_cbc([0; 16], &hex(CARD_KEYS)).unwrap(),
    };
    let pin = match terms.protocol() {
        Protocol::Scp02(_) => wrapped(client, dek, &PIN_BLOCK.repeat(2))[..8].to_vec(),
        Protocol::Scp03(_) => {
            let padded = [&PIN_BLOCK[..], &[0x80, 0, 0, 0, 0, 0, 0, 0]].concat();
            wrapped(client, dek, &padded)
        }
    };
    vec![
        Dgi::new(DgiId::CARD_KEYS, keys).unwrap(),
        Dgi::new(DgiId::PIN_BLOCK, pin).unwrap(),
    ]
}

/// Loads a whole card through the client's channel.
fn personalise(client: &mut Client, dek: KeyHandle, terms: &Terms) {
    let mut groupings: Vec<(Dgi, Encipherment)> = dgi::parse(&hex(GROUPINGS))
        .unwrap()
        .into_iter()
        .map(|grouping| (grouping, Encipherment::None))
        .collect();
    // Keys before their check values, the PIN after its counter.
    let [keys, pin] = <[Dgi; 2]>::try_from(secrets(client, dek, terms)).unwrap();
    groupings.insert(0, (keys, Encipherment::All));
    groupings.push((pin, Encipherment::All));
    for command in split_marked(&groupings, 200).unwrap() {
        let answer = client.transmit(&command.to_apdu()).unwrap();
        assert_eq!(answer.sw, 0x9000, "{terms:?} {command:?}");
    }
}

#[test]
fn a_third_party_client_makes_cards_on_all_terms() {
    let scp02 = [0x01, 0x03, 0x11, 0x13].map(|level| ("scp02-i75", 32, level));
    let scp03 = [32, 48, 64].into_iter().flat_map(|digits| {
        [0x01, 0x03, 0x11, 0x13, 0x33].map(|level| ("scp03-i70", digits, level))
    });
    for (protocol, digits, level) in scp02.into_iter().chain(scp03) {
        let terms = terms(protocol, &format!("{level:02X}"), digits);
        let (mut client, keys) = client(&terms);
        let opened = open(&mut client, keys, &terms, level).unwrap();
        assert_eq!(opened, level);
        personalise(&mut client, keys.dek, &terms);
        let chip = &client.transport().0;
        let application = chip.personalised().unwrap();
        assert_eq!(application.aid().as_bytes(), APPLICATION);
        assert_eq!(application.grouping(DgiId::PIN_BLOCK), Some(&PIN_BLOCK[..]));
        assert_eq!(
            application.grouping(DgiId::CARD_KEYS),
            Some(&hex(CARD_KEYS)[..])
        );
    }
}

#[test]
fn options_without_answer_macs_refuse_them() {
    let stock = terms("scp02-i55", "01", 32);
    let (mut client, keys) = client(&stock);
    for level in [0x11, 0x13] {
        let refused = open(&mut client, keys, &stock, level).unwrap_err();
        let expected = ScllError::ExternalAuthFail { sw: 0x6A86 };
        assert_eq!(refused.to_string(), expected.to_string());
    }
    assert_eq!(open(&mut client, keys, &stock, 0x03).unwrap(), 0x03);
}

#[test]
fn a_client_with_other_keys_opens_nothing() {
    for (protocol, digits) in [("scp02-i75", 32), ("scp03-i70", 48)] {
        let stock = terms(protocol, "01", digits);
        let (mut client, keys) = client(&stock);
        let others = SdKeys {
            enc: keys.mac,
            mac: keys.enc,
            dek: keys.dek,
        };
        let refused = open(&mut client, others, &stock, 0x01).unwrap_err();
        assert_eq!(
            refused.to_string(),
            ScllError::CardCryptogramFail.to_string()
        );
    }
}
