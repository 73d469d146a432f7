//! The agent: what D1 and it say to each other, and whether D1 trusts it.

use http::StatusCode;
use persotwin_contract::ids::PersoStation;
use persotwin_faults::place::agent::AgentFault;
use persotwin_link::Face;
use persotwin_scenario::PlannedFault;
use persotwin_wire::{Aim, Fault, Rewrite, Trap, Way};

use crate::director::enact::wire::{answer, trap};
use crate::director::means::Means;

/// A station that is none of this world's.
const ANOTHER_STATION: &str = "KIOSK-PS-999";

/// Looks like encrypted data, and nobody has a key that opens them.
const FOREIGN_DATA: &str = "e30.AA.AA.AA.AA";

/// Lets one strike.
pub(super) fn strike(means: &Means, planned: &PlannedFault, at: &PersoStation, fault: &AgentFault) {
    let on_the_way = match fault {
        AgentFault::Disabled => return disable(means, planned, at),
        AgentFault::ServiceMode => Fault::Before(answer(StatusCode::SERVICE_UNAVAILABLE, None)),
        AgentFault::CannotDecrypt => says("productionData", FOREIGN_DATA),
        AgentFault::WrongStation => says("persoStation", ANOTHER_STATION),
    };
    let aim = Aim::Face(Face::Jobs(at.clone()), None);
    let trap = trap(means, planned, None, aim, on_the_way);
    let times = planned.times.filter(|_| planned.lasts.is_none());
    means.hands.arm(Trap {
        skip: 0,
        times,
        ..trap
    });
}

fn says(member: &str, text: &str) -> Fault {
    let rewrite = Rewrite::Text(member.to_owned(), text.to_owned());
    Fault::Rewritten(Way::Request, rewrite)
}

/// Onboarding takes the station back, for ever.
fn disable(means: &Means, planned: &PlannedFault, at: &PersoStation) {
    let (all, planned, station) = (means.clone(), planned.clone(), at.clone());
    means.later(async move {
        match all.desk.revoke(&station).await {
            Ok(()) => all.struck(&planned),
            Err(error) => all.missed(&planned.id, error.to_string()),
        }
    });
}
