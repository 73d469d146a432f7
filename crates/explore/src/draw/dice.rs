//! Draws by name.

use std::fmt::Display;
use std::time::Duration;

use persotwin_kernel::Chance;
use persotwin_link::Span;
use rand::RngExt;

/// Chance under a name. Each aspect of a world is drawn under its own, so that an aspect that is new changes no other.
#[derive(Debug, Clone)]
pub(crate) struct Dice(Chance);

impl Dice {
    /// The dice of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        // Apart from what is drawn while the world lives, which comes from the same seed.
        Self(Chance::new(seed).of("explore"))
    }

    /// The same under a prefix: an aspect of an aspect.
    pub(crate) fn about(&self, name: impl Display) -> Self {
        Self(self.0.of(name))
    }

    /// Whether something is so, with a probability in percent.
    pub(crate) fn likely(&self, name: &str, percent: u32) -> bool {
        self.0.draw(name, &[]).random_range(0..100) < percent
    }

    /// The same in thousandths.
    pub(crate) fn rarely(&self, name: &str, permille: u32) -> bool {
        self.0.draw(name, &[]).random_range(0..1000) < permille
    }

    /// A number of a range, both ends included.
    pub(crate) fn between(&self, name: &str, low: u32, high: u32) -> u32 {
        self.0.draw(name, &[]).random_range(low..=high.max(low))
    }

    /// One of several; the same one of the same several.
    pub(crate) fn pick<'a, T>(&self, name: &str, all: &'a [T]) -> Option<&'a T> {
        let last = u32::try_from(all.len().checked_sub(1)?).unwrap_or(u32::MAX);
        all.get(usize::try_from(self.between(name, 0, last)).ok()?)
    }

    /// One of several of which there is one at least; a word is picked so often as it stands there.
    pub(crate) fn word(&self, name: &str, all: &[&'static str]) -> &'static str {
        self.pick(name, all).copied().unwrap_or_default()
    }

    /// A time between two, in steps that read well: whole seconds from two seconds on.
    pub(crate) fn span(&self, name: &str, low: Duration, high: Duration) -> Span {
        let (low, high) = (millis(low), millis(high));
        readable(self.between(name, low, high))
    }

    /// A time that was meant to be so long, shrunk or stretched.
    pub(crate) fn stretched(&self, name: &str, usual: Duration) -> Span {
        /// In percent: mostly by small factors, now and then by large ones.
        const FACTORS: [u32; 10] = [5, 20, 50, 50, 100, 100, 150, 200, 400, 1000];
        let factor = self.pick(name, &FACTORS).copied().unwrap_or(100);
        readable(millis(usual).saturating_mul(factor) / 100)
    }
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

/// Milliseconds, rounded as people write times.
fn readable(millis: u32) -> Span {
    let step = match millis {
        0..100 => 1,
        100..2000 => 50,
        2000..120_000 => 1000,
        _ => 10_000,
    };
    Span::from_millis(u64::from(millis / step * step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gives_the_same_draw_whatever_else_is_drawn() {
        let dice = Dice::of(7);
        let first = dice.between("blanks", 0, 1000);
        let _other = dice.between("zone", 0, 1000);
        assert_eq!(dice.between("blanks", 0, 1000), first);
        assert_ne!(dice.about("bob").between("blanks", 0, 1000), first);
        assert_ne!(Dice::of(8).between("blanks", 0, 1000), first);
    }

    #[test]
    fn likely_is_as_likely_as_it_says() {
        let so = (0..1000).filter(|seed| Dice::of(*seed).likely("x", 30));
        let share = so.count();
        assert!((230..370).contains(&share), "{share}");
        assert!(!Dice::of(1).likely("x", 0) && Dice::of(1).likely("x", 100));
    }

    #[test]
    fn of_nothing_nothing_is_picked() {
        assert_eq!(Dice::of(1).pick::<u8>("x", &[]), None);
        assert_eq!(Dice::of(1).between("x", 5, 3), 5);
    }

    #[test]
    fn times_read_well() {
        for (millis, text) in [
            (37, "37ms"),
            (1234, "1s 200ms"),
            (9876, "9s"),
            (615_000, "10m 10s"),
        ] {
            assert_eq!(readable(millis).to_string(), text);
        }
    }
}
