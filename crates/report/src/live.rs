//! A line for each thing that happens in a world that stays up.

use std::fmt::Write;

use persotwin_kernel::event::{Exchange, Phase, Physical};
use persotwin_kernel::{Event, Record};
use persotwin_link::Place;
use serde_json::Value;

/// `10:00:24  d1                      status is  CARD_PROD_READY  (alice)`; none for exchanges and other small print.
pub fn live_line(record: &Record) -> Option<String> {
    let (what, details) = match &record.event {
        Event::Order(belief) => ("news", serde_json::to_value(&belief.news).ok()?),
        Event::Disturbance(disturbance) => ("kind", serde_json::to_value(disturbance).ok()?),
        Event::Condition(change) => ("condition", serde_json::to_value(change).ok()?),
        Event::Card(truth) => return moved(record, &truth.what),
        Event::Exchange(exchange) => return went_wrong(record, exchange),
        Event::Verdict(_) => return None,
    };
    let members = details.as_object()?;
    let mut line = begin(record);
    line.push_str(&members.get(what)?.as_str()?.replace('-', " "));
    // What tells one content from another tells people nothing.
    let told = members
        .iter()
        .filter(|(name, _)| *name != what && *name != "content");
    for (name, value) in told {
        match value {
            Value::String(text) => write!(line, "  {text}").ok()?,
            Value::Number(number) => write!(line, "  {name} {number}").ok()?,
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {}
        }
    }
    end(line, record)
}

/// A card that comes to where people see it.
fn moved(record: &Record, what: &Physical) -> Option<String> {
    let Physical::Moved { serial, to, .. } = what else {
        return None;
    };
    let seen = matches!(to, Place::Exit | Place::Hand(_) | Place::RejectBin);
    let line = || format!("{}card {serial}  to the {to}", begin(record));
    seen.then(line).and_then(|line| end(line, record))
}

/// A call that brought no good answer: a stranger at the other end wants to know.
fn went_wrong(record: &Record, exchange: &Exchange) -> Option<String> {
    let how = match &exchange.phase {
        Phase::Answered { status, .. } if *status >= 400 => format!("HTTP {status}"),
        Phase::Failed { why, .. } => why.to_string(),
        Phase::Answered { .. } | Phase::Sent { .. } | Phase::Unheard { .. } => return None,
    };
    let line = format!(
        "{}{} to {}: {how}",
        begin(record),
        exchange.method,
        exchange.to
    );
    end(line, record)
}

fn begin(record: &Record) -> String {
    let time = record.at.strftime("%H:%M:%S").to_string();
    format!("{time:.8}  {:<24}", record.machine.to_string())
}

fn end(mut line: String, record: &Record) -> Option<String> {
    if let Some(customer) = &record.customer {
        write!(line, "  ({customer})").ok()?;
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use persotwin_contract::notification::ProductionStatus;
    use persotwin_kernel::Moment;
    use persotwin_kernel::event::{About, Belief, Failure, News, Verdict};
    use persotwin_link::{Face, Machine};

    fn record(event: Event) -> Record {
        Record {
            seq: 0,
            at: "2026-06-17T10:00:24.107Z".parse().unwrap(),
            moment: Moment::from_millis(24_107),
            machine: Machine::D1,
            step: event.step(),
            customer: Some("alice".parse().unwrap()),
            event,
        }
    }

    #[test]
    fn news_are_told_with_who_and_whose() {
        let news = News::StatusIs {
            status: ProductionStatus::CardProdReady,
            code: None,
        };
        let about = About::nothing();
        let line = live_line(&record(Event::Order(Belief { about, news }))).unwrap();
        assert_eq!(
            line,
            "10:00:24  d1                      status is  CARD_PROD_READY  (alice)"
        );
    }

    #[test]
    fn calls_that_go_wrong_are_told_and_good_ones_are_not() {
        let exchange = |phase| {
            let exchange = Exchange {
                exchange: 7,
                from: Machine::D1,
                to: Face::Notifications,
                method: "POST".to_owned(),
                path: "/notifications/d1/v2/issuers/TWINBANK01/cards".to_owned(),
                about: About::nothing(),
                phase,
            };
            live_line(&record(Event::Exchange(exchange)))
        };
        let took = std::time::Duration::from_millis(3);
        let answered = |status| {
            exchange(Phase::Answered {
                status,
                bytes: 0,
                took,
            })
        };
        let refused = exchange(Phase::Failed {
            why: Failure::Refused,
            took,
        });
        assert_eq!(answered(204), None);
        assert_eq!(
            answered(500).unwrap(),
            "10:00:24  d1                      POST to issuer.notifications: HTTP 500  (alice)"
        );
        assert!(refused.unwrap().contains("connection refused"));
    }

    #[test]
    fn verdicts_are_small_print() {
        let verdict = "ok".to_owned();
        assert_eq!(
            live_line(&record(Event::Verdict(Verdict::End { verdict }))),
            None
        );
    }
}
