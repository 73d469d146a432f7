//! What the kiosk shows of an order. The sentences are ours: they tell a customer what to do, never what broke.

use persotwin_link::kiosk::{CardEvent, RequestState, RequestView};

use super::order::{Cause, Obstacle, Order, Stage};

impl Order {
    /// The screen.
    pub(crate) fn view(&self) -> RequestView {
        let (state, reason) = self.screen();
        RequestView {
            request_id: self.asked().request.to_string(),
            state,
            reason: reason.map(str::to_owned),
        }
    }

    const fn screen(&self) -> (RequestState, Option<&'static str>) {
        if let Some(CardEvent::Captured) = self.seen() {
            let reason = "The card was not taken and the machine kept it. Please ask our staff.";
            return (RequestState::Sorry, Some(reason));
        }
        let reason = match self.stage() {
            Stage::Asked | Stage::Ordered | Stage::Accepted => {
                return (RequestState::Waiting, None);
            }
            Stage::Requested | Stage::Ready => return (RequestState::Printing, None),
            Stage::Done => return (RequestState::TakeYourCard, None),
            Stage::NotOrdered(Obstacle::Name) => {
                "Your name cannot be printed by this machine. Please ask our staff."
            }
            Stage::Refused => "Your card cannot be ordered at present. Please ask our staff.",
            Stage::GaveUp => "Our card service cannot be reached. Please try again later.",
            Stage::Failed(Cause::Data) => "Your card could not be prepared. Please ask our staff.",
            Stage::Failed(Cause::Production) => {
                "This machine could not make your card. Please try again later or ask our staff."
            }
            Stage::Canceled => "The order of your card was cancelled.",
        };
        (RequestState::Sorry, Some(reason))
    }
}
