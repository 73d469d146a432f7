//! Card data and card cryptography: pure functions for what a payment card carries.
//!
//! Nothing here reads a clock, draws chance or performs input or output, and no function panics on
//! any input. Functions take plain parameters, so that a published test vector can be tried on
//! each of them directly.
//!
//! | room | holds |
//! |---|---|
//! | [`digits`], [`bcd`], [`pan`], [`luhn`] | digit strings, packed decimal, card numbers, check digit |
//! | [`expiry`], [`service_code`], [`name`] | what else is embossed or printed and encoded |
//! | [`tlv`], [`tag`], [`dol`], [`afl`], [`aid`] | the data objects of the chip |
//! | [`dgi`], [`store_data`] | data groupings and the commands that carry them |
//! | [`tdes`], [`aes_key`], [`kcv`], [`mac`], [`keys`] | keys, check values, MACs, derivations |
//! | [`scp`] | secure channels: SCP02 and SCP03, both ends |
//! | [`cvv`], [`pvv`], [`pin`] | verification values, PIN blocks |
//! | [`cryptogram`], [`results`], [`status_update`], [`script`] | what chip and issuer say to each other in a transaction |
//! | [`oda`] | offline data authentication: certificates and signatures, made and checked |
//! | [`track`], [`discretionary`], [`stripe`] | magnetic stripe text and bits |
//! | [`perso`], [`profile`] | card data to data groupings |
//! | [`card_answers`], [`card_view`] | a reader's way back |
//! | [`authorisation`] | the issuer's side of a payment |
//!
//! Secrets (card numbers, PINs, verification values, tracks, keys) have types of their own, whose
//! `Debug` masks them, which wipe their memory when dropped, and which no error text carries.
//!
//! Rules are marked *documented* (a published standard or a published description of it),
//! *inferred*, or *ours*.

pub mod aes_key;
pub mod afl;
pub mod aid;
pub mod authorisation;
pub mod bcd;
pub mod card_answers;
pub mod card_view;
pub mod cryptogram;
pub mod cvv;
pub mod dgi;
pub mod digits;
pub mod discretionary;
pub mod dol;
pub mod expiry;
pub mod kcv;
pub mod keys;
pub mod luhn;
pub mod mac;
pub mod name;
pub mod oda;
pub mod pan;
pub mod perso;
pub mod pin;
pub mod profile;
pub mod pvv;
pub mod results;
pub mod scp;
pub mod script;
pub mod service_code;
pub mod status_update;
pub mod store_data;
pub mod stripe;
pub mod tag;
pub mod tdes;
pub mod tlv;
pub mod track;
