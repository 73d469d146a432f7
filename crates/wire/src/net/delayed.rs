//! Messages that are held up on their way. A caller that has long given up does not call its message back: it will arrive.

use std::sync::Arc;

use tokio::sync::watch;

use crate::fault::Fault;

/// How many messages about an order are held up.
#[derive(Debug, Clone)]
pub(super) struct Delayed(Arc<watch::Sender<usize>>);

impl Default for Delayed {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Delayed {
    /// One more, if this holds it up, until what is returned is dropped.
    pub(super) fn by(&self, fault: Option<&Fault>) -> Option<OnItsWay> {
        let holds_up = match fault? {
            Fault::Late(_) | Fault::AnswerLate(_) | Fault::OutOfOrder => true,
            Fault::Stream(distortion) => distortion.delays(),
            _ => false,
        };
        holds_up.then(|| {
            self.0.send_modify(|count| *count += 1);
            OnItsWay(self.clone())
        })
    }

    /// Waits until there is none.
    pub(super) async fn none_left(&self) {
        // The sender is ours, so the channel is open.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// A message that is held up.
#[derive(Debug)]
pub(super) struct OnItsWay(Delayed);

impl Drop for OnItsWay {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}
