//! The order of a card: the documented members, what a plan wants otherwise, and a fresh JWE for each attempt.

use persotwin_contract::card::CardData;
use persotwin_contract::ids::{ConsumerId, KeyIndex};
use persotwin_contract::jose::JoseError;
use persotwin_contract::jose::jwe::encrypt;
use persotwin_contract::jose::jwk::PublicJwk;
use persotwin_contract::order::{
    ClearOrder, EncryptedData, InvalidEncryptedData, Issuance, PaymentApplication, Services,
};
use persotwin_kernel::Chance;
use persotwin_kernel::event::Essence;
use persotwin_link::kiosk::Service;
use persotwin_link::order_override::{OrderChange, OrderPart, Seal};
use rand::CryptoRng;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::card::{NoCard, Records};
use crate::config::Offered;
use crate::model::Asked;

/// An order that only lacks its JWE. It holds card data in the clear, and is never shown.
pub(crate) struct Composition {
    asked: Asked,
    consumer: Option<ConsumerId>,
    payment_application: PaymentApplication,
    plaintext: Zeroizing<Vec<u8>>,
    changes: Vec<OrderChange>,
    seal: Seal,
}

/// Why an order cannot be sealed. A bug: no card's data are too long to encrypt, and no JWE is empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealError {
    /// The JWE could not be made.
    #[error("card data cannot be encrypted")]
    Encrypt(#[from] JoseError),
    /// The JWE cannot stand in an order.
    #[error(transparent)]
    Encrypted(#[from] InvalidEncryptedData),
}

impl Composition {
    /// The order of what a customer asked for.
    pub(crate) fn of(asked: &Asked, records: Records<'_>) -> Result<Self, NoCard> {
        let plan = records.plan(asked).ok_or(NoCard::OfAnotherBank)?;
        let offered = records.setup.products.get(&asked.product);
        let offered = offered.ok_or(NoCard::OfAnotherBank)?;
        let customer = || asked.customer.as_ref().parse().ok();
        Ok(Self {
            asked: asked.clone(),
            consumer: plan.consumer.clone().or_else(customer),
            payment_application: payment_application(offered, &records.setup.key_index),
            plaintext: plaintext(&records.card_data(asked)?, &plan.order),
            changes: plan.order.clone(),
            seal: plan.seal.clone(),
        })
    }

    /// What shall be on the card, without telling it. Of what is really sent: a change inside `encryptedData` counts.
    pub(crate) fn essence(&self, chance: &Chance) -> Essence {
        let sent: Value = serde_json::from_slice(&self.plaintext).unwrap_or_default();
        let text = |name: &str| sent[name].as_str().unwrap_or_default();
        Essence {
            number: chance.fingerprint(&[text("pan"), text("exp")]),
            name: Some(chance.fingerprint(&[text("name")])),
        }
    }

    /// The body of one attempt.
    pub(crate) fn seal<R: CryptoRng>(
        &self,
        key: &PublicJwk,
        rng: &mut R,
    ) -> Result<Vec<u8>, SealError> {
        let plaintext = self.seal.plaintext(&self.plaintext);
        let jwe = self.seal.sent(encrypt(plaintext, self.seal.key(key), rng)?);
        let mut clear = changes_of(&self.changes, OrderPart::Clear).peekable();
        if clear.peek().is_none() && jwe.len() <= EncryptedData::MAX {
            return Ok(self.order(jwe.parse()?).to_body());
        }
        // What the types of the contract cannot hold, rehearsals of bad orders can.
        let fitting = jwe.get(..EncryptedData::MAX).unwrap_or(&jwe);
        let good = self.order(fitting.parse()?).to_body();
        let mut body: Value = serde_json::from_slice(&good).unwrap_or_default();
        body["encryptedData"] = Value::String(jwe);
        clear.for_each(|change| change.apply(&mut body));
        Ok(body.to_string().into_bytes())
    }

    fn order(&self, encrypted_data: EncryptedData) -> ClearOrder {
        ClearOrder {
            card_product_id: Some(self.asked.product.clone()),
            consumer_id: self.consumer.clone(),
            issuer_request_id: Some(self.asked.key.clone()),
            ..ClearOrder::instant(
                self.asked.station.clone(),
                Services::of(issuance(self.asked.service)),
                encrypted_data,
                self.payment_application.clone(),
            )
        }
    }
}

fn plaintext(data: &CardData, changes: &[OrderChange]) -> Zeroizing<Vec<u8>> {
    let good = data.to_plaintext();
    let mut changes = changes_of(changes, OrderPart::Encrypted).peekable();
    if changes.peek().is_none() {
        return good;
    }
    let mut json: Value = serde_json::from_slice(&good).unwrap_or_default();
    changes.for_each(|change| change.apply(&mut json));
    Zeroizing::new(json.to_string().into_bytes())
}

fn changes_of(changes: &[OrderChange], part: OrderPart) -> impl Iterator<Item = &OrderChange> {
    changes.iter().filter(move |change| change.part == part)
}

const fn issuance(service: Service) -> Issuance {
    match service {
        Service::New => Issuance::Creation,
        Service::Renewal => Issuance::Renewal,
        Service::Replacement => Issuance::Replacement,
    }
}

/// The tenant's first key index serves for all keys. A PVV key is named only where a stripe carries a PVV.
fn payment_application(offered: &Offered, index: &KeyIndex) -> PaymentApplication {
    let product = &offered.product;
    let patterns = [&product.track1_pattern, &product.track2_pattern];
    let pvv = patterns.iter().any(|pattern| pattern.contains("pvv"));
    PaymentApplication {
        config: offered.config.clone(),
        oda_key_index: index.clone(),
        derivation_key_index: index.clone(),
        cv_key_index: Some(index.clone()),
        pv_key_index: pvv.then(|| index.clone()),
    }
}
