//! A world in real time: it stays up, strangers order and are notified, and people take their cards.

mod rehearsal;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use persotwin_contract::path;
use persotwin_kernel::{Alarm, Journal, Pace, TimeScale};
use persotwin_link::setup::Kind;
use persotwin_link::tenant::AssertionKeys;
use persotwin_link::{Face, Machine};
use persotwin_scenario::Plan;
use persotwin_wire::{Ground, Latencies, Medium, NetError};

use crate::assemble::{Issuer, Machines};
use crate::director::{self, Director};
use crate::endpoints::{
    D1Endpoints, Endpoints, IssuerEndpoints, ProductEndpoint, StationEndpoints, private_key,
};
use crate::people::{AtExit, Presence};
use crate::readers::Readers;
use crate::twin::{self, Twin};
use crate::{people, story};

pub use rehearsal::{out_of_reach, roles};

/// How many records the journal of a long-lived world keeps.
const JOURNAL: usize = 200_000;
/// How long somebody whom no scenario describes lets a card lie in the exit.
const VISITORS_PAUSE: Duration = Duration::from_secs(4);

/// Whether the plan's customers come by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Customers {
    /// As the scenario says; when the issuer is a real one, its orders play them, one after the other.
    Come,
    /// The issuer knows them, and somebody else taps for them.
    StayAway,
}

/// How a world comes up.
#[derive(Debug, Clone)]
pub struct UpOptions {
    /// The first port; any free ones without it.
    pub first_port: Option<u16>,
    /// A real issuer backend, and what stands before every path there.
    pub issuer: Option<(SocketAddr, String)>,
    /// Whether the plan's customers come.
    pub customers: Customers,
    /// How many times as fast as real all time passes but that of calendars.
    pub time_scale: TimeScale,
    /// How many times as fast as it does by itself the hardware moves, on top of that.
    pub hardware_speed: f64,
    /// Another seed than the plan's.
    pub seed: Option<u64>,
    /// What the calendar says when the world comes up.
    pub now: Timestamp,
}

/// Why a world did not come up.
#[derive(Debug, thiserror::Error)]
pub enum UpError {
    /// No socket.
    #[error(transparent)]
    Net(#[from] NetError),
    /// A mock issuer cannot sign with public keys.
    #[error(
        "the tenant has the issuer's public keys only, so the issuer is a real one: say where it listens with --issuer URL or `issuer-url:`"
    )]
    NobodySigns,
    /// The endpoints file.
    #[error("cannot write the endpoints file")]
    Endpoints(#[source] io::Error),
}

/// A world that is up. Dropping it does not stop it; its runtime does.
#[derive(Debug)]
pub struct Up {
    machines: Machines,
    endpoints: Endpoints,
}

impl Up {
    /// Brings a world up; when this returns, everything listens.
    pub async fn start(plan: &Plan, options: &UpOptions, alarm: Alarm) -> Result<Self, UpError> {
        let pace = Pace::times(options.hardware_speed);
        let journal = Journal::keeping(options.now, JOURNAL);
        let seed = options.seed.unwrap_or(plan.seed);
        let ground = Ground::new(
            alarm,
            journal,
            seed,
            Medium::RealTime(options.time_scale),
            Latencies::NONE,
            None,
        )
        .at_pace(pace.clone());
        let issuer = match (&options.issuer, &plan.tenant.assertion_keys) {
            (Some((address, base)), _) => Issuer::Real(*address, base.clone()),
            (None, AssertionKeys::Own(_)) => Issuer::Ours,
            (None, AssertionKeys::Public(_)) => return Err(UpError::NobodySigns),
        };
        let real_issuer = matches!(issuer, Issuer::Real(..));
        let mut plan = plan.clone();
        if real_issuer {
            rehearsal::leave_out(&mut plan);
        }
        let plan = &director::prepared(&plan);
        let machines = Machines::seat(plan, ground, issuer, options.first_port)?;
        // Behind the machines' own ports: D1, the issuer, and two for each station.
        let behind = u16::try_from(2 + 2 * plan.stations.len()).unwrap_or(u16::MAX);
        let port = options
            .first_port
            .map_or(0, |first| first.saturating_add(behind));
        machines.ground.net().reserve(Machine::World, port)?;
        let director = Director::begin(plan, machines.means(plan));
        machines.hands.start_all().await;
        let twin = Twin {
            journal: machines.ground.journal().clone(),
            physicals: machines.physicals.clone(),
            desk: machines.desk.clone(),
            readers: Readers::new(machines.ground.host(Machine::World)),
            pace,
            wire: machines.ground.host(Machine::World).wire,
            director,
            stations: Arc::new(plan.stations.clone()),
        };
        machines
            .ground
            .host(Machine::World)
            .wire
            .serve(twin::router(twin))
            .await?;
        machines.ground.net().everybody_listens().await;
        let endpoints = endpoints(plan, &machines, real_issuer);
        let mut plan = plan.clone();
        let presence = if real_issuer {
            Presence::Played
        } else {
            Presence::Themselves
        };
        match (options.customers, presence) {
            (Customers::StayAway, _) => plan.customers.clear(),
            (Customers::Come, Presence::Played) => {
                machines
                    .ground
                    .journal()
                    .give_roles(rehearsal::roles(&plan));
            }
            (Customers::Come, Presence::Themselves) => {}
        }
        story::let_in(&plan, &machines, presence).close();
        let at_exit = AtExit {
            customers: plan.customers.into(),
            presence,
            leavers: machines.leavers.clone(),
        };
        for physical in machines
            .physicals
            .values()
            .filter(|physical| physical.station().kind == Kind::Kiosk)
        {
            let host = machines.ground.host(Machine::Kiosk);
            host.life.clone().spawn(people::visitors(
                host,
                physical.clone(),
                VISITORS_PAUSE,
                at_exit.clone(),
            ));
        }
        Ok(Self {
            machines,
            endpoints,
        })
    }

    /// What a stranger's client needs.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The journal of this world.
    pub fn journal(&self) -> &Journal {
        self.machines.ground.journal()
    }
}

fn endpoints(plan: &Plan, machines: &Machines, real_issuer: bool) -> Endpoints {
    let url = |face: &Face, path: &str| machines.ground.net().url(face, path).unwrap_or_default();
    let products = plan.tenant.products.iter().map(|(id, product)| {
        let endpoint = ProductEndpoint {
            config: product.config.clone(),
            bin: product.bin.clone(),
            pan_length: product.pan_length,
        };
        (id.to_string(), endpoint)
    });
    let stations = plan.stations.keys().map(|id| {
        let endpoint = StationEndpoints {
            agent: url(&Face::Jobs(id.clone()), &format!("/agent/v1/{id}")),
            printer: url(&Face::Printer(id.clone()), &format!("/printer/v1/{id}")),
            chip: url(&Face::Chip(id.clone()), &format!("/chip/v1/{id}")),
        };
        (id.to_string(), endpoint)
    });
    Endpoints {
        version: 1,
        d1: D1Endpoints {
            token: url(&Face::Token, path::TOKEN),
            orders: url(&Face::Orders, path::BANKING),
            jwe_key: machines.jwe_key.clone(),
        },
        issuer: IssuerEndpoints {
            id: plan.tenant.issuer.clone(),
            kiosk: (!real_issuer).then(|| url(&Face::Kiosk, "/kiosk/v1")),
            notifications: url(&Face::Notifications, "/notifications/d1/v2"),
            signing_key: match &plan.tenant.assertion_keys {
                AssertionKeys::Own(key) => private_key(key),
                AssertionKeys::Public(_) => None,
            },
            products: products.collect(),
        },
        control: url(&Face::Control, "/twin/v1"),
        stations: stations.collect(),
    }
}
