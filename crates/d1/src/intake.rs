//! Step 2 at D1: an order is read, checked and accepted, or refused; and the answer to `productionStatus`.
//!
//! The order of checks (ours, but that only the first field is named): token; path; headers and size of the body; clear members; JWE;
//! decrypted members; station, product, key indexes, number; business rules. With the switch `card_data_checks: in-preparation`, what
//! was decrypted is only checked to be JSON here, and the rest ends in `DATA_EXCEPTION`.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::civil::Date;
use persotwin_contract::card::CardData;
use persotwin_contract::ids::{CardId, CorrelationId, IssuerId, OperationId};
use persotwin_contract::media::MediaType;
use persotwin_contract::notification::Operations;
use persotwin_contract::order::ClearOrder;
use persotwin_contract::read::{Remark, read_card_data, read_order};
use persotwin_contract::refusal::{Missing, Refusal};
use persotwin_contract::rules::CardDataChecks;
use persotwin_contract::same::{NumberDigest, RequestDigest};
use persotwin_faults::Behaviour;
use persotwin_kernel::event::{About, News};
use rand::Rng;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::checks::{check_data, find, ids_without_number};
use crate::entry::{Acceptance, Entry};
use crate::machine::D1;
use crate::model::Asked;
use crate::{news, seal};

/// How long after the answer D1 looks into its outbox (ours): an issuer usually has its 202 before it hears REQUESTED.
const OUTBOX_PAUSE: Duration = Duration::from_millis(100);

/// A request to one of the documented operations, as it came.
#[derive(Debug)]
pub(crate) struct Asking {
    pub(crate) authorization: Option<String>,
    pub(crate) correlation: Option<String>,
    pub(crate) content_type: Option<String>,
    /// As in the path.
    pub(crate) issuer: String,
    /// As in the path.
    pub(crate) card: String,
    /// The body, or why it is none.
    pub(crate) body: Result<Bytes, Refusal>,
}

/// An accepted order.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) operation: OperationId,
    pub(crate) remarks: Vec<Remark>,
}

/// An order that was read.
struct Read {
    clear: ClearOrder,
    /// The card data, where they are good.
    data: Option<CardData>,
    digest: RequestDigest,
    remarks: Vec<Remark>,
}

/// The number of card data that are wrong otherwise.
#[derive(Deserialize)]
struct Numbered {
    pan: Option<String>,
}

impl D1 {
    /// Takes an order, once.
    pub(crate) async fn order(self: &Arc<Self>, asking: Asking) -> Result<Taken, Refusal> {
        let taken = self.try_order(&asking).await;
        if let Err(refusal) = &taken {
            let about = asking
                .card
                .parse()
                .map_or(About::nothing(), |card| About::card(&card));
            let refused = News::OrderRefused {
                status: refusal.status(),
                code: refusal.code().map(|code| code.to_string()),
                error: refusal.error().map(Into::into),
            };
            self.host.pen.news(about, refused).await;
        }
        taken
    }

    async fn try_order(self: &Arc<Self>, asking: &Asking) -> Result<Taken, Refusal> {
        let (issuer, card) = self.admit(asking)?;
        self.check_rate()?;
        let json = asking.content_type.as_deref().and_then(MediaType::of);
        if json != Some(MediaType::Json) {
            return Err(Refusal::UnsupportedMediaType);
        }
        let body = asking.body.as_ref().map_err(Clone::clone)?;
        let read = self.read(&issuer, &card, body).await?;
        self.accept(&issuer, &card, read).await
    }

    /// Token, path and headers: who asks about which card.
    fn admit(&self, asking: &Asking) -> Result<(IssuerId, CardId), Refusal> {
        let whose = self.bearers.verify(
            asking.authorization.as_deref(),
            self.host.calendar.now(),
            self.config.tenant.d1_rules.unauthorized_body,
        )?;
        let issuer: IssuerId = asking
            .issuer
            .parse()
            .map_err(|_| Refusal::format("issuerId"))?;
        if issuer != whose {
            return Err(Refusal::OtherIssuer);
        }
        let card = asking.card.parse().map_err(|_| Refusal::format("cardId"))?;
        match asking
            .correlation
            .as_deref()
            .map(str::parse::<CorrelationId>)
        {
            Some(Err(_)) => Err(Refusal::format("x-correlation-id")),
            Some(Ok(_)) | None => Ok((issuer, card)),
        }
    }

    /// 429 above the tenant's limit, over the last second.
    fn check_rate(&self) -> Result<(), Refusal> {
        let Some(limit) = self.config.tenant.d1_rules.rate_limit else {
            return Ok(());
        };
        let limit = usize::try_from(limit.get()).unwrap_or(usize::MAX);
        let now = self.host.clock.now();
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        while recent
            .front()
            .is_some_and(|moment| now.since(*moment) >= Duration::from_secs(1))
        {
            recent.pop_front();
        }
        if recent.len() >= limit {
            return Err(Refusal::TooManyRequests);
        }
        recent.push_back(now);
        Ok(())
    }

    async fn read(&self, issuer: &IssuerId, card: &CardId, body: &[u8]) -> Result<Read, Refusal> {
        let rules = &self.config.tenant.d1_rules;
        let keys = &self.config.keys;
        let clear = read_order(body, rules)?;
        let plaintext = seal::open(&clear.value.encrypted_data, keys)?;
        let day = self.day_of(&clear.value).await;
        let (data, mut remarks) = match read_card_data(&plaintext, rules, day) {
            Ok(reading) => (Some(reading.value), reading.remarks),
            Err(refusal @ Refusal::Parsing) => return Err(refusal),
            Err(refusal) => match rules.card_data_checks {
                CardDataChecks::AtOrder => return Err(refusal),
                CardDataChecks::InPreparation => (None, Vec::new()),
            },
        };
        if let Some(data) = &data {
            ids_without_number(card, &clear.value, data.pan.reveal())?;
        } else if let Ok(Numbered { pan: Some(number) }) = serde_json::from_slice(&plaintext) {
            // Whatever else is wrong with the data, the number would be read in the id.
            ids_without_number(card, &clear.value, &Zeroizing::new(number))?;
        }
        remarks.extend(clear.remarks);
        let content = data.as_ref().ok_or(&plaintext[..]);
        let digest = seal::digest(keys, issuer, card, &clear.value, content);
        Ok(Read {
            clear: clear.value,
            data,
            digest,
            remarks,
        })
    }

    /// The day against which the expiry is held: today, or the day on which this request came first, so that it stays the same
    /// request at midnight.
    async fn day_of(&self, order: &ClearOrder) -> Date {
        let books = self.books.lock().await;
        let request = order.issuer_request_id.as_ref();
        let first = request.and_then(|request| books.by_request(request));
        seal::day(first.map_or_else(|| self.now(), |(_, order)| order.start()))
    }

    /// Answers the same request as before, or writes a new order down. Nobody comes between the question and the entry.
    async fn accept(
        self: &Arc<Self>,
        issuer: &IssuerId,
        card: &CardId,
        read: Read,
    ) -> Result<Taken, Refusal> {
        let rules = &self.config.tenant.d1_rules;
        let asked = Asked {
            card,
            request: read.clear.issuer_request_id.as_ref(),
            issuance: read.clear.services.issuance,
            digest: read.digest,
        };
        let mut books = self.books.lock().await;
        let naive = self.config.protections.lack(Behaviour::NoDeduplication);
        if let Some(operation) = books.same(&asked).filter(|_| !naive).cloned() {
            let about = About::card(card).with_operation(&operation);
            let content = news::content(&self.host.chance, &read.digest);
            self.host
                .pen
                .news(about, News::OrderRepeated { content })
                .await;
            return Ok(Taken {
                operation,
                remarks: read.remarks,
            });
        }
        let named = find(&read.clear, &self.config)?;
        if let (Some(data), CardDataChecks::AtOrder) = (&read.data, rules.card_data_checks) {
            check_data(data, named.product)?;
        }
        if !naive {
            books.admit(&asked, rules)?;
        }
        let number = read
            .data
            .as_ref()
            .map(|data| NumberDigest::of(self.config.keys.digest(), data));
        let mut remarks = read.remarks;
        if number.is_some_and(|number| books.is_in_use(number)) {
            remarks.push(Remark::SharedKeys);
        }
        let operation = self.new_operation(issuer, &asked, books.of_card(card).count());
        let mut draw = self.host.chance.draw("seal", &[&operation]);
        let acceptance = Acceptance {
            operation: operation.clone(),
            at: self.now(),
            card: card.clone(),
            request: read.clear.issuer_request_id.clone(),
            station: named.station.clone(),
            issuance: asked.issuance,
            digest: read.digest,
            number,
            sealed: seal::seal(&read.clear, &self.config.keys, &mut draw)
                .map_err(|_| Refusal::Internal)?,
        };
        self.commit(&mut books, Entry::Accepted(Box::new(acceptance)), None)
            .await
            .map_err(|_| Refusal::Unavailable)?;
        drop(books);
        self.spawn_pipeline(&operation);
        self.spawn_outbox(&operation, OUTBOX_PAUSE);
        Ok(Taken { operation, remarks })
    }

    /// A new operation id in the form of a UUID, as the documented example has it; drawn for this order alone. The instant is part of
    /// the key: a D1 that lost its ledger's end does not know that it gave this order an id before.
    fn new_operation(&self, issuer: &IssuerId, asked: &Asked<'_>, earlier: usize) -> OperationId {
        let request = asked.request.map_or("", AsRef::as_ref);
        let instant = self.host.clock.now().millis();
        let mut bytes = [0; 16];
        self.host
            .chance
            .draw(
                "operation",
                &[issuer, asked.card, &request, &earlier, &instant],
            )
            .fill_bytes(&mut bytes);
        uuid(bytes)
    }

    /// How the latest order of a card stands, in the form of a notification (documented).
    pub(crate) async fn production_status(&self, asking: &Asking) -> Result<Operations, Refusal> {
        let (_, card) = self.admit(asking)?;
        let books = self.books.lock().await;
        let (operation, order) = books
            .latest_of_card(&card)
            .ok_or_else(|| Refusal::NotFound(Missing::Order(card.clone())))?;
        let report = order.report(operation, order.state());
        Ok(Operations {
            operations: vec![report.to_notification(&self.config.tenant.d1_rules)],
        })
    }
}

/// Version 4, of these bytes.
fn uuid(mut bytes: [u8; 16]) -> OperationId {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex::encode(bytes);
    let text = format!(
        "{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    );
    #[expect(
        clippy::expect_used,
        reason = "36 hexadecimal digits and hyphens are an id"
    )]
    text.parse().expect("a UUID is an operation id")
}
