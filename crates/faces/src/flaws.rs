//! Where the print is gone, down to the plastic.

use std::fmt;

use persotwin_printer::face::{Flaw, Spot};
use persotwin_printer::{Face, Progress};

use crate::geometry::{BLEED_X, HEIGHT, PRINT_WIDTH, WIDTH};
use crate::plastic::WHITE;

/// How wide a scratch is, in millimetres (ours).
const SCRATCH: f64 = 0.55;
/// How wide a dead line is: six elements of the head (ours).
const DEAD_LINE: f64 = 0.5;

/// The bare places of a side.
pub(crate) struct Bare<'a>(pub(crate) &'a Face);

fn along(share: Progress) -> f64 {
    f64::from(share.permille()) / 1000.0 * WIDTH
}

fn across(share: Progress) -> f64 {
    f64::from(share.permille()) / 1000.0 * HEIGHT
}

fn place(spot: Spot) -> (f64, f64) {
    (along(spot.along), across(spot.across))
}

impl fmt::Display for Bare<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for flaw in self.0.flaws() {
            match flaw {
                Flaw::ShiftedLine { .. } | Flaw::WrongSide => {}
                Flaw::Scratch { from, to } => {
                    let ((x1, y1), (x2, y2)) = (place(*from), place(*to));
                    // The furrow throws a little shadow.
                    for (color, width, opacity, aside) in
                        [("#000", SCRATCH, 0.25, 0.1), (WHITE, SCRATCH, 1.0, 0.0)]
                    {
                        writeln!(
                            f,
                            r#"<path d="M{x1:.3} {y1:.3}L{x2:.3} {y2:.3}" transform="translate({aside} {aside})" fill="none" stroke="{color}" stroke-opacity="{opacity}" stroke-width="{width}" stroke-linecap="round"/>"#
                        )?;
                    }
                }
                Flaw::DeadLine { across: height } => writeln!(
                    f,
                    r#"<rect x="{:.3}" y="{:.3}" width="{PRINT_WIDTH:.3}" height="{DEAD_LINE}" fill="{WHITE}"/>"#,
                    -BLEED_X,
                    across(*height) - DEAD_LINE / 2.0
                )?,
            }
        }
        Ok(())
    }
}
