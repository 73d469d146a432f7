//! Faults on what strangers say to machines of ours. It does not come through the net, so the door suffers it in the net's place.
//!
//! What the door cannot do: refuse a connection that it has taken. Then it hangs up without a word.

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body_util::StreamBody;
use hyper::body::Frame;
use persotwin_kernel::Clock;
use persotwin_kernel::event::Failure;
use tower::ServiceExt;

use crate::distort::{Distortion, Kind, Way};
use crate::fault::{Fault, Lost};
use crate::net::Net;
use crate::witness::Link;

/// Whatever is longer suffers nothing more: it is hung up on.
const LONGEST: usize = 8 * 1024 * 1024;

/// What a stranger gets to hear.
pub(crate) enum Heard {
    /// This.
    Answer(Response<Body>),
    /// Nothing, for as long as the stranger waits.
    Silence,
    /// The connection is closed.
    End,
}

/// Lets a fault strike a stranger's message on its way to the router.
pub(crate) async fn suffer(
    net: &Net,
    link: &Link,
    fault: Fault,
    router: Router,
    request: Request<Body>,
) -> Heard {
    let Some(request) = whole_request(request).await else {
        return Heard::End;
    };
    let clock = net.clock();
    match fault {
        Fault::Before(lost) => lost.heard(),
        Fault::After(lost) => {
            let _unheard = handled(router, request).await;
            lost.heard()
        }
        Fault::Twice => {
            let first = handled(router.clone(), request.clone()).await;
            let _second = handled(router, request).await;
            Heard::Answer(first)
        }
        Fault::Late(by) => {
            clock.sleep(by).await;
            Heard::Answer(handled(router, request).await)
        }
        Fault::AnswerLate(by) => {
            let answer = handled(router, request).await;
            clock.sleep(by).await;
            Heard::Answer(answer)
        }
        Fault::OutOfOrder => {
            net.wait_to_be_overtaken(link.clone()).await;
            Heard::Answer(handled(router, request).await)
        }
        Fault::Rewritten(Way::Request, rewrite) => {
            Heard::Answer(handled(router, rewrite.request(request)).await)
        }
        Fault::Rewritten(Way::Answer, rewrite) => {
            match whole_answer(handled(router, request).await).await {
                Some(answer) => Heard::Answer(rewrite.answer(answer).map(Body::from)),
                None => Heard::End,
            }
        }
        Fault::Stream(distortion) => match whole_answer(handled(router, request).await).await {
            Some(answer) => distorted(distortion, answer, clock).await,
            None => Heard::End,
        },
    }
}

impl Lost {
    fn heard(self) -> Heard {
        match self {
            Self::Failure(Failure::TimedOut) => Heard::Silence,
            Self::Failure(_) => Heard::End,
            Self::Answer(answer) => Heard::Answer(answer.map(Body::from)),
        }
    }
}

async fn handled(router: Router, request: Request<Bytes>) -> Response<Body> {
    match router.oneshot(request.map(Body::from)).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

async fn whole_request(request: Request<Body>) -> Option<Request<Bytes>> {
    let (head, body) = request.into_parts();
    Some(Request::from_parts(
        head,
        to_bytes(body, LONGEST).await.ok()?,
    ))
}

async fn whole_answer(answer: Response<Body>) -> Option<Response<Bytes>> {
    let (head, body) = answer.into_parts();
    Some(Response::from_parts(
        head,
        to_bytes(body, LONGEST).await.ok()?,
    ))
}

/// A few bytes at a time; a request that drips comes as late as its last byte.
async fn distorted(distortion: Distortion, answer: Response<Bytes>, clock: &Clock) -> Heard {
    let Kind::Drip { bytes, every } = distortion.kind else {
        return Heard::End;
    };
    let (head, body) = answer.into_parts();
    if distortion.way == Way::Request {
        let drops = u32::try_from(body.len() / bytes).unwrap_or(u32::MAX);
        clock.sleep(every.saturating_mul(drops)).await;
        return Heard::Answer(Response::from_parts(head, Body::from(body)));
    }
    let clock = clock.clone();
    let drops = stream::unfold(body, move |mut body| {
        let clock = clock.clone();
        async move {
            if body.is_empty() {
                return None;
            }
            clock.sleep(every).await;
            let drop = body.split_to(bytes.min(body.len()));
            Some((Ok::<_, std::convert::Infallible>(Frame::data(drop)), body))
        }
    });
    Heard::Answer(Response::from_parts(
        head,
        Body::new(StreamBody::new(drops)),
    ))
}
