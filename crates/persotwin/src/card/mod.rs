//! `persotwin card`: what a run produced, looked at and used.

mod file;
mod insert;
mod show;

use crate::args;
use crate::exit::{Exit, Stop};

pub(crate) fn card(args: &args::Card) -> Result<Exit, Stop> {
    match args {
        args::Card::Show(args) => show::show(args),
        args::Card::Insert(args) => insert::insert(args),
    }
}
