//! Draws one side after the other.

use std::fmt;

use persotwin_link::stock::Panel;
use persotwin_printer::face::Flaw;
use persotwin_printer::{Blank, Face, Side};

use crate::artwork::Artwork;
use crate::dye::Dye;
use crate::flaws::Bare;
use crate::geometry::{BLEED_X, BLEED_Y, CORNER, HEIGHT, PRINT_HEIGHT, PRINT_WIDTH, WIDTH};
use crate::plastic::{Edge, Gloss, Plastic};
use crate::png::{self, NotDrawn};
use crate::resin::Resin;
use crate::typeface::Typefaces;
use crate::{back, front};

/// Who draws cards. Made once: it holds the typefaces.
#[derive(Clone)]
pub struct Artist {
    typefaces: Typefaces,
}

/// A side of a card, drawn. It shows card data in the clear; `Debug` does not.
#[derive(Clone)]
pub struct Picture {
    svg: String,
    typefaces: Typefaces,
}

impl Artist {
    /// With the typefaces of the binary.
    pub fn new() -> Self {
        Self {
            typefaces: Typefaces::load(),
        }
    }

    /// Draws a side of a card as it is now.
    pub fn draw(&self, card: &Blank, side: Side) -> Picture {
        let drawing = Drawing {
            card,
            side,
            typefaces: &self.typefaces,
        };
        Picture {
            svg: drawing.to_string(),
            typefaces: self.typefaces.clone(),
        }
    }
}

impl Default for Artist {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Artist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Artist")
    }
}

impl Picture {
    /// The picture as SVG. Its lengths are millimetres from the card's top left corner.
    pub fn svg(&self) -> &str {
        &self.svg
    }

    /// The picture as PNG: 1016 × 648 dots, 300 to the inch.
    pub fn png(&self) -> Result<Vec<u8>, NotDrawn> {
        png::png(&self.svg, &self.typefaces)
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} bytes of SVG)", self.svg.len())
    }
}

/// The layers of a side, from the plastic up.
struct Drawing<'a> {
    card: &'a Blank,
    side: Side,
    typefaces: &'a Typefaces,
}

impl Drawing<'_> {
    /// Which side's design the head printed: the other one's on a blank that lay upside down.
    fn design(&self, face: &Face) -> Side {
        if face.flaws().any(|flaw| *flaw == Flaw::WrongSide) {
            self.side.turned()
        } else {
            self.side
        }
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, face: &Face) -> fmt::Result {
        let layout = face.layout();
        let design = self.design(face);
        let dye = Dye {
            artwork: &Artwork::named(&layout.artwork),
            face,
            side: design,
        };
        write!(f, "{dye}")?;
        if self.side == Side::Back {
            write!(f, "{}", back::Fittings)?;
        }
        let lines = match design {
            Side::Front => front::lines(layout, self.typefaces),
            Side::Back => back::lines(layout, self.typefaces),
        };
        let resin = Resin {
            lines: &lines,
            face,
        };
        let gloss = Gloss(face.panels().of(Panel::Overlay));
        write!(f, "{resin}{}{gloss}", Bare(face))
    }
}

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { card, side, .. } = self;
        writeln!(
            f,
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{PRINT_WIDTH:.4}mm" height="{PRINT_HEIGHT:.4}mm" viewBox="{:.4} {:.4} {PRINT_WIDTH:.4} {PRINT_HEIGHT:.4}">
<title>Specimen card, {side}</title>
<clipPath id="card"><rect width="{WIDTH}" height="{HEIGHT}" rx="{CORNER}"/></clipPath>
<g clip-path="url(#card)">
{}"#,
            -BLEED_X,
            -BLEED_Y,
            Plastic { card, side: *side }
        )?;
        match (card.face(*side), side) {
            (Some(face), _) => self.print(f, face)?,
            (None, Side::Back) => write!(f, "{}", back::Fittings)?,
            (None, Side::Front) => {}
        }
        if *side == Side::Front {
            write!(f, "{}", front::Fittings)?;
        }
        writeln!(f, "{Edge}</g>\n</svg>")
    }
}
