//! Payments with the chip model, the issuer's side played from its master keys.

use persotwin_chip::Chip;
use persotwin_emv::afl::Aip;
use persotwin_emv::authorisation::{
    AuthorisationRequest, CryptogramType, Decision, IssuerAnswer, NotAuthentic,
};
use persotwin_emv::cryptogram::CryptogramVersion;
use persotwin_emv::expiry::CardDate;
use persotwin_emv::keys::MasterKeyOption;
use persotwin_emv::perso::ApplicationData;
use persotwin_emv::pin::Pin;
use persotwin_terminal::cvm::Method;
use persotwin_terminal::{
    Error, Finding, IssuerTrust, Line, Never, Outcome, Purchase, Terminal, Transaction, at_once,
    pay,
};

use crate::card::{application, chip, master, terminal};

/// The issuer that made the cards.
fn issuer(decision: Decision) -> impl FnOnce(&AuthorisationRequest) -> Option<IssuerAnswer> {
    move |request| {
        let authentic = request.authenticate(&master().ac, MasterKeyOption::A);
        authentic.ok().map(|authentic| authentic.answer(decision))
    }
}

fn unreachable(_: &AuthorisationRequest) -> Option<IssuerAnswer> {
    None
}

fn purchase(pin: Option<&str>) -> Purchase {
    Purchase {
        pin: pin.map(|pin| Pin::parse(pin).unwrap()),
        ..Purchase::of(42_00, [0x12, 0x34, 0x56, 0x78])
    }
}

fn paid(
    chip: &mut Chip,
    terminal: &Terminal,
    purchase: &Purchase,
    issuer: impl FnOnce(&AuthorisationRequest) -> Option<IssuerAnswer>,
) -> Result<Transaction, Error<Never>> {
    chip.power_on();
    let mut card = |command: &[u8]| chip.transmit(command);
    at_once(pay(&mut card, terminal, purchase, issuer))
}

/// A card that asks to be shown who the issuer is.
fn suspicious(version: CryptogramVersion) -> ApplicationData {
    let mut data = application(None);
    data.profile.interchange_profile = Aip([0x1C, 0x00]);
    if let Some(issuer_data) = &mut data.issuer_data {
        issuer_data.version = version;
    }
    data
}

#[test]
fn the_issuer_recognises_its_card_and_the_card_its_issuer() {
    for version in [CryptogramVersion::Cvn10, CryptogramVersion::Cvn18] {
        let mut chip = chip(&suspicious(version));
        let good = issuer(Decision::Approved);
        let found = paid(&mut chip, &terminal(), &purchase(None), good).unwrap();
        let online = found.online.as_ref().unwrap();
        assert_eq!(found.first.kind, CryptogramType::Request);
        assert_eq!(online.issuer, IssuerTrust::Believed, "{version:?}");
        assert_eq!(online.second.kind, CryptogramType::Approval);
        assert_eq!(found.outcome, Outcome::Approved);
        assert_eq!(found.verification.method(), Some(Method::Signature));
        assert!(found.findings.has(Finding::PinNotEntered));
        let own = found
            .request()
            .authenticate(&master().ac, MasterKeyOption::A);
        assert!(own.is_ok());
    }
}

#[test]
fn another_issuer_is_not_believed() {
    let mut chip = chip(&suspicious(CryptogramVersion::Cvn18));
    let forger = |request: &AuthorisationRequest| {
        let foreign = request.authenticate(&master().smi, MasterKeyOption::A);
        assert_eq!(foreign, Err(NotAuthentic::Cryptogram));
        let authentic = request.authenticate(&master().ac, MasterKeyOption::A);
        let mut answer = authentic.unwrap().answer(Decision::Approved);
        answer.authentication.as_mut().unwrap()[0] ^= 0x01;
        Some(answer)
    };
    let found = paid(&mut chip, &terminal(), &purchase(None), forger).unwrap();
    let online = found.online.as_ref().unwrap();
    assert!(
        matches!(online.issuer, IssuerTrust::Refused(_)),
        "{online:?}"
    );
    assert!(found.findings.has(Finding::IssuerNotAuthenticated));
    assert_eq!(found.outcome, Outcome::Refused);
}

#[test]
fn every_payment_has_a_number_and_a_cryptogram_of_its_own() {
    let mut chip = chip(&application(None));
    let mut pay = || {
        paid(
            &mut chip,
            &terminal(),
            &purchase(None),
            issuer(Decision::Approved),
        )
    };
    let (first, second) = (pay().unwrap(), pay().unwrap());
    assert_eq!(
        (first.first.counter, second.first.counter),
        ([0, 1], [0, 2])
    );
    assert_ne!(first.first.value, second.first.value);
    assert_eq!(first.outcome, Outcome::Approved);
}

#[test]
fn what_the_issuer_refuses_is_refused() {
    let mut chip = chip(&application(None));
    let found = paid(
        &mut chip,
        &terminal(),
        &purchase(None),
        issuer(Decision::Refused),
    )
    .unwrap();
    assert_eq!(found.outcome, Outcome::Refused);
    assert_eq!(found.online.unwrap().second.kind, CryptogramType::Refusal);
}

#[test]
fn without_the_issuer_the_cards_default_decides() {
    let mut chip = chip(&application(None));
    let found = paid(&mut chip, &terminal(), &purchase(None), unreachable).unwrap();
    assert_eq!(found.outcome, Outcome::Refused);
    let mut offline = terminal();
    offline.line = Line::OfflineOnly;
    let found = paid(&mut chip, &offline, &purchase(None), unreachable).unwrap();
    assert_eq!((found.outcome, found.online), (Outcome::Refused, None));

    let mut trusting = application(None);
    trusting.profile.action_codes.default = [0; 5];
    let mut chip = crate::card::chip(&trusting);
    // A card that has never heard from its issuer asks for it.
    let found = paid(&mut chip, &offline, &purchase(None), unreachable).unwrap();
    assert_eq!(found.first.kind, CryptogramType::Request);
    assert!(found.online.is_some_and(|online| online.answer.is_none()));
    paid(
        &mut chip,
        &terminal(),
        &purchase(None),
        issuer(Decision::Approved),
    )
    .unwrap();
    let found = paid(&mut chip, &offline, &purchase(None), unreachable).unwrap();
    assert_eq!(found.first.kind, CryptogramType::Approval);
    assert_eq!(found.outcome, Outcome::Approved);
}

#[test]
fn the_chip_compares_the_pin() {
    let mut chip = chip(&application(Some("1234")));
    let mut pay = |pin| {
        let issuer = issuer(Decision::Approved);
        paid(&mut chip, &terminal(), &purchase(Some(pin)), issuer).unwrap()
    };
    let good = pay("1234");
    assert_eq!(good.verification.method(), Some(Method::PlainPin));
    assert_eq!(good.outcome, Outcome::Approved);
    for tries in 1..=4 {
        let wrong = pay("4321");
        // The list goes on to the PIN that the issuer compares.
        assert_eq!(wrong.verification.method(), Some(Method::OnlinePin));
        assert!(wrong.findings.has(Finding::OnlinePinEntered));
        let exceeded = wrong.findings.has(Finding::PinTriesExceeded);
        assert_eq!(exceeded, tries >= 3, "{tries}");
    }
}

#[test]
fn a_card_out_of_its_time_is_noticed() {
    for (day, finding) in [
        ("260614", Finding::NotYetEffective),
        ("290701", Finding::Expired),
    ] {
        let mut there = terminal();
        there.date = CardDate::parse(day).unwrap();
        let mut chip = chip(&application(None));
        let found = paid(
            &mut chip,
            &there,
            &purchase(None),
            issuer(Decision::Approved),
        )
        .unwrap();
        assert!(found.findings.has(finding), "{day}");
    }
}

#[test]
fn a_chip_that_gives_more_than_it_was_asked_for_is_given_back() {
    let mut chip = chip(&application(None));
    let mut card = |command: &[u8]| {
        let mut answer = chip.transmit(command);
        if command[1] == 0xAE {
            // Cryptogram information: approved.
            let at = answer
                .windows(3)
                .position(|it| it == [0x9F, 0x27, 0x01])
                .unwrap();
            answer[at + 3] = 0x40;
        }
        answer
    };
    let purchase = purchase(None);
    let found = at_once(pay(&mut card, &terminal(), &purchase, unreachable));
    assert_eq!(found, Err(Error::Exceeded));
}

#[test]
fn nothing_secret_shows() {
    let mut chip = chip(&application(Some("1234")));
    let purchase = purchase(Some("1234"));
    let found = paid(
        &mut chip,
        &terminal(),
        &purchase,
        issuer(Decision::Approved),
    )
    .unwrap();
    let shown = format!("{found:?} {purchase:?} {:?}", found.request());
    for secret in ["5413330089020011", "1234FF", "\"1234\"", "MARTIN"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
