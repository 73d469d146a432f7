//! A stranger's client: HTTP written by hand over plain sockets, its own JOSE, and an issuer backend of its own that listens.
//!
//! Nothing here uses the product's client, its types of requests, or its cryptography: what it proves, any other backend may rely on.

mod http;
mod issuer;
mod jose;
mod order;
mod world;

pub use http::{Answer, Connection, Request, ask};
pub use issuer::{Backend, Told};
pub use jose::{Envelope, Key, b64, unb64};
pub use order::{Order, long, pan};
pub use world::{NOW, Wish, World};
