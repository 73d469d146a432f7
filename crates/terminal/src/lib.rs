//! A payment terminal as pure functions over a card: it reads a chip as terminals do, and makes a payment with it.
//!
//! ```text
//!            read                                            pay
//!   ┌────────────────────────┐  ┌──────────────────────────────────────────────────────────────────────────┐
//!   SELECT ─▶ GPO ─▶ READ ─────▶ data authentication ─▶ restrictions ─▶ cardholder ─▶ risk ─▶ first GENERATE AC
//!   (PSE, PPSE,      RECORD      (none yet)                             verification              │
//!    own list)                                       approved, refused ◀──────── TC, AAC ─────────┤
//!                                                                                                 │ ARQC
//!                              second GENERATE AC ◀─ EXTERNAL AUTHENTICATE ◀─ the issuer's answer ◀┘
//! ```
//!
//! **The happy path.** The card's directory names an application; it is selected, its processing options and every record of its file
//! locator are read and make a card whose parts agree. The cardholder is verified, the card asks for its issuer, the issuer answers, and the
//! card approves.
//!
//! **The failure paths.** A card that does not answer, refuses a command that must be done, or whose data make no card, ends the payment
//! with an [`Error`]. What only speaks against a payment becomes a [`Finding`] and the card's action codes decide. A card may always
//! give less than it is asked for. An issuer that cannot be reached is none: the default action codes decide.
//!
//! Nothing here has a clock, chance or a reader: the date, the unpredictable number and the [`Card`] come from outside. A card may be a
//! function, and then [`at_once`] runs the terminal to its end, or a chip behind a reader that lets wait.
//!
//! ```
//! use persotwin_emv::expiry::CardDate;
//! use persotwin_emv::profile::NumericCode;
//! use persotwin_terminal::{Error, Purchase, Terminal, at_once, read};
//!
//! let euros = NumericCode::parse("978")?;
//! let terminal = Terminal::new(NumericCode::parse("250")?, euros, CardDate::parse("260617")?);
//! let mut empty_slot = |_: &[u8]| vec![0x6A, 0x82];
//! let found = at_once(read(&mut empty_slot, &terminal, &Purchase::NOTHING));
//! assert_eq!(found, Err(Error::NoApplication));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | room | holds |
//! |---|---|
//! | [`card`], `command` | commands and answers, GET RESPONSE |
//! | [`terminal`] | the terminal and a purchase as values; its answers to a card's lists |
//! | `select`, `read` | reading a card |
//! | `authentication` | offline data authentication: DDA, and the keys for CDA |
//! | `restrictions`, [`cvm`], `action` | what speaks for and against a payment; [`findings`] |
//! | `cryptogram`, `payment` | GENERATE AC and the whole payment |
//!
//! Secrets: commands and answers are wiped, `Debug` masks, errors carry no card data.

mod action;
mod authentication;
pub mod card;
mod command;
mod cryptogram;
pub mod cvm;
mod error;
pub mod findings;
mod payment;
mod read;
mod restrictions;
mod select;
pub mod terminal;

pub use authentication::DataAuthentication;
pub use card::{Card, Never, at_once};
pub use command::CommandName;
pub use cryptogram::Cryptogram;
pub use error::{Error, ListFault};
pub use findings::{Finding, Findings};
pub use payment::{IssuerTrust, Online, Outcome, Transaction, pay};
pub use read::{Reading, read};
pub use select::Directory;
pub use terminal::{Line, Purchase, Terminal};
