//! The command line of Persotwin: arguments, terminal output, exit codes; nothing else.

mod args;
mod check;
mod completions;
mod exit;
mod find;
mod order;
mod output;
mod run;
mod runner;
mod schema;
mod up;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::exit::{Exit, Stop};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, not mistakes.
            let printed = error.print();
            let exit = match (error.use_stderr(), printed) {
                (true, _) => Exit::Input,
                (false, Ok(())) => Exit::Ok,
                (false, Err(_)) => Exit::Twin,
            };
            return exit.into();
        }
    };
    output::quiet_panics();
    let outcome = match &cli.command {
        Command::Run(args) => run::run(args),
        Command::Check(args) => check::check(args),
        Command::Up(args) => up::up(args),
        Command::Order(args) => order::order(args),
        Command::Schema(args) => schema::schema(args),
        Command::Completions { shell } => completions::completions(*shell),
    };
    match outcome {
        Ok(_) if output::failed() => {
            output::error("standard output cannot be written: is the disk full?");
            Exit::Twin.into()
        }
        Ok(exit) => exit.into(),
        Err(Stop { exit, text }) => {
            output::error(&text);
            exit.into()
        }
    }
}
