//! The command line of Persotwin: arguments, terminal output, exit codes; nothing else.

mod announce;
mod args;
mod card;
mod cards;
mod catalogue;
mod check;
mod completions;
mod exit;
mod explore;
mod find;
mod laws;
mod log;
mod merge;
mod order;
mod output;
mod run;
mod runner;
mod schema;
mod targets;
mod up;
mod usage;

use std::io::ErrorKind;
use std::process::ExitCode;

use crate::args::Command;
use crate::exit::{Exit, Stop};

fn main() -> ExitCode {
    let cli = match usage::parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, not mistakes.
            let exit = match error.print() {
                _ if error.use_stderr() => Exit::Input,
                Err(lost) if lost.kind() != ErrorKind::BrokenPipe => Exit::Twin,
                _ => Exit::Ok,
            };
            return exit.into();
        }
    };
    output::quiet_panics();
    match log::listen()
        .and_then(|()| obey(&cli.command))
        .and_then(printed)
    {
        Ok(exit) => exit.into(),
        Err(Stop { exit, text }) => {
            output::error(&text);
            exit.into()
        }
    }
}

fn obey(command: &Command) -> Result<Exit, Stop> {
    match command {
        Command::Run(args) => run::run(args),
        Command::Check(args) => check::check(args),
        Command::Explore(args) => explore::explore(args),
        Command::Merge(args) => merge::merge(args),
        Command::Up(args) => up::up(args),
        Command::Order(args) => order::order(args),
        Command::Card(args) => card::card(args),
        Command::Faults(args) => catalogue::faults(args),
        Command::Naive(args) => catalogue::naive(args),
        Command::Laws(args) => Ok(laws::laws(args)),
        Command::Schema(args) => schema::schema(args),
        Command::Completions { shell } => completions::completions(*shell),
    }
}

/// Nothing is done well that could not be told.
fn printed(exit: Exit) -> Result<Exit, Stop> {
    match output::trouble() {
        Some(why) => Err(Stop::twin(format!(
            "cannot write to standard output: {why}"
        ))),
        None => Ok(exit),
    }
}
