//! Messages: a trap on the net, which strikes by itself and says what it struck.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use persotwin_faults::When;
use persotwin_faults::fault::Traffic;
use persotwin_faults::place::wire::WireFault;
use persotwin_faults::value::{Effect, Half, Ways};
use persotwin_kernel::event::Failure;
use persotwin_link::{CustomerName, Span};
use persotwin_scenario::PlannedFault;
use persotwin_wire::{Aim, Cause, Distortion, Fault, Lost, Rewrite, Trap, Way};

use crate::director::means::Means;

/// The page that somebody on the way shows instead of an answer.
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Access</title></head><body><h1>Please contact your administrator</h1></body></html>\n";

/// Sets the trap.
pub(super) fn strike(means: &Means, planned: &PlannedFault, traffic: &Traffic, fault: &WireFault) {
    if let WireFault::Partition { ways } = fault {
        return cut_off(means, planned, traffic, *ways);
    }
    let aim = Aim::Link(traffic.link.clone(), traffic.from.clone());
    means.hands.arm(trap(
        means,
        planned,
        traffic.customer.clone(),
        aim,
        of(fault),
    ));
}

/// A trap of this fault for those messages.
pub(super) fn trap(
    means: &Means,
    planned: &PlannedFault,
    customer: Option<CustomerName>,
    aim: Aim,
    fault: Fault,
) -> Trap {
    let skip = match planned.when {
        Some(When::OwnCall(nth)) => nth - 1,
        _ => 0,
    };
    let now = means.host.clock.now();
    Trap {
        cause: Some(Cause {
            id: planned.id.clone(),
            fault: planned.fault.name(),
        }),
        aim,
        customer,
        skip,
        times: planned.times,
        until: planned.lasts.map(|lasts| now + lasts.get()),
        chance: planned.chance,
        fault,
    }
}

/// Nothing gets through between the two machines of a link.
fn cut_off(means: &Means, planned: &PlannedFault, traffic: &Traffic, ways: Ways) {
    let silence = |aim| {
        let nothing = Fault::Before(Lost::Failure(Failure::TimedOut));
        let customer = traffic.customer.clone();
        means
            .hands
            .arm(trap(means, planned, customer, aim, nothing));
    };
    let to_the_link = Aim::Link(traffic.link.clone(), traffic.from.clone());
    silence(to_the_link);
    if ways == Ways::OneWay {
        return;
    }
    let all = means.physicals.keys();
    let stations = all.filter(|id| traffic.link.station.as_ref().is_none_or(|only| only == *id));
    for station in stations {
        let (caller, callee) = traffic.link.door.ends(station);
        for (from, to) in [(&caller, &callee), (&callee, &caller)] {
            let (from, to) = (from.clone(), to.clone());
            let aim = Aim::Between { from, to };
            silence(aim);
        }
        if !traffic.link.door.has_stations() {
            return;
        }
    }
}

/// What the net does.
fn of(fault: &WireFault) -> Fault {
    let before = |failure| Fault::Before(Lost::Failure(failure));
    let after = |failure| Fault::After(Lost::Failure(failure));
    match fault {
        WireFault::Refused => before(Failure::Refused),
        WireFault::ResetBefore => before(Failure::Closed),
        WireFault::ResetAfter => after(Failure::Closed),
        WireFault::AnswerLost => after(Failure::TimedOut),
        WireFault::TimeOut | WireFault::Partition { .. } => before(Failure::TimedOut),
        WireFault::SlowDrip { bytes, every, half } => {
            let bytes = usize::try_from(*bytes).unwrap_or(usize::MAX);
            Fault::Stream(Distortion::drip(way(*half), bytes, every.get()))
        }
        WireFault::Late { by } => Fault::Late(by.get()),
        WireFault::AnswerLate { by } => Fault::AnswerLate(by.get()),
        WireFault::Twice => Fault::Twice,
        WireFault::OutOfOrder => Fault::OutOfOrder,
        WireFault::TooManyRequests { retry_after } => {
            Fault::Before(answer(StatusCode::TOO_MANY_REQUESTS, *retry_after))
        }
        WireFault::InternalError { effect } => {
            lost(*effect, answer(StatusCode::INTERNAL_SERVER_ERROR, None))
        }
        WireFault::BadGateway { effect } => lost(*effect, answer(StatusCode::BAD_GATEWAY, None)),
        WireFault::GatewayTimeOut { effect } => {
            lost(*effect, answer(StatusCode::GATEWAY_TIMEOUT, None))
        }
        WireFault::Unavailable { retry_after } => {
            Fault::Before(answer(StatusCode::SERVICE_UNAVAILABLE, *retry_after))
        }
        WireFault::Unauthorized => Fault::Before(answer(StatusCode::UNAUTHORIZED, None)),
        WireFault::NotFound => Fault::Before(answer(StatusCode::NOT_FOUND, None)),
        WireFault::Firewall => Fault::Before(page(StatusCode::FORBIDDEN)),
        WireFault::Html { effect } => lost(*effect, page(StatusCode::OK)),
        WireFault::Redirect { to } => Fault::Before(redirect(to)),
        WireFault::Garbled { half } => Fault::Rewritten(way(*half), Rewrite::Garble),
        WireFault::Cut { keep, half } => Fault::Rewritten(way(*half), Rewrite::Cut(*keep)),
        WireFault::WrongContentType { says, half } => {
            Fault::Rewritten(way(*half), Rewrite::ContentType(says.clone()))
        }
        WireFault::Huge { bytes, half } => {
            let bytes = usize::try_from(*bytes).unwrap_or(usize::MAX);
            Fault::Rewritten(way(*half), Rewrite::huge(bytes))
        }
    }
}

const fn way(half: Half) -> Way {
    match half {
        Half::Request => Way::Request,
        Half::Answer => Way::Answer,
    }
}

fn lost(effect: Effect, answer: Lost) -> Fault {
    match effect {
        Effect::None => Fault::Before(answer),
        Effect::Done => Fault::After(answer),
    }
}

/// Somebody's own answer, in JSON as gateways give it.
pub(super) fn answer(status: StatusCode, retry_after: Option<Span>) -> Lost {
    let reason = status.canonical_reason().unwrap_or_default();
    let mut response = Response::new(Bytes::from(format!("{{\"message\":\"{reason}\"}}")));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    if let Some(pause) = retry_after {
        let seconds = pause.get().max(Duration::from_secs(1)).as_secs();
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Lost::Answer(Box::new(response))
}

/// Somebody's answer with this status.
pub(super) fn answer_of(status: u32) -> Lost {
    let status = u16::try_from(status).ok();
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    answer(status.unwrap_or(StatusCode::BAD_REQUEST), None)
}

/// D1's own refusal, before anything is done.
pub(super) fn refusal(status: u16, body: &'static str) -> Fault {
    let Lost::Answer(mut response) = answer_of(u32::from(status)) else {
        return Fault::Before(Lost::Failure(Failure::Closed));
    };
    *response.body_mut() = Bytes::from_static(body.as_bytes());
    Fault::Before(Lost::Answer(response))
}

/// Somebody's page for people.
fn page(status: StatusCode) -> Lost {
    let mut response = Response::new(Bytes::from_static(PAGE.as_bytes()));
    *response.status_mut() = status;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    Lost::Answer(Box::new(response))
}

fn redirect(to: &str) -> Lost {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    Lost::Answer(Box::new(response))
}
