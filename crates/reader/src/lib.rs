//! A card in a PC/SC reader. vpcd, the virtual reader of pcscd, listens for cards on TCP; a card connects, and everything that is
//! done to it travels on that one connection. Here the card's end of it is spoken, over a stream that is handed in.
//!
//! ```text
//!              connects                 power on, reset                command
//!   in a hand ─────────▶ in the reader ────────────────▶ has power ─────────────┐
//!       ▲                  │      ▲                        │  │  ▲              │
//!       └──────────────────┘      └────────────────────────┘  │  └──────────────┘
//!        one end closes                  power off            │       answer
//!       ▲                                                     │
//!       └─────────────────────────────────────────────────────┘ one end closes: power is lost
//! ```
//!
//! The happy path: the reader asks for the ATR every 400 ms, to see whether the card is still there; when a program connects, it
//! switches power on and sends commands. The connection is the contacts: whoever closes it takes the card out.
//!
//! The failure paths: bytes that no reader sends end the connection with a [`HoldError`] that says which; so does a command without
//! power, because a real chip would not answer it and vpcd would wait for ever. A reader that is silent is waited for: how long a
//! program waits is its own affair, and how long the card stays is its holder's.
//!
//! | room | holds |
//! |---|---|
//! | [`message`] | what a reader says, as bytes: pure |
//! | [`hold`](mod@hold) | the connection, message by message |
//! | [`words`] | commands, answers and data objects in words, for people: pure |

pub mod hold;
pub mod message;
pub mod words;

pub use hold::{Card, HoldError, hold};
pub use message::{Garbled, Inbox, Message};

/// The port on which vpcd's first slot listens (documented by vpcd: `0x8C7B`).
pub const FIRST_SLOT: u16 = 35963;
