//! An order's way: prepared, dispatched, awaited. One task follows one order, from wherever its ledger says that it is.

use std::sync::Arc;

use http::Method;
use persotwin_contract::dates::WireTime;
use persotwin_contract::ids::OperationId;
use persotwin_contract::jose::jwe;
use persotwin_contract::production::ProductionCode;
use persotwin_emv::aid::Aid;
use persotwin_emv::card_answers::CardAnswers;
use persotwin_emv::dgi;
use persotwin_emv::oda::{self, test_keys};
use persotwin_faults::Behaviour;
use persotwin_kernel::Chance;
use persotwin_kernel::event::{Content, Essence, Failure, News};
use persotwin_link::Face;
use persotwin_link::device::Tracks;
use persotwin_link::jobs::{Job, ProductionData};
use persotwin_link::product::PinRule;
use persotwin_link::stock::StockName;
use persotwin_wire::{Call, Reply};
use rand::RngExt;
use tokio::sync::Notify;
use zeroize::Zeroizing;

use crate::checks;
use crate::machine::D1;
use crate::model::{Handing, Order, Stage};
use crate::prepare::{Ingredients, Signing, prepare};
use crate::seal::unseal;

/// A card ready to be made. Wiped when it is dropped.
struct Prepared {
    stock: StockName,
    data: ProductionData,
}

/// What an answer to a job means.
enum Handover {
    /// The agent has it.
    Taken,
    /// The agent does not want it, and will not want it later.
    Unwanted(ProductionCode),
    /// Not yet.
    NotYet(Handing),
}

impl D1 {
    /// Follows an order to its end.
    pub(crate) async fn follow(self: Arc<Self>, operation: OperationId) {
        let limit = self.config.tenant.d1_timing.production_limit;
        let bell = self.bell(&operation);
        let mut prepared = None;
        loop {
            let rung = bell.notified();
            let stage = self
                .look(&operation, |order| (order.stage(), order.is_in_doubt()))
                .await;
            match stage {
                None | Some((Stage::Over(_), _)) => break,
                // Only a report, or somebody at the desk, can help now.
                Some((_, true)) => rung.await,
                Some((Stage::Preparing, false)) => prepared = self.prepare(&operation).await,
                Some((Stage::Ready { since }, false)) => {
                    self.dispatch(&operation, &bell, since, Handing::Refused, prepared.take())
                        .await;
                }
                Some((Stage::Offered { since }, false)) => {
                    self.dispatch(&operation, &bell, since, Handing::Unsure, prepared.take())
                        .await;
                }
                Some((Stage::AtStation { since } | Stage::Released { since }, false)) => {
                    let in_time = match self.left(since, limit) {
                        Some(left) => self.host.clock.within(left, rung).await.is_ok(),
                        None => false,
                    };
                    if !in_time {
                        self.give_up_waiting(&operation).await;
                    }
                }
            }
        }
        self.withdraw(&operation).await;
    }

    /// Step 3. The data are wiped when they are dropped.
    async fn prepare(&self, operation: &OperationId) -> Option<Prepared> {
        let preparation = self.config.tenant.d1_timing.preparation;
        self.host.clock.sleep(preparation.get()).await;
        match self.make(operation).await {
            Ok((prepared, essence)) => {
                let content = content(&self.host.chance, &prepared.data);
                let news = News::Prepared { essence, content };
                self.step(operation, Some(news), Order::prepared).await;
                Some(prepared)
            }
            Err(code) => {
                self.step(operation, None, |order| order.data_refused(code))
                    .await;
                None
            }
        }
    }

    /// Makes the production data of an order; the same each time.
    async fn make(&self, operation: &OperationId) -> Result<(Prepared, Essence), ProductionCode> {
        self.open_vault(operation).await?;
        let found = self
            .look(operation, |order| (order.sealed().cloned(), order.start()))
            .await;
        let Some((Some(sealed), start)) = found else {
            return Err(ProductionCode::DpIoError);
        };
        let rules = &self.config.tenant.d1_rules;
        let content = unseal(&sealed, &self.config.keys, rules, start)
            .map_err(|_| ProductionCode::DpIoError)?;
        let refused = |_| ProductionCode::DpDataRefused;
        let data = content.data.map_err(refused)?;
        let named = checks::find(&content.order, &self.config).map_err(refused)?;
        checks::check_data(&data, named.product).map_err(refused)?;
        let pin = match named.product.pin {
            PinRule::None => None,
            PinRule::InOrder => data.pin_block.clone(),
            PinRule::Fetched => Some(self.fetch_pin(operation).await?),
        };
        let made = prepare(&Ingredients {
            order: &content.order,
            data: &data,
            tracks: data
                .track_data
                .as_ref()
                .or(content.order.track_data.as_ref()),
            product: named.product,
            keys: named.keys,
            pin: pin.as_ref(),
            signing: named
                .product
                .oda
                .map(|method| self.signing(operation, method)),
            day: named.registration.day(start),
        })
        .map_err(|_| ProductionCode::DpDataRefused)?;
        let chance = &self.host.chance;
        let essence = Essence {
            number: chance.fingerprint(&[data.pan.reveal(), &data.exp.to_string()]),
            name: Some(chance.fingerprint(&[data.name.as_str()])),
        };
        let stock = named.product.stock.clone();
        Ok((Prepared { stock, data: made }, essence))
    }

    /// Which key a card signs with; the same each time.
    fn signing(&self, operation: &OperationId, method: oda::Method) -> Signing {
        let mut draw = self.host.chance.draw("card-key", &[operation]);
        Signing {
            method,
            key: draw.random_range(0..test_keys::CARDS),
            serial: draw.random(),
        }
    }

    /// Step 4: offers the job until the agent has it, or the time is over.
    async fn dispatch(
        &self,
        operation: &OperationId,
        bell: &Notify,
        since: WireTime,
        mut handing: Handing,
        prepared: Option<Prepared>,
    ) {
        let limit = self.config.tenant.d1_timing.dispatch_limit;
        let Some(station) = self.look(operation, |order| order.station().clone()).await else {
            return;
        };
        let prepared = match prepared {
            Some(prepared) => prepared,
            None => match self.make(operation).await {
                Ok((prepared, _)) => prepared,
                Err(code) => return self.undeliverable(operation, handing, code).await,
            },
        };
        let face = Face::Jobs(station.clone());
        let path = format!("/agent/v1/{station}/jobs/{operation}");
        let about = self.about(operation).await;
        for attempt in 1_u32.. {
            if self.is_shut_out(&station).await {
                let code = ProductionCode::SatAuthenticationFailed;
                return self.undeliverable(operation, handing, code).await;
            }
            let Some(job) = self.job(operation, &prepared, since).await else {
                break;
            };
            self.step(operation, None, Order::offered).await;
            let Some(left) = self.left(since, limit) else {
                break;
            };
            if !self.is_on_offer(operation).await {
                return;
            }
            // It may have been taken back while that was written down.
            if self.is_shut_out(&station).await {
                continue;
            }
            let patience = self.config.tenant.d1_timing.patience.get().min(left);
            let call = Call::put(face.clone(), &path).json(&job);
            let call = call.about(about.clone()).patience(patience);
            match handover(self.host.wire.call(call).await) {
                Handover::Taken => {
                    let taken = if self.config.protections.lack(Behaviour::DoneTooEarly) {
                        Order::dispatched_and_done
                    } else {
                        Order::dispatched
                    };
                    return self.step(operation, None, taken).await;
                }
                Handover::Unwanted(code) => {
                    return self.undeliverable(operation, handing, code).await;
                }
                Handover::NotYet(Handing::Unsure) => handing = Handing::Unsure,
                Handover::NotYet(Handing::Refused) => {}
            }
            let Some(left) = self.left(since, limit) else {
                break;
            };
            let rung = bell.notified();
            if !self.is_on_offer(operation).await {
                return;
            }
            let pause = self.pause("dispatch", operation, attempt).min(left);
            // Woken early only by a change of the order, which the next round looks at.
            let _ = self.host.clock.within(pause, rung).await;
        }
        self.undeliverable(operation, handing, ProductionCode::SatServerNotReachable)
            .await;
    }

    /// The job, encrypted to the station's key as soon as there is one; nothing if there is none in time.
    ///
    /// The same data for the same key give the same bytes, so that an agent knows the job again.
    async fn job(
        &self,
        operation: &OperationId,
        prepared: &Prepared,
        since: WireTime,
    ) -> Option<Job> {
        let limit = self.config.tenant.d1_timing.dispatch_limit;
        let station = self
            .look(operation, |order| order.station().clone())
            .await?;
        let key = loop {
            let enrolled = self.enrolled.notified();
            if let Some(key) = self.station_key(&station).await {
                break key;
            }
            let left = self.left(since, limit)?;
            let _ = self.host.clock.within(left, enrolled).await;
        };
        let plaintext = Zeroizing::new(serde_json::to_vec(&prepared.data).ok()?);
        let mut rng = self.host.chance.draw("job", &[operation, key.kid()]);
        Some(Job {
            perso_station: station,
            stock: prepared.stock.clone(),
            production_data: jwe::encrypt(&plaintext, &key, &mut rng).ok()?,
        })
    }

    async fn is_on_offer(&self, operation: &OperationId) -> bool {
        let on_offer =
            |order: &Order| matches!(order.stage(), Stage::Offered { .. }) && !order.is_in_doubt();
        self.look(operation, on_offer).await.unwrap_or(false)
    }

    async fn undeliverable(&self, operation: &OperationId, handing: Handing, code: ProductionCode) {
        self.step(operation, None, |order| {
            order.undeliverable(self.custody(order.station()), handing, code)
        })
        .await;
    }

    async fn give_up_waiting(&self, operation: &OperationId) {
        self.step(operation, None, |order| {
            order.overdue(self.custody(order.station()))
        })
        .await;
    }

    /// Tells the agent once that a job is not wanted any more. What comes of it does not matter: its card would be captured.
    async fn withdraw(&self, operation: &OperationId) {
        let station = |order: &Order| order.is_to_be_withdrawn().then(|| order.station().clone());
        let Some(Some(station)) = self.look(operation, station).await else {
            return;
        };
        let path = format!("/agent/v1/{station}/jobs/{operation}");
        let call = Call::new(Method::DELETE, Face::Jobs(station), &path)
            .about(self.about(operation).await)
            .patience(self.config.tenant.d1_timing.patience.get());
        let _ = self.host.wire.call(call).await;
    }
}

/// What shall be read of a card of these data.
fn content(chance: &Chance, data: &ProductionData) -> Content {
    let aid = Aid::parse(&data.aid).ok();
    let stream = hex::decode(data.dgis.concat()).map(Zeroizing::new).ok();
    let groupings = stream.and_then(|bytes| dgi::parse(&bytes).ok());
    let chip = aid.zip(groupings).and_then(|(aid, groupings)| {
        let answers = CardAnswers::of_groupings(&aid, &groupings).ok()?;
        Some(answers.to_text())
    });
    let tracks = Tracks {
        track1: data.track1.clone(),
        track2: data.track2.clone(),
        track3: data.track3.clone(),
    };
    let chip = chip.as_ref().map(|text| text.as_str());
    Content::of(chance, chip, Some(&tracks), Some(&data.layout))
}

fn handover(answer: Result<Reply, Failure>) -> Handover {
    match answer.map(|reply| reply.status()) {
        // 409: the agent has a job of this id, encrypted otherwise. An id is one order's for ever.
        Ok(200..=299 | 409) => Handover::Taken,
        Ok(401 | 403) => Handover::Unwanted(ProductionCode::SatAuthenticationFailed),
        Ok(408 | 429) => Handover::NotYet(Handing::Unsure),
        Ok(400..=499) => Handover::Unwanted(ProductionCode::PrdUnexpectedData),
        Err(Failure::Refused) => Handover::NotYet(Handing::Refused),
        Ok(_) | Err(Failure::Closed | Failure::TimedOut | Failure::Garbled) => {
            Handover::NotYet(Handing::Unsure)
        }
    }
}
