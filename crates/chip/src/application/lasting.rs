//! What a personalised application remembers from one transaction to the next.

use std::fmt;

use persotwin_emv::results::{CardResults, Finding};
use serde::{Deserialize, Serialize};

/// The lasting state. Nothing in it is secret, and `Debug` shows it whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lasting {
    /// Application transaction counter (tag 9F36): how many transactions were begun.
    pub transactions: u16,
    /// The counter at the last transaction in which the issuer was heard (tag 9F13), 0 for never.
    pub last_online: u16,
    /// How often the PIN may still be tried (tag 9F17); none without a PIN.
    pub pin_tries: Option<u8>,
    /// Whether the issuer blocked it.
    pub access: Access,
    /// What later transactions tell the issuer of earlier ones, until it was heard.
    pub standing: Standing,
}

/// Whether the issuer lets an application, or a card as a whole, work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Access {
    /// It does.
    Open,
    /// An application refuses every transaction, until the issuer unblocks it; a card lets nothing
    /// be selected, for ever.
    Blocked,
}

/// Findings about earlier transactions, and how many script commands the last one had.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing(CardResults);

impl Standing {
    /// The findings that can stand.
    pub const FINDINGS: [Finding; 4] = [
        Finding::LastOnlineUnfinished,
        Finding::LastIssuerAuthenticationFailed,
        Finding::IssuerAuthenticationMissing,
        Finding::ScriptFailed,
    ];

    /// The standing part of these results; `None` if there is more in them.
    pub fn new(results: CardResults) -> Option<Self> {
        let standing = Self::FINDINGS
            .into_iter()
            .filter(|finding| results.has(*finding))
            .fold(CardResults::default(), CardResults::with)
            .with_scripts(results.scripts());
        (standing == results).then_some(Self(standing))
    }

    /// Nothing but so many script commands.
    pub(crate) fn after_scripts(commands: u8) -> Self {
        Self(CardResults::default().with_scripts(commands))
    }

    /// With one of [`Self::FINDINGS`] more.
    pub(crate) fn with(self, finding: Finding) -> Self {
        Self::new(self.0.with(finding)).unwrap_or(self)
    }

    /// With one script command more.
    pub(crate) fn with_script(self) -> Self {
        Self(self.0.with_scripts(self.0.scripts().saturating_add(1)))
    }

    /// As card verification results.
    pub fn results(self) -> CardResults {
        self.0
    }
}

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_some_findings_can_stand() {
        for finding in Finding::ALL {
            let results = CardResults::default().with(finding);
            let stands = Standing::FINDINGS.contains(&finding);
            assert_eq!(Standing::new(results).is_some(), stands, "{finding:?}");
        }
        assert_eq!(Standing::new(CardResults([0x80, 0, 0])), None);
        let scripts = Standing::after_scripts(14).with_script().with_script();
        assert_eq!(scripts.results().0, [0, 0, 0xF0]);
    }
}
