//! `PERSOTWIN_LOG`: what the twin does inside, for whoever debugs it. Off unless it is asked for.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::exit::Stop;
use crate::output;

/// The name of the variable. Its value is a filter of tracing-subscriber: `debug`, or `persotwin_wire=trace`.
const VARIABLE: &str = "PERSOTWIN_LOG";

/// Lets the log be written to standard error, if somebody wants it. Lines have no wall time; virtual time is one of their fields.
pub(crate) fn listen() -> Result<(), Stop> {
    let wanted = std::env::var(VARIABLE).unwrap_or_default();
    if wanted.is_empty() {
        return Ok(());
    }
    let filter = EnvFilter::try_new(&wanted).map_err(|error| {
        Stop::input(format!(
            "`{VARIABLE}={wanted}` is no filter: {error}; `debug` is one"
        ))
    })?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(output::stderr_colours())
        .without_time()
        .log_internal_errors(false)
        .finish();
    tracing::subscriber::set_global_default(subscriber)
        .map_err(|error| Stop::twin(error.to_string()))
}
