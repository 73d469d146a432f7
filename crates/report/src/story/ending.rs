//! The last lines: what became of each order, "done, not in hand", the verdict.

use std::ops::Deref;

use persotwin_kernel::Record;
use persotwin_kernel::event::{Event, Verdict};

use super::Page;
use super::cast::Chapter;
use super::facts::Whose;
use super::fates::{Fate, Fates};
use crate::style::Tone;

/// Everything that stands below the chapters.
#[derive(Debug)]
pub(super) struct Ending {
    fates: Vec<(String, Fate)>,
    plastic: Option<String>,
    /// Done without a card in a hand: how many, and whose.
    without: (usize, Vec<String>),
    broken: Vec<String>,
    verdict: Option<String>,
}

impl Ending {
    pub(super) fn of<R: Deref<Target = Record>>(records: &[R], chapters: &[Chapter]) -> Self {
        let mut all = Fates::default();
        let (mut broken, mut verdict) = (Vec::new(), None);
        for record in records {
            all.learn(record);
            match &record.event {
                Event::Verdict(Verdict::LawBroken { law, how }) => {
                    broken.push(format!("{law}: {how}"));
                }
                Event::Verdict(Verdict::Unmet { expectation }) => {
                    broken.push(expectation.clone());
                }
                Event::Verdict(Verdict::End { verdict: word }) => verdict = Some(word.clone()),
                _ => {}
            }
        }
        let orders = || {
            chapters
                .iter()
                .filter(|chapter| chapter.whose != Whose::World)
        };
        let mut without = (0, Vec::new());
        for chapter in orders() {
            let count = all.done_not_in_hand(chapter);
            if count > 0 {
                without.0 += count;
                without.1.push(chapter.name());
            }
        }
        Self {
            fates: orders()
                .map(|chapter| (chapter.name(), all.of(chapter)))
                .collect(),
            plastic: all.plastic(),
            without,
            broken,
            verdict,
        }
    }

    pub(super) fn tell(&self, page: &mut Page<'_>) {
        page.line("");
        for (name, fate) in &self.fates {
            let (tone, text) = fate.told(name);
            page.words(tone, &text, 0, 2);
        }
        if let Some(text) = &self.plastic {
            page.words(Tone::Plain, text, 0, 2);
        }
        let (count, names) = &self.without;
        let (tone, names) = match names.as_slice() {
            [] => (Tone::Plain, String::new()),
            names => (Tone::Trouble, format!(" ({})", names.join(", "))),
        };
        page.words(tone, &format!("done, not in hand: {count}{names}"), 0, 2);
        self.verdict(page);
    }

    fn verdict(&self, page: &mut Page<'_>) {
        let (tone, word) = match (self.broken.as_slice(), self.verdict.as_deref()) {
            ([], Some("ok")) => (Tone::Good, "ok"),
            ([], Some(other)) => (Tone::Bad, other),
            ([], None) => (Tone::Quiet, "no verdict"),
            (_, _) => (Tone::Bad, "failed"),
        };
        page.words(tone, word, 0, 0);
        for what in &self.broken {
            page.words(Tone::Plain, what, 2, 4);
        }
    }
}
