//! Clocks and days.

use persotwin_link::Span;

use crate::value::Direction;

faults! {
    /// What is wrong with a machine's calendar.
    CalendarFault at Calendar {
        /// A machine's clock jumps.
        "clock-jumps" = Jumps { by: Span = "1h", "How far."; direction: Direction = "behind", "Which way." }
        => [Order Prepare Produce Notify] live, "Assertions that D1 finds too old or too new, or notifications whose times go backwards.";
    }
}
