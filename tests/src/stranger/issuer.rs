//! A stranger's issuer backend: it hears notifications and answers 204.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::http::Connection;

/// How long a notification may take before the test fails.
const PATIENCE: Duration = Duration::from_mins(2);

/// One operation of a notification, with the request that brought it.
#[derive(Debug, Clone)]
pub struct Told {
    /// Method and target.
    pub start: String,
    /// Headers.
    pub headers: BTreeMap<String, String>,
    /// The whole body.
    pub body: Value,
    /// One member of `operations`.
    pub operation: Value,
}

impl Told {
    /// `details.status`.
    pub fn status(&self) -> &str {
        self.operation["details"]["status"].as_str().unwrap()
    }

    /// Whether nothing follows.
    pub fn is_final(&self) -> bool {
        self.operation["status"] != "PENDING"
    }
}

/// The backend. Its threads end with the process.
#[derive(Debug)]
pub struct Backend {
    /// Where it listens.
    pub address: SocketAddr,
    heard: Receiver<Told>,
}

impl Backend {
    /// Listens from now on.
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, heard) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (connection, tell) = (Connection::on(stream.unwrap()), tell.clone());
                thread::spawn(move || serve(connection, &tell));
            }
        });
        Self { address, heard }
    }

    /// Everything that is said of one operation, from now to its final word. What is said of others is passed over.
    pub fn hear_out(&self, operation: &str) -> Vec<Told> {
        let mut heard = Vec::new();
        loop {
            let told = self
                .heard
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|_| panic!("only {heard:#?} of {operation}"));
            if told.operation["operationId"] != operation {
                continue;
            }
            let last = told.is_final();
            heard.push(told);
            if last {
                return heard;
            }
        }
    }

    /// What was said up to now and not asked for yet.
    pub fn heard(&self) -> Vec<Told> {
        self.heard.try_iter().collect()
    }
}

fn serve(mut connection: Connection, tell: &Sender<Told>) {
    while let Some((start, headers, body)) = connection.request() {
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        connection.send(b"HTTP/1.1 204 No Content\r\n\r\n");
        for operation in body["operations"].as_array().into_iter().flatten() {
            let told = Told {
                start: start.clone(),
                headers: headers.clone(),
                body: body.clone(),
                operation: operation.clone(),
            };
            if tell.send(told).is_err() {
                return;
            }
        }
    }
}
