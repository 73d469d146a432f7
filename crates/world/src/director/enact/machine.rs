//! Machines as a whole: life and power.

use persotwin_faults::place::machine::MachineFault;
use persotwin_faults::value::Back;
use persotwin_kernel::Life;
use persotwin_link::Machine;
use persotwin_scenario::PlannedFault;

use crate::director::book::Snare;
use crate::director::means::Means;
use crate::director::operator::{NOT_OURS, restart};

/// Strikes a machine that is up; one that is down cannot be struck.
pub(super) fn strike(
    means: &Means,
    planned: &PlannedFault,
    machine: &Machine,
    fault: &MachineFault,
) {
    if !means.hands.has(machine) {
        return means.missed(&planned.id, NOT_OURS);
    }
    let Some(life) = means.hands.life(machine).filter(Life::is_running) else {
        return means.missed(&planned.id, "it is down");
    };
    match fault {
        // On the spot: whoever wrote the record that brought us here gets no further than its next seam.
        MachineFault::Crash { .. } | MachineFault::Restart { .. } => life.strike(),
        MachineFault::PowerCut { .. } => life.freeze(),
        MachineFault::TornEntry { back_after } => {
            return tear(means, planned, machine, *back_after);
        }
        // A machine has a seat, for it has a life.
        MachineFault::LedgerFull { .. } => drop(means.hands.fill_ledger(machine)),
        MachineFault::Failover { .. } => {}
    }
    means.struck(planned);
    match fault {
        MachineFault::Restart { down_for } => restart(means, machine, down_for.get()),
        MachineFault::Crash { back_after } => go_down(means, machine, Down::Crashed, *back_after),
        MachineFault::PowerCut { back_after } => {
            go_down(means, machine, Down::Powerless, *back_after);
        }
        MachineFault::LedgerFull { lasts } => {
            let (all, machine, lasts) = (means.clone(), machine.clone(), lasts.get());
            means.later(async move {
                all.host.clock.sleep(lasts).await;
                let _ = all.hands.make_room(&machine);
            });
        }
        MachineFault::Failover { lost } => {
            let (all, machine, lost) = (means.clone(), machine.clone(), lost.get());
            means.later(async move {
                let _ = all.hands.fail_over(&machine, lost).await;
            });
        }
        MachineFault::TornEntry { .. } => {}
    }
}

/// Waits for the next entry, which may never come: the story's end does not wait for it.
fn tear(means: &Means, planned: &PlannedFault, machine: &Machine, back: Back) {
    let (all, planned, machine) = (means.clone(), planned.clone(), machine.clone());
    means.book.armed(&planned.id, Snare::Entry);
    means.host.life.clone().spawn(async move {
        if all.hands.tear_next_entry(&machine).await.is_ok() {
            all.struck(&planned);
            if let Back::After(pause) = back {
                let later = all.clone();
                all.later(async move {
                    later.host.clock.sleep(pause.get()).await;
                    later.hands.start_if_down(&machine).await;
                });
            }
        }
    });
}

/// Ledgers have room again, and take whole entries; machines that are down are started by themselves.
pub(super) fn mend(means: &Means, machine: &Machine, fault: &MachineFault) {
    // What has struck has a seat, and what has not needs no mending.
    let _ = match fault {
        MachineFault::LedgerFull { .. } => means.hands.make_room(machine),
        MachineFault::TornEntry { .. } => means.hands.spare_next_entry(machine),
        _ => Ok(()),
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Down {
    Crashed,
    Powerless,
}

fn go_down(means: &Means, machine: &Machine, down: Down, back: Back) {
    let (hands, clock, machine) = (
        means.hands.clone(),
        means.host.clock.clone(),
        machine.clone(),
    );
    means.later(async move {
        // It has a seat, for it had a life.
        let _ = match down {
            Down::Crashed => hands.crash(&machine).await,
            Down::Powerless => hands.cut_power(&machine).await,
        };
        if let Back::After(pause) = back {
            clock.sleep(pause.get()).await;
            hands.start_if_down(&machine).await;
        }
    });
}
