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

#[cfg(test)]
mod tests {
    use super::*;
    use persotwin_kernel::Moment;
    use persotwin_kernel::event::{Disturbance, Event};
    use persotwin_link::Machine;

    #[test]
    fn each_record_is_a_line() {
        let event = Event::Disturbance(Disturbance::Crash { of: Machine::D1 });
        let record = Record {
            seq: 7,
            at: "2026-06-17T10:00:24.107Z".parse().unwrap(),
            moment: Moment::from_millis(24_107),
            machine: Machine::World,
            step: None,
            customer: None,
            event,
        };
        let mut text = Vec::new();
        journal_lines([&record, &record], &mut text).unwrap();
        let line = r#"{"seq":7,"at":"2026-06-17T10:00:24.107Z","machine":"world","event":"disturbance","kind":"crash","of":"d1"}"#;
        assert_eq!(
            String::from_utf8(text).unwrap(),
            format!("{line}\n{line}\n")
        );
    }
}
