//! `persotwin completions`: for the user's shell.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit::{Exit, Stop};
use crate::output;

/// Prints the completions.
pub(crate) fn completions(shell: Shell) -> Result<Exit, Stop> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "persotwin", &mut text);
    let text = String::from_utf8(text).map_err(|error| Stop::twin(error.to_string()))?;
    output::print(&text);
    Ok(Exit::Ok)
}
