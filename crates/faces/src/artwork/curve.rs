//! Smooth lines through points.

use std::fmt::{self, Write};

/// The path of a smooth open line that begins at the first of these points, ends at the last and follows those between.
pub(super) struct Curve<I>(pub(super) I);

impl<I: Iterator<Item = (f64, f64)> + Clone> fmt::Display for Curve<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut points = self.0.clone();
        let Some((x, y)) = points.next() else {
            return Ok(());
        };
        write!(f, "M{x:.2} {y:.2}")?;
        let mut corner = None;
        for (x, y) in points {
            // Each point bends the line; it passes through the middles between them.
            if let Some((cx, cy)) = corner {
                let (mx, my) = (f64::midpoint(cx, x), f64::midpoint(cy, y));
                write!(f, "Q{cx:.2} {cy:.2} {mx:.2} {my:.2}")?;
            }
            corner = Some((x, y));
        }
        match corner {
            Some((x, y)) => write!(f, "L{x:.2} {y:.2}"),
            None => f.write_char('Z'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_and_ends_where_it_is_told() {
        let path = |points: &[(f64, f64)]| Curve(points.iter().copied()).to_string();
        assert_eq!(path(&[]), "");
        assert_eq!(path(&[(0.0, 0.0), (1.0, 1.0)]), "M0.00 0.00L1.00 1.00");
        assert_eq!(
            path(&[(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)]),
            "M0.00 0.00Q1.00 1.00 1.50 0.50L2.00 0.00"
        );
    }
}
