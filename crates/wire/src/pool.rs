//! Connections kept alive between calls: ordered, and saying which call failed how.
//!
//! A pooled connection belongs to one pair of machines. The newest is taken first. Only callers retire idle connections.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use persotwin_kernel::Life;
use persotwin_kernel::event::Failure;
use persotwin_link::Machine;
use tokio::io::{AsyncRead, AsyncWrite};

type Sender = SendRequest<Full<Bytes>>;

/// Idle connections by caller and callee.
#[derive(Debug, Default)]
pub(crate) struct Pool(Mutex<BTreeMap<(Machine, Machine), Vec<Sender>>>);

impl Pool {
    /// An idle connection that is still good, if there is one.
    pub(crate) fn take(&self, key: &(Machine, Machine)) -> Option<Sender> {
        let mut pool = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = pool.get_mut(key)?;
        while let Some(sender) = idle.pop() {
            if sender.is_ready() {
                return Some(sender);
            }
        }
        None
    }

    fn put(&self, key: &(Machine, Machine), sender: Sender) {
        let mut pool = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pool.entry(key.clone()).or_default().push(sender);
    }
}

/// Why a message did not get its answer.
pub(crate) enum SendError {
    /// The connection was over before the message left: another one may be tried.
    NotSent,
    /// It failed like this.
    Failed(Failure),
}

/// Opens HTTP on a fresh stream; its driver lives in the net, and says when the connection is over.
pub(crate) async fn open<S>(
    net: &Life,
    io: S,
    over: impl FnOnce() + Send + 'static,
) -> Result<Sender, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = handshake(TokioIo::new(io))
        .await
        .map_err(|_| Failure::Closed)?;
    net.spawn(async move {
        // Its errors reach the call that was under way.
        let _ = connection.await;
        over();
    });
    Ok(sender)
}

/// Sends one message and reads the whole answer; then the connection goes back into the pool.
pub(crate) async fn send(
    pool: Option<(&Pool, &(Machine, Machine))>,
    mut sender: Sender,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, SendError> {
    let response = sender
        .send_request(request.map(Full::new))
        .await
        .map_err(classify)?;
    let (head, body) = response.into_parts();
    let body = body.collect().await.map_err(classify)?.to_bytes();
    if let Some((pool, key)) = pool
        && sender.ready().await.is_ok()
    {
        pool.put(key, sender);
    }
    Ok(Response::from_parts(head, body))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a function in map_err"
)]
fn classify(error: hyper::Error) -> SendError {
    if error.is_canceled() {
        SendError::NotSent
    } else if error.is_parse() {
        SendError::Failed(Failure::Garbled)
    } else {
        SendError::Failed(Failure::Closed)
    }
}
