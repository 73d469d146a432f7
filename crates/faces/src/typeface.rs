//! The typefaces, which lie inside the binary, so that a picture is the same on every machine.

use std::fmt;
use std::sync::Arc;

use resvg::usvg::fontdb::Database;
use resvg::usvg::{Node, Options, Tree};

use crate::geometry::DPI;
use crate::markup::Escaped;

/// A typeface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Typeface {
    /// OCR-B: number, expiry and verification value. Each character is 0.723 of the size wide, its digits 0.701 high.
    OcrB,
    /// Inter: names and small print.
    Medium,
    /// Inter, heavier: the wordmark and SPECIMEN.
    SemiBold,
}

/// The attributes of a `text` element. Behind the names stand what a viewer without these fonts may take.
impl fmt::Display for Typeface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (family, weight) = match self {
            Self::OcrB => ("'OCR B', OCRB, monospace", 400),
            Self::Medium => ("Inter, Helvetica, Arial, sans-serif", 500),
            Self::SemiBold => ("Inter, Helvetica, Arial, sans-serif", 600),
        };
        write!(f, r#"font-family="{family}" font-weight="{weight}""#)
    }
}

/// All typefaces, ready to draw with.
#[derive(Clone)]
pub(crate) struct Typefaces(Arc<Database>);

impl Typefaces {
    pub(crate) fn load() -> Self {
        let mut fonts = Database::new();
        for file in [
            &include_bytes!("../fonts/OCRB.otf")[..],
            include_bytes!("../fonts/Inter-Medium.otf"),
            include_bytes!("../fonts/Inter-SemiBold.otf"),
        ] {
            fonts.load_font_data(file.to_vec());
        }
        fonts.set_monospace_family("OCR B");
        fonts.set_sans_serif_family("Inter");
        Self(Arc::new(fonts))
    }

    /// How to read our drawings: in the head's resolution, with our fonts alone.
    pub(crate) fn options(&self) -> Options<'static> {
        Options {
            dpi: DPI,
            font_family: "Inter".to_owned(),
            fontdb: Arc::clone(&self.0),
            ..Options::default()
        }
    }

    /// How wide a text of size 1 is without tracking. Zero when there is nothing to see.
    pub(crate) fn width(&self, typeface: Typeface, text: &str) -> f64 {
        // Measured in large, because small sizes are rounded.
        const SIZE: u32 = 100;
        let probe = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><text xml:space="preserve" {typeface} font-size="{SIZE}">{}</text></svg>"#,
            Escaped(text)
        );
        let tree = Tree::from_str(&probe, &self.options()).ok();
        let children = tree.as_ref().map(|tree| tree.root().children());
        let widths = children.into_iter().flatten().map(Node::bounding_box);
        widths
            .map(|text| f64::from(text.width()) / f64::from(SIZE))
            .fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_typeface_is_found_under_its_name() {
        let fonts = Typefaces::load();
        let families: Vec<_> = fonts
            .0
            .faces()
            .map(|face| (face.families[0].0.as_str(), face.weight.0))
            .collect();
        assert_eq!(families, [("OCR B", 400), ("Inter", 500), ("Inter", 600)]);
    }

    #[test]
    fn text_is_as_wide_as_its_characters() {
        let fonts = Typefaces::load();
        let width = |typeface, text| (fonts.width(typeface, text) * 1000.0).round();
        assert!((width(Typeface::OcrB, "4111") - 4.0 * 723.0).abs() < 2.0);
        assert!(width(Typeface::Medium, "WWWW") > 2.0 * width(Typeface::Medium, "IIII"));
        assert!(width(Typeface::SemiBold, "SPECIMEN") > width(Typeface::Medium, "SPECIMEN"));
        assert!(width(Typeface::Medium, "") < f64::EPSILON);
    }
}
