//! The text, in black resin.

use std::fmt;

use persotwin_link::stock::Panel;
use persotwin_printer::face::{Field, Flaw};
use persotwin_printer::{Face, Progress};

use crate::dye::pass;
use crate::geometry::WIDTH;
use crate::line::Line;

/// A line of text, and which field it belongs to.
pub(crate) type FieldLine<'a> = (Field, Line<'a>);

/// All text of a side.
pub(crate) struct Resin<'a> {
    pub(crate) lines: &'a [FieldLine<'a>],
    pub(crate) face: &'a Face,
}

impl Resin<'_> {
    /// How far the lower half of a field's line stands aside, in millimetres.
    fn slip(&self, field: Field) -> Option<f64> {
        self.face.flaws().find_map(|flaw| match flaw {
            Flaw::ShiftedLine { line, by } if *line == field => {
                Some(f64::from(by.permille()) / 1000.0 * WIDTH)
            }
            _ => None,
        })
    }
}

impl fmt::Display for Resin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let laid = self.face.panels().of(Panel::Black);
        if laid == Progress::NONE || self.lines.is_empty() {
            return Ok(());
        }
        let clip = if laid == Progress::WHOLE {
            ""
        } else {
            writeln!(
                f,
                r#"<clipPath id="laid-black"><rect {}/></clipPath>"#,
                pass(laid)
            )?;
            r#" clip-path="url(#laid-black)""#
        };
        writeln!(f, r##"<g fill="#0c0c10"{clip}>"##)?;
        for (n, (field, line)) in self.lines.iter().enumerate() {
            match self.slip(*field) {
                None => write!(f, "{line}")?,
                Some(by) => torn(f, n, line, by)?,
            }
        }
        writeln!(f, "</g>")
    }
}

/// A line whose lower half stands aside.
fn torn(f: &mut fmt::Formatter<'_>, n: usize, line: &Line<'_>, by: f64) -> fmt::Result {
    let cut = line.middle();
    writeln!(
        f,
        r#"<clipPath id="upper-{n}"><rect x="-1" y="-1" width="90" height="{:.3}"/></clipPath><clipPath id="lower-{n}"><rect x="-1" y="{cut:.3}" width="90" height="60"/></clipPath>
<g clip-path="url(#upper-{n})">{line}</g><g transform="translate({by:.3} 0)"><g clip-path="url(#lower-{n})">{line}</g></g>"#,
        cut + 1.0
    )
}
