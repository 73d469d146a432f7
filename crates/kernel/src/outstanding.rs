//! What has begun and is not over: whoever waits for quiet waits for the last of it.

use std::sync::Arc;

use tokio::sync::watch;

/// How much of something has begun and is not over. Clones count together.
#[derive(Debug, Clone)]
pub struct Outstanding(Arc<watch::Sender<usize>>);

impl Default for Outstanding {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Outstanding {
    /// One more, until what is returned is dropped.
    #[must_use]
    pub fn begin(&self) -> Begun {
        self.0.send_modify(|count| *count += 1);
        Begun(self.clone())
    }

    /// Waits until there is none.
    pub async fn none_left(&self) {
        // The sender is ours, so the channel is open.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// Something that is not over.
#[derive(Debug)]
pub struct Begun(Outstanding);

impl Drop for Begun {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn quiet_comes_with_the_end_of_the_last() {
        let all = Outstanding::default();
        assert!(all.none_left().now_or_never().is_some());
        let (one, two) = (all.begin(), all.clone().begin());
        drop(one);
        assert!(all.none_left().now_or_never().is_none());
        let quiet = all.none_left();
        drop(two);
        quiet.await;
    }
}
