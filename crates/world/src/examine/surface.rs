//! Stripe and print, held against what a terminal read.

use std::collections::BTreeSet;

use persotwin_emv::stripe::TrackNumber;
use persotwin_emv::track::{Track1, Track2};
use persotwin_kernel::event::Defect;
use persotwin_link::jobs::Layout;
use persotwin_printer::face::Field;
use persotwin_printer::{Blank, Side, Stripe};
use persotwin_terminal::Reading;

use super::StripeTexts;

fn texts(stripe: &Stripe) -> StripeTexts {
    let text = |number| stripe.track(number).read(number).ok();
    StripeTexts {
        one: text(TrackNumber::One).and_then(|text| Track1::parse(&text).ok()),
        two: text(TrackNumber::Two).and_then(|text| Track2::parse(&text).ok()),
    }
}

/// Tracks 1 and 2 against tags 57 and 5F20.
pub(super) fn check_stripe(
    stripe: &Stripe,
    reading: Option<&Reading>,
    defects: &mut BTreeSet<Defect>,
) {
    let StripeTexts {
        one: Some(one),
        two: Some(two),
    } = texts(stripe)
    else {
        defects.insert(Defect::StripeUnreadable);
        return;
    };
    let Some(view) = reading.map(|reading| &reading.view) else {
        return;
    };
    let chip = (
        view.track2.pan(),
        view.track2.expiry(),
        view.track2.service_code(),
    );
    let agrees = (one.pan(), one.expiry(), one.service_code()) == chip
        && (two.pan(), two.expiry(), two.service_code()) == chip
        && *one.name() == view.name;
    if !agrees {
        defects.insert(Defect::StripeDiffers);
    }
}

/// What somebody reads on both faces; none unless all of it can be read.
pub(super) fn legible(card: &Blank) -> Option<Layout> {
    let (front, back) = (card.face(Side::Front)?, card.face(Side::Back)?);
    let wanted = front.layout();
    // What was to be empty is not printed, and is there.
    let read = |field, wanted: &str| {
        let found = front.legible(Side::Front, field);
        found.or(wanted.is_empty().then_some("")).map(str::to_owned)
    };
    let lines = wanted.custom_lines.iter().enumerate();
    let lines = lines.map(|(n, line)| read(Field::CustomLine(n), line));
    let second_name = match &wanted.second_name {
        Some(name) => Some(read(Field::SecondName, name)?),
        None => None,
    };
    Some(Layout {
        artwork: String::new(),
        pan: read(Field::Pan, &wanted.pan)?,
        expiry: read(Field::Expiry, &wanted.expiry)?,
        name: read(Field::Name, &wanted.name)?,
        second_name,
        custom_lines: lines.collect::<Option<_>>()?,
        cvv2: back.legible(Side::Back, Field::Cvv2)?.to_owned(),
    })
}

/// Number and expiry on the front against tags 5A and 5F24. Names are written otherwise on chip and front.
pub(super) fn check_print(
    printed: Option<&Layout>,
    reading: Option<&Reading>,
    defects: &mut BTreeSet<Defect>,
) {
    let Some(printed) = printed else {
        defects.insert(Defect::PrintUnreadable);
        return;
    };
    let Some(view) = reading.map(|reading| &reading.view) else {
        return;
    };
    let digits = printed.pan.chars().filter(|c| !c.is_whitespace());
    let agrees =
        digits.eq(view.pan.as_str().chars()) && printed.expiry == view.expires.month().printed();
    if !agrees {
        defects.insert(Defect::PrintDiffers);
    }
}
