//! A twin that is up in a thread of its own, and the calls that a stranger makes at it.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use futures_util::future::{Either, select};
use persotwin_kernel::{Alarm, TimeScale};
use persotwin_scenario::Plan;
use persotwin_world::{Customers, Endpoints, Up, UpOptions};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::http::{Answer, Request, ask};
use super::issuer::Backend;
use super::jose::Key;
use super::order::Order;

/// When worlds begin: in mid-month.
pub const NOW: &str = "2026-06-17T10:00:00Z";

/// How long the journal may keep somebody waiting before the test fails.
const PATIENCE: Duration = Duration::from_mins(2);

/// How a world shall be.
pub struct Wish {
    /// Its scenario.
    pub scenario: &'static str,
    /// Its calendar at the beginning.
    pub now: &'static str,
    /// What is changed in its plan.
    pub change: fn(&mut Plan),
    /// How fast its time passes.
    pub time_scale: TimeScale,
    /// Whether the scenario's customers come, or are played by the backend's orders.
    pub customers: Customers,
    /// Whether a [`Backend`] stands in the place of the mock issuer.
    pub real_issuer: bool,
}

impl Default for Wish {
    /// Two kiosks, nobody in front of them, and a real issuer.
    fn default() -> Self {
        Self {
            scenario: "persotwin: 1\nname: Two kiosks\ncustomers: { nobody: { station: KIOSK-PS-101 } }\n\
                       stations: { KIOSK-PS-101: { blanks: 100 }, KIOSK-PS-102: { blanks: 9 } }\n",
            now: NOW,
            change: |plan| plan.customers.clear(),
            real_issuer: true,
            time_scale: TimeScale::REAL,
            customers: Customers::StayAway,
        }
    }
}

/// A world that is up until it is dropped; then its alarm must be silent.
pub struct World {
    /// The endpoints file.
    pub endpoints: Value,
    /// The issuer backend; hears nothing where the mock issuer runs.
    pub backend: Backend,
    alarm: Alarm,
    now: i64,
    records: Receiver<Value>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl World {
    /// Brings it up.
    pub fn up(wish: &Wish) -> Self {
        let mut plan = crate::read("stranger.yaml", wish.scenario);
        (wish.change)(&mut plan);
        let backend = Backend::open();
        let options = UpOptions {
            first_port: None,
            issuer: wish.real_issuer.then(|| (backend.address, String::new())),
            time_scale: wish.time_scale,
            hardware_speed: 1000.0,
            seed: None,
            now: wish.now.parse().unwrap(),
            customers: wish.customers,
        };
        let alarm = Alarm::default();
        let (ready, is_ready) = channel();
        let (tell, records) = channel();
        let (stop, stopped) = oneshot::channel();
        let of_world = alarm.clone();
        let now = options.now.as_second();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let up = Up::start(&plan, &options, of_world).await.unwrap();
                ready.send(endpoints(up.endpoints())).unwrap();
                let mut reader = up.journal().reader();
                let tell_all = pin!(async {
                    loop {
                        // Nobody listens any more once the test is over.
                        let _ = tell.send(serde_json::to_value(&*reader.next().await).unwrap());
                    }
                });
                let (Either::Left(_) | Either::Right(_)) = select(stopped, tell_all).await;
            });
        });
        let endpoints = is_ready.recv().unwrap();
        Self {
            endpoints,
            backend,
            alarm,
            now,
            records,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// One as most tests want it.
    pub fn ordinary() -> Self {
        Self::up(&Wish::default())
    }

    /// Host and path of one of the endpoints, by its JSON pointer.
    pub fn at(&self, pointer: &str) -> (SocketAddr, String) {
        let url = self
            .endpoints
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no {pointer}"));
        let rest = url.strip_prefix("http://").unwrap();
        let (host, path) = rest.split_at(rest.find('/').unwrap());
        (host.parse().unwrap(), path.to_owned())
    }

    /// A call of the control face, as an operator's script makes it.
    pub fn control(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let (address, base) = self.at("/control");
        let request = Request::new(method, &format!("{base}{path}")).header("Host", "127.0.0.1");
        let request = match body {
            Some(body) => request.body("application/json", body.to_string()),
            None => request,
        };
        ask(address, &request)
    }

    /// D1's address.
    pub fn d1(&self) -> SocketAddr {
        self.at("/d1/orders").0
    }

    /// The issuer's id at D1.
    pub fn issuer(&self) -> &str {
        self.endpoints["issuer"]["id"].as_str().unwrap()
    }

    /// The key with which the issuer signs.
    pub fn key(&self) -> Key {
        Key::of(&self.endpoints["issuer"]["signing_key"])
    }

    /// D1's public key for `encryptedData`.
    pub fn jwe_key(&self) -> &Value {
        &self.endpoints["d1"]["jwe_key"]
    }

    /// The world's own time at its beginning, in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Good claims of an assertion.
    pub fn claims(&self) -> Value {
        json!({ "iss": self.issuer(), "sub": self.issuer(), "exp": self.now + 300 })
    }

    /// An access token, by a form.
    pub fn token(&self) -> String {
        let key = self.key();
        let assertion = key.sign(&key.header(), &self.claims());
        let form = format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={assertion}"
        );
        let (address, path) = self.at("/d1/token");
        let answer = ask(
            address,
            &Request::new("POST", &path).body("application/x-www-form-urlencoded", form),
        );
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// The target of an order.
    pub fn target(&self, card_id: &str) -> String {
        format!(
            "/banking/v1/issuers/{}/physicalCards/{card_id}/operations:production",
            self.issuer()
        )
    }

    /// The body of an order, freshly sealed unless it brings its own `encryptedData`.
    pub fn body(&self, order: &Order) -> Value {
        order.sealed_to(self.jwe_key())
    }

    /// An order as a good client sends it.
    pub fn request(&self, order: &Order, token: &str) -> Request {
        let body = self.body(order).to_string();
        Request::new("POST", &self.target(&order.card_id))
            .bearer(token)
            .body("application/json", body)
    }

    /// Places an order. What is refused must give nothing away.
    pub fn place(&self, order: &Order, token: &str) -> Answer {
        let request = self.request(order, token);
        let answer = ask(self.d1(), &request);
        if answer.status >= 400 {
            gives_nothing_away(&answer, order, &String::from_utf8_lossy(&request.body));
        }
        answer
    }

    /// How the latest order of a card stands.
    pub fn status(&self, card_id: &str, token: &str) -> Answer {
        let target = format!(
            "/banking/v1/issuers/{}/physicalCards/{card_id}/productionStatus",
            self.issuer()
        );
        ask(self.d1(), &Request::new("GET", &target).bearer(token))
    }

    /// The next record of the journal for which this is true.
    pub fn until(&self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let record = self
                .records
                .recv_timeout(PATIENCE)
                .expect("what the test waits for is not in the journal");
            if is_it(&record) {
                return record;
            }
        }
    }

    /// A good order is produced and told of, whatever was tried before: at the kiosk that has no queue of what was ordered meanwhile.
    pub fn still_works(&self) {
        self.still_works_at("KIOSK-PS-102");
    }

    /// The same at one station.
    pub fn still_works_at(&self, station: &str) {
        let order = Order::good("good-after-all").with("persoStation", json!(station));
        let answer = self.place(&order, &self.token());
        assert_eq!(answer.status, 202, "{answer:?}");
        let operation = answer.json()["operationId"].as_str().unwrap().to_owned();
        let heard = self.backend.hear_out(&operation);
        let statuses: Vec<&str> = heard.iter().map(super::Told::status).collect();
        assert_eq!(
            statuses,
            ["CARD_PROD_REQUESTED", "CARD_PROD_READY", "CARD_PROD_DONE"]
        );
        assert!(
            heard
                .iter()
                .all(|told| told.operation["cardId"] == "card-good-after-all")
        );
        self.is_sound();
    }

    /// Nothing in the twin has panicked or given up.
    pub fn is_sound(&self) {
        assert_eq!(self.alarm.trouble(), None);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            assert!(matches!(ended, Some(Ok(()))));
            self.is_sound();
        }
    }
}

fn endpoints(endpoints: &Endpoints) -> Value {
    serde_json::from_str(&serde_json::to_string(endpoints).unwrap()).unwrap()
}

/// No card data, no JWE, and no digits in a row that could be a card number.
fn gives_nothing_away(answer: &Answer, order: &Order, sent: &str) {
    let mut headers = answer.headers.clone();
    headers.retain(|name, _| name != "date" && name != "content-length");
    let told = format!("{} {headers:?}", answer.text());
    for secret in order.secrets() {
        assert!(
            !told.contains(&secret),
            "a refusal repeats card data: {told}"
        );
    }
    let longest = answer
        .text()
        .split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .max();
    assert!(longest < Some(9), "a refusal has a long number: {told}");
    let sent: Value = serde_json::from_str(sent).unwrap();
    for part in sent["encryptedData"]
        .as_str()
        .unwrap_or_default()
        .split('.')
        .filter(|part| part.len() > 8)
    {
        assert!(!told.contains(part), "a refusal repeats the JWE: {told}");
    }
}
