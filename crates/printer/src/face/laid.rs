//! How much of each panel a side has got.

use std::collections::BTreeMap;

use persotwin_link::stock::Panel;
use serde::{Deserialize, Serialize};

use crate::progress::Progress;

/// What a side has got of each panel that it was to get, in thousandths of the card's length from the left.
///
/// Each panel is one pass of the whole card under the head, and one pass follows the other: as long as nothing goes wrong but that
/// a print stops, the panels before one are whole and those after it bare. In a file a map, `{"yellow": 1000, "magenta": 350, …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Laid(BTreeMap<Panel, Progress>);

impl Laid {
    /// Every panel, whole.
    pub fn whole(panels: &[Panel]) -> Self {
        Self::so_far(panels, Progress::WHOLE)
    }

    /// What a print has laid that has come so far: each panel takes an equal share of its time (ours).
    pub fn so_far(panels: &[Panel], progress: Progress) -> Self {
        let laid = (0..).zip(panels).map(|(pass, panel)| {
            let share = progress.share(pass, panels.len());
            (*panel, share)
        });
        Self(laid.collect())
    }

    /// How much of a panel was laid; nothing of one that was not to be.
    pub fn of(&self, panel: Panel) -> Progress {
        self.0.get(&panel).copied().unwrap_or(Progress::NONE)
    }

    /// The panels that were to be laid, in the order of printing, each with how much of it was.
    pub fn panels(&self) -> impl Iterator<Item = (Panel, Progress)> {
        self.0.iter().map(|(panel, laid)| (*panel, *laid))
    }

    /// The same but for one panel, of which nothing was laid: its film did not touch the card.
    #[must_use]
    pub fn without(mut self, panel: Panel) -> Self {
        if let Some(laid) = self.0.get_mut(&panel) {
            *laid = Progress::NONE;
        }
        self
    }

    /// Whether every panel was laid wholly.
    pub fn is_whole(&self) -> bool {
        self.0.values().all(|laid| *laid == Progress::WHOLE)
    }

    /// How much of the whole print was done.
    pub fn progress(&self) -> Progress {
        Progress::mean(self.0.values().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(permille: u16) -> Progress {
        Progress::try_from(permille).unwrap()
    }

    #[test]
    fn one_pass_follows_the_other() {
        let laid = Laid::so_far(&Panel::ALL, share(500));
        let shares: Vec<u16> = laid.panels().map(|(_, laid)| laid.permille()).collect();
        assert_eq!(shares, [1000, 1000, 500, 0, 0]);
        assert_eq!(laid.progress(), share(500));
        assert!(!laid.is_whole());
    }

    #[test]
    fn a_side_in_black_has_one_pass() {
        let laid = Laid::so_far(&[Panel::Black], share(250));
        assert_eq!(laid.of(Panel::Black), share(250));
        assert_eq!(laid.of(Panel::Cyan), Progress::NONE);
        assert!(Laid::whole(&[Panel::Black]).is_whole());
    }

    #[test]
    fn a_missed_panel_is_bare_between_whole_ones() {
        let laid = Laid::whole(&Panel::ALL).without(Panel::Magenta);
        assert_eq!(laid.of(Panel::Magenta), Progress::NONE);
        assert_eq!(laid.of(Panel::Overlay), Progress::WHOLE);
        assert_eq!(laid.progress(), share(800));
    }
}
