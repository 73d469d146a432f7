//! The card before anybody prints on it, and what light does on its surface.

use std::fmt;

use persotwin_printer::{Blank, Progress, Side};

use crate::dye::{pass, reach};
use crate::geometry::{BLEED_X, BLEED_Y, CORNER, HEIGHT, LEFT, PRINT_HEIGHT, RIGHT, WIDTH};
use crate::markup::Escaped;
use crate::typeface::Typeface;

/// The colour of the plastic.
pub(crate) const WHITE: &str = "#fbfaf7";
/// In which the stock is printed: it shows through any dye.
const INK: &str = "#1c1a26";

/// The stock of a side, SPECIMEN on it.
pub(crate) struct Plastic<'a> {
    pub(crate) card: &'a Blank,
    pub(crate) side: Side,
}

impl fmt::Display for Plastic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            r#"<rect x="-1" y="-1" width="88" height="56" fill="{WHITE}"/>"#
        )?;
        match self.side {
            Side::Front => front(f),
            Side::Back => self.back(f),
        }
    }
}

impl Plastic<'_> {
    fn back(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let small = Typeface::Medium;
        mark(f, (RIGHT - 18.0, 42.3))?;
        writeln!(
            f,
            r#"<g fill="{INK}" fill-opacity=".78" {small} font-size="1.5">"#
        )?;
        let lines = [
            "This is a test card. It has no value, no account stands",
            "behind it, and nobody takes it for payment. Drawn by",
            "Persotwin, a digital twin of instant card issuance.",
        ];
        for (y, text) in [42.1, 44.3, 46.5].into_iter().zip(lines) {
            writeln!(f, r#"<text x="{LEFT}" y="{y}">{text}</text>"#)?;
        }
        writeln!(
            f,
            r#"<text x="{LEFT}" y="49.2" font-size="1.32">Blank {} of stock {}</text></g>"#,
            Escaped(self.card.serial().as_str()),
            Escaped(&self.card.stock().to_string())
        )
    }
}

/// What stands on the front of the stock.
fn front(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let heavy = Typeface::SemiBold;
    writeln!(
        f,
        r#"<text x="{:.2}" y="26" {heavy} font-size="8.3" letter-spacing=".3" text-anchor="end" fill="{INK}" fill-opacity=".15">SPECIMEN</text>"#,
        RIGHT + 0.3
    )?;
    mark(f, (RIGHT - 18.0, 42.3))
}

/// The mark where other cards have that of a scheme.
fn mark(f: &mut fmt::Formatter<'_>, (x, y): (f64, f64)) -> fmt::Result {
    let (heavy, small) = (Typeface::SemiBold, Typeface::Medium);
    writeln!(
        f,
        r#"<g transform="translate({x:.2} {y})" fill="{INK}"><rect x=".15" y=".15" width="17.7" height="6.7" rx="1.3" fill="none" stroke="{INK}" stroke-width=".3"/>
<text x="9" y="3.5" {heavy} font-size="2.55" letter-spacing=".26" text-anchor="middle">SPECIMEN</text>
<text x="9" y="5.55" {small} font-size="1.32" letter-spacing=".1" text-anchor="middle">test card, no value</text></g>"#
    )
}

/// The overlay, as light shows it.
pub(crate) struct Gloss(pub(crate) Progress);

impl fmt::Display for Gloss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == Progress::NONE {
            return Ok(());
        }
        writeln!(
            f,
            r##"<linearGradient id="gloss" gradientUnits="userSpaceOnUse" x1="14" y1="0" x2="60" y2="54"><stop offset="0" stop-color="#fff" stop-opacity="0"/><stop offset=".2" stop-color="#fff" stop-opacity=".05"/><stop offset=".32" stop-color="#fff" stop-opacity=".11"/><stop offset=".44" stop-color="#fff" stop-opacity=".04"/><stop offset=".6" stop-color="#fff" stop-opacity="0"/></linearGradient>
<rect {} fill="url(#gloss)"/>"##,
            pass(self.0)
        )?;
        if self.0 == Progress::WHOLE {
            return Ok(());
        }
        // Where the film tore off.
        let x = reach(self.0) - BLEED_X;
        writeln!(
            f,
            r##"<path d="M{x:.3} {:.3}v{PRINT_HEIGHT:.3}" stroke="#fff" stroke-opacity=".55" stroke-width=".18"/>"##,
            -BLEED_Y
        )
    }
}

/// The card's edge, which catches light above and shadow below.
pub(crate) struct Edge;

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            r##"<linearGradient id="edge" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#fff" stop-opacity=".55"/><stop offset=".5" stop-color="#888" stop-opacity=".25"/><stop offset="1" stop-color="#000" stop-opacity=".35"/></linearGradient>
<rect x=".09" y=".09" width="{:.2}" height="{:.2}" rx="{:.2}" fill="none" stroke="url(#edge)" stroke-width=".18"/>"##,
            WIDTH - 0.18,
            HEIGHT - 0.18,
            CORNER - 0.09
        )
    }
}
