//! A client for a twin in another process: one call, one connection, real time.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use persotwin_kernel::event::Failure;
use tokio::net::TcpStream;

use crate::call::Reply;

/// Calls a server at an address. The request's target is a path; the host header is set here.
pub async fn fetch(
    address: SocketAddr,
    request: Request<Bytes>,
    patience: Duration,
) -> Result<Reply, Failure> {
    tokio::time::timeout(patience, exchange(address, request))
        .await
        .unwrap_or(Err(Failure::TimedOut))
        .map(Reply)
}

async fn exchange(
    address: SocketAddr,
    mut request: Request<Bytes>,
) -> Result<Response<Bytes>, Failure> {
    let socket = TcpStream::connect(address)
        .await
        .map_err(|_| Failure::Refused)?;
    if let Ok(host) = HeaderValue::from_str(&address.to_string()) {
        request.headers_mut().insert(header::HOST, host);
    }
    let (mut sender, connection) = handshake(TokioIo::new(socket))
        .await
        .map_err(|_| Failure::Closed)?;
    let answer = pin!(async move {
        let response = sender
            .send_request(request.map(Full::new))
            .await
            .map_err(|_| Failure::Garbled)?;
        let (head, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|_| Failure::Closed)?
            .to_bytes();
        Ok(Response::from_parts(head, body))
    });
    match select(answer, pin!(connection)).await {
        Either::Left((answer, _)) => answer,
        // The connection is over; what it has read is still to be had.
        Either::Right((_, answer)) => answer.await,
    }
}
