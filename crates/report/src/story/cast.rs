//! Chapters: whose story a record belongs to.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;

use persotwin_contract::ids::{CardId, OperationId, PersoStation};
use persotwin_kernel::Record;
use persotwin_kernel::event::{Belief, Disturbance, Event, News};
use persotwin_link::Machine;
use persotwin_link::kiosk::Service;

use super::facts::{Facts, Whose, about};
use super::tell::{Line, Teller};
use super::words;
use crate::style::Tone;

/// One customer's story, or that of a stranger's card.
#[derive(Debug)]
pub(super) struct Chapter {
    pub(super) whose: Whose,
    /// Where the card shall come out.
    pub(super) station: Option<PersoStation>,
    /// Which cards were asked for.
    services: Vec<Service>,
    cards: Vec<CardId>,
    pub(super) operations: Vec<OperationId>,
    /// Indexes of its first and its last own record.
    span: (usize, usize),
    pub(super) lines: Vec<Line>,
}

impl Chapter {
    fn new(whose: Whose, at: usize) -> Self {
        Self {
            whose,
            station: None,
            services: Vec::new(),
            cards: Vec::new(),
            operations: Vec::new(),
            span: (at, at),
            lines: Vec::new(),
        }
    }

    /// Whose it is, in a word.
    pub(super) fn name(&self) -> String {
        match &self.whose {
            Whose::Customer(customer) => customer.to_string(),
            Whose::Card(card) => format!("card {card}"),
            Whose::World => "beside all orders".to_owned(),
        }
    }

    /// Name and ids, a line each.
    pub(super) fn header(&self) -> Vec<(Tone, String)> {
        let what = match (&self.whose, self.services.as_slice()) {
            (Whose::Card(_), _) => ", ordered by a stranger".to_owned(),
            (_, []) => String::new(),
            (_, services) => {
                let words: Vec<_> = services
                    .iter()
                    .map(|service| words::card(*service))
                    .collect();
                format!(", {}", words.join(", then "))
            }
        };
        let at = self
            .station
            .as_ref()
            .map_or(String::new(), |id| format!(" at {id}"));
        let mut ids: Vec<String> = Vec::new();
        if let Whose::Customer(_) = self.whose {
            ids.extend(self.cards.iter().map(|card| format!("card {card}")));
        }
        ids.extend(self.operations.iter().map(|id| format!("operation {id}")));
        let mut header = vec![(Tone::Title, format!("{}{what}{at}", self.name()))];
        if !ids.is_empty() {
            header.push((Tone::Quiet, ids.join(", ")));
        }
        header
    }

    /// One more line, or one more time what the last line says.
    fn add(&mut self, line: Line) {
        let said = self.lines.last_mut().is_some_and(|last| last.absorb(&line));
        if !said {
            self.lines.push(line);
        }
    }

    fn learn(&mut self, record: &Record, at: usize) {
        self.span.1 = at;
        if let Event::Order(Belief { news, .. }) = &record.event {
            match news {
                News::Requested {
                    station, service, ..
                } => {
                    self.station = Some(station.clone());
                    self.services.push(*service);
                }
                News::OrderAccepted { station, .. } => {
                    self.station.get_or_insert_with(|| station.clone());
                }
                _ => {}
            }
        }
        if let Some(about) = about(&record.event) {
            push_new(&mut self.cards, about.card.as_ref());
            push_new(&mut self.operations, about.operation.as_ref());
        }
    }

    /// Whether a person's deed is that of its customer: `alice taps again`.
    fn is_of(&self, does: &str) -> bool {
        let doer = does.split_whitespace().next();
        matches!(&self.whose, Whose::Customer(customer) if doer == Some(customer.as_ref()))
    }

    fn is_open(&self, at: usize) -> bool {
        (self.span.0..=self.span.1).contains(&at)
    }

    /// Whether something at a machine concerns it.
    fn concerns(&self, machine: &Machine) -> bool {
        let (Machine::Agent(station) | Machine::Station(station) | Machine::Staff(station)) =
            machine
        else {
            return true;
        };
        self.station.as_ref().is_none_or(|home| home == station)
    }
}

fn push_new<T: Clone + PartialEq>(list: &mut Vec<T>, item: Option<&T>) {
    if let Some(item) = item
        && !list.contains(item)
    {
        list.push(item.clone());
    }
}

/// Every chapter with its lines, in the order in which they begin.
pub(super) fn chapters<R: Deref<Target = Record>>(records: &[R], facts: &Facts) -> Vec<Chapter> {
    let mut chapters = Vec::<Chapter>::new();
    let mut index = BTreeMap::<Whose, usize>::new();
    for (at, record) in records.iter().enumerate() {
        if let Some(whose) = facts.whose(record) {
            let chapter = *index.entry(whose.clone()).or_insert_with(|| {
                chapters.push(Chapter::new(whose, at));
                chapters.len() - 1
            });
            chapters[chapter].learn(record, at);
        }
    }
    fill(records, facts, &mut chapters, &index);
    chapters
}

fn fill<R: Deref<Target = Record>>(
    records: &[R],
    facts: &Facts,
    chapters: &mut Vec<Chapter>,
    index: &BTreeMap<Whose, usize>,
) {
    let mut teller = Teller::new(Cow::Borrowed(facts));
    let mut latest = BTreeMap::<&Machine, usize>::new();
    let mut beside = Chapter::new(Whose::World, 0);
    for (at, record) in records.iter().enumerate() {
        let own = facts
            .whose(record)
            .and_then(|whose| index.get(&whose))
            .copied();
        if let Some(own) = own {
            latest.insert(&record.machine, own);
        }
        let latest = latest.get(&record.machine).copied();
        let into = own.map_or_else(|| concerned(record, at, chapters, latest), |own| vec![own]);
        let home = into
            .first()
            .and_then(|first| chapters[*first].station.clone());
        // Told even where no chapter takes it: the teller remembers.
        let Some(line) = teller.tell(record, home.as_ref()) else {
            continue;
        };
        if into.is_empty() {
            beside.add(line.clone());
        }
        for chapter in into {
            chapters[chapter].add(line.clone());
        }
    }
    chapters.push(beside);
}

/// The chapters that something nobody owns falls into: every open one for what happens to the world; for a message without a subject,
/// the one that its sender last worked on, else the next to open.
fn concerned(
    record: &Record,
    at: usize,
    chapters: &[Chapter],
    latest: Option<usize>,
) -> Vec<usize> {
    let to_the_world = matches!(record.event, Event::Condition(_) | Event::Disturbance(_));
    if !to_the_world {
        let next = || chapters.iter().position(|chapter| chapter.is_open(at));
        return latest.or_else(next).into_iter().collect();
    }
    if let Event::Disturbance(Disturbance::Person { does }) = &record.event
        && let Some(doer) = chapters.iter().position(|chapter| chapter.is_of(does))
    {
        return vec![doer];
    }
    let machine = struck(record);
    let open: Vec<usize> = (0..chapters.len())
        .filter(|index| chapters[*index].is_open(at) && chapters[*index].concerns(machine))
        .collect();
    if !open.is_empty() {
        return open;
    }
    let nearest = |index: &usize| {
        let (first, last) = chapters[*index].span;
        if at < first {
            first - at
        } else {
            at.saturating_sub(last)
        }
    };
    (0..chapters.len())
        .filter(|index| chapters[*index].concerns(machine))
        .min_by_key(nearest)
        .into_iter()
        .collect()
}

/// The machine that a record happens to.
fn struck(record: &Record) -> &Machine {
    match &record.event {
        Event::Disturbance(
            Disturbance::Crash { of }
            | Disturbance::PowerCut { of }
            | Disturbance::FailedOver { of, .. }
            | Disturbance::Start { of, .. },
        ) => of,
        _ => &record.machine,
    }
}
