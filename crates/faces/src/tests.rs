//! Whole pictures of cards in every state.

use persotwin_chip::Profile;
use persotwin_link::Serial;
use persotwin_link::jobs::Layout;
use persotwin_link::stock::{Panel, StockName};
use persotwin_printer::face::{Field, Flaw, Shift, Spot};
use persotwin_printer::{Blank, Face, Laid, Progress, Side};
use proptest::prelude::*;
use resvg::tiny_skia::Pixmap;

use crate::geometry::DOTS;
use crate::{Artist, Picture};

fn layout() -> Layout {
    Layout {
        artwork: "dawn".into(),
        pan: "4761 7390 0101 0119".into(),
        expiry: "12/29".into(),
        name: "ALICE MARTIN".into(),
        second_name: None,
        custom_lines: Vec::new(),
        cvv2: "257".into(),
    }
}

/// A blank on which something was printed. Only a printer prints, and a file tells of it.
fn card(side: Side, face: &Face) -> Blank {
    let serial = Serial::new("KIOSK-PS-101", "A", 1);
    let blank = Blank::fresh(serial, StockName::default(), &Profile::generic());
    let mut file = serde_json::to_value(blank).unwrap();
    file[side.to_string()] = serde_json::to_value(face).unwrap();
    serde_json::from_value(file).unwrap()
}

fn draw(side: Side, face: &Face) -> Picture {
    Artist::new().draw(&card(side, face), side)
}

fn front(layout: Layout) -> String {
    let face = Face::new(layout, Laid::whole(&Panel::ALL));
    draw(Side::Front, &face).svg().to_owned()
}

/// What a side has got of yellow, magenta, cyan, black and overlay.
fn laid(permille: [u16; 5]) -> Laid {
    let panels = Panel::ALL.iter().map(ToString::to_string);
    let map: serde_json::Map<_, _> = panels.zip(permille.map(Into::into)).collect();
    serde_json::from_value(map.into()).unwrap()
}

fn dots(side: Side, face: &Face) -> Pixmap {
    Pixmap::decode_png(&draw(side, face).png().unwrap()).unwrap()
}

/// Red, green and blue at a place in millimetres.
fn at(dots: &Pixmap, x: f64, y: f64) -> [i32; 3] {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place on the card"
    )]
    let dot = |mm: f64| (mm / 25.4 * 300.0).round() as u32;
    let color = dots.pixel(dot(x), dot(y)).unwrap();
    [color.red(), color.green(), color.blue()].map(i32::from)
}

#[test]
fn every_text_of_the_layout_is_on_its_side_as_text() {
    let mut layout = layout();
    layout.second_name = Some("BAKERY LTD".into());
    layout.custom_lines = vec!["Credit".into(), "Member 1234".into()];
    let svg = front(layout.clone());
    for text in [
        "4761 7390 0101 0119",
        "12/29",
        "ALICE MARTIN",
        "BAKERY LTD",
        "Credit",
        "Member 1234",
        "SPECIMEN",
    ] {
        assert!(svg.contains(&format!(">{text}</text>")), "{text}");
    }
    assert!(!svg.contains("257"));
    let face = Face::new(layout, Laid::whole(&Panel::ALL));
    let back = draw(Side::Back, &face);
    assert!(back.svg().contains(">257</text>") && back.svg().contains(">SPECIMEN</text>"));
    assert!(!back.svg().contains("4761"));
    assert!(back.svg().contains("KIOSK-PS-101/A/00001"));
    assert!(!format!("{back:?}").contains("257"));
}

#[test]
fn the_same_card_gives_the_same_picture() {
    let face = Face::new(layout(), laid([1000, 700, 0, 0, 0]));
    let (one, other) = (draw(Side::Front, &face), draw(Side::Front, &face));
    assert_eq!(one.svg(), other.svg());
    assert_eq!(one.png().unwrap(), other.png().unwrap());
}

#[test]
fn a_picture_has_the_dots_of_the_head_and_says_how_large_they_are() {
    let png = draw(Side::Front, &Face::new(layout(), Laid::whole(&Panel::ALL)))
        .png()
        .unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(&png))
        .read_info()
        .unwrap();
    let info = reader.info();
    assert_eq!((info.width, info.height), (1016, 648));
    let size = info.pixel_dims.unwrap();
    assert_eq!((size.xppu, size.yppu), (11_811, 11_811));
    let mut dots = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut dots).unwrap();
    let opaque = |x: usize, y: usize| dots[(y * DOTS.0 as usize + x) * 4 + 3];
    // Round corners, and nothing beyond the card.
    assert_eq!((opaque(0, 0), opaque(8, 8), opaque(1015, 647)), (0, 0, 0));
    assert_eq!(
        (opaque(508, 324), opaque(508, 8), opaque(5, 324)),
        (255, 255, 255)
    );
}

#[test]
fn names_cannot_break_out_of_the_drawing() {
    let mut layout = layout();
    layout.name = "O'NEIL & <SONS>\"".into();
    layout.artwork = "\"/><script>".into();
    layout.custom_lines = vec!["</text></svg>".into(), "a\u{0}\u{ffff}b".into()];
    let svg = front(layout);
    assert!(svg.contains("O&apos;NEIL &amp; &lt;SONS&gt;&quot;"));
    assert!(!svg.contains("<script") && svg.matches("</svg>").count() == 1);
    assert!(svg.contains("a\u{fffd}\u{fffd}b"));
}

/// Where a text ends at the right, in millimetres.
fn ends(svg: &str, text: &str) -> f64 {
    let line = svg.lines().find(|line| line.contains(text)).unwrap();
    let number = |name: &str| -> f64 {
        let rest = line.split(&format!(" {name}=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let typeface = if line.contains("OCR") {
        crate::typeface::Typeface::OcrB
    } else {
        crate::typeface::Typeface::Medium
    };
    let count = f64::from(u32::try_from(text.chars().count()).unwrap());
    let width = crate::typeface::Typefaces::load().width(typeface, text);
    number("x") + width * number("font-size") + count * number("letter-spacing")
}

#[test]
fn a_long_number_and_a_long_name_become_smaller() {
    let mut layout = layout();
    layout.pan = "4761 7390 0101 0119 027".into();
    layout.name = "W".repeat(64);
    let svg = front(layout.clone());
    assert!(ends(&svg, &layout.pan) < 79.0);
    assert!(ends(&svg, &layout.name) < 57.0);
    let usual = front(self::layout());
    assert!((ends(&usual, "4761 7390 0101 0119") - 77.0).abs() < 1.0);
}

#[test]
fn what_is_empty_is_not_drawn() {
    let nothing = Layout {
        artwork: String::new(),
        pan: String::new(),
        expiry: String::new(),
        name: String::new(),
        second_name: Some(String::new()),
        custom_lines: vec![String::new()],
        cvv2: String::new(),
    };
    let svg = front(nothing);
    assert!(!svg.contains("></text>") && !svg.contains("VALID"));
}

#[test]
fn passes_over_one_another_give_the_artwork() {
    let whole = dots(Side::Front, &Face::new(layout(), Laid::whole(&Panel::ALL)));
    let nearly = dots(
        Side::Front,
        &Face::new(layout(), laid([990, 990, 990, 1000, 1000])),
    );
    let differ = |x: u32, y: u32| {
        let color = |dots: &Pixmap| {
            let color = dots.pixel(x, y).unwrap();
            [color.red(), color.green(), color.blue()].map(i32::from)
        };
        let pairs = color(&whole).into_iter().zip(color(&nearly));
        pairs.map(|(a, b)| (a - b).abs()).max().unwrap_or(0)
    };
    let worst = (0..990)
        .flat_map(|x| (0..648).map(move |y| (x, y)))
        .map(|(x, y)| differ(x, y))
        .max();
    // Each layer rounds; a dye that took the wrong channel would be off by a hundred.
    assert!(worst <= Some(8), "{worst:?}");
}

#[test]
fn a_ribbon_that_breaks_leaves_the_colours_of_the_passes_that_were() {
    // Magenta came to the middle, nothing after it.
    let broken = dots(
        Side::Front,
        &Face::new(layout(), laid([1000, 500, 0, 0, 0])),
    );
    let [red, green, blue] = at(&broken, 60.0, 4.0);
    assert!(
        red > 240 && green > 240 && blue < 180,
        "yellow alone: {red} {green} {blue}"
    );
    let [red, green, blue] = at(&broken, 30.0, 4.0);
    assert!(
        red > 240 && green < 180 && blue < 180,
        "red on the left: {red} {green} {blue}"
    );
    // No black at all where the number would be.
    let row = (9..77).map(|x| at(&broken, f64::from(x), 33.0));
    assert!(
        row.min_by_key(|color| color.iter().sum::<i32>())
            .unwrap()
            .iter()
            .sum::<i32>()
            > 300
    );
}

#[test]
fn half_the_resin_is_half_the_number() {
    let half = dots(
        Side::Front,
        &Face::new(layout(), laid([1000, 1000, 1000, 500, 0])),
    );
    let dark = |from: u32, to: u32| {
        let dots = (from..to).flat_map(|x| (360..415).map(move |y| (x, y)));
        dots.filter(|(x, y)| half.pixel(*x, *y).unwrap().green() < 60)
            .count()
    };
    assert!(dark(100, 500) > 500);
    assert_eq!(dark(515, 1000), 0);
}

#[test]
fn flaws_are_seen() {
    let whole = || Face::new(layout(), Laid::whole(&Panel::ALL));
    let share = |permille: u16| Progress::try_from(permille).unwrap();
    let dead = whole().with(Flaw::DeadLine { across: share(615) });
    assert!(
        at(&dots(Side::Front, &dead), 50.0, 33.64)
            .iter()
            .all(|part| *part > 240)
    );
    let spot = |along, across| Spot {
        along: share(along),
        across: share(across),
    };
    let scratched = whole().with(Flaw::Scratch {
        from: spot(0, 500),
        to: spot(1000, 500),
    });
    assert!(
        at(&dots(Side::Front, &scratched), 50.0, 27.43)
            .iter()
            .all(|part| *part > 240)
    );
    let by = Shift::SLIP;
    for line in [Field::Pan, Field::Name, Field::Artwork] {
        let svg = draw(Side::Front, &whole().with(Flaw::ShiftedLine { line, by }))
            .svg()
            .to_owned();
        assert!(svg.contains("translate(5.992 0)"), "{line:?}");
    }
}

#[test]
fn a_blank_that_lay_upside_down_has_the_other_sides_design() {
    let face = Face::new(layout(), Laid::whole(&Panel::ALL)).with(Flaw::WrongSide);
    let front = draw(Side::Front, &face).svg().to_owned();
    assert!(front.contains(">257</text>") && !front.contains("4761"));
    assert!(front.contains("url(#gold)") && !front.contains("url(#stripe)"));
    let back = draw(Side::Back, &face).svg().to_owned();
    assert!(back.contains("4761") && back.contains("url(#stripe)"));
}

#[test]
fn a_bare_blank_says_specimen_too() {
    let serial = Serial::new("KIOSK-PS-101", "A", 1);
    let blank = Blank::fresh(serial, StockName::default(), &Profile::generic());
    for side in [Side::Front, Side::Back] {
        let picture = Artist::new().draw(&blank, side);
        assert!(picture.svg().contains(">SPECIMEN</text>"));
        assert!(!picture.svg().contains("VALID") && !picture.svg().contains("multiply"));
        picture.png().unwrap();
    }
}

fn any_layout() -> impl Strategy<Value = Layout> {
    let text = || prop_oneof![any::<String>(), "[A-Z '.-]{0,40}", Just(String::new())];
    let lines = prop::collection::vec(text(), 0..12);
    (
        text(),
        text(),
        text(),
        text(),
        prop::option::of(text()),
        lines,
        text(),
    )
        .prop_map(
            |(artwork, pan, expiry, name, second_name, custom_lines, cvv2)| Layout {
                artwork,
                pan,
                expiry,
                name,
                second_name,
                custom_lines,
                cvv2,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_text_gives_a_drawing(layout in any_layout(), shares in prop::array::uniform5(0..=1000_u16)) {
        let artist = Artist::new();
        for side in [Side::Front, Side::Back] {
            let card = card(side, &Face::new(layout.clone(), laid(shares)));
            let picture = artist.draw(&card, side);
            let tree = resvg::usvg::Tree::from_str(picture.svg(), &crate::typeface::Typefaces::load().options());
            prop_assert!(tree.is_ok(), "{}", picture.svg());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2))]

    #[test]
    fn any_text_gives_dots(layout in any_layout(), shares in prop::array::uniform5(0..=1000_u16)) {
        let face = Face::new(layout, laid(shares));
        prop_assert!(draw(Side::Front, &face).png().is_ok());
    }
}
