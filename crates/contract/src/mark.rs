//! How far a behaviour of the twin can be trusted.

use crate::words::closed_words;

closed_words! {
    /// Where a rule comes from. Every row of FIDELITY.md and every switch of
    /// [`D1Rules`](crate::rules::D1Rules) carries one.
    Mark {
        /// Stated in D1's public documentation.
        Documented = "documented",
        /// Follows from what is stated there, or is stated for a sister operation.
        Inferred = "inferred",
        /// The public documentation is silent; this project chose.
        Ours = "ours",
    }
}
