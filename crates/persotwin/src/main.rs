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
            let _ = error.print();
            let exit = if error.use_stderr() { Exit::Input } else { Exit::Ok };
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
        Ok(exit) => exit.into(),
        Err(Stop { exit, text }) => {
            output::error(&text);
            exit.into()
        }
    }
}
