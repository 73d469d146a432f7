//! Tracks 1 and 2 of the stripe, and the chip's copy of track 2 (ISO/IEC 7813, documented).
//!
//! ```text
//! track 1   %B<PAN>^<name>^<YYMM><service code><discretionary data>?
//! track 2   ;<PAN>=<YYMM><service code><discretionary data>?
//! tag 57    <PAN>D<YYMM><service code><discretionary data>, filled up with F to whole bytes
//! ```

use std::fmt;

use zeroize::Zeroizing;

use crate::bcd;
use crate::digits::Digits;
use crate::expiry::Expiry;
use crate::name::EncodedName;
use crate::pan::Pan;
use crate::service_code::ServiceCode;
use crate::stripe::{StripeError, StripeText, TrackNumber};

/// Why parts make no track, or a text is not a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrackError {
    /// The parts are longer than the track holds. A matter of configuration: the discretionary
    /// data is too long for a card number of this length.
    #[error("{track}: {found} characters on a track for {max}")]
    Overflow {
        /// Which track.
        track: TrackNumber,
        /// How many characters there are, with sentinels and check character.
        found: usize,
        /// How many the track holds.
        max: usize,
    },
    /// Another fault of the text as such.
    #[error("track text: {0}")]
    Text(StripeError),
    /// The text is of another track than the one that is read.
    #[error("text of another track")]
    OtherTrack,
    /// Track 1 of another format than `B`.
    #[error("track 1 of another format than B")]
    FormatCode,
    /// A separator is missing.
    #[error("track without its separator")]
    Separator,
    /// The card number is not one.
    #[error("track: not a card number")]
    Pan,
    /// The name is not one.
    #[error("track: not an encoded name")]
    Name,
    /// The expiry is not one.
    #[error("track: not an expiry")]
    Expiry,
    /// The service code is not one.
    #[error("track: not a service code")]
    ServiceCode,
    /// The discretionary data has characters that it cannot have.
    #[error("track: wrong discretionary data")]
    Discretionary,
    /// Track 2 equivalent data of no or more than 19 bytes, or with half bytes out of place.
    #[error("not track 2 equivalent data")]
    Equivalent,
}

impl TrackError {
    fn of(track: TrackNumber, error: StripeError) -> Self {
        match error {
            StripeError::TooLong { found, max } => Self::Overflow { track, found, max },
            other => Self::Text(other),
        }
    }
}

/// What track 1 says. It always fits the track. `Debug` masks.
#[derive(Clone, PartialEq, Eq)]
pub struct Track1 {
    pan: Pan,
    name: EncodedName,
    expiry: Expiry,
    service_code: ServiceCode,
    discretionary: Zeroizing<String>,
}

impl Track1 {
    /// The track of these parts; `discretionary` may hold any character of the track but its
    /// delimiters `%`, `^` and `?`.
    ///
    /// # Errors
    /// [`TrackError::Discretionary`], [`TrackError::Overflow`].
    pub fn new(
        pan: Pan,
        name: EncodedName,
        expiry: Expiry,
        service_code: ServiceCode,
        discretionary: &str,
    ) -> Result<Self, TrackError> {
        let allowed = |c| matches!(c, ' '..='_') && !matches!(c, '%' | '^' | '?');
        if !discretionary.chars().all(allowed) {
            return Err(TrackError::Discretionary);
        }
        let discretionary = Zeroizing::new(discretionary.to_owned());
        let track = Self {
            pan,
            name,
            expiry,
            service_code,
            discretionary,
        };
        track.to_text()?;
        Ok(track)
    }

    /// Reads a track of format `B` in which no part is left out.
    ///
    /// # Errors
    /// Every [`TrackError`] but [`TrackError::Overflow`] and [`TrackError::Equivalent`].
    pub fn parse(text: &StripeText) -> Result<Self, TrackError> {
        if text.track() != TrackNumber::One {
            return Err(TrackError::OtherTrack);
        }
        let body = text
            .body()
            .strip_prefix('B')
            .ok_or(TrackError::FormatCode)?;
        let (pan, rest) = body.split_once('^').ok_or(TrackError::Separator)?;
        let (name, rest) = rest.split_once('^').ok_or(TrackError::Separator)?;
        let pan = Pan::parse(pan).map_err(|_| TrackError::Pan)?;
        let name = EncodedName::parse(name).map_err(|_| TrackError::Name)?;
        let (expiry, service_code, discretionary) = read_tail(rest)?;
        Self::new(pan, name, expiry, service_code, discretionary)
    }

    /// The text with its sentinels, as it is written.
    ///
    /// # Errors
    /// None after construction; the result keeps the one check in one place.
    pub fn to_text(&self) -> Result<StripeText, TrackError> {
        let body = Zeroizing::new(format!(
            "B{}^{}^{}{}{}",
            self.pan.as_str(),
            self.name.as_str(),
            self.expiry.yymm(),
            self.service_code,
            *self.discretionary,
        ));
        let track = TrackNumber::One;
        StripeText::around(track, &body).map_err(|error| TrackError::of(track, error))
    }

    /// The card number.
    pub fn pan(&self) -> &Pan {
        &self.pan
    }

    /// The name.
    pub fn name(&self) -> &EncodedName {
        &self.name
    }

    /// The expiry.
    pub fn expiry(&self) -> Expiry {
        self.expiry
    }

    /// The service code.
    pub fn service_code(&self) -> ServiceCode {
        self.service_code
    }

    /// The discretionary data. It is secret: never log it.
    pub fn discretionary(&self) -> &str {
        &self.discretionary
    }
}

impl fmt::Debug for Track1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Track1({}, {}, {})",
            self.pan,
            self.expiry.yymm(),
            self.service_code
        )
    }
}

/// What track 2 says, on the stripe or in the chip. It always fits the track. `Debug` masks.
#[derive(Clone, PartialEq, Eq)]
pub struct Track2 {
    pan: Pan,
    expiry: Expiry,
    service_code: ServiceCode,
    discretionary: Digits,
}

impl Track2 {
    /// The track of these parts.
    ///
    /// # Errors
    /// [`TrackError::Overflow`].
    pub fn new(
        pan: Pan,
        expiry: Expiry,
        service_code: ServiceCode,
        discretionary: Digits,
    ) -> Result<Self, TrackError> {
        let track = Self {
            pan,
            expiry,
            service_code,
            discretionary,
        };
        track.to_text()?;
        Ok(track)
    }

    /// Reads a track in which no part is left out.
    ///
    /// # Errors
    /// Every [`TrackError`] that a track 2 can have.
    pub fn parse(text: &StripeText) -> Result<Self, TrackError> {
        if text.track() != TrackNumber::Two {
            return Err(TrackError::OtherTrack);
        }
        Self::parse_body(text.body(), '=')
    }

    /// Reads the value of tag 57.
    ///
    /// # Errors
    /// Every [`TrackError`] that a track 2 can have, and [`TrackError::Equivalent`].
    pub fn from_equivalent(bytes: &[u8]) -> Result<Self, TrackError> {
        if !(1..=19).contains(&bytes.len()) {
            return Err(TrackError::Equivalent);
        }
        let text = Zeroizing::new(hex::encode(bytes));
        let text = text.strip_suffix('f').unwrap_or(&text);
        if text.chars().any(|c| !matches!(c, '0'..='9' | 'd')) {
            return Err(TrackError::Equivalent);
        }
        Self::parse_body(text, 'd')
    }

    fn parse_body(body: &str, separator: char) -> Result<Self, TrackError> {
        let (pan, rest) = body.split_once(separator).ok_or(TrackError::Separator)?;
        let pan = Pan::parse(pan).map_err(|_| TrackError::Pan)?;
        let (expiry, service_code, discretionary) = read_tail(rest)?;
        let discretionary = Digits::parse(discretionary).map_err(|_| TrackError::Discretionary)?;
        Self::new(pan, expiry, service_code, discretionary)
    }

    /// The text with its sentinels, as it is written.
    ///
    /// # Errors
    /// None after construction; the result keeps the one check in one place.
    pub fn to_text(&self) -> Result<StripeText, TrackError> {
        let tail = self.tail();
        let body = Zeroizing::new(format!("{}={}", self.pan.as_str(), *tail));
        let track = TrackNumber::Two;
        StripeText::around(track, &body).map_err(|error| TrackError::of(track, error))
    }

    /// The value of tag 57, 9 to 19 bytes.
    pub fn to_equivalent(&self) -> Vec<u8> {
        let tail = self.tail();
        let digit = |byte: u8| byte.wrapping_sub(b'0');
        let nibbles: Zeroizing<Vec<u8>> = Zeroizing::new(
            self.pan
                .digits()
                .values()
                .chain([0x0D])
                .chain(tail.bytes().map(digit))
                .collect(),
        );
        bcd::pack_nibbles(&nibbles, 0x0F)
    }

    fn tail(&self) -> Zeroizing<String> {
        let discretionary = self.discretionary.as_str();
        Zeroizing::new(format!(
            "{}{}{discretionary}",
            self.expiry.yymm(),
            self.service_code
        ))
    }

    /// The card number.
    pub fn pan(&self) -> &Pan {
        &self.pan
    }

    /// The expiry.
    pub fn expiry(&self) -> Expiry {
        self.expiry
    }

    /// The service code.
    pub fn service_code(&self) -> ServiceCode {
        self.service_code
    }

    /// The discretionary data.
    pub fn discretionary(&self) -> &Digits {
        &self.discretionary
    }
}

impl fmt::Debug for Track2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Track2({}, {}, {})",
            self.pan,
            self.expiry.yymm(),
            self.service_code
        )
    }
}

/// Expiry, service code and discretionary data, which stand last on both tracks.
fn read_tail(rest: &str) -> Result<(Expiry, ServiceCode, &str), TrackError> {
    let (expiry, rest) = rest.split_at_checked(4).ok_or(TrackError::Expiry)?;
    let expiry = Expiry::parse(expiry).map_err(|_| TrackError::Expiry)?;
    let (code, discretionary) = rest.split_at_checked(3).ok_or(TrackError::ServiceCode)?;
    let code = ServiceCode::parse(code).map_err(|_| TrackError::ServiceCode)?;
    Ok((expiry, code, discretionary))
}

#[cfg(test)]
#[path = "track_tests.rs"]
mod tests;
