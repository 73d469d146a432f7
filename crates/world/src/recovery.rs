//! The second phase of a story: nothing goes wrong any more, whatever is down starts, people clear what is in the way, and all must come
//! to rest.

use std::sync::Arc;
use std::time::Duration;

use persotwin_kernel::Record;
use persotwin_link::setup::Kind;
use persotwin_link::{Condition, Machine};
use persotwin_printer::Repair;
use persotwin_scenario::Plan;
use persotwin_station::Physical;

use crate::assemble::Machines;
use crate::onlooker::Onlooker;
use crate::people;
use crate::story::{AFTERWARDS, FINISH_WITHIN, setup};

/// How long machines may take to learn what they missed, once nothing hinders them any more: an issuer's longest pause between two
/// questions.
pub(crate) const RECOVERY: Duration = Duration::from_mins(30);
/// How often somebody looks whether it has.
const LOOK: Duration = Duration::from_mins(2);

/// Whatever is down starts, trays are cleared, and all comes to rest.
pub(crate) async fn put_in_order(plan: &Plan, machines: &Machines, onlooker: &mut Onlooker) {
    let clock = machines.ground.host(Machine::World).clock;
    machines.hands.start_what_is_down().await;
    let journal = machines.ground.journal();
    let (in_time, mut patience) = (clock.now() + FINISH_WITHIN, None);
    loop {
        clear_trays(machines).await;
        if !onlooker.look().is_at_rest() {
            for physical in machines.physicals.values() {
                empty_full_bin(physical).await;
            }
        }
        let quiet = async {
            machines.ground.net().all_arrived().await;
            onlooker.rest().await;
        };
        // Who is at work may put a card on a tray or fill a bin, and goes on when somebody comes.
        let next_look = LOOK.min(in_time.since(clock.now()));
        let is_quiet = clock.within(next_look, quiet).await.is_ok();
        if !is_quiet && clock.now() < in_time {
            continue;
        }
        clock.sleep(AFTERWARDS).await;
        // A machine that was started may have made one more card, which lies on a tray now; who never heard an outcome asks for it, and
        // who has lost sight of a blank looks for it, in its own time.
        let settled = is_settled(plan, &journal.records());
        let done = settled && !machines.physicals.values().any(has_card_on_tray);
        let until = *patience.get_or_insert(clock.now() + RECOVERY);
        if !is_quiet || done || clock.now() >= until {
            break;
        }
        if !settled {
            clock.sleep(LOOK).await;
        }
    }
}

/// An operator empties a reject bin that takes nothing more: somebody may have a card to put there.
async fn empty_full_bin(physical: &Physical) {
    if physical
        .status()
        .conditions
        .contains(&Condition::RejectFull)
    {
        // It can always be emptied.
        let _ = physical.repair(Repair::EmptyBin).await;
    }
}

/// Staff put away what lies on the trays, and make room for it.
async fn clear_trays(machines: &Machines) {
    let clock = machines.ground.host(Machine::World).clock;
    for (id, physical) in &machines.physicals {
        let tray = (physical.station().kind == Kind::Branch).then(|| physical.exit());
        if let Some(card) = tray.flatten() {
            let staff = machines.ground.host(Machine::Staff(id.clone()));
            empty_full_bin(physical).await;
            people::does(&staff, "clears the tray").await;
            // Somebody was quicker if it is gone.
            let _ = physical.decline().await;
            let drawn_in = physical.exit_without(&card.serial);
            let _ = clock.within(FINISH_WITHIN, drawn_in).await;
        }
    }
}

fn has_card_on_tray(physical: &Physical) -> bool {
    physical.station().kind == Kind::Branch && physical.exit().is_some()
}

/// Whether the machines keep the laws that they may take their time for.
fn is_settled(plan: &Plan, records: &[Arc<Record>]) -> bool {
    let mut laws = persotwin_laws::in_time(&setup(plan));
    for record in records {
        for law in &mut laws {
            law.see(record);
        }
    }
    laws.iter_mut().all(|law| law.at_rest().is_empty())
}
