//! What the issuer orders, and what it forgets.

use persotwin_link::Span;

faults! {
    /// What is wrong with an order.
    IssuerFault at Issuer {
        /// A field of the order has a wrong value, or is missing.
        "wrong-field" = WrongField { field: String = "services", "Its documented path, like `services.issuance` or `encryptedData.exp`."; value: String = "absent", "What is sent, or `absent`." }
        => [Order] start, "400, whose code and field say what is wrong; the customer is told sorry.";
        /// The order is for a product that D1 does not know.
        "unknown-product" = UnknownProduct
        => [Order] start, "400 FIELD_INVALID_VALUE cardProductId.";
        /// The card number is of another product.
        "foreign-number" = ForeignNumber
        => [Order] start, "400 FIELD_INVALID_VALUE encryptedData.pan.";
        /// The order names a key index for which there is no key.
        "wrong-key-index" = WrongKeyIndex
        => [Order] start, "400 FIELD_INVALID_VALUE of the key index.";
        /// The order is for a station of another issuer.
        "anothers-station" = AnothersStation
        => [Order] start, "400 FIELD_INVALID_VALUE persoStation, as for a station that does not exist.";
        /// The card data are sealed to a key that nobody knows.
        "jwe-unknown-key" = JweUnknownKey
        => [Order] start, "400 CRYPTO_ERROR.";
        /// The card data are sealed to a key that D1 has retired.
        "jwe-retired-key" = JweRetiredKey
        => [Order] start, "400 CRYPTO_ERROR: the JWE names a key that D1 no longer has.";
        /// The sealed card data are changed on their way.
        "jwe-tampered" = JweTampered
        => [Order] start, "400 CRYPTO_ERROR.";
        /// What is sealed is no JSON.
        "jwe-not-json" = JweNotJson
        => [Order] start, "400 PARSING_ERROR, although the seal was good.";
        /// The issuer signs its assertions with a key that D1 does not know.
        "unknown-client-key" = UnknownClientKey
        => [Order] start, "400 invalid_client at the token service: no token, no order, no card.";
        /// Several orders carry the same request id.
        "same-request-id" = SameRequestId
        => [Order] start, "The first order is taken; the next with other content is refused.";
        /// Several cards have the same card number.
        "same-card-number" = SameCardNumber
        => [Order] start, "Nothing: D1 does not compare card numbers, and both cards are made.";
        /// The issuer uses the card number as its request id.
        "number-as-request-id" = NumberAsRequestId
        => [Order] start, "400 FIELD_INVALID_VALUE issuerRequestId: a card number has no place in an id.";
        /// The issuer is deployed anew and has forgotten the last of what it knew.
        "deployment-forgets" = Forgets { lost: Span = "10s", "How much of its memory is gone." }
        => [Order Request Notify] live breaks [EveryoneHears ActsOnce], "Notifications of an order that it knows nothing of.";
    }
}
