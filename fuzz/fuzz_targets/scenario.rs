//! Scenario and tenant texts: a plan, or every mistake at once, and each mistake can be shown.
#![no_main]

use std::io;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use persotwin_scenario::{Style, parse, parse_tenant, render};

fuzz_target!(|text: &str| {
    let nowhere = |_: &Path| Err(io::ErrorKind::NotFound.into());
    if let Err(mistakes) = parse("fuzz.yaml", text, &nowhere) {
        assert!(!mistakes.is_empty());
        assert!(!render(&mistakes, Style::Plain).is_empty());
    }
    if let Err(mistakes) = parse_tenant("fuzz.yaml", text) {
        assert!(!render(&mistakes, Style::Plain).is_empty());
    }
});
