//! The last checks of an order, in this order (ours): station, product, application, key indexes, number, PIN. What D1 knows of them
//! comes from onboarding.

use persotwin_contract::card::CardData;
use persotwin_contract::ids::{CardId, KeyIndex, PersoStation};
use persotwin_contract::order::{Channel, ClearOrder};
use persotwin_contract::refusal::{Constraint, Refusal};
use persotwin_emv::pan::Pan;
use persotwin_link::product::{PinRule, Product};
use persotwin_link::tenant::{MasterKeys, Tenant};

use crate::config::{Config, StationRegistration};
use crate::prepare::{Keys, read_pin};

const PIN_BLOCK: &str = "encryptedData.pinBlock";

/// What an order names, found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named<'a> {
    pub(crate) station: &'a PersoStation,
    pub(crate) registration: &'a StationRegistration,
    pub(crate) product: &'a Product,
    pub(crate) keys: Keys<'a>,
}

/// Finds what an order names, or names the first member that names nothing.
pub(crate) fn find<'a>(order: &'a ClearOrder, config: &'a Config) -> Result<Named<'a>, Refusal> {
    let station = match &order.channel {
        Channel::Instant(station) => station,
        other @ (Channel::Thales | Channel::Central) => {
            return Err(Refusal::Forbidden(Constraint::ChannelNotServed(
                other.word(),
            )));
        }
    };
    let registration = config
        .stations
        .get(station)
        .ok_or(Refusal::value("persoStation"))?;
    let tenant = &*config.tenant;
    let application = &order.payment_application;
    let product = product(order, tenant).ok_or(Refusal::value("cardProductId"))?;
    if product.config != application.config.as_str() {
        return Err(Refusal::value("paymentApplication.config"));
    }
    let derivation = &application.derivation_key_index;
    let keys = |field, index: Option<&KeyIndex>| master_keys(tenant, field, index, derivation);
    keys(
        "paymentApplication.odaKeyIndex",
        Some(&application.oda_key_index),
    )?;
    let keys = Keys {
        derivation: keys("paymentApplication.derivationKeyIndex", None)?,
        verification: keys(
            "paymentApplication.cvKeyIndex",
            application.cv_key_index.as_ref(),
        )?,
        pin: keys(
            "paymentApplication.pvKeyIndex",
            application.pv_key_index.as_ref(),
        )?,
    };
    Ok(Named {
        station,
        registration,
        product,
        keys,
    })
}

/// The product that the order names; the tenant's first one where the switch lets orders name none.
fn product<'a>(order: &ClearOrder, tenant: &'a Tenant) -> Option<&'a Product> {
    match &order.card_product_id {
        Some(id) => tenant.products.get(id),
        None => tenant.products.values().next(),
    }
}

fn master_keys<'a>(
    tenant: &'a Tenant,
    field: &'static str,
    index: Option<&KeyIndex>,
    derivation: &KeyIndex,
) -> Result<&'a MasterKeys, Refusal> {
    tenant
        .master_keys
        .get(index.unwrap_or(derivation))
        .ok_or(Refusal::value(field))
}

/// Whether the card data are of the product: its number range; and a PIN block of this number if the order is to bring the PIN, else
/// none (ours: a PIN that nobody would use is refused, and not dropped in silence).
pub(crate) fn check_data(data: &CardData, product: &Product) -> Result<(), Refusal> {
    if !data.pan.reveal().starts_with(&product.bin) {
        return Err(Refusal::value("encryptedData.pan"));
    }
    match (product.pin, &data.pin_block) {
        (PinRule::None | PinRule::Fetched, None) => Ok(()),
        (PinRule::None | PinRule::Fetched, Some(_)) => Err(Refusal::value(PIN_BLOCK)),
        (PinRule::InOrder, None) => Err(Refusal::format(PIN_BLOCK)),
        (PinRule::InOrder, Some(block)) => {
            let pan = Pan::parse(data.pan.reveal());
            let pan = pan.map_err(|_| Refusal::format("encryptedData.pan"))?;
            let pin = read_pin(block, &pan);
            pin.map(drop).map_err(|_| Refusal::value(PIN_BLOCK))
        }
    }
}

/// A card number has no place in an id, which stands in addresses, journals and logs (ours).
pub(crate) fn ids_without_number(
    card: &CardId,
    order: &ClearOrder,
    number: &str,
) -> Result<(), Refusal> {
    let ids = [
        ("cardId", Some(card.as_str())),
        (
            "issuerRequestId",
            order.issuer_request_id.as_ref().map(AsRef::as_ref),
        ),
        ("consumerId", order.consumer_id.as_ref().map(AsRef::as_ref)),
    ];
    let named = ids
        .into_iter()
        .find(|(_, id)| id.is_some_and(|id: &str| !number.is_empty() && id.contains(number)));
    named.map_or(Ok(()), |(field, _)| Err(Refusal::value(field)))
}
