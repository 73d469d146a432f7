//! The contacts of the chip.

use std::fmt;

use crate::geometry::CONTACTS;

/// Half the plate's width and height; it reaches beyond what ISO/IEC 7816-2 asks for, as real ones do.
const HALF: (f64, f64) = (6.16, 5.0);
/// Half the island in the middle, under which the chip itself lies.
const ISLAND: (f64, f64) = (2.05, 2.9);
/// Half of what lies between two rows: they stand 2.54 apart.
const ROW: f64 = 1.27;

/// The gold plate with six contacts.
pub(crate) struct ChipPlate;

impl fmt::Display for ChipPlate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (x, y) = CONTACTS;
        let ((half, high), (inner_half, inner_high)) = (HALF, ISLAND);
        let plate = |grow: f64| {
            let (half, high) = (half + grow, high + grow);
            format!(
                r#"x="{:.2}" y="{:.2}" width="{:.2}" height="{:.2}" rx="{:.2}""#,
                -half,
                -high,
                2.0 * half,
                2.0 * high,
                1.75 + grow
            )
        };
        writeln!(
            f,
            r##"<linearGradient id="gold" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#f9edc8"/><stop offset=".28" stop-color="#e6cc8b"/><stop offset=".5" stop-color="#f3e2b1"/><stop offset=".74" stop-color="#d3b06a"/><stop offset="1" stop-color="#b8924f"/></linearGradient>
<linearGradient id="island" x1="0" y1="1" x2="1" y2="0"><stop offset="0" stop-color="#cfab66"/><stop offset=".55" stop-color="#f2e0ae"/><stop offset="1" stop-color="#e1c582"/></linearGradient>
<g transform="translate({x} {y})">
<rect {} fill="#1a1206" fill-opacity=".22"/>
<rect {} fill="url(#gold)"/>"##,
            plate(0.13),
            plate(0.0),
        )?;
        // The grooves that part the contacts, each with its lit edge just below.
        for (stroke, width, shift) in [("#fff6d8", 0.16, 0.09), ("#5d4418", 0.17, 0.0)] {
            writeln!(
                f,
                r#"<g transform="translate({shift} {shift})" fill="none" stroke="{stroke}" stroke-opacity=".85" stroke-width="{width}" stroke-linejoin="round">"#
            )?;
            for side in [-1.0, 1.0] {
                let (outer, inner) = (side * (half - 0.1), side * inner_half);
                writeln!(
                    f,
                    r#"<path d="M{outer:.2} {:.2}H{inner:.2}M{outer:.2} {ROW}H{inner:.2}"/>"#,
                    -ROW
                )?;
            }
            // Above and below the island, C1 parts from C5 and C3 from C7.
            writeln!(
                f,
                r#"<path d="M0 {:.2}V{:.2}M0 {inner_high}V{:.2}"/>"#,
                0.1 - high,
                -inner_high,
                high - 0.1
            )?;
            writeln!(
                f,
                r#"<rect x="{:.2}" y="{:.2}" width="{:.2}" height="{:.2}" rx="1.15"/></g>"#,
                -inner_half,
                -inner_high,
                2.0 * inner_half,
                2.0 * inner_high
            )?;
        }
        writeln!(
            f,
            r##"<rect x="{:.2}" y="{:.2}" width="{:.2}" height="{:.2}" rx="1.05" fill="url(#island)"/>
<rect {} fill="none" stroke="#fffbe9" stroke-opacity=".55" stroke-width=".14"/>
</g>"##,
            -inner_half + 0.1,
            -inner_high + 0.1,
            2.0 * (inner_half - 0.1),
            2.0 * (inner_high - 0.1),
            plate(-0.14),
        )
    }
}
