//! A payment, from GET PROCESSING OPTIONS to its end.
//!
//! ```text
//!           GPO                GENERATE AC gives AAC or TC
//!   Fresh ───────▶ Begun ─────────────────────────────────▶ Ended
//!                  │   ▲                                     ▲  │ ▲
//!           VERIFY └───┘ gives ARQC           GENERATE AC    │  └─┘ issuer scripts
//!                    └──────────────▶ Asked ─────────────────┘
//!                                     │   ▲
//!             EXTERNAL AUTHENTICATE,  └───┘  once; issuer scripts
//! ```
//!
//! Records and data objects may be read at any time, and SELECT, also one of the same application,
//! ends a transaction wherever it is. Each transaction has a counter of its own from GPO on, so
//! that no cryptogram comes twice.
//!
//! The happy path: GPO counts; VERIFY compares a PIN; the first GENERATE AC gives a request; the
//! issuer answers, and the second gives an approval.
//!
//! The failure paths: a command out of its place is refused with `6985`. What the chip holds
//! against a transaction or its issuer stands in the results that it sends along
//! ([`results`](persotwin_emv::results)). A request that is never followed by a second GENERATE AC
//! stands against the next transaction, and so do a forged answer and a failed script. A script
//! with a wrong MAC ends scripts for this transaction.
//!
//! # Card risk management
//! It is small and scheme-neutral (ours). The first GENERATE AC gives what is asked for, but:
//! a blocked application always refuses, and an approval becomes a request as long as the chip is
//! new, has something standing against it, has no PIN tries left, or has paid more often without
//! its issuer than the lower limit (tag 9F14), if it has one. The second gives what is asked for,
//! but: a blocked application refuses, and so does one that was told by a forged answer, by an
//! issuer who does not approve, or by none where 9F56 says (bit 8) that there must be one.
//!
//! | room | holds |
//! |---|---|
//! | `begin`, `cryptogram`, `risk` | GPO; both GENERATE AC; what they decide |
//! | `pin` | VERIFY |
//! | `signature` | what the card signs with its private key, in GENERATE AC and INTERNAL AUTHENTICATE |
//! | `authenticate` | EXTERNAL AUTHENTICATE, GET CHALLENGE, INTERNAL AUTHENTICATE |
//! | `script` | issuer scripts |

mod authenticate;
mod begin;
mod cryptogram;
mod pin;
mod risk;
mod script;
mod signature;

use persotwin_emv::authorisation::IssuerAuthentication;
use persotwin_emv::cryptogram::TerminalData;
use persotwin_emv::results::CardResults;
use persotwin_emv::tdes::Block;

/// A payment that has begun.
#[derive(Debug, Clone)]
pub(crate) struct Transaction {
    stage: Stage,
    pin: PinCheck,
    /// What GPO was told: a combined signature is over it too.
    begun_with: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Stage {
    Begun,
    Asked(Box<Asked>),
    Ended(Scripts),
}

/// What VERIFY found in this transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PinCheck {
    NotDone,
    Right,
    Wrong,
}

/// The chip has asked for its issuer.
#[derive(Debug, Clone)]
struct Asked {
    /// What the first GENERATE AC was told: the second combined signature is over it too.
    list: Vec<u8>,
    cryptogram: Block,
    terminal: TerminalData,
    /// What the first results told, but for the kind of the cryptogram.
    told: CardResults,
    issuer: Issuer,
    scripts: Scripts,
}

/// What the chip knows of its issuer's answer.
#[derive(Debug, Clone)]
enum Issuer {
    Unheard,
    Genuine(IssuerAuthentication),
    Forged,
}

/// Issuer scripts of this transaction.
#[derive(Debug, Clone, Copy)]
struct Scripts {
    count: u8,
    state: ScriptState,
}

#[derive(Debug, Clone, Copy)]
enum ScriptState {
    /// The next MAC is computed over this.
    Open { link: Block },
    /// A MAC was wrong.
    Refused,
}

impl Transaction {
    pub(crate) fn begun(given: &[u8]) -> Self {
        Self {
            stage: Stage::Begun,
            pin: PinCheck::NotDone,
            begun_with: given.to_vec(),
        }
    }

    fn at(&self, stage: Stage) -> Self {
        Self {
            stage,
            pin: self.pin,
            begun_with: self.begun_with.clone(),
        }
    }
}

impl Scripts {
    /// None yet, after this cryptogram.
    fn after(cryptogram: Block) -> Self {
        Self {
            count: 0,
            state: ScriptState::Open { link: cryptogram },
        }
    }
}
