//! The back: stripe, signature panel, verification value.

use std::fmt;

use persotwin_link::jobs::Layout;
use persotwin_printer::face::Field;

use crate::geometry::{LEFT, STRIPE};
use crate::line::{Anchor, Line};
use crate::resin::FieldLine;
use crate::typeface::{Typeface, Typefaces};

/// The signature panel: left, top, width, height.
const PANEL: (f64, f64, f64, f64) = (LEFT, 23.8, 54.4, 8.8);
/// The white box for the verification value.
const BOX: (f64, f64, f64, f64) = (66.2, 25.7, 10.5, 5.6);

/// What the head prints in black.
pub(crate) fn lines<'a>(layout: &'a Layout, typefaces: &Typefaces) -> Vec<FieldLine<'a>> {
    if layout.cvv2.is_empty() {
        return Vec::new();
    }
    let line = Line {
        text: &layout.cvv2,
        typeface: Typeface::OcrB,
        size: 3.9,
        tracking: 0.0,
        at: (0.0, 0.0),
        anchor: Anchor::Start,
    };
    let mut line = line.within(BOX.2 - 1.0, typefaces);
    let width = typefaces.width(line.typeface, line.text) * line.size;
    line.at = (
        BOX.0 + (BOX.2 - width) / 2.0,
        BOX.1 + BOX.3 / 2.0 + line.size * 0.35,
    );
    vec![(Field::Cvv2, line)]
}

/// What is on the stock: no dye sticks to it.
pub(crate) struct Fittings;

impl fmt::Display for Fittings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (top, bottom) = STRIPE;
        writeln!(
            f,
            r##"<linearGradient id="stripe" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#2b2622"/><stop offset=".18" stop-color="#1b1714"/><stop offset="1" stop-color="#12100e"/></linearGradient>
<rect x="-1" y="{top}" width="88" height="{:.2}" fill="url(#stripe)"/>"##,
            bottom - top
        )?;
        panel(f)?;
        let (x, y, width, height) = BOX;
        let small = Typeface::Medium;
        writeln!(
            f,
            r##"<rect x="{x}" y="{y}" width="{width}" height="{height}" rx=".6" fill="#fffefb" stroke="#1c1a26" stroke-opacity=".12" stroke-width=".12"/>
<g fill="#1c1a26" fill-opacity=".78" {small} font-size="1.32"><text x="{LEFT}" y="22.9">Authorized signature, not valid</text><text x="{x}" y="33.5">Security code</text></g>"##
        )
    }
}

/// The panel for a signature that nobody needs, with its fine print.
fn panel(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (x, y, width, height) = PANEL;
    let heavy = Typeface::SemiBold;
    writeln!(
        f,
        r##"<clipPath id="panel"><rect x="{x}" y="{y}" width="{width}" height="{height}" rx=".6"/></clipPath>
<g clip-path="url(#panel)"><rect x="{x}" y="{y}" width="{width}" height="{height}" fill="#fffefb"/>
<g {heavy} font-size="1.5" letter-spacing=".25" fill="#6f6a8c" fill-opacity=".34" transform="rotate(-12 {x} {y})">"##
    )?;
    for row in 0..11_u32 {
        let n = f64::from(row);
        writeln!(
            f,
            r#"<text x="{:.2}" y="{:.2}">{}</text>"#,
            x - 4.0 - 3.3 * (n % 2.0),
            y + n * 2.1,
            "SPECIMEN  ".repeat(6)
        )?;
    }
    writeln!(
        f,
        r##"</g></g><rect x="{x}" y="{y}" width="{width}" height="{height}" rx=".6" fill="none" stroke="#1c1a26" stroke-opacity=".12" stroke-width=".12"/>"##
    )
}
