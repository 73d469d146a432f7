//! The chip.

faults! {
    /// What is wrong with a chip.
    ChipFault at Chip {}
}
