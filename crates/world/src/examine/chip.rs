//! The chip: read and paid with, its keys held against the issuer's.

use std::collections::BTreeSet;

use persotwin_chip::Application;
use persotwin_emv::afl::Capability;
use persotwin_emv::aid::Aid;
use persotwin_emv::authorisation::{AuthorisationRequest, Decision, IssuerAnswer};
use persotwin_emv::card_view::{CardView, ReadError};
use persotwin_emv::cryptogram::IssuerApplicationData;
use persotwin_emv::cvv::{self, DateOrder};
use persotwin_emv::dgi::DgiId;
use persotwin_emv::discretionary::{DiscretionaryPattern, Token};
use persotwin_emv::keys::KeySet;
use persotwin_emv::oda::{Rid, test_keys};
use persotwin_emv::profile::NumericCode;
use persotwin_emv::tag::Tag;
use persotwin_emv::tdes::TdesKey;
use persotwin_kernel::event::Defect;
use persotwin_link::product::Product;
use persotwin_link::tenant::MasterKeys;
use persotwin_printer::Blank;
use persotwin_terminal::cvm::CvmList;
use persotwin_terminal::{
    CommandName, DataAuthentication, Error, Never, Outcome, Purchase, Reading, Terminal,
    Transaction, at_once, pay,
};
use rand::Rng;

use super::Examiner;

/// What is bought, in cents (ours).
const AMOUNT: u64 = 42_00;

/// Reads the chip and pays with it. What is wrong with a card that can be read is added to `defects`.
///
/// # Errors
/// The one defect of a card that cannot be read, or that a terminal gives back.
pub(super) fn read(
    by: &Examiner<'_>,
    card: &Blank,
    defects: &mut BTreeSet<Defect>,
) -> Result<Reading, Defect> {
    let application = card.chip().personalised().ok_or(Defect::NotPersonalised)?;
    let product = product(by, application).ok_or(Defect::Product)?;
    let terminal = terminal(by, product).ok_or(Defect::Product)?;
    let mut number = [0; 4];
    let mut draw = by.chance.draw("examination", &[card.serial()]);
    draw.fill_bytes(&mut number);
    let mut inserted = card.clone();
    inserted.power_on();
    let mut asked = None;
    let issuer = |request: &AuthorisationRequest| {
        let answered = answer(by, product, request);
        asked = Some(answered.as_ref().err().copied());
        answered.ok()
    };
    // A chip that is silent answers nothing.
    let mut contacts = |command: &[u8]| inserted.transmit(command).unwrap_or_default();
    let purchase = Purchase::of(AMOUNT, number);
    let paid = at_once(pay(&mut contacts, &terminal, &purchase, issuer))
        .map_err(|error| defect_of(&error))?;
    match (asked, paid.outcome) {
        (None, _) => drop(defects.insert(Defect::NoCryptogram)),
        (Some(Some(defect)), _) => drop(defects.insert(defect)),
        (Some(None), Outcome::Refused) => drop(defects.insert(Defect::IssuerNotBelieved)),
        (Some(None), Outcome::Approved) => {}
    }
    check(by, application, product, &paid, defects);
    Ok(paid.reading)
}

fn check(
    by: &Examiner<'_>,
    application: &Application,
    product: &Product,
    paid: &Transaction,
    defects: &mut BTreeSet<Defect>,
) {
    let view = &paid.reading.view;
    let checks = [
        (Defect::Product, view.pan.as_str().starts_with(&product.bin)),
        (Defect::FileLocator, has_true_locator(application, view)),
        (Defect::CvmList, has_true_cvm_list(application, view)),
        (Defect::DataAuthentication, proves_itself(product, paid)),
        (Defect::Keys, has_own_keys(by, application, product, paid)),
        (
            Defect::ChipVerificationValue,
            has_own_value(by, product, view),
        ),
    ];
    let wrong = checks.into_iter().filter(|(_, is_good)| !is_good);
    defects.extend(wrong.map(|(defect, _)| defect));
}

/// The product whose application it is; of several, the one with the longest range of numbers that the card's is in.
fn product<'a>(by: &Examiner<'a>, application: &Application) -> Option<&'a Product> {
    let aid = application.aid().to_string();
    let products = by.tenant.products.values();
    let products = products.filter(|product| product.aid.eq_ignore_ascii_case(&aid));
    let view = application.view().and_then(Result::ok);
    let range = |product: &&Product| {
        let number = view.as_ref().map(|view| view.pan.as_str());
        let fits = number.is_some_and(|number| number.starts_with(&product.bin));
        fits.then_some(product.bin.len())
    };
    products.max_by_key(range)
}

/// A terminal in the product's own country, which trusts the test authority.
fn terminal(by: &Examiner<'_>, product: &Product) -> Option<Terminal> {
    let code = |number: u16| NumericCode::parse(&format!("{number:03}")).ok();
    let (country, currency) = (code(product.country)?, code(product.currency)?);
    let aid = Aid::parse(&product.aid).ok()?;
    Some(Terminal {
        authorities: vec![test_keys::authority(Rid::of(&aid))],
        ..Terminal::new(country, currency, by.day?)
    })
}

fn defect_of(error: &Error<Never>) -> Defect {
    match error {
        Error::Read(ReadError::PanDiffers | ReadError::ExpiryDiffers | ReadError::NotLastDay) => {
            Defect::ChipContradictsItself
        }
        Error::Read(ReadError::Locator(_) | ReadError::RecordMissing(_)) => Defect::FileLocator,
        Error::CvmList => Defect::CvmList,
        Error::Refused {
            command: CommandName::GenerateAc,
            ..
        }
        | Error::Cryptogram
        | Error::Exceeded => Defect::NoCryptogram,
        Error::Refused {
            command: CommandName::InternalAuthenticate,
            ..
        }
        | Error::Signature(_) => Defect::DataAuthentication,
        Error::Card(never) => match *never {},
        Error::NoStatus(_)
        | Error::Endless(_)
        | Error::Refused { .. }
        | Error::NoApplication
        | Error::Read(_)
        | Error::List { .. } => Defect::ChipUnreadable,
    }
}

/// The issuer's part: the keys at the index that the card names say whether it is the card.
fn answer(
    by: &Examiner<'_>,
    product: &Product,
    request: &AuthorisationRequest,
) -> Result<IssuerAnswer, Defect> {
    let master = master_keys(by, &request.issuer_data).ok_or(Defect::KeyIndex)?;
    let authentic = request
        .authenticate(&master.ac, product.master_key)
        .map_err(|_| Defect::Cryptogram)?;
    Ok(authentic.answer(Decision::Approved))
}

/// The master keys at the index in the issuer application data. An index that is no number is 1 to a chip, as D1 prepares it.
fn master_keys(by: &Examiner<'_>, issuer_data: &[u8]) -> Option<KeySet> {
    let named = IssuerApplicationData::parse(issuer_data).ok()?.key_index;
    let mut all = by.tenant.master_keys.iter();
    let (_, keys) = all.find(|(index, _)| index.as_str().parse().unwrap_or(1) == named)?;
    key_set(keys)
}

fn key_set(keys: &MasterKeys) -> Option<KeySet> {
    let key = |text: &str| TdesKey::from_hex(text).ok();
    Some(KeySet {
        ac: key(&keys.imk_ac)?,
        smi: key(&keys.imk_smi)?,
        smc: key(&keys.imk_smc)?,
    })
}

/// Whether all three keys, and the check values that the card was loaded with, follow from the issuer's.
fn has_own_keys(
    by: &Examiner<'_>,
    application: &Application,
    product: &Product,
    paid: &Transaction,
) -> bool {
    let view = &paid.reading.view;
    let Some(master) = master_keys(by, &paid.first.issuer_data) else {
        return false;
    };
    let expected = master.for_card(&view.pan, view.psn, product.master_key);
    application.grouping(DgiId::CARD_KEYS) == Some(&expected.to_grouping())
        && application.key_check_values() == Some(expected.check_values())
}

/// Whether the locator names every record that is there, and promises a signature only where the profile does.
fn has_true_locator(application: &Application, view: &CardView) -> bool {
    let there = application.records();
    let named: BTreeSet<_> = view.locator.records().collect();
    let is_signed = view
        .locator
        .entries()
        .iter()
        .any(|entry| entry.authenticated() > 0);
    let offers = [
        Capability::StaticAuthentication,
        Capability::DynamicAuthentication,
        Capability::CombinedAuthentication,
    ];
    let offers = offers
        .iter()
        .any(|capability| view.interchange_profile.has(*capability));
    there.keys().eq(&named) && is_signed == offers
}

/// Whether the card proved itself in the way of its product, or offers nothing where the product has none.
fn proves_itself(product: &Product, paid: &Transaction) -> bool {
    let expected = product
        .oda
        .map_or(DataAuthentication::NotOffered, DataAuthentication::Genuine);
    paid.data_authentication == expected
}

/// Whether the list can be read, and has the chip compare a PIN just when it has one.
fn has_true_cvm_list(application: &Application, view: &CardView) -> bool {
    let list = view.object(Tag::CVM_LIST).and_then(CvmList::parse);
    let verifies = view
        .interchange_profile
        .has(Capability::CardholderVerification);
    let has_pin = application.grouping(DgiId::PIN_TRIES).is_some();
    list.is_some_and(|list| verifies && list.wants_plain_pin() == has_pin)
}

/// Whether tag 57 holds the chip's own value by some key of the issuer's: the order chose which.
fn has_own_value(by: &Examiner<'_>, product: &Product, view: &CardView) -> bool {
    let Ok(pattern) = DiscretionaryPattern::parse(&product.track2_pattern) else {
        return false;
    };
    // What hangs on the cardholder's PIN cannot be computed again.
    if pattern.wants(Token::Pvv) {
        return true;
    }
    by.tenant.master_keys.values().any(|keys| {
        let Ok(key) = TdesKey::from_hex(&keys.cvk) else {
            return false;
        };
        let order = DateOrder::default();
        let value = cvv::icvv(&key, &view.pan, view.track2.expiry(), order);
        let filled = pattern.fill(Some(&value), None);
        filled.is_ok_and(|digits| digits == *view.track2.discretionary())
    })
}
