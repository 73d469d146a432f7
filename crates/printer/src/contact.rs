//! The contacts of the chip reader, and the chip under them.

use persotwin_chip::Chip;
use persotwin_link::PathStation;

use crate::environment::ChipDefect;
use crate::hopper::Lies;
use crate::parts::Part;
use crate::printer::{Power, Printer};

/// Why no chip answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoContact {
    /// No card lies there, or it moves.
    #[error("no card is under the contacts")]
    NoCard,
    /// The reader itself does not answer.
    #[error("the chip reader does not answer")]
    NoReader,
    /// A card lies there, and no chip answers: dirty contacts, a dead chip, or none on that side of the card.
    #[error("the chip does not answer")]
    Mute,
}

impl Printer {
    /// The chip under the contacts.
    ///
    /// # Errors
    /// [`NoContact`].
    pub fn chip(&mut self) -> Result<&mut Chip, NoContact> {
        self.check_contact()?;
        let card = self.path.as_mut().ok_or(NoContact::NoCard)?;
        Ok(&mut card.blank.chip)
    }

    /// Switches the chip on, or resets it; its answer to reset.
    ///
    /// # Errors
    /// [`NoContact`].
    pub fn reset_chip(&mut self) -> Result<Vec<u8>, NoContact> {
        self.check_contact()?;
        let card = self.path.as_mut().ok_or(NoContact::NoCard)?;
        card.blank.power_on().ok_or(NoContact::Mute)
    }

    /// A command to the chip; an empty answer if it has no power.
    ///
    /// # Errors
    /// [`NoContact`].
    pub fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, NoContact> {
        self.check_contact()?;
        let card = self.path.as_mut().ok_or(NoContact::NoCard)?;
        card.blank.transmit(command).ok_or(NoContact::Mute)
    }

    /// How many times as long as usual the chip takes.
    pub fn chip_slowness(&self) -> u32 {
        match self.defect() {
            Some(ChipDefect::Slow { times }) => times.max(1),
            _ => 1,
        }
    }

    fn defect(&self) -> Option<ChipDefect> {
        self.path.as_ref()?.blank.chip_defect()
    }

    /// Whether a chip would answer.
    ///
    /// # Errors
    /// [`NoContact`].
    pub fn check_contact(&self) -> Result<(), NoContact> {
        if self.parts.reader == Part::Fails {
            return Err(NoContact::NoReader);
        }
        let resting = self.power == Power::On && self.running.is_none();
        let under = |card: &&crate::printer::OnPath| card.at == PathStation::ChipContact;
        let card = self.path.as_ref().filter(under).filter(|_| resting);
        let card = card.ok_or(NoContact::NoCard)?;
        let mute = self.parts.contacts == Part::Fails
            || card.lies == Lies::UpsideDown
            || card.blank.is_silent();
        if mute { Err(NoContact::Mute) } else { Ok(()) }
    }
}
