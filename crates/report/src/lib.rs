//! What people and tools get to see of a run. Everything is a pure fold over the journal, the tap or the outcomes of scenarios; only
//! [`ReportDir`] writes files.
//!
//! | for | what |
//! |---|---|
//! | people at a terminal | [`story()`] of a run, [`one_line`] a scenario, [`Coverage`] of many, [`LiveStory`] of a world that stays up |
//! | scripts | [`json_line`] a scenario, [`journal_lines`] |
//! | CI | [`junit()`], [`github()`] |
//! | browsers | [`har()`] |
//! | later looks | [`ReportDir`]: journal, HAR and card files of each scenario |
//!
//! All formats are ours except HAR 1.2 and JUnit XML, which are what their tools read.

mod coverage;
mod github;
mod har;
mod journal;
mod json;
mod junit;
mod line;
mod outcome;
mod place;
mod story;
mod style;

pub use coverage::{Cell, Coverage, Way};
pub use github::github;
pub use har::har;
pub use journal::journal_lines;
pub use json::json_line;
pub use junit::{JunitError, junit};
pub use line::{one_line, repeat, summary};
pub use outcome::{Broken, Outcome, Spot, Verdict};
pub use place::{CardFile, CardPicture, ReportDir, ReportError, ScenarioFolder, Whose};
pub use story::{LiveStory, Title, story};
pub use style::{Color, Style};
