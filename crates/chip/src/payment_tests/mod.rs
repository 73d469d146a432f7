//! Payments, command by command, with an issuer who knows the card's keys.

mod online;
mod scripts;
mod signing;

use persotwin_emv::afl::{Aip, Capability};
use persotwin_emv::authorisation::{CryptogramType, Decision, IssuerAuthentication};
use persotwin_emv::cryptogram::{
    CryptogramVersion, IssuerApplicationData, TerminalData, application_cryptogram,
};
use persotwin_emv::dgi::{Dgi, DgiId};
use persotwin_emv::keys::KeySet;
use persotwin_emv::oda::{CardCredentials, Exponent, Method, test_keys};
use persotwin_emv::pan::Pan;
use persotwin_emv::pin::Pin;
use persotwin_emv::results::{CardResults, Finding};
use persotwin_emv::script::{Script, ScriptCommand};
use persotwin_emv::status_update::{Order, StatusUpdate};
use persotwin_emv::store_data::{MAX_DATA, split};
use persotwin_emv::tag::Tag;
use persotwin_emv::tdes::Block;
use persotwin_emv::tlv::find_path;

use crate::terminal_tests::{application, done, select};
use crate::{Access, Chip, ChipSerial, Life, Profile};

const AID: &[u8] = &[0xA0, 0, 0, 0, 4, 0x10, 0x10];
const ONLINE: Aip = Aip([0x1C, 0x00]);
const CDOL2_WITH_ANSWER: &[u8] = b"\x8A\x02\x91\x0A";

/// A card, and what its issuer knows.
pub(crate) struct Card {
    pub(crate) chip: Chip,
    keys: KeySet,
    profile: Aip,
}

/// What a card shall be.
struct Kind {
    version: CryptogramVersion,
    profile: Aip,
    cdol2: Option<&'static [u8]>,
    limits: &'static str,
    signs: Option<Method>,
}

impl Default for Kind {
    fn default() -> Self {
        Self {
            version: CryptogramVersion::Cvn18,
            profile: Aip::NO_ODA,
            cdol2: None,
            limits: "",
            signs: None,
        }
    }
}

/// A first or second cryptogram, as the terminal hears it.
struct Heard {
    kind: CryptogramType,
    atc: [u8; 2],
    cryptogram: Block,
    issuer_data: IssuerApplicationData,
}

impl Heard {
    fn results(&self) -> CardResults {
        CardResults(self.issuer_data.results)
    }

    fn read(answer: &[u8]) -> Self {
        let find = |tag| {
            find_path(answer, &[Tag::ANSWER_FORMAT_2, tag])
                .unwrap()
                .unwrap()
        };
        Self {
            kind: CryptogramType::from_bits(find(Tag::CRYPTOGRAM_INFORMATION)[0]).unwrap(),
            atc: find(Tag::TRANSACTION_COUNTER).try_into().unwrap(),
            cryptogram: find(Tag::CRYPTOGRAM).try_into().unwrap(),
            issuer_data: IssuerApplicationData::parse(find(Tag::ISSUER_APPLICATION_DATA)).unwrap(),
        }
    }
}

fn terminal() -> TerminalData {
    TerminalData {
        amount: [0, 0, 0, 0, 0x40, 0],
        amount_other: [0; 6],
        country: [0x02, 0x50],
        verification_results: [0x80, 0, 0, 0x80, 0],
        currency: [0x09, 0x78],
        date: [0x26, 0x06, 0x17],
        transaction_type: 0,
        unpredictable_number: [1, 2, 3, 4],
    }
}

/// The test issuer's, with the first key for cards.
fn credentials(pan: &Pan, method: Method) -> CardCredentials {
    CardCredentials {
        method,
        issuer: test_keys::issuer(pan).unwrap(),
        key: test_keys::card(0),
        exponent: Exponent::Three,
        serial: [0, 0, 1],
    }
}

impl Card {
    pub(crate) fn new() -> Self {
        Self::of(&Kind::default())
    }

    /// A card with PIN 1234 and 3 tries, selected.
    fn of(kind: &Kind) -> Self {
        let mut data = application("5413330089020011", Some("1234"));
        data.profile.interchange_profile = kind.profile;
        if let Some(list) = kind.cdol2 {
            data.profile.cdol2 = list.to_vec();
        }
        data.issuer_data = Some(IssuerApplicationData {
            key_index: 1,
            version: kind.version,
            results: [0; 3],
        });
        data.authentication = kind.signs.map(|method| credentials(&data.card.pan, method));
        let mut groupings = data.groupings().unwrap();
        let limits = hex::decode(kind.limits).unwrap();
        groupings.insert(0, Dgi::new(DgiId(0x0D01), limits).unwrap());
        let mut chip = Chip::blank(ChipSerial([7; 8]), &Profile::generic());
        chip.power_on();
        select(&mut chip, AID);
        for command in split(&groupings, MAX_DATA).unwrap() {
            done(&mut chip, &command.to_apdu());
        }
        let keys = data.keys.clone();
        let profile = chip.personalised().unwrap().interchange_profile();
        let mut card = Self {
            chip,
            keys,
            profile,
        };
        card.select();
        card
    }

    /// A card that was online once, so that it is not new.
    fn used(kind: &Kind) -> Self {
        let mut card = Self::of(kind);
        card.begin();
        let heard = card.first(CryptogramType::Request);
        let mut data = b"00".to_vec();
        data.extend(card.answer(kind.version, &heard, Decision::Approved));
        if card.profile.has(Capability::IssuerAuthentication) {
            card.external_authenticate(&data[2..]);
        }
        let heard = card.second(CryptogramType::Approval, *b"00", &data[2..]);
        assert_eq!(heard.kind, CryptogramType::Approval);
        card.select();
        card
    }

    fn send(&mut self, command: &[u8]) -> String {
        hex::encode_upper(self.chip.transmit(command))
    }

    fn select(&mut self) -> String {
        self.send(&[&[0x00, 0xA4, 0x04, 0x00, 7], AID, &[0]].concat())
    }

    fn begin(&mut self) {
        done(
            &mut self.chip,
            &[0x80, 0xA8, 0, 0, 4, 0x83, 2, 0x02, 0x50, 0],
        );
    }

    /// Resets, selects and begins.
    fn next(&mut self) {
        self.chip.power_on();
        self.select();
        self.begin();
    }

    fn verify(&mut self, pin: &str) -> String {
        self.send(&hex::decode(format!("0020008008{pin}")).unwrap())
    }

    fn generate_ac(wanted: CryptogramType, data: &[u8]) -> Vec<u8> {
        let lc = u8::try_from(data.len()).unwrap();
        let header = [0x80, 0xAE, wanted.bits(), 0x00, lc];
        [&header[..], data, &[0x00]].concat()
    }

    /// The first GENERATE AC, checked as the issuer checks it.
    fn first(&mut self, wanted: CryptogramType) -> Heard {
        let data = terminal().to_bytes();
        let answer = done(&mut self.chip, &Self::generate_ac(wanted, &data));
        self.checked(&answer)
    }

    /// The second, with what the list of this card asks for.
    fn second(&mut self, wanted: CryptogramType, code: [u8; 2], issuer: &[u8]) -> Heard {
        let application = self.chip.personalised().unwrap();
        let list = application.risk_list(Tag::CDOL2).unwrap();
        let values = terminal().to_bytes();
        let first = application.risk_list(Tag::CDOL1).unwrap();
        let first = first.split(&values).unwrap();
        let data = list.fill(|tag| match tag {
            Tag::RESPONSE_CODE => Some(&code[..]),
            Tag::ISSUER_AUTHENTICATION => Some(issuer),
            _ => first.iter().find(|it| it.0 == tag).map(|it| it.1),
        });
        let answer = done(&mut self.chip, &Self::generate_ac(wanted, &data));
        self.checked(&answer)
    }

    fn checked(&self, answer: &[u8]) -> Heard {
        let heard = Heard::read(answer);
        let expected = application_cryptogram(
            &self.keys.ac,
            &terminal().to_bytes(),
            self.profile.0,
            heard.atc,
            heard.issuer_data,
        );
        assert_eq!(heard.cryptogram, expected);
        heard
    }

    fn answer(&self, version: CryptogramVersion, heard: &Heard, decision: Decision) -> Vec<u8> {
        let (key, atc, asked) = (&self.keys.ac, heard.atc, heard.cryptogram);
        IssuerAuthentication::of(key, version, atc, asked, decision).to_bytes()
    }

    /// An answer by method 2 with any status update.
    fn update(&self, heard: &Heard, update: StatusUpdate) -> Vec<u8> {
        use persotwin_emv::cryptogram::{ProprietaryData, response_method_2};
        let key = persotwin_emv::keys::cryptogram_session_key(&self.keys.ac, heard.atc);
        let nothing = ProprietaryData::default();
        let response = response_method_2(&key, heard.cryptogram, update.0, &nothing);
        [response, update.0].concat()
    }

    fn external_authenticate(&mut self, data: &[u8]) -> String {
        let lc = u8::try_from(data.len()).unwrap();
        self.send(&[&[0x00, 0x82, 0x00, 0x00, lc], data].concat())
    }

    pub(crate) fn issuer_script(&self, atc: [u8; 2], cryptogram: Block) -> Script {
        Script::new(&self.keys, atc, cryptogram)
    }

    fn script(&self, heard: &Heard) -> Script {
        self.issuer_script(heard.atc, heard.cryptogram)
    }

    fn run(&mut self, script: &mut Script, command: &ScriptCommand) -> String {
        let command = script.command(command).unwrap();
        self.send(&command)
    }

    /// Begins a transaction that is declined at once, for scripts behind it.
    fn declined(&mut self) -> Script {
        self.next();
        let heard = self.first(CryptogramType::Refusal);
        self.script(&heard)
    }

    fn last_online(&mut self) -> String {
        self.send(&[0x80, 0xCA, 0x9F, 0x13, 0x00])
    }
}
