//! Machines from a plan. Fields move across; nothing is translated.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use jiff::SignedDuration;
use persotwin_agent::Sam;
use persotwin_contract::ids::PersoStation;
use persotwin_contract::jose::jwk::PublicJwk;
use persotwin_issuer::CardPlan;
use persotwin_kernel::Outstanding;
use persotwin_link::tenant::test_key;
use persotwin_link::{CustomerName, Machine};
use persotwin_scenario::{Customer, Plan};
use persotwin_station::Physical;
use persotwin_wire::{Ground, NetError, Seat};

use crate::director::{Book, Leavers, Means};
use crate::hands::Hands;

/// Who answers at the issuer's place.
#[derive(Debug, Clone)]
pub(crate) enum Issuer {
    /// The mock issuer backend.
    Ours,
    /// A real one, at this address; the text stands before every path.
    Real(SocketAddr, String),
}

/// All machines of a world.
#[derive(Debug)]
pub(crate) struct Machines {
    pub(crate) ground: Ground,
    pub(crate) hands: Hands,
    pub(crate) physicals: BTreeMap<PersoStation, Physical>,
    pub(crate) jwe_key: PublicJwk,
    pub(crate) desk: persotwin_d1::Desk,
    pub(crate) vault: persotwin_d1::Vault,
    pub(crate) leavers: Leavers,
}

impl Machines {
    /// Seats every machine, hardware first, then those who need it, and reserves its place on the net, from `first_port` on if given.
    /// Nothing runs yet.
    pub(crate) fn seat(
        plan: &Plan,
        ground: Ground,
        issuer: Issuer,
        first_port: Option<u16>,
    ) -> Result<Self, NetError> {
        let tenant = Arc::new(plan.tenant.clone());
        let mut d1 = persotwin_d1::Config::new(
            Arc::clone(&tenant),
            plan.stations
                .iter()
                .map(|(id, station)| (id.clone(), station.into()))
                .collect(),
        );
        d1.protections = plan.protections.clone();
        let (jwe_key, desk) = (d1.jwe_key().clone(), d1.desk.clone());
        let vault = d1.vault.clone();
        let mut seats = Vec::new();
        let mut physicals = BTreeMap::new();
        let chips = persotwin_printer::chips(&plan.tenant);
        for (id, station) in &plan.stations {
            let host = ground.host(Machine::Station(id.clone()));
            let physical = Physical::new(station.clone(), chips.clone(), &plan.protections, host);
            physicals.insert(id.clone(), physical.clone());
            let machine = Machine::Station(id.clone());
            seats.push(Seat::new(&ground, machine, move |host| {
                persotwin_station::run(host, physical.clone())
            }));
        }
        seats.push(Seat::new(&ground, Machine::D1, move |host| {
            persotwin_d1::run(host, d1.clone())
        }));
        if matches!(issuer, Issuer::Ours) {
            let mut config = persotwin_issuer::Config::new(tenant, jwe_key.clone(), cards(plan));
            config.protections = plan.protections.clone();
            config.signs_with.clone_from(&plan.issuer_signs_with);
            seats.push(Seat::new(&ground, Machine::Issuer, move |host| {
                persotwin_issuer::run(host, config.clone())
            }));
        }
        for (id, station) in &plan.stations {
            let key = test_key(&format!("station-{id}"));
            let sam = Sam::from(&plan.tenant.stocks);
            let mut config = persotwin_agent::Config::new(station.clone(), key, sam);
            config.protections = plan.protections.clone();
            let machine = Machine::Agent(id.clone());
            seats.push(Seat::new(&ground, machine, move |host| {
                persotwin_agent::run(host, config.clone())
            }));
        }
        let seats = seats
            .into_iter()
            .map(|seat| on_time(plan, seat))
            .collect::<Vec<_>>();
        for (n, seat) in (0_u16..).zip(&seats) {
            let port = first_port.map_or(0, |first| first.saturating_add(n));
            ground.net().reserve(seat.machine().clone(), port)?;
        }
        if let Issuer::Real(address, base) = issuer {
            ground.net().replace(Machine::Issuer, address, &base);
        }
        let hands = Hands::new(&ground, seats);
        Ok(Self {
            ground,
            hands,
            physicals,
            jwe_key,
            desk,
            vault,
            leavers: Leavers::default(),
        })
    }

    /// What a director has at hand.
    pub(crate) fn means(&self, plan: &Plan) -> Means {
        Means {
            host: self.ground.host(Machine::World),
            hands: self.hands.clone(),
            physicals: self.physicals.clone(),
            desk: self.desk.clone(),
            vault: self.vault.clone(),
            leavers: self.leavers.clone(),
            clocks: plan.clocks.clone(),
            kiosk: self.ground.host(Machine::Kiosk),
            customers: plan.customers.clone(),
            stocks: Arc::new(plan.tenant.stocks.clone()),
            book: Book::default(),
            busy: Outstanding::default(),
            mending: Outstanding::default(),
        }
    }
}

fn on_time(plan: &Plan, seat: Seat) -> Seat {
    let offset = plan
        .clocks
        .get(seat.machine())
        .copied()
        .unwrap_or(SignedDuration::ZERO);
    seat.ahead_by(offset)
}

/// What the issuer knows of each customer.
fn cards(plan: &Plan) -> BTreeMap<CustomerName, CardPlan> {
    let card = |customer: &Customer| CardPlan {
        cardholder: customer.cardholder.clone(),
        consumer: customer.consumer.clone(),
        pan: customer.pan.clone(),
        expires: customer.expires,
        pan_sequence_number: customer.pan_sequence_number,
        pin: customer.pin.clone(),
        of: customer.of.clone(),
        order: customer.order.clone(),
        seal: customer.seal.clone(),
    };
    plan.customers
        .iter()
        .map(|customer| (customer.name.clone(), card(customer)))
        .collect()
}
