//! Cards that prove themselves, and cards that try to.

use persotwin_emv::authorisation::{AuthorisationRequest, Decision, IssuerAnswer};
use persotwin_emv::keys::MasterKeyOption;
use persotwin_emv::oda::{Check, Fault, Method, Rid, Whose, test_keys};
use persotwin_emv::tag::Tag;
use persotwin_terminal::{
    DataAuthentication, Error, Finding, Never, Outcome, Purchase, Terminal, Transaction, at_once,
    pay,
};
use proptest::prelude::*;

use crate::card::{AID, application, chip, master, signing, terminal};

const METHODS: [Method; 2] = [Method::Dda, Method::Cda];

fn issuer(request: &AuthorisationRequest) -> Option<IssuerAnswer> {
    let authentic = request
        .authenticate(&master().ac, MasterKeyOption::A)
        .ok()?;
    Some(authentic.answer(Decision::Approved))
}

/// A terminal that trusts the test authority.
fn trusting() -> Terminal {
    let aid = persotwin_emv::aid::Aid::parse(AID).unwrap();
    Terminal {
        authorities: vec![test_keys::authority(Rid::of(&aid))],
        ..terminal()
    }
}

/// Pays with a card whose commands and answers somebody changes on the way.
fn paid(
    terminal: &Terminal,
    method: Method,
    mut on_the_way: impl FnMut(&mut Vec<u8>, Option<&mut Vec<u8>>),
) -> Result<Transaction, Error<Never>> {
    let mut chip = chip(&signing(method));
    let mut card = |command: &[u8]| {
        let mut command = command.to_vec();
        on_the_way(&mut command, None);
        let mut answer = chip.transmit(&command);
        on_the_way(&mut command, Some(&mut answer));
        answer
    };
    let purchase = Purchase::of(42_00, [0x12, 0x34, 0x56, 0x78]);
    at_once(pay(&mut card, terminal, &purchase, issuer))
}

#[test]
fn a_genuine_card_is_known_by_either_method_and_pays() {
    for method in METHODS {
        let found = paid(&trusting(), method, |_, _| ()).unwrap();
        assert_eq!(
            found.data_authentication,
            DataAuthentication::Genuine(method)
        );
        assert!(!found.findings.has(Finding::NoDataAuthentication));
        assert_eq!(found.outcome, Outcome::Approved);
        let request = found.request();
        let authentic = request.authenticate(&master().ac, MasterKeyOption::A);
        assert!(authentic.is_ok(), "the cryptogram of a signature");
    }
}

#[test]
fn a_terminal_that_trusts_nobody_checks_nothing() {
    for method in METHODS {
        let found = paid(&terminal(), method, |_, _| ()).unwrap();
        let expected = DataAuthentication::NotPerformed;
        assert_eq!(found.data_authentication, expected);
        assert!(found.findings.has(Finding::NoDataAuthentication));
    }
    let mut chip = chip(&application(None));
    let mut card = |command: &[u8]| chip.transmit(command);
    let purchase = Purchase::of(1, [0; 4]);
    let found = at_once(pay(&mut card, &trusting(), &purchase, issuer)).unwrap();
    assert_eq!(found.data_authentication, DataAuthentication::NotOffered);
}

#[test]
fn a_card_of_another_authority_is_none_of_ours() {
    let mut other = trusting();
    other.authorities[0].index ^= 1;
    for (method, finding) in METHODS
        .into_iter()
        .zip([Finding::DynamicFailed, Finding::CombinedFailed])
    {
        let found = paid(&other, method, |_, _| ()).unwrap();
        let expected = DataAuthentication::Failed(method, Fault::UnknownAuthority);
        assert_eq!(found.data_authentication, expected);
        assert!(found.findings.has(finding));
        assert!(!found.findings.has(Finding::CardDataMissing));
    }
}

#[test]
fn a_missing_object_is_noted_as_such() {
    let without_exponent = |_: &mut Vec<u8>, answer: Option<&mut Vec<u8>>| {
        if let Some(answer) = answer {
            // Another tag, one that nobody knows.
            replace(answer, &[0x9F, 0x47, 0x01], &[0x9F, 0x7D, 0x01]);
        }
    };
    let found = paid(&trusting(), Method::Dda, without_exponent).unwrap();
    let fault = Fault::Missing(Tag::CARD_EXPONENT);
    let expected = DataAuthentication::Failed(Method::Dda, fault);
    assert_eq!(found.data_authentication, expected);
    assert!(found.findings.has(Finding::CardDataMissing));
}

fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let places = bytes.windows(from.len()).position(|window| window == from);
    if let Some(at) = places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
}

/// Flips a bit of the answer to some command, so many bytes behind some others.
fn flipped(
    instruction: u8,
    behind: &'static [u8],
    at: usize,
    bit: u8,
) -> impl FnMut(&mut Vec<u8>, Option<&mut Vec<u8>>) {
    move |command, answer| {
        let Some(answer) = answer.filter(|_| command[1] == instruction) else {
            return;
        };
        let mut windows = answer.windows(behind.len());
        if let Some(found) = windows.position(|window| window == behind) {
            answer[found + behind.len() + at] ^= 1 << bit;
        }
    }
}

const READ_RECORD: u8 = 0xB2;
const INTERNAL_AUTHENTICATE: u8 = 0x88;
const GENERATE_AC: u8 = 0xAE;

#[test]
fn a_certificate_and_a_remainder_of_another_card() {
    for (behind, length, whose) in [
        (&[0x90, 0x81, 0xB0][..], 176, Whose::Issuer),
        (&[0x92, 0x04], 4, Whose::Issuer),
        (&[0x9F, 0x46, 0x81, 0x90], 144, Whose::Card),
        (&[0x9F, 0x48, 0x1A], 26, Whose::Card),
    ] {
        for at in [0, length / 2, length - 1] {
            for method in METHODS {
                let found = paid(&trusting(), method, flipped(READ_RECORD, behind, at, 3));
                let found = found.unwrap().data_authentication;
                assert!(
                    matches!(found, DataAuthentication::Failed(m, Fault::Certificate(w, _)) if (m, w) == (method, whose)),
                    "{behind:02X?} {at}: {found:?}"
                );
            }
        }
    }
}

#[test]
fn a_combined_signature_is_over_the_whole_answer() {
    for (behind, fault) in [
        (&[0x9F, 0x36, 0x02][..], Fault::OtherAnswer),
        (&[0x9F, 0x10, 0x07], Fault::OtherAnswer),
        (&[0x9F, 0x27, 0x01], Fault::OtherAnswer),
    ] {
        let found = paid(&trusting(), Method::Cda, flipped(GENERATE_AC, behind, 0, 2));
        assert_eq!(found, Err(Error::Signature(fault)), "{behind:02X?}");
    }
}

#[test]
fn a_card_in_the_middle_cannot_leave_the_signature_out() {
    let plain = |command: &mut Vec<u8>, answer: Option<&mut Vec<u8>>| {
        if answer.is_none() && command[1] == GENERATE_AC {
            command[2] &= 0xC0;
        }
    };
    let found = paid(&trusting(), Method::Cda, plain);
    let fault = Fault::Missing(Tag::SIGNED_DYNAMIC_DATA);
    assert_eq!(found, Err(Error::Signature(fault)));
    // Nor have something else signed.
    let other = |command: &mut Vec<u8>, answer: Option<&mut Vec<u8>>| {
        if answer.is_none() && command[1] == GENERATE_AC {
            command[5 + 28] ^= 1;
        }
    };
    let found = paid(&trusting(), Method::Cda, other);
    let fault = Fault::Signature(Check::Hash);
    assert_eq!(found, Err(Error::Signature(fault)));
    let other = |command: &mut Vec<u8>, answer: Option<&mut Vec<u8>>| {
        if answer.is_none() && command[1] == GENERATE_AC {
            command[5] ^= 1;
        }
    };
    let found = paid(&trusting(), Method::Cda, other);
    assert_eq!(
        found,
        Err(Error::Signature(Fault::OtherAnswer)),
        "the amount"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_flipped_bit_of_a_signature_is_found(at in 0_usize..128, bit in 0_u8..8) {
        let behind = &[0x9F, 0x4B, 0x81, 0x80];
        let found = paid(&trusting(), Method::Dda, flipped(INTERNAL_AUTHENTICATE, behind, at, bit));
        let failed = found.unwrap().data_authentication;
        prop_assert!(matches!(failed, DataAuthentication::Failed(Method::Dda, Fault::Signature(_))));
        let found = paid(&trusting(), Method::Cda, flipped(GENERATE_AC, behind, at, bit));
        prop_assert!(matches!(found, Err(Error::Signature(Fault::Signature(_)))));
    }

    #[test]
    fn a_flipped_bit_of_signed_data_is_found(at in 3_usize..100, bit in 0_u8..8) {
        // Record 1 of file 2 begins with the card number.
        let found = paid(&trusting(), Method::Dda, |command: &mut Vec<u8>, answer: Option<&mut Vec<u8>>| {
            if let Some(answer) = answer && command[..4] == [0x00, READ_RECORD, 0x01, 0x14] {
                answer[at] ^= 1 << bit;
            }
        });
        let genuine = DataAuthentication::Genuine(Method::Dda);
        prop_assert!(found.is_err() || found.unwrap().data_authentication != genuine);
    }
}
