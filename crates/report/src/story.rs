//! The story of a run: who said what to whom, and the card's way through the printer.
//!
//! ```text
//! The happy path                                                 seed 1, loopback
//!
//! alice, a new card at KIOSK-PS-101
//!
//! 1   0:00.012  kiosk → issuer  alice asks for a new card
//! 2   0:00.026  issuer → D1     produce physical card at KIOSK-PS-101
//! …
//! ```
//!
//! One chapter a customer, in the order in which they asked: the six steps are steps of one order, and orders that run side by side are
//! easier to follow one after the other; the times tell what overlapped. Orders of strangers have chapters too. What happens to a
//! machine or a printer stands in each chapter that it fell into.
//!
//! What everybody does all the time is not told: enrolments, heartbeats, long polls, each single APDU. The journal has it all.

mod cast;
mod ending;
mod facts;
mod fates;
mod hardware;
mod live;
mod news;
mod still;
mod tell;
mod words;

use std::ops::Deref;

use persotwin_kernel::Record;

pub use live::LiveStory;

use crate::style::{Style, Tone, tame, wrapped};
use cast::Chapter;
use tell::Line;

/// What stands above a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// The scenario's `name:`.
    pub name: String,
    /// Its `about:`.
    pub about: Option<String>,
    /// The seed of the run.
    pub seed: u64,
    /// What the messages travelled on, as `--wire` names it: `loopback`, `in-process`.
    pub wire: String,
}

/// The whole story, ending with a verdict line and a line end. A pure fold: the same journal gives the same text.
pub fn story<R: Deref<Target = Record>>(records: &[R], title: &Title, style: &Style) -> String {
    let facts = facts::Facts::of(records);
    let chapters = cast::chapters(records, &facts);
    let mut page = Page::new(style);
    page.title(title);
    for chapter in &chapters {
        page.chapter(chapter);
    }
    let ending = ending::Ending::of(records, &chapters);
    ending.tell(&mut page);
    page.text
}

/// Text that grows line by line.
#[derive(Debug)]
struct Page<'a> {
    style: &'a Style,
    text: String,
}

impl<'a> Page<'a> {
    fn new(style: &'a Style) -> Self {
        let text = String::new();
        Self { style, text }
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    /// Text of one tone, broken into lines: the first begins at `first`, the others at `rest`.
    fn words(&mut self, tone: Tone, text: &str, first: usize, rest: usize) {
        let width = self.style.columns().saturating_sub(first.max(rest));
        for (index, part) in wrapped(&tame(text), width).iter().enumerate() {
            let indent = if index == 0 { first } else { rest };
            let painted = self.style.paint(tone, part);
            self.line(&format!("{:indent$}{painted}", ""));
        }
    }

    fn title(&mut self, title: &Title) {
        let (name, run) = (
            tame(&title.name),
            format!("seed {}, {}", title.seed, title.wire),
        );
        let room = self.style.columns().saturating_sub(run.chars().count());
        let run = self.style.paint(Tone::Quiet, &run);
        if name.chars().count() + 2 <= room {
            let name = self.style.paint(Tone::Title, &format!("{name:<room$}"));
            self.line(&format!("{name}{run}"));
        } else {
            self.words(Tone::Title, &name, 0, 2);
            self.line(&run);
        }
        if let Some(about) = title.about.as_deref().filter(|about| !about.is_empty()) {
            self.words(Tone::Plain, about, 0, 0);
        }
    }

    fn chapter(&mut self, chapter: &Chapter) {
        if chapter.lines.is_empty() {
            return;
        }
        self.line("");
        for (tone, text) in chapter.header() {
            self.words(tone, &text, 0, 2);
        }
        self.line("");
        let columns = Columns::of(&chapter.lines);
        let mut step = None;
        for line in &chapter.lines {
            let shown = if line.step == step {
                ""
            } else {
                line.step.unwrap_or("")
            };
            step = line.step.or(step);
            self.told(shown, line, columns);
        }
    }

    fn told(&mut self, step: &str, line: &Line, columns: Columns) {
        let Columns { time, who } = columns;
        let (names, words) = (STEP + time + 2, STEP + time + 2 + who + 2);
        let mut left = format!(
            "{}{}  ",
            self.style.paint(Tone::Step, &format!("{step:<STEP$}")),
            self.style
                .paint(Tone::Quiet, &format!("{:>time$}", line.moment)),
        );
        let tone = line.tone.of_who();
        if line.who.chars().count() > who {
            for part in wrapped(&line.who, self.style.columns().saturating_sub(names)) {
                let part = self.style.paint(tone, &part);
                self.line(&format!("{left}{part}"));
                left = " ".repeat(names);
            }
            left = " ".repeat(words);
        } else {
            left.push_str(&self.style.paint(tone, &format!("{:<who$}  ", line.who)));
        }
        let room = self.style.columns().saturating_sub(words).max(16);
        for part in wrapped(&tame(&line.what), room) {
            let what = self.style.paint(line.tone, &part);
            self.line(&format!("{left}{what}"));
            left = " ".repeat(words);
        }
    }
}

/// `6a` and two blanks.
const STEP: usize = 4;

/// Whoever has a longer name has a line of their own.
const WIDEST: usize = 26;

/// How wide the middle columns of a chapter are.
#[derive(Debug, Clone, Copy)]
struct Columns {
    time: usize,
    who: usize,
}

impl Columns {
    fn of(lines: &[Line]) -> Self {
        let time = |line: &Line| line.moment.to_string().len();
        let who = |line: &Line| line.who.chars().count();
        Self {
            time: lines.iter().map(time).max().unwrap_or(0),
            who: lines.iter().map(who).max().unwrap_or(0).min(WIDEST),
        }
    }
}

impl Tone {
    /// The tone of the speakers on a line of this tone.
    fn of_who(self) -> Self {
        match self {
            Self::Quiet => Self::Quiet,
            _ => Self::Plain,
        }
    }
}
