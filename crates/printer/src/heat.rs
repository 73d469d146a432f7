//! The temperature of the print head: printing heats it, time cools it.
//!
//! All numbers are ours, chosen so that a head never gets too hot in single cards at usual times, and does when prints follow one
//! another quickly. Cooling is even, 1 degree a second: a curve would add nothing that anybody could tell apart.

use std::time::Duration;

use persotwin_link::setup::HeadLimits;

use crate::face::Laid;

/// The room, in degrees Celsius: no head is colder.
const ROOM: u32 = 25;

/// What one panel heats, in thousandths of a degree.
const PANEL: u64 = 2400;

/// By how much an overheated head exceeds its limit, in degrees.
const OVERHEATED: u32 = 40;

/// A head and the last instant at which its temperature was reckoned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heat {
    limits: HeadLimits,
    /// Thousandths of a degree above the room.
    above: u64,
    at: Duration,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ready,
    /// It was too hot and is not cool enough yet.
    Resting,
}

impl Heat {
    pub(crate) fn new(limits: HeadLimits) -> Self {
        let hot = limits.hot.max(ROOM + 1);
        let resume = limits.resume.clamp(ROOM, hot - 1);
        Self {
            limits: HeadLimits { hot, resume },
            above: 0,
            at: Duration::ZERO,
            state: State::Ready,
        }
    }

    /// Another head, at room temperature.
    pub(crate) fn cold(&self) -> Self {
        Self {
            above: 0,
            state: State::Ready,
            ..self.clone()
        }
    }

    /// Time passes; it never goes back.
    pub(crate) fn pass_to(&mut self, now: Duration) {
        let millis = now.saturating_sub(self.at).as_millis();
        self.above = self
            .above
            .saturating_sub(u64::try_from(millis).unwrap_or(u64::MAX));
        self.at = self.at.max(now);
        self.judge();
    }

    /// Prints so much of each panel.
    pub(crate) fn print(&mut self, laid: &Laid) {
        let heat = laid
            .panels()
            .map(|(_, share)| PANEL * u64::from(share.permille()) / 1000);
        self.above += heat.sum::<u64>();
        self.judge();
    }

    pub(crate) fn overheat(&mut self) {
        self.above = above(self.limits.hot.saturating_add(OVERHEATED));
        self.judge();
    }

    /// It rested as long as [`Heat::rest`] said.
    pub(crate) fn rested(&mut self) {
        if self.state == State::Resting {
            self.above = self.above.min(above(self.limits.resume));
            self.judge();
        }
    }

    fn judge(&mut self) {
        if self.above >= above(self.limits.hot) {
            self.state = State::Resting;
        } else if self.above <= above(self.limits.resume) {
            self.state = State::Ready;
        }
    }

    /// How long it must rest before it prints; no time for a head that is ready.
    pub(crate) fn rest(&self) -> Duration {
        match self.state {
            State::Ready => Duration::ZERO,
            State::Resting => {
                Duration::from_millis(self.above.saturating_sub(above(self.limits.resume)))
            }
        }
    }

    pub(crate) fn is_resting(&self) -> bool {
        self.state == State::Resting
    }

    /// In whole degrees Celsius.
    pub(crate) fn celsius(&self) -> u32 {
        u32::try_from(self.above / 1000).map_or(u32::MAX, |above| ROOM.saturating_add(above))
    }
}

fn above(celsius: u32) -> u64 {
    u64::from(celsius.saturating_sub(ROOM)) * 1000
}

#[cfg(test)]
mod tests {
    use persotwin_link::stock::Panel;

    use super::*;

    fn side(heat: &mut Heat) {
        heat.print(&Laid::whole(&Panel::ALL));
    }

    #[test]
    fn printing_heats_and_time_cools() {
        let mut heat = Heat::new(HeadLimits::default());
        side(&mut heat);
        assert_eq!(heat.celsius(), 37);
        heat.pass_to(Duration::from_secs(5));
        assert_eq!(heat.celsius(), 32);
        heat.pass_to(Duration::from_secs(3));
        assert_eq!(heat.celsius(), 32);
        heat.pass_to(Duration::from_hours(1));
        assert_eq!(heat.celsius(), 25);
        assert_eq!(heat.rest(), Duration::ZERO);
    }

    #[test]
    fn a_hot_head_rests_until_it_is_cool_enough() {
        let mut heat = Heat::new(HeadLimits {
            hot: 45,
            resume: 30,
        });
        side(&mut heat);
        assert!(!heat.is_resting());
        side(&mut heat);
        assert!(heat.is_resting());
        assert_eq!(heat.rest(), Duration::from_secs(19));
        heat.pass_to(Duration::from_secs(18));
        assert!(heat.is_resting());
        heat.pass_to(Duration::from_secs(19));
        assert!(!heat.is_resting());
        heat.overheat();
        heat.rested();
        assert_eq!((heat.celsius(), heat.rest()), (30, Duration::ZERO));
    }

    #[test]
    fn limits_that_make_no_sense_still_let_the_head_print() {
        for limits in [(0, 0), (20, 90), (u32::MAX, u32::MAX), (26, 25)] {
            let (hot, resume) = limits;
            let mut heat = Heat::new(HeadLimits { hot, resume });
            heat.overheat();
            heat.rested();
            assert!(!heat.is_resting(), "{limits:?}");
        }
    }
}
