//! What the issuer orders, and how it retries.

faults! {
    /// What is wrong with an order.
    IssuerFault at Issuer {}
}
