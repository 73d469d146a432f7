//! The named moments in the journal.

use persotwin_contract::notification::ProductionStatus;
use persotwin_faults::Milestone;
use persotwin_kernel::Record;
use persotwin_kernel::event::{Event, Exchange, News, Phase, Physical};
use persotwin_link::jobs::JobStatus;
use persotwin_link::kiosk::RequestState;
use persotwin_link::stage::Work;
use persotwin_link::{Face, Place};

/// The named moment that a record is, if it is one.
pub fn moment_of(record: &Record) -> Option<Milestone> {
    let mut all = Milestone::ALL.iter().copied();
    is_one(record).then(|| all.find(|moment| is_at(*moment, record)))?
}

/// Whether a record can be a moment at all. Most of them are exchanges that are none, and need not be compared with each.
pub(crate) fn is_one(record: &Record) -> bool {
    match &record.event {
        Event::Order(_) | Event::Card(_) => true,
        Event::Exchange(exchange) => {
            matches!(exchange.phase, Phase::Sent { .. })
                && matches!(
                    exchange.to,
                    Face::Orders | Face::Notifications | Face::Jobs(_)
                )
        }
        Event::Condition(_) | Event::Disturbance(_) | Event::Verdict(_) => false,
    }
}

/// Whether a record is this moment.
pub(crate) fn is_at(moment: Milestone, record: &Record) -> bool {
    match &record.event {
        Event::Order(belief) => is_news(moment, &belief.news),
        Event::Card(truth) => is_truth(moment, &truth.what),
        Event::Exchange(exchange) => is_message(moment, exchange),
        Event::Condition(_) | Event::Disturbance(_) | Event::Verdict(_) => false,
    }
}

fn is_news(moment: Milestone, news: &News) -> bool {
    match moment {
        Milestone::Requested => matches!(news, News::Requested { .. }),
        Milestone::RequestRepeated => matches!(news, News::RequestRepeated),
        Milestone::Ordering => matches!(news, News::Ordering { .. }),
        Milestone::OrderAccepted => matches!(news, News::OrderAccepted { .. }),
        Milestone::OrderRepeated => matches!(news, News::OrderRepeated { .. }),
        Milestone::OrderRefused => matches!(news, News::OrderRefused { .. }),
        Milestone::Accepted => matches!(news, News::Accepted),
        Milestone::Prepared => matches!(news, News::Prepared { .. }),
        Milestone::JobTaken => matches!(news, News::JobTaken),
        Milestone::JobRepeated => matches!(news, News::JobRepeated),
        Milestone::Dispatched => matches!(news, News::Dispatched { .. }),
        Milestone::ChipDone => is_work(news, Work::Chip),
        Milestone::StripeDone => is_work(news, Work::Stripe),
        Milestone::Printed => is_work(news, Work::Print),
        Milestone::Spoiled => matches!(news, News::Spoiled { .. }),
        Milestone::Produced => {
            matches!(news, News::Reporting { report } if is_produced(report))
        }
        Milestone::ProducedHeard => {
            matches!(news, News::ReportHeard { report } if is_produced(report))
        }
        Milestone::Decided => matches!(news, News::Decided { .. }),
        Milestone::InDoubt => matches!(news, News::InDoubt),
        Milestone::StatusRequested => is_status(news, &[ProductionStatus::CardProdRequested]),
        Milestone::StatusReady => is_status(news, &[ProductionStatus::CardProdReady]),
        Milestone::StatusDone => is_status(news, &[ProductionStatus::CardProdDone]),
        Milestone::StatusFailed => is_status(
            news,
            &[
                ProductionStatus::DataException,
                ProductionStatus::CardProdException,
                ProductionStatus::CardProdCanceled,
            ],
        ),
        Milestone::Notified => matches!(news, News::Notified { .. }),
        Milestone::DeadLetter => matches!(news, News::DeadLetter { .. }),
        Milestone::Heard => matches!(news, News::Heard { .. }),
        Milestone::HeardAgain => matches!(news, News::HeardAgain { .. }),
        Milestone::HeardOutcome => {
            matches!(news, News::Heard { status, .. } if status.is_final())
        }
        Milestone::ActedOn => matches!(news, News::ActedOn { .. }),
        Milestone::GaveUp => matches!(news, News::GaveUp),
        Milestone::Sorry => is_screen(news, RequestState::Sorry),
        Milestone::TakeYourCard => is_screen(news, RequestState::TakeYourCard),
        Milestone::OrderSent
        | Milestone::JobSent
        | Milestone::NotificationSent
        | Milestone::Polled
        | Milestone::Picked
        | Milestone::ChipStarted
        | Milestone::Personalised
        | Milestone::SidePrinted
        | Milestone::Presented
        | Milestone::Taken
        | Milestone::Rejected => false,
    }
}

fn is_work(news: &News, wanted: Work) -> bool {
    matches!(news, News::WorkDone { work, .. } if *work == wanted)
}

fn is_status(news: &News, wanted: &[ProductionStatus]) -> bool {
    matches!(news, News::StatusIs { status, .. } if wanted.contains(status))
}

fn is_screen(news: &News, wanted: RequestState) -> bool {
    matches!(news, News::Screen { state } if *state == wanted)
}

fn is_produced(report: &JobStatus) -> bool {
    matches!(report, JobStatus::Produced { .. })
}

fn is_truth(moment: Milestone, what: &Physical) -> bool {
    match (moment, what) {
        (Milestone::ChipStarted, Physical::ChipReset { .. })
        | (Milestone::Personalised, Physical::Personalised { .. })
        | (Milestone::SidePrinted, Physical::Printed { .. }) => true,
        (Milestone::Picked, Physical::Moved { from, .. }) => matches!(from, Place::Hopper(_)),
        (Milestone::Presented, Physical::Moved { to, .. }) => *to == Place::Exit,
        (Milestone::Taken, Physical::Moved { to, .. }) => matches!(to, Place::Hand(_)),
        (Milestone::Rejected, Physical::Moved { to, .. }) => *to == Place::RejectBin,
        _ => false,
    }
}

fn is_message(moment: Milestone, exchange: &Exchange) -> bool {
    let sent = matches!(exchange.phase, Phase::Sent { .. });
    let call = (&exchange.to, exchange.method.as_str());
    sent && match moment {
        Milestone::OrderSent => call == (&Face::Orders, "POST"),
        Milestone::Polled => call == (&Face::Orders, "GET"),
        Milestone::NotificationSent => exchange.to == Face::Notifications,
        Milestone::JobSent => matches!(call, (Face::Jobs(_), "PUT")),
        _ => false,
    }
}
