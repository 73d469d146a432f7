//! `persotwin card show`: what is on a card, for people.

use std::fmt::Write as _;

use persotwin_chip::{Access, Application, Chip, Domain, Life};
use persotwin_emv::dgi::DgiId;
use persotwin_emv::pan::Pan;
use persotwin_emv::stripe::TrackNumber;
use persotwin_printer::face::Field;
use persotwin_printer::{Blank, Flaw, Progress, Side, Stripe};
use persotwin_reader::words::{Show, leaves, value};

use super::file::Kept;
use crate::args::CardShow;
use crate::exit::{Exit, Stop};
use crate::output;

pub(super) fn show(args: &CardShow) -> Result<Exit, Stop> {
    let kept = Kept::read(&args.file)?;
    output::print(&card(&kept.card, args.reveal.show()));
    Ok(Exit::Ok)
}

/// Everything about a card.
fn card(card: &Blank, show: Show) -> String {
    let mut text = format!("card {} of stock {}", card.serial(), card.stock());
    if let Some(job) = card.job() {
        let _ = write!(text, ", made for {job}");
    }
    text.push('\n');
    chip(&mut text, card.chip(), show);
    if let Some(defect) = card.chip_defect() {
        let _ = writeln!(text, "  defect: {defect}");
    }
    stripe(&mut text, card.stripe(), show);
    for side in [Side::Front, Side::Back] {
        face(&mut text, card, side, show);
    }
    text
}

fn chip(text: &mut String, chip: &Chip, show: Show) {
    let _ = writeln!(text, "\nchip {}{}", chip.serial(), blocked(chip.access()));
    if let Some(domain) = chip.domain() {
        security_domain(text, domain);
    }
    for each in chip.applications() {
        application(text, each, show);
    }
}

fn security_domain(text: &mut String, domain: &Domain) {
    let _ = writeln!(
        text,
        "  security domain: {}, keys of version {}, data from level {}, counter {}, {}",
        domain.protocol(),
        domain.key_version(),
        domain.level(),
        domain.counter().value(),
        match domain.tries_left() {
            0 => "locked".to_owned(),
            left => format!("{left} tries left"),
        }
    );
}

fn application(text: &mut String, application: &Application, show: Show) {
    let label = application.label().map(String::from_utf8_lossy);
    let label = label.map(|label| format!(" {label}")).unwrap_or_default();
    let state = match application.life() {
        Life::Selectable => "not personalised".to_owned(),
        Life::Personalised(lasting) => format!(
            "personalised, ATC {}, last online {}{}",
            lasting.transactions,
            lasting.last_online,
            blocked(lasting.access)
        ),
    };
    let _ = writeln!(text, "  application {}{label}: {state}", application.aid());
    if let Some([ac, smi, smc]) = application.key_check_values() {
        let _ = writeln!(
            text,
            "    keys, by their check values: AC {ac}, SMI {smi}, SMC {smc}"
        );
    }
    if let Some(tries) = tries(application) {
        let _ = writeln!(text, "    PIN: {tries}");
    }
    objects(
        text,
        application,
        DgiId::SELECT_ANSWER,
        "SELECT answers",
        show,
    );
    objects(
        text,
        application,
        DgiId::PROCESSING_OPTIONS,
        "GET PROCESSING OPTIONS answers",
        show,
    );
    for (record, content) in application.records() {
        let title = format!("SFI {} record {}", record.sfi.number(), record.record);
        table(text, &title, content, show);
    }
}

/// How often a PIN may still be tried; none for a card without one.
fn tries(application: &Application) -> Option<String> {
    let limit = application.grouping(DgiId::PIN_TRIES)?.last()?;
    match application.life() {
        Life::Selectable => Some(format!("{limit} tries")),
        Life::Personalised(lasting) => {
            let left = lasting.pin_tries?;
            Some(format!("{left} of {limit} tries left"))
        }
    }
}

/// What the issuer did by a script.
fn blocked(access: Access) -> &'static str {
    match access {
        Access::Open => "",
        Access::Blocked => ", blocked",
    }
}

fn objects(text: &mut String, application: &Application, id: DgiId, title: &str, show: Show) {
    if let Some(content) = application.grouping(id) {
        table(text, title, content, show);
    }
}

/// Data objects, one a line: tag, name, value.
fn table(text: &mut String, title: &str, content: &[u8], show: Show) {
    let _ = writeln!(text, "    {title}");
    for object in leaves(content).unwrap_or_default() {
        let words = object.tag.words().unwrap_or("");
        let value = value(object.tag, object.value, show);
        let _ = writeln!(
            text,
            "      {:<6}{words:<46} {value}",
            object.tag.to_string()
        );
    }
}

fn stripe(text: &mut String, stripe: &Stripe, show: Show) {
    let tracks = [
        ("1", TrackNumber::One),
        ("2", TrackNumber::Two),
        ("3", TrackNumber::Three),
    ];
    text.push_str("\nstripe\n");
    for (name, number) in tracks {
        let track = stripe.track(number);
        let said = match (track.as_slice(), track.read(number), show) {
            ([], ..) => "blank".to_owned(),
            (bits, Err(error), _) => format!("cannot be read: {error}; {} bits", bits.len()),
            (_, Ok(read), Show::InFull) => read.as_str().to_owned(),
            (_, Ok(read), Show::Masked) => masked_track(read.as_str()),
        };
        let _ = writeln!(text, "  track {name}  {said}");
    }
}

/// A track's number masked, and how much follows it.
fn masked_track(track: &str) -> String {
    let digits = track.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits.find(|c: char| !c.is_ascii_digit());
    let (number, rest) = digits.split_at(end.unwrap_or(digits.len()));
    let number =
        Pan::parse(number).map_or_else(|_| format!("{} digits", number.len()), |pan| pan.masked());
    format!("{number} and {} characters more", rest.len())
}

fn face(text: &mut String, card: &Blank, side: Side, show: Show) {
    let Some(face) = card.face(side) else {
        let _ = writeln!(text, "\n{side}: nothing printed");
        return;
    };
    let good = if face.is_good() { "" } else { ", spoiled" };
    let _ = writeln!(text, "\n{side}{good}");
    for field in face.fields(side) {
        let said = printed(field.field, field.text, show);
        let part = match field.printed {
            Progress::WHOLE => String::new(),
            part => format!(", {} of 1000 parts", part.permille()),
        };
        let _ = writeln!(text, "  {:<12} {said}{part}", name(field.field));
    }
    for flaw in face.flaws() {
        let flaw = match flaw {
            Flaw::ShiftedLine { line, .. } => format!("{} shifted", name(*line)),
            Flaw::Scratch { .. } => "a scratch".to_owned(),
            Flaw::WrongSide => "the design of the other side".to_owned(),
            Flaw::DeadLine { .. } => "a bare line along the card".to_owned(),
        };
        let _ = writeln!(text, "  {:<12} {flaw}", "flaw");
    }
}

fn name(field: Field) -> String {
    match field {
        Field::Artwork => "artwork".to_owned(),
        Field::Pan => "card number".to_owned(),
        Field::Expiry => "expiry".to_owned(),
        Field::Name => "name".to_owned(),
        Field::SecondName => "second name".to_owned(),
        Field::CustomLine(line) => format!("line {}", line + 1),
        Field::Cvv2 => "CVV2".to_owned(),
    }
}

fn printed(field: Field, text: &str, show: Show) -> String {
    match (field, show) {
        (_, Show::InFull) | (Field::Artwork, _) => text.to_owned(),
        (Field::Pan, Show::Masked) => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let pan = Pan::parse(&digits);
            pan.map_or_else(|_| characters(text), |pan| pan.masked())
        }
        (_, Show::Masked) => characters(text),
    }
}

fn characters(text: &str) -> String {
    format!("{} characters", text.chars().count())
}
