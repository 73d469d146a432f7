//! The agent's own face.

use std::time::Duration;

use http::Method;
use persotwin_kernel::event::News;
use persotwin_link::Face;
use persotwin_link::jobs::{Decision, JobStatus};
use persotwin_wire::{Call, Reply};
use serde_json::{Value, json};

use super::stage::{STATION, Stage, config, data, job, job_of, kiosk, told};

fn face() -> Face {
    Face::Jobs(STATION.parse().unwrap())
}

fn path(id: &str) -> String {
    format!("/agent/v1/{STATION}/jobs/{id}")
}

impl Stage {
    async fn call(&self, call: Call) -> Reply {
        self.caller.wire.call(call).await.unwrap()
    }

    pub(crate) async fn delete(&self, id: &str) -> u16 {
        let call = Call::new(Method::DELETE, face(), &path(id));
        self.call(call).await.status()
    }
}

#[test]
fn a_job_is_taken_once() {
    told(config(kiosk()), Decision::Release, |stage| async move {
        for _ in 0..3 {
            assert_eq!(stage.put("a", &job()).await, 202);
        }
        let mut other = data();
        other.layout.name = "BOB MARTIN".into();
        assert_eq!(stage.put("a", &job_of(&other)).await, 409);
        let news = stage.news();
        let count = |wanted: &News| news.iter().filter(|it| *it == wanted).count();
        assert_eq!(count(&News::JobTaken), 1);
        assert_eq!(count(&News::JobRepeated), 2);
        stage.take().await;
        stage.until_over("a").await;
        assert_eq!(stage.put("a", &job()).await, 202);
        stage.pass(Duration::from_mins(5)).await;
        assert_eq!(stage.steel.status().counters.picked, 1);
    });
}

#[test]
fn a_job_is_withdrawn_until_it_has_begun() {
    told(config(kiosk()), Decision::Release, |stage| async move {
        stage.order("a").await;
        stage.order("b").await;
        stage.until_heard("a", |it| *it == JobStatus::Started).await;
        assert_eq!(stage.delete("a").await, 409);
        assert_eq!(stage.delete("b").await, 204);
        assert_eq!(stage.delete("b").await, 204);
        assert_eq!(stage.delete("late").await, 204);
        assert_eq!(stage.put("b", &job()).await, 409);
        assert_eq!(stage.put("late", &job()).await, 409);
        stage.take().await;
        stage.pass(Duration::from_mins(5)).await;
        assert_eq!(stage.steel.status().counters.picked, 1);
    });
}

#[test]
fn a_full_queue_says_so() {
    let mut config = config(kiosk());
    config.queue = 2;
    told(config, Decision::Release, |stage| async move {
        assert_eq!(stage.put("a", &job()).await, 202);
        assert_eq!(stage.put("b", &job()).await, 202);
        assert_eq!(stage.put("c", &job()).await, 503);
        assert_eq!(stage.put("b", &job()).await, 202);
        stage.take().await;
        stage.until_over("a").await;
        assert_eq!(stage.put("c", &job()).await, 202);
    });
}

#[test]
fn wrong_requests_get_their_answers_as_json() {
    told(config(kiosk()), Decision::Release, |stage| async move {
        let mut stranger = job();
        stranger.perso_station = "OTHER".parse().unwrap();
        let put = |path: &str| Call::put(face(), path);
        let calls = [
            (put("/agent/v1/OTHER/jobs/a").json(&job()), 403),
            (put(&path("a")).json(&stranger), 403),
            (put(&path("a~b")).json(&job()), 404),
            (put(&path("%FF")).json(&job()), 404),
            (put("/agent/v1/%FF/jobs/a").json(&job()), 404),
            (put("/agent").json(&job()), 404),
            (Call::post(face(), &path("a")).json(&job()), 405),
            (put(&path("a")).json(&json!({"stock": 1})), 400),
            (put(&path("a")).body("application/json", "{"), 400),
            (put(&path("a")).body("text/plain", "{}"), 415),
            (put(&path("a")).json(&"x".repeat(300_000)), 413),
        ];
        for (call, status) in calls {
            let shown = format!("{call:?}");
            let reply = stage.call(call).await;
            assert_eq!(reply.status(), status, "{}", &shown[..200.min(shown.len())]);
            let body: Value = reply.json().unwrap();
            assert!(body["error"].as_str().unwrap().contains(' '), "{body}");
        }
    });
}

#[test]
fn operators_declare_what_they_load() {
    told(config(kiosk()), Decision::Release, |mut stage| async move {
        let path = format!("/agent/v1/{STATION}/loads/monday");
        let load = |blanks: u32| Call::put(face(), &path).json(&json!({ "blanks": blanks }));
        assert_eq!(stage.call(load(50)).await.status(), 204);
        assert_eq!(stage.call(load(50)).await.status(), 204);
        assert_eq!(stage.call(load(60)).await.status(), 409);
        assert_eq!(stage.book().declared, 150);
        stage.agent.start().await;
        stage.order("a").await;
        stage.take().await;
        stage.until_over("a").await;
        assert_eq!(stage.book().declared, 150);
    });
}

#[test]
fn operators_are_told_what_to_destroy() {
    told(config(kiosk()), Decision::Capture, |mut stage| async move {
        let path = format!("/agent/v1/{STATION}/for-destruction");
        let list = || Call::get(face(), &path);
        assert_eq!(
            stage.call(list()).await.json::<Value>().unwrap(),
            json!({ "cards": [] })
        );
        stage.order("a").await;
        let end = stage.until_over("a").await;
        assert!(matches!(end, JobStatus::Captured { .. }), "{end:?}");
        let (card, _) = stage
            .steel
            .printer
            .lock()
            .unwrap()
            .cards()
            .next()
            .map(|(card, place)| (card.clone(), place))
            .unwrap();
        let listed = json!({ "cards": [{ "serial": card.serial(), "fate": "captured" }] });
        assert_eq!(stage.call(list()).await.json::<Value>().unwrap(), listed);
        stage.agent.start().await;
        stage.pass(Duration::from_secs(5)).await;
        let again = stage.call(list()).await.json::<Value>().unwrap();
        assert_eq!(again, listed, "the list is in the ledger");
    });
}

#[test]
fn nothing_secret_is_in_the_ledger_or_the_journal() {
    told(config(kiosk()), Decision::Release, |stage| async move {
        stage.order("a").await;
        stage.take().await;
        stage.until_over("a").await;
        let ledger = stage.agent.store().entries().concat();
        let written = String::from_utf8(ledger).unwrap() + &stage.ground.journal().to_string();
        let secrets = [
            "4111111111111111",
            "4111 1111 1111 1111",
            "MARTIN",
            "1122334400667788",
            "01010C700A57",
        ];
        for secret in secrets {
            assert!(!written.contains(secret), "{secret}");
        }
    });
}
