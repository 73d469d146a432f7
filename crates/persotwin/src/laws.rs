//! `persotwin laws`: what every run is held to.

use serde_json::json;

use crate::args::{Laws, ListFormat};
use crate::exit::Exit;
use crate::output;

/// Prints every law with its sentence.
pub(crate) fn laws(args: &Laws) -> Exit {
    for (law, sentence) in persotwin_laws::catalogue() {
        output::print(&match args.format {
            ListFormat::Pretty => format!("{law}\n    {sentence}\n"),
            ListFormat::Json => {
                let line = json!({ "version": 1, "law": law, "sentence": sentence });
                format!("{line}\n")
            }
        });
    }
    Exit::Ok
}
