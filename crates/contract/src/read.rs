//! How D1 reads an order: each check in a fixed order, the first bad field named.
//!
//! Documented is that only the first field in error is named; the order is ours: the clear members
//! as [`ClearOrder`] lists them, then (by the caller) the JWE, then the decrypted members as
//! [`CardData`] lists them. In each object a doubled member comes first and, under
//! [`UnknownMembers::Strict`], an unknown one last; stations, products and business rules are the
//! caller's and come after all this.
//!
//! A missing required member, a wrong type and a broken pattern are `FIELD_INVALID_FORMAT`; a word
//! outside its list, a wrong check digit and an expiry in the past are `FIELD_INVALID_VALUE`
//! (inferred). `null` counts as absent (ours). A member that comes twice is refused, because
//! readers of JSON disagree about which one counts (ours).

mod fields;

use jiff::civil::Date;

use crate::card::{CardData, TrackData};
use crate::json::Json;
use crate::names::PrintName;
use crate::order::{
    CardDesign, Channel, ClearOrder, DistributionChannel, PaymentApplication, Services,
};
use crate::refusal::Refusal;
use crate::rules::{
    D1Rules, MissingChannel, PanCheckDigit, ProductId, TrackDataPlace, UnknownMembers,
};
use fields::Fields;

/// What was read, and what an integrator should know about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<T> {
    /// What was read.
    pub value: T,
    /// Remarks, in the order of reading.
    pub remarks: Vec<Remark>,
}

/// Something that was let through, and that an integrator may not have meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Remark {
    /// A member that this contract does not list was ignored.
    #[error("{0} is unknown and was ignored")]
    UnknownMember(crate::refusal::FieldName),
    /// A member of another distribution channel was ignored.
    #[error("{0} does not belong to this distributionChannel and was ignored")]
    OtherChannel(&'static str),
    /// Track data came in the clear.
    #[error("trackData holds the card number and came in the clear; put it inside encryptedData")]
    TrackDataInTheClear,
    /// Number and sequence number are those of an earlier card, which may be in use still.
    #[error(
        "pan and panSequenceNumber are those of an earlier card, so both chips have the same keys; raise panSequenceNumber"
    )]
    SharedKeys,
}

/// Reads the body of "Produce physical card".
pub fn read_order(body: &[u8], rules: &D1Rules) -> Result<Reading<ClearOrder>, Refusal> {
    let Some(Json::Object(members)) = Json::parse(body) else {
        return Err(Refusal::BadRequest);
    };
    let mut remarks = Vec::new();
    let mut fields = Fields::open("", members)?;
    let channel = read_channel(&mut fields, rules, &mut remarks)?;
    let services = read_services(fields.required_object("services")?, rules, &mut remarks)?;
    let encrypted_data = fields.required("encryptedData")?;
    let payment_application = read_payment_application(
        fields.required_object("paymentApplication")?,
        rules,
        &mut remarks,
    )?;
    let card_product_id = match rules.card_product_id {
        ProductId::Required => Some(fields.required("cardProductId")?),
        ProductId::Optional => fields.optional("cardProductId")?,
    };
    let consumer_id = fields.optional("consumerId")?;
    let issuer_request_id = fields.optional("issuerRequestId")?;
    let card_design = fields
        .optional_object("cardDesign")?
        .map(|design| read_card_design(design, rules, &mut remarks))
        .transpose()?;
    let track_data = fields
        .optional_object("trackData")?
        .map(|tracks| read_track_data(tracks, rules, &mut remarks))
        .transpose()?;
    if track_data.is_some() {
        if rules.track_data == TrackDataPlace::EncryptedOnly {
            return Err(Refusal::value("trackData"));
        }
        remarks.push(Remark::TrackDataInTheClear);
    }
    for name in ["shipment", "cardCarrierConfig"] {
        if fields.ignore(name) && channel.word() == DistributionChannel::Instant {
            remarks.push(Remark::OtherChannel(name));
        }
    }
    fields.close(rules, &mut remarks)?;
    let value = ClearOrder {
        channel,
        services,
        encrypted_data,
        payment_application,
        card_product_id,
        consumer_id,
        issuer_request_id,
        card_design,
        track_data,
    };
    Ok(Reading { value, remarks })
}

/// Reads what was inside the JWE. `today` is D1's date, against which the expiry is held.
pub fn read_card_data(
    plaintext: &[u8],
    rules: &D1Rules,
    today: Date,
) -> Result<Reading<CardData>, Refusal> {
    let Some(Json::Object(members)) = Json::parse(plaintext) else {
        return Err(Refusal::Parsing);
    };
    let mut remarks = Vec::new();
    let mut fields = Fields::open("encryptedData.", members)?;
    let print_name = |text: &str| PrintName::new(text, rules.name).ok();
    let value = CardData {
        pan: fields.required_and("pan", |pan: &crate::secret::Pan| {
            rules.pan_check_digit == PanCheckDigit::Ignore || pan.check_digit_is_right()
        })?,
        exp: fields.required_and("exp", |exp: &crate::dates::Expiry| !exp.is_past(today))?,
        name: fields.required_by("name", print_name)?,
        second_name: fields.optional_by("secondName", print_name)?,
        encoded_name: fields.optional("encodedName")?,
        cvv1: fields.optional("cvv1")?,
        cvv2: fields.optional("cvv2")?,
        pvv: fields.optional("pvv")?,
        payment_account_reference: fields.optional("paymentAccountReference")?,
        pan_sequence_number: fields.optional("panSequenceNumber")?,
        effective_date: fields.optional("effectiveDate")?,
        pin_block: fields.optional("pinBlock")?,
        track_data: fields
            .optional_object("trackData")?
            .map(|tracks| read_track_data(tracks, rules, &mut remarks))
            .transpose()?,
    };
    if value.track_data.is_some() && rules.track_data == TrackDataPlace::ClearOnly {
        return Err(Refusal::value("encryptedData.trackData"));
    }
    fields.close(rules, &mut remarks)?;
    Ok(Reading { value, remarks })
}

fn read_channel(
    fields: &mut Fields,
    rules: &D1Rules,
    remarks: &mut Vec<Remark>,
) -> Result<Channel, Refusal> {
    let word = match rules.missing_channel {
        MissingChannel::Refuse => fields.required_word("distributionChannel")?,
        MissingChannel::Thales => fields
            .optional_word("distributionChannel")?
            .unwrap_or(DistributionChannel::Thales),
    };
    let elsewhere = match word {
        DistributionChannel::Instant => {
            return Ok(Channel::Instant(fields.required("persoStation")?));
        }
        DistributionChannel::Thales => Channel::Thales,
        DistributionChannel::Central => Channel::Central,
    };
    if fields.ignore("persoStation") {
        remarks.push(Remark::OtherChannel("persoStation"));
    }
    Ok(elsewhere)
}

fn read_services(
    mut fields: Fields,
    rules: &D1Rules,
    remarks: &mut Vec<Remark>,
) -> Result<Services, Refusal> {
    let services = Services {
        issuance: fields.required_word("issuance")?,
        priority: fields.optional("priority")?,
        delivery: fields.optional("delivery")?,
        card_carrier: fields.optional("cardCarrier")?,
        packaging: fields.optional("packaging")?,
        pin_mailer: fields.optional_flag("pinMailer")?,
        alpha_card: fields.optional_flag("alphaCard")?,
    };
    fields.close(rules, remarks)?;
    Ok(services)
}

fn read_payment_application(
    mut fields: Fields,
    rules: &D1Rules,
    remarks: &mut Vec<Remark>,
) -> Result<PaymentApplication, Refusal> {
    let application = PaymentApplication {
        config: fields.required("config")?,
        oda_key_index: fields.required_index("odaKeyIndex")?,
        derivation_key_index: fields.required_index("derivationKeyIndex")?,
        cv_key_index: fields.optional_index("cvKeyIndex")?,
        pv_key_index: fields.optional_index("pvKeyIndex")?,
    };
    fields.close(rules, remarks)?;
    Ok(application)
}

fn read_card_design(
    mut fields: Fields,
    rules: &D1Rules,
    remarks: &mut Vec<Remark>,
) -> Result<CardDesign, Refusal> {
    let design = CardDesign {
        card_image: fields.optional("cardImage")?,
        images: fields.list("images")?,
        custom_lines: fields.list("customLines")?,
        member_id: fields.optional("memberId")?,
    };
    fields.close(rules, remarks)?;
    Ok(design)
}

fn read_track_data(
    mut fields: Fields,
    rules: &D1Rules,
    remarks: &mut Vec<Remark>,
) -> Result<TrackData, Refusal> {
    let tracks = TrackData {
        track1: fields.optional("track1")?,
        track2: fields.optional("track2")?,
        track3: fields.optional("track3")?,
    };
    fields.close(rules, remarks)?;
    Ok(tracks)
}

#[cfg(test)]
mod tests;
