//! Blanks, and the book of them.

use persotwin_contract::ids::PersoStation;
use persotwin_faults::place::stock::StockFault;
use persotwin_link::card_stock::TermsChange;
use persotwin_link::setup::Station;
use persotwin_link::stock::{Coercivity, StockName};
use persotwin_printer::Repair;
use persotwin_printer::environment::Mishap;
use persotwin_scenario::{Plan, PlannedFault};

use crate::director::enact::printer::{repaired, suffer};
use crate::director::means::Means;
use crate::director::operator::number;

/// The next transport keys (test keys), for chips with keys of 16, 24 and 32 bytes.
const NEXT_KEYS: [&str; 3] = [
    "202122232425262728292A2B2C2D2E2F",
    "202122232425262728292A2B2C2D2E2F3031323334353637",
    "202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F",
];

/// Changes what the world begins with.
pub(super) fn prepare(plan: &mut Plan, at: &PersoStation, fault: &StockFault) {
    let Some(station) = plan.stations.get_mut(at) else {
        return;
    };
    match *fault {
        StockFault::Miscounted { missing } => {
            take_away(station, missing.get());
        }
        StockFault::RunsOut { left } => {
            let loaded = station.hoppers.iter().map(|load| load.blanks).sum::<u32>();
            station.declared -=
                take_away(station, loaded.saturating_sub(left)).min(station.declared);
        }
        StockFault::RibbonRunsOut { left } => station.ribbon.panel_sets = left,
        StockFault::SoftStripes => {
            for load in &mut station.hoppers {
                load.stripe = Coercivity::Loco;
            }
        }
        StockFault::AnotherKey => {
            let stocks: Vec<_> = station
                .hoppers
                .iter()
                .map(|load| load.stock.clone())
                .collect();
            for stock in stocks {
                under_the_next_key(plan, &stock);
            }
        }
        StockFault::OtherBlanks { .. }
        | StockFault::UpsideDown { .. }
        | StockFault::FedAgain { .. } => {}
    }
}

/// Takes blanks out of the hoppers, from the last one on; returns how many.
fn take_away(station: &mut Station, blanks: u32) -> u32 {
    let mut wanted = blanks;
    for load in station.hoppers.iter_mut().rev() {
        let taken = wanted.min(load.blanks);
        load.blanks -= taken;
        wanted -= taken;
    }
    blanks - wanted
}

/// A stock's chips are delivered under another key than was agreed, as long as that one.
fn under_the_next_key(plan: &mut Plan, stock: &StockName) {
    let Some(stock) = plan.tenant.stocks.get_mut(stock) else {
        return;
    };
    let changed = NEXT_KEYS.iter().find_map(|key| {
        let change = TermsChange {
            transport_key: Some((*key).to_owned()),
            ..TermsChange::default()
        };
        change.of(&stock.terms).ok()
    });
    if let Some(delivered) = changed {
        stock.delivered = delivered;
    }
}

/// Lets one strike.
pub(super) fn strike(means: &Means, planned: &PlannedFault, at: &PersoStation, fault: &StockFault) {
    let mishap = match fault {
        StockFault::OtherBlanks {
            hopper,
            stock,
            count,
        } => {
            let Ok(stock) = stock.parse() else {
                return means.missed(&planned.id, "that is no name of a stock");
            };
            Mishap::OtherBlanks {
                hopper: number(*hopper),
                stock,
                count: count.get(),
            }
        }
        StockFault::UpsideDown { hopper, count } => Mishap::BlanksUpsideDown {
            hopper: number(*hopper),
            count: count.get(),
        },
        StockFault::FedAgain { hopper } => Mishap::CardFedAgain {
            hopper: number(*hopper),
        },
        StockFault::Miscounted { .. }
        | StockFault::RunsOut { .. }
        | StockFault::RibbonRunsOut { .. }
        | StockFault::SoftStripes
        | StockFault::AnotherKey => return,
    };
    suffer(means, planned, at, mishap);
}

/// Somebody puts the blanks right; what the world began with stays.
pub(super) fn mend(means: &Means, at: &PersoStation, fault: &StockFault) {
    if let StockFault::OtherBlanks { hopper, .. } | StockFault::UpsideDown { hopper, .. } = fault {
        let hopper = number(*hopper);
        repaired(means, at, Repair::PutBlanksRight { hopper });
    }
}
