//! The front: chip, number, expiry, names.

use std::fmt;

use persotwin_link::jobs::Layout;
use persotwin_printer::face::Field;

use crate::chip_plate::ChipPlate;
use crate::geometry::{CONTACTS, LEFT, NAMES_END, NUMBER_MIDDLE, NUMBER_PITCH, RIGHT};
use crate::line::{Anchor, Line};
use crate::resin::FieldLine;
use crate::typeface::{Typeface, Typefaces};

/// The height of OCR-B's digits, and the width of all its characters, at size 1.
const OCR_B: (f64, f64) = (0.701, 0.723);
/// The free room before a character of OCR-B, at size 1.
const OCR_B_BEARING: f64 = 0.113;

/// What the head prints in black.
pub(crate) fn lines<'a>(layout: &'a Layout, typefaces: &Typefaces) -> Vec<FieldLine<'a>> {
    let mut lines = Vec::new();
    if !layout.pan.is_empty() {
        lines.push((Field::Pan, number(&layout.pan, typefaces)));
    }
    if !layout.expiry.is_empty() {
        lines.extend(expiry(&layout.expiry, typefaces).map(|line| (Field::Expiry, line)));
    }
    let names = [
        (Field::Name, Some(layout.name.as_str()), 46.1),
        (Field::SecondName, layout.second_name.as_deref(), 49.9),
    ];
    for (field, name, y) in names {
        if let Some(text) = name.filter(|name| !name.is_empty()) {
            lines.push((field, self::name(text, y, typefaces)));
        }
    }
    lines.extend(custom_lines(&layout.custom_lines, typefaces));
    lines
}

/// The number, its middle where that of embossed ones is.
fn number<'a>(text: &'a str, typefaces: &Typefaces) -> Line<'a> {
    let line = Line {
        text,
        typeface: Typeface::OcrB,
        size: NUMBER_PITCH / OCR_B.1,
        tracking: 0.0,
        at: (0.0, 0.0),
        anchor: Anchor::Start,
    };
    // The free room before the first and behind the last digit is no part of what the eye sees.
    let mut line = line.within(RIGHT - LEFT + 1.6, typefaces);
    line.at = (
        LEFT - line.size * OCR_B_BEARING,
        NUMBER_MIDDLE + line.size * OCR_B.0 / 2.0,
    );
    line
}

/// The date, and before it in two lines what it means.
fn expiry<'a>(text: &'a str, typefaces: &Typefaces) -> [Line<'a>; 3] {
    let caption = |text, y| Line {
        text,
        typeface: Typeface::Medium,
        size: 1.26,
        tracking: 0.06,
        at: (36.4, y),
        anchor: Anchor::End,
    };
    let date = Line {
        text,
        typeface: Typeface::OcrB,
        size: 3.2,
        tracking: 0.0,
        at: (37.0, 40.7),
        anchor: Anchor::Start,
    };
    [
        caption("VALID", 39.36),
        caption("THRU", 40.7),
        date.within(11.6, typefaces),
    ]
}

fn name<'a>(text: &'a str, y: f64, typefaces: &Typefaces) -> Line<'a> {
    let line = Line {
        text,
        typeface: Typeface::Medium,
        size: 3.1,
        tracking: 0.16,
        at: (LEFT, y),
        anchor: Anchor::Start,
    };
    line.within(NAMES_END - LEFT, typefaces)
}

/// The extra lines, at the upper right. They share their room: the more there are, the smaller they get.
fn custom_lines<'a>(texts: &'a [String], typefaces: &Typefaces) -> Vec<FieldLine<'a>> {
    const ROOM: f64 = 11.2;
    let count = u32::try_from(texts.len()).unwrap_or(u32::MAX);
    let pitch = (ROOM / f64::from(count.max(1))).min(3.4);
    let line = |(n, text): (usize, &'a String)| {
        let below = f64::from(u32::try_from(n).unwrap_or(u32::MAX)) * pitch;
        let line = Line {
            text,
            typeface: Typeface::Medium,
            size: pitch * 0.76,
            tracking: pitch * 0.03,
            at: (RIGHT, 9.9 + below - (3.4 - pitch)),
            anchor: Anchor::End,
        };
        (Field::CustomLine(n), line.within(36.0, typefaces))
    };
    texts
        .iter()
        .enumerate()
        .filter(|(_, text)| !text.is_empty())
        .map(line)
        .collect()
}

/// What is set into the card: the chip, and the sign of its antenna.
pub(crate) struct Fittings;

impl fmt::Display for Fittings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, y) = CONTACTS;
        // Three waves of one centre, left of them.
        writeln!(
            f,
            r##"<g fill="none" stroke="#0c0c10" stroke-opacity=".82" stroke-width=".46" stroke-linecap="round">"##
        )?;
        for radius in [1.9_f64, 3.2, 4.5] {
            let (reach, height) = (radius * 0.848, radius * 0.53);
            writeln!(
                f,
                r#"<path d="M{:.3} {:.3}A{radius} {radius} 0 0 1 {:.3} {:.3}"/>"#,
                22.3 + reach,
                y - height,
                22.3 + reach,
                y + height
            )?;
        }
        write!(f, "</g>\n{ChipPlate}")
    }
}
