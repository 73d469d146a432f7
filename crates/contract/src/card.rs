//! The secret part of an order: the JSON inside `encryptedData`.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use zeroize::Zeroizing;

use crate::dates::{EffectiveDate, Expiry};
use crate::names::{EncodedName, PrintName};
use crate::secret::{
    Cvv1, Cvv2, Pan, PaymentAccountReference, PinBlock, Pvv, Track1, Track2, Track3,
};

/// `panSequenceNumber`: two digits, `00` when absent (documented).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PanSequenceNumber(u8);

/// Text that is not two digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a PAN sequence number must be two digits")]
pub struct InvalidPanSequenceNumber;

impl PanSequenceNumber {
    /// The number, 0 to 99.
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl FromStr for PanSequenceNumber {
    type Err = InvalidPanSequenceNumber;

    fn from_str(text: &str) -> Result<Self, InvalidPanSequenceNumber> {
        match text.as_bytes() {
            [b'0'..=b'9', b'0'..=b'9'] => {
                text.parse().map(Self).map_err(|_| InvalidPanSequenceNumber)
            }
            _ => Err(InvalidPanSequenceNumber),
        }
    }
}

impl fmt::Display for PanSequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:02}", self.0))
    }
}

/// `trackData`: contents of the stripe that replace what D1 would make; used as they come
/// (documented).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrackData {
    /// `track1`.
    pub track1: Option<Track1>,
    /// `track2`.
    pub track2: Option<Track2>,
    /// `track3`.
    pub track3: Option<Track3>,
}

impl TrackData {
    pub(crate) fn wire(&self) -> TrackWire<'_> {
        TrackWire {
            track1: self.track1.as_ref().map(Track1::reveal),
            track2: self.track2.as_ref().map(Track2::reveal),
            track3: self.track3.as_ref().map(Track3::reveal),
        }
    }
}

/// The card's data as the issuer gives them. Debug output is masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardData {
    /// `pan`.
    pub pan: Pan,
    /// `exp`, `YYMM`.
    pub exp: Expiry,
    /// `name`, printed.
    pub name: PrintName,
    /// `secondName`, a second printed line.
    pub second_name: Option<PrintName>,
    /// `encodedName`, for track 1 and the chip.
    pub encoded_name: Option<EncodedName>,
    /// `cvv1`, where the issuer and not D1 makes it.
    pub cvv1: Option<Cvv1>,
    /// `cvv2`, printed, where the issuer and not D1 makes it.
    pub cvv2: Option<Cvv2>,
    /// `pvv`, where the issuer and not D1 makes it.
    pub pvv: Option<Pvv>,
    /// `paymentAccountReference`.
    pub payment_account_reference: Option<PaymentAccountReference>,
    /// `panSequenceNumber`; absent means `00`.
    pub pan_sequence_number: Option<PanSequenceNumber>,
    /// `effectiveDate`.
    pub effective_date: Option<EffectiveDate>,
    /// `pinBlock` (ours; the documented name is not public).
    pub pin_block: Option<PinBlock>,
    /// `trackData`; see [`TrackDataPlace`](crate::rules::TrackDataPlace).
    pub track_data: Option<TrackData>,
}

impl CardData {
    /// A card with the three required members.
    pub const fn new(pan: Pan, exp: Expiry, name: PrintName) -> Self {
        Self {
            pan,
            exp,
            name,
            second_name: None,
            encoded_name: None,
            cvv1: None,
            cvv2: None,
            pvv: None,
            payment_account_reference: None,
            pan_sequence_number: None,
            effective_date: None,
            pin_block: None,
            track_data: None,
        }
    }

    /// The sequence number in force.
    pub fn sequence_number(&self) -> PanSequenceNumber {
        self.pan_sequence_number.unwrap_or_default()
    }

    /// The encoded name in force: the issuer's; else the name field of `track1`, if that holds one
    /// (documented); else derived from the printed name (ours).
    pub fn encoded_name(&self, tracks: Option<&TrackData>) -> EncodedName {
        let of_track = || {
            let first = tracks?.track1.as_ref()?;
            first.reveal().split('^').nth(1)?.parse().ok()
        };
        self.encoded_name
            .clone()
            .or_else(of_track)
            .unwrap_or_else(|| EncodedName::derive(&self.name))
    }

    /// The JSON to be encrypted: all secrets in the clear, wiped when dropped.
    pub fn to_plaintext(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(crate::json::write(&Plaintext {
            pan: self.pan.reveal(),
            exp: self.exp.to_string(),
            name: self.name.as_str(),
            second_name: self.second_name.as_ref().map(PrintName::as_str),
            encoded_name: self.encoded_name.as_ref().map(EncodedName::as_str),
            cvv1: self.cvv1.as_ref().map(Cvv1::reveal),
            cvv2: self.cvv2.as_ref().map(Cvv2::reveal),
            pvv: self.pvv.as_ref().map(Pvv::reveal),
            payment_account_reference: self
                .payment_account_reference
                .as_ref()
                .map(PaymentAccountReference::reveal),
            pan_sequence_number: self.pan_sequence_number.map(|number| number.to_string()),
            effective_date: self.effective_date.map(|date| date.to_string()),
            pin_block: self.pin_block.as_ref().map(PinBlock::reveal),
            track_data: self.track_data.as_ref().map(TrackData::wire),
        }))
    }
}

#[derive(Serialize)]
pub(crate) struct TrackWire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    track1: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    track2: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    track3: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Plaintext<'a> {
    pan: &'a str,
    exp: String,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    second_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoded_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cvv1: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cvv2: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pvv: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_account_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pan_sequence_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pin_block: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    track_data: Option<TrackWire<'a>>,
}

#[cfg(test)]
mod tests;
