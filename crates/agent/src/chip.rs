//! Work on a chip: its channel opened with the keys of the stock, the data stored, and read back as a terminal reads.
//!
//! ```text
//!   reset ─▶ SELECT ─▶ INITIALIZE UPDATE ─▶ EXTERNAL AUTHENTICATE ─▶ STORE DATA … ─▶ SELECT, GPO, READ RECORD …
//!     │         │              │                     │                   │                  │
//!     └─────────┴──────────────┴──────────┬──────────┴───────────────────┴──────────────────┘
//!                                         ▼
//!                      the first thing that is not as it should be: the blank is rejected
//! ```
//!
//! No command is sent twice, to no chip a second set of keys is tried. From the first STORE DATA on a rejected blank is listed for
//! destruction: the card's keys may lie on it.

use std::sync::Arc;

use persotwin_emv::scp::{HostSession, Opening};
use persotwin_kernel::event::{About, News};
use persotwin_link::chip_failure::ChipFailure;
use persotwin_link::device::Action;
use rand::Rng;

use crate::machine::Agent;
use crate::making::{Bench, Setback};
use crate::model::Entry;
use crate::perso;

impl Agent {
    /// Moves the card under the contacts and makes its chip.
    pub(crate) async fn make_chip(self: &Arc<Self>, bench: &Bench<'_>) -> Result<(), Setback> {
        self.move_card(bench, "chip", Action::MoveToChip).await?;
        let Err(why) = self.personalise(bench).await else {
            return Ok(());
        };
        let serial = bench.serial.clone();
        self.tell(bench, News::ChipFailed { serial, why }).await;
        Err(Setback::Blank(why.condition()))
    }

    async fn personalise(self: &Arc<Self>, bench: &Bench<'_>) -> Result<(), ChipFailure> {
        let atr = self.chip_on(bench.id).await?;
        if !perso::is_answer_to_reset(&atr) {
            return Err(ChipFailure::StrangeReset);
        }
        let answer = self
            .transmit(bench.id, &perso::select(&bench.opened.aid))
            .await?;
        perso::selected(&answer)?;
        let session = self.open_channel(bench).await?;
        self.load(bench, session).await?;
        self.read_back(bench).await
    }

    async fn open_channel(&self, bench: &Bench<'_>) -> Result<HostSession, ChipFailure> {
        let mut challenge = [0; 8];
        let mut draw = self
            .host
            .chance
            .draw("host-challenge", &[bench.id, &bench.names.pick]);
        draw.fill_bytes(&mut challenge);
        let opening = Opening::new(bench.terms, &bench.opened.aid, challenge);
        let answer = self.transmit(bench.id, &opening.command()).await?;
        let opened = opening.answered(&answer);
        let (proving, command) = opened.map_err(perso::why_not_opened)?;
        let answer = self.transmit(bench.id, &command).await?;
        let session = proving.answered(&answer).map_err(perso::why_not_believed)?;
        let opened = News::ChipOpened {
            serial: bench.serial.clone(),
            protocol: bench.terms.protocol().to_string(),
            level: session.level().to_string(),
            key_version: bench.terms.key_version().to_string(),
        };
        self.tell(bench, opened).await;
        Ok(session)
    }

    async fn load(
        self: &Arc<Self>,
        bench: &Bench<'_>,
        mut session: HostSession,
    ) -> Result<(), ChipFailure> {
        let groupings = &bench.opened.groupings;
        let commands = session
            .store_data(groupings)
            .map_err(|_| ChipFailure::Unloadable)?;
        let id = bench.id.clone();
        self.record(Entry::Loading { id }).await;
        for plain in commands {
            let (awaiting, command) = session.wrap(&plain).map_err(|_| ChipFailure::Unloadable)?;
            let answer = self.transmit(bench.id, &command).await?;
            let (next, answer) = awaiting.answered(&answer).map_err(perso::why_not_trusted)?;
            perso::done(answer.status)?;
            session = next;
        }
        let loaded = News::ChipLoaded {
            serial: bench.serial.clone(),
            groupings: groupings.iter().map(|dgi| dgi.id().to_string()).collect(),
        };
        self.tell(bench, loaded).await;
        Ok(())
    }

    async fn read_back(&self, bench: &Bench<'_>) -> Result<(), ChipFailure> {
        let check = |good: bool| good.then_some(()).ok_or(ChipFailure::Differs);
        let expected = bench.expected;
        let select = perso::select(&bench.opened.aid);
        check(expected.is_selected(&self.transmit(bench.id, &select).await?))?;
        let options = expected.get_processing_options();
        check(expected.is_begun(&self.transmit(bench.id, &options).await?))?;
        for (record, value) in expected.records() {
            let answer = self.transmit(bench.id, &perso::read_record(record)).await?;
            check(perso::data_of(&answer) == Some(value))?;
        }
        Ok(())
    }

    async fn tell(&self, bench: &Bench<'_>, news: News) {
        self.host.pen.news(About::operation(bench.id), news).await;
    }
}
