//! What machines believe, as lines: the conversation of the six steps.

use persotwin_contract::ids::PersoStation;
use persotwin_contract::notification::ProductionStatus;
use persotwin_kernel::Record;
use persotwin_kernel::event::{About, News};
use persotwin_link::jobs::{CaptureCause, Decision, JobStatus};
use persotwin_link::kiosk::RequestState;
use persotwin_link::stage::Work;

use super::facts::{self, Known};
use super::still;
use super::tell::{Said, Teller, arrow};
use super::words;
use crate::style::Tone;

impl Teller<'_> {
    pub(super) fn news(
        &self,
        record: &Record,
        about: &About,
        news: &News,
        home: Option<&PersoStation>,
    ) -> Option<Said> {
        match news {
            News::Requested { .. }
            | News::RequestRepeated
            | News::NotOrdered
            | News::Accepted
            | News::Refused { .. }
            | News::GaveUp
            | News::Forgotten
            | News::Heard { .. } => issuer(news),
            News::HeardAgain { status } => Some(self.heard_again(record, about, status)),
            News::Screen { state } => screen(*state),
            News::OrderAccepted { .. }
            | News::OrderRepeated { .. }
            | News::OrderRefused { .. }
            | News::Prepared { .. }
            | News::Dispatched { .. }
            | News::StatusIs { .. }
            | News::Decided { .. }
            | News::InDoubt
            | News::DeadLetter { .. } => self.d1(about, news),
            News::Notified { status, .. } => self.notified(about, status),
            News::JobTaken
            | News::JobRepeated
            | News::JobWithdrawn
            | News::WorkDone { .. }
            | News::ChipFailed { .. }
            | News::Spoiled { .. }
            | News::LostTrack { .. }
            | News::ForDestruction { .. }
            | News::Reporting { .. }
            | News::ReportUnwanted { .. } => {
                self.agent(&words::machine(&record.machine, home), news)
            }
            News::Ordering { .. }
            | News::ActedOn { .. }
            | News::CardSeen { .. }
            | News::ReportHeard { .. }
            | News::ChipOpened { .. }
            | News::ChipLoaded { .. }
            | News::Enrolled { .. }
            | News::Revoked { .. }
            | News::Book(_) => None,
        }
    }

    fn d1(&self, about: &About, news: &News) -> Option<Said> {
        let to_stranger = || arrow("D1", "stranger");
        let ours = self.facts.ours(about);
        Some(match news {
            News::OrderAccepted { .. } if !ours => Said::new(to_stranger(), "202: accepted"),
            News::OrderRefused {
                status,
                code,
                error,
            } if !ours => Said::new(
                to_stranger(),
                refusal(*status, code.as_deref(), error.as_deref()),
            )
            .tone(Tone::Trouble),
            News::OrderRepeated { .. } => Said::new("D1", "the same order: the same operation"),
            News::Prepared { .. } => Said::new("D1", "production data prepared"),
            News::Dispatched { .. } if !self.facts.job_was_taken(about) => Said::new(
                arrow("D1", "agent"),
                "production data, encrypted to the station",
            ),
            News::StatusIs { status, code } => {
                let code = code.map(|code| code.to_string());
                return self.status(about, status, code.as_deref());
            }
            News::Decided { decision } => match decision {
                Decision::Noted => return None,
                // There is nothing to capture: the word only closes the order.
                Decision::Capture if self.is_hopeless(about) => return None,
                Decision::Release => Said::new(arrow("D1", "agent"), "release"),
                Decision::Capture => Said::new(arrow("D1", "agent"), "capture").tone(Tone::Trouble),
            },
            News::InDoubt => {
                Said::new("D1", "in doubt: nobody knows what became of the card").tone(Tone::Bad)
            }
            News::DeadLetter { status, answer } => {
                let why = answer.map_or("no attempt is left".to_owned(), |answer| {
                    format!("the issuer answered {answer}")
                });
                let what = format!("{status} is not told again: {why}");
                marked(Said::new("D1", what), status).tone(Tone::Bad)
            }
            _ => return None,
        })
    }

    /// A status at D1 is told when the issuer hears of it, unless nobody has written that it did.
    fn status(&self, about: &About, status: &ProductionStatus, code: Option<&str>) -> Option<Said> {
        let (who, word) = match self.facts.known(about, status) {
            Known::Heard => return None,
            Known::Delivered => (arrow("D1", "issuer"), told(status, code)),
            Known::NotYet if self.facts.ours(about) => return None,
            Known::NotYet => ("D1".to_owned(), told(status, code)),
            Known::Silent => (
                "D1".to_owned(),
                format!("{}, and the issuer never hears of it", told(status, code)),
            ),
        };
        Some(marked(Said::new(who, word), status))
    }

    /// A real issuer writes down nothing here, so what it took is told as it is delivered, unless that was told before.
    fn notified(&self, about: &About, status: &ProductionStatus) -> Option<Said> {
        let news = self.facts.are_so_far() && !self.facts.ours(about);
        let said = || Said::new(arrow("D1", "issuer"), format!("{status}: delivered"));
        news.then(|| marked(said(), status))
    }

    /// Nothing new: the issuer asked in its impatience, or a notification came twice or too late.
    fn heard_again(&self, record: &Record, about: &About, status: &ProductionStatus) -> Said {
        let said = if self.has_asked(about, record.moment) {
            let answer = format!("still {status}");
            Said::new(
                arrow("issuer", "D1"),
                still::asks(1, record.moment, &answer),
            )
            .still(answer)
        } else {
            Said::new(
                arrow("D1", "issuer"),
                format!("{status} again, and nothing new"),
            )
        };
        marked(said, status).tone(Tone::Quiet)
    }

    fn agent(&self, agent: &str, news: &News) -> Option<Said> {
        let to_d1 = || arrow(agent, "D1");
        Some(match news {
            News::JobTaken => Said::new(
                arrow("D1", agent),
                "production data, encrypted to the station",
            ),
            News::JobRepeated => {
                Said::new(arrow("D1", agent), "the same data again: taken once").tone(Tone::Quiet)
            }
            News::JobWithdrawn => Said::new(arrow("D1", agent), "not wanted any more: not begun"),
            News::WorkDone { work, serial } => {
                let place = self.hardware().place(serial);
                match work {
                    Work::Chip => {
                        let count = self.hardware().commands(serial);
                        Said::new(
                            place,
                            format!("chip personalised, {count} commands, read back"),
                        )
                    }
                    Work::Stripe => Said::new(place, "stripe written, read back"),
                    Work::Print => return None,
                }
            }
            News::ChipFailed { serial, why } => {
                let what = format!("the chip of card {} {why}", words::blank(serial));
                Said::new(agent, what).tone(Tone::Trouble)
            }
            News::Spoiled { serial, condition } => {
                let what = format!("card {} is spoiled: {condition}", words::blank(serial));
                Said::new(agent, what).tone(Tone::Trouble)
            }
            News::LostTrack { serial } => {
                let blank = words::blank(serial);
                let what = format!("nobody knows how far card {blank} had come: given up");
                Said::new(agent, what).tone(Tone::Trouble)
            }
            News::ForDestruction { serial } => {
                let blank = words::blank(serial);
                Said::new(
                    agent,
                    format!("card {blank} has live keys: listed for destruction"),
                )
            }
            News::Reporting { report } => match report {
                JobStatus::Produced { .. } => Said::new(to_d1(), "the card is made and verified"),
                JobStatus::Captured { why } => {
                    let what = format!("captured: {}", cause(*why));
                    Said::new(to_d1(), what).tone(Tone::Trouble)
                }
                JobStatus::Failed { code } => {
                    Said::new(to_d1(), format!("no card: {code}")).tone(Tone::Bad)
                }
                JobStatus::Started | JobStatus::Presented | JobStatus::Taken => return None,
            },
            News::ReportUnwanted { .. } => Said::new(
                arrow("D1", agent),
                "will not hear that report, now or later",
            )
            .tone(Tone::Trouble),
            _ => return None,
        })
    }
}

fn issuer(news: &News) -> Option<Said> {
    let asks = || arrow("kiosk", "issuer");
    let answers = || arrow("D1", "issuer");
    Some(match news {
        News::Requested {
            customer, service, ..
        } => Said::new(
            asks(),
            format!("{customer} asks for {}", words::card(*service)),
        ),
        News::RequestRepeated => Said::new(asks(), "the same request again: nothing new is begun"),
        News::NotOrdered => {
            // The one reason that an issuer has.
            let what = "orders nothing: the name cannot be printed";
            Said::new("issuer", what).tone(Tone::Bad)
        }
        News::Accepted => Said::new(answers(), "202: accepted"),
        News::Refused {
            status,
            code,
            error,
        } => Said::new(
            answers(),
            refusal(*status, code.as_deref(), error.as_deref()),
        )
        .tone(Tone::Bad),
        News::GaveUp => Said::new("issuer", "gives up: no attempt is left").tone(Tone::Bad),
        News::Forgotten => {
            Said::new("issuer", "D1 has lost the order: it goes out again").tone(Tone::Trouble)
        }
        News::Heard { status, by, code } => {
            let what = format!("{}{}", facts::by(*by), told(status, code.as_deref()));
            marked(Said::new(answers(), what), status)
        }
        _ => return None,
    })
}

fn screen(state: RequestState) -> Option<Said> {
    let words = match state {
        RequestState::Waiting | RequestState::Printing => return None,
        RequestState::TakeYourCard => "\"please take your card\"",
        RequestState::Sorry => "\"sorry\"",
    };
    Some(Said::new("kiosk", format!("shows {words}")))
}

fn refusal(status: u16, code: Option<&str>, error: Option<&str>) -> String {
    let mut text = status.to_string();
    if let Some(code) = code {
        text.push(' ');
        text.push_str(code);
    }
    if let Some(error) = error {
        text.push_str(": ");
        text.push_str(error);
    }
    text
}

fn told(status: &ProductionStatus, code: Option<&str>) -> String {
    match code {
        Some(code) => format!("{status}, {code}"),
        None => status.to_string(),
    }
}

/// With its part of step 6, and the tone of good and bad outcomes.
fn marked(said: Said, status: &ProductionStatus) -> Said {
    let tone = match status {
        ProductionStatus::CardProdDone => Tone::Good,
        status if status.is_final() => Tone::Bad,
        _ => Tone::Plain,
    };
    said.tone(tone).step(status.step().unwrap_or("6"))
}

fn cause(why: CaptureCause) -> &'static str {
    match why {
        CaptureCause::Decided => "D1 decided so",
        CaptureCause::NoAnswer => "D1 did not answer in time",
        CaptureCause::NotTaken => "nobody took the card",
        CaptureCause::StaffRejected => "staff found it not good enough",
    }
}
