//! The issuer's side of a payment: is this the card's own cryptogram, and what does the issuer answer.
//!
//! A request goes through two steps that types keep in order: [`AuthorisationRequest::authenticate`] recomputes the cryptogram from
//! the issuer's master key, and only an [`Authentic`] request can be answered so that the card believes the answer.
//!
//! | cryptogram version | the card's cryptogram | the issuer's answer | mark |
//! |---|---|---|---|
//! | 10 | under the card's key | method 1 under the card's key: 8 bytes, then the response code | documented |
//! | 18 | under a session key | method 2 under the session key: 4 bytes, then the card status update | documented |

use std::fmt;

use crate::afl::Aip;
use crate::cryptogram::{
    CryptogramVersion, IadError, IssuerApplicationData, ProprietaryData, application_cryptogram,
    response_method_1, response_method_2,
};
use crate::keys::{MasterKeyOption, cryptogram_session_key, icc_master_key};
use crate::pan::{Pan, PanSequence};
use crate::tdes::{Block, TdesKey};

/// Which cryptogram a terminal asks for and a card gives (EMV Book 3 section 6.5.5, documented). Ordered from refusal to approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CryptogramType {
    /// AAC: the payment is refused.
    Refusal,
    /// ARQC: the issuer is asked.
    Request,
    /// TC: the payment is approved.
    Approval,
}

impl CryptogramType {
    /// Bits 8 and 7: of P1 of GENERATE AC, and of the cryptogram information data (tag 9F27).
    pub fn bits(self) -> u8 {
        match self {
            Self::Refusal => 0x00,
            Self::Approval => 0x40,
            Self::Request => 0x80,
        }
    }

    /// The type that bits 8 and 7 stand for; none for both set.
    pub fn from_bits(byte: u8) -> Option<Self> {
        [Self::Refusal, Self::Request, Self::Approval]
            .into_iter()
            .find(|it| it.bits() == byte & 0xC0)
    }

    /// The name in the specifications: AAC, ARQC, TC.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refusal => "AAC",
            Self::Request => "ARQC",
            Self::Approval => "TC",
        }
    }
}

impl fmt::Display for CryptogramType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What reaches the issuer of a payment, as far as the cryptogram is about it. `Debug` masks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorisationRequest {
    /// Tag 5A.
    pub pan: Pan,
    /// Tag 5F34.
    pub psn: PanSequence,
    /// What the terminal answered to the card's first data object list (tag 8C).
    pub terminal: Vec<u8>,
    /// Tag 82.
    pub interchange_profile: Aip,
    /// Tag 9F36.
    pub counter: [u8; 2],
    /// Tag 9F10.
    pub issuer_data: Vec<u8>,
    /// Tag 9F26.
    pub cryptogram: Block,
}

/// Why an issuer does not believe a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAuthentic {
    /// The issuer application data have a form that this issuer does not know.
    #[error("{0}")]
    IssuerData(#[from] IadError),
    /// The cryptogram is not the one that the card with this number would give.
    #[error("the cryptogram is not the card's")]
    Cryptogram,
}

impl AuthorisationRequest {
    /// Recomputes the cryptogram from the issuer's master key for application cryptograms.
    ///
    /// # Errors
    /// Every [`NotAuthentic`].
    pub fn authenticate(
        &self,
        master: &TdesKey,
        option: MasterKeyOption,
    ) -> Result<Authentic, NotAuthentic> {
        let issuer_data = IssuerApplicationData::parse(&self.issuer_data)?;
        let card_key = icc_master_key(master, &self.pan, self.psn, option);
        let profile = self.interchange_profile.0;
        let expected = application_cryptogram(
            &card_key,
            &self.terminal,
            profile,
            self.counter,
            issuer_data,
        );
        if expected != self.cryptogram {
            return Err(NotAuthentic::Cryptogram);
        }
        Ok(Authentic {
            card_key,
            version: issuer_data.version,
            counter: self.counter,
            cryptogram: self.cryptogram,
        })
    }
}

/// A request that the card itself made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentic {
    card_key: TdesKey,
    version: CryptogramVersion,
    counter: [u8; 2],
    cryptogram: Block,
}

impl Authentic {
    /// The issuer's answer, by the method of the card's cryptogram version.
    pub fn answer(&self, decision: Decision) -> IssuerAnswer {
        let response_code = decision.response_code();
        let authentication = IssuerAuthentication::of(
            &self.card_key,
            self.version,
            self.counter,
            self.cryptogram,
            decision,
        );
        IssuerAnswer {
            response_code,
            authentication: Some(authentication.to_bytes()),
            scripts: Vec::new(),
        }
    }
}

/// What an issuer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The payment is good.
    Approved,
    /// It is not.
    Refused,
}

impl Decision {
    /// The authorisation response code (tag 8A) of ISO 8583: `00`, `05`.
    pub fn response_code(self) -> [u8; 2] {
        match self {
            Self::Approved => *b"00",
            Self::Refused => *b"05",
        }
    }

    /// The card status update of method 2: bit 8 of byte 2 says that the issuer approves (documented: common core definitions); the
    /// rest asks for nothing.
    pub fn card_status_update(self) -> [u8; 4] {
        match self {
            Self::Approved => [0x00, 0x80, 0x00, 0x00],
            Self::Refused => [0; 4],
        }
    }
}

/// What the terminal hears from the issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerAnswer {
    /// Tag 8A.
    pub response_code: [u8; 2],
    /// The value of tag 91, if the issuer shows the card that it is the issuer.
    pub authentication: Option<Vec<u8>>,
    /// Commands for the card, to be sent behind the second GENERATE AC (template 72).
    pub scripts: Vec<Vec<u8>>,
}

/// Issuer authentication data (tag 91): the issuer's own cryptogram for the card, and what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuerAuthentication {
    /// Method 1, 10 bytes.
    Method1 {
        /// ARPC.
        cryptogram: Block,
        /// The authorisation response code that is in it.
        response_code: [u8; 2],
    },
    /// Method 2, 8 to 16 bytes.
    Method2 {
        /// ARPC.
        cryptogram: [u8; 4],
        /// What the card shall change in itself.
        card_status_update: [u8; 4],
        /// What else the issuer says.
        proprietary: ProprietaryData,
    },
}

impl IssuerAuthentication {
    /// The issuer's answer to a cryptogram, by the method of the card's cryptogram version.
    pub fn of(
        card_key: &TdesKey,
        version: CryptogramVersion,
        counter: [u8; 2],
        cryptogram: Block,
        decision: Decision,
    ) -> Self {
        match version {
            CryptogramVersion::Cvn10 => {
                let response_code = decision.response_code();
                Self::Method1 {
                    cryptogram: response_method_1(card_key, cryptogram, response_code),
                    response_code,
                }
            }
            CryptogramVersion::Cvn18 => {
                let session = cryptogram_session_key(card_key, counter);
                let card_status_update = decision.card_status_update();
                let proprietary = ProprietaryData::default();
                let answer =
                    response_method_2(&session, cryptogram, card_status_update, &proprietary);
                Self::Method2 {
                    cryptogram: answer,
                    card_status_update,
                    proprietary,
                }
            }
        }
    }

    /// The value of tag 91.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Method1 {
                cryptogram,
                response_code,
            } => [&cryptogram[..], response_code].concat(),
            Self::Method2 {
                cryptogram,
                card_status_update,
                proprietary,
            } => [&cryptogram[..], card_status_update, proprietary.as_slice()].concat(),
        }
    }

    /// Reads the value of tag 91 by the method of the card's cryptogram version; none for a length that the method does not have.
    pub fn parse(version: CryptogramVersion, bytes: &[u8]) -> Option<Self> {
        match version {
            CryptogramVersion::Cvn10 => {
                let (cryptogram, response_code) = bytes.split_first_chunk()?;
                Some(Self::Method1 {
                    cryptogram: *cryptogram,
                    response_code: response_code.try_into().ok()?,
                })
            }
            CryptogramVersion::Cvn18 => {
                let (cryptogram, rest) = bytes.split_first_chunk()?;
                let (card_status_update, proprietary) = rest.split_first_chunk()?;
                Some(Self::Method2 {
                    cryptogram: *cryptogram,
                    card_status_update: *card_status_update,
                    proprietary: ProprietaryData::new(proprietary)?,
                })
            }
        }
    }

    /// Whether it is the issuer's own answer to this cryptogram: what a card checks.
    pub fn answers(&self, card_key: &TdesKey, counter: [u8; 2], asked: Block) -> bool {
        match self {
            Self::Method1 {
                cryptogram,
                response_code,
            } => response_method_1(card_key, asked, *response_code) == *cryptogram,
            Self::Method2 {
                cryptogram,
                card_status_update,
                proprietary,
            } => {
                let session = cryptogram_session_key(card_key, counter);
                response_method_2(&session, asked, *card_status_update, proprietary) == *cryptogram
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(text: &str) -> TdesKey {
        TdesKey::from_hex(text).unwrap()
    }

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        hex::decode(text).unwrap().try_into().unwrap()
    }

    /// pyemv, `tests/test_cvn_hsm.py`: what a hardware security module computed.
    fn request(issuer_data: &str, cryptogram: &str) -> AuthorisationRequest {
        let terminal = "00000000400000000000000001248000048000012419110501 52BF4585";
        AuthorisationRequest {
            pan: Pan::parse("1234567890123456").unwrap(),
            psn: PanSequence::default(),
            terminal: hex::decode(terminal.replace(' ', "")).unwrap(),
            interchange_profile: Aip::NO_ODA,
            counter: bytes("001C"),
            issuer_data: hex::decode(issuer_data).unwrap(),
            cryptogram: bytes(cryptogram),
        }
    }

    fn issuer() -> TdesKey {
        key("0123456789ABCDEFFEDCBA9876543210")
    }

    #[test]
    fn the_cryptograms_of_a_hardware_module_are_the_cards() {
        for (data, cryptogram) in [
            ("06010A03A06010", "29CCA15AE665FA2E"),
            ("06011203A0B800", "7A788EA6B8A3E733"),
        ] {
            let good = request(data, cryptogram);
            let authentic = good.authenticate(&issuer(), MasterKeyOption::B);
            assert!(authentic.is_ok(), "{cryptogram}");
            let other = key("1123456789ABCDEFFEDCBA9876543210");
            assert_eq!(
                good.authenticate(&other, MasterKeyOption::B),
                Err(NotAuthentic::Cryptogram)
            );
        }
    }

    #[test]
    fn every_part_of_a_request_is_in_the_cryptogram() {
        let good = request("06011203A0B800", "7A788EA6B8A3E733");
        let mut wrong = vec![good.clone(); 6];
        wrong[0].pan = Pan::parse("1234567890123457").unwrap();
        wrong[1].psn = PanSequence::parse("01").unwrap();
        wrong[2].terminal[0] ^= 0x01;
        wrong[3].interchange_profile = Aip([0x58, 0x00]);
        wrong[4].counter = [0, 0x1D];
        wrong[5].issuer_data[6] ^= 0x80;
        for request in wrong {
            let found = request.authenticate(&issuer(), MasterKeyOption::A);
            assert_eq!(found, Err(NotAuthentic::Cryptogram));
        }
    }

    /// The same source: method 1 with response code `00` under the card's key.
    #[test]
    fn version_10_is_answered_by_method_1() {
        let request = request("06010A03A06010", "29CCA15AE665FA2E");
        let authentic = request.authenticate(&issuer(), MasterKeyOption::A).unwrap();
        let answer = authentic.answer(Decision::Approved);
        assert_eq!(answer.response_code, *b"00");
        let data = hex::encode_upper(answer.authentication.unwrap());
        assert_eq!(data, "28993816AFAE4AEB3030");
    }

    /// pyemv, `tests/test_ac_hsm.py`, gives 7DFB1188 for no update and no data; here the card checks what the issuer made.
    #[test]
    fn version_18_is_answered_by_method_2() {
        let request = request("06011203A0B800", "7A788EA6B8A3E733");
        let authentic = request.authenticate(&issuer(), MasterKeyOption::B).unwrap();
        let refused = authentic.answer(Decision::Refused).authentication.unwrap();
        // `tests/test_cvn_hsm.py`, version 18.
        assert_eq!(hex::encode_upper(&refused), "9AF514C100000000");
        let approved = authentic.answer(Decision::Approved).authentication.unwrap();
        assert_eq!(&approved[4..], [0x00, 0x80, 0x00, 0x00]);
        let read = IssuerAuthentication::parse(CryptogramVersion::Cvn18, &approved).unwrap();
        let card_key = icc_master_key(&issuer(), &request.pan, request.psn, MasterKeyOption::B);
        assert!(read.answers(&card_key, request.counter, request.cryptogram));
        assert!(!read.answers(&card_key, [0, 0], request.cryptogram));
        assert!(!read.answers(&card_key, request.counter, [0; 8]));
    }

    #[test]
    fn types_have_their_bits() {
        let names = [(0x00, "AAC"), (0x40, "TC"), (0x80, "ARQC")];
        for (bits, name) in names {
            let found = CryptogramType::from_bits(bits | 0x10).unwrap();
            assert_eq!((found.to_string().as_str(), found.bits()), (name, bits));
        }
        assert_eq!(CryptogramType::from_bits(0xC0), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
            for version in [CryptogramVersion::Cvn10, CryptogramVersion::Cvn18] {
                if let Some(data) = IssuerAuthentication::parse(version, &bytes) {
                    prop_assert_eq!(data.to_bytes(), bytes.clone());
                }
            }
        }
    }
}
