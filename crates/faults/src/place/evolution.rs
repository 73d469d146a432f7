//! What D1 may change without asking: its published change policy allows all of it.
//!
//! Answers of D1 change, and requests that D1 makes.

faults! {
    /// A change of D1's faces.
    Evolution at Evolution {
        /// D1 adds a member to its JSON.
        "new-member" = NewMember { name: String = "schemeVersion", "The member's name."; value: String = "2", "Its value, a text." }
        => [Notify Order] live, "A member that it does not know, and must not mind.";
        /// D1 uses a value of an enum that no document lists yet.
        "new-enum-value" = NewEnumValue { member: String = "status", "Whose value is new."; value: String = "CARD_PROD_PERSONALIZED", "The new value." }
        => [Notify Order] live, "A value that it does not know: it must neither fail nor take it for another.";
        /// D1 answers with a status code that no document lists yet.
        "new-status-code" = NewStatusCode { status: u32 = "200", "The HTTP status." }
        => [Order Notify] live, "Another success than the documented one.";
        /// D1 adds a header.
        "new-header" = NewHeader { name: String = "x-d1-region", "The header's name."; value: String = "eu-2", "Its value." }
        => [Order Notify] live, "A header that it does not know, and must not mind.";
        /// D1 words an error differently.
        "reworded-error" = RewordedError { says: String = "the request could not be processed", "The new sentence." }
        => [Order Notify] live, "Another sentence with the same code: whoever compares sentences fails.";
    }
}
