//! Where things are on a card, in millimetres from its top left corner, as one looks at the side.

/// The card: ID-1 (ISO/IEC 7810).
pub(crate) const WIDTH: f64 = 85.60;
/// See [`WIDTH`].
pub(crate) const HEIGHT: f64 = 53.98;
/// The radius of its corners (ISO/IEC 7810).
pub(crate) const CORNER: f64 = 3.18;

/// Dots to the inch of the print head.
pub(crate) const DPI: f32 = 300.0;
/// What the head prints: 1016 × 648 dots. It is a little more than the card, so that colour reaches every edge.
pub(crate) const DOTS: (u32, u32) = (1016, 648);
/// See [`DOTS`].
pub(crate) const PRINT_WIDTH: f64 = 1016.0 / 300.0 * 25.4;
/// See [`DOTS`].
pub(crate) const PRINT_HEIGHT: f64 = 648.0 / 300.0 * 25.4;
/// How far the print reaches beyond the left edge.
pub(crate) const BLEED_X: f64 = (PRINT_WIDTH - WIDTH) / 2.0;
/// How far it reaches beyond the top edge.
pub(crate) const BLEED_Y: f64 = (PRINT_HEIGHT - HEIGHT) / 2.0;

/// What everything on the front aligns with, left (ours).
pub(crate) const LEFT: f64 = 8.9;
/// And right: where a number of four groups ends.
pub(crate) const RIGHT: f64 = WIDTH - LEFT;
/// From here on the fields of the front would run into the mark at the lower right.
pub(crate) const NAMES_END: f64 = 56.8;

/// The middle of the contacts C1 to C3 and C5 to C7 (ISO/IEC 7816-2: C1 reaches at least from 10.25 to 12.25 and from 19.23 to 20.93, C7
/// from 17.87 to 19.87 and from 24.31 to 26.01).
pub(crate) const CONTACTS: (f64, f64) = (15.06, 22.62);

/// The middle of the embossed number, from the top (ISO/IEC 7811-1: 21.42 from the bottom).
pub(crate) const NUMBER_MIDDLE: f64 = HEIGHT - 21.42;
/// From the middle of one character of the number to the next (ISO/IEC 7811-1: seven to the inch).
pub(crate) const NUMBER_PITCH: f64 = 25.4 / 7.0;

/// Top and bottom of the stripe: half an inch that covers the area for three tracks (ISO/IEC 7811-6: from 5.54 or less to 15.95 or more).
pub(crate) const STRIPE: (f64, f64) = (4.1, 16.8);
