//! Production data, opened: in the clear for as long as one card is made, and wiped then.

use persotwin_contract::jose::jwe::Jwe;
use persotwin_contract::jose::jwk::PrivateJwk;
use persotwin_emv::aid::Aid;
use persotwin_emv::dgi::{self, Dgi};
use persotwin_link::jobs::{Job, ProductionData};
use zeroize::Zeroizing;

/// What a card shall become.
#[derive(Debug)]
pub(crate) struct Opened {
    /// Tracks and layout.
    pub(crate) data: ProductionData,
    /// The application to load.
    pub(crate) aid: Aid,
    /// What to load.
    pub(crate) groupings: Vec<Dgi>,
}

/// Why production data make no card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    /// They are not encrypted to this station, or were changed.
    #[error("the production data cannot be decrypted")]
    Sealed,
    /// They are not production data.
    #[error("the production data have another form")]
    Form,
    /// Application name or groupings are wrong.
    #[error("the chip's data have another form")]
    Chip,
}

/// Opens the production data of a job.
pub(crate) fn open(job: &Job, key: &PrivateJwk) -> Result<Opened, Unusable> {
    let sealed = Jwe::parse(&job.production_data).map_err(|_| Unusable::Sealed)?;
    let clear = sealed.decrypt(key).map_err(|_| Unusable::Sealed)?;
    let data: ProductionData = serde_json::from_slice(&clear).map_err(|_| Unusable::Form)?;
    let aid = Aid::parse(&data.aid).map_err(|_| Unusable::Chip)?;
    let mut groupings = Vec::new();
    for text in &data.dgis {
        let bytes = Zeroizing::new(hex::decode(text).map_err(|_| Unusable::Chip)?);
        groupings.extend(dgi::parse(&bytes).map_err(|_| Unusable::Chip)?);
    }
    Ok(Opened {
        data,
        aid,
        groupings,
    })
}
