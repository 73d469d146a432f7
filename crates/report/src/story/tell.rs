//! One record, at most one line.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use persotwin_contract::ids::{CardId, OperationId, PersoStation};
use persotwin_kernel::event::{
    About, Belief, Change, ConditionChange, Disturbance, Event, Exchange, News, Phase, Truth,
};
use persotwin_kernel::{Moment, Record};
use persotwin_link::condition::Severity;
use persotwin_link::jobs::JobStatus;
use persotwin_link::{Face, Machine, Span};

use super::facts::Facts;
use super::hardware::Hardware;
use super::still::Still;
use super::words;
use crate::style::Tone;

/// One line of a chapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// `1` to `5`, `6a`, `6b` or `6c`; none for what belongs to no step.
    pub(super) step: Option<&'static str>,
    /// When.
    pub(super) moment: Moment,
    /// Who, or who to whom, or where.
    pub(super) who: String,
    /// What.
    pub(super) what: String,
    /// How it looks.
    pub(super) tone: Tone,
    /// An answer that is still the same, and may be told together with the next one.
    pub(super) still: Option<Still>,
}

/// What a record says, before it is known when.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) who: String,
    pub(super) what: String,
    pub(super) tone: Tone,
    pub(super) step: Option<&'static str>,
    still: Option<String>,
}

impl Said {
    pub(super) fn new(who: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            who: who.into(),
            what: what.into(),
            tone: Tone::Plain,
            step: None,
            still: None,
        }
    }

    pub(super) fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    pub(super) fn step(self, step: &'static str) -> Self {
        let step = Some(step);
        Self { step, ..self }
    }

    /// An answer that is still the same.
    pub(super) fn still(self, answer: String) -> Self {
        let still = Some(answer);
        Self { still, ..self }
    }
}

/// Somebody speaks to somebody.
pub(super) fn arrow(from: &str, to: &str) -> String {
    format!("{from} → {to}")
}

/// Tells records in their order. It remembers what lines are built from: where cards lie, how many commands a chip has had.
#[derive(Debug)]
pub(super) struct Teller<'a> {
    pub(super) facts: Cow<'a, Facts>,
    hardware: Hardware,
    /// How often a card was ordered.
    attempts: BTreeMap<String, u32>,
    /// Operations of which the agent has said that there will be no card.
    hopeless: BTreeSet<OperationId>,
    /// When D1 last answered the issuer's question about a card.
    polled: BTreeMap<CardId, Moment>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(facts: Cow<'a, Facts>) -> Self {
        Self {
            facts,
            hardware: Hardware::default(),
            attempts: BTreeMap::new(),
            hopeless: BTreeSet::new(),
            polled: BTreeMap::new(),
        }
    }

    /// The line of a record in a chapter about an order at `home`; nothing for what goes without saying.
    pub(super) fn tell(&mut self, record: &Record, home: Option<&PersoStation>) -> Option<Line> {
        let said = self.said(record, home)?;
        Some(Line {
            step: said.step.or_else(|| number(record)),
            moment: record.moment,
            who: said.who,
            what: said.what,
            tone: said.tone,
            still: said.still.map(Still::new),
        })
    }

    fn said(&mut self, record: &Record, home: Option<&PersoStation>) -> Option<Said> {
        match &record.event {
            Event::Exchange(exchange) => {
                self.remember_poll(exchange, record.moment);
                self.exchange(exchange, home)
            }
            Event::Order(Belief { about, news }) => {
                self.remember(about, news);
                self.news(record, about, news, home)
            }
            Event::Card(Truth { what, .. }) => self.hardware.tell(what),
            Event::Condition(change) => Some(condition(record, change, home)),
            Event::Disturbance(disturbance) => self.disturbance(record, disturbance, home),
            Event::Verdict(_) => None,
        }
    }

    fn remember(&mut self, about: &About, news: &News) {
        if let News::Reporting {
            report: JobStatus::Failed { .. },
        } = news
        {
            self.hopeless.extend(about.operation.clone());
        }
    }

    fn remember_poll(&mut self, exchange: &Exchange, at: Moment) {
        let is_poll = exchange.to == Face::Orders && exchange.method == "GET";
        if let (true, Phase::Answered { .. }, Some(card)) =
            (is_poll, &exchange.phase, &exchange.about.card)
        {
            self.polled.insert(card.clone(), at);
        }
    }

    /// Whether what the issuer hears at this moment is the answer to its own question: it reads an answer as soon as it is there.
    pub(super) fn has_asked(&self, about: &About, at: Moment) -> bool {
        let card = about.card.as_ref();
        card.and_then(|card| self.polled.get(card)) == Some(&at)
    }

    /// Whether the agent has said that there will be no card.
    pub(super) fn is_hopeless(&self, about: &About) -> bool {
        let operation = about.operation.as_ref();
        operation.is_some_and(|id| self.hopeless.contains(id))
    }

    pub(super) fn hardware(&self) -> &Hardware {
        &self.hardware
    }

    fn exchange(&mut self, exchange: &Exchange, home: Option<&PersoStation>) -> Option<Said> {
        let (from, to) = (
            words::machine(&exchange.from, home),
            words::face(&exchange.to, home),
        );
        let asked = words::asked(&exchange.to, &exchange.method);
        match (&exchange.phase, &exchange.to) {
            (Phase::Sent { .. }, Face::Orders) if exchange.method == "POST" => {
                Some(Said::new(arrow(&from, &to), self.order(exchange)))
            }
            (Phase::Answered { status: 200, .. }, Face::Token | Face::IssuerToken) => Some(
                Said::new(arrow(&from, &to), "access token asked for and given"),
            ),
            (Phase::Answered { status, .. }, _) if tells_trouble(exchange, *status) => {
                let what = format!("{asked}: answered {status}");
                Some(Said::new(arrow(&to, &from), what).tone(Tone::Trouble))
            }
            (Phase::Failed { why, .. }, _) => {
                let what = format!("{asked}: {why}");
                Some(Said::new(arrow(&from, &to), what).tone(Tone::Trouble))
            }
            (Phase::Unheard { status }, _) => {
                let what = format!("{asked}: answered {status}, too late");
                Some(Said::new(arrow(&to, &from), what).tone(Tone::Quiet))
            }
            _ => None,
        }
    }

    fn order(&mut self, exchange: &Exchange) -> String {
        let count = self
            .attempts
            .entry(exchange.about.key().to_owned())
            .or_default();
        *count += 1;
        match *count {
            1 => "produce physical card".to_owned(),
            again => format!("produce physical card, attempt {again}"),
        }
    }

    fn disturbance(
        &self,
        record: &Record,
        disturbance: &Disturbance,
        home: Option<&PersoStation>,
    ) -> Option<Said> {
        let name = |machine: &Machine| words::machine(machine, home);
        let said = match disturbance {
            Disturbance::Wire { exchange, fault } => {
                let sent = self.facts.message(*exchange)?;
                let who = arrow(&name(&sent.from), &words::face(&sent.to, home));
                let asked = words::asked(&sent.to, &sent.method);
                Said::new(who, format!("{asked}: {}", words::fault(fault)))
            }
            Disturbance::Fault {
                fault,
                exchange: Some(exchange),
                ..
            } => {
                let sent = self.facts.message(*exchange)?;
                let who = arrow(&name(&sent.from), &words::face(&sent.to, home));
                let asked = words::asked(&sent.to, &sent.method);
                Said::new(who, format!("{asked}: fault: {}", fault.replace('-', " ")))
            }
            Disturbance::Fault { fault, on, .. } => {
                Said::new(on.as_str(), format!("fault: {}", fault.replace('-', " ")))
            }
            Disturbance::FaultOver { fault, on, .. } => {
                let over = format!("fault over: {}", fault.replace('-', " "));
                return Some(Said::new(on.as_str(), over));
            }
            Disturbance::Action { does, on, .. } => {
                let acts = format!("operator: {}", does.replace('-', " "));
                return Some(Said::new(on.as_str(), acts));
            }
            Disturbance::Crash { of } => Said::new(name(of), "crashes"),
            Disturbance::PowerCut { of } => Said::new(name(of), "loses its power"),
            Disturbance::FailedOver { of, lost_ms } => {
                let lost = Span::from_millis(*lost_ms);
                Said::new(
                    name(of),
                    format!("fails over to a copy that lacks the last {lost}"),
                )
            }
            Disturbance::Start { life: 1, .. } => return None,
            Disturbance::Start { of, life } => {
                Said::new(name(of), format!("starts again, life {life}"))
            }
            Disturbance::Person { does } => {
                return Some(Said::new(name(&record.machine), does.as_str()));
            }
        };
        Some(said.tone(Tone::Trouble))
    }
}

/// Whether an answer is trouble that nobody else tells of: an issuer's order that is refused for good is told as such, and conflicts and
/// polls of what is not there yet are daily life on the device faces.
fn tells_trouble(exchange: &Exchange, status: u16) -> bool {
    let tries_again = status >= 500 || status == 429;
    match exchange.to {
        Face::Orders | Face::Printer(_) | Face::Chip(_) | Face::Kiosk | Face::Control => {
            tries_again
        }
        _ => status >= 400,
    }
}

fn condition(record: &Record, change: &ConditionChange, home: Option<&PersoStation>) -> Said {
    let who = words::machine(&record.machine, home);
    let condition = change.condition;
    match (change.change, condition.severity()) {
        (Change::Raised, Severity::Warning) => Said::new(who, condition.to_string()),
        (Change::Raised, _) => {
            let what = format!("{condition} ({})", change.ipp);
            Said::new(who, what).tone(Tone::Trouble)
        }
        (Change::Resolved, _) => Said::new(who, format!("{condition} is over")),
    }
}

/// The number of a record's step. A screen only mirrors what another step has brought, and the weather in a printer is nobody's step.
fn number(record: &Record) -> Option<&'static str> {
    let step = match &record.event {
        Event::Condition(_) => return None,
        Event::Order(belief) if matches!(belief.news, News::Screen { .. }) => return None,
        _ => record.step?,
    };
    Some(match step.number() {
        1 => "1",
        2 => "2",
        3 => "3",
        4 => "4",
        5 => "5",
        _ => "6",
    })
}
