//! Reads the command line, and says whose mistake it is: a flag's, or a variable's of the environment.

use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, Command, CommandFactory, FromArgMatches};

use crate::args::Cli;

/// What the user has typed.
pub(crate) fn parse() -> Result<Cli, Error> {
    let typed: Vec<OsString> = std::env::args_os().collect();
    let mut command = Cli::command();
    let matches = command
        .try_get_matches_from_mut(&typed)
        .map_err(|error| blame(error, &command, &typed))?;
    alone(&mut command, &matches)?;
    Cli::from_arg_matches(&matches)
}

/// A value that nobody typed comes from the environment, and its variable has to be mended.
fn blame(mut error: Error, command: &Command, typed: &[OsString]) -> Error {
    let Some(ContextValue::String(shown)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let flag = shown.split(' ').next().unwrap_or_default();
    let is_typed = |arg: &OsString| {
        let arg = arg.to_string_lossy();
        arg.split_once('=').map_or(&*arg, |(flag, _)| flag) == flag
    };
    let Some(variable) = variable(command, flag).filter(|_| !typed.iter().any(is_typed)) else {
        return error;
    };
    if std::env::var_os(variable).is_some() {
        let place = format!("{} in the environment", variable.to_string_lossy());
        error.insert(ContextKind::InvalidArg, ContextValue::String(place));
    }
    error
}

/// The variable that stands for a flag.
fn variable<'a>(command: &'a Command, flag: &str) -> Option<&'a OsStr> {
    let long = flag.strip_prefix("--")?;
    let mut own = command.get_arguments();
    let here = own.find_map(|arg| arg.get_env().filter(|_| arg.get_long() == Some(long)));
    here.or_else(|| {
        command
            .get_subcommands()
            .find_map(|inner| variable(inner, flag))
    })
}

/// A world is shown as the text of a scenario and in no other format. Only who types both contradicts himself: the variable is meant for
/// whatever has a format.
fn alone(command: &mut Command, matches: &ArgMatches) -> Result<(), Error> {
    let Some(("explore", explore)) = matches.subcommand() else {
        return Ok(());
    };
    let is_typed = |arg| explore.value_source(arg) == Some(ValueSource::CommandLine);
    if !(is_typed("show") && is_typed("format")) {
        return Ok(());
    }
    let command = command.find_subcommand_mut("explore");
    let why = "the argument '--show <SEED>' cannot be used with '--format <FORMAT>'";
    Err(command.map_or_else(
        || Error::raw(ErrorKind::ArgumentConflict, why),
        |command| command.error(ErrorKind::ArgumentConflict, why),
    ))
}
