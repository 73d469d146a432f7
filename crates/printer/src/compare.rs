//! The card against its order: chip, stripe and print.

use std::collections::BTreeSet;

use persotwin_emv::stripe::TrackNumber;
use persotwin_link::jobs::ProductionData;

use crate::blank::Blank;
use crate::face::Side;

/// Something on a card that is not as its production data say. No data is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// The application is not personalised, or another one is.
    Application,
    /// A data grouping is missing, holds something else, or was not asked for.
    Groupings,
    /// The stripe does not read, or says something else.
    Stripe,
    /// The front is not wholly printed, has a flaw, or says something else.
    Front,
    /// The back is not wholly printed, has a flaw, or says something else.
    Back,
}

impl Blank {
    /// Everything that is not as the order's production data say; nothing for a good card.
    pub fn differences(&self, order: &ProductionData) -> BTreeSet<Difference> {
        [
            (Difference::Application, self.has_application(order)),
            (Difference::Groupings, self.has_groupings(order)),
            (Difference::Stripe, self.has_stripe(order)),
            (Difference::Front, self.has_face(Side::Front, order)),
            (Difference::Back, self.has_face(Side::Back, order)),
        ]
        .into_iter()
        .filter_map(|(difference, good)| (!good).then_some(difference))
        .collect()
    }

    fn has_application(&self, order: &ProductionData) -> bool {
        let on_chip = self
            .chip
            .personalised()
            .map(|application| application.aid().to_string());
        on_chip.is_some_and(|aid| aid.eq_ignore_ascii_case(&order.aid))
    }

    fn has_groupings(&self, order: &ProductionData) -> bool {
        let Some(application) = self.chip.personalised() else {
            return false;
        };
        let stream = hex::decode(order.dgis.concat()).ok();
        let Some(wanted) = stream.and_then(|bytes| persotwin_emv::dgi::parse(&bytes).ok()) else {
            return false;
        };
        wanted.len() == application.groupings().count()
            && wanted.iter().all(|dgi| {
                application
                    .groupings()
                    .any(|(id, value)| id.0 == dgi.id().0 && value == dgi.value())
            })
    }

    fn has_stripe(&self, order: &ProductionData) -> bool {
        let blank_three = self.stripe.track(TrackNumber::Three).as_slice().is_empty();
        self.stripe.read().is_ok_and(|read| {
            read.track1 == order.track1
                && read.track2 == order.track2
                && read.track3 == order.track3
                && blank_three == order.track3.is_none()
        })
    }

    fn has_face(&self, side: Side, order: &ProductionData) -> bool {
        self.face(side)
            .is_some_and(|face| face.is_good() && *face.layout() == order.layout)
    }
}
