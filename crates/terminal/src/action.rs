//! Risk management and action analysis: refuse, approve or ask (EMV Book 3 sections 10.6 and 10.7, documented).
//!
//! Of risk management there is the floor limit; random selection would need chance, which a pure terminal has not (ours).

use persotwin_emv::afl::Capability;
use persotwin_emv::authorisation::CryptogramType;
use persotwin_emv::card_view::CardView;
use persotwin_emv::tag::Tag;

use crate::findings::{Finding, Findings};
use crate::terminal::{Line, Purchase, Terminal};

/// Notes an amount for which the issuer must be asked.
pub(crate) fn manage_risk(
    card: &CardView,
    terminal: &Terminal,
    purchase: &Purchase,
    findings: &mut Findings,
) {
    let wanted = card
        .interchange_profile
        .has(Capability::TerminalRiskManagement);
    if wanted && purchase.amount >= terminal.floor_limit {
        findings.note(Finding::FloorLimitExceeded);
    }
}

/// The card's and the terminal's action codes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ActionCodes {
    default: [u8; 5],
    denial: [u8; 5],
    online: [u8; 5],
}

impl ActionCodes {
    /// What the card does not have is all for denial and all for the other two (documented).
    pub(crate) fn of(card: &CardView, terminal: &Terminal) -> Self {
        let code = |tag, without: u8, terminal: [u8; 5]| {
            let value = card.object(tag).and_then(|value| value.try_into().ok());
            let card: [u8; 5] = value.unwrap_or([without; 5]);
            std::array::from_fn(|at| card[at] | terminal[at])
        };
        let [default, denial, online] = terminal.action_codes;
        Self {
            default: code(Tag::ACTION_CODE_DEFAULT, 0xFF, default),
            denial: code(Tag::ACTION_CODE_DENIAL, 0x00, denial),
            online: code(Tag::ACTION_CODE_ONLINE, 0xFF, online),
        }
    }

    /// What the terminal asks the card for at first.
    pub(crate) fn first(&self, findings: Findings, line: Line) -> CryptogramType {
        if findings.meets(self.denial) {
            return CryptogramType::Refusal;
        }
        match line {
            Line::Online if findings.meets(self.online) => CryptogramType::Request,
            Line::OfflineOnly => self.without_issuer(findings),
            Line::Online => CryptogramType::Approval,
        }
    }

    /// What it asks for when the issuer cannot be reached.
    pub(crate) fn without_issuer(&self, findings: Findings) -> CryptogramType {
        if findings.meets(self.default) {
            CryptogramType::Refusal
        } else {
            CryptogramType::Approval
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_decides_by_the_codes_that_name_it() {
        let code = |bit| [bit, 0, 0, 0, 0];
        let codes = |default, denial, online| ActionCodes {
            default: code(default),
            denial: code(denial),
            online: code(online),
        };
        let mut found = Findings::default();
        found.note(Finding::NoDataAuthentication);
        for (codes, line, wanted) in [
            (codes(0, 0, 0), Line::Online, CryptogramType::Approval),
            (codes(0, 0x80, 0x80), Line::Online, CryptogramType::Refusal),
            (codes(0, 0, 0x80), Line::Online, CryptogramType::Request),
            (
                codes(0, 0, 0x80),
                Line::OfflineOnly,
                CryptogramType::Approval,
            ),
            (
                codes(0x80, 0, 0),
                Line::OfflineOnly,
                CryptogramType::Refusal,
            ),
            (codes(0x40, 0, 0x40), Line::Online, CryptogramType::Approval),
        ] {
            assert_eq!(codes.first(found, line), wanted, "{codes:?} {line:?}");
        }
    }
}
