//! Links by name: at which door a message arrives, and which of the messages there it is.
//!
//! A link is written `d1.orders`, with a station where there are several doors, `agent.jobs/KIOSK-PS-101`, and with a kind of message
//! where only that one is meant, `d1.orders poll`.

use std::fmt;
use std::str::FromStr;

use persotwin_contract::ids::PersoStation;

use crate::names::{Face, Machine};

/// Doors and kinds of messages, each with its word.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])+ $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])+ $variant),+ }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

words! {
    /// A kind of door: every station has the last three of its own.
    Door {
        /// The issuer's kiosk face.
        Kiosk = "issuer.kiosk",
        /// The issuer's door for D1's notifications.
        Notifications = "issuer.notifications",
        /// The issuer's token endpoint for D1.
        IssuerToken = "issuer.token",
        /// The issuer's door at which D1 fetches PINs.
        Pins = "issuer.pins",
        /// D1's token endpoint.
        Token = "d1.token",
        /// D1's physical issuance API.
        Orders = "d1.orders",
        /// D1's door for agents.
        Stations = "d1.stations",
        /// An agent's door for D1.
        Jobs = "agent.jobs",
        /// A printer.
        Printer = "printer",
        /// A chip reader.
        Chip = "chip",
    }
}

words! {
    /// A kind of message at a door.
    Message {
        /// A customer's request for a card.
        Tap = "tap",
        /// How does the request stand?
        Screen = "screen",
        /// The card was taken or captured.
        CardSeen = "card-seen",
        /// Produce physical card.
        Order = "order",
        /// What is the production status?
        Poll = "poll",
        /// An agent enrols.
        Enrolment = "enrolment",
        /// An agent is alive.
        Heartbeat = "heartbeat",
        /// An agent reports how a job stands.
        Report = "report",
        /// One card to produce.
        Job = "job",
        /// A job is taken back.
        Withdrawal = "withdrawal",
        /// The printer shall do something.
        Action = "action",
        /// How does an action stand?
        Outcome = "outcome",
        /// How is the printer?
        Status = "status",
        /// The chip is switched on or off.
        Power = "power",
        /// A command to the chip.
        Apdu = "apdu",
    }
}

impl Door {
    /// The kinds of messages that arrive there; none where there is but one.
    pub const fn messages(self) -> &'static [Message] {
        match self {
            Self::Kiosk => &[Message::Tap, Message::Screen, Message::CardSeen],
            Self::Notifications | Self::IssuerToken | Self::Pins | Self::Token => &[],
            Self::Orders => &[Message::Order, Message::Poll],
            Self::Stations => &[Message::Enrolment, Message::Heartbeat, Message::Report],
            Self::Jobs => &[Message::Job, Message::Withdrawal],
            Self::Printer => &[Message::Action, Message::Outcome, Message::Status],
            Self::Chip => &[Message::Power, Message::Apdu],
        }
    }

    /// The door that a face is.
    pub const fn of(face: &Face) -> Option<Self> {
        Some(match face {
            Face::Kiosk => Self::Kiosk,
            Face::Notifications => Self::Notifications,
            Face::IssuerToken => Self::IssuerToken,
            Face::Pins => Self::Pins,
            Face::Token => Self::Token,
            Face::Orders => Self::Orders,
            Face::Stations => Self::Stations,
            Face::Jobs(_) => Self::Jobs,
            Face::Printer(_) => Self::Printer,
            Face::Chip(_) => Self::Chip,
            Face::Control => return None,
        })
    }

    /// Whether there is one for each station, or one for all of which the path names the station.
    pub const fn has_stations(self) -> bool {
        matches!(
            self,
            Self::Stations | Self::Jobs | Self::Printer | Self::Chip
        )
    }

    /// The machine that calls there, and the one that answers; `station` where each station has its own.
    pub fn ends(self, station: &PersoStation) -> (Machine, Machine) {
        let agent = || Machine::Agent(station.clone());
        match self {
            Self::Kiosk => (Machine::Kiosk, Machine::Issuer),
            Self::Notifications | Self::IssuerToken | Self::Pins => (Machine::D1, Machine::Issuer),
            Self::Token | Self::Orders => (Machine::Issuer, Machine::D1),
            Self::Stations => (agent(), Machine::D1),
            Self::Jobs => (Machine::D1, agent()),
            Self::Printer | Self::Chip => (agent(), Machine::Station(station.clone())),
        }
    }
}

/// What sort of message a request is; none where a door knows but one.
fn message(door: Door, method: &str, path: &str) -> Option<Message> {
    let path = path.split('?').next().unwrap_or_default();
    let ends = |word: &str| path.ends_with(word);
    Some(match (door, method) {
        (Door::Kiosk, "GET") => Message::Screen,
        (Door::Kiosk, _) if ends("/card") => Message::CardSeen,
        (Door::Kiosk, _) => Message::Tap,
        (Door::Orders, "GET") => Message::Poll,
        (Door::Orders, _) => Message::Order,
        (Door::Stations, _) if ends("/enrolment") => Message::Enrolment,
        (Door::Stations, _) if ends("/heartbeats") => Message::Heartbeat,
        (Door::Stations, _) => Message::Report,
        (Door::Jobs, "DELETE") => Message::Withdrawal,
        (Door::Jobs, _) => Message::Job,
        (Door::Printer, "PUT") => Message::Action,
        (Door::Printer, _) if path.contains("/actions/") => Message::Outcome,
        (Door::Printer, _) => Message::Status,
        (Door::Chip, _) if ends("/power") => Message::Power,
        (Door::Chip, _) => Message::Apdu,
        (Door::Notifications | Door::IssuerToken | Door::Pins | Door::Token, _) => return None,
    })
}

/// A link, or some of the messages on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// Where its messages arrive.
    pub door: Door,
    /// Only those of this station.
    pub station: Option<PersoStation>,
    /// Only this kind of message.
    pub message: Option<Message>,
}

impl Link {
    /// Every message at a door.
    pub const fn to(door: Door) -> Self {
        Self {
            door,
            station: None,
            message: None,
        }
    }

    /// Whether a request to a face is one of this link's.
    pub fn carries(&self, to: &Face, method: &str, path: &str) -> bool {
        let station = || match (&self.station, to.station()) {
            (None, _) => true,
            (Some(wanted), Some(station)) => wanted == station,
            (Some(wanted), None) => path.split(['/', '?']).any(|part| part == wanted.as_str()),
        };
        Door::of(to) == Some(self.door)
            && station()
            && self
                .message
                .is_none_or(|wanted| message(self.door, method, path) == Some(wanted))
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.door)?;
        if let Some(station) = &self.station {
            write!(f, "/{station}")?;
        }
        self.message
            .map_or(Ok(()), |message| write!(f, " {message}"))
    }
}

/// A text that names no link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotALink {
    /// No such door.
    #[error("there is no link `{0}`")]
    Door(String),
    /// That door is no station's.
    #[error("`{0}` has no stations")]
    Station(Door),
    /// No such message there.
    #[error("`{1}` is no message of `{0}`")]
    Message(Door, String),
}

impl FromStr for Link {
    type Err = NotALink;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (place, message) = match text.trim().split_once(' ') {
            Some((place, message)) => (place, Some(message.trim())),
            None => (text.trim(), None),
        };
        let (word, station) = match place.split_once('/') {
            Some((word, station)) => (word, Some(station)),
            None => (place, None),
        };
        let door = Door::ALL.iter().find(|door| door.word() == word);
        let door = *door.ok_or_else(|| NotALink::Door(word.to_owned()))?;
        let station = match station {
            None => None,
            Some(id) if door.has_stations() => {
                Some(id.parse().map_err(|_| NotALink::Door(place.to_owned()))?)
            }
            Some(_) => return Err(NotALink::Station(door)),
        };
        let known = |text: &str| {
            let found = door.messages().iter().find(|known| known.word() == text);
            found
                .copied()
                .ok_or_else(|| NotALink::Message(door, text.to_owned()))
        };
        Ok(Self {
            door,
            station,
            message: message.map(known).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(text: &str) -> Link {
        text.parse().unwrap()
    }

    #[test]
    fn a_link_is_written_as_it_is_read() {
        for text in [
            "d1.orders",
            "d1.orders poll",
            "agent.jobs/KIOSK-PS-101",
            "d1.stations/KIOSK-PS-101 report",
            "printer outcome",
        ] {
            assert_eq!(link(text).to_string(), text);
        }
        for (text, wrong) in [
            ("d1.order", "there is no link `d1.order`"),
            ("d1.orders/K", "`d1.orders` has no stations"),
            ("d1.orders report", "`report` is no message of `d1.orders`"),
            ("", "there is no link ``"),
        ] {
            assert_eq!(text.parse::<Link>().unwrap_err().to_string(), wrong);
        }
    }

    #[test]
    fn a_message_is_known_by_method_and_path() {
        let kiosk: PersoStation = "K-1".parse().unwrap();
        for (text, to, method, path, carries) in [
            (
                "d1.orders",
                Face::Orders,
                "GET",
                "/x/productionStatus",
                true,
            ),
            ("d1.orders order", Face::Orders, "GET", "/x", false),
            ("d1.orders order", Face::Orders, "POST", "/x", true),
            ("d1.orders", Face::Token, "POST", "/x", false),
            (
                "printer action",
                Face::Printer(kiosk.clone()),
                "PUT",
                "/printer/v1/K-1/actions/a",
                true,
            ),
            (
                "printer outcome",
                Face::Printer(kiosk.clone()),
                "GET",
                "/printer/v1/K-1/actions/a?wait=60",
                true,
            ),
            (
                "printer/K-2",
                Face::Printer(kiosk),
                "GET",
                "/printer/v1/K-1",
                false,
            ),
            (
                "d1.stations/K-1 heartbeat",
                Face::Stations,
                "POST",
                "/stations/v1/K-1/heartbeats",
                true,
            ),
            (
                "d1.stations/K-2",
                Face::Stations,
                "POST",
                "/stations/v1/K-1/heartbeats",
                false,
            ),
            (
                "issuer.kiosk card-seen",
                Face::Kiosk,
                "POST",
                "/kiosk/v1/card-requests/r-1/card",
                true,
            ),
        ] {
            assert_eq!(
                link(text).carries(&to, method, path),
                carries,
                "{text} {path}"
            );
        }
    }

    #[test]
    fn every_kind_of_message_belongs_to_a_door() {
        for message in Message::ALL {
            assert!(
                Door::ALL
                    .iter()
                    .any(|door| door.messages().contains(message))
            );
        }
    }
}
