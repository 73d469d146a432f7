//! Hardware on the printer's own model: no more HTTP than the agent needs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use persotwin_chip::Profile;
use persotwin_link::device::{ActionRequest, Answer, Atr, Command, Outcome, Power, PrinterStatus};
use persotwin_link::setup::{Kind, Station};
use persotwin_link::stock::StockName;
use persotwin_printer::{ActionId, Begun, Completed, Counting, Exit, Printer, Progress, Setup};
use persotwin_wire::Host;
use serde::Deserialize;
use tokio::sync::Notify;

/// What survives the electronics.
#[derive(Clone)]
pub(crate) struct Steel {
    pub(crate) printer: Arc<Mutex<Printer>>,
    pub(crate) changed: Arc<Notify>,
    /// Every command that the chip got.
    pub(crate) commands: Arc<Mutex<Vec<Vec<u8>>>>,
}

#[derive(Clone)]
struct Electronics {
    host: Host,
    steel: Steel,
}

impl Steel {
    pub(crate) fn new(station: &Station, chips: BTreeMap<StockName, Profile>) -> Self {
        let printer = Printer::new(Setup {
            station: station.id.clone(),
            exit: match station.kind {
                Kind::Kiosk => Exit::Bezel,
                Kind::Branch => Exit::Tray,
            },
            hoppers: station.hoppers.clone(),
            chips,
            ribbon: station.ribbon,
            head: station.head,
            encoder: station.encoder,
            leftover: station.leftover,
            reject_bin: station.reject_bin,
            timings: station.timings.clone(),
            counting: Counting::default(),
        });
        Self {
            printer: Arc::new(Mutex::new(printer)),
            changed: Arc::default(),
            commands: Arc::default(),
        }
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Printer) -> T) -> T {
        let changed = change(&mut self.printer.lock().unwrap());
        self.changed.notify_waiters();
        changed
    }

    pub(crate) async fn until<T>(&self, is_so: impl Fn(&Printer) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            if let Some(found) = is_so(&self.printer.lock().unwrap()) {
                return found;
            }
            changed.await;
        }
    }

    pub(crate) fn status(&self) -> PrinterStatus {
        self.printer.lock().unwrap().status()
    }
}

pub(crate) async fn run(host: Host, steel: Steel) {
    steel.change(|printer| {
        printer.lose_power(Progress::NONE);
        printer.restore_power();
    });
    let wire = host.wire.clone();
    let router = Router::new()
        .route("/printer/v1/{station}", get(status))
        .route("/printer/v1/{station}/actions/{id}", put(begin).get(poll))
        .route("/chip/v1/{station}/power", post(power))
        .route("/chip/v1/{station}/apdus", post(transmit))
        .with_state(Electronics { host, steel });
    wire.serve(router).await.unwrap();
}

async fn status(State(it): State<Electronics>) -> Json<PrinterStatus> {
    Json(it.steel.status())
}

async fn begin(
    State(it): State<Electronics>,
    Path((_, id)): Path<(String, ActionId)>,
    Json(request): Json<ActionRequest>,
) -> StatusCode {
    match it.steel.change(|printer| printer.begin(&id, &request)) {
        Err(_) => StatusCode::CONFLICT,
        Ok(Begun::Stands(_)) => StatusCode::ACCEPTED,
        Ok(Begun::Moving(movement)) => {
            let (host, steel) = (it.host.clone(), it.steel.clone());
            it.host.life.spawn(async move {
                host.clock.work(movement.duration).await;
                let completed = steel.change(|printer| printer.complete(&id));
                if let Ok(Completed::AtExit {
                    patience: Some(patience),
                }) = completed
                {
                    host.clock.sleep(patience).await;
                    let _ = steel.change(|printer| printer.stop_waiting(&id));
                }
            });
            StatusCode::ACCEPTED
        }
    }
}

#[derive(Deserialize)]
struct Poll {
    wait: u64,
    until: Option<String>,
}

async fn poll(
    State(it): State<Electronics>,
    Path((_, id)): Path<(String, ActionId)>,
    Query(poll): Query<Poll>,
) -> Response {
    let settled = |printer: &Printer| match printer.outcome(&id) {
        Some(Outcome::Running) => {
            let at_exit = printer.presenting().is_some_and(|(own, _)| *own == id);
            (at_exit && poll.until.is_some()).then_some(Some(Outcome::Running))
        }
        other => Some(other.cloned()),
    };
    let wait = Duration::from_secs(poll.wait);
    match it.host.clock.within(wait, it.steel.until(settled)).await {
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Ok(Some(outcome)) => Json(outcome).into_response(),
        Err(_) => Json(Outcome::Running).into_response(),
    }
}

async fn power(State(it): State<Electronics>, Json(power): Json<Power>) -> Response {
    it.host.clock.work(Duration::from_millis(500)).await;
    let atr = it.steel.change(|printer| {
        let chip = printer.chip().ok()?;
        Some(match power {
            Power::On => chip.power_on(),
            Power::Off => Vec::new(),
        })
    });
    match atr {
        Some(atr) => Json(Atr { atr }).into_response(),
        None => StatusCode::CONFLICT.into_response(),
    }
}

async fn transmit(State(it): State<Electronics>, Json(command): Json<Command>) -> Response {
    it.host.clock.work(Duration::from_millis(25)).await;
    it.steel
        .commands
        .lock()
        .unwrap()
        .push(command.command.clone());
    let answer = it.steel.change(|printer| {
        let chip = printer.chip().ok()?;
        Some(chip.transmit(&command.command))
    });
    match answer.filter(|answer| !answer.is_empty()) {
        Some(answer) => Json(Answer { answer }).into_response(),
        None => StatusCode::CONFLICT.into_response(),
    }
}
