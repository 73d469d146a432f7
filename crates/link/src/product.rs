//! Card products: what onboarding would have agreed about each kind of card.

use persotwin_emv::cryptogram::CryptogramVersion;
use persotwin_emv::keys::MasterKeyOption;
use persotwin_emv::oda::Method;

use crate::stock::StockName;

/// Where the PIN of a product's cards comes from (ours: D1's public pages tell of no PIN in instant issuance).
///
/// Without a PIN the chip has none to check: no PIN groupings, no offline PIN among its verification methods, and no PVV is
/// computed for the stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PinRule {
    /// The card has none.
    #[default]
    None,
    /// The order brings it, as `encryptedData.pinBlock`.
    InOrder,
    /// D1 fetches it from the issuer when it prepares the card.
    Fetched,
}

/// A card product as onboarding would have configured it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// `paymentApplication.config` that goes with it.
    pub config: String,
    /// The application identifier on the chip, hexadecimal.
    pub aid: String,
    /// Application label, 1 to 16 characters.
    pub label: String,
    /// Leading digits of every PAN of this product.
    pub bin: String,
    /// How many digits a PAN of our own issuer has.
    pub pan_length: u8,
    /// How long a card of our own issuer is valid, in years.
    pub years: u8,
    /// Which blank it is made from.
    pub stock: StockName,
    /// Where the chip's PIN comes from.
    pub pin: PinRule,
    /// How the chip computes its cryptograms.
    pub cryptogram: CryptogramVersion,
    /// How the card's keys follow from the issuer's.
    pub master_key: MasterKeyOption,
    /// How cards prove themselves to a terminal offline; none, or an issuer's and a card's certificate and a key of the card's own.
    /// All of it is of test keys, whatever `odaKeyIndex` an order names (ours).
    pub oda: Option<Method>,
    /// The 3-digit service code of tracks 1 and 2.
    pub service_code: String,
    /// Discretionary data of track 1, e.g. `000000|cvv|000000`.
    pub track1_pattern: String,
    /// Discretionary data of track 2, e.g. `0000|cvv|000000`.
    pub track2_pattern: String,
    /// Issuer country, ISO 3166-1 numeric.
    pub country: u16,
    /// Currency, ISO 4217 numeric.
    pub currency: u16,
    /// The artwork of the card's faces.
    pub artwork: String,
}

impl Product {
    pub(crate) fn visa_classic() -> Self {
        Self {
            config: "VISA-CLASSIC".into(),
            aid: "A0000000031010".into(),
            label: "VISA CLASSIC".into(),
            bin: "411111".into(),
            pan_length: 16,
            years: 3,
            stock: StockName::default(),
            pin: PinRule::default(),
            cryptogram: CryptogramVersion::default(),
            master_key: MasterKeyOption::default(),
            oda: None,
            service_code: "201".into(),
            track1_pattern: "000000|cvv|000000".into(),
            track2_pattern: "0000|cvv|000000".into(),
            country: 250,
            currency: 978,
            artwork: "dawn".into(),
        }
    }

    pub(crate) fn mastercard_debit() -> Self {
        Self {
            config: "MASTERCARD-DEBIT".into(),
            aid: "A0000000041010".into(),
            label: "DEBIT MASTERCARD".into(),
            bin: "541333".into(),
            artwork: "dusk".into(),
            ..Self::visa_classic()
        }
    }
}
