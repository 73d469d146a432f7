//! The language from outside: files in, plans or mistakes out.

mod common;
mod faults;
mod happy;
mod language;
mod laws;
mod mistakes;
mod schema;
mod validator;
