//! Offline data authentication: does the card prove to the terminal alone that its issuer made it (EMV Book 2 sections 5 and 6).

use persotwin_emv::afl::Capability;
use persotwin_emv::card_view::CardView;

use crate::findings::{Finding, Findings};

/// How data authentication went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataAuthentication {
    /// The card offers none.
    NotOffered,
    /// The card offers one that this terminal cannot check.
    NotPerformed,
}

/// Authenticates the card's data, if card and terminal can.
pub(crate) fn authenticate(view: &CardView, findings: &mut Findings) -> DataAuthentication {
    findings.note(Finding::NoDataAuthentication);
    let offers = [
        Capability::StaticAuthentication,
        Capability::DynamicAuthentication,
        Capability::CombinedAuthentication,
    ];
    if offers.iter().any(|it| view.interchange_profile.has(*it)) {
        DataAuthentication::NotPerformed
    } else {
        DataAuthentication::NotOffered
    }
}
