//! What becomes of one order: it goes out until D1 answers, then the issuer waits for notifications and asks when it hears nothing.
//!
//! *Repeated* on network errors, time-outs, 5xx and 429, under the same `issuerRequestId` with a fresh JWE; not on other answers. The
//! pauses double up to a limit, and each is shortened by chance to between half and the whole, so that issuers that failed together do
//! not come back together; `Retry-After` prolongs them. A notification in a pause shows that D1 has the order, and ends it. A
//! restarted issuer begins to count anew.
//!
//! *Asked* after each silence of `poll_after`, until the outcome is known. That D1 knows of no order is no answer: it may be about to.
//! When it says so twice of an order that it accepted, it has lost the order (a failover to a region that is behind), and the order
//! goes out again, once, under the same `issuerRequestId`.
//! After giving up, and when D1 refuses what it accepted once or may have accepted (no attempt but the first is surely the only one), the
//! issuer asks ten times, or as often as it has tried to order, at pauses that double, and then leaves it to D1 to speak; of what D1
//! accepted once it goes on asking. All this is ours.

use std::sync::Arc;
use std::time::Duration;

use persotwin_contract::ids::CardId;
use persotwin_contract::notification::Operations;
use persotwin_contract::order::Accepted;
use persotwin_contract::path;
use persotwin_faults::Behaviour;
use persotwin_kernel::event::{About, HeardBy, News};
use persotwin_link::Face;
use persotwin_wire::{Call, Reply};
use rand::RngExt;
use tokio::sync::Notify;

use crate::card::NoCard;
use crate::client::{Refused, Trouble, call};
use crate::compose::Composition;
use crate::machine::{Desk, about};
use crate::model::{Fact, Order, Stage};

/// Follows an order to its end.
pub(crate) async fn follow(desk: &Arc<Desk>, card: &CardId, bell: &Notify) {
    loop {
        let stage = desk.office().await.stage(card);
        if stage.is_some_and(Stage::is_to_order) {
            order(desk, card, bell).await;
        }
        match watch(desk, card, bell).await {
            Watched::Forgotten => {}
            Watched::ToTheEnd => return,
        }
    }
}

/// What became of an order that was watched.
enum Watched {
    /// Nobody needs to follow it any more.
    ToTheEnd,
    /// D1 lost it: it is to go out again.
    Forgotten,
}

/// D1 has lost an order when it says so often that it knows of none.
const FORGOTTEN_AFTER: u32 = 2;
/// How often the issuer is told at least that there is no order, before it leaves one to D1 that it gave up.
const DENIALS: u32 = 10;
/// The shortest first pause between questions about an order that was given up.
const SHORTEST_SILENCE: Duration = Duration::from_secs(1);
/// The longest pause between them, unless `poll_after` is longer.
const LONGEST_SILENCE: Duration = Duration::from_mins(15);

/// Sends the order until D1 answers or attempts run out.
async fn order(desk: &Arc<Desk>, card: &CardId, bell: &Notify) {
    let Some((composition, mut earlier)) = compose(desk, card).await else {
        return;
    };
    let timing = &desk.setup.timing;
    for attempt in 1..=timing.attempts.max(1) {
        let rest = match place(desk, card, &composition, attempt).await {
            Ok(reply) => return accepted(desk, card, &reply).await,
            Err(Trouble::Refused(refused)) => return refuse(desk, card, refused, earlier).await,
            Err(Trouble::Passing(rest)) => rest.unwrap_or_default(),
        };
        earlier = Earlier::Perhaps;
        if attempt < timing.attempts {
            let pause = pause(desk, card, attempt).max(rest);
            // The bell rings when D1 told something, which ends the ordering.
            let _ = desk.host.clock.within(pause, bell.notified()).await;
        }
        if !still_to_order(desk, card).await {
            return;
        }
        if desk.setup.protections.lack(Behaviour::NewRequestId) {
            return desk.begin_anew(card).await;
        }
    }
    let mut office = desk.office().await;
    if office.stage(card).is_some_and(Stage::is_to_order) {
        desk.note(&mut office, card, Fact::GaveUp).await;
        desk.tell(&office, card, News::GaveUp).await;
    }
}

/// Whether D1 may have heard the order from an earlier attempt, of this life or of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Earlier {
    Never,
    Perhaps,
}

/// The order, and once the news that it goes out; none if it cannot be ordered.
async fn compose(desk: &Desk, card: &CardId) -> Option<(Composition, Earlier)> {
    let mut office = desk.office().await;
    let order = office.book.order(card)?;
    let (asked, is_new) = (order.asked().clone(), order.stage() == Stage::Asked);
    let composition = match Composition::of(&asked, desk.records(&office.book)) {
        Ok(composition) => composition,
        Err(NoCard::Obstacle(why)) => {
            desk.note(&mut office, card, Fact::NotOrdered { why }).await;
            desk.tell(&office, card, News::NotOrdered).await;
            return None;
        }
        Err(error @ NoCard::OfAnotherBank) => {
            desk.host.give_up(&error).await;
            return None;
        }
    };
    if !is_new {
        return Some((composition, Earlier::Perhaps));
    }
    desk.note(&mut office, card, Fact::Ordered).await;
    let essence = composition.essence(&desk.host.chance);
    desk.tell(&office, card, News::Ordering { essence }).await;
    Some((composition, Earlier::Never))
}

/// One attempt.
async fn place(
    desk: &Desk,
    card: &CardId,
    composition: &Composition,
    attempt: u32,
) -> Result<Reply, Trouble> {
    let host = &desk.host;
    // The instant is part of the key: a restarted issuer counts anew, and must not seal alike.
    let instant = host.clock.now().millis();
    let mut rng = host.chance.draw("jwe", &[card, &attempt, &instant]);
    let body = match composition.seal(&desk.setup.d1_jwe_key, &mut rng) {
        Ok(body) => body,
        Err(error) => {
            host.give_up(&error).await;
            return Err(Trouble::Passing(None));
        }
    };
    let path = path::production(&desk.setup.issuer, card);
    let order = Call::post(Face::Orders, &path)
        .body("application/json", body)
        .about(about_now(desk, card).await);
    call(host, &desk.setup, &desk.tokens, order).await
}

async fn about_now(desk: &Desk, card: &CardId) -> About {
    let office = desk.office().await;
    let order = office.book.order(card);
    order
        .map(|order| about(order, order.operation()))
        .unwrap_or_default()
}

async fn still_to_order(desk: &Desk, card: &CardId) -> bool {
    let stage = desk.office().await.stage(card);
    stage.is_some_and(Stage::is_to_order)
}

/// D1 answered 202. Any 2xx counts, with or without an operation's id.
async fn accepted(desk: &Arc<Desk>, card: &CardId, reply: &Reply) {
    let answer: Option<Accepted> = reply.json().ok();
    let operation = answer.and_then(|answer| answer.operation_id);
    let mut office = desk.office().await;
    desk.note(&mut office, card, Fact::Accepted { operation })
        .await;
    desk.tell(&office, card, News::Accepted).await;
}

/// D1 does not want the order; unless it told meanwhile that it has it from an earlier attempt. It may have it from one all the same, if
/// there was one: then nobody knows, as after giving up.
async fn refuse(desk: &Arc<Desk>, card: &CardId, refused: Refused, earlier: Earlier) {
    let Refused {
        status,
        code,
        error,
    } = refused;
    let mut office = desk.office().await;
    if office.stage(card).is_some_and(Stage::is_to_order) {
        let fact = match earlier {
            Earlier::Never => Fact::Refused { status },
            Earlier::Perhaps => Fact::GaveUp,
        };
        desk.note(&mut office, card, fact).await;
        let news = News::Refused {
            status,
            code,
            error,
        };
        desk.tell(&office, card, news).await;
    }
}

/// The pause after an attempt.
fn pause(desk: &Desk, card: &CardId, attempt: u32) -> Duration {
    let timing = &desk.setup.timing;
    let times = attempt.saturating_sub(1);
    let longest = doubled(timing.backoff.get(), times, timing.backoff_max.get());
    let millis = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
    let mut rng = desk.host.chance.draw("backoff", &[card, &attempt]);
    Duration::from_millis(rng.random_range(millis / 2..=millis))
}

/// Twice as long each time, up to a limit.
fn doubled(pause: Duration, times: u32, longest: Duration) -> Duration {
    let by = 2_u32.saturating_pow(times.min(16));
    pause.saturating_mul(by).min(longest)
}

/// Waits for D1 to speak, and asks when it does not.
async fn watch(desk: &Arc<Desk>, card: &CardId, bell: &Notify) -> Watched {
    let timing = &desk.setup.timing;
    let (mut denied, mut unknown) = (0, 0);
    loop {
        let mut office = desk.office().await;
        let stage = office.stage(card);
        let gave_up = stage == Some(Stage::GaveUp);
        let was_accepted = office.book.order(card).is_some_and(Order::was_forgotten);
        let tired = gave_up && !was_accepted && denied >= timing.attempts.max(DENIALS);
        if tired || !stage.is_some_and(Stage::is_unsettled) {
            office.unfollow(card);
            return Watched::ToTheEnd;
        }
        drop(office);
        let poll_after = timing.poll_after.get();
        let silent_for = if gave_up {
            let first = poll_after.max(SHORTEST_SILENCE);
            doubled(first, denied, LONGEST_SILENCE.max(first))
        } else {
            poll_after
        };
        if desk.setup.protections.lack(Behaviour::NeverPolls) {
            bell.notified().await;
            continue;
        }
        let silence = desk.host.clock.within(silent_for, bell.notified()).await;
        if silence.is_err() {
            match ask(desk, card).await {
                Told::NoSuchOrder => {
                    denied += 1;
                    unknown += 1;
                }
                // Whoever cannot be reached may know it yet.
                Told::Nothing => {}
                Told::Status => unknown = 0,
            }
            if unknown >= FORGOTTEN_AFTER && forget(desk, card).await {
                return Watched::Forgotten;
            }
        }
    }
}

/// Whether the order goes out again, because D1 lost it.
async fn forget(desk: &Arc<Desk>, card: &CardId) -> bool {
    let mut office = desk.office().await;
    let order = office.book.order(card);
    let lost = order.is_some_and(Order::can_be_forgotten);
    if lost {
        desk.note(&mut office, card, Fact::Forgotten).await;
        desk.tell(&office, card, News::Forgotten).await;
    }
    lost
}

/// What D1 said when it was asked.
enum Told {
    /// How the order stands.
    Status,
    /// It knows of none.
    NoSuchOrder,
    /// Nothing of use.
    Nothing,
}

/// Asks for the production status. Whatever goes wrong is asked again after the next silence.
async fn ask(desk: &Arc<Desk>, card: &CardId) -> Told {
    let path = path::production_status(&desk.setup.issuer, card);
    let question = Call::get(Face::Orders, &path).about(about_now(desk, card).await);
    let reply = match call(&desk.host, &desk.setup, &desk.tokens, question).await {
        Ok(reply) => reply,
        Err(Trouble::Refused(refused)) if refused.status == 404 => return Told::NoSuchOrder,
        Err(Trouble::Refused(_) | Trouble::Passing(_)) => return Told::Nothing,
    };
    let Ok(answer) = Operations::read(reply.body()) else {
        return Told::Nothing;
    };
    for update in answer
        .operations
        .iter()
        .filter(|update| update.card_id == *card)
    {
        desk.hear(update, HeardBy::Poll).await;
    }
    Told::Status
}
