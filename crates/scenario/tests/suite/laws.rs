//! What holds for every text.

use proptest::prelude::*;

use persotwin_scenario::{Style, parse, parse_tenant, render};

use crate::common::no_files;

const EVERYTHING: &str = include_str!("everything.yaml");
const TENANT: &str = include_str!("tenant.yaml");

/// Reads and shows it; every mistake has its place inside the text.
fn survives(text: &str) {
    for result in [
        parse("a.yaml", text, &no_files).map(drop),
        parse_tenant("a.yaml", text).map(drop),
    ] {
        let mistakes = result.err().unwrap_or_default();
        for mistake in &mistakes {
            assert!(
                mistake.span.start <= mistake.span.end && mistake.span.end <= text.len(),
                "{mistake:?}"
            );
        }
        assert!(render(&mistakes, Style::Color).len() >= render(&mistakes, Style::Plain).len());
    }
}

/// A valid file with a stretch of it replaced.
fn damaged(original: &'static str) -> impl Strategy<Value = String> {
    (
        0..original.len(),
        0..40_usize,
        "[a-z0-9 :,\\-\\[\\]{}#&*!|>'\"\n\té]{0,20}",
    )
        .prop_map(move |(start, length, patch)| {
            let before = original.get(..start).unwrap_or_default();
            let after = original.get(start + length..).unwrap_or_default();
            format!("{before}{patch}{after}")
        })
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(?s).{0,200}") {
        survives(&text);
    }

    #[test]
    fn yaml_like_text_is_read_or_refused(text in "(persotwin: 1\n)?([a-z]{0,6}[:\\-\\[\\]{}#&*!|>'\"%@`,?~ \n\t\r\u{feff}é0-9]{0,3}){0,30}") {
        survives(&text);
    }

    #[test]
    fn a_damaged_scenario_is_read_or_refused(text in damaged(EVERYTHING)) {
        survives(&text);
    }

    #[test]
    fn a_damaged_tenant_is_read_or_refused(text in damaged(TENANT)) {
        survives(&text);
    }

    #[test]
    fn reading_twice_gives_the_same(text in damaged(EVERYTHING)) {
        let read = || format!("{:?}", parse("a.yaml", &text, &no_files));
        prop_assert_eq!(read(), read());
    }
}

#[test]
fn line_ends_of_windows_and_a_byte_order_mark_change_nothing() {
    let windows = EVERYTHING.replace('\n', "\r\n");
    let marked = format!("\u{feff}{EVERYTHING}");
    for text in [windows, marked] {
        let plan = parse("a.yaml", &text, &no_files);
        assert!(plan.is_ok(), "{}", render(&plan.unwrap_err(), Style::Plain));
        survives(&text.replace("arrives", "arives"));
    }
}
