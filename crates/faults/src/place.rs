//! The faults, a file for each place.

pub mod agent;
pub mod calendar;
pub mod chip;
pub mod customer;
pub mod d1;
pub mod evolution;
pub mod issuer;
pub mod machine;
pub mod notification;
pub mod printer;
pub mod region;
pub mod stock;
pub mod wire;
