//! Paths of the documented faces, as templates for a router and as functions for a caller.
//!
//! The public documentation puts the token operation under `/authz/v1` and orders under
//! `/banking/v1` of one host; notifications go to a path of the issuer's host.

use crate::ids::{CardId, IssuerId};

/// Where an issuer fetches its access token (documented).
pub const TOKEN: &str = "/authz/v1/oauth2/token";

/// Where orders begin (documented).
pub const BANKING: &str = "/banking/v1";

/// Produce physical card, as a router template (documented).
pub const PRODUCTION: &str =
    "/banking/v1/issuers/{issuerId}/physicalCards/{cardId}/operations:production";

/// Get card order status, as a router template (documented).
pub const PRODUCTION_STATUS: &str =
    "/banking/v1/issuers/{issuerId}/physicalCards/{cardId}/productionStatus";

/// The same as a guide prints it, in lower case (documented there; that both work is inferred).
pub const PRODUCTION_STATUS_LOWER: &str =
    "/banking/v1/issuers/{issuerId}/physicalcards/{cardId}/productionstatus";

/// Notify card operations, as a router template at the issuer (documented).
pub const NOTIFY_CARDS: &str = "/notifications/d1/v2/issuers/{issuerId}/cards";

/// The issuer's own token operation for notifications (documented).
pub const OUTBOUND_TOKEN: &str = "/authz/d1/v1/oauth2/token";

/// The PIN of a card, as a router template at the issuer (documented; that instant issuance uses it is ours).
pub const CARD_PIN: &str = "/cms/api/v1/issuers/{issuerId}/cards/{cardId}/pin";

/// The path that orders a card.
pub fn production(issuer: &IssuerId, card: &CardId) -> String {
    format!("{BANKING}/issuers/{issuer}/physicalCards/{card}/operations:production")
}

/// The path that asks how an order stands.
pub fn production_status(issuer: &IssuerId, card: &CardId) -> String {
    format!("{BANKING}/issuers/{issuer}/physicalCards/{card}/productionStatus")
}

/// The path at the issuer that hears of card operations.
pub fn notify_cards(issuer: &IssuerId) -> String {
    format!("/notifications/d1/v2/issuers/{issuer}/cards")
}

/// The path at the issuer that tells the PIN of a card.
pub fn card_pin(issuer: &IssuerId, card: &CardId) -> String {
    format!("/cms/api/v1/issuers/{issuer}/cards/{card}/pin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_fill_the_templates() {
        let issuer: IssuerId = "TWINBANK01".parse().unwrap();
        let card: CardId = "271b-6e47".parse().unwrap();
        let fill = |template: &str| {
            template
                .replace("{issuerId}", issuer.as_str())
                .replace("{cardId}", card.as_str())
        };
        assert_eq!(production(&issuer, &card), fill(PRODUCTION));
        assert_eq!(production_status(&issuer, &card), fill(PRODUCTION_STATUS));
        assert_eq!(notify_cards(&issuer), fill(NOTIFY_CARDS));
        assert_eq!(card_pin(&issuer, &card), fill(CARD_PIN));
        assert_eq!(
            PRODUCTION_STATUS.to_lowercase(),
            PRODUCTION_STATUS_LOWER.to_lowercase()
        );
    }
}
