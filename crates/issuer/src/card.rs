//! What is on a card: pure functions of what the customer asked, the bank's plans and the run's chance, so that a restarted issuer
//! orders the same card again although its ledger holds no card number. All choices here are ours.
//!
//! *Number.* The plan's; else, for a renewal, the number of the renewed card; else drawn: the product's BIN, digits, check digit.
//!
//! *Expiry.* The plan's; else the product's years, counted from the month of the wish, or, for a renewal, from the expiry of the
//! renewed card, so that it is always later.
//!
//! *Sequence number.* The plan's; else, for a renewal, one more than the renewed card's (a renewal of a card of long ago has 01), so
//! that two cards of one number can be told apart; else none is sent, which D1 reads as 00.
//!
//! *PIN.* The plan's; else four digits, drawn. It goes with the order where the product says so, or waits for D1 to fetch it.
//!
//! *Replacement.* The old card may be in strange hands, so a replacement is a card with a number of its own. Every order is of a
//! card id of its own too, renewals included: an id names one piece of plastic in the bank's books, and the old card serves until the
//! new one is in its customer's hand.
//!
//! *Name.* Printed as the bank writes it where D1's rule takes it. Else it is folded: marks and apostrophes fall away, and what is
//! longer than 26 characters has its middle names, from the right, and then its first turned into initials. A name that cannot even
//! be folded, of another script, is no order: only the bank's staff know how its customer spells it. Wherever the card does not show
//! the name as the bank writes it, or shows what track 1 cannot carry, `encodedName` goes with it; else D1 derives the same.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use persotwin_contract::card::{CardData, PanSequenceNumber};
use persotwin_contract::dates::Expiry;
use persotwin_contract::names::{EncodedName, PrintName};
use persotwin_contract::rules::NameRule;
use persotwin_contract::secret::{Pan, PinBlock};
use persotwin_emv::pan;
use persotwin_emv::pin::{self, Pin};
use persotwin_kernel::Chance;
use persotwin_link::kiosk::Service;
use persotwin_link::product::PinRule;
use rand::RngExt;
use zeroize::Zeroizing;

use crate::config::{CardPlan, Setup};
use crate::model::{Asked, Book, Obstacle};

/// The last month that `YYMM` can write.
const LAST_DAY: Date = jiff::civil::date(2099, 12, 31);

/// Looks up what belongs to a wish.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Records<'a> {
    pub(crate) setup: &'a Setup,
    pub(crate) book: &'a Book,
    pub(crate) chance: &'a Chance,
}

/// Why a wish cannot become a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoCard {
    /// Something about the customer.
    #[error("the card cannot be ordered")]
    Obstacle(Obstacle),
    /// The ledger names a customer or product that this issuer was not started with.
    #[error("the ledger names a customer or a product that the issuer does not know")]
    OfAnotherBank,
}

impl<'a> Records<'a> {
    /// The secret part of the order.
    pub(crate) fn card_data(self, asked: &Asked) -> Result<CardData, NoCard> {
        let plan = self.plan(asked).ok_or(NoCard::OfAnotherBank)?;
        let pan = self.pan(asked).ok_or(NoCard::OfAnotherBank)?;
        let expiry = self.expiry(asked).ok_or(NoCard::OfAnotherBank)?;
        let (name, encoded_name) = names(&plan.cardholder, self.setup.name_rule)?;
        let pin_block = match self.pin_rule(asked) {
            Some(PinRule::InOrder) => self.pin_block(asked),
            Some(PinRule::None | PinRule::Fetched) | None => None,
        };
        Ok(CardData {
            encoded_name,
            pin_block,
            pan_sequence_number: self.sequence_number(asked),
            ..CardData::new(pan, expiry, name)
        })
    }

    /// Where the PIN of what was asked for comes from.
    pub(crate) fn pin_rule(self, asked: &Asked) -> Option<PinRule> {
        let offered = self.setup.products.get(&asked.product)?;
        Some(offered.product.pin)
    }

    /// The card's PIN, combined with its number.
    pub(crate) fn pin_block(self, asked: &Asked) -> Option<PinBlock> {
        let number = pan::Pan::parse(self.pan(asked)?.reveal()).ok()?;
        let block = pin::PinBlock::format_0(&self.pin(asked)?, &number);
        let text = Zeroizing::new(hex::encode_upper(block.expose()));
        text.parse().ok()
    }

    fn pin(self, asked: &Asked) -> Option<Pin> {
        if let Some(pin) = &self.plan(asked)?.pin {
            return Some(pin.clone());
        }
        let mut rng = self.chance.draw("pin", &[&asked.card]);
        Pin::parse(&Zeroizing::new(format!(
            "{:04}",
            rng.random_range(0..10_000)
        )))
        .ok()
    }

    /// What the bank knows of the customer.
    pub(crate) fn plan(self, asked: &Asked) -> Option<&'a CardPlan> {
        self.setup.cards.get(&asked.customer)
    }

    fn renewed(self, asked: &Asked) -> Option<&'a Asked> {
        let order = self.book.order(asked.renews.as_ref()?)?;
        Some(order.asked())
    }

    fn pan(self, asked: &Asked) -> Option<Pan> {
        let plan = self.plan(asked)?;
        if let Some(pan) = &plan.pan {
            return Some(pan.clone());
        }
        if asked.service == Service::Renewal {
            if let Some(old) = self.renewed(asked) {
                return self.pan(old);
            }
            let old = plan.of.as_ref().and_then(|of| self.setup.cards.get(of));
            if let Some(pan) = old.and_then(|old| old.pan.as_ref()) {
                return Some(pan.clone());
            }
        }
        let product = &self.setup.products.get(&asked.product)?.product;
        let mut rng = self.chance.draw("pan", &[&asked.card]);
        let mut digits = Zeroizing::new(product.bin.clone());
        while digits.len() + 1 < usize::from(product.pan_length) {
            digits.push(char::from(b'0' + rng.random_range(0..10_u8)));
        }
        Pan::complete(&digits).ok()
    }

    fn expiry(self, asked: &Asked) -> Option<Expiry> {
        if let Some(expiry) = self.plan(asked)?.expires {
            return Some(expiry);
        }
        let years = self.setup.products.get(&asked.product)?.product.years;
        let from = match self.renewed(asked) {
            Some(old) => first_day(self.expiry(old)?)?,
            None => day(asked.at),
        };
        let end = from.saturating_add(Span::new().years(years));
        Expiry::of(end.min(LAST_DAY))
    }

    fn sequence_number(self, asked: &Asked) -> Option<PanSequenceNumber> {
        let planned = self.plan(asked)?.pan_sequence_number;
        if planned.is_some() || asked.service != Service::Renewal {
            return planned;
        }
        let old = self
            .renewed(asked)
            .and_then(|old| self.sequence_number(old));
        let next = (old.unwrap_or_default().number() + 1) % 100;
        format!("{next:02}").parse().ok()
    }
}

fn day(instant: Timestamp) -> Date {
    instant.to_zoned(TimeZone::UTC).date()
}

fn first_day(expiry: Expiry) -> Option<Date> {
    Date::new(expiry.year(), expiry.month(), 1).ok()
}

/// The printed name, and the one for track 1 and chip where D1 would not find it by itself.
fn names(cardholder: &str, rule: NameRule) -> Result<(PrintName, Option<EncodedName>), NoCard> {
    let printed = PrintName::new(cardholder, rule)
        .or_else(|_| PrintName::fold(cardholder))
        .map_err(|_| NoCard::Obstacle(Obstacle::Name))?;
    let as_written = printed.as_str() == cardholder;
    let plain = PrintName::new(printed.as_str(), NameRule::Embossing).is_ok();
    let encoded = (!as_written || !plain).then(|| EncodedName::derive(&printed));
    Ok((printed, encoded))
}

#[cfg(test)]
mod tests;
