//! How people call things: machines, places, cards, movements.

use persotwin_contract::ids::PersoStation;
use persotwin_link::kiosk::Service;
use persotwin_link::{Face, Machine, PathStation, Place, Serial};

/// A machine in a chapter about an order at `home`: its station is named only if it is another one.
pub(super) fn machine(machine: &Machine, home: Option<&PersoStation>) -> String {
    let at = |what: &str, station: &PersoStation| match home {
        Some(home) if home == station => what.to_owned(),
        _ => format!("{what} {station}"),
    };
    match machine {
        Machine::World => "the twin".to_owned(),
        Machine::Kiosk => "kiosk".to_owned(),
        Machine::Issuer => "issuer".to_owned(),
        Machine::D1 => "D1".to_owned(),
        Machine::Agent(station) => at("agent", station),
        Machine::Station(station) => at("printer", station),
        Machine::Staff(station) => at("staff", station),
        Machine::Stranger => "stranger".to_owned(),
    }
}

/// Whoever answers at a face.
pub(super) fn face(face: &Face, home: Option<&PersoStation>) -> String {
    match face {
        Face::Chip(station) if Some(station) == home => "chip".to_owned(),
        other => machine(&other.machine(), home),
    }
}

/// What one asks for at a face.
pub(super) fn asked(face: &Face, method: &str) -> &'static str {
    match (face, method) {
        (Face::Kiosk, "POST") => "card request",
        (Face::Kiosk, _) => "request status",
        (Face::Notifications, _) => "notification",
        (Face::IssuerToken | Face::Token, _) => "token request",
        (Face::Pins, _) => "PIN of the card",
        (Face::Orders, "GET") => "production status",
        (Face::Orders, _) => "order",
        (Face::Stations, _) => "report",
        (Face::Jobs(_), "DELETE") => "withdrawal",
        (Face::Jobs(_), _) => "production data",
        (Face::Printer(_), "GET") => "outcome",
        (Face::Printer(_), _) => "action",
        (Face::Chip(_), _) => "command",
        (Face::Control, _) => "control",
    }
}

/// What a fault does to a message, by its name in the journal.
pub(super) fn fault(name: &str) -> String {
    match name {
        "before" => "never arrives".to_owned(),
        "after" => "arrives, and the answer is lost".to_owned(),
        "twice" => "arrives twice".to_owned(),
        "late" => "is late".to_owned(),
        "out-of-order" => "is overtaken by the next".to_owned(),
        other => format!("the connection suffers ({other})"),
    }
}

/// A part of the printer.
pub(super) fn place(place: &Place) -> String {
    match place {
        Place::Hopper(number) => format!("hopper {number}"),
        Place::Path(PathStation::Feeder) => "feeder".to_owned(),
        Place::Path(PathStation::ChipContact) => "chip contact".to_owned(),
        Place::Path(PathStation::StripeEncoder) => "stripe encoder".to_owned(),
        Place::Path(PathStation::PrintHead) => "print head".to_owned(),
        Place::Path(PathStation::Flipper) => "flipper".to_owned(),
        Place::Exit => "exit".to_owned(),
        Place::Hand(customer) => customer.to_string(),
        Place::RejectBin => "reject bin".to_owned(),
    }
}

/// A blank by lot and count: `A/00017`, without the station that it was loaded at.
pub(super) fn blank(serial: &Serial) -> &str {
    let text = serial.as_str();
    text.rmatch_indices('/')
        .nth(1)
        .map_or(text, |(at, _)| &text[at + 1..])
}

/// What kind of card.
pub(super) fn card(service: Service) -> &'static str {
    match service {
        Service::New => "a new card",
        Service::Renewal => "a renewed card",
        Service::Replacement => "a replacement card",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_is_called_by_lot_and_count() {
        assert_eq!(blank(&Serial::new("KIOSK-PS-101", "A", 17)), "A/00017");
    }

    #[test]
    fn a_station_is_named_when_it_is_another_one() {
        let home: PersoStation = "KIOSK-PS-101".parse().unwrap();
        let other: PersoStation = "KIOSK-PS-102".parse().unwrap();
        assert_eq!(machine(&Machine::Agent(home.clone()), Some(&home)), "agent");
        assert_eq!(
            machine(&Machine::Agent(other), Some(&home)),
            "agent KIOSK-PS-102"
        );
    }
}
