//! The desk: it holds the book, writes each fact down before it tells anybody, and starts a follower for every open order.
//!
//! One lock guards the book and the ledger: a question, the entry that answers it and its journal line are one step for everybody
//! else. Whoever reads the desk's answers may therefore rely on the ledger.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use persotwin_contract::ids::{CardId, OperationId};
use persotwin_contract::notification::{Operation, OperationNotification, ProductionStatus};
use persotwin_contract::pin::PinAnswer;
use persotwin_faults::Behaviour;
use persotwin_kernel::event::{About, HeardBy, News};
use persotwin_link::kiosk::{CardEvent, CardRequest, RequestState, RequestView, Service};
use persotwin_link::product::PinRule;
use persotwin_wire::Host;
use rand::RngExt;
use tokio::sync::{Mutex, MutexGuard, Notify};

use crate::card::Records;
use crate::client::Tokens;
use crate::config::Setup;
use crate::follow;
use crate::model::{
    Asked, Book, Entry, Fact, Hearing, InvalidRequestId, Order, Page, RequestId, Stage, Tap,
};
use crate::quote::{quoted, word};

/// The letters of the issuer's own ids: no digits, so that no id looks like a card number, and no vowels, so that none is a word.
const LETTERS: &[u8; 20] = b"bcdfghjklmnpqrstvwxz";

/// Everything that one life of the issuer works with.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) host: Host,
    pub(crate) setup: Setup,
    pub(crate) tokens: Tokens,
    office: Mutex<Office>,
}

/// What the lock guards.
#[derive(Debug)]
pub(crate) struct Office {
    pub(crate) book: Book,
    /// How to wake the follower of an order, for as long as it has one.
    bells: BTreeMap<CardId, Arc<Notify>>,
    /// How to wake the polls that wait for news of an order, where there were any since the last news.
    polls: BTreeMap<CardId, Arc<Notify>>,
}

/// Why the kiosk's request is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TapError {
    #[error(transparent)]
    Id(#[from] InvalidRequestId),
    #[error("this customer is not known here")]
    Customer,
    #[error("this product is not on offer")]
    Product,
    #[error("this requestId is known with other content")]
    Contradicts,
    #[error("nothing can be written down now")]
    LedgerFull,
}

/// Why the kiosk's word on a card is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SeenError {
    #[error("no such request")]
    NoRequest,
    #[error("something else was seen of this card before")]
    Contradicts,
    #[error("nothing can be written down now")]
    LedgerFull,
}

/// The ledger takes nothing more for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing can be written down now")]
pub(crate) struct LedgerFull;

impl Desk {
    pub(crate) fn new(host: Host, setup: Setup, book: Book) -> Self {
        let office = Office {
            book,
            bells: BTreeMap::new(),
            polls: BTreeMap::new(),
        };
        Self {
            host,
            setup,
            tokens: Tokens::default(),
            office: Mutex::new(office),
        }
    }

    /// Goes on with what an earlier life began: acts on outcomes that nobody acted on, follows every open order.
    pub(crate) async fn resume(self: &Arc<Self>) {
        let mut office = self.office().await;
        let of = |order: &Order| order.asked().card.clone();
        let cards: Vec<CardId> = office.book.orders().map(of).collect();
        for card in cards {
            self.act(&mut office, &card).await;
            self.wake(&mut office, &card);
        }
    }

    pub(crate) async fn office(&self) -> MutexGuard<'_, Office> {
        self.office.lock().await
    }

    /// Looks up what belongs to a wish.
    pub(crate) fn records<'a>(&'a self, book: &'a Book) -> Records<'a> {
        Records {
            setup: &self.setup,
            book,
            chance: &self.host.chance,
        }
    }

    /// A customer tapped on "print my card".
    pub(crate) async fn tap(
        self: &Arc<Self>,
        request: &CardRequest,
    ) -> Result<RequestView, TapError> {
        let id: RequestId = request.request_id.parse()?;
        if self.host.ledger.is_full() {
            return Err(TapError::LedgerFull);
        }
        let mut office = self.office().await;
        match office.book.tap(&id, request) {
            Tap::Contradicts => Err(TapError::Contradicts),
            Tap::Again(card, view) => {
                self.tell(&office, &card, News::RequestRepeated).await;
                Ok(view)
            }
            Tap::Second(card, view) => {
                let entry = Entry::AlsoKnownAs {
                    card: card.clone(),
                    request: id,
                };
                self.write(&mut office, entry).await;
                self.tell(&office, &card, News::RequestRepeated).await;
                Ok(view)
            }
            Tap::New => self.register(&mut office, id, request).await,
        }
    }

    async fn register(
        self: &Arc<Self>,
        office: &mut Office,
        id: RequestId,
        request: &CardRequest,
    ) -> Result<RequestView, TapError> {
        let plan = self.setup.cards.get(&request.customer);
        let plan = plan.ok_or(TapError::Customer)?;
        if !self.setup.products.contains_key(&request.product) {
            return Err(TapError::Product);
        }
        let renews = match request.service {
            Service::Renewal => {
                let of = plan.of.as_ref().unwrap_or(&request.customer);
                office.book.latest(of)
            }
            Service::New | Service::Replacement => None,
        };
        let card: CardId = self.id("card", &id, 0);
        let asked = Asked {
            card: card.clone(),
            key: self.id("order", &id, 0),
            request: id,
            customer: request.customer.clone(),
            station: request.perso_station.clone(),
            product: request.product.clone(),
            service: request.service,
            at: self.host.calendar.now(),
            renews: renews.map(|order| order.asked().card.clone()),
        };
        let view = Order::new(asked.clone()).view();
        self.write(office, Entry::Requested(asked)).await;
        let news = News::Requested {
            customer: request.customer.clone(),
            station: request.perso_station.clone(),
            service: request.service,
        };
        self.tell(office, &card, news).await;
        self.wake(office, &card);
        Ok(view)
    }

    /// A naive issuer gives up an order without an answer, and begins another one of the same wish.
    pub(crate) async fn begin_anew(self: &Arc<Self>, card: &CardId) {
        let mut office = self.office().await;
        let Some(asked) = office.book.order(card).map(Order::asked).cloned() else {
            return;
        };
        let same = |order: &&Order| order.asked().request == asked.request;
        let before = office.book.orders().filter(same).count();
        self.note(&mut office, card, Fact::GaveUp).await;
        self.tell(&office, card, News::GaveUp).await;
        if u32::try_from(before).is_ok_and(|before| before < self.setup.timing.attempts) {
            let anew = Asked {
                card: self.id("card", &asked.request, before),
                key: self.id("order", &asked.request, before),
                at: self.host.calendar.now(),
                ..asked
            };
            let card = anew.card.clone();
            self.write(&mut office, Entry::Requested(anew)).await;
            self.wake(&mut office, &card);
        }
    }

    /// An id of the issuer's own: technical, made from the request and from nothing else, for the so-manieth order of it.
    #[expect(clippy::expect_used, reason = "letters and hyphens make any id")]
    fn id<T: FromStr<Err: Debug>>(&self, kind: &str, request: &RequestId, nth: usize) -> T {
        let chance = &self.host.chance;
        let mut rng = match nth {
            0 => chance.draw("id", &[&kind, request]),
            again => chance.draw("id", &[&kind, request, &again]),
        };
        let mut letters = || -> String {
            let letter = |_| char::from(LETTERS[rng.random_range(0..LETTERS.len())]);
            (0..6).map(letter).collect()
        };
        let id = format!("{kind}-{}-{}", letters(), letters());
        id.parse().expect("an id")
    }

    /// How a request stands, as soon as that is another state than the one that is `shown`, or the wait is over; none for an unknown one.
    pub(crate) async fn view(
        &self,
        request: &str,
        shown: Option<RequestState>,
        wait: Duration,
    ) -> Option<RequestView> {
        let id: RequestId = request.parse().ok()?;
        let changed = self.host.clock.within(wait, self.another_view(&id, shown));
        match changed.await {
            Ok(view) => view,
            Err(_) => self.office().await.book.requested(&id).map(Order::view),
        }
    }

    async fn another_view(
        &self,
        id: &RequestId,
        shown: Option<RequestState>,
    ) -> Option<RequestView> {
        loop {
            let mut office = self.office().await;
            let order = office.book.requested(id)?;
            let view = order.view();
            if Some(view.state) != shown {
                return Some(view);
            }
            let card = order.asked().card.clone();
            let news = Arc::clone(office.polls.entry(card).or_default());
            // Waits from before the office is free: no news comes in between.
            let told = news.notified();
            drop(office);
            told.await;
        }
    }

    /// The PIN of a card that has one and does not bring it with its order, for D1 alone.
    pub(crate) async fn pin(&self, card: &CardId) -> Option<PinAnswer> {
        let office = self.office().await;
        let asked = office.book.order(card)?.asked();
        let records = self.records(&office.book);
        if records.pin_rule(asked) != Some(PinRule::Fetched) {
            return None;
        }
        let block = records.pin_block(asked)?;
        let mut rng = self.host.chance.draw("pin-jwe", &[card]);
        PinAnswer::seal(&block, &self.setup.d1_jwe_key, &mut rng).ok()
    }

    /// The kiosk software saw what became of the card.
    pub(crate) async fn seen(&self, request: &str, state: CardEvent) -> Result<(), SeenError> {
        let id: RequestId = request.parse().map_err(|_| SeenError::NoRequest)?;
        if self.host.ledger.is_full() {
            return Err(SeenError::LedgerFull);
        }
        let mut office = self.office().await;
        let order = office.book.requested(&id).ok_or(SeenError::NoRequest)?;
        let card = order.asked().card.clone();
        match order.seen() {
            None => {}
            Some(before) if before == state => return Ok(()),
            Some(_) => return Err(SeenError::Contradicts),
        }
        self.note(&mut office, &card, Fact::CardSeen { state })
            .await;
        self.tell(&office, &card, News::CardSeen { state }).await;
        Ok(())
    }

    /// D1 told something, or was asked. Updates about other operations than production, or about other cards than ours, are none of
    /// this issuer's business.
    pub(crate) async fn hear(self: &Arc<Self>, update: &OperationNotification, by: HeardBy) {
        let Some(details) = &update.details else {
            return;
        };
        if update.operation != Operation::Produce {
            return;
        }
        let status = match &details.status {
            ProductionStatus::Unknown(text) => ProductionStatus::Unknown(word(text)),
            known => known.clone(),
        };
        let (card, operation) = (&update.card_id, &update.operation_id);
        let mut office = self.office().await;
        let Some(order) = office.book.order(card) else {
            return;
        };
        let naive = self.naivety(order, &status, by);
        match order.weigh(operation, &status) {
            Hearing::News if naive == Some(Behaviour::ForgetsEarlyNews) => {
                let (operation, status) = (operation.clone(), status.clone());
                self.note(&mut office, card, Fact::Dropped { operation, status })
                    .await;
            }
            Hearing::Again if naive == Some(Behaviour::ArrivalOrder) => {
                let latest = Fact::TakenForLatest {
                    operation: operation.clone(),
                    status: status.clone(),
                };
                self.note(&mut office, card, latest).await;
                let code = update.error_code.as_deref().map(quoted);
                let news = News::Heard { status, by, code };
                self.tell_of(&office, card, Some(operation), news).await;
            }
            Hearing::Again if naive == Some(Behaviour::ActsAgain) => {
                let again = News::HeardAgain {
                    status: status.clone(),
                };
                self.tell_of(&office, card, Some(operation), again).await;
                let news = News::ActedOn { status };
                self.tell_of(&office, card, Some(operation), news).await;
            }
            Hearing::Again => {
                let news = News::HeardAgain { status };
                self.tell_of(&office, card, Some(operation), news).await;
            }
            Hearing::News => {
                let heard = Fact::Heard {
                    operation: operation.clone(),
                    status: status.clone(),
                };
                self.note(&mut office, card, heard).await;
                let code = update.error_code.as_deref().map(quoted);
                let news = News::Heard { status, by, code };
                self.tell_of(&office, card, Some(operation), news).await;
                self.act(&mut office, card).await;
                self.wake(&mut office, card);
            }
        }
    }

    /// Which missing protection matters when this is heard.
    fn naivety(&self, order: &Order, status: &ProductionStatus, by: HeardBy) -> Option<Behaviour> {
        let lacks = |behaviour: &Behaviour| self.setup.protections.lack(*behaviour);
        let early = order.stage().is_to_order() && by == HeardBy::Notification;
        let behaviour = if early {
            Behaviour::ForgetsEarlyNews
        } else if status.is_final() {
            Behaviour::ActsAgain
        } else {
            Behaviour::ArrivalOrder
        };
        Some(behaviour).filter(lacks)
    }

    /// Acts on the outcome, if there is one that nobody acted on: the card is booked, the screen changes.
    async fn act(&self, office: &mut Office, card: &CardId) {
        let order = office.book.order(card);
        let Some((operation, status)) = order.and_then(Order::to_act_on).cloned() else {
            return;
        };
        let acted = Fact::ActedOn {
            status: status.clone(),
        };
        self.note(office, card, acted).await;
        let news = News::ActedOn { status };
        self.tell_of(office, card, Some(&operation), news).await;
    }

    /// Wakes the follower of an order, or starts one if the order needs it.
    fn wake(self: &Arc<Self>, office: &mut Office, card: &CardId) {
        if let Some(bell) = office.bells.get(card) {
            bell.notify_one();
        } else if office.stage(card).is_some_and(Stage::is_unsettled) {
            let bell = Arc::new(Notify::new());
            office.bells.insert(card.clone(), Arc::clone(&bell));
            let (desk, card) = (Arc::clone(self), card.clone());
            self.host
                .life
                .spawn(async move { follow::follow(&desk, &card, &bell).await });
        }
    }

    /// D1 told of several operations at once. A full ledger is an error, and D1 is to tell again.
    pub(crate) async fn hear_all(
        self: &Arc<Self>,
        updates: &[OperationNotification],
    ) -> Result<(), LedgerFull> {
        if self.host.ledger.is_full() {
            return Err(LedgerFull);
        }
        for update in updates {
            self.hear(update, HeardBy::Notification).await;
        }
        Ok(())
    }

    /// Takes a fact of an order into the ledger, as soon as that has room, then into the book.
    pub(crate) async fn note(&self, office: &mut Office, card: &CardId, fact: Fact) {
        let card = card.clone();
        self.write(office, Entry::Of { card, fact }).await;
    }

    async fn write(&self, office: &mut Office, entry: Entry) {
        let page = Page::One(entry);
        if let Err(error) = self.host.ledger.append(&page).await {
            self.host.give_up(&error).await;
        }
        let Page::One(entry) = page;
        let polls = office.polls.remove(entry.card());
        office.book.apply(entry);
        if let Some(polls) = polls {
            polls.notify_waiters();
        }
    }

    /// Writes news of an order into the journal.
    pub(crate) async fn tell(&self, office: &Office, card: &CardId, news: News) {
        let operation = office.book.order(card).and_then(Order::operation);
        self.tell_of(office, card, operation, news).await;
    }

    /// Writes news of an order that came with an operation.
    async fn tell_of(
        &self,
        office: &Office,
        card: &CardId,
        operation: Option<&OperationId>,
        news: News,
    ) {
        if let Some(order) = office.book.order(card) {
            self.host.pen.news(about(order, operation), news).await;
        }
    }
}

impl Office {
    /// How far an order is.
    pub(crate) fn stage(&self, card: &CardId) -> Option<Stage> {
        self.book.order(card).map(Order::stage)
    }

    /// The follower of an order leaves.
    pub(crate) fn unfollow(&mut self, card: &CardId) {
        self.bells.remove(card);
    }
}

/// The ids of an order.
pub(crate) fn about(order: &Order, operation: Option<&OperationId>) -> About {
    let about = About::request(order.asked().request.as_str()).with_card(&order.asked().card);
    match operation {
        Some(operation) => about.with_operation(operation),
        None => about,
    }
}
