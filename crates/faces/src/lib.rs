//! The picture of the card that was printed: both sides, as SVG and as PNG.
//!
//! An [`Artist`] draws what a [`Blank`](persotwin_printer::Blank) really carries, not what was ordered. Each side is built as on the card, from
//! the plastic up:
//!
//! ```text
//!   plastic    white, with what the stock carries before anybody prints: the word SPECIMEN, on the back the small print
//!   dye        yellow, magenta and cyan of the artwork; each pass as far as it came, one over the other as transparent inks
//!   resin      black: every text of the layout, as far as its pass came
//!   flaws      scratches and dead lines, down to the plastic
//!   overlay    the clear layer, a gloss as far as it came
//!   fittings   what no head prints on: contacts, stripe, signature panel
//! ```
//!
//! So a ribbon that breaks in the pass of the magenta panel leaves a yellow card with a red left part, and no text. Nobody can take
//! a picture for a card: it says SPECIMEN, and no payment scheme's mark is on it.
//!
//! A picture has the size of what the print head reaches, 1016 × 648 dots at 300 to the inch, which is a little more than an ID-1 card; outside
//! of the card it is transparent. The same card gives the same picture on every machine: the fonts lie in the binary
//! (`fonts/README.md` names them), and nothing is taken from the system. In the SVG, text is text; a viewer that has no such fonts takes its own.
//!
//! A picture shows the number, the name and the verification value in the clear, as the card does.
//!
//! Sizes and places are those of ISO/IEC 7810, 7811 and 7816-2 where they say something; the rest is ours.

mod artist;
mod artwork;
mod back;
mod chip_plate;
mod dye;
mod flaws;
mod front;
mod geometry;
mod line;
mod markup;
mod plastic;
mod png;
mod resin;
mod typeface;

pub use artist::{Artist, Picture};
pub use png::NotDrawn;

#[cfg(test)]
mod tests;
