//! The laws: what may never happen in a run, whatever its scenario expects.
//!
//! Each law is a pure fold over the journal. It [sees](Law::see) every record in order and says at once what it finds wrong; when the
//! story is told, everything is repaired and all is quiet, it is asked what is wrong [at rest](Law::at_rest). Nothing is read but the
//! journal, so a law can be judged again from a file, and a changed journal shows whether the law can fail.
//!
//! | law | judged | folds |
//! |---|---|---|
//! | one-card | at every instant | requests, orders; cards personalised and taken |
//! | no-ghost | at every instant (at-once stations: at rest) | D1's decisions and doubts; cards taken |
//! | done-is-real | when D1 says done | essences ordered, prepared and really on the card; the agent's verified work |
//! | blanks-add-up | at every instant | blanks loaded and moved |
//! | books-agree | at rest | the agent's book; blanks loaded and moved |
//! | no-live-leftovers | at rest | cards personalised and moved; the agent's list for destruction |
//! | states-move-forward | at every instant | statuses at D1, delivered and heard |
//! | everyone-hears | at rest | orders accepted, statuses, doubts; what the issuer heard |
//! | acts-once | at every instant and at rest | what the issuer heard and acted on |
//! | same-request-same-operation | at every instant | orders accepted and repeated |
//! | only-enrolled | at every instant | enrolments, orders; job calls and jobs taken |
//! | views-agree | at rest | the last word of issuer, D1, agent, kiosk and hardware |
//! | the-card-works | at rest | what D1 prepared; what was found on each finished card |
//! | no-secret-leaks | over finished texts | see [`no_secret_leaks`] |
//!
//! Some faults break a law by themselves, whatever machines do about it: [`Faults`] knows what they explain, and each breach says who is to
//! [`Blame`].
//!
//! **In doubt** is a third outcome beside success and failure. An order that is still in doubt at rest breaks everyone-hears, unless
//! [`Setup::in_doubt`] allows it; no other law speaks of it a second time.
//!
//! All laws are ours.

mod acts_once;
mod blanks_add_up;
mod books_agree;
mod breach;
mod cards;
mod done_is_real;
mod everyone_hears;
mod faults;
mod no_ghost;
mod no_live_leftovers;
pub mod no_secret_leaks;
mod one_card;
mod only_enrolled;
mod orders;
mod same_request;
mod setup;
mod states_move_forward;
mod the_card_works;
mod views_agree;

#[cfg(test)]
mod testing;

pub use breach::{Blame, Breach, Matter};
pub use faults::Faults;
pub use setup::{Asks, InDoubt, Setup};

use persotwin_kernel::Record;

/// Something that may never happen.
pub trait Law: std::fmt::Debug + Send {
    /// The law's name, in kebab-case: an interface, as reports and scenarios use it.
    fn name(&self) -> &'static str;

    /// The law in one sentence.
    fn sentence(&self) -> &'static str;

    /// Takes the next record and says what is wrong now, if anything.
    fn see(&mut self, record: &Record) -> Option<Breach>;

    /// What is wrong when all is quiet. Asked once, after the last record.
    fn at_rest(&mut self) -> Vec<Breach>;
}

/// Every law that folds the journal, in the order in which they are listed.
pub fn all(setup: &Setup) -> Vec<Box<dyn Law>> {
    vec![
        Box::new(one_card::OneCard::default()),
        Box::new(no_ghost::NoGhost::new(setup)),
        Box::new(done_is_real::DoneIsReal::new(setup)),
        Box::new(blanks_add_up::BlanksAddUp::new(setup)),
        Box::new(books_agree::BooksAgree::new(setup)),
        Box::new(no_live_leftovers::NoLiveLeftovers::default()),
        Box::new(states_move_forward::StatesMoveForward::default()),
        Box::new(everyone_hears::EveryoneHears::new(setup)),
        Box::new(acts_once::ActsOnce::default()),
        Box::new(same_request::SameRequestSameOperation::default()),
        Box::new(only_enrolled::OnlyEnrolled::default()),
        Box::new(views_agree::ViewsAgree::default()),
        Box::new(the_card_works::TheCardWorks::default()),
    ]
}

/// The laws that machines come to keep in their own time, once nothing hinders them: an issuer asks again for what it never heard or
/// forgot, an agent tidies up and finds what its book lacks. A world that is put in order waits for that.
pub fn in_time(setup: &Setup) -> [Box<dyn Law>; 3] {
    [
        Box::new(everyone_hears::EveryoneHears::new(setup)),
        Box::new(books_agree::BooksAgree::new(setup)),
        Box::new(views_agree::ViewsAgree::default()),
    ]
}

/// Name and sentence of every law, [`no_secret_leaks`] included: the catalogue.
pub fn catalogue() -> Vec<(&'static str, &'static str)> {
    let mut list: Vec<_> = all(&Setup::default())
        .iter()
        .map(|law| (law.name(), law.sentence()))
        .collect();
    list.push((no_secret_leaks::NAME, no_secret_leaks::SENTENCE));
    list
}

/// All laws together, and what faults explain of what breaks them.
#[derive(Debug)]
pub struct Judge {
    laws: Vec<Box<dyn Law>>,
    faults: Faults,
}

impl Judge {
    /// Nothing seen yet.
    pub fn new(setup: &Setup) -> Self {
        Self {
            laws: all(setup),
            faults: Faults::default(),
        }
    }

    /// Takes the next record and says what is wrong now.
    pub fn see(&mut self, record: &Record) -> impl Iterator<Item = Breach> {
        self.faults.see(record);
        let broken = self.laws.iter_mut().filter_map(|law| law.see(record));
        broken.map(|breach| self.faults.weigh(breach))
    }

    /// What is wrong when all is quiet. Asked once, after the last record.
    pub fn at_rest(&mut self) -> impl Iterator<Item = Breach> {
        let broken = self.laws.iter_mut().flat_map(|law| law.at_rest());
        broken.map(|breach| self.faults.weigh(breach))
    }
}

/// Judges a whole journal: every breach on the way, in the journal's order, then those at rest.
pub fn judge<'a>(setup: &Setup, records: impl IntoIterator<Item = &'a Record>) -> Vec<Breach> {
    let mut judge = Judge::new(setup);
    let mut breaches = Vec::new();
    for record in records {
        breaches.extend(judge.see(record));
    }
    breaches.extend(judge.at_rest());
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Story, setup};
    use proptest::prelude::*;

    #[test]
    fn a_good_story_breaks_no_law() {
        let breaches = judge(&setup(), Story::happy().records());
        assert!(breaches.is_empty(), "{breaches:#?}");
    }

    #[test]
    fn an_empty_journal_breaks_no_law_at_an_empty_world() {
        assert!(judge(&Setup::default(), []).is_empty());
    }

    #[test]
    fn names_are_kebab_case_and_sentences_end() {
        let list = catalogue();
        assert_eq!(list.len(), 14);
        for (name, sentence) in list {
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{name}"
            );
            assert!(sentence.ends_with('.'), "{name}");
        }
    }

    proptest! {
        /// Whatever is missing from a journal, and whatever order it is in, the laws can judge it.
        #[test]
        fn any_journal_can_be_judged(
            order in Just((0..Story::happy().records().len()).collect::<Vec<_>>()).prop_shuffle(),
            kept in 0_usize..64,
        ) {
            let all = Story::happy();
            let some = order.iter().take(kept).map(|index| &all.records()[*index]);
            for breach in judge(&setup(), some) {
                prop_assert!(catalogue().iter().any(|(name, _)| *name == breach.law));
            }
        }
    }
}
