//! How actions of operators and staff come about.

use std::time::Duration;

use persotwin_faults::Action;
use persotwin_faults::action::{AtStation, ToMachine, ToOrder};
use persotwin_link::kiosk::{CardRequest, Service};
use persotwin_link::stock::Ribbon;
use persotwin_link::{CustomerName, Machine};
use persotwin_printer::Repair;
use persotwin_scenario::PlannedAction;
use persotwin_station::Physical;

use crate::director::means::Means;
use crate::people;

/// Why a machine cannot be struck, nor helped.
pub(super) const NOT_OURS: &str = "it is none of the twin's own machines";

/// Somebody acts now. What turns out to be impossible is not written down, and so was never done.
pub(super) fn act(means: &Means, planned: &PlannedAction) {
    match &planned.action {
        Action::Station(station, does) => {
            let Some(physical) = means.physicals.get(station).cloned() else {
                return means.missed(&planned.id, "there is no such station");
            };
            let (all, planned, does) = (means.clone(), planned.clone(), does.clone());
            means.later(async move { at_station(&all, &planned, &physical, &does).await });
        }
        Action::Machine(machine, ToMachine::Restart { down_for }) => {
            if !means.hands.has(machine) {
                return means.missed(&planned.id, NOT_OURS);
            }
            means.acted(planned);
            restart(means, machine, down_for.get());
        }
        Action::Order(customer, ToOrder::Reissue) => {
            let Some(customer) = means.customer(customer) else {
                return means.missed(&planned.id, "there is no such customer");
            };
            if !means.hands.has(&Machine::Issuer) {
                return means.missed(&planned.id, "the issuer is a real one: order it there");
            }
            means.acted(planned);
            let request = CardRequest {
                request_id: format!("req-{}-{}", customer.name, planned.id),
                customer: customer.name.clone(),
                perso_station: customer.station.clone(),
                product: customer.product.clone(),
                service: Service::Replacement,
            };
            ask(means, request);
        }
        Action::Order(customer, ToOrder::Cancel) => {
            let (all, planned, customer) = (means.clone(), planned.clone(), customer.clone());
            means.later(async move {
                if cancel(&all, &customer).await {
                    all.acted(&planned);
                } else {
                    all.missed(&planned.id, "no order of theirs can be cancelled now");
                }
            });
        }
    }
}

/// Somebody asks the issuer for a card.
pub(super) fn ask(means: &Means, request: CardRequest) {
    let kiosk = means.kiosk.clone();
    if let Some(physical) = means.physicals.get(&request.perso_station).cloned() {
        means.later(async move { people::ask(&kiosk, &physical, &request).await });
    }
}

async fn at_station(means: &Means, planned: &PlannedAction, physical: &Physical, does: &AtStation) {
    let repair = match does {
        AtStation::Refill { hopper, blanks } => Repair::Refill {
            hopper: number(*hopper),
            blanks: *blanks,
        },
        AtStation::ReplaceRibbon { panel_sets } => Repair::ChangeRibbon(Ribbon {
            panel_sets: *panel_sets,
            ..physical.station().ribbon
        }),
        AtStation::EmptyBin => Repair::EmptyBin,
        AtStation::ClearJam => Repair::ClearJam,
        AtStation::CloseCover => Repair::CloseCover,
        AtStation::Lock => Repair::Lock,
        AtStation::CloseDoor => Repair::CloseDoor,
        AtStation::Resume => Repair::Resume,
        AtStation::ClearExit => Repair::ClearExit,
        AtStation::FreeBezel => Repair::FreeBezel,
        AtStation::Clean => Repair::Clean,
        AtStation::PutBlanksRight { hopper } => Repair::PutBlanksRight {
            hopper: number(*hopper),
        },
        AtStation::TestPrint { hopper } => Repair::TestPrint {
            hopper: number(*hopper),
        },
        AtStation::ReplaceReader => Repair::ReplaceReader,
        AtStation::ReplacePrinter => Repair::ReplacePrinter,
        AtStation::RejectCard => {
            return match physical.decline().await {
                Ok(_) => means.acted(planned),
                Err(error) => means.missed(&planned.id, error.to_string()),
            };
        }
        AtStation::PowerCycle { off_for } => {
            means.acted(planned);
            let machine = Machine::Station(physical.id().clone());
            // Nothing here can be unknown: the station is one of this world's.
            let _ = means.hands.cut_power(&machine).await;
            means.host.clock.sleep(off_for.get()).await;
            means.hands.start_if_down(&machine).await;
            return;
        }
    };
    match physical.repair(repair).await {
        Ok(()) => means.acted(planned),
        Err(error) => means.missed(&planned.id, error.to_string()),
    }
}

/// A hopper's number; one that is beyond all numbers is nobody's.
pub(super) fn number(hopper: u32) -> u8 {
    u8::try_from(hopper).unwrap_or(u8::MAX)
}

/// Takes a machine down and starts it again after a while.
pub(super) fn restart(means: &Means, machine: &Machine, down_for: Duration) {
    if let Some(life) = means.hands.life(machine) {
        life.strike();
    }
    let (hands, clock) = (means.hands.clone(), means.host.clock.clone());
    let machine = machine.clone();
    means.later(async move {
        // A machine that is not ours has no seat, and was never named.
        let _ = hands.crash(&machine).await;
        clock.sleep(down_for).await;
        hands.start_if_down(&machine).await;
    });
}

/// Cancels every order of a customer that can be cancelled; whether there was one.
pub(super) async fn cancel(means: &Means, customer: &CustomerName) -> bool {
    let mut cancelled = false;
    for operation in means.host.pen.journal().operations_of(customer) {
        cancelled |= means.desk.cancel(&operation).await.is_ok();
    }
    cancelled
}
