//! What D1 tells the issuer.

faults! {
    /// What is wrong with notifications.
    NotificationFault at Notification {}
}
