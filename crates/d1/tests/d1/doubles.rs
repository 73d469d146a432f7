//! The other machines, as small as they can be.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::{get, post, put};
use http::{HeaderMap, StatusCode};
use persotwin_contract::ids::{CardId, IssuerId, OperationId, PersoStation};
use persotwin_contract::jose::jwe::Jwe;
use persotwin_contract::jose::jwk::PrivateJwk;
use persotwin_contract::notification::Operations;
use persotwin_contract::pin::PinAnswer;
use persotwin_contract::secret::PinBlock;
use persotwin_contract::token::request::{TokenResponse, write_token_request};
use persotwin_contract::token::{LIFE, assertion::sign_assertion};
use persotwin_contract::{order::Accepted, path};
use persotwin_d1::{Config, StationRegistration, run};
use persotwin_faults::Protections;
use persotwin_kernel::event::{About, Event, Failure, News};
use persotwin_kernel::{Ending, Journal, Limits, Moment, run_virtual};
use persotwin_link::jobs::{
    Decision, Enrolment, Job, JobStatus, ProductionData, Reply as JobReply, Report,
};
use persotwin_link::tenant::{AssertionKeys, Tenant, test_key};
use persotwin_link::{Face, Machine, Serial};
use persotwin_wire::{Call, Ground, Host, Latencies, Medium, Reply, Seat};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub(crate) const STATION: &str = "KIOSK-PS-101";

/// A second one, which is registered and has no agent.
pub(crate) const OTHER_STATION: &str = "KIOSK-PS-102";

pub(crate) fn station() -> PersoStation {
    STATION.parse().unwrap()
}

pub(crate) fn station_key() -> PrivateJwk {
    test_key("station-1")
}

pub(crate) fn serial(count: u32) -> Serial {
    Serial::new(STATION, "A", count)
}

/// What the agent does with a job.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    /// Whether it enrols.
    pub(crate) enrols: bool,
    /// What it reports, each so long after the one before. The rest is told by D1's answer to PRODUCED.
    pub(crate) reports: Vec<(Duration, JobStatus)>,
    /// What follows a release.
    pub(crate) released: Vec<JobStatus>,
    /// What follows "capture".
    pub(crate) captured: Vec<JobStatus>,
    /// Answers to the first jobs; then 202.
    pub(crate) answers: VecDeque<u16>,
}

pub(crate) fn produced() -> JobStatus {
    JobStatus::Produced { serial: serial(1) }
}

impl Default for Agent {
    fn default() -> Self {
        use persotwin_link::jobs::CaptureCause::Decided;
        Self {
            enrols: true,
            reports: vec![
                (Duration::from_secs(1), JobStatus::Started),
                (Duration::from_secs(30), produced()),
            ],
            released: vec![JobStatus::Presented, JobStatus::Taken],
            captured: vec![JobStatus::Captured { why: Decided }],
            answers: VecDeque::new(),
        }
    }
}

/// What the agent remembers, whatever happens to D1.
#[derive(Debug, Default)]
pub(crate) struct AgentNotes {
    pub(crate) jobs: BTreeMap<OperationId, Vec<Job>>,
    pub(crate) withdrawn: Vec<OperationId>,
    pub(crate) answers: Vec<(OperationId, JobStatus, Decision)>,
}

/// What the issuer heard, and how it shall answer next.
#[derive(Debug, Default)]
pub(crate) struct IssuerNotes {
    pub(crate) heard: Vec<(Moment, Operations, HeaderMap)>,
    pub(crate) answers: VecDeque<(u16, Option<&'static str>)>,
    pub(crate) tokens: Vec<String>,
    /// Answers to who asks for a PIN; then 200.
    pub(crate) pin_answers: VecDeque<u16>,
    /// What stands in the 200.
    pub(crate) pin_block: Option<PinBlock>,
    /// Who asked for a PIN, by path and token.
    pub(crate) asked: Vec<String>,
}

type Shared<T> = Arc<Mutex<T>>;

/// A world with D1 in its middle.
pub(crate) struct World {
    pub(crate) ground: Ground,
    pub(crate) d1: Seat,
    pub(crate) agent: Shared<AgentNotes>,
    pub(crate) issuer: Shared<IssuerNotes>,
    pub(crate) client: Host,
    pub(crate) config: Config,
    pub(crate) agent_seat: Seat,
    pub(crate) issuer_seat: Seat,
}

/// How a test wants its world.
pub(crate) struct Wish {
    pub(crate) tenant: Tenant,
    pub(crate) registration: StationRegistration,
    pub(crate) agent: Agent,
    pub(crate) protections: Protections,
    pub(crate) seed: u64,
    pub(crate) starts: &'static str,
    pub(crate) medium: Medium,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            tenant: Tenant::built_in(),
            registration: StationRegistration::default(),
            agent: Agent::default(),
            protections: Protections::default(),
            seed: 1,
            starts: "2026-06-17T10:00:00Z",
            medium: Medium::InProcess,
        }
    }
}

/// Tells a story in a world of the default make.
pub(crate) fn told<T, F: Future<Output = T>>(story: impl FnOnce(World) -> F) -> T {
    told_in(Wish::default(), story)
}

/// Tells a story in a world.
pub(crate) fn told_in<T, F: Future<Output = T>>(wish: Wish, story: impl FnOnce(World) -> F) -> T {
    let ending = run_virtual(Limits::default(), |alarm| async move {
        let journal = Journal::new(wish.starts.parse().unwrap());
        let ground = Ground::new(
            alarm,
            journal,
            wish.seed,
            wish.medium.clone(),
            Latencies::default(),
            None,
        );
        story(World::new(ground, wish).await).await
    });
    match ending.unwrap() {
        Ending::Told(told) => told,
        Ending::Horizon => panic!("the story met the horizon"),
        Ending::Trouble(trouble) => panic!("{trouble}"),
    }
}

impl World {
    async fn new(ground: Ground, wish: Wish) -> Self {
        let agent = Machine::Agent(station());
        for machine in [Machine::D1, Machine::Issuer, agent.clone()] {
            ground.net().reserve(machine, 0).unwrap();
        }
        let other = (
            OTHER_STATION.parse().unwrap(),
            StationRegistration::default(),
        );
        let stations = BTreeMap::from([(station(), wish.registration), other]);
        let config = Config {
            protections: wish.protections,
            ..Config::new(Arc::new(wish.tenant), stations)
        };
        let for_d1 = config.clone();
        let mut d1 = Seat::new(&ground, Machine::D1, move |host| run(host, for_d1.clone()));
        let issuer_notes = Shared::<IssuerNotes>::default();
        let notes = Arc::clone(&issuer_notes);
        let mut issuer = Seat::new(&ground, Machine::Issuer, move |host| {
            run_issuer(host, Arc::clone(&notes))
        });
        let agent_notes = Shared::<AgentNotes>::default();
        let notes = Arc::clone(&agent_notes);
        let mut agent = Seat::new(&ground, agent, move |host| {
            run_agent(host, Arc::clone(&notes), wish.agent.clone())
        });
        d1.start().await;
        issuer.start().await;
        agent.start().await;
        let client = ground.host(Machine::Stranger);
        Self {
            ground,
            d1,
            agent: agent_notes,
            issuer: issuer_notes,
            client,
            config,
            agent_seat: agent,
            issuer_seat: issuer,
        }
    }

    pub(crate) fn issuer_id(&self) -> IssuerId {
        self.config.tenant.issuer.clone()
    }

    pub(crate) async fn sleep(&self, seconds: u64) {
        self.client.clock.sleep(Duration::from_secs(seconds)).await;
    }

    pub(crate) fn assertion(&self) -> String {
        let AssertionKeys::Own(key) = &self.config.tenant.assertion_keys else {
            panic!("the built-in issuer signs itself")
        };
        let now = self.client.calendar.now();
        sign_assertion(key, &self.issuer_id(), now, LIFE, None)
    }

    /// A fresh access token.
    pub(crate) async fn token(&self) -> String {
        let call = Call::post(Face::Token, path::TOKEN).body(
            "application/x-www-form-urlencoded",
            write_token_request(&self.assertion()),
        );
        let reply = self.client.wire.call(call).await.unwrap();
        let token: TokenResponse = reply.json().unwrap();
        token.access_token.reveal().to_owned()
    }

    /// Posts a body to a card's production.
    pub(crate) async fn post(
        &self,
        token: &str,
        card: &str,
        body: Vec<u8>,
    ) -> Result<Reply, Failure> {
        let path = format!(
            "/banking/v1/issuers/{}/physicalCards/{card}/operations:production",
            self.issuer_id()
        );
        let about = card
            .parse()
            .map_or(About::nothing(), |card: CardId| About::card(&card));
        let call = Call::post(Face::Orders, &path)
            .body("application/json", body)
            .bearer(token)
            .about(about);
        self.client.wire.call(call).await
    }

    /// Orders, and wants 202.
    pub(crate) async fn order(&self, card: &str, body: Vec<u8>) -> OperationId {
        let token = self.token().await;
        let reply = self.post(&token, card, body).await.unwrap();
        let text = String::from_utf8_lossy(reply.body()).into_owned();
        assert_eq!(reply.status(), 202, "{text}");
        reply.json::<Accepted>().unwrap().operation_id.unwrap()
    }

    /// How the card's order stands, by `productionStatus`: its word, and `errorCode`.
    pub(crate) async fn status(&self, card: &str) -> (String, Option<String>) {
        let path = path::production_status(&self.issuer_id(), &card.parse().unwrap());
        let token = self.token().await;
        let call = Call::get(Face::Orders, &path).bearer(&token);
        let reply = self.client.wire.call(call).await.unwrap();
        assert_eq!(reply.status(), 200);
        let operations = Operations::read(reply.body()).unwrap();
        let [operation] = &operations.operations[..] else {
            panic!("one operation")
        };
        let status = operation.details.as_ref().unwrap().status.to_string();
        (status, operation.error_code.clone())
    }

    /// The statuses that the issuer heard of a card, in order of arrival.
    pub(crate) fn heard(&self, card: &str) -> Vec<String> {
        let issuer = self.issuer.lock().unwrap();
        let updates = issuer
            .heard
            .iter()
            .flat_map(|(_, told, _)| &told.operations);
        updates
            .filter(|update| update.card_id.as_str() == card)
            .map(|update| update.details.as_ref().unwrap().status.to_string())
            .collect()
    }

    /// The news that D1 wrote.
    pub(crate) fn news(&self) -> Vec<News> {
        let records = self.ground.journal().records();
        records
            .iter()
            .filter(|record| record.machine == Machine::D1)
            .filter_map(|record| match &record.event {
                Event::Order(belief) => Some(belief.news.clone()),
                _ => None,
            })
            .collect()
    }

    /// The answers that the agent got to its reports.
    pub(crate) fn answers(&self) -> Vec<(JobStatus, Decision)> {
        let agent = self.agent.lock().unwrap();
        let answers = agent.answers.iter();
        answers
            .map(|(_, status, answer)| (status.clone(), *answer))
            .collect()
    }

    /// The production data of the one job that the agent got.
    pub(crate) fn production_data(&self) -> ProductionData {
        let agent = self.agent.lock().unwrap();
        let job = agent.jobs.values().next().unwrap().first().unwrap();
        let jwe = Jwe::parse(&job.production_data).unwrap();
        serde_json::from_slice(&jwe.decrypt(&station_key()).unwrap()).unwrap()
    }

    /// How the issuer shall answer who asks for a PIN.
    pub(crate) fn tells_pin(&self, answers: Vec<u16>, block: Option<PinBlock>) {
        let mut issuer = self.issuer.lock().unwrap();
        issuer.pin_answers = answers.into();
        issuer.pin_block = block;
    }

    /// Reports in the agent's name.
    pub(crate) async fn report(
        &self,
        operation: &OperationId,
        sequence: u32,
        status: JobStatus,
    ) -> Reply {
        let path = format!("/stations/v1/{STATION}/jobs/{operation}/reports");
        let call = Call::post(Face::Stations, &path).json(&Report { sequence, status });
        self.client.wire.call(call).await.unwrap()
    }
}

async fn run_issuer(host: Host, notes: Shared<IssuerNotes>) {
    let router = Router::new()
        .route(path::NOTIFY_CARDS, post(hear))
        .route(path::OUTBOUND_TOKEN, post(give_token))
        .route(path::CARD_PIN, get(tell_pin))
        .with_state((host.clone(), notes));
    host.wire.serve(router).await.unwrap();
}

type IssuerState = State<(Host, Shared<IssuerNotes>)>;

async fn hear(
    State((host, notes)): IssuerState,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap) {
    let mut notes = notes.lock().unwrap();
    let told = Operations::read(&body).unwrap();
    notes.heard.push((host.clock.now(), told, headers));
    let (status, retry_after) = notes.answers.pop_front().unwrap_or((204, None));
    let mut headers = HeaderMap::new();
    if let Some(text) = retry_after {
        headers.insert("retry-after", text.parse().unwrap());
    }
    (StatusCode::from_u16(status).unwrap(), headers)
}

async fn give_token(State((_, notes)): IssuerState, headers: HeaderMap, body: String) -> String {
    let mut notes = notes.lock().unwrap();
    let shown = headers["authorization"].to_str().unwrap();
    notes.tokens.push(format!("{shown} {body}"));
    let token = format!("token-{}", notes.tokens.len());
    format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":"300"}}"#)
}

async fn tell_pin(
    State((_, notes)): IssuerState,
    Path((_, card)): Path<(String, String)>,
    headers: HeaderMap,
) -> (StatusCode, String) {
    let mut notes = notes.lock().unwrap();
    let token = headers.get("authorization").map(|it| it.to_str().unwrap());
    notes
        .asked
        .push(format!("{card} {}", token.unwrap_or_default()));
    let status = notes.pin_answers.pop_front().unwrap_or(200);
    let answer = notes.pin_block.as_ref().map(|block| {
        let keys = persotwin_d1::Keys::default();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let answer = PinAnswer::seal(block, keys.current().public(), &mut rng).unwrap();
        serde_json::to_string(&answer).unwrap()
    });
    (
        StatusCode::from_u16(status).unwrap(),
        answer.unwrap_or_default(),
    )
}

#[derive(Clone)]
struct AgentState {
    host: Host,
    notes: Shared<AgentNotes>,
    agent: Agent,
}

async fn run_agent(host: Host, notes: Shared<AgentNotes>, agent: Agent) {
    let state = AgentState {
        host: host.clone(),
        notes,
        agent,
    };
    let router = Router::new()
        .route(
            "/agent/v1/{station}/jobs/{job}",
            put(take_job).delete(withdraw),
        )
        .with_state(state.clone());
    host.wire.serve(router).await.unwrap();
    if state.agent.enrols {
        let key = station_key().public().clone();
        let software = "double 1".to_owned();
        let path = format!("/stations/v1/{STATION}/enrolment");
        let call = Call::post(Face::Stations, &path).json(&Enrolment { key, software });
        insist(&host, call).await;
    }
}

async fn insist(host: &Host, call: Call) -> Reply {
    loop {
        match host.wire.call(call.clone()).await {
            Ok(reply) if reply.is_success() => return reply,
            _ => host.clock.sleep(Duration::from_secs(2)).await,
        }
    }
}

async fn take_job(
    State(state): State<AgentState>,
    Path((_, operation)): Path<(String, OperationId)>,
    body: Bytes,
) -> StatusCode {
    let job: Job = serde_json::from_slice(&body).unwrap();
    let mut notes = state.notes.lock().unwrap();
    let number = notes.jobs.values().map(Vec::len).sum::<usize>();
    if let Some(answer) = state.agent.answers.get(number) {
        // Counted, and not taken.
        notes.jobs.entry(operation).or_default().push(job);
        return StatusCode::from_u16(*answer).unwrap();
    }
    let jobs = notes.jobs.entry(operation.clone()).or_default();
    jobs.push(job);
    let first = jobs.len() == 1 || !state.agent.answers.is_empty();
    drop(notes);
    if first {
        let life = state.host.life.clone();
        life.spawn(produce(state, operation));
    }
    StatusCode::ACCEPTED
}

async fn withdraw(
    State(state): State<AgentState>,
    Path((_, operation)): Path<(String, OperationId)>,
) -> StatusCode {
    state.notes.lock().unwrap().withdrawn.push(operation);
    StatusCode::CONFLICT
}

async fn produce(state: AgentState, operation: OperationId) {
    let mut queue: VecDeque<_> = state.agent.reports.clone().into();
    let mut sequence = 0;
    while let Some((after, status)) = queue.pop_front() {
        state.host.clock.sleep(after).await;
        sequence += 1;
        let report = Report {
            sequence,
            status: status.clone(),
        };
        let path = format!("/stations/v1/{STATION}/jobs/{operation}/reports");
        let call = Call::post(Face::Stations, &path)
            .json(&report)
            .about(About::operation(&operation));
        let reply: JobReply = insist(&state.host, call).await.json().unwrap();
        let next = match reply.decision {
            Decision::Noted => Vec::new(),
            Decision::Release => state.agent.released.clone(),
            Decision::Capture => state.agent.captured.clone(),
        };
        queue.extend(
            next.into_iter()
                .map(|status| (Duration::from_secs(2), status)),
        );
        let mut notes = state.notes.lock().unwrap();
        notes
            .answers
            .push((operation.clone(), status, reply.decision));
    }
}
