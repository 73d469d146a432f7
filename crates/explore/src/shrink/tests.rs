use super::*;
use crate::draft::names;
use crate::draw::draw;
use crate::value::Settings;

/// A large world, in which two faults are to blame.
fn large() -> Draft {
    let mut draft = Draft::empty(4711);
    draft.settings.set("horizon", "3d");
    for station in ["KIOSK-1", "BRANCH-2"] {
        let settings = Settings::new().with("blanks", 40).with("attempts", 3);
        draft.stations.set(station, settings);
    }
    for (name, station) in [
        ("alice", "KIOSK-1"),
        ("bob", "BRANCH-2"),
        ("carol", "BRANCH-2"),
    ] {
        let settings = Settings::new()
            .with("arrives", "1m 7s")
            .with("station", station);
        draft.customers.set(name, settings);
    }
    for name in ["cover-opens", "crash", "twice", "answer-lost", "late"] {
        let at = Settings::new().with("at", "12s");
        let mut fault = Settings::new().with("fault", name).with("id", name);
        match name {
            "cover-opens" => fault.set("station", "BRANCH-2"),
            "crash" => fault.set("machine", "d1"),
            _ => fault.set("link", "d1.orders"),
        }
        draft
            .faults
            .push(fault.with("when", at).with("may-miss", "true"));
    }
    draft
}

const fn trial(is_wrong: bool) -> Trial {
    Trial {
        is_wrong,
        events: 10,
    }
}

fn judged(is_wrong: impl Fn(&Draft) -> bool) -> impl Fn(&Draft) -> Trial {
    move |draft| trial(is_wrong(draft))
}

#[test]
fn what_is_not_to_blame_goes() {
    let to_blame = judged(|draft: &Draft| {
        let ids: Vec<&str> = draft.fault_ids().collect();
        draft.plan().is_ok() && ids.contains(&"crash") && ids.contains(&"late")
    });
    let mut search = Search::new(large(), BUDGET, &to_blame);
    search.settle();
    let best = search.best;
    assert_eq!(best.fault_ids().collect::<Vec<_>>(), ["crash", "late"]);
    assert_eq!(names(&best.customers), ["alice"]);
    assert!(names(&best.stations).is_empty(), "{}", best.to_text());
    assert_eq!(best.seed, 1);
    assert!(best.lines() <= 10, "{}", best.to_text());
}

#[test]
fn one_customer_takes_anothers_part() {
    // It needs bob's cover, and any customer at all.
    let to_blame = judged(|draft: &Draft| {
        draft.plan().is_ok() && draft.fault_ids().any(|id| id == "cover-opens")
    });
    let mut search = Search::new(large(), BUDGET, &to_blame);
    search.settle();
    assert_eq!(search.best.customers.len(), 1);
    assert!(search.best.stations.len() <= 1, "{}", search.best.to_text());
}

#[test]
fn a_budget_is_kept() {
    for budget in [
        Budget {
            lives: 25,
            ..BUDGET
        },
        Budget {
            events: 250,
            ..BUDGET
        },
    ] {
        let lives = Cell::new(0);
        let never = |_: &Draft| {
            lives.set(lives.get() + 1);
            trial(false)
        };
        let mut search = Search::new(draw(1, &[]), budget, &never);
        search.settle();
        assert_eq!(lives.get(), 25);
        assert_eq!(search.best, draw(1, &[]));
    }
}

#[test]
fn what_is_left_when_time_is_over_is_the_result() {
    let draft = draw(1, &[]);
    let nothing = Wrong::Fails("nothing".to_owned());
    let shrunk = shrink(&draft, &nothing, &|| false);
    assert_eq!(
        (shrunk.lives, shrunk.draft.faults.len()),
        (0, draft.faults.len())
    );
    assert_eq!(shrunk.left, Left::Stopped);
}

/// Whenever somebody interrupts: the file breaks its law and nothing else is wrong with it, and with its last line it is well.
#[test]
fn what_is_left_can_be_run_whenever_it_is() {
    let behaviour = [persotwin_faults::Behaviour::ActsAgain];
    let (draft, wrong) = (6..40)
        .find_map(|seed| {
            let draft = draw(seed, &behaviour);
            let finding = live(&draft).unwrap().finding?;
            let again = draft.operator.len() > 1;
            again.then_some((draft, finding.wrong))
        })
        .unwrap();
    for lives in [0, 1, 3, 10] {
        let left = Cell::new(lives);
        let shrunk = shrink(&draft, &wrong, &|| {
            left.get() > 0 && {
                left.set(left.get() - 1);
                true
            }
        });
        let lived = live(&shrunk.draft).unwrap();
        assert!(lived.finding_of(&wrong).is_some(), "{lives}");
        let text = shrunk.draft.to_text();
        let told = live_on(&shrunk.draft, MOST_EVENTS).unwrap().told.unwrap();
        assert!(told.unmet.is_empty(), "{lives}: {:?}\n{text}", told.unmet);
    }
}

#[test]
fn of_two_actions_with_one_word_both_happened_or_both_may_miss() {
    let mut draft = Draft::empty(1);
    draft.customers.set("alice", Settings::new());
    for at in ["50s", "1h"] {
        let when = Settings::new().with("at", at);
        let action = Settings::new()
            .with("does", "test-print")
            .with("station", "KIOSK-PS-101")
            .with("when", when)
            .with("may-miss", "true");
        draft.operator.push(action);
    }
    let mut once = draft.clone();
    once.operator.truncate(1);
    let lived = live(&once).unwrap();
    tidy::what_happened(&mut once, &lived);
    assert!(once.operator[0].get("may-miss").is_none(), "it happened");
    tidy::what_happened(&mut draft, &lived);
    let may_miss = |action: &Settings| action.get("may-miss").is_some();
    assert!(draft.operator.iter().all(may_miss), "{}", draft.to_text());
}
