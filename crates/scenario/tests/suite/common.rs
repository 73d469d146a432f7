//! What these tests share.

use std::io;
use std::path::Path;

use persotwin_scenario::{Diagnostic, Plan, Style, parse, render};

/// A folder without files.
pub(crate) fn no_files(_: &Path) -> io::Result<String> {
    Err(io::Error::from(io::ErrorKind::NotFound))
}

/// The plan of a file that has no mistakes.
pub(crate) fn plan(text: &str) -> Plan {
    parse("a.yaml", text, &no_files)
        .unwrap_or_else(|mistakes| panic!("{}", render(&mistakes, Style::Plain)))
}

/// The mistakes of a file that has some.
pub(crate) fn mistakes(text: &str) -> Vec<Diagnostic> {
    match parse("a.yaml", text, &no_files) {
        Ok(_) => panic!("no mistakes in\n{text}"),
        Err(mistakes) => mistakes,
    }
}
