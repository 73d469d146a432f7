//! The card printer.

faults! {
    /// What is wrong with a printer.
    PrinterFault at Printer {}
}
