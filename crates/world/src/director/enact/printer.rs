//! The printer.

use persotwin_contract::ids::PersoStation;
use persotwin_faults::When as At;
use persotwin_faults::place::printer::PrinterFault;
use persotwin_faults::value::{Blemish, Film, Miscount, Percent, Until};
use persotwin_link::setup::Station;
use persotwin_link::stock::{Panel, Ribbon, RibbonKind};
use persotwin_printer::Progress;
use persotwin_printer::environment::{Lasting, Mishap, Slip, Spoil, When};
use persotwin_printer::face::{Field, Flaw, Shift};
use persotwin_printer::{Repair, Trouble};
use persotwin_scenario::PlannedFault;

use crate::director::book::Snare;
use crate::director::means::Means;

/// Lets one strike.
pub(super) fn strike(
    means: &Means,
    planned: &PlannedFault,
    at: &PersoStation,
    fault: &PrinterFault,
) {
    if let Some(physical) = means.physicals.get(at) {
        let mishap = mishap(fault, physical.station());
        suffer(means, planned, at, mishap);
    }
}

/// Somebody comes and mends what does not mend itself. A ribbon is put in by an action only.
pub(super) fn mend(means: &Means, at: &PersoStation, fault: &PrinterFault) {
    let repair = match fault {
        PrinterFault::CardJams => Repair::ClearJam,
        PrinterFault::CoverOpens => Repair::CloseCover,
        PrinterFault::LockOpens => Repair::Lock,
        PrinterFault::DoorOpens => Repair::CloseDoor,
        PrinterFault::Paused => Repair::Resume,
        PrinterFault::BinFills => Repair::EmptyBin,
        PrinterFault::ExitBlocks => Repair::ClearExit,
        PrinterFault::BezelSticks => Repair::FreeBezel,
        PrinterFault::FeedFails
        | PrinterFault::DoubleFeed
        | PrinterFault::RibbonTears
        | PrinterFault::RibbonTaken
        | PrinterFault::RibbonSwapped
        | PrinterFault::RibbonEnds { .. }
        | PrinterFault::HeadOverheats
        | PrinterFault::StripeWritesWeakly { .. }
        | PrinterFault::StripeReadsWrong { .. }
        | PrinterFault::PrintSpoiled { .. }
        | PrinterFault::CameraBlind
        | PrinterFault::CountersSlip { .. } => return,
    };
    repaired(means, at, repair);
}

/// Something goes wrong with the hardware as soon as it can; the fault has struck when it has.
pub(super) fn suffer(means: &Means, planned: &PlannedFault, at: &PersoStation, what: Mishap) {
    let Some(physical) = means.physicals.get(at).cloned() else {
        return;
    };
    // At a stage it is told before the movement begins, and counts by itself how far that comes.
    let when = match &planned.when {
        Some(At::Stage {
            stage, progress, ..
        }) => When::next(*stage, share(*progress)),
        _ => When::Now,
    };
    let (means, planned) = (means.clone(), planned.clone());
    // The story does not wait for a movement that may never begin.
    let life = means.host.life.clone();
    life.spawn(async move {
        match physical.suffer(Trouble { what, when }).await {
            Ok(id) => {
                let snare = Snare::Hardware(physical.id().clone(), id);
                if !physical.has_struck(id) {
                    means.book.armed(&planned.id, snare);
                }
                physical.struck(id).await;
                means.struck(&planned);
            }
            // What cannot happen there never strikes, and the scenario says so.
            Err(unfit) => means.missed(&planned.id, unfit.to_string()),
        }
    });
}

/// A share in thousandths.
fn share(progress: Percent) -> Progress {
    Progress::try_from(u16::from(progress.get()) * 10).unwrap_or(Progress::NONE)
}

/// Somebody mends the hardware; what turns out to be impossible stays as it is.
pub(super) fn repaired(means: &Means, at: &PersoStation, repair: Repair) {
    let Some(physical) = means.physicals.get(at).cloned() else {
        return;
    };
    means.mend(async move {
        let _ = physical.repair(repair).await;
    });
}

fn mishap(fault: &PrinterFault, station: &Station) -> Mishap {
    match fault {
        PrinterFault::FeedFails => Mishap::FeedFails,
        PrinterFault::DoubleFeed => Mishap::DoubleFeed,
        PrinterFault::CardJams => Mishap::CardJams,
        PrinterFault::RibbonTears => Mishap::RibbonTears,
        PrinterFault::RibbonTaken => Mishap::RibbonTaken,
        PrinterFault::RibbonSwapped => Mishap::RibbonSwapped(of_the_other_kind(station.ribbon)),
        PrinterFault::RibbonEnds { panel } => Mishap::RibbonEnds { at: film(*panel) },
        PrinterFault::CoverOpens => Mishap::CoverOpens,
        PrinterFault::LockOpens => Mishap::LockOpens,
        PrinterFault::DoorOpens => Mishap::DoorOpens,
        PrinterFault::Paused => Mishap::Pauses,
        PrinterFault::HeadOverheats => Mishap::HeadOverheats,
        PrinterFault::BinFills => Mishap::BinFills,
        PrinterFault::ExitBlocks => Mishap::ExitBlocks,
        PrinterFault::BezelSticks => Mishap::BezelSticks,
        PrinterFault::StripeWritesWeakly { until } => Mishap::StripeWritesWeakly(lasting(*until)),
        PrinterFault::StripeReadsWrong { until } => Mishap::StripeReadsWrong(lasting(*until)),
        PrinterFault::PrintSpoiled { blemish } => Mishap::PrintSpoils(spoil(*blemish)),
        PrinterFault::CameraBlind => Mishap::CameraBlind,
        PrinterFault::CountersSlip { counters } => Mishap::CountersSlip(slip(*counters)),
    }
}

fn of_the_other_kind(ribbon: Ribbon) -> Ribbon {
    let kind = match ribbon.kind {
        RibbonKind::Ymcko => RibbonKind::Ymckok,
        RibbonKind::Ymckok => RibbonKind::Ymcko,
    };
    Ribbon { kind, ..ribbon }
}

const fn film(film: Film) -> Panel {
    match film {
        Film::Yellow => Panel::Yellow,
        Film::Magenta => Panel::Magenta,
        Film::Cyan => Panel::Cyan,
        Film::Black => Panel::Black,
        Film::Overlay => Panel::Overlay,
    }
}

const fn lasting(until: Until) -> Lasting {
    match until {
        Until::Once => Lasting::Once,
        Until::Cleaned => Lasting::UntilCleaned,
    }
}

const fn spoil(blemish: Blemish) -> Spoil {
    match blemish {
        Blemish::DeadLine => Spoil::Flaw(Flaw::DeadLine {
            across: Progress::HALF,
        }),
        Blemish::ShiftedLine => Spoil::Flaw(Flaw::ShiftedLine {
            line: Field::Name,
            by: Shift::SLIP,
        }),
        Blemish::NoBlack => Spoil::MissingPanel(Panel::Black),
    }
}

const fn slip(counters: Miscount) -> Slip {
    match counters {
        Miscount::Lost => Slip::Lost,
        Miscount::Picked => Slip::Picked(1),
        Miscount::Taken => Slip::Taken(1),
    }
}
