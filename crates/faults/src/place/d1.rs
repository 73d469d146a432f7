//! Inside D1.

faults! {
    /// What happens inside D1.
    D1Fault at D1 {
        /// D1's operator cancels the order.
        "order-cancelled" = Cancelled
        => [Prepare Dispatch Produce] live, "CARD_PROD_CANCELED.";
    }
}
