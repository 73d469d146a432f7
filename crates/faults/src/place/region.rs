//! A whole branch, or D1's whole region.

faults! {
    /// What happens to a whole place.
    RegionFault at Region {}
}
