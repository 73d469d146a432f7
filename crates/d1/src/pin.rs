//! The PIN of a card, where the product wants it fetched from the issuer. It is in D1 for as long as the card is prepared; no ledger
//! has it, so a D1 that prepares again fetches again.
//!
//! The operation at the issuer is documented; that the preparation of an instant card uses it, and what its answers mean to it, is
//! ours:
//!
//! | answer | preparation |
//! |---|---|
//! | 200 with a PIN block for D1 and for this card number | goes on |
//! | 200 with anything else, 400, 403, 404, any other 4xx | fails: `DP_DATA_REFUSED` |
//! | 401 (the token is fetched anew), 408, 429, 5xx, no token | asks again; `DP_NOT_AVAILABLE` when the time is over |
//! | none | asks again; `DP_TIMEOUT` when the time is over |

use persotwin_contract::ids::OperationId;
use persotwin_contract::path;
use persotwin_contract::pin::PinAnswer;
use persotwin_contract::production::ProductionCode;
use persotwin_contract::secret::PinBlock;
use persotwin_kernel::event::About;
use persotwin_link::Face;
use persotwin_wire::Call;

use crate::machine::D1;
use crate::model::Order;

/// What came of asking once.
enum Asked {
    /// The block.
    Here(PinBlock),
    /// There is none for this card, and asking again does not mend that.
    Never,
    /// Perhaps later; what the preparation fails with if there is no later.
    NotYet(ProductionCode),
}

impl D1 {
    /// Asks the issuer for a card's PIN, as long as it may take.
    pub(crate) async fn fetch_pin(
        &self,
        operation: &OperationId,
    ) -> Result<PinBlock, ProductionCode> {
        let about = self.about(operation).await;
        let card = about.card.as_ref().ok_or(ProductionCode::DpIoError)?;
        let path = path::card_pin(&self.config.tenant.issuer, card);
        let until = self.host.clock.now() + self.config.tenant.d1_timing.pin_limit.get();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let code = match self.ask_for_pin(&path, &about).await {
                Asked::Here(block) => return Ok(block),
                Asked::Never => return Err(ProductionCode::DpDataRefused),
                Asked::NotYet(code) => code,
            };
            let pause = self.pause("pin", operation, attempt);
            let wanted = self.look(operation, Order::is_open).await.unwrap_or(false);
            if !wanted || self.host.clock.now() + pause >= until {
                return Err(code);
            }
            self.host.clock.sleep(pause).await;
        }
    }

    async fn ask_for_pin(&self, path: &str, about: &About) -> Asked {
        let Ok(token) = self.outbound_token(about).await else {
            return Asked::NotYet(ProductionCode::DpNotAvailable);
        };
        let call = Call::get(Face::Pins, path)
            .about(about.clone())
            .patience(self.config.tenant.d1_timing.patience.get());
        let call = match &token {
            Some(token) => call.bearer(token.reveal()),
            None => call,
        };
        let Ok(reply) = self.host.wire.call(call).await else {
            return Asked::NotYet(ProductionCode::DpTimeout);
        };
        match reply.status() {
            200..=299 => {
                let answer = reply.json::<PinAnswer>().ok();
                let block = answer.and_then(|it| it.open(|kid| self.config.keys.opens(kid)).ok());
                block.map_or(Asked::Never, Asked::Here)
            }
            401 => {
                self.forget_token().await;
                Asked::NotYet(ProductionCode::DpNotAvailable)
            }
            408 | 429 | 500..=599 => Asked::NotYet(ProductionCode::DpNotAvailable),
            _ => Asked::Never,
        }
    }
}
