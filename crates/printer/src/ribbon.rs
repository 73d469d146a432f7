//! The ribbon in the machine: what is left on it, and what a print takes.

use persotwin_link::stock::{Panel, Ribbon, RibbonKind};

use crate::face::Side;

/// A ribbon on its spools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spool {
    kind: RibbonKind,
    /// Sets of which no panel was used.
    sets: u32,
    rest: Rest,
    film: Film,
}

/// Whether the film is in one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Film {
    Whole,
    Torn,
}

/// What is left of the set that was begun last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Nothing, or nothing that a print could use.
    None,
    /// The panels of the back.
    Back,
}

impl Spool {
    pub(crate) fn new(ribbon: Ribbon) -> Self {
        Self {
            kind: ribbon.kind,
            sets: ribbon.panel_sets,
            rest: Rest::None,
            film: Film::Whole,
        }
    }

    /// What an operator reads on it.
    pub(crate) fn kind(&self) -> RibbonKind {
        self.kind
    }

    /// The film tears. What is left on the spool is of no use any more.
    pub(crate) fn tear(&mut self) {
        self.film = Film::Torn;
    }

    pub(crate) fn is_torn(&self) -> bool {
        self.film == Film::Torn
    }

    /// The film ends here.
    pub(crate) fn end(&mut self) {
        self.sets = 0;
        self.rest = Rest::None;
    }

    /// Panel sets of which nothing was used.
    pub(crate) fn sets(&self) -> u32 {
        self.sets
    }

    /// Whether no print is possible any more.
    pub(crate) fn is_used_up(&self) -> bool {
        self.sets == 0 && self.rest == Rest::None
    }

    /// Whether a side can be printed.
    pub(crate) fn has(&self, side: Side) -> bool {
        self.sets > 0 || (side == Side::Back && self.rest == Rest::Back)
    }

    /// Which panels a side gets.
    pub(crate) fn panels(&self, side: Side) -> &'static [Panel] {
        side.panels(self.kind)
    }

    /// Winds to the panels of a side. Once begun a set is not wound back.
    pub(crate) fn wind(&mut self, side: Side) {
        self.rest = match (self.kind, side, self.rest) {
            (RibbonKind::Ymckok, Side::Back, Rest::Back) => Rest::None,
            (kind, side, _) => {
                self.sets = self.sets.saturating_sub(1);
                match (kind, side) {
                    (RibbonKind::Ymckok, Side::Front) => Rest::Back,
                    (RibbonKind::Ymckok, Side::Back) | (RibbonKind::Ymcko, _) => Rest::None,
                }
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool(kind: RibbonKind, panel_sets: u32) -> Spool {
        Spool::new(Ribbon { kind, panel_sets })
    }

    #[test]
    fn a_ymcko_set_prints_one_side() {
        let mut spool = spool(RibbonKind::Ymcko, 2);
        spool.wind(Side::Front);
        assert_eq!(spool.sets(), 1);
        assert_eq!(spool.panels(Side::Back), Panel::ALL);
        spool.wind(Side::Back);
        assert!(spool.is_used_up() && !spool.has(Side::Front));
    }

    #[test]
    fn a_ymckok_set_prints_both_sides() {
        let mut spool = spool(RibbonKind::Ymckok, 1);
        spool.wind(Side::Front);
        assert!(!spool.has(Side::Front) && spool.has(Side::Back));
        assert!(!spool.is_used_up());
        assert_eq!(spool.panels(Side::Back), [Panel::Black]);
        spool.wind(Side::Back);
        assert!(spool.is_used_up() && !spool.has(Side::Back));
    }

    #[test]
    fn a_back_alone_takes_a_whole_set() {
        let mut spool = spool(RibbonKind::Ymckok, 2);
        spool.wind(Side::Back);
        assert_eq!(spool.sets(), 1);
        spool.wind(Side::Front);
        spool.wind(Side::Front);
        assert_eq!(spool.sets(), 0);
    }
}
