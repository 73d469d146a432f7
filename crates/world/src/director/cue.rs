//! Which record is the instant that something waits for.

use std::time::Duration;

use persotwin_faults::When;
use persotwin_kernel::Record;
use persotwin_kernel::event::{Disturbance, Event, Exchange, Phase};
use persotwin_link::timings::Timings;
use persotwin_link::{CustomerName, Face, Link, Stage};

use crate::director::means::Means;
use crate::director::moments::is_at;

/// Which instant of a stage counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OfStage {
    /// When it is asked for: hardware counts its progress by itself.
    Asked,
    /// When it has come so far.
    Reached,
}

/// Something that waits for its instant.
#[derive(Debug)]
pub(crate) struct Cue {
    when: When,
    of_stage: OfStage,
    /// How many such instants there were.
    seen: u32,
    /// How many of them it takes.
    left: u32,
}

/// The instant is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    /// For the how-manieth time, from 0.
    pub(crate) nth: u32,
    /// And so much later it happens.
    pub(crate) wait: Duration,
}

impl Cue {
    pub(crate) fn new(when: When, of_stage: OfStage, times: u32) -> Self {
        Self {
            when,
            of_stage,
            seen: 0,
            left: times,
        }
    }

    /// Takes the next record.
    pub(crate) fn see(&mut self, record: &Record, means: &Means) -> Option<Due> {
        if self.left == 0 {
            return None;
        }
        let wait = wait(&self.when, self.of_stage, record, means)?;
        self.seen += 1;
        let first = first(&self.when);
        if self.seen < first {
            return None;
        }
        self.left -= 1;
        let nth = self.seen - first;
        Some(Due { nth, wait })
    }
}

/// At which of its instants it begins.
fn first(when: &When) -> u32 {
    match when {
        When::Moment { nth, .. } | When::Stage { nth, .. } | When::Call { nth, .. } => *nth,
        When::At(_) | When::OwnCall(_) | When::After { .. } => 1,
    }
}

/// Whether a record is such an instant, and how much later it happens.
fn wait(when: &When, of_stage: OfStage, record: &Record, means: &Means) -> Option<Duration> {
    match when {
        // Those have no record.
        When::At(_) | When::OwnCall(_) => None,
        When::Moment {
            moment,
            customer,
            wait,
            ..
        } => (is_about(record, customer.as_ref()) && is_at(*moment, record)).then(|| wait.get()),
        When::Stage {
            stage,
            progress,
            customer,
            ..
        } => {
            let about = is_about(record, customer.as_ref());
            let timings = about.then(|| begins(*stage, of_stage, record, means));
            let timings = timings.flatten()?;
            Some(match of_stage {
                OfStage::Asked => Duration::ZERO,
                OfStage::Reached => {
                    let whole = means.host.clock.work_time(length(*stage, timings));
                    whole * u32::from(progress.get()) / 100
                }
            })
        }
        When::Call {
            link,
            customer,
            wait,
            ..
        } => (is_about(record, customer.as_ref()) && is_call(link, record)).then(|| wait.get()),
        When::After { id, wait } => match &record.event {
            Event::Disturbance(
                Disturbance::Fault { id: other, .. } | Disturbance::Action { id: other, .. },
            ) => (id.as_ref() == other.as_str()).then(|| wait.get()),
            _ => None,
        },
    }
}

fn is_about(record: &Record, customer: Option<&CustomerName>) -> bool {
    customer.is_none() || customer == record.customer.as_ref()
}

/// Whether a record is a call that leaves on a link.
pub(crate) fn is_call(link: &Link, record: &Record) -> bool {
    let Event::Exchange(exchange) = &record.event else {
        return false;
    };
    let sent = matches!(exchange.phase, Phase::Sent { .. });
    sent && link.carries(&exchange.to, &exchange.method, &exchange.path)
}

/// Whether work of this stage is asked for, or begins: its station's times then.
fn begins<'a>(
    stage: Stage,
    of_stage: OfStage,
    record: &Record,
    means: &'a Means,
) -> Option<&'a Timings> {
    let Event::Exchange(Exchange {
        to: Face::Printer(station),
        method,
        path,
        phase,
        ..
    }) = &record.event
    else {
        return None;
    };
    let now = match of_stage {
        OfStage::Asked => matches!(phase, Phase::Sent { .. }),
        OfStage::Reached => matches!(phase, Phase::Answered { status: 202, .. }),
    };
    let action = path.rsplit('.').next()?;
    let wanted = stage.to_string();
    let named = action == wanted
        || action
            .strip_prefix(&wanted)
            .is_some_and(|rest| rest.starts_with('-'));
    if method != "PUT" || !now || !named {
        return None;
    }
    Some(&means.physicals.get(station)?.station().timings)
}

/// How long the work of a stage takes; that at the chip, until the chip is reached.
fn length(stage: Stage, timings: &Timings) -> Duration {
    let span = match stage {
        Stage::Pick => timings.feed,
        Stage::Chip => timings.move_to_chip,
        Stage::Stripe => timings.stripe,
        Stage::PrintFront => timings.print_front,
        Stage::Flip => timings.flip,
        Stage::PrintBack => timings.print_back,
        Stage::Check => timings.check,
        Stage::Present | Stage::Hold => timings.present,
        Stage::Reject => timings.reject,
    };
    span.get()
}
