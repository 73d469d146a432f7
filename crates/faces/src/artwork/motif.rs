//! What a design draws over its ground.

use std::f64::consts::TAU;
use std::fmt;

use super::color::Color;
use super::curve::Curve;
use crate::geometry::{BLEED_X, BLEED_Y, HEIGHT, PRINT_WIDTH, WIDTH};

/// A way to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Motif {
    /// A light below the lower edge, and rings that spread from it.
    Rise,
    /// A moon, and a long swell of fine lines.
    Tide,
    /// Planes of folded paper.
    Folds,
}

impl Motif {
    /// Draws it; `all` says where the print reaches, as attributes of a `rect`.
    pub(super) fn draw(self, f: &mut fmt::Formatter<'_>, glow: Color, all: &str) -> fmt::Result {
        match self {
            Self::Rise => rise(f, glow, all),
            Self::Tide => tide(f, glow, all),
            Self::Folds => folds(f, glow, all),
        }
    }
}

/// A soft light around a point.
fn light(
    f: &mut fmt::Formatter<'_>,
    glow: Color,
    all: &str,
    (x, y): (f64, f64),
    radius: f64,
) -> fmt::Result {
    writeln!(
        f,
        r#"<radialGradient id="glow" gradientUnits="userSpaceOnUse" cx="{x}" cy="{y}" r="{radius}"><stop offset="0" stop-color="{glow}"/><stop offset=".35" stop-color="{glow}" stop-opacity=".55"/><stop offset="1" stop-color="{glow}" stop-opacity="0"/></radialGradient>
<rect {all} fill="url(#glow)"/>"#
    )
}

fn rise(f: &mut fmt::Formatter<'_>, glow: Color, all: &str) -> fmt::Result {
    const SUN: (f64, f64) = (69.0, 66.0);
    light(f, glow, all, SUN, 58.0)?;
    let (x, y) = SUN;
    // Discs that overlap, each a little more light.
    for radius in [24.0, 34.0, 46.0, 60.0] {
        writeln!(
            f,
            r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="{glow}" fill-opacity=".16"/>"#
        )?;
    }
    let opacities = |ring: u32| 0.40 - 0.009 * f64::from(ring);
    writeln!(f, r##"<g fill="none" stroke="#fff" stroke-width=".13">"##)?;
    for ring in 0..30_u32 {
        let n = f64::from(ring);
        let points = (0..=40).map(|step| {
            let angle = TAU * (0.5 + f64::from(step) / 80.0);
            let radius = 26.0 + n * 1.9 + (1.0 + n * 0.05) * (angle * 11.0 + n * 0.42).sin();
            (x + radius * angle.cos(), y + radius * angle.sin())
        });
        let opacity = opacities(ring);
        writeln!(
            f,
            r#"<path d="{}" stroke-opacity="{opacity:.2}"/>"#,
            Curve(points)
        )?;
    }
    writeln!(f, "</g>")
}

fn tide(f: &mut fmt::Formatter<'_>, glow: Color, all: &str) -> fmt::Result {
    const MOON: (f64, f64) = (67.4, 11.4);
    light(f, glow, all, MOON, 40.0)?;
    let (x, y) = MOON;
    for (radius, opacity) in [(16.0, 0.10), (10.6, 0.14), (6.3, 0.82)] {
        writeln!(
            f,
            r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="{glow}" fill-opacity="{opacity}"/>"#
        )?;
    }
    writeln!(f, r##"<g fill="none" stroke="#fff" stroke-width=".13">"##)?;
    for line in 0..34_u32 {
        let n = f64::from(line);
        let points = (0..=28).map(|step| {
            let x = -BLEED_X - 1.0 + f64::from(step) * (PRINT_WIDTH + 2.0) / 28.0;
            let along = x / WIDTH;
            // Two swells of different length, which drift apart from line to line.
            let swell = (along * TAU * 1.1 + n * 0.085).sin() * (2.6 + n * 0.10)
                + (along * TAU * 2.3 - n * 0.13).sin() * 1.1;
            (x, 38.6 + n * 0.72 + swell)
        });
        let opacity = 0.10 + 0.42 * (n / 34.0 * TAU / 2.0).sin();
        writeln!(
            f,
            r#"<path d="{}" stroke-opacity="{opacity:.2}"/>"#,
            Curve(points)
        )?;
    }
    writeln!(f, "</g>")
}

fn folds(f: &mut fmt::Formatter<'_>, glow: Color, all: &str) -> fmt::Result {
    light(f, glow, all, (78.0, 52.0), 62.0)?;
    let (top, bottom) = (-BLEED_Y - 1.0, HEIGHT + BLEED_Y + 1.0);
    for plane in 0..7_u32 {
        let n = f64::from(plane);
        let (from, to) = (4.0 + n * 15.0, -34.0 + n * 17.5);
        let far = PRINT_WIDTH + 20.0;
        writeln!(
            f,
            r##"<path d="M{from:.2} {top:.2}L{to:.2} {bottom:.2}H{far:.2}V{top:.2}Z" fill="#fff" fill-opacity=".07"/>
<path d="M{from:.2} {top:.2}L{to:.2} {bottom:.2}" fill="none" stroke="#fff" stroke-opacity=".5" stroke-width=".13"/>"##
        )?;
        let (from, to) = (-30.0 + n * 21.0, 6.0 + n * 19.0);
        writeln!(
            f,
            r##"<path d="M{from:.2} {top:.2}L{to:.2} {bottom:.2}H{far:.2}V{top:.2}Z" fill="#000" fill-opacity=".018"/>"##
        )?;
    }
    Ok(())
}
