//! HAR 1.2 of what the tap heard, for a browser's network view. Bodies are masked where they were heard; there are no ports: the host of
//! a URL is the machine that was called.

use std::time::Duration;

use persotwin_link::{Face, Machine, Step};
use persotwin_wire::Tapped;
use serde_json::{Value, json};

/// A HAR 1.2 document with one entry an exchange, in the order of their numbers. `_exchange`, `_from`, `_to` and `_step` tie an entry to
/// the journal. A call without an answer has status 0, as browsers write it.
pub fn har(tapped: &[Tapped]) -> Value {
    let entries: Vec<Value> = tapped.iter().map(entry).collect();
    json!({"log": {
        "version": "1.2",
        "creator": {"name": "persotwin", "version": env!("CARGO_PKG_VERSION")},
        "entries": entries,
    }})
}

fn entry(tapped: &Tapped) -> Value {
    let took = millis(tapped.took);
    json!({
        "startedDateTime": format!("{:.3}", tapped.sent),
        "time": took,
        "request": request(tapped),
        "response": response(tapped),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        "_exchange": tapped.exchange,
        "_from": tapped.from,
        "_to": tapped.to,
        "_step": step(tapped),
    })
}

/// The same step as in the journal: asking for the production status belongs to step 6.
fn step(tapped: &Tapped) -> Option<Step> {
    let polls = tapped.to == Face::Orders && tapped.method == "GET";
    if polls {
        Some(Step::Notify)
    } else {
        tapped.to.step()
    }
}

fn request(tapped: &Tapped) -> Value {
    let mut request = json!({
        "method": tapped.method,
        "url": format!("http://{}{}", host(&tapped.to), tapped.path),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs(&tapped.request_headers),
        "queryString": pairs(&query(&tapped.path)),
        "headersSize": -1,
        "bodySize": tapped.request_bytes,
    });
    if let Some(body) = &tapped.request_body {
        request["postData"] = json!({
            "mimeType": mime(&tapped.request_headers),
            "text": text(body),
        });
    }
    request
}

fn response(tapped: &Tapped) -> Value {
    match &tapped.answer {
        Some(answer) => answered(
            answer.status,
            &answer.headers,
            answer.body.as_ref(),
            answer.bytes,
        ),
        None => json!({
            "status": 0, "statusText": "no answer", "httpVersion": "", "cookies": [], "headers": [],
            "content": {"size": 0, "mimeType": ""}, "redirectURL": "", "headersSize": -1, "bodySize": -1,
        }),
    }
}

fn answered(
    status: u16,
    headers: &[(String, String)],
    body: Option<&Value>,
    bytes: usize,
) -> Value {
    let mut content = json!({"size": bytes, "mimeType": mime(headers)});
    if let Some(body) = body {
        content["text"] = text(body).into();
    }
    json!({
        "status": status,
        "statusText": reason(status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs(headers),
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": bytes,
    })
}

/// A machine as a host name: `d1`, `agent.kiosk-ps-101`.
fn host(face: &Face) -> String {
    let name = match face.machine() {
        Machine::Agent(station) => format!("agent.{station}"),
        Machine::Station(station) => format!("station.{station}"),
        other => other.to_string(),
    };
    name.to_lowercase().replace('_', "-")
}

fn pairs(pairs: &[(String, String)]) -> Value {
    let pair = |(name, value): &(String, String)| json!({"name": name, "value": value});
    pairs.iter().map(pair).collect()
}

fn query(path: &str) -> Vec<(String, String)> {
    let Some((_, query)) = path.split_once('?') else {
        return Vec::new();
    };
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.to_owned(), value.to_owned())
    };
    query.split('&').map(pair).collect()
}

fn mime(headers: &[(String, String)]) -> &str {
    let content_type = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("content-type");
    let found = headers.iter().find(content_type);
    found.map_or("", |(_, value)| value)
}

fn text(body: &Value) -> String {
    match body {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        202 => "Accepted",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "",
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll() -> Tapped {
        Tapped {
            exchange: 3,
            from: Machine::Agent("KIOSK-PS-101".parse().unwrap()),
            to: Face::Printer("KIOSK-PS-101".parse().unwrap()),
            sent: "2026-06-17T10:00:00.25Z".parse().unwrap(),
            took: Duration::from_millis(40),
            method: "GET".to_owned(),
            path: "/printer/v1/KIOSK-PS-101/actions/a-1?wait=30".to_owned(),
            request_headers: vec![("host".to_owned(), "127.0.0.1".to_owned())],
            request_body: None,
            request_bytes: 0,
            answer: None,
        }
    }

    #[test]
    fn an_entry_has_every_member_that_readers_need() {
        let har = har(&[poll()]);
        let entry = &har["log"]["entries"][0];
        assert_eq!(har["log"]["version"], "1.2");
        assert_eq!(entry["startedDateTime"], "2026-06-17T10:00:00.250Z");
        assert_eq!(
            entry["request"]["url"],
            "http://station.kiosk-ps-101/printer/v1/KIOSK-PS-101/actions/a-1?wait=30"
        );
        assert_eq!(
            entry["request"]["queryString"],
            json!([{"name": "wait", "value": "30"}])
        );
        assert_eq!(entry["_to"], "printer/KIOSK-PS-101");
        assert_eq!(entry["_step"], 5);
    }

    #[test]
    fn a_poll_of_the_production_status_is_step_six() {
        let mut tapped = poll();
        tapped.to = Face::Orders;
        assert_eq!(har(&[tapped.clone()])["log"]["entries"][0]["_step"], 6);
        tapped.method = "POST".to_owned();
        assert_eq!(har(&[tapped])["log"]["entries"][0]["_step"], 2);
    }

    #[test]
    fn an_answer_has_its_body_and_its_true_size() {
        let headers = [("Content-Type".to_owned(), "application/json".to_owned())];
        let body = json!({"outcome": "running"});
        let response = answered(200, &headers, Some(&body), 21);
        assert_eq!(response["statusText"], "OK");
        assert_eq!(response["content"]["mimeType"], "application/json");
        assert_eq!(response["content"]["text"], r#"{"outcome":"running"}"#);
        assert_eq!(response["content"]["size"], 21);
    }

    #[test]
    fn a_call_without_an_answer_has_status_nought() {
        let har = har(&[poll()]);
        assert_eq!(har["log"]["entries"][0]["response"]["status"], 0);
    }
}
