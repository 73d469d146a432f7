//! Faults and actions that join a story which is under way: one item at a time, as JSON, in the grammar of files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use persotwin_contract::ids::PersoStation;
use persotwin_faults::FaultId;
use persotwin_link::Span;
use persotwin_link::card_stock::CardStock;
use persotwin_link::setup::Station;
use persotwin_link::stock::StockName;

use crate::diagnostic::Diagnostic;
use crate::faults::{Cast, Ids, Unsaid, fault, operator};
use crate::node::Node;
use crate::plan::{Customer, PlannedAction, PlannedFault};
use crate::reader::Reader;
use crate::source::Source;
use crate::yaml;

/// A story that is under way, as far as whatever joins it must fit.
#[derive(Debug, Clone, Copy)]
pub struct Underway<'a> {
    /// The stations that can be named.
    pub stations: &'a BTreeMap<PersoStation, Station>,
    /// The customers who can be named.
    pub customers: &'a [Customer],
    /// The stocks that can be named.
    pub stocks: &'a BTreeMap<StockName, CardStock>,
    /// The ids that are taken, and that can be waited for.
    pub ids: &'a BTreeSet<FaultId>,
    /// How long after the start it is: what names no instant happens now.
    pub now: Span,
}

impl Underway<'_> {
    /// Reads one entry of `faults:`, written as JSON. Without `when:` it strikes now, or the next message.
    ///
    /// # Errors
    /// Every mistake in it; one too for a fault that a world can only begin with.
    pub fn fault(&self, json: &str) -> Result<PlannedFault, Vec<Diagnostic>> {
        self.read(json, fault)
    }

    /// Reads one entry of `operator:`, written as JSON. Without an instant it is done now.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn action(&self, json: &str) -> Result<PlannedAction, Vec<Diagnostic>> {
        self.read(json, operator::read)
    }

    fn read<T>(
        &self,
        json: &str,
        item: impl FnOnce(&mut Reader, &Node, &Cast<'_>, &mut Ids) -> Option<T>,
    ) -> Result<T, Vec<Diagnostic>> {
        // Between its tokens JSON may have tabs and YAML may not; inside of them neither has any.
        let source = Arc::new(Source::new("body", json.replace('\t', " ")));
        let node = yaml::read(&source).map_err(|mistake| vec![mistake])?;
        let mut reader = Reader::new(&source);
        let cast = Cast {
            stations: self.stations,
            customers: self.customers,
            stocks: self.stocks,
            unsaid: Unsaid::Now(self.now),
        };
        let mut ids = Ids::beside(self.ids);
        let read = item(&mut reader, &node, &cast, &mut ids);
        ids.all_known(&mut reader);
        match (reader.into_mistakes(), read) {
            (mistakes, Some(read)) if mistakes.is_empty() => Ok(read),
            (mistakes, _) => Err(mistakes),
        }
    }
}

#[cfg(test)]
mod tests {
    use persotwin_faults::{Action, Fault, When};
    use proptest::prelude::*;

    use super::*;
    use crate::plan::Plan;

    const STORY: &str = "persotwin: 1\nname: x\ncustomers: { alice: { station: KIOSK-PS-101 }, bob: { station: KIOSK-PS-102 } }\n\
                         stations: { KIOSK-PS-101: {}, KIOSK-PS-102: {} }\n";

    fn plan() -> Plan {
        let none = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
        crate::parse("x.yaml", STORY, &none).unwrap()
    }

    fn under_way<T>(work: impl FnOnce(Underway<'_>) -> T) -> T {
        let plan = plan();
        let ids = BTreeSet::from(["torn".parse().unwrap()]);
        work(Underway {
            stations: &plan.stations,
            customers: &plan.customers,
            stocks: &plan.tenant.stocks,
            ids: &ids,
            now: Span::from_secs(90),
        })
    }

    fn mistakes<T: std::fmt::Debug>(read: Result<T, Vec<Diagnostic>>) -> Vec<String> {
        let told = |one: &Diagnostic| {
            let help = one.help.as_deref().unwrap_or_default();
            format!("{} | {} | {help}", one.title, one.label)
        };
        read.unwrap_err().iter().map(told).collect()
    }

    #[test]
    fn what_names_no_instant_happens_now() {
        under_way(|story| {
            let tears = r#"{"fault": "ribbon-tears", "station": "KIOSK-PS-101"}"#;
            let tears = story.fault(tears).unwrap();
            assert!(matches!(&tears.fault, Fault::Printer(..)));
            assert_eq!(tears.when, Some(When::At(Span::from_secs(90))));
            assert_eq!(tears.id.as_ref(), "ribbon-tears");
            let lost = r#"{"fault":"answer-lost","link":"d1.orders","times":2,"chance":"50%"}"#;
            let lost = story.fault(lost).unwrap();
            assert_eq!((lost.when, lost.times), (Some(When::OwnCall(1)), Some(2)));
            let refill = "{\"does\":\t\"refill\", \"station\": \"KIOSK-PS-102\",\n\t\"blanks\": 7}";
            let refill = story.action(refill).unwrap();
            assert!(matches!(refill.action, Action::Station(..)));
            assert_eq!(refill.when, When::At(Span::from_secs(90)));
            let later = r#"{"does":"reissue","customer":"bob","after":"torn","wait":"3s"}"#;
            assert!(matches!(
                story.action(later).unwrap().when,
                When::After { .. }
            ));
        });
    }

    #[test]
    fn ids_are_unlike_those_that_there_are() {
        under_way(|story| {
            let taken = r#"{"fault": "time-out", "link": "d1.token", "id": "torn"}"#;
            assert_eq!(
                mistakes(story.fault(taken)),
                ["`torn` is the id of two | again here | give each its own id"]
            );
            let vain = r#"{"does": "empty-bin", "station": "KIOSK-PS-101", "after": "tron"}"#;
            assert_eq!(
                mistakes(story.action(vain)),
                [
                    "there is no fault or action `tron` | unknown fault or action | did you mean `torn`?"
                ]
            );
        });
    }

    #[test]
    fn mistakes_are_those_of_a_file() {
        under_way(|story| {
            for (json, mistake) in [
                (
                    r#"{"fault": "ribon-tears"}"#,
                    "there is no fault `ribon-tears` | unknown fault | did you mean `ribbon-tears`?",
                ),
                (
                    r#"{"fault": "card-jams", "station": "KIOSK-PS-103"}"#,
                    "there is no station `KIOSK-PS-103` | unknown station | did you mean `KIOSK-PS-101`?",
                ),
                (
                    r#"{"fault": "walks-away", "customer": "alise"}"#,
                    "there is no customer `alise` | unknown customer | did you mean `alice`?",
                ),
                (
                    r#"{"fault": "walks-away", "customer": "bob", "customer": "alice"}"#,
                    "`customer` is written twice | first written on line 1 | remove one of the two",
                ),
                (
                    r#"{"fault": "taps-twice", "customer": "bob"}"#,
                    "`taps-twice` is there from the start | only a scenario's file can have it | \
                     write it under `faults:` and start anew",
                ),
                ("{}", "a fault needs `fault:` | `fault:` is missing here | "),
                (
                    "[]",
                    "a list is not a fault | expected a mapping: keys, each with a colon and a value | ",
                ),
                (
                    r#"{"fault": "late", "link": "d1.orders", "by": 4111111111111111}"#,
                    "`411111******1111` has no unit | expected a number with its unit, like 90s, 1m 30s, 250ms or 2h | \
                     did you mean `411111******1111s`?",
                ),
            ] {
                assert_eq!(mistakes(story.fault(json)), [mistake], "{json}");
            }
        });
    }

    #[test]
    fn ten_mistakes_are_told_at_once() {
        let json = r#"{"fault": "late", "link": "d1.order", "by": "soon", "times": -1, "for": 3, "chance": "0%", "whne": {}}"#;
        under_way(|story| assert_eq!(mistakes(story.fault(json)).len(), 6));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_whoever_reads_nothing_says_why(json in r#"[a-z0-9 :\[\]{}"',\\-]{0,80}"#) {
            under_way(|story| {
                prop_assert!(story.fault(&json).is_ok_and(|_| true) || !mistakes(story.fault(&json)).is_empty());
                prop_assert!(story.action(&json).is_ok_and(|_| true) || !mistakes(story.action(&json)).is_empty());
                Ok(())
            })?;
        }
    }
}
