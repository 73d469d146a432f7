//! Answers that are still the same: an issuer that hears nothing asks again and again, and is told of in one line.

use persotwin_kernel::Moment;

use super::tell::Line;

/// An answer, and how often it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Still {
    answer: String,
    times: u32,
}

impl Still {
    /// Given once.
    pub(super) fn new(answer: String) -> Self {
        Self { answer, times: 1 }
    }
}

impl Line {
    /// Takes in a later line that tells of the same answer; returns whether it did.
    pub(super) fn absorb(&mut self, next: &Self) -> bool {
        let (Some(still), Some(again)) = (&mut self.still, &next.still) else {
            return false;
        };
        if still.answer != again.answer || self.step != next.step {
            return false;
        }
        still.times += again.times;
        self.what = asks(still.times, next.moment, &still.answer);
        true
    }
}

/// `asks: still CARD_PROD_READY`, `asks 3 times until 4:30.000: still CARD_PROD_READY`.
pub(super) fn asks(times: u32, last: Moment, answer: &str) -> String {
    match times {
        1 => format!("asks: {answer}"),
        2 => format!("asks twice until {last}: {answer}"),
        times => format!("asks {times} times until {last}: {answer}"),
    }
}
