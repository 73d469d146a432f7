//! Messages that say something else than was said: bodies that suffer on the way, and faces that changed. Pure functions on bytes.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use persotwin_faults::value::Percent;
use serde_json::Value;

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rewrite {
    /// Every third byte of the body is another one.
    Garble,
    /// Only so much of the body is left.
    Cut(Percent),
    /// The body calls itself this.
    ContentType(String),
    /// The body is this one.
    Body(Bytes),
    /// Every JSON object on top of the body has one more member.
    Member(String, String),
    /// Every JSON member of this name has this text.
    Text(String, String),
    /// The answer has this status.
    Status(u16),
    /// There is one more header.
    Header(String, String),
    /// Another item stands first in the list of operations.
    Beside(Value),
    /// Every sentence of an error is this one.
    Sentence(String),
}

/// The members that hold a sentence of an error (documented roles; which words stand there is nobody's promise).
const SENTENCES: [&str; 4] = ["error", "error_description", "message", "reason"];

impl Rewrite {
    /// The body is so many bytes of honest JSON that nobody asked for. It is made once, however many messages have it.
    pub fn huge(bytes: usize) -> Self {
        let frame = r#"{"padding":""}"#.len();
        let padding = "x".repeat(bytes.saturating_sub(frame));
        Self::Body(format!(r#"{{"padding":"{padding}"}}"#).into())
    }

    /// An answer, rewritten.
    pub(crate) fn answer(&self, answer: Response<Bytes>) -> Response<Bytes> {
        let (mut head, body) = answer.into_parts();
        if let Self::Status(status) = self
            && head.status.is_success()
            && let Ok(status) = StatusCode::from_u16(*status)
        {
            head.status = status;
        }
        let is_error = !head.status.is_success();
        let body = self.rewritten(&mut head.headers, body, is_error);
        Response::from_parts(head, body)
    }

    /// A request, rewritten.
    pub(crate) fn request(&self, request: Request<Bytes>) -> Request<Bytes> {
        let (mut head, body) = request.into_parts();
        let body = self.rewritten(&mut head.headers, body, true);
        Request::from_parts(head, body)
    }

    fn rewritten(&self, headers: &mut HeaderMap, body: Bytes, may_tell_errors: bool) -> Bytes {
        let before = body.len();
        let body = self.body(headers, body, may_tell_errors);
        if body.len() != before {
            // Whoever sends it counts anew.
            headers.remove(header::CONTENT_LENGTH);
        }
        body
    }

    fn body(&self, headers: &mut HeaderMap, body: Bytes, may_tell_errors: bool) -> Bytes {
        match self {
            Self::Garble => body
                .iter()
                .enumerate()
                .map(|(n, byte)| if n % 3 == 0 { byte ^ 0x15 } else { *byte })
                .collect(),
            Self::Cut(keep) => body.slice(..body.len() * usize::from(keep.get()) / 100),
            Self::Body(other) => other.clone(),
            Self::ContentType(says) => {
                set(headers, "content-type", says);
                body
            }
            Self::Header(name, value) => {
                set(headers, name, value);
                body
            }
            Self::Member(name, text) => json(body, |value| add(value, name, text)),
            Self::Text(name, text) => json(body, |value| replace(value, &[name], text)),
            Self::Sentence(text) if may_tell_errors => {
                json(body, |value| replace(value, &SENTENCES, text))
            }
            Self::Beside(item) => json(body, |value| {
                if let Some(Value::Array(operations)) = value.get_mut("operations") {
                    operations.insert(0, item.clone());
                }
            }),
            Self::Sentence(_) | Self::Status(_) => body,
        }
    }
}

/// Sets a header, if name and value can stand in one.
fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

/// A JSON body, changed; anything else stays as it is.
fn json(body: Bytes, change: impl FnOnce(&mut Value)) -> Bytes {
    let Ok(mut value) = serde_json::from_slice(&body) else {
        return body;
    };
    change(&mut value);
    serde_json::to_vec(&value).map_or(body, Bytes::from)
}

fn add(value: &mut Value, name: &str, text: &str) {
    match value {
        Value::Object(members) => {
            members.insert(name.to_owned(), text.into());
        }
        Value::Array(items) => items.iter_mut().for_each(|item| add(item, name, text)),
        _ => {}
    }
}

fn replace(value: &mut Value, names: &[&str], text: &str) {
    match value {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                if names.contains(&name.as_str()) && value.is_string() {
                    *value = text.into();
                } else {
                    replace(value, names, text);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, names, text)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use persotwin_faults::value::Parameter;
    use proptest::prelude::*;

    fn answer(rewrite: &Rewrite, status: u16, body: &str) -> (u16, HeaderMap, String) {
        let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        let answer = rewrite.answer(response);
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        (answer.status().as_u16(), answer.headers().clone(), text)
    }

    #[test]
    fn each_changes_what_it_says_and_nothing_else() {
        let body = r#"{"a":"b","error":"pan"}"#;
        for (rewrite, status, wanted) in [
            (
                Rewrite::Cut(Percent::read("50%").unwrap()),
                202,
                r#"{"a":"b","e"#,
            ),
            (
                Rewrite::Member("c".into(), "d".into()),
                202,
                r#"{"a":"b","c":"d","error":"pan"}"#,
            ),
            (
                Rewrite::Text("a".into(), "z".into()),
                202,
                r#"{"a":"z","error":"pan"}"#,
            ),
            (Rewrite::Sentence("no".into()), 202, body),
            (
                Rewrite::Sentence("no".into()),
                400,
                r#"{"a":"b","error":"no"}"#,
            ),
        ] {
            assert_eq!(answer(&rewrite, status, body).2, wanted, "{rewrite:?}");
        }
        assert_eq!(answer(&Rewrite::Status(200), 202, body).0, 200);
        assert_eq!(answer(&Rewrite::Status(200), 404, body).0, 404);
        let (_, headers, text) = answer(&Rewrite::ContentType("text/plain".into()), 202, body);
        assert_eq!(
            (headers["content-type"].to_str().unwrap(), text.as_str()),
            ("text/plain", body)
        );
        let huge = answer(&Rewrite::huge(4_000), 202, body).2;
        assert_eq!(huge.len(), 4_000);
        assert!(serde_json::from_str::<Value>(&huge).is_ok());
        assert!(serde_json::from_str::<Value>(&answer(&Rewrite::Garble, 202, body).2).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_rewritten(body: Vec<u8>, name in "\\PC{0,8}", share in 0_u8..=100) {
            let share = Percent::read(&format!("{share}%")).unwrap();
            let all = [
                Rewrite::Garble,
                Rewrite::Cut(share),
                Rewrite::ContentType(name.clone()),
                Rewrite::Header(name.clone(), name.clone()),
                Rewrite::Member(name.clone(), name.clone()),
                Rewrite::Text(name.clone(), name.clone()),
                Rewrite::Sentence(name),
                Rewrite::huge(10),
            ];
            for rewrite in all {
                let _ = rewrite.answer(Response::new(Bytes::from(body.clone())));
                let _ = rewrite.request(Request::new(Bytes::from(body.clone())));
            }
        }
    }
}
