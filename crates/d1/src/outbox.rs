//! Step 6: what D1 tells the issuer. Each order has a task that sends its notifications one after the other, until the issuer has
//! taken each or D1 gives it up.
//!
//! At least once (documented): what was sent and not written down as taken before a crash is sent again. Any 2xx counts as taken.
//! Repeated are calls that failed, 5xx, 408, 429 and 401 (the token is then fetched anew), with growing pauses, at least as long as
//! `Retry-After` says. Any other answer ends the notification (400: documented, the rest is ours): it becomes a dead letter, and the
//! status is still to be had by `productionStatus`. Attempts are counted within one life of D1.

use std::sync::Arc;
use std::time::Duration;

use jiff::fmt::rfc2822;
use persotwin_contract::ids::OperationId;
use persotwin_contract::notification::Operations;
use persotwin_contract::path;
use persotwin_contract::report::ProductionState;
use persotwin_faults::Behaviour;
use persotwin_kernel::event::About;
use persotwin_link::Face;
use persotwin_wire::{Call, Reply};

use crate::entry::Change;
use crate::machine::D1;
use crate::model::Order;

/// The longest pause that an issuer can ask for (ours).
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// What became of one attempt.
enum Attempt {
    /// The issuer took it.
    Taken,
    /// The issuer will never take it.
    Ended(u16),
    /// Once more, not before this pause is over.
    Again(Duration),
}

impl D1 {
    /// Tells the issuer all about one order, in order, beginning `after` so long.
    pub(crate) async fn tell_issuer(self: Arc<Self>, operation: OperationId, after: Duration) {
        let bell = self.bell(&operation);
        if !after.is_zero() {
            self.host.clock.sleep(after).await;
        }
        loop {
            let rung = bell.notified();
            let next = |order: &Order| {
                let (next, open) = (order.next_to_tell(), order.is_open());
                if next.is_none() && !open {
                    // Under the lock of the books: whoever adds to the outbox later has it emptied anew.
                    self.telling().remove(&operation);
                }
                (next, open)
            };
            match self.look(&operation, next).await {
                Some((Some(state), _)) => self.deliver(&operation, state).await,
                Some((None, true)) => rung.await,
                Some((None, false)) | None => return,
            }
        }
    }

    /// Sends one notification until it is taken or given up.
    async fn deliver(&self, operation: &OperationId, state: ProductionState) {
        let about = self.about(operation).await;
        let status = state.status();
        let purpose = format!("notify {status}");
        let attempts = if self.config.protections.lack(Behaviour::NoOutbox) {
            1
        } else {
            self.config.tenant.d1_timing.notification_attempts
        };
        for attempt in 1..=attempts {
            match self.notify(operation, state, &about).await {
                Attempt::Taken => {
                    let change = Change::Told { status, attempt };
                    return self.step(operation, None, |_| vec![change]).await;
                }
                Attempt::Ended(answer) => {
                    let answer = Some(answer);
                    let change = Change::Dead { status, answer };
                    return self.step(operation, None, |_| vec![change]).await;
                }
                Attempt::Again(least) => {
                    let pause = self.pause(&purpose, operation, attempt).max(least);
                    self.host.clock.sleep(pause).await;
                }
            }
        }
        let answer = None;
        let change = Change::Dead { status, answer };
        self.step(operation, None, |_| vec![change]).await;
    }

    async fn notify(
        &self,
        operation: &OperationId,
        state: ProductionState,
        about: &About,
    ) -> Attempt {
        let again = Attempt::Again(Duration::ZERO);
        let tenant = &self.config.tenant;
        let report = self
            .look(operation, |order| order.report(operation, state))
            .await;
        let (Some(report), Ok(token)) = (report, self.outbound_token(about).await) else {
            return again;
        };
        let operations = vec![report.to_notification(&tenant.d1_rules)];
        let correlation = http::HeaderName::from_static("x-correlation-id");
        let call = Call::post(Face::Notifications, &path::notify_cards(&tenant.issuer))
            .json(&Operations { operations })
            .header(correlation, operation.as_str())
            .about(about.clone())
            .patience(tenant.d1_timing.patience.get());
        let call = match &token {
            Some(token) => call.bearer(token.reveal()),
            None => call,
        };
        let Ok(reply) = self.host.wire.call(call).await else {
            return again;
        };
        match reply.status() {
            200..=299 => Attempt::Taken,
            401 => {
                self.forget_token().await;
                again
            }
            408 | 429 | 500..=599 => Attempt::Again(self.retry_after(&reply)),
            other => Attempt::Ended(other),
        }
    }

    /// The pause that the issuer asks for, in seconds or as a date (RFC 9110).
    fn retry_after(&self, reply: &Reply) -> Duration {
        let Some(text) = reply.header("retry-after").map(str::trim) else {
            return Duration::ZERO;
        };
        let pause = match text.parse() {
            Ok(seconds) => Duration::from_secs(seconds),
            Err(_) => rfc2822::DateTimeParser::new()
                .parse_timestamp(text)
                .ok()
                .map(|date| date.duration_since(self.host.calendar.now()))
                .and_then(|pause| Duration::try_from(pause).ok())
                .unwrap_or_default(),
        };
        pause.min(LONGEST_PAUSE)
    }
}
