//! What the journal hears of an entry.

use persotwin_contract::notification::ProductionStatus;
use persotwin_contract::same::RequestDigest;
use persotwin_kernel::event::{About, News};
use persotwin_kernel::{Chance, Fingerprint};

use crate::entry::{Change, Entry};
use crate::model::{Model, Order};

/// What an entry is about, and its news, in order.
pub(crate) fn of(entry: &Entry, books: &Model, chance: &Chance) -> (About, Vec<News>) {
    match entry {
        Entry::Enrolled { station, .. } => {
            let station = station.clone();
            (About::nothing(), vec![News::Enrolled { station }])
        }
        Entry::Revoked { station } => {
            let station = station.clone();
            (About::nothing(), vec![News::Revoked { station }])
        }
        Entry::Accepted(acceptance) => {
            let about = About::card(&acceptance.card).with_operation(&acceptance.operation);
            let accepted = News::OrderAccepted {
                issuer_request_id: acceptance.request.as_ref().map(ToString::to_string),
                station: acceptance.station.clone(),
                content: content(chance, &acceptance.digest),
            };
            let status = ProductionStatus::CardProdRequested;
            (about, vec![accepted, News::StatusIs { status, code: None }])
        }
        Entry::Moved {
            operation, changes, ..
        } => {
            let Some(order) = books.order(operation) else {
                return (About::operation(operation), Vec::new());
            };
            let about = About::card(order.card()).with_operation(operation);
            let news = changes.iter().filter_map(|change| news_of(change, order));
            (about, news.collect())
        }
    }
}

fn news_of(change: &Change, order: &Order) -> Option<News> {
    Some(match change {
        // What only D1 knows.
        Change::Offered => return None,
        Change::Prepared => News::StatusIs {
            status: ProductionStatus::CardProdReady,
            code: None,
        },
        Change::Dispatched => News::Dispatched {
            station: order.station().clone(),
        },
        Change::Heard { report, .. } => News::ReportHeard {
            report: report.clone(),
        },
        Change::Ruled { ruling } => News::Decided {
            decision: ruling.decision(),
        },
        Change::Ended { end } => {
            let state = end.at(order.start());
            News::StatusIs {
                status: state.status(),
                code: state.cause(),
            }
        }
        Change::Doubted => News::InDoubt,
        Change::Told { status, attempt } => News::Notified {
            status: status.clone(),
            attempt: *attempt,
        },
        Change::Dead { status, answer } => News::DeadLetter {
            status: status.clone(),
            answer: *answer,
        },
    })
}

/// Tells the content of one order from another's, and nothing else.
pub(crate) fn content(chance: &Chance, digest: &RequestDigest) -> Fingerprint {
    chance.fingerprint(&[&hex::encode(digest.to_bytes())])
}
