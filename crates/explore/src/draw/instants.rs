//! When something strikes or is done.

use persotwin_faults::Milestone;
use persotwin_link::{Span, Stage, Step};

use crate::draw::{Cast, Dice};
use crate::value::Settings;

/// Moments that come about only when something has gone wrong already: they are drawn less often.
const RARE: [Milestone; 8] = [
    Milestone::OrderRefused,
    Milestone::JobRepeated,
    Milestone::Spoiled,
    Milestone::Rejected,
    Milestone::InDoubt,
    Milestone::DeadLetter,
    Milestone::GaveUp,
    Milestone::Sorry,
];

/// An instant at which something of these steps can strike.
pub(super) fn of_steps(
    dice: &Dice,
    cast: &Cast,
    steps: &[Step],
    customer: Option<&str>,
) -> Settings {
    if dice.likely("by-clock", 20) {
        return by_clock(dice, cast);
    }
    // What waits for its chance is best there before its step begins.
    if let Some(before) = steps.first().and_then(|step| before(*step))
        && dice.likely("beforehand", 52)
    {
        return by_moment(dice, &[before], customer);
    }
    if steps.contains(&Step::Produce) && dice.likely("by-stage", 25) {
        return by_stage(dice, customer);
    }
    by_moment(dice, steps, customer)
}

/// The step before a step.
const fn before(step: Step) -> Option<Step> {
    match step {
        Step::Request => None,
        Step::Order => Some(Step::Request),
        Step::Prepare => Some(Step::Order),
        Step::Dispatch => Some(Step::Prepare),
        Step::Produce => Some(Step::Dispatch),
        Step::Notify => Some(Step::Produce),
    }
}

/// So long after the start: while somebody is there, mostly.
pub(super) fn by_clock(dice: &Dice, cast: &Cast) -> Settings {
    let arrives = dice.pick("whose", &cast.arrivals).copied().unwrap_or(0);
    let at = if dice.likely("early", 30) {
        dice.between("at-once", 0, 3)
    } else {
        dice.between("at", 0, 60)
    };
    Settings::new().with("at", Span::from_secs((arrives + at).into()))
}

fn by_stage(dice: &Dice, customer: Option<&str>) -> Settings {
    let stage = dice
        .pick("stage", &Stage::MOVEMENTS)
        .copied()
        .unwrap_or(Stage::Pick);
    let mut when = Settings::new().with("stage", stage.to_string());
    if dice.likely("midway", 60) {
        when.set(
            "progress",
            format!("{}%", dice.between("progress", 1, 9) * 10),
        );
    }
    of(dice, when, customer)
}

fn by_moment(dice: &Dice, steps: &[Step], customer: Option<&str>) -> Settings {
    let fits = |moment: &&Milestone| steps.contains(&moment.step());
    let rare = dice.likely("rare", 8);
    let all: Vec<Milestone> = Milestone::ALL
        .iter()
        .filter(fits)
        .filter(|moment| rare || !RARE.contains(moment))
        .copied()
        .collect();
    let moment = dice.pick("moment", &all).copied();
    let moment = moment.unwrap_or(Milestone::Requested);
    let mut when = Settings::new().with("moment", moment.word());
    if dice.likely("waits", 30) {
        when.set(
            "wait",
            dice.word("wait", &["10ms", "500ms", "2s", "5s", "15s", "60s"]),
        );
    }
    of(dice, when, customer)
}

/// At a moment, whosever it is.
pub(super) fn at_moment(moment: Milestone) -> Settings {
    Settings::new().with("moment", moment.word())
}

/// Whose, and for the how-manieth time.
fn of(dice: &Dice, mut when: Settings, customer: Option<&str>) -> Settings {
    if let Some(customer) = customer
        && dice.likely("of-customer", 50)
    {
        when.set("customer", customer);
    }
    if dice.likely("again", 12) {
        when.set("nth", dice.between("nth", 2, 3));
    }
    when
}

/// Which call of its own link something strikes.
pub(super) fn of_messages(dice: &Dice, cast: &Cast) -> Option<Settings> {
    match dice.between("kind", 0, 99) {
        0..25 => None,
        25..75 => {
            // Most links carry few messages of one card.
            let call = dice.pick("call", &[1, 1, 1, 2, 2, 3, 4, 6]).copied();
            Some(Settings::new().with("call", call.unwrap_or(1)))
        }
        75..88 => Some(by_clock(dice, cast)),
        _ => Some(by_moment(
            dice,
            &[Step::Order, Step::Dispatch, Step::Produce, Step::Notify],
            None,
        )),
    }
}
