//! Step 3: from an order's data to production data. Pure.
//!
//! What D1's documentation says of model 1 is done here for real: keys of the chip from the issuer's master keys, CVV1 for the stripe,
//! iCVV for the chip, CVV2 for the print, tracks from the product's patterns, EMV data as data groupings. The EMV application itself
//! is scheme-neutral.
//!
//! | value | where it comes from | mark |
//! |---|---|---|
//! | CVV1, CVV2, PVV | the order, else computed with the keys at `cvKeyIndex` and `pvKeyIndex` | documented |
//! | those indexes when absent | `derivationKeyIndex` | ours |
//! | order of the date in CVV2 | year, month | ours |
//! | tracks | `trackData` as it comes, else the product's patterns and service code | documented |
//! | effective date | the order, else the day of the order at the station | ours |
//! | PIN | by product: none, the order's PIN block, or the issuer's answer; three tries | ours |
//! | cryptogram version, option of the card's keys | the product | ours |
//! | offline data authentication | by product: none, DDA or CDA; test keys of an authority, an issuer and cards, whatever `odaKeyIndex` says | ours |
//! | groups of the printed number | four digits | ours |

use jiff::civil::Date;
use persotwin_contract::card::{CardData, TrackData};
use persotwin_contract::order::{ClearOrder, DesignText};
use persotwin_contract::secret::PinBlock;
use persotwin_emv::aid::Aid;
use persotwin_emv::cryptogram::IssuerApplicationData;
use persotwin_emv::cvv::{self, Cvv, DateOrder};
use persotwin_emv::dgi::{Dgi, LengthForm};
use persotwin_emv::discretionary::{DiscretionaryPattern, Token};
use persotwin_emv::expiry::{CardDate, Expiry};
use persotwin_emv::keys::KeySet;
use persotwin_emv::name::EncodedName;
use persotwin_emv::oda::{CardCredentials, Exponent, Method, test_keys};
use persotwin_emv::pan::{Pan, PanSequence};
use persotwin_emv::perso::{AccountReference, ApplicationData, CardValues, ChipPin};
use persotwin_emv::pin::{self, Pin};
use persotwin_emv::profile::{ApplicationLabel, ApplicationProfile, NumericCode};
use persotwin_emv::pvv::{Pvv, PvvKeyIndex, pvv};
use persotwin_emv::service_code::ServiceCode;
use persotwin_emv::stripe::{StripeText, TrackNumber};
use persotwin_emv::tdes::TdesKey;
use persotwin_emv::track::{Track1, Track2};
use persotwin_link::jobs::{Layout, ProductionData};
use persotwin_link::product::Product;
use persotwin_link::tenant::MasterKeys;
use zeroize::Zeroizing;

/// How often the chip lets a PIN be tried (ours).
const PIN_TRIES: u8 = 3;

/// Which PIN verification key of the issuer's is meant (ours: D1 has one at an index).
const PVV_KEY: u8 = 1;

/// What a card is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ingredients<'a> {
    pub(crate) order: &'a ClearOrder,
    pub(crate) data: &'a CardData,
    /// Track data, from wherever they came.
    pub(crate) tracks: Option<&'a TrackData>,
    pub(crate) product: &'a Product,
    pub(crate) keys: Keys<'a>,
    /// The PIN, from wherever the product has it; none for a card without.
    pub(crate) pin: Option<&'a PinBlock>,
    /// Which key and certificate number the card gets, where the product's cards prove themselves.
    pub(crate) signing: Option<Signing>,
    /// The day of the order at the station.
    pub(crate) day: Date,
}

/// With what a card signs: drawn for its order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signing {
    pub(crate) method: Method,
    /// Of the keys for cards.
    pub(crate) key: usize,
    /// Of the card's certificate.
    pub(crate) serial: [u8; 3],
}

/// The issuer's master keys that the order chose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keys<'a> {
    pub(crate) derivation: &'a MasterKeys,
    pub(crate) verification: &'a MasterKeys,
    pub(crate) pin: &'a MasterKeys,
}

/// These data make no card. What exactly does not fit is never told: it could say something about the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unfit(&'static str);

/// The number, its dates and its verification values.
struct Values {
    pan: Pan,
    psn: PanSequence,
    expiry: Expiry,
    name: EncodedName,
    service_code: ServiceCode,
    cvv1: Cvv,
    icvv: Cvv,
    cvv2: Zeroizing<String>,
    pin: Option<Pin>,
    pvv: Option<Pvv>,
}

/// Prepares a card.
pub(crate) fn prepare(from: &Ingredients<'_>) -> Result<ProductionData, Unfit> {
    let values = values(from)?;
    let (track1, track2, track3) = tracks(from, &values)?;
    Ok(ProductionData {
        aid: from.product.aid.clone(),
        dgis: application(from, &values)?
            .iter()
            .map(hexadecimal)
            .collect(),
        track1,
        track2,
        track3,
        layout: layout(from, &values),
    })
}

fn values(from: &Ingredients<'_>) -> Result<Values, Unfit> {
    let data = from.data;
    let pan = Pan::parse(data.pan.reveal()).or(Err(Unfit("pan")))?;
    let expiry = Expiry::parse(&data.exp.to_string()).or(Err(Unfit("exp")))?;
    let service_code =
        ServiceCode::parse(&from.product.service_code).or(Err(Unfit("service code")))?;
    let key = TdesKey::from_hex(&from.keys.verification.cvk).or(Err(Unfit("CVK")))?;
    let order = DateOrder::default();
    let cvv1 = match &data.cvv1 {
        Some(given) => Cvv::parse(given.reveal()).or(Err(Unfit("cvv1")))?,
        None => cvv::cvv1(&key, &pan, expiry, service_code, order),
    };
    let cvv2 = match &data.cvv2 {
        Some(given) => given.reveal().to_owned(),
        None => cvv::cvv2(&key, &pan, expiry, order).as_str().to_owned(),
    };
    let pin = from.pin.map(|block| read_pin(block, &pan)).transpose()?;
    let encoded = data.encoded_name(from.tracks);
    Ok(Values {
        psn: PanSequence::new(data.sequence_number().number())
            .ok_or(Unfit("pan sequence number"))?,
        name: EncodedName::parse(encoded.as_str()).or(Err(Unfit("encoded name")))?,
        icvv: cvv::icvv(&key, &pan, expiry, order),
        cvv2: Zeroizing::new(cvv2),
        pvv: verification(from, &pan, pin.as_ref())?,
        pan,
        expiry,
        service_code,
        cvv1,
        pin,
    })
}

/// The PIN of a PIN block for this number.
pub(crate) fn read_pin(block: &PinBlock, pan: &Pan) -> Result<Pin, Unfit> {
    let mut bytes = Zeroizing::new([0; 8]);
    hex::decode_to_slice(block.reveal(), &mut *bytes).or(Err(Unfit("pin block")))?;
    pin::PinBlock::new(*bytes)
        .read_format_0(pan)
        .or(Err(Unfit("pin block")))
}

/// The PVV, where one is given or can be computed.
fn verification(
    from: &Ingredients<'_>,
    pan: &Pan,
    pin: Option<&Pin>,
) -> Result<Option<Pvv>, Unfit> {
    if let Some(given) = &from.data.pvv {
        let given = Pvv::parse(given.reveal()).or(Err(Unfit("pvv")))?;
        return Ok(Some(given));
    }
    let (Some(pin), Some(index)) = (pin, PvvKeyIndex::new(PVV_KEY)) else {
        return Ok(None);
    };
    let wanted = |pattern: &str| {
        DiscretionaryPattern::parse(pattern).is_ok_and(|pattern| pattern.wants(Token::Pvv))
    };
    if !wanted(&from.product.track1_pattern) && !wanted(&from.product.track2_pattern) {
        return Ok(None);
    }
    let key = TdesKey::from_hex(&from.keys.pin.pvk).or(Err(Unfit("PVK")))?;
    pvv(&key, pan, index, pin).map(Some).or(Err(Unfit("pvv")))
}

/// The three tracks without sentinels: as the order gives them, else by the product's patterns.
fn tracks(
    from: &Ingredients<'_>,
    values: &Values,
) -> Result<(String, String, Option<String>), Unfit> {
    let given = |track, text: Option<&str>| text.map(|text| body(track, text)).transpose();
    let tracks = from.tracks;
    let track1 = given(
        TrackNumber::One,
        tracks.and_then(|t| Some(t.track1.as_ref()?.reveal())),
    )?;
    let track2 = given(
        TrackNumber::Two,
        tracks.and_then(|t| Some(t.track2.as_ref()?.reveal())),
    )?;
    let track3 = given(
        TrackNumber::Three,
        tracks.and_then(|t| Some(t.track3.as_ref()?.reveal())),
    )?;
    let track1 = track1.map_or_else(|| made_track1(from, values), Ok)?;
    let track2 = track2.map_or_else(|| made_track2(from, values), Ok)?;
    Ok((track1, track2, track3))
}

fn made_track1(from: &Ingredients<'_>, values: &Values) -> Result<String, Unfit> {
    let digits = filled(&from.product.track1_pattern, &values.cvv1, values)?;
    let track = Track1::new(
        values.pan.clone(),
        values.name.clone(),
        values.expiry,
        values.service_code,
        digits.as_str(),
    );
    let text = track.and_then(|track| track.to_text());
    Ok(text.or(Err(Unfit("track 1")))?.body().to_owned())
}

fn made_track2(from: &Ingredients<'_>, values: &Values) -> Result<String, Unfit> {
    let digits = filled(&from.product.track2_pattern, &values.cvv1, values)?;
    let track = Track2::new(
        values.pan.clone(),
        values.expiry,
        values.service_code,
        digits,
    );
    let text = track.and_then(|track| track.to_text());
    Ok(text.or(Err(Unfit("track 2")))?.body().to_owned())
}

/// The text between the sentinels of a track that the issuer gave, with or without them.
fn body(track: TrackNumber, text: &str) -> Result<String, Unfit> {
    let start = track.start_sentinel();
    let whole = if text.starts_with(start) {
        Zeroizing::new(text.to_owned())
    } else {
        Zeroizing::new(format!("{start}{text}{}", TrackNumber::END_SENTINEL))
    };
    let parsed = StripeText::parse(track, &whole).or(Err(Unfit("trackData")))?;
    Ok(parsed.body().to_owned())
}

fn filled(
    pattern: &str,
    cvv: &Cvv,
    values: &Values,
) -> Result<persotwin_emv::digits::Digits, Unfit> {
    DiscretionaryPattern::parse(pattern)
        .and_then(|pattern| pattern.fill(Some(cvv), values.pvv.as_ref()))
        .or(Err(Unfit("track pattern")))
}

fn application(from: &Ingredients<'_>, values: &Values) -> Result<Vec<Dgi>, Unfit> {
    let reference = from
        .data
        .payment_account_reference
        .as_ref()
        .map(|reference| {
            AccountReference::parse(reference.reveal()).ok_or(Unfit("account reference"))
        });
    let card = CardValues {
        pan: values.pan.clone(),
        psn: values.psn,
        expiry: values.expiry,
        effective: effective(from)?,
        name: values.name.clone(),
        service_code: values.service_code,
        track1_discretionary: filled(&from.product.track1_pattern, &values.icvv, values)?,
        track2_discretionary: filled(&from.product.track2_pattern, &values.icvv, values)?,
        account_reference: reference.transpose()?,
    };
    let master = master_keys(from.keys.derivation)?;
    let pin = values.pin.clone().map(|pin| ChipPin {
        pin,
        tries: PIN_TRIES,
    });
    let application = ApplicationData {
        profile: profile(from.product)?,
        card,
        keys: master.for_card(&values.pan, values.psn, from.product.master_key),
        pin,
        issuer_data: Some(issuer_data(from)),
        authentication: credentials(from, values)?,
    };
    application.groupings().or(Err(Unfit("application data")))
}

fn credentials(from: &Ingredients<'_>, values: &Values) -> Result<Option<CardCredentials>, Unfit> {
    let Some(signing) = from.signing else {
        return Ok(None);
    };
    let issuer = test_keys::issuer(&values.pan).or(Err(Unfit("issuer's certificate")))?;
    Ok(Some(CardCredentials {
        method: signing.method,
        issuer,
        key: test_keys::card(signing.key),
        exponent: Exponent::Three,
        serial: signing.serial,
    }))
}

fn effective(from: &Ingredients<'_>) -> Result<CardDate, Unfit> {
    let day = from
        .data
        .effective_date
        .map_or(from.day, persotwin_contract::dates::EffectiveDate::date);
    CardDate::parse(&day.strftime("%y%m%d").to_string()).or(Err(Unfit("effective date")))
}

fn master_keys(keys: &MasterKeys) -> Result<KeySet, Unfit> {
    let key = |text: &str| TdesKey::from_hex(text).or(Err(Unfit("master keys")));
    Ok(KeySet {
        ac: key(&keys.imk_ac)?,
        smi: key(&keys.imk_smi)?,
        smc: key(&keys.imk_smc)?,
    })
}

fn profile(product: &Product) -> Result<ApplicationProfile, Unfit> {
    let code = |number: u16| {
        NumericCode::parse(&format!("{number:03}")).or(Err(Unfit("country or currency")))
    };
    let aid = Aid::parse(&product.aid).or(Err(Unfit("aid")))?;
    let label = ApplicationLabel::parse(&product.label).or(Err(Unfit("label")))?;
    Ok(ApplicationProfile::new(
        aid,
        label,
        code(product.country)?,
        code(product.currency)?,
    ))
}

/// The chip names the key index of its cryptograms; an index that is no number is 1 to it (ours).
fn issuer_data(from: &Ingredients<'_>) -> IssuerApplicationData {
    let index = from.order.payment_application.derivation_key_index.as_str();
    IssuerApplicationData {
        key_index: index.parse().unwrap_or(1),
        version: from.product.cryptogram,
        results: [0; 3],
    }
}

fn hexadecimal(grouping: &Dgi) -> String {
    let mut bytes = Zeroizing::new(Vec::with_capacity(
        grouping.encoded_len(LengthForm::Shortest),
    ));
    grouping.encode(LengthForm::Shortest, &mut bytes);
    hex::encode_upper(&*bytes)
}

fn layout(from: &Ingredients<'_>, values: &Values) -> Layout {
    let design = from.order.card_design.as_ref();
    let lines = design
        .into_iter()
        .flat_map(|design| design.custom_lines.iter().chain(&design.member_id));
    Layout {
        artwork: from.product.artwork.clone(),
        pan: grouped(values.pan.as_str()),
        expiry: values.expiry.printed(),
        name: from.data.name.as_str().to_owned(),
        second_name: from
            .data
            .second_name
            .as_ref()
            .map(|name| name.as_str().to_owned()),
        custom_lines: lines.map(DesignText::as_str).map(str::to_owned).collect(),
        cvv2: (*values.cvv2).clone(),
    }
}

/// `4111 1111 1111 1111`; what is left of other lengths stands last.
fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
#[path = "prepare_tests.rs"]
mod tests;
