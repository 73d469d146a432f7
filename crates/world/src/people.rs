//! Customers, the kiosk software that they tap on, and the staff of a branch.
//!
//! ```text
//! arrives ─ taps ─► waits ──┬─ the card lies in the exit ─► takes it
//!                           ├─ the screen says sorry ─────► leaves
//!                           ├─ the card was captured ─────► leaves
//!                           └─ loses patience ────────────► leaves
//! ```
//!
//! People meet machines in two ways: by the kiosk's screen, which asks the issuer over HTTP, and with their hands, at the exit of a
//! station. The kiosk software tells the issuer what it saw happen at the exit (ours), so that no live card is forgotten in a bin.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use persotwin_kernel::event::{About, Disturbance};
use persotwin_kernel::{Event, Moment};
use persotwin_link::kiosk::{CARD_REQUESTS, CardEvent, CardRequest, RequestState};
use persotwin_link::{CustomerName, Face, Place};
use persotwin_scenario::{Customer, Ordering, Staff, Taking, Taps};
use persotwin_station::{CardAtExit, Physical, Wanted};
use persotwin_wire::{Call, Host};

use crate::director::Leavers;
use crate::screen;

/// How soon a second tap follows the first.
const SECOND_TAP: Duration = Duration::from_millis(400);
/// How long the kiosk tries to place or report something before it gives up.
const TRIES: u32 = 30;
/// How long a customer stands at a kiosk for nothing.
const PATIENCE: Duration = Duration::from_mins(15);

/// How soon somebody who stands with the hand at the exit takes a card.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How long a customer looks at the exit after the screen has said sorry.
const LINGER: Duration = Duration::from_secs(5);

/// What a customer needs of the world.
#[derive(Clone)]
pub(crate) struct AtStation {
    pub(crate) host: Host,
    pub(crate) customer: Customer,
    pub(crate) physical: Physical,
    /// Whether staff hand the card over.
    pub(crate) staffed: bool,
    /// Who has gone away meanwhile.
    pub(crate) leavers: Leavers,
}

/// A customer's whole story.
pub(crate) async fn customer(here: AtStation) {
    let AtStation { host, customer, .. } = &here;
    host.clock.sleep(customer.arrives.get()).await;
    let request = CardRequest {
        request_id: format!("req-{}", customer.name),
        customer: customer.name.clone(),
        perso_station: customer.station.clone(),
        product: customer.product.clone(),
        service: customer.service,
    };
    if customer.taps == Taps::Twice {
        let (again, kiosk) = (request.clone(), host.clone());
        host.life.spawn(async move {
            kiosk.clock.sleep(SECOND_TAP).await;
            does(&kiosk, &format!("{} taps again", again.customer)).await;
            tap(&kiosk, &again).await;
        });
    }
    if !tap(host, &request).await {
        screen::show(host, &request.request_id, RequestState::Sorry).await;
        return;
    }
    // Whoever gets neither a card nor an answer leaves in the end.
    let _ = host
        .clock
        .within(
            PATIENCE + waits_for(customer),
            at_the_kiosk(&here, &request.request_id),
        )
        .await;
}

async fn at_the_kiosk(here: &AtStation, request: &str) {
    let screen = pin!(screen::watch(&here.host, request));
    let exit = pin!(at_the_exit(here, request));
    match select(screen, exit).await {
        Either::Left((RequestState::Sorry, exit)) => {
            let _ = here.host.clock.within(LINGER, exit).await;
        }
        Either::Left((_, exit)) => exit.await,
        Either::Right(((), screen)) => {
            let another = pin!(another_card(here));
            if let Either::Left((RequestState::TakeYourCard, another)) =
                select(screen, another).await
            {
                // Whoever is told to take a card takes one, a second one too.
                let _ = here.host.clock.within(LINGER, another).await;
            }
        }
    }
}

/// How long after the request the customer may not even be there.
fn waits_for(customer: &Customer) -> Duration {
    match customer.orders {
        Ordering::AtKiosk => Duration::ZERO,
        Ordering::InApp { fetches_at } => fetches_at.get(),
    }
}

/// Asks for a card at another screen than the customer stands at, and waits there until the card has gone or there is none.
pub(crate) async fn ask(host: &Host, physical: &Physical, request: &CardRequest) {
    let to_the_end = async {
        if tap(host, request).await
            && screen::watch(host, &request.request_id).await == RequestState::TakeYourCard
        {
            let card = physical.card_at_exit(&Wanted::Any).await;
            physical.exit_without(&card.serial).await;
        }
    };
    let _ = host.clock.within(PATIENCE, to_the_end).await;
}

/// Sends the request, again and again if the issuer cannot be reached.
async fn tap(host: &Host, request: &CardRequest) -> bool {
    for attempt in 1..=TRIES {
        let call = Call::post(Face::Kiosk, CARD_REQUESTS)
            .json(request)
            .about(About::request(&request.request_id));
        match host.wire.call(call).await {
            Ok(reply) if reply.is_success() => return true,
            Ok(reply) if (400..500).contains(&reply.status()) => return false,
            Ok(_) | Err(_) => {
                host.clock
                    .sleep(Duration::from_secs(u64::from(attempt.min(10))))
                    .await;
            }
        }
    }
    false
}

/// Waits at the exit and does what this customer does there; the kiosk software reports what became of the card.
async fn at_the_exit(here: &AtStation, request: &str) {
    let AtStation {
        host,
        customer,
        physical,
        staffed,
        leavers,
    } = here;
    let card = own_card(here).await;
    if let (Taking::After(pause), false) = (customer.takes, *staffed) {
        fetch(host, customer, pause.get()).await;
        if !leavers.has(&customer.name) && physical.exit().is_some_and(|there| there == card) {
            physical.take(&customer.name).await;
        }
    }
    physical.exit_without(&card.serial).await;
    // Its sensors tell whether somebody pulled the card out, and not who.
    let cards = physical.cards();
    let taken = cards
        .iter()
        .any(|(blank, place)| *blank.serial() == card.serial && matches!(place, Place::Hand(_)));
    let event = if taken {
        CardEvent::Taken
    } else {
        CardEvent::Captured
    };
    // Who waits for two cards may have taken the other one.
    let asked = card.job.as_ref();
    let asked = asked.and_then(|job| host.pen.journal().request_of(job));
    report(host, asked.as_deref().unwrap_or(request), event).await;
}

/// Takes one more card of the same name, for as long as the screen says that there is one to come.
async fn another_card(here: &AtStation) {
    let card = own_card(here).await;
    if let (Taking::After(_), false) = (here.customer.takes, here.staffed) {
        here.host.clock.sleep(AT_ONCE).await;
        if here.physical.exit().is_some_and(|there| there == card) {
            here.physical.take(&here.customer.name).await;
        }
    }
    here.physical.exit_without(&card.serial).await;
}

/// Waits until a card lies in the exit that has this customer's name on it.
async fn own_card(here: &AtStation) -> CardAtExit {
    loop {
        let card = here.physical.card_at_exit(&Wanted::Any).await;
        if name_on(&here.host, &card).as_ref() == Some(&here.customer.name) {
            return card;
        }
        here.physical.exit_without(&card.serial).await;
    }
}

/// Whose name a card in the exit bears.
fn name_on(host: &Host, card: &CardAtExit) -> Option<CustomerName> {
    host.pen.journal().customer_of(card.job.as_ref()?)
}

/// Comes to the station, if the customer ordered elsewhere, and is ready to take the card.
async fn fetch(host: &Host, customer: &Customer, pause: Duration) {
    if let Ordering::InApp { fetches_at } = customer.orders {
        host.clock
            .sleep_until(Moment::START + fetches_at.get())
            .await;
    }
    host.clock.sleep(pause).await;
}

async fn report(host: &Host, request: &str, event: CardEvent) {
    let path = format!("{CARD_REQUESTS}/{request}/card");
    for attempt in 1..=TRIES {
        let call = Call::post(Face::Kiosk, &path)
            .json(&event)
            .about(About::request(request));
        if host
            .wire
            .call(call)
            .await
            .is_ok_and(|reply| reply.status() < 500)
        {
            return;
        }
        host.clock
            .sleep(Duration::from_secs(u64::from(attempt.min(10))))
            .await;
    }
}

/// Somebody of the staff: looks at each card on the tray, and hands it over or finds it not good enough.
pub(crate) async fn staff(host: Host, staff: Staff, physical: Physical, customers: Vec<Customer>) {
    for nth in 1_u32.. {
        let card = physical.card_at_exit(&Wanted::Any).await;
        host.clock.sleep(staff.looks_for.get()).await;
        if staff.rejects.contains(&nth) {
            does(&host, "finds the card not good enough and puts it back").await;
            // Somebody was quicker if it is gone.
            let _ = physical.decline().await;
        } else {
            hand_over(&host, &physical, &card, &customers).await;
        }
        physical.exit_without(&card.serial).await;
    }
}

async fn hand_over(host: &Host, physical: &Physical, card: &CardAtExit, customers: &[Customer]) {
    let name = name_on(host, card);
    let customer = customers
        .iter()
        .find(|customer| Some(&customer.name) == name.as_ref());
    match customer.map(|customer| (customer, customer.takes)) {
        Some((customer, Taking::After(pause))) => {
            fetch(host, customer, pause.get()).await;
            // Another one may lie there by now: that is looked at anew.
            physical.take_this(&customer.name, &card.serial).await;
        }
        // It stays on the tray: nobody comes for it.
        Some((_, Taking::Never | Taking::WalksAway(_))) => {}
        // An order that no customer of this story made: whoever ordered it stands at the desk.
        None => visitor_takes(physical).await,
    }
}

/// Whether a story's customers are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// They come, and each takes the own card.
    Themselves,
    /// Strangers order in their place: whoever stands at the exit does what they would do.
    Played,
}

/// Who comes to the exits of a world that stays up.
#[derive(Debug, Clone)]
pub(crate) struct AtExit {
    /// The story's customers.
    pub(crate) customers: Arc<[Customer]>,
    pub(crate) presence: Presence,
    /// Who has gone away meanwhile.
    pub(crate) leavers: Leavers,
}

/// Takes every card that no customer of the story waits for, as people at a real kiosk would.
pub(crate) async fn visitors(host: Host, physical: Physical, pause: Duration, there: AtExit) {
    loop {
        let card = physical.card_at_exit(&Wanted::Any).await;
        let name = name_on(&host, &card);
        let mut customers = there.customers.iter();
        let customer = customers.find(|customer| Some(&customer.name) == name.as_ref());
        match (customer, there.presence) {
            (Some(_), Presence::Themselves) => {}
            (Some(customer), Presence::Played) => {
                played(&host, &physical, customer, &card, &there.leavers).await;
            }
            (None, _) => {
                host.clock.sleep(pause).await;
                if physical.exit().as_ref() == Some(&card) {
                    visitor_takes(&physical).await;
                }
            }
        }
        physical.exit_without(&card.serial).await;
    }
}

/// Does at the exit what a customer of the story would do.
async fn played(
    host: &Host,
    physical: &Physical,
    customer: &Customer,
    card: &CardAtExit,
    leavers: &Leavers,
) {
    let Taking::After(pause) = customer.takes else {
        return;
    };
    fetch(host, customer, pause.get()).await;
    if !leavers.has(&customer.name) && physical.exit().as_ref() == Some(card) {
        physical.take(&customer.name).await;
    }
}

async fn visitor_takes(physical: &Physical) {
    if let Ok(visitor) = "visitor".parse() {
        physical.take(&visitor).await;
    }
}

pub(crate) async fn does(host: &Host, what: &str) {
    host.pen
        .write(Event::Disturbance(Disturbance::Person {
            does: what.to_owned(),
        }))
        .await;
}
