//! A D1 that believes every agent and decides as it is told.

use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use persotwin_link::jobs::{Decision, Enrolment, Heartbeat, JobStatus, Reply, Report};
use persotwin_wire::Host;
use tokio::sync::Notify;

/// What D1 has heard, and what it will say. Survives its crashes.
#[derive(Debug, Clone)]
pub(crate) struct D1(Arc<Mutex<Books>>, Arc<Notify>);

#[derive(Debug)]
struct Books {
    decision: Decision,
    heard: Vec<(String, Report)>,
    enrolled: u32,
    beats: Vec<u32>,
    trust: Trust,
}

/// Whether D1 listens to the station.
#[derive(Debug, PartialEq)]
enum Trust {
    Enrolled,
    Revoked,
}

impl D1 {
    pub(crate) fn new(decision: Decision) -> Self {
        let books = Books {
            decision,
            heard: Vec::new(),
            enrolled: 0,
            beats: Vec::new(),
            trust: Trust::Enrolled,
        };
        Self(Arc::new(Mutex::new(books)), Arc::default())
    }

    /// Every report once, as it arrived first.
    pub(crate) fn heard(&self, job: &str) -> Vec<JobStatus> {
        let books = self.0.lock().unwrap();
        let own = books.heard.iter().filter(|(id, _)| id == job);
        own.map(|(_, report)| report.status.clone()).collect()
    }

    /// Waits until something was heard that is like this.
    pub(crate) async fn until(&self, job: &str, like: impl Fn(&JobStatus) -> bool) {
        loop {
            let heard = self.1.notified();
            if self.heard(job).iter().any(&like) {
                return;
            }
            heard.await;
        }
    }

    pub(crate) fn enrolled(&self) -> u32 {
        self.0.lock().unwrap().enrolled
    }

    pub(crate) fn beats(&self) -> Vec<u32> {
        self.0.lock().unwrap().beats.clone()
    }

    /// Nothing that the agent says counts any more.
    pub(crate) fn revoke(&self) {
        self.0.lock().unwrap().trust = Trust::Revoked;
    }

    pub(crate) fn forget_the_agent(&self) {
        self.0.lock().unwrap().enrolled = 0;
    }
}

pub(crate) async fn run(host: Host, d1: D1) {
    let router = Router::new()
        .route("/stations/v1/{station}/enrolment", post(enrol))
        .route("/stations/v1/{station}/heartbeats", post(beat))
        .route("/stations/v1/{station}/jobs/{job}/reports", post(report))
        .with_state(d1);
    host.wire.serve(router).await.unwrap();
}

async fn enrol(State(d1): State<D1>, Json(enrolment): Json<Enrolment>) -> StatusCode {
    assert_eq!(enrolment.key.kid().as_str(), super::stage::KEY);
    d1.0.lock().unwrap().enrolled += 1;
    StatusCode::OK
}

async fn beat(State(d1): State<D1>, Json(beat): Json<Heartbeat>) -> StatusCode {
    let mut books = d1.0.lock().unwrap();
    if books.enrolled == 0 {
        return StatusCode::FORBIDDEN;
    }
    books.beats.push(beat.jobs);
    StatusCode::NO_CONTENT
}

async fn report(
    State(d1): State<D1>,
    Path((_, job)): Path<(String, String)>,
    Json(report): Json<Report>,
) -> Result<Json<Reply>, StatusCode> {
    let mut books = d1.0.lock().unwrap();
    if books.trust == Trust::Revoked {
        return Err(StatusCode::GONE);
    }
    let decision = match report.status {
        JobStatus::Produced { .. } => books.decision,
        _ => Decision::Noted,
    };
    let known = books
        .heard
        .iter()
        .find(|(id, known)| *id == job && known.sequence == report.sequence);
    match known {
        Some((_, known)) => assert_eq!(*known, report, "one number, one report"),
        None => books.heard.push((job, report)),
    }
    drop(books);
    d1.1.notify_waiters();
    Ok(Json(Reply { decision }))
}
