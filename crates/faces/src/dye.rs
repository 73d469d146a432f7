//! The colours of the artwork: three passes of transparent dye.
//!
//! Yellow dye takes the blue out of white light, magenta the green, cyan the red. So a pass is the artwork with its other two channels full, and
//! passes over one another are multiplied. Where all three came to the end, their product is the artwork itself, which is drawn at once then.

use std::fmt;

use persotwin_link::stock::Panel;
use persotwin_printer::face::{Field, Flaw};
use persotwin_printer::{Face, Progress, Side};

use crate::artwork::{Artwork, OnSide};
use crate::geometry::{BLEED_X, BLEED_Y, HEIGHT, PRINT_HEIGHT, PRINT_WIDTH, WIDTH};

/// The dye on a side.
pub(crate) struct Dye<'a> {
    pub(crate) artwork: &'a Artwork,
    pub(crate) face: &'a Face,
    pub(crate) side: Side,
}

const COLORS: [Panel; 3] = [Panel::Yellow, Panel::Magenta, Panel::Cyan];

/// What a dye leaves of light, as an `feColorMatrix`.
fn dyes(panel: Panel) -> &'static str {
    match panel {
        Panel::Yellow => "0 0 0 0 1 0 0 0 0 1 0 0 1 0 0 0 0 0 1 0",
        Panel::Magenta => "0 0 0 0 1 0 1 0 0 0 0 0 0 0 1 0 0 0 1 0",
        Panel::Cyan => "1 0 0 0 0 0 0 0 0 1 0 0 0 0 1 0 0 0 1 0",
        Panel::Black | Panel::Overlay => "1 0 0 0 0 0 1 0 0 0 0 0 1 0 0 0 0 0 1 0",
    }
}

/// How far a pass came, from the left edge of what the head reaches.
pub(crate) fn reach(laid: Progress) -> f64 {
    if laid == Progress::WHOLE {
        PRINT_WIDTH
    } else {
        BLEED_X + WIDTH * f64::from(laid.permille()) / 1000.0
    }
}

/// Attributes of a `rect` from the left edge of what the head reaches.
pub(crate) fn pass(laid: Progress) -> String {
    format!(
        r#"x="{:.3}" y="{:.3}" width="{:.3}" height="{PRINT_HEIGHT:.3}""#,
        -BLEED_X,
        -BLEED_Y,
        reach(laid)
    )
}

impl Dye<'_> {
    /// The artwork as the head laid it; it is torn where the card slipped.
    fn define(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slip = self.face.flaws().find_map(|flaw| match flaw {
            Flaw::ShiftedLine {
                line: Field::Artwork,
                by,
            } => Some(by.permille()),
            _ => None,
        });
        let artwork = OnSide(self.artwork, self.side);
        let Some(by) = slip else {
            return writeln!(f, r#"<defs><g id="artwork">{artwork}</g></defs>"#);
        };
        let (middle, by) = (HEIGHT / 2.0, f64::from(by) / 1000.0 * WIDTH);
        writeln!(
            f,
            r##"<defs><g id="whole">{artwork}</g>
<clipPath id="upper-artwork"><rect x="-1" y="-1" width="90" height="{:.3}"/></clipPath><clipPath id="lower-artwork"><rect x="-1" y="{middle:.3}" width="90" height="40"/></clipPath>
<g id="artwork"><g clip-path="url(#upper-artwork)"><use href="#whole"/></g><g transform="translate({by:.3} 0)"><g clip-path="url(#lower-artwork)"><use href="#whole"/></g></g></g></defs>"##,
            middle + 1.0
        )
    }
}

/// One dye, as far as its pass came.
fn one_pass(f: &mut fmt::Formatter<'_>, panel: Panel, laid: Progress) -> fmt::Result {
    let (all, matrix) = (pass(Progress::WHOLE), dyes(panel));
    writeln!(
        f,
        r##"<filter id="{panel}" filterUnits="userSpaceOnUse" {all} color-interpolation-filters="sRGB"><feColorMatrix values="{matrix}"/></filter>
<clipPath id="laid-{panel}"><rect {}/></clipPath>
<g clip-path="url(#laid-{panel})" style="mix-blend-mode:multiply"><g filter="url(#{panel})"><use href="#artwork"/></g></g>"##,
        pass(laid)
    )
}

impl fmt::Display for Dye<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let laid = COLORS.map(|panel| (panel, self.face.panels().of(panel)));
        if laid.iter().all(|(_, laid)| *laid == Progress::NONE) {
            return Ok(());
        }
        self.define(f)?;
        if laid.iter().all(|(_, laid)| *laid == Progress::WHOLE) {
            return writeln!(
                f,
                r##"<g style="mix-blend-mode:multiply"><use href="#artwork"/></g>"##
            );
        }
        let begun = laid.iter().filter(|(_, laid)| *laid > Progress::NONE);
        begun
            .into_iter()
            .try_for_each(|(panel, laid)| one_pass(f, *panel, *laid))
    }
}
