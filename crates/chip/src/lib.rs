//! The chip of a payment card as a pure model: a command goes in, an answer comes out.
//!
//! [`Chip::transmit`] has no clock, no chance and no panics. What it does is in the state alone,
//! which goes to a file and back ([`image`]).
//!
//! ```text
//!                 SELECT, STORE DATA …              STORE DATA, last block,
//!   Selectable ────────────────────────▶ Selectable ───────────────────────▶ Personalised
//!   (delivered)     groupings stay         │    ▲     everything is there    SELECT, GPO, READ
//!                                          └────┘                            RECORD, GET DATA;
//!                              refused, power off, SELECT:                   STORE DATA: 6985
//!                              a half-sent grouping is lost
//! ```
//!
//! The happy path: a blank's chip is delivered with its applications installed (ours: a real one
//! may have them installed at personalisation). Personalisation selects one by its name and sends
//! it data groupings in STORE DATA commands; the last one says so, the set is complete, and the
//! application is personalised for ever. It then shows up in the payment environments.
//!
//! The failure paths: a refused command changes nothing, and may be sent again corrected. A last
//! block without a complete set is refused and the application stays selectable. When power goes,
//! whole groupings stay and the half-sent one is lost; after the next SELECT blocks count from 00
//! again and may bring groupings a second time. A personalised application never goes back.
//!
//! A chip whose [`Profile`] is [secured](Profile::secured) has a security [`domain`]: it takes
//! STORE DATA through a secure channel of its stock's least level only, and secret groupings only
//! enciphered. A chip of open stock takes both from anybody, in the clear.
//!
//! # What is not here
//! There is no RSA: no data authentication, no enciphered PIN. Those commands answer as a chip does
//! that has no such key.
//!
//! The application is scheme-neutral: the common set of public specifications, nobody's product.
//! It is a contact application; `2PAY.SYS.DDF01` is a directory and no more.
//!
//! | room | holds |
//! |---|---|
//! | [`apdu`], [`instruction`], [`status`], `transport` | commands and answers as bytes, over T=0 and T=1 |
//! | [`chip`], `session`, `dispatch` | what lasts, what a reset forgets, and the one door for commands |
//! | [`application`], `select`, `reading` | the applications, how they are found and read |
//! | `transaction` | a payment: PIN, cryptograms, issuer authentication, issuer scripts |
//! | [`domain`], `channel` | the security domain, and the secure channel to it |
//! | `grouping`, `store`, `loader`, `management` | what personalisation brings, and its rules |
//! | [`profile`] | what a blank is delivered with |
//! | [`image`] | a chip in a file |

pub mod apdu;
pub mod application;
mod channel;
pub mod chip;
mod directory;
mod dispatch;
pub mod domain;
mod domain_image;
mod grouping;
pub mod image;
pub mod instruction;
mod loader;
mod management;
pub mod profile;
mod reading;
mod select;
mod session;
pub mod status;
mod store;
mod tlv;
mod transaction;
mod transport;

#[cfg(test)]
mod chip_tests;
#[cfg(test)]
mod payment_tests;
#[cfg(test)]
mod random_tests;
#[cfg(test)]
mod secured_tests;
#[cfg(test)]
mod terminal_tests;

pub use application::{Access, Application, Lasting, Life, Standing};
pub use chip::{Chip, ChipSerial};
pub use domain::{Domain, Factory};
pub use domain_image::DomainImageError;
pub use image::ChipImage;
pub use profile::Profile;
pub use status::Status;
