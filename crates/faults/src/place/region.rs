//! A whole branch, or D1's whole region.

use crate::value::Back;

faults! {
    /// What happens to a whole place.
    RegionFault at Region {
        /// The branch has no power: printer and agent go dark at once.
        "branch-power-cut" = PowerCut { back_after: Back = "10s", "When it is started again, or `never`." }
        => [Produce Dispatch] live, "A delay, or an exception when the card was spoiled and no other could be made in time.";
        /// The branch has no network.
        "branch-offline" = Offline
        => [Produce Dispatch] live, "A delay; CARD_PROD_EXCEPTION with PRD_NOT_RELEASED when a finished card waited too long, with SAT_SERVER_NOT_REACHABLE when the job never arrived.";
    }
}
