use persotwin_faults::catalogue;
use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn what_is_drawn_can_be_read(seed: u64) {
        let draft = draw(seed, &[]);
        let plan = draft.plan();
        prop_assert!(plan.is_ok(), "{}\n{:?}", draft.to_text(), plan.err());
    }

    #[test]
    fn a_seed_draws_one_world(seed: u64) {
        prop_assert_eq!(draw(seed, &[]), draw(seed, &[]));
    }
}

/// Whatever a new entry is like, it is drawn by what the catalogue says of it.
#[test]
fn every_entry_can_be_drawn_and_read() {
    for entry in catalogue() {
        for seed in 0..40 {
            let dice = Dice::of(seed);
            let mut draft = Draft::empty(seed);
            stations::draw(&dice, &mut draft);
            let arrivals = customers::draw(&dice, &mut draft);
            let cast = Cast {
                stations: names(&draft.stations),
                customers: names(&draft.customers),
                arrivals,
            };
            let all = theme::Reach::everywhere(&cast);
            let dice = dice.about(entry.name);
            let fault = faults::fault(&dice, &cast, &all, entry, faults::Force::Lasting);
            draft.faults.push(fault.unwrap());
            let plan = draft.plan();
            assert!(plan.is_ok(), "{}\n{plan:?}", draft.to_text());
        }
    }
}

#[test]
fn behaviours_change_nothing_else() {
    let naive = Draft {
        behaviour: Vec::new(),
        ..draw(7, &[Behaviour::ActsAgain])
    };
    assert_eq!(naive, draw(7, &[]));
}
