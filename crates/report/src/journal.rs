//! The journal as JSON lines.

use std::io::{self, Write};
use std::ops::Deref;

use persotwin_kernel::Record;

/// Writes one JSON object a line, in the journal's order.
pub fn journal_lines<R: Deref<Target = Record>>(
    records: impl IntoIterator<Item = R>,
    mut to: impl Write,
) -> io::Result<()> {
    for record in records {
        serde_json::to_writer(&mut to, &*record)?;
        to.write_all(b"\n")?;
    }
    to.flush()
}
