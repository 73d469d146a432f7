//! Card risk management: what the chip holds against a transaction, and what it gives then. The
//! rules stand in the documentation of [`transaction`](super).

use persotwin_emv::authorisation::{CryptogramType, IssuerAuthentication};
use persotwin_emv::results::{CardResults, Finding};
use persotwin_emv::status_update::{Order, StatusUpdate};
use persotwin_emv::tag::Tag;

use super::{Issuer, PinCheck};
use crate::application::{Access, Application, Lasting};

/// Lower consecutive offline limit.
const LOWER_LIMIT: u32 = 0x9F14;
/// Issuer authentication indicator: bit 8, there must be an answer that can be checked.
const ISSUER_AUTHENTICATION_INDICATOR: u32 = 0x9F56;

/// What speaks for asking the issuer rather than approving.
const ASK: [Finding; 7] = [
    Finding::NewCard,
    Finding::LimitExceeded,
    Finding::PinTriesExceeded,
    Finding::LastOnlineUnfinished,
    Finding::LastIssuerAuthenticationFailed,
    Finding::IssuerAuthenticationMissing,
    Finding::ScriptFailed,
];

/// Everything that the chip has to tell at the first GENERATE AC, but for what it gives.
pub(super) fn findings(application: &Application, lasting: Lasting, pin: PinCheck) -> CardResults {
    let limit = internal_byte(application, LOWER_LIMIT);
    let alone = lasting.transactions.saturating_sub(lasting.last_online);
    let found = [
        (Finding::NewCard, lasting.last_online == 0),
        (
            Finding::LimitExceeded,
            limit.is_some_and(|limit| alone > u16::from(limit)),
        ),
        (Finding::PinTriesExceeded, lasting.pin_tries == Some(0)),
        (Finding::PinCompared, pin != PinCheck::NotDone),
        (Finding::PinWrong, pin == PinCheck::Wrong),
    ];
    let found = found.into_iter().filter(|(_, is_so)| *is_so);
    found.fold(lasting.standing.results(), |results, (finding, _)| {
        results.with(finding)
    })
}

/// What the first GENERATE AC gives.
pub(super) fn first(
    wanted: CryptogramType,
    access: Access,
    findings: CardResults,
) -> CryptogramType {
    match (access, wanted) {
        (Access::Blocked, _) => CryptogramType::Refusal,
        (Access::Open, CryptogramType::Approval)
            if ASK.into_iter().any(|finding| findings.has(finding)) =>
        {
            CryptogramType::Request
        }
        (Access::Open, wanted) => wanted,
    }
}

/// How the terminal comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Return {
    /// It has an answer of the issuer.
    Online,
    /// It could not go online: response code `Y3` or `Z3` (documented).
    Alone,
}

impl Return {
    /// By the authorisation response code (tag 8A); a list without it means online (ours).
    pub(super) fn of(response_code: Option<&[u8]>) -> Self {
        match response_code {
            Some(b"Y3" | b"Z3") => Self::Alone,
            _ => Self::Online,
        }
    }
}

/// What the second GENERATE AC gives; a request cannot be asked for then.
pub(super) fn second(
    wanted: CryptogramType,
    application: &Application,
    access: Access,
    back: Return,
    issuer: &Issuer,
) -> CryptogramType {
    let may = match (back, issuer) {
        (_, Issuer::Forged) => false,
        (_, Issuer::Genuine(answer)) => approves(answer),
        (Return::Alone, Issuer::Unheard) => true,
        (Return::Online, Issuer::Unheard) => {
            let indicator = internal_byte(application, ISSUER_AUTHENTICATION_INDICATOR);
            indicator.unwrap_or_default() & 0x80 == 0
        }
    };
    if may && access == Access::Open {
        wanted
    } else {
        CryptogramType::Refusal
    }
}

/// Whether the issuer approves: by the bit of its status update, or by one of the response codes
/// that mean so (documented).
fn approves(answer: &IssuerAuthentication) -> bool {
    match answer {
        IssuerAuthentication::Method1 { response_code, .. } => {
            matches!(response_code, b"00" | b"10" | b"11")
        }
        IssuerAuthentication::Method2 {
            card_status_update, ..
        } => StatusUpdate(*card_status_update).asks(Order::Approve),
    }
}

fn internal_byte(application: &Application, tag: u32) -> Option<u8> {
    let tag = Tag::new(tag).ok()?;
    application.internal(tag)?.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use persotwin_emv::authorisation::CryptogramType::{Approval, Refusal, Request};

    #[test]
    fn a_blocked_application_refuses_everything() {
        for wanted in [Refusal, Approval, Request] {
            let given = first(wanted, Access::Blocked, CardResults::default());
            assert_eq!(given, Refusal);
        }
    }

    #[test]
    fn an_approval_becomes_a_request_for_each_reason() {
        let none = CardResults::default();
        assert_eq!(first(Approval, Access::Open, none), Approval);
        for finding in Finding::ALL {
            let given = first(Approval, Access::Open, none.with(finding));
            let expected = if ASK.contains(&finding) {
                Request
            } else {
                Approval
            };
            assert_eq!(given, expected, "{finding:?}");
            assert_eq!(first(Refusal, Access::Open, none.with(finding)), Refusal);
        }
    }

    #[test]
    fn a_response_code_says_how_the_terminal_comes_back() {
        assert_eq!(Return::of(Some(b"Y3")), Return::Alone);
        assert_eq!(Return::of(Some(b"Z3")), Return::Alone);
        assert_eq!(Return::of(Some(b"00")), Return::Online);
        assert_eq!(Return::of(None), Return::Online);
    }
}
