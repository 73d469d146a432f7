//! The cards of a run as files, and what they look like.

use persotwin_faces::Artist;
use persotwin_printer::{CardFile, Side};
use persotwin_report::{CardPicture, ScenarioFolder, Whose};
use persotwin_world::Told;

use crate::exit::Stop;

/// Writes every finished card and every rejected one, and draws both sides of each.
pub(crate) fn add(folder: &mut ScenarioFolder, told: &Told) -> Result<(), Stop> {
    let customers = told.cards.iter();
    let finished = customers.map(|(name, card)| (Whose::Customer(name.clone()), card));
    let rejected = told.rejected.iter();
    let rejected = rejected.map(|card| (Whose::Rejected(card.card().serial().clone()), card));
    let artist = Artist::new();
    for (whose, card) in finished.chain(rejected) {
        let file = persotwin_report::CardFile {
            whose,
            content: serde_json::to_value(card).map_err(|error| failed(&error))?,
            pictures: pictures(&artist, card)?,
        };
        folder.add(&file).map_err(|error| failed(&error))?;
    }
    Ok(())
}

fn pictures(artist: &Artist, card: &CardFile) -> Result<Vec<CardPicture>, Stop> {
    let mut pictures = Vec::new();
    for side in [Side::Front, Side::Back] {
        let picture = artist.draw(card.card(), side);
        let png = picture.png().map_err(|error| failed(&error))?;
        let svg = picture.svg().as_bytes().to_vec();
        pictures.extend(
            [("png", png), ("svg", svg)].map(|(kind, content)| CardPicture {
                ending: format!("{side}.{kind}"),
                content,
            }),
        );
    }
    Ok(pictures)
}

fn failed(error: &dyn std::error::Error) -> Stop {
    Stop::twin(error.to_string())
}
