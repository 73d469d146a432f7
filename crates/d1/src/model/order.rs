//! One order.

use std::collections::{BTreeMap, VecDeque};

use persotwin_contract::dates::WireTime;
use persotwin_contract::ids::{CardId, IssuerRequestId, OperationId, PersoStation};
use persotwin_contract::notification::ProductionStatus;
use persotwin_contract::production::ProductionCode;
use persotwin_contract::report::{ProductionReport, ProductionState};
use persotwin_contract::same::RequestDigest;
use persotwin_link::Serial;
use persotwin_link::jobs::{CaptureCause, Decision, JobStatus};

use crate::entry::{Acceptance, Change, End, Ruling, Sealed};

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Its data are being prepared.
    Preparing,
    /// Prepared at this time, never offered to the agent.
    Ready { since: WireTime },
    /// Prepared at this time; the agent may have the job.
    Offered { since: WireTime },
    /// The agent has the job since then.
    AtStation { since: WireTime },
    /// The card was released then, and is waited for (`done_when: taken`).
    Released { since: WireTime },
    /// It ended.
    Over(End),
}

/// What became of the card of a released order, as far as D1 has heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hand {
    /// Nothing heard.
    Unheard,
    /// Somebody took it.
    Taken,
    /// It is in the reject bin.
    Captured(CaptureCause),
    /// The agent gave up on it.
    Failed(ProductionCode),
}

/// A notification that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dead {
    pub(crate) status: ProductionStatus,
    pub(crate) answer: Option<u16>,
}

/// An order as D1 remembers it.
#[derive(Debug)]
pub(crate) struct Order {
    card: CardId,
    request: Option<IssuerRequestId>,
    station: PersoStation,
    start: WireTime,
    digest: RequestDigest,
    sealed: Option<Sealed>,
    stage: Stage,
    ruling: Option<Ruling>,
    /// Which card the release was for.
    released: Option<Serial>,
    in_doubt: bool,
    /// Whether the agent may ever have had the job.
    offered: bool,
    hand: Hand,
    reports: BTreeMap<u32, (JobStatus, Decision)>,
    state: ProductionState,
    outbox: VecDeque<ProductionState>,
    dead: Vec<Dead>,
}

impl Order {
    pub(crate) fn new(acceptance: &Acceptance) -> Self {
        Self {
            card: acceptance.card.clone(),
            request: acceptance.request.clone(),
            station: acceptance.station.clone(),
            start: acceptance.at,
            digest: acceptance.digest,
            sealed: Some(acceptance.sealed.clone()),
            stage: Stage::Preparing,
            ruling: None,
            released: None,
            in_doubt: false,
            offered: false,
            hand: Hand::Unheard,
            reports: BTreeMap::new(),
            state: ProductionState::Requested,
            outbox: VecDeque::from([ProductionState::Requested]),
            dead: Vec::new(),
        }
    }

    /// Makes a change true that the ledger holds.
    pub(crate) fn apply(&mut self, at: WireTime, change: &Change) {
        match change {
            Change::Prepared => {
                self.stage = Stage::Ready { since: at };
                self.tell(ProductionState::Ready);
            }
            Change::Offered => {
                self.offered = true;
                if let Stage::Ready { since } = self.stage {
                    self.stage = Stage::Offered { since };
                }
            }
            Change::Dispatched => {
                self.stage = Stage::AtStation { since: at };
                // The agent has them now; D1 needs the card data no more.
                self.sealed = None;
            }
            Change::Heard {
                sequence,
                report,
                answer,
            } => self.hear(*sequence, report, *answer),
            Change::Ruled { ruling } => {
                self.ruling = Some(*ruling);
                if *ruling == Ruling::Released {
                    self.stage = Stage::Released { since: at };
                    self.in_doubt = false;
                }
            }
            Change::Ended { end } => {
                self.stage = Stage::Over(*end);
                self.sealed = None;
                self.in_doubt = false;
                self.tell(end.at(at));
            }
            Change::Doubted => self.in_doubt = true,
            Change::Told { status, .. } => self.settle(status),
            Change::Dead { status, answer } => {
                self.settle(status);
                self.dead.push(Dead {
                    status: status.clone(),
                    answer: *answer,
                });
            }
        }
    }

    fn hear(&mut self, sequence: u32, report: &JobStatus, answer: Decision) {
        self.reports.insert(sequence, (report.clone(), answer));
        match report {
            JobStatus::Started | JobStatus::Presented => {}
            JobStatus::Produced { serial } => {
                if answer == Decision::Release {
                    self.released = Some(serial.clone());
                }
            }
            JobStatus::Taken => self.hand = Hand::Taken,
            JobStatus::Captured { why } => self.hand = Hand::Captured(*why),
            JobStatus::Failed { code } => self.hand = Hand::Failed(*code),
        }
        // A card that must not be out was found again.
        let found = matches!(
            report,
            JobStatus::Captured { .. } | JobStatus::Failed { .. }
        );
        if found && matches!(self.stage, Stage::Over(_)) {
            self.in_doubt = false;
        }
    }

    fn tell(&mut self, state: ProductionState) {
        self.state = state;
        self.outbox.push_back(state);
    }

    fn settle(&mut self, status: &ProductionStatus) {
        self.outbox.retain(|waiting| waiting.status() != *status);
    }

    pub(crate) const fn card(&self) -> &CardId {
        &self.card
    }

    pub(crate) const fn station(&self) -> &PersoStation {
        &self.station
    }

    pub(crate) const fn start(&self) -> WireTime {
        self.start
    }

    pub(crate) const fn digest(&self) -> RequestDigest {
        self.digest
    }

    /// The content, as long as D1 needs it.
    pub(crate) const fn sealed(&self) -> Option<&Sealed> {
        self.sealed.as_ref()
    }

    pub(crate) const fn stage(&self) -> Stage {
        self.stage
    }

    pub(crate) const fn hand(&self) -> Hand {
        self.hand
    }

    pub(crate) fn dead(&self) -> &[Dead] {
        &self.dead
    }

    /// The answer that a report got.
    pub(crate) fn heard(&self, sequence: u32) -> Option<&(JobStatus, Decision)> {
        self.reports.get(&sequence)
    }

    /// Whether the card with this number is the one that was released.
    pub(crate) fn released_is(&self, serial: &Serial) -> bool {
        self.released.as_ref().is_none_or(|own| own == serial)
    }

    /// Whether a final status is still to come.
    pub(crate) const fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Over(_))
    }

    pub(crate) const fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    pub(crate) const fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Over(End::Done))
    }

    /// Whether the job, which the agent may have, is not wanted any more, and the agent has not said that it is through with it.
    pub(crate) fn is_to_be_withdrawn(&self) -> bool {
        self.offered
            && matches!(self.ruling, Some(Ruling::Failed | Ruling::Canceled))
            && self.hand == Hand::Unheard
    }

    /// Whether there is nothing more to do or to tell.
    pub(crate) fn is_settled(&self) -> bool {
        !self.is_open() && self.outbox.is_empty()
    }

    /// The notification that is due next.
    pub(crate) fn next_to_tell(&self) -> Option<ProductionState> {
        self.outbox.front().copied()
    }

    /// The facts that a notification of `state` tells.
    pub(crate) fn report(
        &self,
        operation: &OperationId,
        state: ProductionState,
    ) -> ProductionReport {
        ProductionReport {
            operation_id: operation.clone(),
            card_id: self.card.clone(),
            issuer_request_id: self.request.clone(),
            start_time: self.start,
            state,
        }
    }

    /// How it stands.
    pub(crate) const fn state(&self) -> ProductionState {
        self.state
    }
}
