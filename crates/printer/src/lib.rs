//! A card printer as a pure model, and the cards in it: what lies where, and what was really
//! printed, encoded and personalised.
//!
//! [`Printer`] has no clock, no chance and no panics. Whoever drives it begins an action, waits as
//! long as the answer says, and completes it:
//!
//! ```text
//!          begin                       complete
//!   idle ─────────▶ moving ──── or suffer: it stops ──────▶ idle     Done, Failed
//!    │                │  │ Present: complete
//!    │ begin: in vain │  └──────────▶ waiting at the exit ─▶ idle     Taken, NotTaken
//!    └──▶ Failed      │                 take, stop_waiting, decline,
//!                     │                 Reject (a bezel takes back)
//!                     └─ lose_power ─▶ off ─ restore_power ─▶ idle    outcomes forgotten
//! ```
//!
//! The happy path: `Pick` takes a blank from a hopper of the wanted stock; `MoveToChip` puts it
//! under the contacts, where [`Printer::chip`] answers; `EncodeStripe` writes and reads back;
//! `PrintFront`, `Flip` and `PrintBack` lay the panels of the ribbon, one pass for each; `Check` has
//! the camera look at both sides; `Present` moves the card into the exit, where somebody takes it.
//! The path is free while a card waits in the exit.
//!
//! The failure paths: an action that a sensor shows to be in vain (no such blank, no ribbon, exit
//! occupied, reject bin full, cover open, a jam) fails at once and moves nothing; people remove the
//! cause, and a new action does it. A stripe that does not read back and a print that the camera
//! does not pass fail after their time. A print on a hot head waits until it has cooled. When nobody
//! takes the card, a bezel stops waiting, and `Reject` draws it back and into the bin, or the bezel
//! does so by itself; a tray waits for ever, and lets go only when staff decline the card. When power
//! goes, a card stays where it is, half printed or half encoded, and outcomes are forgotten. One
//! action moves the path at a time; the same id never acts twice.
//!
//! What goes wrong comes from outside: [`environment`] has every mishap, when it strikes, and what
//! an operator does about it. It ends a movement before its time, or shows only when somebody looks.
//!
//! At any moment each blank lies in exactly one [`Place`](persotwin_link::Place), and their sum is
//! what was loaded ([`Printer::census`]).
//!
//! | room | holds |
//! |---|---|
//! | [`printer`], [`action`] | the machine and its actions |
//! | [`people`], [`power`], [`contact`], [`conditions`], [`status`], [`census`] | more of the same machine, by concern |
//! | [`environment`] | mishaps and repairs |
//! | [`blank`], [`face`], [`stripe`] | the card |
//! | [`compare`], [`card_file`] | the card against its order; the card in a file |
//! | [`fact`], [`progress`] | what happened, and how much of it |
//!
//! Behaviour is ours throughout: printers of different makers agree on the words for what goes
//! wrong, not on movements.

pub mod action;
pub mod blank;
pub mod card_file;
pub mod census;
mod chips;
pub mod compare;
pub mod conditions;
pub mod contact;
pub mod environment;
pub mod face;
pub mod fact;
mod finished;
mod heat;
mod hopper;
mod mechanics;
mod parts;
pub mod people;
mod possible;
pub mod power;
pub mod printer;
pub mod progress;
mod ribbon;
pub mod status;
pub mod stripe;

#[cfg(test)]
mod card_tests;
#[cfg(test)]
mod power_tests;
#[cfg(test)]
mod printer_tests;
#[cfg(test)]
mod random_tests;
#[cfg(test)]
mod tests;

pub use action::{ActionId, Begun, Completed, Movement, Refusal};
pub use blank::Blank;
pub use card_file::CardFile;
pub use census::Census;
pub use chips::chips;
pub use compare::Difference;
pub use contact::NoContact;
pub use environment::{CannotMend, Mishap, Repair, Trouble, TroubleId, Unfit, When};
pub use face::{Face, Flaw, Laid, Side};
pub use fact::Fact;
pub use printer::{Counting, Exit, Printer, Setup};
pub use progress::Progress;
pub use stripe::Stripe;
