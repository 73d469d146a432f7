//! Colours.

use std::fmt;

/// A colour, `0xRRGGBB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Color(pub(crate) u32);

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:06x}", self.0)
    }
}

#[cfg(test)]
impl Color {
    /// How light it is, from 0 to 1 (the relative luminance of sRGB).
    pub(crate) fn luminance(self) -> f64 {
        let [_, red, green, blue] = self.0.to_be_bytes().map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

/// A colour by hue in degrees, saturation and lightness from 0 to 1.
pub(crate) fn hsl(hue: f64, saturation: f64, lightness: f64) -> Color {
    let reach = saturation * lightness.min(1.0 - lightness);
    let part = |shift: f64| {
        let k = (shift + hue / 30.0).rem_euclid(12.0);
        let value = lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to a byte"
        )]
        let byte = (value * 255.0).round().clamp(0.0, 255.0) as u8;
        byte
    };
    Color(u32::from_be_bytes([0, part(0.0), part(8.0), part(4.0)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wheel_turns() {
        assert_eq!(hsl(0.0, 1.0, 0.5), Color(0xFF_00_00));
        assert_eq!(hsl(120.0, 1.0, 0.5), Color(0x00_FF_00));
        assert_eq!(hsl(-120.0, 1.0, 0.5), Color(0x00_00_FF));
        assert_eq!(hsl(77.0, 0.0, 1.0).to_string(), "#ffffff");
        assert_eq!(Color(0x0A_0B).to_string(), "#000a0b");
    }
}
