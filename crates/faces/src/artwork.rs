//! The artwork of a product: abstract, and of no payment scheme.
//!
//! Two are designed, `dawn` and `dusk`. Any other name has a design of its own too, made from the name: the same name, the same design. All
//! are light where text stands, because the black of the text is printed over them.

mod color;
mod curve;
mod motif;

use std::fmt;

use persotwin_printer::Side;

use self::color::{Color, hsl};
use self::motif::Motif;
use crate::geometry::{BLEED_X, BLEED_Y, LEFT, PRINT_HEIGHT, PRINT_WIDTH};
use crate::typeface::Typeface;

/// A design, ready to be drawn over all that the head reaches.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Artwork {
    /// The ground, from the top left corner to the lower right.
    ground: [Color; 4],
    /// What shines.
    glow: Color,
    motif: Motif,
}

/// A design as a side has it.
pub(crate) struct OnSide<'a>(pub(crate) &'a Artwork, pub(crate) Side);

impl Artwork {
    /// The design of that name.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "dawn" => Self {
                ground: [
                    Color(0xA9_3F_6B),
                    Color(0xE2_6A_6E),
                    Color(0xF8_A2_72),
                    Color(0xFD_D3_8E),
                ],
                glow: Color(0xFF_F3_CF),
                motif: Motif::Rise,
            },
            "dusk" => Self {
                ground: [
                    Color(0x2C_2F_6E),
                    Color(0x65_5B_AE),
                    Color(0xA9_8C_CC),
                    Color(0xF0_C3_CB),
                ],
                glow: Color(0xFF_EC_E4),
                motif: Motif::Tide,
            },
            other => Self::from_name(other),
        }
    }

    fn from_name(name: &str) -> Self {
        // FNV-1a, 64 bits: any fixed function that spreads would do.
        let hash = name.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        let part =
            |shift: u32, of: u16| (u16::try_from(hash >> shift & 0xFFFF).unwrap_or_default()) % of;
        let hue = f64::from(part(0, 360));
        // Neighbours on the wheel agree; how far, and which way round, is the name's.
        let turn = (18.0 + f64::from(part(16, 34))) * if part(32, 2) == 0 { 1.0 } else { -1.0 };
        let motif = match part(40, 3) {
            0 => Motif::Rise,
            1 => Motif::Tide,
            _ => Motif::Folds,
        };
        Self {
            ground: [
                hsl(hue, 0.48, 0.36),
                hsl(hue + turn * 0.5, 0.42, 0.56),
                hsl(hue + turn, 0.50, 0.72),
                hsl(hue + turn * 1.6, 0.62, 0.84),
            ],
            glow: hsl(hue + turn * 1.6, 0.75, 0.94),
            motif,
        }
    }
}

impl fmt::Display for OnSide<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(artwork, side) = self;
        let [first, second, third, last] = &artwork.ground;
        let (x, y) = (-BLEED_X, -BLEED_Y);
        let all =
            format!(r#"x="{x:.3}" y="{y:.3}" width="{PRINT_WIDTH:.3}" height="{PRINT_HEIGHT:.3}""#);
        writeln!(
            f,
            r#"<linearGradient id="ground" gradientUnits="userSpaceOnUse" x1="24" y1="-10" x2="56" y2="56"><stop offset="0" stop-color="{first}"/><stop offset=".26" stop-color="{second}"/><stop offset=".56" stop-color="{third}"/><stop offset="1" stop-color="{last}"/></linearGradient>
<rect {all} fill="url(#ground)"/>"#
        )?;
        // Mist in the lower half, where black text stands.
        let glow = artwork.glow;
        writeln!(
            f,
            r#"<linearGradient id="mist" gradientUnits="userSpaceOnUse" x1="8" y1="20" x2="3" y2="40"><stop offset="0" stop-color="{glow}" stop-opacity="0"/><stop offset=".55" stop-color="{glow}" stop-opacity=".34"/><stop offset="1" stop-color="{glow}" stop-opacity=".42"/></linearGradient>
<rect {all} fill="url(#mist)"/>"#
        )?;
        artwork.motif.draw(f, glow, &all)?;
        match side {
            Side::Front => write!(f, "{Wordmark}"),
            // Small print stands all over the back: it has but a tint of the design.
            Side::Back => writeln!(f, r##"<rect {all} fill="#fff" fill-opacity=".52"/>"##),
        }
    }
}

/// The mark of the twin, left white by the print: a card and its other self, and the name.
struct Wordmark;

impl fmt::Display for Wordmark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let face = Typeface::SemiBold;
        writeln!(
            f,
            r##"<g fill="#fff" transform="translate({LEFT} 5.9) scale(.86)"><rect x=".2" y=".2" width="5" height="3.4" rx=".75" fill="none" stroke="#fff" stroke-width=".4"/><rect x="2" y="1.5" width="5.4" height="3.8" rx=".9"/>
<text x="9.2" y="4.55" {face} font-size="4.5" letter-spacing="-.02">persotwin</text></g>"##
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_design_and_names_differ() {
        let names = [
            "dawn",
            "dusk",
            "gold",
            "student",
            "black-metal",
            "",
            "été <&>",
        ];
        let drawn: std::collections::BTreeSet<String> = names
            .iter()
            .map(|name| OnSide(&Artwork::named(name), Side::Front).to_string())
            .collect();
        assert_eq!(drawn.len(), names.len());
        assert_eq!(Artwork::named("gold"), Artwork::named("gold"));
    }

    #[test]
    fn every_design_is_light_where_the_number_stands() {
        for n in 0..500 {
            let Artwork {
                ground: [_, second, third, last],
                ..
            } = Artwork::named(&format!("name-{n}"));
            let light = [second, third, last].map(Color::luminance);
            assert!(
                light[0] > 0.12 && light[1] > 0.3 && light[2] > 0.5,
                "name-{n}: {light:?}"
            );
        }
    }
}
