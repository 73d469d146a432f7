//! Where words for people and lines for programs go.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;

use persotwin_scenario::Style;

/// Whether colours are wanted on a stream: only on a terminal, and `NO_COLOR` is respected.
fn colours(is_terminal: bool) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    is_terminal && !refused
}

/// The style of diagnostics on standard error.
pub(crate) fn diagnostic_style() -> Style {
    if colours(io::stderr().is_terminal()) {
        Style::Color
    } else {
        Style::Plain
    }
}

/// Whether standard output shows colours.
pub(crate) fn stdout_colours() -> bool {
    colours(io::stdout().is_terminal())
}

/// Whether standard error shows colours.
pub(crate) fn stderr_colours() -> bool {
    colours(io::stderr().is_terminal())
}

/// Why standard output could not be written, the first time that it could not.
static TROUBLE: OnceLock<String> = OnceLock::new();

/// Prints to standard output. A reader that has gone away is no error; a full disk is one, and the program ends with it.
pub(crate) fn print(text: &str) {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            TROUBLE.get_or_init(|| error.to_string());
        }
        _ => {}
    }
}

/// Why what was printed did not arrive, if it did not.
pub(crate) fn trouble() -> Option<&'static str> {
    TROUBLE.get().map(String::as_str)
}

/// Prints to standard error.
pub(crate) fn note(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Prints what went wrong; a rendered diagnostic says `error` itself.
pub(crate) fn error(text: &str) {
    let line_end = if text.ends_with('\n') { "" } else { "\n" };
    let is_rendered = text
        .trim_start_matches(|c: char| c == '\u{1b}' || !c.is_alphabetic())
        .starts_with("error")
        || text.starts_with("error");
    note(&if is_rendered {
        format!("{text}{line_end}")
    } else {
        format!("error: {text}{line_end}")
    });
}

/// A panic inside a world ends its run and is reported there; the default message would come on top, in the middle of other output.
pub(crate) fn quiet_panics() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let backtrace_wanted = std::env::var_os("RUST_BACKTRACE").is_some();
        if backtrace_wanted || std::thread::current().name() == Some("main") {
            default(info);
        }
    }));
}
