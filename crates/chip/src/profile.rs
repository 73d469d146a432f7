//! What a blank's chip is delivered with.

use persotwin_emv::aid::Aid;

use crate::domain::Factory;

/// The chip of a kind of blank: its applications, and the security domain that guards them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    factory: Option<Factory>,
    aids: Vec<Aid>,
}

/// Why a chip cannot be delivered like that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// Neither none nor more than [`Profile::MAX_APPLICATIONS`].
    #[error("a chip has 1 to {max} applications", max = Profile::MAX_APPLICATIONS)]
    Count,
    /// The same name twice.
    #[error("two applications have the same name")]
    Twice,
}

impl Profile {
    /// As many as a directory has room for in one answer (ours).
    pub const MAX_APPLICATIONS: usize = 4;

    /// The ATR of every chip: T=0 and T=1, in this order, and in the historical bytes that files
    /// are selected by full and partial name and that lengths may be extended; last the check byte
    /// (layout documented by ISO/IEC 7816-3 and 7816-4; the choice is ours).
    ///
    /// A reader that takes T=0 sends no `Le` behind a data field and fetches the answer with GET
    /// RESPONSE; one that takes T=1 may send extended lengths. The chip serves both.
    pub const ATR: [u8; 10] = [0x3B, 0x85, 0x80, 0x01, 0x80, 0x73, 0xC6, 0x01, 0x40, 0x70];

    /// A chip of open stock, which takes data from anybody, with these applications in the order in which a partial name finds them.
    ///
    /// # Errors
    /// [`ProfileError`].
    pub fn new(aids: Vec<Aid>) -> Result<Self, ProfileError> {
        if !(1..=Self::MAX_APPLICATIONS).contains(&aids.len()) {
            return Err(ProfileError::Count);
        }
        let twice = aids
            .iter()
            .enumerate()
            .any(|(index, aid)| aids[..index].contains(aid));
        if twice {
            Err(ProfileError::Twice)
        } else {
            Ok(Self {
                factory: None,
                aids,
            })
        }
    }

    /// The chip of generic stock: one application for each of the built-in products, so that one
    /// kind of blank serves both (ours); open.
    pub fn generic() -> Self {
        let aids = [
            [0xA0, 0, 0, 0, 3, 0x10, 0x10],
            [0xA0, 0, 0, 0, 4, 0x10, 0x10],
        ];
        Self {
            factory: None,
            aids: aids.iter().filter_map(|aid| Aid::new(aid).ok()).collect(),
        }
    }

    /// The same chip with a security domain, which takes data through a secure channel only.
    #[must_use]
    pub fn secured(self, factory: Factory) -> Self {
        Self {
            factory: Some(factory),
            ..self
        }
    }

    /// How its security domain is prepared, if it has one.
    pub fn factory(&self) -> Option<&Factory> {
        self.factory.as_ref()
    }

    /// The applications.
    pub fn aids(&self) -> &[Aid] {
        &self.aids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generic_stock_serves_both_products() {
        let names: Vec<String> = Profile::generic()
            .aids()
            .iter()
            .map(Aid::to_string)
            .collect();
        assert_eq!(names, ["A0000000031010", "A0000000041010"]);
    }

    #[test]
    fn the_answer_to_reset_ends_with_its_check_byte() {
        let [first, checked @ ..] = Profile::ATR;
        assert_eq!(first, 0x3B);
        assert_eq!(checked.iter().fold(0, |check, byte| check ^ byte), 0);
        // Five historical bytes, and interface bytes TD1 and TD2 alone.
        assert_eq!((checked[0], checked.len()), (0x85, 1 + 2 + 5 + 1));
    }

    #[test]
    fn a_chip_has_a_few_different_applications() {
        let aids: Vec<Aid> = (0..5)
            .map(|n| Aid::new(&[0xA0, 0, 0, 0, n]).unwrap())
            .collect();
        assert_eq!(Profile::new(vec![]), Err(ProfileError::Count));
        assert_eq!(Profile::new(aids.clone()), Err(ProfileError::Count));
        assert_eq!(
            Profile::new(vec![aids[0].clone(); 2]),
            Err(ProfileError::Twice)
        );
        assert!(Profile::new(aids[..4].to_vec()).is_ok());
    }
}
