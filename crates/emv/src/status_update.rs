//! Card status updates: what an issuer asks of the chip in its answer by method 2.
//!
//! Four bytes (documented: EMV Book 3, common core definitions). Only the orders named here are
//! known; the other bits are carried and ask for nothing.

/// A card status update: four bytes (documented: EMV Book 3, common core definitions).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatusUpdate(pub [u8; 4]);

/// What a status update may ask of the chip: one bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The transaction is approved.
    Approve,
    /// Block the card.
    BlockCard,
    /// Block the application.
    BlockApplication,
    /// Set the number of PIN tries that are left.
    SetPinTries,
}

impl Order {
    const fn bit(self) -> u8 {
        match self {
            Self::Approve => 0x80,
            Self::BlockCard => 0x40,
            Self::BlockApplication => 0x20,
            Self::SetPinTries => 0x10,
        }
    }
}

impl StatusUpdate {
    /// The transaction is approved, and nothing else.
    pub const APPROVED: Self = Self([0x00, 0x80, 0x00, 0x00]);

    /// With one order more.
    #[must_use]
    pub fn with(mut self, order: Order) -> Self {
        self.0[1] |= order.bit();
        self
    }

    /// With so many PIN tries to be set, at most 15.
    #[must_use]
    pub fn with_pin_tries(mut self, tries: u8) -> Self {
        self.0[0] = (self.0[0] & 0xF0) | tries.min(15);
        self.with(Order::SetPinTries)
    }

    /// Whether it asks for that.
    pub fn asks(self, order: Order) -> bool {
        self.0[1] & order.bit() != 0
    }

    /// The number of PIN tries, for [`Order::SetPinTries`].
    pub fn pin_tries(self) -> u8 {
        self.0[0] & 0x0F
    }

    /// Whether it says that proprietary data follow it in the issuer authentication data.
    pub fn has_proprietary_data(self) -> bool {
        self.0[0] & 0x80 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_have_their_bits() {
        let update = StatusUpdate::APPROVED
            .with(Order::BlockApplication)
            .with_pin_tries(3);
        assert_eq!(update.0, [0x03, 0xB0, 0, 0]);
        assert!(update.asks(Order::Approve) && !update.asks(Order::BlockCard));
        assert_eq!(update.pin_tries(), 3);
        assert!(!update.has_proprietary_data());
        assert_eq!(StatusUpdate::default().with_pin_tries(200).pin_tries(), 15);
    }
}
