//! Inside D1.

use persotwin_link::Span;

use crate::value::Lack;

faults! {
    /// What happens inside D1.
    D1Fault at D1 {
        /// D1's operator cancels the order.
        "order-cancelled" = Cancelled
        => [Prepare Dispatch Produce] live, "CARD_PROD_CANCELED.";
        /// D1's key vault is out of reach.
        "vault-away" = VaultAway
        => [Prepare] live, "A delay before CARD_PROD_READY; after a minute DATA_EXCEPTION with DP_NOT_AVAILABLE.";
        /// The preparation takes longer than usual.
        "slow-preparation" = Slow { by: Span = "30s", "How much longer it takes." }
        => [Prepare] live, "A delay between CARD_PROD_REQUESTED and CARD_PROD_READY.";
        /// The preparation does not find what it needs.
        "preparation-lacks" = Lacks { lack: Lack = "key", "What is missing." }
        => [Prepare] live, "DATA_EXCEPTION: the order was good, and nothing that the issuer changes in it helps.";
        /// D1 accepts orders, and its production status does not know them yet.
        "status-lags" = StatusLags
        => [Notify] live, "404 for an order that D1 has accepted: it must ask again, and not order again.";
    }
}
