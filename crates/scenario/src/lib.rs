//! The scenario language: YAML text to a checked [`Plan`], or every mistake of the file at once, shown as a compiler shows them.
//!
//! ```yaml
//! persotwin: 1
//! name: A customer gets a card
//! customers:
//!   alice: { arrives: 0s }
//! expect:
//!   customers:
//!     alice: { issuer-knows: [CARD_PROD_REQUESTED, CARD_PROD_READY, CARD_PROD_DONE], card: taken, within: 4m of arrival }
//! ```
//!
//! A `Plan` is made of the types that machines are configured with. This crate knows the vocabulary and no machine, and it
//! reads no file itself: [`parse`] and [`parse_tenant`] take text. What joins a story that is under way is read as [`Underway`].
//!
//! How a file becomes a plan:
//!
//! | module | does |
//! |---|---|
//! | `yaml`, `node` | text → tree with the place of every key and value; the one module that knows the YAML library |
//! | `grammar` | what a section is; the description that reader, [`schema()`] and [`reference()`] share |
//! | `reader` | takes values out of the tree, collects mistakes |
//! | `scenario`, `stations`, `customers`, … | a section each: its description, then how it is read |
//! | `diagnostic`, `mask` | how a mistake, or later a failed expectation, is shown, without card numbers and keys |
//!
//! What follows is the reference of the language, written from that same description.
//!
#![doc = include_str!("../LANGUAGE.md")]

mod customers;
#[cfg(test)]
mod defaults;
mod diagnostic;
mod expect;
mod expectation;
mod faults;
mod grammar;
mod machines;
mod mask;
mod nearest;
mod network;
mod node;
mod order;
mod plan;
mod products;
mod reader;
mod reference;
mod rules;
mod scenario;
mod schema;
mod source;
mod staff;
mod stations;
mod stocks;
mod tenant;
mod timing;
mod yaml;

pub use diagnostic::{Diagnostic, Style, render};
pub use expectation::{
    CardEnd, Expectation, OfCustomer, Refused, Screen, Since, StationCount, Wanted,
};
pub use faults::underway::Underway;
pub use persotwin_link::order_override::{Change, OrderChange, OrderPart};
pub use plan::{
    Absence, Customer, Ordering, Plan, PlannedAction, PlannedFault, Staff, Taking, Taps,
};
pub use reference::reference;
pub use scenario::parse;
pub use schema::{schema, tenant_schema};
pub use source::{Position, Source};
pub use tenant::{TenantFile, parse_tenant};
