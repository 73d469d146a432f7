//! A blank, and the card that becomes of it: a physical object with a serial number.

use std::fmt;

use persotwin_chip::{Chip, ChipSerial, Profile};
use persotwin_contract::ids::OperationId;
use persotwin_link::Serial;
use persotwin_link::stock::StockName;
use serde::{Deserialize, Serialize};

use crate::environment::ChipDefect;
use crate::environment::mishap::STORE_DATA;
use crate::face::{Face, Side};
use crate::stripe::Stripe;

/// A piece of plastic with a chip, and what was really done to it. `Debug` shows no card data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Blank {
    serial: Serial,
    stock: StockName,
    /// The label of the job that picked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) job: Option<OperationId>,
    pub(crate) chip: Chip,
    pub(crate) stripe: Stripe,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) front: Option<Face>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) back: Option<Face>,
    /// What is wrong with its chip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ailment: Option<Ailment>,
}

/// A defect of a chip, and how far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ailment {
    #[serde(flatten)]
    defect: ChipDefect,
    /// How many STORE DATA the chip was sent since.
    stored: u32,
    /// And how many commands of any kind.
    commands: u32,
}

impl Blank {
    /// A fresh blank, as it lies in a hopper.
    pub fn fresh(serial: Serial, stock: StockName, profile: &Profile) -> Self {
        let chip = Chip::blank(chip_serial(&serial), profile);
        let stripe = Stripe::default();
        Self {
            serial,
            stock,
            job: None,
            chip,
            stripe,
            front: None,
            back: None,
            ailment: None,
        }
    }

    /// The same with another stripe.
    #[must_use]
    pub(crate) fn with_stripe(mut self, stripe: Stripe) -> Self {
        self.stripe = stripe;
        self
    }

    /// Its serial number.
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// Which kind of blank it is.
    pub fn stock(&self) -> &StockName {
        &self.stock
    }

    /// What is wrong with its chip, whoever reads it.
    pub fn chip_defect(&self) -> Option<ChipDefect> {
        self.ailment.map(|ailment| ailment.defect)
    }

    /// From now on its chip has this defect.
    pub(crate) fn ail(&mut self, defect: ChipDefect) {
        self.ailment = Some(Ailment {
            defect,
            stored: 0,
            commands: 0,
        });
    }

    /// Whether its chip answers to nothing.
    pub(crate) fn is_silent(&self) -> bool {
        self.ailment.is_some_and(|ailment| match ailment.defect {
            ChipDefect::Mute => true,
            ChipDefect::FallsSilent { after } => ailment.commands > after,
            _ => false,
        })
    }

    /// What its chip answers at reset; none from a chip that is silent.
    pub fn atr(&self) -> Option<Vec<u8>> {
        let instead = self.chip_defect().and_then(ChipDefect::reset);
        (!self.is_silent()).then(|| instead.unwrap_or(&Profile::ATR).to_vec())
    }

    /// Power comes to its chip, or it is reset; what it answers, if it does.
    pub fn power_on(&mut self) -> Option<Vec<u8>> {
        self.chip.power_on();
        self.atr()
    }

    /// Power goes.
    pub fn power_off(&mut self) {
        self.chip.power_off();
    }

    /// What its chip answers to a command: nothing at all if it is silent, no bytes without power.
    pub fn transmit(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        let Some(ailment) = self.ailment.as_mut().filter(|_| self.chip.is_powered()) else {
            return (!self.is_silent()).then(|| self.chip.transmit(command));
        };
        let instruction = command.get(1).copied().unwrap_or_default();
        ailment.commands = ailment.commands.saturating_add(1);
        let stores = u32::from(instruction == STORE_DATA);
        ailment.stored = ailment.stored.saturating_add(stores);
        let Ailment { defect, stored, .. } = *ailment;
        if self.is_silent() {
            return None;
        }
        if let Some(status) = defect.refuses(instruction, stored) {
            return Some(status.to_vec());
        }
        let mut answer = self.chip.transmit(command);
        defect.distort(instruction, &mut answer);
        Some(answer)
    }

    /// The job that picked it.
    pub fn job(&self) -> Option<&OperationId> {
        self.job.as_ref()
    }

    /// Its chip.
    pub fn chip(&self) -> &Chip {
        &self.chip
    }

    /// Its stripe.
    pub fn stripe(&self) -> &Stripe {
        &self.stripe
    }

    /// What is printed on a side.
    pub fn face(&self, side: Side) -> Option<&Face> {
        match side {
            Side::Front => self.front.as_ref(),
            Side::Back => self.back.as_ref(),
        }
    }

    pub(crate) fn face_mut(&mut self, side: Side) -> &mut Option<Face> {
        match side {
            Side::Front => &mut self.front,
            Side::Back => &mut self.back,
        }
    }

    /// Whether nothing was done to it.
    pub fn is_untouched(&self) -> bool {
        let chip = self.chip.applications();
        let written = chip
            .iter()
            .any(|application| application.groupings().next().is_some());
        !written && self.stripe.is_blank() && self.front.is_none() && self.back.is_none()
    }

    /// Whether whoever looks at it finds nothing wrong: there is a front, and every side that was
    /// printed is good.
    pub fn is_well_printed(&self) -> bool {
        let faces = [&self.front, &self.back];
        self.front.is_some() && faces.into_iter().flatten().all(Face::is_good)
    }

    /// Whether keys of a card lie on it: it must be in its customer's hand or be destroyed.
    pub fn is_live(&self) -> bool {
        self.chip.holds_keys()
    }
}

/// The serial number of a blank's chip: the same for the same blank in every run (ours).
fn chip_serial(serial: &Serial) -> ChipSerial {
    // FNV-1a, 64 bits: any fixed function that spreads would do.
    let hash = serial
        .as_str()
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
    ChipSerial(hash.to_be_bytes())
}

impl fmt::Debug for Blank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blank")
            .field("serial", &self.serial.as_str())
            .field("live", &self.is_live())
            .field("stripe", &self.stripe)
            .field("front", &self.front)
            .field("back", &self.back)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use persotwin_link::stock::Coercivity;

    use crate::tests::tracks;

    fn blank(count: u32) -> Blank {
        let serial = Serial::new("KIOSK-PS-101", "A", count);
        Blank::fresh(serial, StockName::default(), &Profile::generic())
    }

    #[test]
    fn a_fresh_blank_is_untouched_until_something_is_done_to_it() {
        let mut blank = blank(1);
        assert!(blank.is_untouched() && !blank.is_live());
        blank.stripe.write(&tracks(), Coercivity::Hico).unwrap();
        assert!(!blank.is_untouched() && !blank.is_live());
    }

    #[test]
    fn chips_have_serial_numbers_of_their_own() {
        let chips: BTreeSet<_> = (0..1000).map(|n| blank(n).chip().serial()).collect();
        assert_eq!(chips.len(), 1000);
        assert_eq!(blank(7).chip().serial(), blank(7).chip().serial());
        let last: BTreeSet<_> = chips.iter().map(|serial| serial.0[4..].to_vec()).collect();
        assert_eq!(last.len(), 1000);
    }
}
